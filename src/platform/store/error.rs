//! Why the store did not do what it was asked.

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue is full: too much is waiting already.
    #[error("the database queue is full")]
    Busy,
    /// The deadline passed before a thread came to it.
    #[error("the database did not answer in time")]
    Late,
    /// There is no connection, or it was lost before COMMIT: nothing was done.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The connection was lost during COMMIT, or the answer to a write came too late: it may have been done.
    #[error("the outcome of a write is unknown")]
    Unknown,
    /// The work panicked; it was rolled back and its connection thrown away.
    #[error("database work panicked")]
    Panicked,
    /// The engine cannot do it now: it is read-only, a lock is held, the disk is full or fails. Nothing was done.
    #[error("the database cannot do this now: {0}")]
    Unwritable(String),
    /// A query failed.
    #[error(transparent)]
    Query(diesel::result::Error),
    /// What was stored cannot be read (a value or a sealed secret).
    #[error("stored data cannot be read: {0}")]
    Unreadable(&'static str),
    /// The caller may not do this any more: nothing was done.
    #[error("the caller may not do this any more: {0:?}")]
    Denied(Denied),
}

/// Why a caller who was let through at the head of a request is refused by the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The session has ended, or its user or organization may not log in any more.
    Ended,
    /// The session comes from an IP address that is not allowed.
    Outside(std::net::IpAddr),
    /// The second factor is asked for.
    SecondFactor,
    /// The password has expired.
    Password,
    /// The roles do not grant this permission.
    Forbidden(&'static str),
    /// The login is not fresh enough.
    NotFresh,
    /// The repair session has ended.
    RepairEnded,
}

impl StoreError {
    /// Whether a uniqueness rule of the schema refused the row.
    pub fn is_duplicate(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        matches!(self, Self::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }
}

impl crate::platform::events::Refusal for StoreError {
    fn refusal(&self) -> Option<crate::platform::events::Reason> {
        None
    }
}
