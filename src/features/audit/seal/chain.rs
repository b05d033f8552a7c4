//! The chains of the log, and the seals that hang in them.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::base::ids::OrganizationId;

/// How late a row may become visible and still get a seal.
pub const LATE: Duration = Duration::minutes(10);

/// What the first seal of a chain hangs on.
pub const NOTHING: [u8; 32] = [0; 32];

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Chain {
    /// What belongs to no organization.
    Installation,
    /// That of an organization.
    Of(OrganizationId),
}

impl Chain {
    /// The chain that an event of an organization, or of none, belongs to.
    pub fn of(organization: Option<&OrganizationId>) -> Self {
        organization.map_or(Self::Installation, |organization| Self::Of(organization.clone()))
    }

    /// Its name in the table and in exports: the organization's id.
    pub fn word(&self) -> &str {
        match self {
            Self::Installation => "installation",
            Self::Of(organization) => organization.as_str(),
        }
    }

    /// The organization, if it is that of one.
    pub fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Installation => None,
            Self::Of(organization) => Some(organization),
        }
    }
}

/// A seal as exports carry it and pages show it: with all that is needed to verify its event by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Whose log: the id of the organization.
    pub chain: String,
    /// The place in it.
    pub number: i64,
    /// The hash of the seal before, in hexadecimal digits.
    pub before: String,
    /// Its own hash.
    pub hash: String,
    /// Ed25519 over the 32 bytes of the hash, in base64.
    pub signature: String,
    /// Which key has signed it.
    pub key: String,
}

impl Seal {
    /// The beginning of the hash, for people.
    pub fn short(&self) -> &str {
        self.hash.get(..16).unwrap_or(&self.hash)
    }
}
