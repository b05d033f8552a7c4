//! What the operator's machinery sees: health, metrics, jobs, and a server that is told to stop.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::process::{Settings, free_port};
use super::support::TestApp;
use super::support::client::{raw, send};
use super::support::database::Database;

#[test]
fn asvs_13_4_5_the_public_port_says_one_word_of_its_health_and_no_more() {
    let app = TestApp::start();
    for (path, word) in [("/healthz", "ok"), ("/readyz", "ready")] {
        // A load balancer asks by address, without a cookie.
        for host in ["localhost:8080", "10.0.0.7:8080", "anything.example"] {
            let answer = send(app.address, "GET", path, &[("Host", host)], b"");
            assert_eq!((answer.status, answer.text().as_str()), (200, word), "{path} by {host}");
            assert!(answer.header("set-cookie").is_none(), "{path}");
        }
        assert_eq!(send(app.address, "HEAD", path, &[], b"").status, 200);
        assert_eq!(send(app.address, "POST", path, &[], b"").status, 405);
    }
    for path in ["/metrics", "/health/full", "/healthz/x", "/readyz/"] {
        assert_eq!(send(app.address, "GET", path, &[], b"").status, 404, "{path}");
    }
}

#[test]
fn a_server_whose_database_lacks_tables_lives_and_is_not_ready() {
    let app = TestApp::start();
    let is = |path: &str| {
        let answer = send(app.address, "GET", path, &[], b"");
        (answer.status, answer.text())
    };
    app.database.execute("DELETE FROM __diesel_schema_migrations WHERE version = '0002'");
    assert_eq!(is("/readyz"), (503, "unavailable".into()));
    assert_eq!(is("/healthz"), (200, "ok".into()));
    app.database.execute("ALTER TABLE __diesel_schema_migrations RENAME TO away");
    assert_eq!(is("/readyz"), (503, "unavailable".into()));
    app.database.execute("ALTER TABLE away RENAME TO __diesel_schema_migrations");
    app.database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('0002')");
    assert_eq!(is("/readyz"), (200, "ready".into()));
    // While instances are replaced one by one, the older ones see the tables of the newer.
    app.database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    assert_eq!(is("/readyz"), (200, "ready".into()));
}

#[test]
fn a_step_of_the_clean_up_that_fails_keeps_no_other_from_its_work() {
    let app = TestApp::start();
    let visitor = app.visitor();
    visitor.sign_up("acme", "owner@acme.example");
    app.clock.advance(chrono::Duration::days(8));
    app.database.execute("ALTER TABLE throttles RENAME TO throttles_away");
    let outcome = app.wait(vestibule::app::jobs::clean_up(&app.app));
    assert!(outcome.is_err(), "the first step cannot do its work");
    app.database.execute("ALTER TABLE throttles_away RENAME TO throttles");
    // Nobody claimed it within seven days: the second step has freed its name.
    app.visitor().sign_up("acme", "other@acme.example");
    app.clean_up();
}

