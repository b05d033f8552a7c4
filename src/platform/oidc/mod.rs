//! Logging in at an organization's identity provider (OpenID Connect): what is configured, who comes back, and by what a
//! user is known (docs/rules.md section 7).
//!
//! A login is `authorize`, then [`exchange::login`]; setting a provider up is [`discovery::set_up`]. Nothing here keeps
//! rows or draws pages.

mod algorithms;
pub mod authorize;
pub mod azure;
mod check;
pub mod checks;
pub mod discovery;
pub mod exchange;
mod hints;
pub mod json;
mod keys;
mod keyset;
pub mod metadata;
mod reasons;
mod refusal;
pub mod token;
mod userinfo;

pub use keys::{Held, Keys};
pub use keyset::KeySet;
pub use refusal::{Reason, Refused, of_clock};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::email::Email;
use crate::base::moment::Moment;

words! {
    /// What stands behind the addresses.
    Provider {
        /// Entra ID, one tenant of it.
        Azure = "azure",
        /// Any other that follows the standard.
        Other = "other",
    }
}

words! {
    /// How the client shows the provider that it is the one registered.
    ClientAuthentication {
        /// Id and secret in the body of the post.
        Post = "post",
        /// HTTP Basic.
        Basic = "basic",
    }
}

/// A client secret; it has no `Display` and is stored only sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret as typed; blanks around it come from copying.
    pub fn new(typed: &str) -> Self {
        Self(typed.trim().to_owned())
    }

    /// The secret itself, for what seals it and for the token request.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A provider as it was found, without the client secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// What stands behind it.
    pub provider: Provider,
    /// Who signs, byte for byte.
    pub issuer: String,
    /// Where people are sent.
    pub authorization_url: String,
    /// Where codes become tokens.
    pub token_url: String,
    /// Where the provider's keys are.
    pub jwks_uri: String,
    /// Where more about a person is told, if anywhere.
    pub userinfo_url: Option<String>,
    /// The tenant's id, of Azure.
    pub tenant: Option<String>,
    /// By what the provider knows us.
    pub client_id: String,
    /// How we show it.
    pub client_authentication: ClientAuthentication,
    /// Whether addresses from this provider count without `email_verified`: they are the organization's own.
    pub own_addresses: bool,
    /// Whether the provider promises to name itself in its answers (RFC 9207).
    pub names_itself: bool,
}

/// Exactly these values and this secret: a test counts for nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// As the table holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Configuration {
    /// The digest of all values and the secret.
    pub fn fingerprint(&self, secret: &Secret) -> Fingerprint {
        // Taken apart, so that a value added later cannot be forgotten here.
        let Self {
            provider,
            issuer,
            authorization_url,
            token_url,
            jwks_uri,
            userinfo_url,
            tenant,
            client_id,
            client_authentication,
            own_addresses,
            names_itself,
        } = self;
        let presence = |value: &Option<String>| if value.is_some() { "+" } else { "-" };
        let flag = |value: bool| if value { "+" } else { "-" };
        let parts = [
            "oidc configuration",
            provider.word(),
            issuer,
            authorization_url,
            token_url,
            jwks_uri,
            presence(userinfo_url),
            userinfo_url.as_deref().unwrap_or_default(),
            presence(tenant),
            tenant.as_deref().unwrap_or_default(),
            client_id,
            client_authentication.word(),
            flag(*own_addresses),
            flag(*names_itself),
            secret.expose(),
        ];
        Fingerprint(HEXLOWER.encode(Digest::of(&parts.map(str::as_bytes)).as_bytes()))
    }

    /// Where the keys are asked for. Azure publishes the keys that an application has of its own only to those who name it;
    /// what was set up without its name is asked for with it.
    pub(crate) fn keys_address(&self) -> String {
        match url::Url::parse(&self.jwks_uri) {
            Ok(mut url) if self.provider == Provider::Azure && !url.query_pairs().any(|(name, _)| name == "appid") => {
                url.query_pairs_mut().append_pair("appid", &self.client_id);
                url.into()
            }
            _ => self.jwks_uri.clone(),
        }
    }

    /// Whether users stay bound when this replaces `earlier`: the ids that tell people apart stay the same (docs/rules.md
    /// section 7).
    pub fn keeps_bindings_of(&self, earlier: &Self) -> bool {
        if self.provider != earlier.provider {
            return false;
        }
        match self.provider {
            // A tenant is what its issuer says it is: the same id elsewhere is another directory.
            Provider::Azure => self.tenant.is_some() && self.tenant == earlier.tenant && self.issuer == earlier.issuer,
            Provider::Other => self.issuer == earlier.issuer && self.client_id == earlier.client_id,
        }
    }
}

