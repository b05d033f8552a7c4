//! An organization whose people log in through its own provider: setting up, trial, confirmation, and all that can go wrong
//! on the way.

mod callbacks;
mod causes;
mod crossing;
mod entra;
mod login;
mod policies;
mod providers;
mod refusals;
mod repair;
mod setup;
mod trial;

use std::ops::Deref;

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;
use vestibule::access::Roles;
use vestibule::platform::config::Config;
use vestibule::platform::outbound::Allowances;
use vestibule::platform::store::schema::{audit_events, organizations, sessions};

use crate::operator::Operator;
use crate::support::client::redirect_of;
use crate::support::provider::MockProvider;
use crate::support::{Person, TestApp};

pub const OWNER: &str = "owner@acme.example";
pub const SETTINGS: &str = "/iam/organization/account/idp";
pub const TRIAL: &str = "/iam/organization/account/idp/trial";

/// An organization "acme", and a provider with a tenant of that name in which its owner is logged in.
pub struct Company {
    pub operator: Operator,
    pub provider: MockProvider,
}

impl Deref for Company {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.operator.app
    }
}

impl Company {
    pub fn open() -> Self {
        Self::open_with(|_| {})
    }

    pub fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let operator = Operator::of_a_server_with(|config| {
            config.outbound = Allowances::parse("127.0.0.1").unwrap();
            change(config);
        });
        let app = &operator.app;
        app.organization("acme", OWNER);
        let provider = MockProvider::start_by(app.clock.clone());
        provider.add("acme");
        provider.seat("acme", "owner-1", OWNER);
        let company = Self { operator, provider };
        company.tells_auth_time("acme", true);
        company
    }

    /// Whether a tenant tells when somebody logged in: at this very moment, when it does.
    pub fn tells_auth_time(&self, tenant: &str, tells: bool) {
        let clock = self.operator.app.clock.clone();
        self.provider.change(tenant, move |tenant| {
            tenant.claims = std::sync::Arc::new(move |claims| {
                use vestibule::base::clock::Clock;
                if tells {
                    claims.insert("auth_time".into(), json!(clock.now().millis() / 1000));
                }
            });
        });
    }

    /// Somebody with the session of a password.
    pub fn by_password(&self, organization: &str, email: &str) -> Person<'_> {
        let person = self.operator.app.visitor();
        person.log_in(organization, email, crate::support::people::PASSWORD);
        person.is_at("/console");
        person
    }

    /// From the page that leaves to the provider, and back to where it sends the browser.
    pub fn travels(&self, person: &Person<'_>) {
        person.is_at("/auth/oidc");
        let address = person.page().link("Continue").expect("the way to the provider");
        person.open(&self.back(&address));
    }

    /// Where the provider sends a browser back to.
    pub fn back(&self, address: &str) -> String {
        let location = redirect_of(address);
        let path = location.strip_prefix(self.app.config.public_url.origin());
        path.unwrap_or_else(|| panic!("sent to {location}")).to_owned()
    }

    /// Fills the form in for a tenant and makes the integration test.
    pub fn tests(&self, owner: &Person<'_>, tenant: &str) {
        self.fills(owner, tenant);
        owner.press("IdP integration test");
        self.travels(owner);
    }

    /// Fills the form in for a tenant.
    pub fn fills(&self, owner: &Person<'_>, tenant: &str) {
        let issuer = format!("{}/{tenant}", self.provider.origin());
        owner.open(SETTINGS).is_at(SETTINGS);
        owner.tick("Other OpenID Connect provider").tick("POST body");
        owner.fill("Authorization URL", &format!("{issuer}/authorize")).fill("Token URL", &format!("{issuer}/token"));
        owner.fill("Client ID", "vestibule").fill("Client Secret", "a+b%:c/").fill("Issuer URL", &issuer);
    }

    /// Ten new recovery codes of the owner.
    pub fn codes(&self, owner: &Person<'_>) -> Vec<String> {
        owner.open(&format!("{SETTINGS}/recovery-codes")).press("Make new recovery codes").gets(200);
        owner.page().all(".codes li").into_iter().map(crate::support::page::words).collect()
    }

    /// From the form to a running trial.
    pub fn starts_trial(&self, owner: &Person<'_>, organization: &str, tenant: &str) -> Vec<String> {
        self.tests(owner, tenant);
        owner.is_at(&format!("{SETTINGS}/test")).sees("The test passed");
        let codes = self.codes(owner);
        owner.open(TRIAL).fill("One of your recovery codes", &codes[0]).fill("Organization name", organization);
        owner.press("Save").is_at(TRIAL).sees("Log in through the IdP to confirm");
        codes
    }

    /// From nothing to a provider in force; gives the owner's session through it and the recovery codes.
    pub fn goes_over(&self) -> (Person<'_>, Vec<String>) {
        self.takes_over("acme", "acme")
    }

    /// The same for any organization of the owner and any tenant.
    pub fn takes_over(&self, organization: &str, tenant: &str) -> (Person<'_>, Vec<String>) {
        let owner = self.by_password(organization, OWNER);
        let codes = self.starts_trial(&owner, organization, tenant);
        owner.press("Log in through the IdP");
        self.travels(&owner);
        owner.is_at("/console").sees("The IdP integration is in force");
        (owner, codes)
    }

    /// Names the organization on the login page and goes through its provider.
    pub fn logs_in(&self, person: &Person<'_>, organization: &str) {
        person.open("/login").fill("Organization name", organization).press("Next");
        self.travels(person);
    }

    /// Somebody registered by an invitation that was accepted, so with a password.
    pub fn colleague(&self, email: &str) -> Person<'_> {
        self.operator.app.colleague("acme", email, Roles::default())
    }

    /// An event of a kind: how it ended, why, and its reference code. The newest of all, and how many there are.
    pub fn newest(&self, kind: &str) -> (usize, String, String, String) {
        let rows = audit_events::table.filter(audit_events::event.eq(kind.to_owned())).order(audit_events::id);
        let rows = rows.select((audit_events::result, audit_events::reason, audit_events::reference));
        let all: Vec<(String, Option<String>, String)> = rows.load(&mut self.database.connect()).unwrap();
        let (result, reason, reference) = all.last().cloned().unwrap_or_default();
        (all.len(), result, reason.unwrap_or_default(), reference)
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> i64 {
        sessions::table.count().get_result(&mut self.database.connect()).unwrap()
    }

    pub fn method(&self) -> String {
        organizations::table
            .filter(organizations::name.eq("acme"))
            .select(organizations::login_method)
            .first(&mut self.operator.app.database.connect())
            .unwrap()
    }

    /// How the events of a kind ended, with their reasons.
    pub fn events(&self, kind: &str) -> Vec<(String, Option<String>)> {
        let rows = audit_events::table.filter(audit_events::event.eq(kind.to_owned())).order(audit_events::id);
        rows.select((audit_events::result, audit_events::reason))
            .load(&mut self.operator.app.database.connect())
            .unwrap()
    }

    pub fn advances(&self, minutes: i64) {
        self.operator.app.clock.advance(Duration::minutes(minutes));
    }
}

/// An ending with a reason.
pub fn ended(result: &str, reason: &str) -> (String, Option<String>) {
    (result.to_owned(), Some(reason.to_owned()).filter(|reason| !reason.is_empty()))
}
