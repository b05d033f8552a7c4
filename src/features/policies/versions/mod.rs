//! Versions of policies: each change is numbered, with who made it, when, and what held before and after. An older one is
//! brought back by saving it again, through the same preview and the same refusals.

pub mod store;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::access::decisions::console_access::ConsoleAccess;
use crate::access::decisions::expiration::Expiration;
use crate::base::i18n::Text;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::features::users::store::addressee;
use crate::platform::mail::{self, Message, outbox};
use crate::platform::store::{StoreError, Work};
use crate::web::interrupted::Held;

/// Versions that a page shows, the newest first.
pub const SHOWN: i64 = 20;

/// How saving a policy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is in force.
    InForce,
    /// It was so already.
    Same,
    /// Somebody saved another version since the form was opened.
    Older,
    /// People log in through an identity provider.
    ByProvider,
    /// The list leaves out the address that it is saved from.
    OwnAddress,
    /// It comes through a proxy that nobody configured, whose address everybody shares.
    UnknownProxy,
    /// The list lets its author in by single IPv6 addresses alone, and the owner has no recovery code left.
    NoWayBack,
    /// The same, and its author has not said that this is meant.
    NotMeant,
}

/// Which form a policy's page begins with: one that was kept, an older version, or what holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Opening {
    /// A form that was kept.
    #[serde(flatten)]
    pub held: Held,
    version: String,
}

impl Opening {
    /// The number of the older version that is asked for.
    pub fn number(&self) -> Option<i64> {
        self.version.parse().ok()
    }
}

/// Who made a change: the user and their name at the time.
pub type By = (UserId, String);

/// A version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From one up, for each policy of each organization.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// The name of whoever changed it; the operator has none.
    pub by: Option<String>,
    before: String,
    after: String,
}

/// What two-factor authentication was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorValue {
    /// Whether it was on.
    pub on: bool,
}

/// How people logged in. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodValue {
    /// The login method.
    pub method: crate::base::organization::LoginMethod,
    /// The provider's issuer.
    pub issuer: Option<String>,
    /// The client ID there.
    pub client_id: Option<String>,
}

impl Version {
    /// What held from then on; `None` where another version of the program wrote what this one cannot read.
    pub fn after<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.after).ok()
    }

    /// What held before.
    pub fn before<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.before).ok()
    }

    /// What held before, in words.
    pub fn was(&self, policy: &Policy) -> Text {
        say(*policy, &self.before)
    }

    /// What held from then on, in words.
    pub fn is(&self, policy: &Policy) -> Text {
        say(*policy, &self.after)
    }
}

fn say(policy: Policy, json: &str) -> Text {
    let said = match policy {
        Policy::PasswordExpiration => serde_json::from_str(json).ok().map(|value: Expiration| match value.days() {
            Some(days) => Text::new("expiration-after").with("days", days),
            None => Text::new("expiration-off"),
        }),
        Policy::ConsoleAccess => serde_json::from_str(json).ok().map(|value: ConsoleAccess| {
            let list: Vec<String> = value.entries.iter().map(|entry| entry.address.to_string()).collect();
            let id = match (value.is_on, list.is_empty()) {
                (true, _) => "access-is-on",
                (false, true) => "access-is-off",
                (false, false) => "access-is-off-kept",
            };
            Text::new(id).with("addresses", list.join(", "))
        }),
        Policy::TwoFactor => serde_json::from_str(json)
            .ok()
            .map(|value: TwoFactorValue| Text::new(if value.on { "two-factor-active" } else { "two-factor-inactive" })),
        Policy::LoginMethod => serde_json::from_str(json).ok().map(|value: MethodValue| match value.issuer {
            Some(issuer) => Text::new("versions-provider")
                .with("issuer", issuer)
                .with("client", value.client_id.unwrap_or_default()),
            None => Text::new("organization-method-cloud"),
        }),
    };
    said.unwrap_or_else(|| Text::new("versions-unreadable"))
}

/// Whether a form that was opened on `version` is older than what holds now.
pub fn is_older(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: Policy,
    version: i64,
) -> Result<bool, StoreError> {
    Ok(store::current(work, organization, policy)? != version)
}

/// Keeps a change as the next version. The caller has touched the organization's row.
pub fn note<T: Serialize>(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: Policy,
    by: Option<&By>,
    before: &T,
    after: &T,
) -> Result<(), StoreError> {
    let json = |value: &T| {
        serde_json::to_string(value).map_err(|_| StoreError::Unreadable("a policy that cannot be written as JSON"))
    };
    let (before, after) = (json(before)?, json(after)?);
    store::insert(work, organization, policy, by, before, after)
}

/// Tells owner and administrators of a change: what holds now, and how many days or addresses it names.
pub fn tell(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    (policy, count): (mail::Policy, Option<i64>),
    by: Option<&UserId>,
) -> Result<(), StoreError> {
    let at = work.now();
    let by = match by {
        Some(by) => addressee(work, organization, by)?.map(|by| format!("{} <{}>", by.name, by.email)),
        None => None,
    };
    for reader in store::readers(work, organization)? {
        if let Some(to) = addressee(work, organization, &reader)? {
            let (name, organization, by) = (to.name.clone(), to.organization_name.clone(), by.clone());
            outbox::post(work, &to, &Message::PolicyChanged { name, organization, policy, count, by, at })?;
        }
    }
    Ok(())
}
