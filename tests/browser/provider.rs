//! A certified OpenID provider that people log in at with their browser: npm's `oidc-provider`, run by Node on loopback
//! (`provider/server.mjs`). It lives by the test's clock and is gone with the test.
//!
//! It is at `127.0.0.1` and the application at `localhost`: to a browser two sites, as they are in the world, which share
//! no cookie.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vestibule::base::clock::Clock;
use vestibule::base::moment::Moment;
use vestibule::base::public_url::PublicUrl;
use vestibule::platform::config::Config;
use vestibule::platform::oidc::{ClientAuthentication, authorize};
use vestibule::platform::outbound::Allowances;

use crate::support::{ManualClock, TestApp};
use crate::window::Window;

/// Settings with which the application listens where its public URL says, so that a provider can send browsers back to
/// it, and may ask loopback: `TestApp::start_with(at_its_address)`.
pub fn at_its_address(config: &mut Config) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
    config.listen = ([127, 0, 0, 1], port).into();
    config.public_url = PublicUrl::parse(&format!("http://localhost:{port}")).unwrap();
    config.outbound = Allowances::parse("127.0.0.1").unwrap();
}

/// Somebody whom the provider knows.
#[derive(Clone, Debug)]
pub struct Account {
    /// What they type there; any password will do.
    pub login: String,
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub name: Option<String>,
}

impl Account {
    /// Who types their own address, which the provider has verified.
    pub fn of(email: &str) -> Self {
        Self {
            login: email.to_owned(),
            subject: format!("subject of {email}"),
            email: Some(email.to_owned()),
            email_verified: Some(true),
            name: None,
        }
    }

    fn told(&self) -> Value {
        let Self { login, subject, email, email_verified, name } = self;
        let mut claims = json!({ "sub": subject, "email": email, "email_verified": email_verified, "name": name });
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        json!({ "login": login, "claims": claims })
    }
}

/// What the provider is to be.
#[derive(Clone, Debug)]
pub struct Options {
    pub client_id: String,
    pub secret: String,
    pub redirect_uri: String,
    pub client_authentication: ClientAuthentication,
    pub accounts: Vec<Account>,
    /// Whether it says when somebody logged in, where that was asked by `max_age`.
    pub tells_auth_time: bool,
    /// Whether address and name are in the ID token, too, and not told by userinfo alone.
    pub everything_in_id_token: bool,
    /// How ID tokens are signed: RS256 or ES256.
    pub algorithm: &'static str,
    /// Whether it lets people in by an earlier login, whatever it is asked.
    pub ignores_max_age: bool,
    /// Claims of the ID token in the place of its own.
    pub id_token: Value,
    /// By which name its keys go, whichever they are; by their own where there is none.
    pub key_id: Option<&'static str>,
    /// Whether its keys are published only to those who name the client (`?appid=`).
    pub keys_by_client: bool,
}

impl Options {
    /// With the application as its client, and these people.
    pub fn of(app: &TestApp, people: &[&str]) -> Self {
        Self::sending_back_to(&app.app.config.public_url, people)
    }

    /// With a client that has this public URL, and these people.
    pub fn sending_back_to(public_url: &PublicUrl, people: &[&str]) -> Self {
        Self {
            // Signs that mean something in URLs, forms and HTTP Basic.
            client_id: "vestibule & co".into(),
            secret: "a+b%:c/&='~".into(),
            redirect_uri: authorize::redirect_uri(public_url),
            client_authentication: ClientAuthentication::Post,
            accounts: people.iter().map(|email| Account::of(email)).collect(),
            tells_auth_time: true,
            everything_in_id_token: false,
            algorithm: "RS256",
            ignores_max_age: false,
            id_token: json!({}),
            key_id: None,
            keys_by_client: false,
        }
    }
}

/// The provider.
pub struct Provider {
    pub options: Options,
    port: u16,
    /// How often its keys were rotated.
    rotations: u32,
    clock: ManualClock,
    process: Arc<Mutex<Option<Process>>>,
}

impl Provider {
    /// Starts it; it answers when this returns.
    pub fn start(clock: &ManualClock, options: Options) -> Self {
        let process: Arc<Mutex<Option<Process>>> = Arc::default();
        let following = process.clone();
        let tell = move |now| {
            if let Some(process) = following.lock().unwrap().as_mut() {
                process.tell(now, &Value::Null);
            }
        };
        clock.followers.0.lock().unwrap().push(Box::new(tell));
        let mut provider = Self { options, port: 0, rotations: 0, clock: clock.clone(), process };
        provider.restart();
        provider
    }

