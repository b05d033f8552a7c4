//! The second factors that a user has set up.

use super::recovery;
use crate::base::i18n::Text;
use crate::base::moment::Moment;
use crate::base::person::Phone;

/// What a user has set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Mobile number.
    pub mobile: Option<Phone>,
    /// When its owner confirmed it by a code; unverified until then, however it got there.
    pub mobile_verified_at: Option<Moment>,
    /// Since when the authenticator app is active.
    pub authenticator_since: Option<Moment>,
    /// Recovery codes that were not used.
    pub recovery_codes: i64,
}

impl Factors {
    /// Whether a code can be sent to the number, to verify it.
    pub fn can_verify_mobile(&self) -> bool {
        self.mobile.is_some() && self.mobile_verified_at.is_none()
    }

    /// "8 of 10 left".
    pub fn recovery_left(&self) -> Text {
        Text::new("factor-recovery-left").with("left", self.recovery_codes).with("all", recovery::COUNT)
    }
}
