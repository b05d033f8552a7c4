//! Delivery to a mail server that is not ours (aiosmtpd), with TLS that is checked.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vestibule::app::jobs::delivery::Delivered;
use vestibule::platform::config::{Encryption, SmtpServer};

use super::support::TestApp;

struct MailServer {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl MailServer {
    /// Starts it with a certificate for localhost that it made itself.
    fn start(name: &str, encryption: Encryption) -> Self {
        let folder = std::env::temp_dir().join(format!("vestibule-smtp-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        certificate(&folder);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")]);
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        match encryption {
            Encryption::StartTls => drop(command.arg("--tlscert").arg(&cert).arg("--tlskey").arg(&key)),
            Encryption::Implicit => drop(command.arg("--smtpscert").arg(&cert).arg("--smtpskey").arg(&key)),
            Encryption::None => {}
        }
        command.args(["-c", "aiosmtpd.handlers.Mailbox"]).arg(folder.join("mail"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { child, port, folder };
        for _ in 0..500 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the mail server did not start");
    }

    fn letters(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.join("mail").join("new")) else {
            return Vec::new();
        };
        entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
    }
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
}

fn deliver(server: &MailServer, encryption: Encryption, ca: Option<PathBuf>) -> Delivered {
    let app = TestApp::start_with(|config| {
        config.mail.server = Some(SmtpServer { host: "localhost".into(), port: server.port, encryption, login: None });
        config.mail.ca_file = ca;
    });
    app.visitor().sign_up("acme", "owner@acme.example").is_at("/signup/done");
    app.deliver()
}

#[test]
fn asvs_12_3_2_mail_goes_by_starttls_and_tls_to_a_server_whose_certificate_is_trusted() {
    for encryption in [Encryption::StartTls, Encryption::Implicit] {
        let server = MailServer::start(&format!("{encryption:?}"), encryption);
        let trusted = deliver(&server, encryption, Some(server.folder.join("cert.pem")));
        assert_eq!(trusted.sent, 1, "{encryption:?}");
        assert!(server.letters()[0].contains("owner@acme.example"));
        let unknown = deliver(&server, encryption, None);
        assert_eq!(
            (unknown.sent, unknown.put_off),
            (0, 1),
            "{encryption:?}: an unknown authority is refused, and nothing is lost"
        );
        assert_eq!(server.letters().len(), 1);
    }
}

#[test]
fn asvs_12_3_1_required_starttls_never_falls_back_to_plain_text() {
    let server = MailServer::start("plain", Encryption::None);
    let refused = deliver(&server, Encryption::StartTls, Some(server.folder.join("cert.pem")));
    assert_eq!((refused.sent, refused.put_off), (0, 1));
    assert!(server.letters().is_empty());
    assert_eq!(deliver(&server, Encryption::None, None).sent, 1, "unless said explicitly");
}
