//! The operator's commands, with the real binary beside a running server.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;
use vestibule::base::clock::{Clock, SystemClock};
use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::config::Config;
use vestibule::platform::secrets::Keyring;
use vestibule::platform::store::schema::audit_events;

use super::login::attempt;
use super::support::TestApp;
use super::support::people::PASSWORD;

/// A server at today's time, and the operator of its installation.
pub struct Operator {
    pub app: TestApp,
    pub keys: String,
}

impl Operator {
    pub fn of_a_server() -> Self {
        Self::of_a_server_with(|_| {})
    }

    pub fn of_a_server_with(change: impl FnOnce(&mut Config)) -> Self {
        let keys = Keyring::generate(&SystemEntropy);
        let app = TestApp::start_with(|config| {
            config.secret_keys = Keyring::parse(&keys).unwrap();
            change(config);
        });
        app.clock.advance(SystemClock.now().since(app.app.clock().now()));
        Self { app, keys }
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, b"")
    }

    /// Runs a command that reads `input`.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        // A command that refuses early may not read everything; what it says counts.
        drop(running.stdin.take().unwrap().write_all(input));
        running.wait_with_output().unwrap()
    }

    /// The command, with the settings of the server.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let folder = std::env::temp_dir().join(format!("vestibule-operator-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(arguments).env_clear().env("VESTIBULE_DATA_DIR", folder).env("VESTIBULE_LOG_FILTER", "error");
        command.env("DATABASE_URL", self.app.database.url()).env("VESTIBULE_SECRET_KEYS", &self.keys);
        command.env("VESTIBULE_LISTEN", "127.0.0.1:0");
        command
    }

    pub fn does(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn is_refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn recorded(&self, event: &str) -> Vec<(String, String)> {
        let rows = audit_events::table.filter(audit_events::event.eq(event)).order(audit_events::id);
        let rows = rows.select((audit_events::actor_kind, audit_events::details));
        rows.load(&mut self.app.database.connect()).unwrap()
    }
}

#[test]
fn organizations_are_listed_and_shown_for_people_and_for_scripts() {
    let operator = Operator::of_a_server();
    assert_eq!(operator.does(&["organization", "list"]), "There are no organizations.\n");
    operator.app.organization("zeta", "owner@zeta.example");
    operator.app.organization("acme", "owner@acme.example");
    operator.app.visitor().sign_up("waiting", "owner@waiting.example");

    let table = operator.does(&["organization", "list"]);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..2], ["NAME", "STATE"], "{table}");
    assert_eq!(rows[1][..5], ["acme", "active", "cloud", "account", "owner@acme.example"], "{table}");
    assert_eq!(rows[2][..3], ["waiting", "awaiting", "owner"], "{table}");
    assert_eq!(rows[3][0], "zeta", "{table}");

    let lines = operator.does(&["organization", "list", "--json"]);
    let parsed: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parsed.len(), 3);
    assert_eq!(parsed[1]["state"], "awaiting_owner");

    let shown = operator.does(&["organization", "show", "acme"]);
    assert!(shown.contains("1 active, 0 invited, 0 deactivated") && shown.contains("owner@acme.example"), "{shown}");
    let shown: Value = serde_json::from_str(&operator.does(&["organization", "show", "waiting", "--json"])).unwrap();
    assert_eq!((&shown["people"]["invited"], &shown["last_login_at"]), (&Value::from(1), &Value::Null));
    let shown = operator.does(&["organization", "show", "waiting"]);
    assert!(shown.contains("awaiting owner") && !shown.contains('_'), "{shown}");
    let refused = operator.is_refused(&["organization", "suspend", "waiting"]);
    assert!(refused.contains("waiting is awaiting owner, not active"), "{refused}");
    let refused = operator.is_refused(&["organization", "show", "nowhere"]);
    assert!(refused.contains("there is no organization named nowhere"), "{refused}");
}

