//! Processes under test. Whatever ends the bench ends them: each when its handle goes, all by [`watch`].

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::http::{self, Connection};
use crate::{Outcome, runtime};

static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn running() -> std::sync::MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn signal(name: &str, process: u32) {
    drop(Command::new("kill").args(["-s", name, &process.to_string()]).stderr(Stdio::null()).status());
}

/// Ends everything after `limit`, or when the bench is told to stop.
pub fn watch(limit: Duration) {
    let wait = move || {
        let why = runtime().block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut stop), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
            else {
                return std::future::pending().await;
            };
            tokio::select! {
                () = tokio::time::sleep(limit) => "took too long",
                _ = stop.recv() => "was told to stop",
                _ = interrupt.recv() => "was interrupted",
            }
        });
        eprintln!("bench: {why}");
        running().iter().for_each(|process| signal("KILL", *process));
        std::process::exit(1);
    };
    std::thread::spawn(wait);
}

/// A process that answers on a port of loopback.
pub struct Server {
    command: Command,
    path: &'static str,
    child: Child,
    pub address: SocketAddr,
    /// What requests carry as `Host`.
    pub host: String,
    /// From the start of the process to the first 200.
    pub start_up: Duration,
}

impl Server {
    /// Starts `command` and waits until `path` answers with 200.
    fn start(mut command: Command, port: u16, path: &'static str) -> Outcome<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let host = format!("localhost:{port}");
        let child = spawn(&mut command)?;
        let mut server = Self { command, path, child, address, host, start_up: Duration::ZERO };
        server.wait()?;
        Ok(server)
    }

    /// Waits until it answers, which is how long it took to start.
    fn wait(&mut self) -> Outcome<()> {
        let began = Instant::now();
        let request = http::get(&self.host, self.path, "");
        let answered = runtime().block_on(async {
            while began.elapsed() < Duration::from_secs(20) && matches!(self.child.try_wait(), Ok(None)) {
                if let Ok(mut connection) = Connection::open(self.address).await
                    && let Ok(200) = connection.exchange(&request).await
                {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            false
        });
        self.start_up = began.elapsed();
        let program = self.command.get_program().display();
        match (answered, self.child.try_wait()?) {
            (true, _) => Ok(()),
            (false, Some(status)) => Err(format!("{program} ended before it answered: {status}").into()),
            (false, None) => Err(format!("{program} does not answer").into()),
        }
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        running().retain(|known| *known != self.child.id());
    }

    /// Starts it again as it was started, at the same address.
    pub fn again(&mut self) -> Outcome<()> {
        self.child = spawn(&mut self.command)?;
        self.wait()
    }

    /// The process, to read its memory.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let process = self.child.id();
        signal("TERM", process);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(self.child.kill());
        drop(self.child.wait());
        running().retain(|known| *known != process);
    }
}

fn spawn(command: &mut Command) -> std::io::Result<Child> {
    let child = command.stdin(Stdio::null()).spawn()?;
    running().push(child.id());
    Ok(child)
}

/// A port that was free a moment ago.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Starts the bare page, about `bytes` long, in a process of its own.
pub fn bare(bytes: usize) -> Outcome<Server> {
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bare", &port.to_string(), &bytes.to_string()]);
    Server::start(command, port, "/")
}

/// How the product is started: a production installation behind a proxy on loopback, with the presets of everything
/// else.
pub struct Product {
    pub binary: PathBuf,
    pub folder: PathBuf,
    pub secret_key: String,
    pub smtp: SocketAddr,
}

impl Product {
    fn settings(&self, port: u16, front: u16, database: &str, log: &str) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("VESTIBULE_PUBLIC_URL", format!("http://localhost:{front}")),
            ("VESTIBULE_LISTEN", format!("127.0.0.1:{port}")),
            ("DATABASE_URL", database.to_owned()),
            ("VESTIBULE_SECRET_KEYS", self.secret_key.clone()),
            ("VESTIBULE_SMTP_URL", format!("smtp://{}?tls=none", self.smtp)),
            ("VESTIBULE_MAIL_FROM", "Vestibule <no-reply@example.org>".to_owned()),
            ("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
            ("VESTIBULE_LOG_FILTER", log.to_owned()),
        ])
    }

    /// The settings as a reader is told them.
    pub fn described(&self) -> String {
        let secrets =
            ["VESTIBULE_SECRET_KEYS", "DATABASE_URL", "VESTIBULE_LISTEN", "VESTIBULE_PUBLIC_URL", "VESTIBULE_SMTP_URL"];
        let told = self.settings(0, 0, "", "warn").into_iter().filter(|(name, _)| !secrets.contains(name));
        told.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
    }

    /// Starts the release binary; its log goes to a file in the folder of the bench.
    pub fn start(&self, database: &str, log: &str) -> Outcome<Server> {
        let port = free_port()?;
        self.start_at(port, port, database, log)
    }

    /// Starts one of several instances that people reach at the port `front`.
    pub fn instance(&self, database: &str, front: u16) -> Outcome<Server> {
        self.start_at(free_port()?, front, database, "warn")
    }

    fn start_at(&self, port: u16, front: u16, database: &str, log: &str) -> Outcome<Server> {
        let mut command = Command::new(&self.binary);
        command.env_clear().envs(self.settings(port, front, database, log)).current_dir(&self.folder);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        command.stdout(file.try_clone()?).stderr(file);
        let path = if front == port { "/login" } else { "/healthz" };
        Server::start(command, port, path).inspect_err(|_| self.complain())
    }

    /// Whether the audit log of a database is what was sealed, as `vestibule audit verify` tells.
    pub fn verifies(&self, database: &str) -> Outcome<bool> {
        let mut command = Command::new(&self.binary);
        command.env_clear().envs(self.settings(0, 0, database, "warn")).current_dir(&self.folder);
        let told = command.args(["audit", "verify"]).output()?;
        if !told.status.success() {
            eprintln!("bench: {}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
        }
        Ok(told.status.success())
    }

    fn log(&self) -> PathBuf {
        self.folder.join("vestibule.log")
    }

    /// Shows what the servers had to complain of; a clean run has nothing.
    pub fn complain(&self) {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        for line in log.lines().filter(|line| !line.contains("\"level\":\"INFO\"")).take(10) {
            eprintln!("bench: the server said: {line}");
        }
    }
}

