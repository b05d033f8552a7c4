//! Who may call. Two callers and no third: [`Visitor`], anybody, and [`Actor`], a user with a session who holds a
//! permission in their organization now.

mod actor;
pub mod address;
mod admission;
pub mod agreement;
pub mod app;
pub mod caller;
pub mod cookies;
pub mod decisions;
pub mod failure;
mod hash_queue;
mod hash_share;
mod hashing;
mod identity;
pub mod language;
mod lookup;
pub mod origin;
mod pace;
mod password;
mod permission;
mod project;
pub mod refusals;
mod session;
pub mod site;
mod still_allowed;
pub mod strength;
pub mod told;

pub(crate) use actor::standing;
pub use actor::{Actor, Visitor};
pub use admission::{Bar, Barred};
pub use hash_share::Share;
pub use hashing::{Hasher, PasswordHash, QueueFull, Verdict};
pub use identity::Identity;
pub use pace::{Pace, Paces};
pub use password::{Context, Judged, Password};
pub use permission::*;
pub use project::Standing;
pub use session::{Method, Proof, SecondFactor, SessionRows, live, note_use, start_session};
pub(crate) use session::{give_cookie, replace_session, take_cookie};
pub(crate) use still_allowed::{still_barred, still_in};

/// Who may call a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Visitor,
    /// The owner whom a recovery code let into a repair session.
    Repair,
    /// Whoever holds the permission of this rule.
    Permission(&'static Rule),
}

impl Access {
    /// Whether the login must be fresh.
    pub const fn is_fresh(self) -> bool {
        match self {
            Self::Visitor | Self::Repair => false,
            Self::Permission(rule) => rule.fresh,
        }
    }

    /// Whether only somebody who is logged in may call.
    pub const fn needs_login(self) -> bool {
        matches!(self, Self::Permission(_))
    }

    /// As the route list prints it.
    pub fn describe(self) -> String {
        match self {
            Self::Visitor => "visitor".to_owned(),
            Self::Repair => "recovery code".to_owned(),
            Self::Permission(rule) if rule.fresh => format!("{}, fresh", rule.name),
            Self::Permission(rule) => rule.name.to_owned(),
        }
    }
}
