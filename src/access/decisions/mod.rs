//! What policies decide about a request: pure functions of what is known. Enforcement and previews ask the same ones.

pub mod console_access;
pub mod expiration;
pub mod session;

use super::SecondFactor;
use crate::base::moment::Moment;

/// A policy: what it decides about somebody, from what is known of them.
pub trait Decides {
    /// What is known.
    type Facts: ?Sized;
    /// What it decides.
    type Decision;

    /// Decides at `now`. Nothing else enforces or foretells the policy.
    fn decide(&self, facts: &Self::Facts, now: Moment) -> Self::Decision;
}

/// Whether a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TwoFactor(pub bool);

impl Decides for TwoFactor {
    /// What a session showed besides the password.
    type Facts = Option<SecondFactor>;
    /// Whether it is asked for a second factor at its next request.
    type Decision = bool;

    fn decide(&self, shown: &Option<SecondFactor>, _: Moment) -> bool {
        self.0 && shown.is_none()
    }
}