/// Builds the product by the profile that the bench itself was built by, and says where it is.
pub fn build() -> Outcome<PathBuf> {
    let folder = std::env::current_exe()?.parent().map(Path::to_path_buf).ok_or("the bench has no folder")?;
    let profile = folder.file_name().and_then(|name| name.to_str()).ok_or("the bench's folder names no profile")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--profile", profile, "--locked", "--bin", "vestibule"])
        .current_dir(&root)
        .status()?;
    if !built.success() {
        return Err("the binary could not be built".into());
    }
    Ok(folder.join("vestibule"))
}

/// A mail server that takes everything and keeps nothing.
pub fn mail_server() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || drop(take_mail(stream)));
        }
    });
    Ok(address)
}

fn take_mail(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 localhost\r\n")?;
    let (mut line, mut in_letter) = (Vec::new(), false);
    while lines.read_until(b'\n', &mut line)? > 0 {
        let answer = match (line.trim_ascii_end(), in_letter) {
            (b".", true) => "250 taken\r\n",
            (_, true) => "",
            (b"DATA", false) => "354 go on\r\n",
            (_, false) => "250 fine\r\n",
        };
        in_letter = if in_letter { answer.is_empty() } else { answer.starts_with("354") };
        stream.write_all(answer.as_bytes())?;
        line.clear();
    }
    Ok(())
}

/// HAProxy in front of instances: a request whose connection could not be made goes to the other one, and so does a GET
/// that got no answer; nothing else is sent twice.
pub fn proxy(folder: &Path, port: u16, backends: &[SocketAddr]) -> Outcome<Server> {
    let servers: String =
        backends.iter().enumerate().map(|(number, address)| format!("    server s{number} {address}\n")).collect();
    let text = format!(
        "global\n    nbthread 1\n    maxconn 1000\ndefaults\n    mode http\n    timeout connect 2s\n    timeout client 60s\n    \
         timeout server 60s\n    option redispatch 1\n    retries 3\n    retry-on conn-failure empty-response\n\
         frontend front\n    bind 127.0.0.1:{port}\n    http-request disable-l7-retry unless METH_GET\n    \
         default_backend instances\nbackend instances\n    balance roundrobin\n    option httpchk GET /readyz\n    \
         default-server check inter 200ms fall 1 rise 1 on-marked-down shutdown-sessions\n{servers}"
    );
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, text)?;
    let mut command = Command::new(PROXY);
    command.args(["-q", "-db", "-f"]).arg(&file);
    Server::start(command, port, "/login")
}

/// Where Debian puts it, which is on no ordinary user's path.
const PROXY: &str = "/usr/sbin/haproxy";

/// Which one it is.
pub fn proxy_version() -> Outcome<String> {
    let told = Command::new(PROXY).arg("-v").output().map_err(|_| "no HAProxy: install Debian's package haproxy")?;
    let line = String::from_utf8(told.stdout)?;
    Ok(line.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}
