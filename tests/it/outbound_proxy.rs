//! The operator's forward proxy to the internet: who is asked through it, and that no other is.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::{Arc, Mutex};

use vestibule::platform::config::{Config, Twilio};
use vestibule::platform::outbound::{Allowances, Proxy};

use super::support::gateway::{SmsGateway, at};
use super::support::provider::MockProvider;
use super::support::{Person, TestApp};

const SETTINGS: &str = "/iam/organization/account/idp";

/// A proxy that writes down what it is asked for, and leads nowhere.
struct Forwarder {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Forwarder {
    fn start() -> Self {
        Self::answering("502 Bad Gateway")
    }

    fn answering(status: &'static str) -> Self {
        Self::saying(move |_| format!("{status}\r\nContent-Length: 0"))
    }

    /// One that says to the first line of a request what a test wants: status, fields, and a body after an empty line.
    fn saying(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default());
        let kept = asked.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
                let head: Vec<String> = head.collect();
                let who = head.iter().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization"));
                let first = head.first().cloned().unwrap_or_default();
                kept.lock().unwrap().push(format!("{first} {}", who.cloned().unwrap_or_default()).trim().to_owned());
                let said = answer(&first);
                let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
                let answer = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}");
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Asks a provider for what it publishes, and the gateway for an SMS.
fn asks_both(app: &TestApp, owner: &Person<'_>, issuer: &str) -> vestibule::app::jobs::delivery::Delivered {
    owner.open(SETTINGS).fill("Issuer URL", issuer).press("Fill in from the issuer");
    owner.open("/account").press("Send code").is_at("/account/mobile/verification");
    app.deliver()
}

#[test]
fn idp_and_sms_follow_one_proxy_rule() {
    let proxy = Forwarder::start();
    let set = |config: &mut Config| {
        let url = format!("http://user:pass%20word@{}", proxy.address);
        config.outbound_proxy = Some(Proxy::parse(&url).unwrap());
        config.outbound = Allowances::parse("127.0.0.1").unwrap();
        config.sms.gateway = Some(Twilio { url: "https://20.190.128.2".into(), ..at(1) });
    };
    let app = TestApp::start_with(set);
    let owner = app.owner();
    app.deliver();
    assert_eq!(asks_both(&app, &owner, "https://20.190.128.1").put_off, 1);
    owner.open(SETTINGS).fill("Issuer URL", "https://20.190.128.1").press("Fill in from the issuer").gets(422);
    let login = data_encoding::BASE64.encode(b"user:pass word");
    let through = |host: &str| format!("CONNECT {host}:443 HTTP/1.1 Proxy-Authorization: Basic {login}").to_lowercase();
    let asked: Vec<String> = proxy.asked().iter().map(|line| line.to_lowercase()).collect();
    assert_eq!(asked, [through("20.190.128.1"), through("20.190.128.2"), through("20.190.128.1")]);
    // What the operator allows beyond the internet, and this machine, is in reach without.
    let (provider, gateway) = (MockProvider::start(), SmsGateway::taking());
    provider.add("acme");
    let inside = app.beside_with(|config| {
        set(config);
        config.sms.gateway = Some(gateway.settings());
    });
    app.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(inside.deliver().sent, 1);
    let issuer = format!("{}/acme", provider.origin());
    owner.open(SETTINGS).fill("Issuer URL", &issuer).press("Fill in from the issuer").gets(200);
    assert_eq!((proxy.asked(), gateway.handed().len()), (Vec::new(), 1));
}

#[test]
fn without_the_setting_provider_and_gateway_are_asked_directly() {
    let (provider, gateway) = (MockProvider::start(), SmsGateway::taking());
    provider.add("acme");
    let app = TestApp::start_with(|config| {
        config.outbound = Allowances::parse("127.0.0.1").unwrap();
        config.sms.gateway = Some(gateway.settings());
    });
    let owner = app.owner();
    app.deliver();
    let issuer = format!("{}/acme", provider.origin());
    owner.open(SETTINGS).fill("Issuer URL", &issuer).press("Fill in from the issuer").gets(200);
    assert_eq!(asks_both(&app, &owner, &issuer).sent, 1);
    assert_eq!(gateway.handed().len(), 1);
}

/// The test before, in a process whose environment names proxies for other programs.
#[test]
fn a_proxy_of_the_environment_is_not_asked() {
    let proxy = Forwarder::start();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "outbound_proxy::without_the_setting_provider_and_gateway_are_asked_directly"]);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://{}", proxy.address));
    }
    let output = command.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(proxy.asked(), Vec::<String>::new());
}

/// `vestibule check` with these settings: whether all can be used, and what it says.
fn check(settings: &[(&str, &str)]) -> (bool, String) {
    let database = super::support::database::Database::create();
    let folder = std::env::temp_dir().join(format!("vestibule-proxy-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.arg("check").env_clear().env("VESTIBULE_DATA_DIR", &folder).env("DATABASE_URL", database.url());
    let output = command.env("VESTIBULE_LISTEN", "127.0.0.1:0").envs(settings.iter().copied()).output().unwrap();
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), told)
}

/// Where a proxy of the environment is the only way out, nothing would be reached: it is named before that.
#[test]
fn check_names_a_proxy_that_is_not_used() {
    let (works, told) = check(&[("https_proxy", "http://user:hunter2@proxy.example:3128")]);
    assert!(works && told.contains("https_proxy is set and not used") && !told.contains("hunter2"), "{told}");
    let proxy = Forwarder::start();
    let url = format!("http://user:hunter2@{}", proxy.address);
    let (works, told) = check(&[("https_proxy", "http://proxy.example:3128"), ("VESTIBULE_OUTBOUND_PROXY", &url)]);
    assert!(works && told.contains(&format!("through http://{}", proxy.address)), "{told}");
    assert!(!told.contains("not used") && !told.contains("hunter2"), "{told}");
    let (works, _) = check(&[("VESTIBULE_OUTBOUND_PROXY", "socks5://proxy.example")]);
    assert!(!works);
}