/// Shows ASVS 7.4.2; attack 79.
#[test]
fn a_suspension_acts_on_the_next_request_and_can_be_taken_back() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner_of("acme", "owner@acme.example");
    let other = operator.app.owner_of("zeta", "owner@zeta.example");
    operator.does(&["organization", "suspend", "acme", "--reason", "unpaid since May"]);
    owner.open("/console").is_at("/login");
    other.open("/console").is_at("/console");
    assert_eq!(attempt(&operator.app.visitor(), "acme", "owner@acme.example", PASSWORD).status, 422);
    let twice = operator.is_refused(&["organization", "suspend", "acme"]);
    assert!(twice.contains("acme is suspended, not active"), "{twice}");

    operator.does(&["organization", "resume", "acme"]);
    owner.open("/console").is_at("/console");
    let suspended = operator.recorded("organization.suspended");
    assert_eq!(suspended.len(), 1);
    assert!(suspended[0].0 == "operator" && suspended[0].1.contains("unpaid since May"), "{suspended:?}");
    assert_eq!(operator.recorded("organization.resumed").len(), 1);
}

#[test]
fn a_locked_account_is_unlocked() {
    let operator = Operator::of_a_server();
    operator.app.organization("acme", "owner@acme.example");
    assert!(operator.does(&["user", "unlock", "acme", "owner@acme.example"]).contains("was not locked"));
    let stranger = operator.app.visitor().from("198.51.100.7");
    for _ in 0..5 {
        attempt(&stranger, "acme", "owner@acme.example", "a wrong password");
    }
    assert_eq!(attempt(&stranger, "acme", "owner@acme.example", PASSWORD).status, 429);
    assert!(operator.does(&["user", "unlock", "acme", "Owner@acme.example"]).contains("can try again"));
    assert_eq!(attempt(&stranger, "acme", "owner@acme.example", PASSWORD).status, 303);
    let refused = operator.is_refused(&["user", "unlock", "acme", "nobody@acme.example"]);
    assert!(refused.contains("acme has no user with the address nobody@acme.example"), "{refused}");
    assert_eq!(operator.recorded("account.unlocked").len(), 2);
}

/// Shows ASVS 6.4.6.
#[test]
fn a_password_is_reset_by_mail_or_by_a_printed_link() {
    let operator = Operator::of_a_server();
    operator.app.organization("acme", "owner@acme.example");
    operator.does(&["user", "reset-password", "acme", "owner@acme.example"]);
    // The command wrote at the machine's time, which has gone on since the test's clock was set.
    operator.app.clock.advance(Duration::minutes(1));
    operator.app.deliver();
    let mailed = operator.app.link_to("owner@acme.example", "new password");
    let printed = operator.does(&["user", "reset-password", "acme", "owner@acme.example", "--print"]);
    let path = printed.trim().strip_prefix("http://localhost:0");
    let visitor = operator.app.visitor();
    visitor.open(&mailed).sees("newer");
    visitor.open(path.expect("a link of the public URL"));
    visitor.fill("New password", "another long passphrase").fill("New password again", "another long passphrase");
    visitor.press("Set new password").is_at("/login/acme");
    visitor.log_in("acme", "owner@acme.example", "another long passphrase").is_at("/console");
}

#[test]
fn a_lost_phone_is_taken_out_of_an_account_and_its_user_is_told() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    let owner = app.owner();
    owner.set_up_authenticator();
    owner.open("/account").sees("10 of 10 left").sees("+82 10-2345-6789");
    let told = operator.does(&["user", "reset-second-factor", "acme", "owner@acme.example"]);
    assert!(told.contains("no second factor any more"), "{told}");
    owner.open("/account").sees("No mobile number").sees("Not set up");
    app.clock.advance(Duration::minutes(5));
    assert!(app.mail_to("owner@acme.example")[0].subject.contains("were reset"));
    let events = operator.recorded("factors.reset");
    assert_eq!((events.len(), events[0].0.as_str()), (1, "operator"));
    operator.is_refused(&["user", "reset-second-factor", "acme", "nobody@acme.example"]);
}

#[test]
fn what_a_command_cannot_do_is_refused_by_its_cause() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner();
    owner.open("/iam/users/new").fill("Email", "una@acme.example").fill("Name", "Una").press("Register");
    let told = operator.is_refused(&["organization", "recover", "acme", "--owner", "una@acme.example"]);
    assert!(told.contains("una@acme.example has not accepted the invitation"), "{told}");
    let told = operator.is_refused(&["user", "unlock", "nosuch", "una@acme.example"]);
    assert!(told.contains("there is no organization named nosuch"), "{told}");
    operator.app.database.execute("UPDATE organizations SET login_method = 'idp_account'");
    for email in ["una@acme.example", "owner@acme.example"] {
        let told = operator.is_refused(&["user", "reset-password", "acme", email, "--print"]);
        assert!(told.contains("identity provider and need no password"), "{told}");
    }
    operator.app.deliver();
}
