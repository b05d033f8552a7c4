//! Why an address is not asked.

use serde::{Deserialize, Serialize};

/// Why an address is not asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Forbidden {
    /// Not a URL with a host, or a very long one.
    #[error("not a web address")]
    NotAnAddress,
    /// Neither https nor allowed.
    #[error("not https")]
    NotHttps,
    /// A user name or password within the URL.
    #[error("holds a user name or password")]
    UserInfo,
    /// A part that is never sent.
    #[error("holds a fragment")]
    Fragment,
    /// A port of other services.
    #[error("the port belongs to other services")]
    Port,
    /// It leads to this machine, a private network or nowhere.
    #[error("not a public address")]
    NotPublic,
}
