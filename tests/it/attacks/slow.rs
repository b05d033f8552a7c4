//! Clients that take their time, and very many of them: each is let go of in time, and everybody else is served.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::TestApp;
use crate::support::client;
use crate::support::database::Database;

/// Sends the beginning, then a byte every half second, until the server has had enough: how it ended, and when.
fn drips(address: SocketAddr, beginning: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let began = Instant::now();
    drop(stream.write_all(beginning.as_bytes()));
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while began.elapsed() < Duration::from_secs(25) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => heard.extend_from_slice(&buffer[..read]),
            Err(cause) if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if !heard.is_empty() || !beginning.is_empty() && stream.write_all(b"a").is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    (String::from_utf8_lossy(&heard).into_owned(), began.elapsed())
}

/// Shows ASVS 13.2.6; attack 96.
#[test]
fn slow_heads_and_slow_bodies_are_cut_after_ten_seconds_and_others_are_served_meanwhile() {
    let app = TestApp::start();
    let post = "POST /login HTTP/1.1\r\nHost: localhost:8080\r\nSec-Fetch-Site: same-origin\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    let clients = [
        ("nothing at all", String::new()),
        ("half a head", "GET /terms HTTP/1.1\r\nHost: localhost:8080\r\nX-A: ".to_owned()),
        ("a slow body", format!("{post}Content-Length: 1000\r\n\r\norganization=")),
        ("a slow body in chunks", format!("{post}Transfer-Encoding: chunked\r\n\r\n3e8\r\norganization=")),
    ];
    let address = app.address;
    let slow: Vec<_> = clients
        .into_iter()
        .map(|(case, beginning)| (case, std::thread::spawn(move || drips(address, &beginning))))
        .collect();
    let mut served = 0;
    while slow.iter().any(|(_, client)| !client.is_finished()) {
        app.visitor().open("/terms").gets(200);
        served += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(served > 20, "{served} pages meanwhile");
    for (case, client) in slow {
        let (heard, after) = client.join().unwrap();
        assert!((8..20).contains(&after.as_secs()), "{case}: after {after:?}");
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 408 "), "{case}: {heard}");
        if case.contains("body") {
            assert!(
                heard.contains("This took too long") && heard.contains("content-security-policy"),
                "{case}: {heard}"
            );
        }
    }
}

/// The real binary, started with few open files allowed at first.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    fn start(database: &Database, folder: &std::path::Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("sh")
            .args(["-c", "ulimit -S -n 256 && exec \"$0\"", env!("CARGO_BIN_EXE_vestibule")])
            .env_clear()
            .env("DATABASE_URL", database.url())
            .env("VESTIBULE_DATA_DIR", folder)
            .env("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"))
            .env("VESTIBULE_LOG_FILTER", "error")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        let up = (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            TcpStream::connect(server.address).is_ok()
        });
        assert!(up, "the server did not start");
        server
    }

    fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Resident memory in KiB.
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse().unwrap()
    }

    fn answers(&self) -> bool {
        client::send(self.address, "GET", "/login", &[("Host", "localhost")], b"").status == 200
    }
}

/// As many connections as ten thousand, or as the machine lets one process have: it says how many that were.
/// Shows ASVS 15.2.2; attack 96.
#[test]
fn ten_thousand_open_connections_keep_nobody_out_and_are_let_go_of() {
    let allowed = usize::try_from(rlimit::increase_nofile_limit(u64::MAX).unwrap()).unwrap_or(usize::MAX);
    let wanted = 10_000.min(allowed.saturating_sub(200));
    assert!(wanted >= 500, "only {allowed} open files are allowed here");
    let folder = std::env::temp_dir().join(format!("vestibule-many-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let database = Database::create();
    let server = Server::start(&database, &folder);
    assert!(server.answers());
    let (files, memory) = (server.open_files(), server.memory());
    let open: Vec<TcpStream> = (0..wanted).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    // What waits in the queue of the system is accepted in a moment.
    let mut most = 0;
    for _ in 0..100 {
        most = most.max(server.open_files().saturating_sub(files));
        if most >= wanted {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(server.answers(), "with {most} connections open");
    let grown = server.memory().saturating_sub(memory);
    println!("{wanted} connections wanted, {most} open at once; memory {memory} KiB before, {grown} KiB more");
    assert!(most >= wanted * 9 / 10, "{most} of {wanted} were open at once");
    assert!(grown / most < 64, "{grown} KiB for {most} connections");
    // They say nothing, so they are let go of.
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        server.open_files() < files + 50
    });
    assert!(gone, "{} files are open still", server.open_files());
    assert!(server.answers());
    drop(open);
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}
