//! Logging in at a provider, against one that does what each case says: whether the login counts, the reason word where it
//! does not, and how often each endpoint was asked. The cases are those of the OpenID Foundation's suite for relying
//! parties, and those that this product adds.

mod answers;
mod azure;
mod callbacks;
mod claims;
mod conformance;
mod discovery;
mod keys;
mod tokens;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use vestibule::base::clock::Clock;
use vestibule::base::entropy::SystemEntropy;
use vestibule::base::public_url::PublicUrl;
use vestibule::platform::oidc::authorize::{self, AuthorizationRequest};
use vestibule::platform::oidc::discovery::{Draft, set_up};
use vestibule::platform::oidc::exchange::{Callback, Party, login};
use vestibule::platform::oidc::{Claims, ClientAuthentication, Configuration, Keys, Provider, Refused, Secret};
use vestibule::platform::outbound::{Allowances, Outbound, System};

use crate::support::client::redirect_of;
use crate::support::provider::{MockProvider, Tenant};

/// Where logins begin and end.
pub struct Desk {
    pub provider: MockProvider,
    pub outbound: Outbound,
    pub keys: Keys,
    pub secret: Secret,
    pub configuration: RefCell<Configuration>,
    runtime: tokio::runtime::Runtime,
}

/// The way a login ended: its subject, or the word of the reason.
pub type Ended = Result<String, &'static str>;

impl Desk {
    /// With the tenant "acme" set up.
    pub fn open() -> Self {
        Self::open_with(|_| {})
    }

    /// With the tenant "acme" changed before it is set up.
    pub fn open_with(change: impl FnOnce(&mut Tenant)) -> Self {
        let provider = MockProvider::start();
        provider.add("acme");
        provider.change("acme", change);
        let draft = draft(&provider, "acme");
        Self::over(provider, &draft)
    }

    /// With a draft set up.
    pub fn over(provider: MockProvider, draft: &Draft) -> Self {
        let outbound = outbound();
        let runtime = runtime();
        let configuration = runtime.block_on(set_up(&outbound, draft)).unwrap();
        provider.forget();
        Self {
            provider,
            outbound,
            keys: Keys::default(),
            secret: Secret::new("a+b%:c/"),
            configuration: RefCell::new(configuration),
            runtime,
        }
    }

    /// Changes "acme".
    pub fn change(&self, change: impl FnOnce(&mut Tenant)) -> &Self {
        self.provider.change("acme", change);
        self
    }

    /// Begins a login.
    pub fn begin(&self, max_age: Option<i64>) -> (String, AuthorizationRequest) {
        let public_url = PublicUrl::parse("https://id.example.org").unwrap();
        let now = self.provider.clock.now();
        authorize::begin(&self.configuration.borrow(), &self.secret, &public_url, &SystemEntropy, now, max_age).unwrap()
    }

    /// What the browser brings back from there.
    pub fn visit(&self, address: &str) -> String {
        let location = redirect_of(address);
        let back = location.strip_prefix("https://id.example.org/auth/oidc/callback?");
        back.unwrap_or_else(|| panic!("sent to {location}")).to_owned()
    }

    /// Ends a login.
    pub fn end(&self, request: &AuthorizationRequest, query: &str) -> Result<Claims, Refused> {
        self.runtime.block_on(self.ending(request, query))
    }

    async fn ending(&self, request: &AuthorizationRequest, query: &str) -> Result<Claims, Refused> {
        let configuration = self.configuration.borrow().clone();
        let party = Party {
            outbound: &self.outbound,
            keys: &self.keys,
            clock: &self.provider.clock,
            configuration: &configuration,
            secret: &self.secret,
        };
        login(party, request, &Callback::parse(query)?).await
    }

    /// A login from beginning to end.
    pub fn log_in(&self) -> Result<Claims, Refused> {
        let (address, request) = self.begin(None);
        let query = self.visit(&address);
        self.end(&request, &query)
    }

    /// How a login from beginning to end ended.
    pub fn ended(&self) -> Ended {
        word(self.log_in())
    }

    /// Several logins at once.
    pub fn log_in_together(&self, count: usize) -> Vec<Ended> {
        let requests: Vec<(AuthorizationRequest, String)> = (0..count)
            .map(|_| {
                let (address, request) = self.begin(None);
                let query = self.visit(&address);
                (request, query)
            })
            .collect();
        let all = futures_util::future::join_all(requests.iter().map(|(request, query)| self.ending(request, query)));
        self.runtime.block_on(all).into_iter().map(word).collect()
    }

    /// Begins, bends what the browser brings back, and ends.
    pub fn ended_with(&self, bend: impl FnOnce(String) -> String) -> Ended {
        let (address, request) = self.begin(None);
        let query = bend(self.visit(&address));
        word(self.end(&request, &query))
    }
}

/// The reason word, as the audit log holds it.
pub fn word(ended: Result<Claims, Refused>) -> Ended {
    ended.map(|claims| claims.subject).map_err(|refused| refused.reason.word())
}

/// The subject of the person at the mock provider.
pub fn mina() -> Ended {
    Ok("248289761001".into())
}

/// A client that may ask this machine, and gives up early.
pub fn outbound() -> Outbound {
    let allowances = Allowances::parse("127.0.0.1").unwrap();
    Outbound::over(allowances, Arc::new(System), Duration::from_secs(2))
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// What an owner types for a tenant of a standard provider.
pub fn draft(provider: &MockProvider, tenant: &str) -> Draft {
    let issuer = format!("{}/{tenant}", provider.origin());
    Draft {
        provider: Provider::Other,
        authorization_url: format!("{issuer}/authorize"),
        token_url: format!("{issuer}/token"),
        issuer: Some(issuer),
        client_id: "vestibule".into(),
        client_authentication: ClientAuthentication::Post,
        own_addresses: false,
    }
}

/// Sets a draft up.
pub fn try_out(draft: &Draft) -> Result<Configuration, Refused> {
    runtime().block_on(set_up(&outbound(), draft))
}