#[test]
fn told_to_stop_the_server_says_so_and_answers_what_it_accepted() {
    let (database, folder) = (Database::create(), scratch("stop"));
    let server = Settings::new(&database, &folder).with("VESTIBULE_DRAIN_SECONDS", "2").start();
    let address = server.address;
    let mut kept = TcpStream::connect(address).unwrap();
    kept.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let ask = |stream: &mut TcpStream, path: &str| {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut bytes = vec![0; 64 * 1024];
        let length = stream.read(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).to_ascii_lowercase()
    };
    let before = ask(&mut kept, "/healthz");
    assert!(before.starts_with("http/1.1 200") && !before.contains("connection: close"), "{before}");
    // A form of which half has come when the server is told to stop, and the rest after it stopped listening.
    let body = "organization=acme";
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut half = TcpStream::connect(address).unwrap();
    half.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(half, "{head}{}", &body[..5]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let told = Instant::now();
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    let draining = ask(&mut kept, "/login");
    assert!(draining.starts_with("http/1.1 200") && draining.contains("connection: close"), "{draining}");
    assert_eq!(
        kept.read(&mut [0; 64 * 1024]).unwrap_or(0),
        0,
        "the server closes the connection that it said it would"
    );
    let ready = send(address, "GET", "/readyz", &[], b"");
    assert_eq!((ready.status, ready.text().as_str()), (503, "stopping"));
    assert_eq!(send(address, "GET", "/healthz", &[], b"").status, 200);
    while TcpStream::connect(address).is_ok() {
        assert!(told.elapsed() < Duration::from_secs(10), "it goes on listening");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(told.elapsed() >= Duration::from_secs(2), "it stops listening before load balancers have seen it");
    half.write_all(&body.as_bytes()[5..]).unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "what was accepted is answered: {answer}");
    assert_eq!(server.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn who_heeds_readyz_loses_no_request_when_an_instance_is_replaced() {
    let (database, folder) = (Database::create(), scratch("replace"));
    let server = Settings::new(&database, &folder).with("VESTIBULE_DRAIN_SECONDS", "2").start();
    let address = server.address;
    let balanced = |path: &'static str| {
        std::thread::spawn(move || {
            let mut answered = 0;
            let mut looked = Instant::now();
            loop {
                // As a load balancer: it looks twice a second, and sends here until it has seen that the server stops.
                if looked.elapsed() > Duration::from_millis(500) {
                    if send(address, "GET", "/readyz", &[], b"").status != 200 {
                        return answered;
                    }
                    looked = Instant::now();
                }
                let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                let answer = raw(address, request.as_bytes(), false).unwrap_or_else(|cause| panic!("lost: {cause}"));
                assert_eq!(answer.status, 200);
                answered += 1;
            }
        })
    };
    let clients = ["/login", "/terms", "/"].map(balanced);
    std::thread::sleep(Duration::from_millis(700));
    server.signal("TERM");
    for client in clients {
        assert!(client.join().unwrap() > 10, "too few requests show nothing");
    }
    assert_eq!(server.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_second_signal_ends_at_once() {
    let (database, folder) = (Database::create(), scratch("twice"));
    let server = Settings::new(&database, &folder).with("VESTIBULE_DRAIN_SECONDS", "60").start();
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    let told = Instant::now();
    server.signal("INT");
    assert_eq!(server.ends(), Some(1), "not what a supervisor takes for a clean end");
    assert!(told.elapsed() < Duration::from_secs(5));
    std::fs::remove_dir_all(folder).unwrap();
}

fn scratch(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("vestibule-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The samples of an answer by name and labels. Fails on what is not Prometheus' text format.
fn samples(answer: &str) -> Vec<(String, f64)> {
    let mut family = String::new();
    let mut all = Vec::new();
    for line in answer.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            family = kind.split(' ').next().unwrap().to_owned();
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(name.starts_with(&family), "{line} stands under {family}");
            all.push((name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}"))));
        }
    }
    let names: BTreeSet<&String> = all.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), all.len(), "a sample stands twice");
    all
}

fn value(answer: &str, name: &str) -> Option<f64> {
    samples(answer).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

#[test]
fn metrics_tell_requests_by_route_and_logins_by_result_and_never_an_id() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("shop", "Shop");
    owner.open("/iam/projects/shop").gets(200);
    app.visitor().log_in("acme", "owner@acme.example", "not the password at all");
    app.visitor().request("GET", "/no/such/page", &[], "");
    app.visitor().request("BREW", "/login", &[], "");
    let answer = app.wait(vestibule::app::metrics::report(&app.app));
    let is = |name: &str| value(&answer, name);
    let project = "method=\"GET\",route=\"/iam/projects/{project}\"";
    assert!(is(&format!("vestibule_http_requests_total{{{project},status=\"2xx\"}}")).unwrap() >= 1.0, "{answer}");
    let counted = is(&format!("vestibule_http_request_duration_seconds_count{{{project}}}"));
    let endless = is(&format!("vestibule_http_request_duration_seconds_bucket{{{project},le=\"+Inf\"}}"));
    assert!(counted.is_some() && counted == endless, "{answer}");
    assert!(is("vestibule_http_requests_total{method=\"other\",route=\"none\",status=\"4xx\"}").unwrap() >= 1.0);
    assert_eq!(is("vestibule_http_requests_in_flight"), Some(0.0));
    assert_eq!(is("vestibule_logins_total{result=\"done\",reason=\"\"}"), Some(1.0), "{answer}");
    assert_eq!(is("vestibule_logins_total{result=\"failed\",reason=\"wrong_password\"}"), Some(1.0), "{answer}");
    for told in ["shop", "acme", "BREW", "no/such"] {
        assert!(!answer.contains(told), "{told} is in a label");
    }
    assert!(is("process_resident_memory_bytes").unwrap() > 1e6);
}

#[test]
fn metrics_tell_what_waits_and_come_with_the_database_down() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    app.clock.advance(chrono::Duration::seconds(90));
    let answer = app.wait(vestibule::app::metrics::report(&app.app));
    let is = |name: &str| value(&answer, name);
    assert_eq!(is("vestibule_outbox_depth{channel=\"mail\"}"), Some(1.0), "{answer}");
    assert_eq!(is("vestibule_outbox_oldest_seconds{channel=\"mail\"}"), Some(90.0), "{answer}");
    assert_eq!(is("vestibule_outbox_depth{channel=\"sms\"}"), Some(0.0), "{answer}");
    assert_eq!((is("vestibule_job_lag_seconds{job=\"mail\"}"), is("vestibule_database_up")), (Some(90.0), Some(1.0)));
    app.database.execute("ALTER TABLE mails RENAME TO mails_away");
    let down = app.wait(vestibule::app::metrics::report(&app.app));
    assert_eq!(value(&down, "vestibule_database_up"), Some(0.0), "{down}");
    assert_eq!(value(&down, "vestibule_outbox_depth{channel=\"mail\"}"), None);
    assert!(value(&down, "vestibule_job_failures_total{job=\"mail\"}").is_some());
    app.database.execute("ALTER TABLE mails_away RENAME TO mails");
    app.deliver();
}

#[test]
fn the_operator_s_listener_tells_metrics_and_nothing_else() {
    let (database, folder) = (Database::create(), scratch("metrics"));
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let server = Settings::new(&database, &folder).with("VESTIBULE_METRICS_LISTEN", &listen).start();
    let operator = listen.parse().unwrap();
    send(server.address, "GET", "/login", &[], b"");
    let answer = send(operator, "GET", "/metrics", &[("Host", "prometheus.example")], b"");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; version=0.0.4; charset=utf-8")));
    let text = answer.text();
    let login = "vestibule_http_requests_total{method=\"GET\",route=\"/login\",status=\"2xx\"}";
    assert_eq!((value(&text, login), value(&text, "vestibule_draining")), (Some(1.0), Some(0.0)), "{text}");
    for path in ["/", "/login", "/healthz", "/dev/mailbox.json"] {
        assert_eq!(send(operator, "GET", path, &[], b"").status, 404, "{path}");
    }
    assert_eq!(send(server.address, "GET", "/metrics", &[], b"").status, 404);
    server.signal("TERM");
    assert_eq!(server.ends(), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

/// What the operator's manual names exists, and what exists it names.
#[test]
fn the_operator_s_manual_names_every_metric_command_and_setting_as_they_are() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md")).unwrap();
    let app = TestApp::start();
    let answer = app.wait(vestibule::app::metrics::report(&app.app));
    let told: BTreeSet<&str> =
        answer.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let rows = manual.lines().filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next());
    let listed: BTreeSet<&str> =
        rows.filter(|name| name.starts_with("vestibule_") || name.starts_with("process_")).collect();
    assert_eq!(listed, told, "metrics in the manual, and metrics that are told");

    let words = |text: &str, begins: &str| -> BTreeSet<String> {
        let all = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        all.filter(|word| word.starts_with(begins) && word.len() > begins.len()).map(str::to_owned).collect()
    };
    let settings: BTreeSet<String> =
        vestibule::platform::config::describe().into_iter().map(|one| one.variable).collect();
    let unknown: Vec<_> = words(&manual, "VESTIBULE_").into_iter().filter(|name| !settings.contains(name)).collect();
    assert!(unknown.is_empty(), "settings that there are not: {unknown:?}");

    let commands = vestibule::app::cli::command_names();
    let missing: Vec<_> = commands.iter().filter(|name| !manual.contains(&format!("`{name}"))).collect();
    assert!(missing.is_empty(), "commands that the manual does not name: {missing:?}");
    let typed = manual.split("`vestibule ").skip(1).map(|rest| rest.split('`').next().unwrap());
    let strange: Vec<_> = typed
        .filter(|typed| {
            let known = |name: &String| format!("vestibule {typed} ").starts_with(&format!("{name} "));
            !commands.iter().any(known)
        })
        .collect();
    assert!(strange.is_empty(), "commands that there are not: {strange:?}");
}
