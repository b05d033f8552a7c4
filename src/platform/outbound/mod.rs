//! Requests to addresses that an administrator supplied: https to public addresses alone, unless the operator allows more
//! (ASVS 1.3.6, 13.2.4, 13.2.6).
//!
//! The address that was checked is the one that is dialled: names pass through a resolver that refuses, and what needs no
//! resolver is looked at before. Nothing is redirected, decompressed, kept open or sent twice. A proxy is asked only where
//! the operator set one: it resolves names by itself, so a name is looked at here as well as this machine can resolve it.

mod address;
mod allowances;
mod forbidden;
mod guard;
mod limits;
mod proxy;

pub use address::forbidden;
pub use allowances::{Allowances, Trust};
pub use forbidden::Forbidden;
pub use guard::{Looking, Network, System};
pub use limits::{LARGEST, LONGEST};
pub use proxy::{Proxy, through};

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde::{Deserialize, Serialize};

use crate::base::cause::chain;
use crate::base::i18n::Text;
use guard::Guard;
use limits::LOOK;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum OutboundError {
    /// The address is not to be asked.
    #[error("the address is refused: {0}")]
    Refused(Forbidden),
    /// No such name, nobody there, or the connection broke.
    #[error("unreachable")]
    Unreachable,
    /// TLS could not be agreed on, or the certificate is not valid.
    #[error("no trusted TLS connection")]
    Tls,
    /// It took longer than an exchange may.
    #[error("too slow")]
    TooSlow,
    /// More bytes than are read.
    #[error("too large")]
    TooLarge,
    /// The answer leads elsewhere.
    #[error("redirected")]
    Redirected,
    /// The server answered that it cannot answer now: 429, or a status from 500 on.
    #[error("failing with status {0}")]
    Failing(u16),
}

impl OutboundError {
    /// An answer, unless its status says that the server cannot answer now.
    pub fn unless_failing(answer: Answer) -> Result<Answer, Self> {
        if answer.status == 429 || answer.status >= 500 { Err(Self::Failing(answer.status)) } else { Ok(answer) }
    }

    /// The word that the audit log holds.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::TooSlow => "too_slow",
            Self::TooLarge => "too_large",
            Self::Redirected => "redirected",
            Self::Failing(_) => "failing",
        }
    }

    /// What an error of the audit log means, in words.
    pub fn label(word: &str) -> Option<&'static str> {
        let known = [
            ("refused", "outbound-refused"),
            ("unreachable", "outbound-unreachable"),
            ("tls", "outbound-tls"),
            ("too_slow", "outbound-too-slow"),
            ("too_large", "outbound-too-large"),
            ("redirected", "outbound-redirected"),
            ("failing", "outbound-failing-somehow"),
        ];
        known.iter().find(|(name, _)| *name == word).map(|(_, label)| *label)
    }

    /// Whether it may be over in some minutes without a change.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable | Self::TooSlow | Self::Failing(_))
    }
}

impl From<Forbidden> for Text {
    fn from(why: Forbidden) -> Self {
        Self::new(match why {
            Forbidden::NotAnAddress => "outbound-not-an-address",
            Forbidden::NotHttps => "outbound-not-https",
            Forbidden::UserInfo => "outbound-user-info",
            Forbidden::Fragment => "outbound-fragment",
            Forbidden::Port => "outbound-port",
            Forbidden::NotPublic => "outbound-not-public",
        })
    }
}

impl From<OutboundError> for Text {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Refused(why) => why.into(),
            OutboundError::Unreachable => Self::new("outbound-unreachable"),
            OutboundError::Tls => Self::new("outbound-tls"),
            OutboundError::TooSlow => Self::new("outbound-too-slow"),
            OutboundError::TooLarge => Self::new("outbound-too-large"),
            OutboundError::Redirected => Self::new("outbound-redirected"),
            OutboundError::Failing(status) => Self::new("outbound-failing").with("status", i64::from(status)),
        }
    }
}

/// What came back.
#[derive(Clone)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// The content type in lower case, without its parameters.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    /// Without the body, which may hold tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} {}, {} bytes)", self.status, self.content_type, self.body.len())
    }
}

/// The client. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Outbound {
    allowances: Arc<Allowances>,
    network: Arc<dyn Network>,
    longest: Duration,
    proxy: Option<Proxy>,
    clients: Arc<Clients>,
}

/// Made at first use: each reads all certificate authorities of the system, which would make every start wait.
#[derive(Debug, Default)]
struct Clients {
    public: OnceLock<Client>,
    plain: OnceLock<Client>,
    named: OnceLock<Client>,
}

impl Outbound {
    /// A client over the system's network.
    pub fn new(allowances: Allowances) -> Self {
        Self::over(allowances, Arc::new(System), LONGEST)
    }

    /// A client over another network, and with another limit of time.
    pub fn over(allowances: Allowances, network: Arc<dyn Network>, longest: Duration) -> Self {
        Self { allowances: Arc::new(allowances), network, longest, proxy: None, clients: Arc::default() }
    }

