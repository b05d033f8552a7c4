//! What the process does with signals, garbage and proxies that do not fit, and what its log says of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use vestibule::base::public_url::PublicUrl;
use vestibule::platform::config::{Mode, Proxies};

use super::process::Settings;
use super::support::TestApp;
use super::support::client::send;
use super::support::database::Database;

fn log_of(
    name: &str,
    database: &Database,
    change: impl FnOnce(Settings) -> Settings,
    act: impl FnOnce(std::net::SocketAddr),
) -> String {
    let folder = std::env::temp_dir().join(format!("vestibule-log-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("log");
    let settings =
        Settings::new(database, &folder).with("VESTIBULE_LOG_FILTER", "info").with("VESTIBULE_LOG_FORMAT", "json");
    let server = change(settings).logging_to(&log).start();
    act(server.address);
    server.signal("TERM");
    assert_eq!(server.ends(), Some(0));
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    text
}

#[test]
fn a_refused_host_or_origin_is_logged_with_the_expected_one() {
    let database = Database::create();
    let log = log_of(
        "refused",
        &database,
        |settings| settings,
        |address| {
            for _ in 0..5 {
                let page = send(address, "GET", "/login", &[("Host", "upstream.internal")], b"");
                assert_eq!(page.status, 421);
                assert!(
                    page.text().contains("upstream.internal") && page.text().contains("localhost"),
                    "on loopback the page says it"
                );
                let origin = [("Host", "localhost"), ("Origin", "https://evil.example")];
                let page = send(address, "POST", "/login", &origin, b"");
                assert!(page.status == 403 && page.text().contains("https://evil.example"), "{}", page.text());
                let header = [("Host", "localhost"), ("X-Forwarded-For", "unknown")];
                let page = send(address, "GET", "/login", &header, b"");
                assert!(page.status == 400 && page.text().contains("X-Forwarded-For: unknown"), "{}", page.text());
            }
        },
    );
    let lines: Vec<serde_json::Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (refused, came, expected) in [
        ("host", "upstream.internal", "localhost"),
        ("cross-site", "https://evil.example", "http://localhost"),
        ("address", "unknown", "X-Forwarded-For"),
    ] {
        let told: Vec<_> = lines.iter().filter(|line| line["refused"] == refused).collect();
        assert_eq!(told.len(), 1, "once a minute: {log}");
        assert!(told[0]["came"].as_str().unwrap().contains(came), "{log}");
        assert!(told[0]["expected"].as_str().unwrap().contains(expected), "{log}");
    }
    // Behind a public host the page keeps it to itself.
    let app = TestApp::start_with(|config| {
        config.mode = Mode::Production;
        config.public_url = PublicUrl::parse("https://id.example.org").unwrap();
    });
    let page = send(app.address, "GET", "/login", &[("Host", "upstream.internal")], b"");
    assert!(page.status == 421 && !page.text().contains("upstream.internal"), "{}", page.text());
}

#[test]
fn a_client_address_that_is_a_trusted_proxy_is_named() {
    let database = Database::create();
    let log = log_of(
        "proxy",
        &database,
        |settings| settings.with("VESTIBULE_FORWARDED_HEADER", "X-Real-IP"),
        |address| {
            for _ in 0..3 {
                send(address, "GET", "/readyz", &[("Host", "localhost")], b"");
            }
            for _ in 0..3 {
                send(address, "GET", "/login", &[("Host", "localhost"), ("X-Forwarded-For", "198.51.100.7")], b"");
            }
        },
    );
    assert_eq!(log.matches("is that of a configured proxy").count(), 1, "{log}");
    let operator = super::operator::Operator::of_a_server_with(|config| {
        config.proxies = Proxies { trusted: vec!["127.0.0.1/32".parse().unwrap()], header: "x-real-ip".into() };
    });
    let settings = [
        ("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1"),
        ("VESTIBULE_FORWARDED_HEADER", "X-Real-IP"),
        ("VESTIBULE_LISTEN", "127.0.0.1:0"),
    ];
    let checked = || {
        let output = operator.command(&["check"]).envs(settings).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!checked().contains("address of a configured proxy"));
    send(
        operator.app.address,
        "POST",
        "/login",
        &[("Sec-Fetch-Site", "cross-site"), ("X-Forwarded-For", "198.51.100.7")],
        b"",
    );
    assert!(checked().contains("address of a configured proxy"), "{}", checked());
}

#[test]
fn a_port_scan_writes_no_error() {
    let log = log_of(
        "scan",
        &Database::create(),
        |settings| settings,
        |address| {
            for garbage in [&b"\x16\x03\x01\x02\x00\x01"[..], b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0", b"SSH-2.0-scan\r\n"]
            {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.write_all(garbage).unwrap();
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                drop(stream.read_to_end(&mut Vec::new()));
            }
        },
    );
    assert!(log.contains("stopped") && !log.contains("ERROR") && !log.contains("actix"), "{log}");
}

#[test]
fn sighup_does_not_stop_the_server() {
    let (database, folder) =
        (Database::create(), std::env::temp_dir().join(format!("vestibule-hup-{}", std::process::id())));
    std::fs::create_dir_all(&folder).unwrap();
    let server = Settings::new(&database, &folder).start();
    for signal in ["HUP", "USR1", "USR2", "HUP"] {
        server.signal(signal);
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(send(server.address, "GET", "/healthz", &[], b"").status, 200, "{signal}");
    }
    server.signal("TERM");
    assert_eq!(server.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_stop_ends_without_a_panic() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("smtp://{}?tls=none", silent.local_addr().unwrap());
    for _ in 0..5 {
        let log = log_of(
            "stop",
            &Database::create(),
            |settings| settings.with("VESTIBULE_SMTP_URL", &server),
            |address| {
                send(address, "GET", "/login", &[("Host", "localhost")], b"");
            },
        );
        assert!(log.contains("stopped") && !log.contains("panicked") && !log.contains("reactor"), "{log}");
    }
}