#[test]
fn check_tries_the_outbound_proxy() {
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for (address, scheme, words) in [
        (dead, "http", "VESTIBULE_OUTBOUND_PROXY: http://"),
        (silent.local_addr().unwrap(), "http", "has not answered"),
        (Forwarder::start().address, "https", "VESTIBULE_OUTBOUND_PROXY: https://"),
        (Forwarder::answering("407 Proxy Authentication Required").address, "http", "user name and password"),
        (Forwarder::answering("405 Method Not Allowed").address, "http", "is no forward proxy"),
        (Forwarder::answering("404 Not Found").address, "http", "is no forward proxy"),
        (Forwarder::answering("400 Bad Request").address, "http", "is no forward proxy"),
        (Forwarder::answering("301 Moved Permanently").address, "http", "is no forward proxy"),
        (
            Forwarder::saying(|_| "200 OK\r\nContent-Type: text/html\r\n\r\n<p>Welcome".to_owned()).address,
            "http",
            "is no forward proxy",
        ),
    ] {
        let url = format!("{scheme}://user:hunter2@{address}");
        let (works, told) = check(&[("VESTIBULE_OUTBOUND_PROXY", &url)]);
        assert!(!works && told.contains(words) && told.contains(&address.to_string()), "{words}: {told}");
        assert!(!told.contains("hunter2") && !told.contains("Everything can be used"), "{told}");
    }
    // What a proxy says of a name that is none is the answer of a proxy.
    for status in ["502 Bad Gateway", "403 Forbidden", "503 Service Unavailable", "200 OK"] {
        let proxy = Forwarder::answering(status);
        let (works, told) = check(&[("VESTIBULE_OUTBOUND_PROXY", &format!("http://user:a%20b@{}", proxy.address))]);
        assert!(works, "{status}: {told}");
        let login = data_encoding::BASE64.encode(b"user:a b");
        let asked = proxy.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(asked[0].starts_with("CONNECT ") && asked[0].contains(".invalid:443 "), "no host is asked: {asked:?}");
        assert!(asked[0].ends_with(&login), "{asked:?}");
    }
}

#[test]
fn check_tries_the_sms_gateway_and_sends_nothing() {
    let settings = |url: &str| {
        [("SMS_URL", url), ("SMS_ACCOUNT", "AC0123"), ("SMS_TOKEN", "hunter2"), ("SMS_FROM", "+15005550006")]
            .map(|(name, value)| (format!("VESTIBULE_{name}"), value.to_owned()))
    };
    let check = |url: &str| {
        let settings = settings(url);
        check(&settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
    };
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, words) in [
        (dead, "SMS: http://"),
        (Forwarder::answering("401 Unauthorized").address, "VESTIBULE_SMS_ACCOUNT"),
        (Forwarder::answering("403 Forbidden").address, "VESTIBULE_SMS_ACCOUNT"),
        (Forwarder::answering("503 Service Unavailable").address, "503"),
    ] {
        let (works, told) = check(&format!("http://{address}"));
        assert!(!works && told.contains(words) && told.contains(&address.to_string()), "{words}: {told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
    // One that tells of its accounts, and one that only takes messages: to that, a message to no recipient is none.
    const ABOUT: &str = "GET /2010-04-01/Accounts/AC0123.json HTTP/1.1";
    const EMPTY: &str = "POST /2010-04-01/Accounts/AC0123/Messages.json HTTP/1.1";
    let tells = Forwarder::saying(|_| "200 OK\r\n\r\n{\"sid\": \"AC0123\"}".to_owned());
    let (works, told) = check(&format!("http://{}", tells.address));
    assert!(works, "{told}");
    assert_eq!(tells.asked(), [ABOUT]);
    for status in ["404 Not Found", "405 Method Not Allowed"] {
        let takes = Forwarder::saying(move |line| match line.starts_with("POST") {
            true => "400 Bad Request\r\n\r\n{\"code\": 21604}".to_owned(),
            false => status.to_owned(),
        });
        let (works, told) = check(&format!("http://{}", takes.address));
        assert!(works, "{status}: {told}");
        assert_eq!(takes.asked(), [ABOUT, EMPTY]);
    }
}

#[test]
fn check_says_that_a_web_server_is_no_sms_gateway() {
    let html = "200 OK\r\nContent-Type: text/html\r\n\r\n<p>Welcome";
    for answer in
        [html, "404 Not Found", "405 Method Not Allowed", "301 Moved Permanently\r\nLocation: /", "204 No Content"]
    {
        let server = Forwarder::saying(move |_| answer.to_owned());
        let url = format!("http://{}", server.address);
        let settings =
            [("SMS_URL", url.as_str()), ("SMS_ACCOUNT", "AC0123"), ("SMS_TOKEN", "hunter2"), ("SMS_FROM", "Acme")]
                .map(|(name, value)| (format!("VESTIBULE_{name}"), value.to_owned()));
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (works, told) = check(&settings);
        assert!(!works && told.contains("VESTIBULE_SMS_URL names no gateway"), "{answer}: {told}");
        assert!(told.contains(&url) && !told.contains("hunter2"), "{answer}: {told}");
    }
}
