//! Two processes over one PostgreSQL behind a reverse proxy that ends TLS: what one knows the other knows, and while one
//! after the other is restarted nobody notices. SQLite is for one instance, so there these tests have nothing to do.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslConnector, SslMethod};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509Name};
use vestibule::base::clock::{Clock, SystemClock};
use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::secrets::Keyring;
use vestibule::platform::store::Engine;
use vestibule::platform::store::schema::{erasures, mails, organizations, sessions};

use super::login::attempt;
use super::process::{Server, Settings, free_port};
use super::support::TestApp;
use super::support::client::{self, Door};
use super::support::people::PASSWORD;
use super::support::sink::{Sink, sink};

const EMAIL: &str = "owner@acme.example";

/// An installation: an application of the test's own that makes what is to be there and looks at it, two processes that
/// serve, and the proxy before them.
struct Site {
    app: TestApp,
    settings: [Settings; 2],
    instances: [Option<Server>; 2],
    door: Door,
    sink: Sink,
    proxy: Child,
    folder: PathBuf,
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.proxy.kill());
        drop(self.proxy.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Site {
    /// Starts everything, after `before` has put into the database what is to be there. `None` on SQLite.
    fn start(name: &str, before: impl FnOnce(&TestApp)) -> Option<Self> {
        let keys = Keyring::generate(&SystemEntropy);
        let app = TestApp::start_with(|config| config.secret_keys = Keyring::parse(&keys).unwrap());
        if app.app.store.engine() == Engine::Sqlite {
            return None;
        }
        app.clock.advance(SystemClock.now().since(app.app.clock().now()));
        before(&app);
        let folder = std::env::temp_dir().join(format!("vestibule-site-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (front, sink) = (free_port(), sink(|_| "250 fine"));
        let settings = [0, 1].map(|_| {
            Settings::new(&app.database, &folder)
                .with("VESTIBULE_PUBLIC_URL", format!("https://localhost:{front}"))
                .with("VESTIBULE_SECRET_KEYS", &keys)
                .with("VESTIBULE_SMTP_URL", format!("smtp://127.0.0.1:{}?tls=none", sink.port))
                .with("VESTIBULE_MAIL_FROM", "Vestibule <vestibule@example.org>")
                .with("VESTIBULE_LIMITS_SIGN_UPS", 1000)
                .with("VESTIBULE_DRAIN_SECONDS", 2)
        });
        let instances = settings.each_ref().map(|settings| Some(settings.start()));
        let backends = instances.each_ref().map(|instance| instance.as_ref().unwrap().address);
        let certificate = certificate(&folder);
        let proxy = proxy(&folder, front, backends);
        let mut connector = SslConnector::builder(SslMethod::tls()).unwrap();
        connector.cert_store_mut().add_cert(certificate).unwrap();
        let door = Door::Tls(SocketAddr::from(([127, 0, 0, 1], front)), connector.build());
        let site = Self { app, settings, instances, door, sink, proxy, folder };
        let began = Instant::now();
        while !site.served().values().all(|count| *count > 0) {
            assert!(began.elapsed() < Duration::from_secs(20), "the proxy does not reach both instances");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(site)
    }

    /// Which of the instances answers, of a few requests.
    fn served(&self) -> std::collections::BTreeMap<&'static str, usize> {
        let mut counts = std::collections::BTreeMap::from([("one", 0), ("two", 0)]);
        for _ in 0..4 {
            let answer = client::send_by(&self.door, "GET", "/login", &[], b"");
            let by = answer.ok().and_then(|answer| answer.header("x-served-by").map(str::to_owned));
            for (name, count) in &mut counts {
                *count += usize::from(by.as_deref() == Some(name));
            }
        }
        counts
    }

    fn letter(&self, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            if let Ok(letter) = self.sink.letters.recv_timeout(Duration::from_secs(1))
                && wanted(&letter)
            {
                return letter;
            }
        }
        panic!("no such letter");
    }
}

/// A certificate for `localhost`, beside its key as the proxy reads it.
fn certificate(folder: &Path) -> X509 {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    certificate.set_pubkey(&key).unwrap();
    let context = certificate.x509v3_context(None, None);
    let names = SubjectAlternativeName::new().dns("localhost").build(&context).unwrap();
    certificate.append_extension(names).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = certificate.build();
    let both = [certificate.to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap()].concat();
    std::fs::write(folder.join("localhost.pem"), both).unwrap();
    certificate
}

/// HAProxy in turn before the instances, as the sample that we ship says it, but for places and patience.
fn proxy(folder: &Path, front: u16, [first, second]: [SocketAddr; 2]) -> Child {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/haproxy.cfg");
    let mut text = std::fs::read_to_string(sample).unwrap();
    let pem = folder.join("localhost.pem");
    for (there, here) in [
        ("    bind :80\n", String::new()),
        ("bind :443", format!("bind 127.0.0.1:{front}")),
        ("/etc/haproxy/certs/id.example.org.pem", pem.display().to_string()),
        ("    balance leastconn\n", "    balance roundrobin\n    http-response set-header X-Served-By %s\n".to_owned()),
        ("hdr Host id.example.org", format!("hdr Host localhost:{front}")),
        ("inter 1s fall 2 rise 2", "inter 200ms fall 2 rise 2".to_owned()),
        ("127.0.0.1:8081", first.to_string()),
        ("127.0.0.1:8082", second.to_string()),
    ] {
        assert!(text.contains(there), "{there} is no longer in the sample");
        text = text.replace(there, &here);
    }
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, text).unwrap();
    Command::new("/usr/sbin/haproxy").args(["-q", "-db", "-f"]).arg(&file).stdout(Stdio::null()).spawn().unwrap()
}

#[test]
fn sessions_locks_codes_and_policies_of_two_instances_are_one() {
    let before = |app: &TestApp| {
        app.organization("acme", EMAIL);
        app.organization("other", "owner@other.example");
    };
    let Some(site) = Site::start("one", before) else { return };
    // Every request is a connection of its own, so the proxy takes the instances in turn.
    let owner = site.app.visitor().by(&site.door).from("203.0.113.5");
    owner.log_in("acme", EMAIL, PASSWORD).is_at("/console");
    for path in ["/account", "/iam/users", "/audit", "/console"] {
        owner.open(path).is_at(path);
    }

    // Wrong passwords here and there are wrong passwords of one account.
    let stranger = site.app.visitor().by(&site.door).from("198.51.100.7");
    for count in 1..=5 {
        let answer = attempt(&stranger, "other", "owner@other.example", "a wrong password");
        assert_eq!(answer.status, if count < 5 { 422 } else { 429 }, "try {count}");
    }
    for _ in 0..2 {
        assert_eq!(attempt(&stranger, "other", "owner@other.example", PASSWORD).status, 429, "on both instances");
    }

    // A policy acts at the next request, whoever answers it, and the code that one sent the other takes.
    site.app.two_factor("acme", true);
    for _ in 0..2 {
        owner.open("/console").is_at("/login/again");
    }
    let pending_login = site.app.visitor().by(&site.door).from("203.0.113.6");
    pending_login.log_in("acme", EMAIL, PASSWORD).is_at("/login/factor").press("Next").is_at("/login/factor/code");
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let letter = site.letter(|letter| letter.contains("acme") && letter.split_whitespace().any(|word| digits(&word)));
    pending_login.fill("Code", letter.split_whitespace().find(digits).unwrap()).press("Log in").is_at("/console");
    pending_login.open("/account").is_at("/account").open("/console").is_at("/console");
}

#[test]
fn mails_leave_once_and_an_erasure_is_carried_out_once_by_two_instances() {
    let before = |app: &TestApp| {
        let owner = app.owner_of("gone", "owner@gone.example");
        owner.requests_deletion("gone");
        app.deliver();
        // The day has come, and both instances look for it when they start.
        let due = app.app.clock().now().utc() - chrono::Duration::minutes(1);
        let row = organizations::table.filter(organizations::name.eq("gone"));
        let moved = diesel::update(row).set(organizations::deletion_due_at.eq(due.naive_utc()));
        assert_eq!(moved.execute(&mut app.database.connect()).unwrap(), 1);
    };
    let Some(site) = Site::start("once", before) else { return };
    let names: Vec<String> = (0..20).map(|number| format!("mails-{number}")).collect();
    for name in &names {
        let person = site.app.visitor().by(&site.door).from("203.0.113.5");
        person.sign_up(name, &format!("owner@{name}.example")).is_at("/signup/done");
    }
    let mut letters = Vec::new();
    let wanted = names.len() + 1;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) && letters.len() < wanted {
        letters.extend(site.sink.letters.recv_timeout(Duration::from_secs(1)));
    }
    // Whatever was sent twice would come about now.
    while let Ok(letter) = site.sink.letters.recv_timeout(Duration::from_secs(2)) {
        letters.push(letter);
    }
    let to = |letter: &String| letter.lines().find(|line| line.starts_with("To:")).unwrap_or_default().to_owned();
    let mut recipients: Vec<String> = letters.iter().map(to).collect();
    recipients.sort_unstable();
    let mut once = recipients.clone();
    once.dedup();
    assert_eq!((recipients.len(), once.len()), (wanted, wanted), "{recipients:?}");
    let mut connection = site.app.database.connect();
    let left: i64 = mails::table.filter(mails::state.ne("sent")).count().get_result(&mut connection).unwrap();
    let tombstones: i64 = erasures::table.count().get_result(&mut connection).unwrap();
    assert_eq!((left, tombstones, site.app.organization_id("gone")), (0, 1, None));
}

