//! The real binary as a process of its own, with settings from its environment, as operators start it.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::support::database::Database;

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// How an instance is started.
#[derive(Clone)]
pub struct Settings {
    port: u16,
    pairs: BTreeMap<String, String>,
    shell: Option<&'static str>,
    log: Option<PathBuf>,
    arguments: Vec<&'static str>,
}

impl Settings {
    /// Development mode over a database, on a free port.
    pub fn new(database: &Database, folder: &Path) -> Self {
        let port = free_port();
        let settings = Self { port, pairs: BTreeMap::new(), shell: None, log: None, arguments: Vec::new() };
        settings
            .with("DATABASE_URL", database.url())
            .with("VESTIBULE_DATA_DIR", folder.display())
            .with("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"))
            .with("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1")
            .with("VESTIBULE_LOG_FILTER", "error")
    }

    /// With one more setting, or another value of one.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.pairs.insert(name.to_owned(), value.to_string());
        self
    }

    /// Started by a shell that does something first.
    pub fn after(self, shell: &'static str) -> Self {
        Self { shell: Some(shell), ..self }
    }

    /// Started with arguments.
    pub fn called_with(self, arguments: &[&'static str]) -> Self {
        Self { arguments: arguments.to_vec(), ..self }
    }

    /// Runs a command to its end: its exit code, and what it complained of.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        let output = command.args(arguments).env_clear().envs(&self.pairs).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// With everything that it says kept in a file, and nothing shown.
    pub fn logging_to(self, file: &Path) -> Self {
        Self { log: Some(file.to_owned()), ..self }
    }

    /// Starts it and waits until it listens.
    pub fn start(&self) -> Server {
        let mut command = match self.shell {
            None => Command::new(env!("CARGO_BIN_EXE_vestibule")),
            Some(first) => {
                let mut shell = Command::new("/bin/bash");
                shell.args(["-c", &format!("{first}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_vestibule")]);
                shell
            }
        };
        let (says, complains) = match &self.log {
            None => (Stdio::null(), Stdio::inherit()),
            Some(file) => {
                let file = std::fs::File::create(file).unwrap();
                (Stdio::from(file.try_clone().unwrap()), Stdio::from(file))
            }
        };
        command.args(&self.arguments);
        let child = command.env_clear().envs(&self.pairs).stdout(says).stderr(complains).spawn().unwrap();
        let mut server = Server { child, address: SocketAddr::from(([127, 0, 0, 1], self.port)) };
        let began = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < Duration::from_secs(20), "it did not start: {ended:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }
}

/// A server in a process of its own, killed when it is no longer held.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Its number.
    pub fn number(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "no such process");
    }

    /// Waits for the end; the exit code.
    pub fn ends(mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
