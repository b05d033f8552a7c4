//! The protocol against a certified provider and a real browser, without a page of ours: whoever logs in there comes back with a
//! code, and the code becomes verified claims.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::Value;
use vestibule::base::clock::Clock;
use vestibule::base::entropy::SystemEntropy;
use vestibule::base::public_url::PublicUrl;
use vestibule::platform::oidc::authorize::{self, AuthorizationRequest};
use vestibule::platform::oidc::discovery::{Draft, set_up};
use vestibule::platform::oidc::exchange::{Callback, Party, login};
use vestibule::platform::oidc::{self, Claims, ClientAuthentication, Configuration, Keys, Reason, Refused, Secret};
use vestibule::platform::outbound::{Allowances, Outbound};

use crate::provider::{Account, Options, Provider, at_its_address};
use crate::support::TestApp;
use crate::window::Window;

const MINA: &str = "mina@acme.example";

#[test]
fn people_log_in_whichever_way_the_client_shows_its_secret() {
    let app = TestApp::start();
    let mut trial = Trial::with(&app, |options| options.accounts[0].name = Some("Mina 민아".into()));
    for (method, algorithm, everything_in_id_token) in
        [(ClientAuthentication::Post, "RS256", false), (ClientAuthentication::Basic, "ES256", true)]
    {
        trial.change(|options| {
            options.client_authentication = method;
            options.algorithm = algorithm;
            options.everything_in_id_token = everything_in_id_token;
        });
        let mina = Window::open(&app);
        let request = trial.begin(&mina, None);
        trial.provider.asks(&mina);
        // The provider's page is like one of ours to those who write tests.
        mina.sees("Log in at the provider").fill("Login name", "nobody").press("Log in").sees("Nobody here has this");
        trial.provider.log_in(&mina, MINA);
        let claims = trial.end(&request).unwrap();
        assert_eq!(claims.issuer, trial.provider.issuer());
        assert_eq!(claims.subject, format!("subject of {MINA}"));
        assert_eq!((claims.email.as_deref(), claims.email_verified), (Some(MINA), true), "{method:?}");
        assert_eq!(claims.name.as_deref(), Some("Mina 민아"));
        assert_eq!(claims.auth_time, None, "nobody asked");
    }
    // What does not belong together fails: the provider expects Basic, and is shown the secret otherwise.
    trial.configuration.client_authentication = ClientAuthentication::Post;
    let mina = Window::open(&app);
    let request = trial.begin(&mina, None);
    trial.provider.log_in(&mina, MINA);
    assert_eq!(trial.refused(&request), Reason::InvalidClient);
}

#[test]
fn a_provider_asks_again_for_a_fresh_login_and_may_keep_when_it_was_to_itself() {
    let app = TestApp::start();
    let mut trial = Trial::with(&app, |_| {});
    let mina = Window::open(&app);
    let request = trial.begin(&mina, Some(600));
    trial.provider.log_in(&mina, MINA);
    let first = app.clock.now();
    assert_eq!(trial.end(&request).unwrap().auth_time, Some(first));

    mina.later(chrono::Duration::minutes(9));
    let request = trial.begin(&mina, None);
    trial.provider.has_let_go_of(&mina);
    trial.end(&request).expect("she is known there and was not asked");

    mina.later(chrono::Duration::minutes(2));
    let request = trial.begin(&mina, Some(600));
    trial.provider.log_in(&mina, MINA);
    assert_eq!(trial.end(&request).unwrap().auth_time, Some(app.clock.now()), "she was asked again");

    trial.change(|options| options.tells_auth_time = false);
    let request = trial.begin(&mina, Some(600));
    trial.provider.log_in(&mina, MINA);
    assert_eq!(trial.end(&request).unwrap().auth_time, None);
}

#[test]
fn a_provider_changes_its_keys_goes_away_and_comes_back_with_other_people() {
    let app = TestApp::start();
    let mut trial = Trial::with(&app, |_| {});
    let mina = Window::open(&app);
    let request = trial.begin(&mina, None);
    trial.provider.log_in(&mina, MINA);
    trial.end(&request).unwrap();
    trial.provider.rotate_keys();
    let request = trial.begin(&mina, None);
    trial.provider.has_let_go_of(&mina);
    trial.end(&request).expect("keys are fetched anew for one that is not known");

    let request = trial.begin(&mina, None);
    trial.provider.has_let_go_of(&mina);
    trial.provider.stop();
    assert_eq!(trial.refused(&request), Reason::Network);
    assert!(trial.configured().unwrap_err().network.is_some());

    let before = trial.provider.issuer();
    let mut jun = Account::of("jun@acme.example");
    jun.email_verified = Some(false);
    trial.provider.options.accounts = vec![jun];
    trial.provider.restart();
    assert_eq!(trial.provider.issuer(), before);
    // It has other keys now; that it was asked for some a moment ago counts.
    mina.later(chrono::Duration::minutes(2));
    let request = trial.begin(&mina, None);
    trial.provider.asks(&mina);
    mina.fill("Login name", MINA).press("Log in").sees("Nobody here has this");
    trial.provider.log_in(&mina, "jun@acme.example");
    let claims = trial.end(&request).unwrap();
    assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("jun@acme.example"), false));
}

