//! The operator's forward proxy to the internet: who is asked through it, and that no other is.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::{Arc, Mutex};

use vestibule::config::{Config, Twilio};
use vestibule::outbound::{Allowances, Proxy};

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
                let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// Asks a provider for what it publishes, and the gateway for an SMS.
fn asks_both(app: &TestApp, owner: &Person<'_>, issuer: &str) -> vestibule::mail::Delivered {
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

/// Where a proxy of the environment is the only way out, nothing would be reached: it is named before that.
#[test]
fn check_names_a_proxy_that_is_not_used() {
    let database = super::support::database::Database::create();
    let folder = std::env::temp_dir().join(format!("vestibule-proxy-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let check = |settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.arg("check").env_clear().env("VESTIBULE_DATA_DIR", &folder).env("DATABASE_URL", database.url());
        let output = command.envs(settings.iter().copied()).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (works, told) = check(&[("https_proxy", "http://user:hunter2@proxy.example:3128")]);
    assert!(works && told.contains("https_proxy is set and not used") && !told.contains("hunter2"), "{told}");
    let (works, told) = check(&[
        ("https_proxy", "http://proxy.example:3128"),
        ("VESTIBULE_OUTBOUND_PROXY", "http://user:hunter2@proxy.example:3128"),
    ]);
    assert!(works && told.contains("through http://proxy.example:3128") && !told.contains("not used"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    let (works, _) = check(&[("VESTIBULE_OUTBOUND_PROXY", "socks5://proxy.example")]);
    assert!(!works);
}