/// What a provider said of a person; verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who said it.
    pub issuer: String,
    /// The person, to this client.
    pub subject: String,
    /// The tenant (Azure).
    pub tenant: Option<String>,
    /// The person in the tenant (Azure).
    pub object: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// Whether the provider has seen that the address is theirs; not saying so is no.
    pub email_verified: bool,
    /// Whether the provider says that the domain of the address belongs to others (Azure's `xms_edov`).
    pub domain_refused: bool,
    /// What the person types at the provider.
    pub preferred_username: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// When the person last proved who they are, if the provider says so.
    pub auth_time: Option<Moment>,
}

impl Claims {
    /// The names by which the person may be registered, as the provider sent them: for pages and events.
    pub fn names(&self, configuration: &Configuration) -> Option<String> {
        let azure = configuration.provider == Provider::Azure;
        let names =
            [self.email.as_deref(), self.preferred_username.as_deref().filter(|_| azure || self.email.is_none())];
        let mut names: Vec<&str> = names.into_iter().flatten().collect();
        names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// By what a bound user is found again: this alone decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Issuer and subject.
    Subject {
        /// Who says it.
        issuer: String,
        /// The person, to this client.
        subject: String,
    },
    /// Tenant and object: the same for every client of the tenant.
    Directory {
        /// The tenant.
        tenant: String,
        /// The person in it.
        object: String,
    },
}

/// Why an address matches nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// The provider sent none.
    NoAddress,
    /// What it sent is no address.
    NotAnAddress(String),
    /// The provider does not say that it is theirs.
    Unverified(Email),
}

/// Who came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// By what they are found when they are bound.
    pub key: Key,
    /// By which addresses they are matched when they are not, the first that is registered; there is at least one.
    pub addresses: Result<Vec<Email>, Unmatched>,
}

/// Who the claims speak of.
pub fn person(configuration: &Configuration, claims: &Claims) -> Person {
    let azure = configuration.provider == Provider::Azure;
    // An object id means nothing without its tenant.
    let key = match (&claims.tenant, &claims.object) {
        (Some(tenant), Some(object)) if azure => {
            Key::Directory { tenant: tenant.to_ascii_lowercase(), object: object.to_ascii_lowercase() }
        }
        _ => Key::Subject { issuer: claims.issuer.clone(), subject: claims.subject.clone() },
    };
    Person { key, addresses: addresses(configuration, claims) }
}

/// Both names of Azure are the tenant's, so either may be the one that was registered. Elsewhere people choose their user
/// names themselves.
fn addresses(configuration: &Configuration, claims: &Claims) -> Result<Vec<Email>, Unmatched> {
    let azure = configuration.provider == Provider::Azure;
    let names = [claims.email.as_ref(), claims.preferred_username.as_ref().filter(|_| azure)];
    let names: Vec<&String> = names.into_iter().flatten().collect();
    let mut read: Vec<Email> = names.iter().filter_map(|name| Email::sent(name).ok()).collect();
    read.dedup();
    let Some(first) = read.first().cloned() else {
        return Err(names.first().map_or(Unmatched::NoAddress, |name| Unmatched::NotAnAddress((*name).clone())));
    };
    let is_theirs = if azure { !claims.domain_refused } else { claims.email_verified || configuration.own_addresses };
    if is_theirs { Ok(read) } else { Err(Unmatched::Unverified(first)) }
}

#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