    /// The same through a proxy, where there is one.
    pub fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy, clients: Arc::default(), ..self }
    }

    /// Whether an address may be asked, as far as it can be said without asking for it.
    pub fn check(&self, address: &str) -> Result<url::Url, Forbidden> {
        self.allowances.admit(address).map(|(url, _)| url)
    }

    /// Asks for JSON, with a bearer token if there is one.
    pub async fn get(&self, address: &str, bearer: Option<&str>) -> Result<Answer, OutboundError> {
        let (client, url) = self.client(address).await?;
        let request = client.get(url).header(ACCEPT, "application/json");
        let authorization = bearer.map(|token| format!("Bearer {token}"));
        self.exchange(authorized(request, authorization)?).await
    }

    /// Posts a form, with an `Authorization` header if there is one. It is sent once, whatever happens.
    pub async fn post(
        &self,
        address: &str,
        authorization: Option<String>,
        form: String,
    ) -> Result<Answer, OutboundError> {
        let (client, url) = self.client(address).await?;
        let request = client.post(url).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        self.exchange(authorized(request, authorization)?).await
    }

    async fn client(&self, address: &str) -> Result<(&Client, url::Url), OutboundError> {
        let (url, trust) = self.allowances.admit(address).map_err(OutboundError::Refused)?;
        if self.proxy_for(trust).is_some() {
            self.look(&url).await?;
        }
        let place = match trust {
            Trust::Public => &self.clients.public,
            Trust::Plain => &self.clients.plain,
            Trust::Named => &self.clients.named,
        };
        if let Some(client) = place.get() {
            return Ok((client, url));
        }
        let client = self.build(trust).map_err(|cause| {
            tracing::error!(cause = chain(&cause), "no HTTP client can be made");
            OutboundError::Tls
        })?;
        Ok((place.get_or_init(|| client), url))
    }

    /// What the operator allows beyond https to the public internet is in reach, and asked directly.
    fn proxy_for(&self, trust: Trust) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| trust == Trust::Public)
    }

    /// Refuses a name that leads to what is not public, as far as this machine can tell; where it cannot, the proxy decides.
    async fn look(&self, url: &url::Url) -> Result<(), OutboundError> {
        let Some(url::Host::Domain(host)) = url.host() else {
            return Ok(());
        };
        let found = tokio::time::timeout(LOOK, self.network.lookup(host.to_owned())).await;
        let found = found.ok().and_then(Result::ok).unwrap_or_default();
        let passes = found.iter().all(|address| self.allowances.passes(Trust::Public, *address));
        if passes { Ok(()) } else { Err(OutboundError::Refused(Forbidden::NotPublic)) }
    }

    fn build(&self, trust: Trust) -> Result<Client, reqwest::Error> {
        let proxy = self.proxy_for(trust);
        // With a proxy the only name that is resolved is the proxy's own, which the operator set.
        let resolved = if proxy.is_some() { Trust::Named } else { trust };
        let guard = Guard::new(self.allowances.clone(), self.network.clone(), resolved);
        through(Client::builder(), proxy)?
            .dns_resolver(Arc::new(guard))
            .redirect(Policy::none())
            .timeout(self.longest)
            // A connection that is kept open may break while it is used again, and what was sent be sent twice.
            .pool_max_idle_per_host(0)
            .min_tls_version(reqwest::tls::Version::TLS_1_2)
            .user_agent("Vestibule")
            .build()
    }

    /// The client's own limit ends with the body, yet each of its parts is its own; here is one for all of them.
    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, OutboundError> {
        let whole = async { read(request.send().await.map_err(why)?).await };
        tokio::time::timeout(self.longest, whole).await.unwrap_or(Err(OutboundError::TooSlow))
    }
}

fn authorized(request: RequestBuilder, authorization: Option<String>) -> Result<RequestBuilder, OutboundError> {
    let Some(authorization) = authorization else {
        return Ok(request);
    };
    // A token with characters that no header holds is not sent at all.
    let mut value = HeaderValue::try_from(authorization).map_err(|_| OutboundError::Unreachable)?;
    value.set_sensitive(true);
    Ok(request.header(AUTHORIZATION, value))
}

async fn read(mut answer: Response) -> Result<Answer, OutboundError> {
    let status = answer.status();
    if status.is_redirection() {
        return Err(OutboundError::Redirected);
    }
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(why)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: status.as_u16(), content_type, body })
}

/// What a failure means. The URL stays out of the log: its query may be a secret.
fn why(error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(forbidden) = inner.downcast_ref::<Forbidden>() {
            return OutboundError::Refused(*forbidden);
        }
        cause = inner.source();
    }
    let words = chain(&error);
    tracing::info!(cause = words, "an outbound request failed");
    if error.is_timeout() {
        return OutboundError::TooSlow;
    }
    // OpenSSL's own type is not within reach here; its words name the part of it that failed.
    let tls = ["SSL routines", "certificate verify failed", "tls handshake"];
    if tls.iter().any(|part| words.contains(part)) { OutboundError::Tls } else { OutboundError::Unreachable }
}
