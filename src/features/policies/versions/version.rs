//! A version of a policy.

use serde::de::DeserializeOwned;

use super::value::say;
use crate::base::i18n::Text;
use crate::base::ids::UserId;
use crate::base::moment::Moment;
use crate::features::policies::Policy;

/// Who made a change: the user and their name at the time.
pub type By = (UserId, String);

/// A version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From one up, for each policy of each organization.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// The name of the user who changed it; the operator has none.
    pub by: Option<String>,
    pub(super) before: String,
    pub(super) after: String,
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
