//! Why commands do nothing.

use crate::platform::store::StoreError;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The organization does not exist.
    #[error("there is no organization named {0}")]
    NoOrganization(String),
    /// The user does not exist.
    #[error("{0} has no user with the address {1}")]
    NoUser(String, String),
    /// The organization is in another state than the command starts from.
    #[error("{0} is {1}, not {2}")]
    State(String, String, String),
    /// Two-factor authentication is off.
    #[error("two-factor authentication of {0} is off already")]
    TwoFactorOff(String),
    /// Console access control is off.
    #[error("console access control of {0} is off already")]
    AccessControlOff(String),
    /// The organization logs in with passwords already, and nobody else is to own it.
    #[error("{0} has cloud accounts, and no other owner was named (--owner)")]
    NothingToRecover(String),
    /// The account may not have a password.
    #[error("{0} is deactivated: reactivate the account first")]
    Deactivated(String),
    /// The account has no password yet.
    #[error("{0} has not accepted the invitation: only an active user can own an organization")]
    Invited(String),
    /// Passwords are of no use.
    #[error(
        "the users of {0} log in through its identity provider and need no password (organization recover {0} brings cloud accounts back)"
    )]
    NoPasswords(String),
    /// Nobody has asked for the organization's deletion.
    #[error("the owner of {0} has not asked for its deletion")]
    NotRequested(String),
    /// The deletion is held.
    #[error("the deletion of {0} is held: release it first (organization hold {0} --release)")]
    Held(String),
    /// The deletion is not held.
    #[error("the deletion of {0} is not held")]
    NotHeld(String),
    /// Something is owed.
    #[error("{0} has {1} unpaid bills: settle or void them first")]
    Owes(String, i64),
    /// The database did not do it.
    #[error("database: {0} (a database that is not up to date is brought there by `vestibule migrate`)")]
    Store(#[from] StoreError),
}