    /// Who it says it is.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where people are sent.
    pub fn authorization_url(&self) -> String {
        format!("{}/authorize", self.issuer())
    }

    /// Where codes become tokens.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.issuer())
    }

    /// Takes it away: nobody answers at its address any more.
    pub fn stop(&self) {
        drop(self.process.lock().unwrap().take());
    }

    /// Starts it again at the same address with `options` as they are now. It has other keys and forgot who was logged in.
    pub fn restart(&mut self) {
        self.stop();
        *self.process.lock().unwrap() = Some(Process::start());
        self.port = self.set_up();
    }

    /// Changes it while it runs; it keeps its keys and who is logged in.
    pub fn change(&mut self, change: impl FnOnce(&mut Options)) {
        change(&mut self.options);
        self.set_up();
    }

    /// From now on it signs with keys it did not publish before, and publishes no others.
    pub fn rotate_keys(&mut self) {
        self.rotations += 1;
        self.set_up();
    }

    fn set_up(&self) -> u16 {
        let options = &self.options;
        let method = match options.client_authentication {
            ClientAuthentication::Post => "client_secret_post",
            ClientAuthentication::Basic => "client_secret_basic",
        };
        let told = json!({
            "port": self.port,
            "client_id": options.client_id,
            "client_secret": options.secret,
            "redirect_uri": options.redirect_uri,
            "token_endpoint_auth_method": method,
            "accounts": options.accounts.iter().map(Account::told).collect::<Vec<_>>(),
            "tells_auth_time": options.tells_auth_time,
            "everything_in_id_token": options.everything_in_id_token,
            "algorithm": options.algorithm,
            "keys": self.rotations,
            "ignores_max_age": options.ignores_max_age,
            "id_token": options.id_token,
            "kid": options.key_id,
            "keys_of": options.keys_by_client.then_some(&options.client_id),
        });
        self.process.lock().unwrap().as_mut().expect("a running provider").tell(self.clock.now(), &told)
    }

    // --- What a person does there ---

    /// Logs in at the provider, to which the window is on its way; it leads the window back.
    #[track_caller]
    pub fn log_in(&self, window: &Window<'_>, login: &str) {
        self.asks(window);
        window.fill("Login name", login).fill("Password", "any will do").press("Log in");
        self.has_let_go_of(window);
    }

    /// Goes back from the provider without logging in.
    #[track_caller]
    pub fn cancel(&self, window: &Window<'_>) {
        self.asks(window);
        window.press("Cancel");
        self.has_let_go_of(window);
    }

    /// Waits for the provider's login page.
    #[track_caller]
    pub fn asks(&self, window: &Window<'_>) {
        let there = window.until(|| window.origin() == self.issuer() && window.path().starts_with("/login/"));
        assert!(there, "this is not where one logs in at the provider\n{}", window.describe());
        window.settle();
    }

    /// Waits until the window is elsewhere.
    #[track_caller]
    pub fn has_let_go_of(&self, window: &Window<'_>) {
        let gone = window.until(|| !["", &self.issuer()].contains(&window.origin().as_str()));
        assert!(gone, "this is still the provider\n{}", window.describe());
        window.settle();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // A test that failed may have left the lock poisoned; the process is ended all the same.
        drop(self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
    }
}

/// Node with the server: told what to be in lines, each of which it answers.
struct Process {
    child: Child,
    told: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Process {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        assert!(folder.join("node_modules").is_dir(), "the provider is not installed: scripts/test tools");
        let mut child = Command::new("node")
            .arg(folder.join("server.mjs"))
            .env_remove("NODE_OPTIONS")
            .env_remove("DEBUG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|cause| panic!("node: {cause}"));
        let told = child.stdin.take().expect("a pipe");
        let said = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, told, said }
    }

    /// Tells it the time and, if they changed, its options; gives its port when it lives by them.
    fn tell(&mut self, now: Moment, options: &Value) -> u16 {
        writeln!(self.told, "{}", json!({ "now": now.millis(), "options": options })).expect("a provider that listens");
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).expect("a provider that runs: see what it said above");
        answer["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
