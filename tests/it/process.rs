//! The real binary, as an operator starts and stops it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::support::database::Database;

/// A server in a process of its own; it goes with its handle.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Server {
    /// Starts in development mode, with its files in `folder`, and waits until it listens.
    pub fn start(database: &Database, folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_at(free_port(), database, folder, settings)
    }

    /// Starts on a port of its own choice.
    pub fn start_at(port: u16, database: &Database, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
            .env_clear()
            .env("DATABASE_URL", database.url())
            .env("VESTIBULE_DATA_DIR", folder)
            .env("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"))
            .env("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1")
            .env("VESTIBULE_LOG_FILTER", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        for _ in 0..600 {
            if TcpStream::connect(server.address).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start");
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "no such process");
    }

    /// Waits for the end; the exit code.
    pub fn ends(mut self) -> Option<i32> {
        for _ in 0..6_000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not end");
    }
}