/// What somebody with an open connection sees while instances come and go: requests one after the other on connections
/// that are kept as long as the proxy keeps them.
fn visit(door: &Door, is_over: &AtomicBool, answered: &AtomicUsize) {
    let Door::Tls(address, connector) = door else { unreachable!("the proxy speaks TLS") };
    let connect = || {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        BufReader::new(connector.connect("localhost", stream).unwrap())
    };
    let mut stream = connect();
    while !is_over.load(Ordering::Relaxed) {
        let request = format!("GET /login HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", address.port());
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.contains(" 200 "), "answered with {line:?}");
        let (mut length, mut closes) = (0, false);
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).unwrap();
            let header = header.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            length = header.strip_prefix("content-length: ").map_or(length, |text| text.parse().unwrap());
            closes |= header == "connection: close";
        }
        std::io::copy(&mut std::io::Read::take(&mut stream, length), &mut std::io::sink()).unwrap();
        answered.fetch_add(1, Ordering::Relaxed);
        if closes {
            stream = connect();
        }
    }
}

#[test]
fn a_rolling_restart_loses_no_request() {
    let Some(mut site) = Site::start("rolling", |app| app.organization("acme", EMAIL)) else { return };
    let (is_over, answered, entered) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let restarted = {
        let (door, settings, instances) = (&site.door, &site.settings, &mut site.instances);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| visit(door, &is_over, &answered));
            }
            // Logins: accepted means there afterwards.
            for _ in 0..2 {
                let (is_over, entered) = (&is_over, &entered);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        log_in_once(door);
                        entered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let rolled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                for round in 0..2 {
                    let before = answered.load(Ordering::Relaxed);
                    let stopped = instances[round].take().unwrap();
                    stopped.signal("TERM");
                    assert_eq!(stopped.ends(), Some(0));
                    instances[round] = Some(settings[round].start());
                    // The proxy sees it come back before the other one goes.
                    std::thread::sleep(Duration::from_secs(1));
                    assert!(answered.load(Ordering::Relaxed) > before, "nobody was served meanwhile");
                }
            }));
            is_over.store(true, Ordering::Relaxed);
            rolled
        })
    };
    restarted.unwrap();
    let there: i64 = sessions::table.count().get_result(&mut site.app.database.connect()).unwrap();
    let entered = entered.load(Ordering::Relaxed);
    assert!(entered > 5 && there as usize >= entered, "{entered} logins were answered, {there} sessions are there");
}

/// A login as a browser does it; whatever is not a login is a failure.
fn log_in_once(door: &Door) {
    let page = client::send_by(door, "GET", "/login/acme", &[("X-Forwarded-For", "203.0.113.5")], b"").unwrap();
    let token = client::form_token(&page.text());
    let cookie = page.headers("set-cookie").into_iter().find(|line| line.starts_with("__Host-pending=")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let post = |path: &str, fields: &[(&str, &str)]| {
        let headers = [
            ("Cookie", cookie),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", "203.0.113.5"),
        ];
        let body = super::support::people::encode(fields);
        let answer = client::send_by(door, "POST", path, &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer
    };
    let second = post("/login/acme", &[("email", EMAIL), ("password", PASSWORD), ("form_token", &token)]);
    assert!(second.headers("set-cookie").iter().any(|line| line.starts_with("__Host-session=")), "{second:?}");
}
