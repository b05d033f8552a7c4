//! Versions of policies: each change is numbered, with who made it, when, and what held before and after. An older one is
//! brought back by saving it again, through the same preview and the same refusals.

mod store;
mod value;
mod version;

pub use store::{current, find, newest, readers};
pub use value::{MethodValue, TwoFactorValue};
pub use version::{By, Version};

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::base::ids::{OrganizationId, UserId};
use crate::features::users::addressee;
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
