//! The real binary as a process of its own, with settings from its environment, as operators start it.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
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
}

impl Settings {
    /// Development mode over a database, on a free port.
    pub fn new(database: &Database, folder: &Path) -> Self {
        let port = free_port();
        let settings = Self { port, pairs: BTreeMap::new(), shell: None };
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

    /// Starts it and waits until it listens.
    pub fn start(&self) -> Instance {
        let mut command = match self.shell {
            None => Command::new(env!("CARGO_BIN_EXE_vestibule")),
            Some(first) => {
                let mut shell = Command::new("/bin/bash");
                shell.args(["-c", &format!("{first}; exec \"$0\""), env!("CARGO_BIN_EXE_vestibule")]);
                shell
            }
        };
        let child =
            command.env_clear().envs(&self.pairs).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut instance = Instance { child, address: SocketAddr::from(([127, 0, 0, 1], self.port)) };
        let began = Instant::now();
        while TcpStream::connect(instance.address).is_err() {
            let ended = instance.child.try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < Duration::from_secs(20), "it did not start: {ended:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        instance
    }
}

/// A running process, killed when it is no longer held.
pub struct Instance {
    child: Child,
    pub address: SocketAddr,
}

impl Instance {
    /// Its number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(40), "it did not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
