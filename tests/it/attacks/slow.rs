//! Clients that take their time, and very many of them: each is let go of in time, and everybody else is served.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::process::{Server, Settings};
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

/// Open files of a process.
fn open_files(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.number())).unwrap().count()
}

/// Resident memory of a process in KiB.
fn memory(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.number())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

fn answers(server: &Server) -> bool {
    client::send(server.address, "GET", "/login", &[("Host", "localhost")], b"").status == 200
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
    // The real binary, started with few open files allowed at first.
    let server = Settings::new(&database, &folder).after("ulimit -S -n 256").start();
    assert!(answers(&server));
    let (files, before) = (open_files(&server), memory(&server));
    let open: Vec<TcpStream> = (0..wanted).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    // What waits in the queue of the system is accepted in a moment.
    let mut most = 0;
    for _ in 0..100 {
        most = most.max(open_files(&server).saturating_sub(files));
        if most >= wanted {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(answers(&server), "with {most} connections open");
    let grown = memory(&server).saturating_sub(before);
    println!("{wanted} connections wanted, {most} open at once; memory {before} KiB before, {grown} KiB more");
    assert!(most >= wanted * 9 / 10, "{most} of {wanted} were open at once");
    assert!(grown / most < 64, "{grown} KiB for {most} connections");
    // They say nothing, so they are let go of.
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        open_files(&server) < files + 50
    });
    assert!(gone, "{} files are open still", open_files(&server));
    assert!(answers(&server));
    drop(open);
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}