#[test]
fn a_provider_sends_people_back_to_where_the_application_is() {
    let app = TestApp::start_with(at_its_address);
    let provider = Provider::start(&app.clock, Options::of(&app, &[MINA]));
    let secret = Secret::new(&provider.options.secret);
    let configuration = app.wait(set_up(&app.app.outbound, &draft(&provider))).unwrap();
    let public_url = &app.app.config.public_url;
    for cancels in [false, true] {
        let mina = Window::open(&app);
        let now = app.clock.now();
        let (address, _) = authorize::begin(&configuration, &secret, public_url, &SystemEntropy, now, None).unwrap();
        mina.visit(&address);
        if cancels {
            provider.cancel(&mina)
        } else {
            provider.log_in(&mina, MINA)
        }
        assert_eq!(mina.origin(), public_url.origin());
    }
}

#[test]
fn a_person_may_think_better_of_it() {
    let app = TestApp::start();
    let trial = Trial::with(&app, |_| {});
    let mina = Window::open(&app);
    let request = trial.begin(&mina, None);
    trial.provider.cancel(&mina);
    assert_eq!(trial.refused(&request), Reason::Denied);
}

/// npm takes what the lock file says and compares digests. None of it runs outside tests.
#[test]
fn the_provider_is_installed_by_digest_and_from_packages_under_permissive_licences() {
    let lock = include_str!("provider/package-lock.json");
    let lock: Value = serde_json::from_str(lock).unwrap();
    let mut licences = BTreeSet::new();
    for (path, package) in lock["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty()) {
        let integrity = package["integrity"].as_str().unwrap_or_default();
        assert!(integrity.starts_with("sha512-"), "{path}: {integrity:?}");
        // Its licence stands in its Readme.
        let known = if path == "node_modules/only" { Some("MIT") } else { package["license"].as_str() };
        licences.insert(known.unwrap_or_else(|| panic!("{path} says no licence")));
    }
    assert_eq!(licences, BTreeSet::from(["BSD-2-Clause", "ISC", "MIT"]));
}

/// A provider, and where it sends people back to.
struct Trial<'a> {
    app: &'a TestApp,
    provider: Provider,
    door: Door,
    outbound: Outbound,
    keys: Keys,
    configuration: Configuration,
}

impl<'a> Trial<'a> {
    fn with(app: &'a TestApp, change: impl FnOnce(&mut Options)) -> Self {
        let door = Door::open();
        let mut options = Options::sending_back_to(&door.public_url, &[MINA]);
        change(&mut options);
        let provider = Provider::start(&app.clock, options);
        let outbound = Outbound::new(Allowances::parse("127.0.0.1").unwrap());
        let configuration = app.wait(set_up(&outbound, &draft(&provider))).unwrap();
        Self { app, provider, door, outbound, keys: Keys::default(), configuration }
    }

    fn change(&mut self, change: impl FnOnce(&mut Options)) {
        self.provider.change(change);
        self.configuration = self.configured().unwrap();
    }

    fn configured(&self) -> Result<Configuration, Refused> {
        self.app.wait(set_up(&self.outbound, &draft(&self.provider)))
    }

    /// Sends a window to the provider.
    fn begin(&self, window: &Window<'_>, max_age: Option<i64>) -> AuthorizationRequest {
        let (secret, now) = (Secret::new(&self.provider.options.secret), self.app.clock.now());
        let begun = authorize::begin(&self.configuration, &secret, &self.door.public_url, &SystemEntropy, now, max_age);
        let (address, request) = begun.unwrap();
        window.visit(&address);
        request
    }

    /// What becomes of what the window brought back.
    fn end(&self, request: &AuthorizationRequest) -> Result<Claims, Refused> {
        let query = self.door.brought.recv_timeout(Duration::from_secs(15)).expect("somebody who comes back");
        let party = Party {
            outbound: &self.outbound,
            keys: &self.keys,
            clock: &self.app.clock,
            configuration: &self.configuration,
            secret: &Secret::new(&self.provider.options.secret),
        };
        self.app.wait(login(party, request, &Callback::parse(&query)?))
    }

    fn refused(&self, request: &AuthorizationRequest) -> Reason {
        self.end(request).expect_err("a refusal").reason
    }
}

/// What an owner types; the issuer is found.
fn draft(provider: &Provider) -> Draft {
    Draft {
        provider: oidc::Provider::Other,
        issuer: None,
        authorization_url: provider.authorization_url(),
        token_url: provider.token_url(),
        client_id: provider.options.client_id.clone(),
        client_authentication: provider.options.client_authentication,
        own_addresses: false,
    }
}

/// Stands where the application would, so that no page takes what people bring before the test sees it.
struct Door {
    public_url: PublicUrl,
    brought: Receiver<String>,
}

impl Door {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (bring, brought) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let bring = bring.clone();
                // Browsers open connections on which they say nothing.
                std::thread::spawn(move || take(stream, &bring));
            }
        });
        Self { public_url: PublicUrl::parse(&format!("http://localhost:{port}")).unwrap(), brought }
    }
}

fn take(mut stream: TcpStream, bring: &Sender<String>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines().map_while(Result::ok);
    let first = lines.next()?;
    lines.find(String::is_empty)?;
    if let Some((query, _)) = first.strip_prefix("GET /auth/oidc/callback?").and_then(|rest| rest.split_once(' ')) {
        bring.send(query.to_owned()).ok()?;
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\nBack";
    stream.write_all(answer).ok()
}
