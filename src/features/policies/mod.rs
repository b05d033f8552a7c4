//! The policies of an organization that decide about each request (docs/rules.md sections 7 and 8), and what they would do
//! before they are saved.
//!
//! A policy decides by one pure function, [`Decides::decide`]. Every request asks it about the session that it brings, and
//! every preview asks it about everybody, so a preview cannot say anything else than what will happen.

pub mod access;
pub mod expiration;
pub mod impact;
pub mod pages;
pub mod settings_caller;
pub mod versions;

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
