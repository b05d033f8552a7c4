//! The policies of an organization that decide about each request (product.md sections 7 and 8), and what they would do
//! before they are saved.
//!
//! A policy decides by one pure function, [`Decides::decide`]. Every request asks it about the session that it brings, and
//! every preview asks it about everybody, so a preview cannot say anything else than what will happen.

pub mod access;
pub mod expiration;
pub mod impact;
pub mod pages;
pub mod steward;
pub mod versions;

pub use access::ConsoleAccess;
pub use expiration::Expiration;

use crate::auth::SecondFactor;
use crate::store::types::Moment;

words! {
    /// What is versioned: each policy counts its own versions.
    Policy {
        /// After how many days a password expires.
        PasswordExpiration = "password_expiration",
        /// From which addresses the console is open.
        ConsoleAccess = "console_access",
        /// Whether a second factor is asked for.
        TwoFactor = "two_factor",
        /// Cloud accounts or the organization's identity provider.
        LoginMethod = "login_method",
    }
}

impl Policy {
    /// Message id of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::PasswordExpiration => "expiration-title",
            Self::ConsoleAccess => "access-title",
            Self::TwoFactor => "two-factor",
            Self::LoginMethod => "organization-login-method",
        }
    }
}

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
