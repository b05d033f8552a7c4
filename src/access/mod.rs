//! Who may call. Two callers and no third: [`Visitor`], anybody, and [`Actor`], a user with a session who holds a
//! permission in their organization now.

mod actor;
pub mod address;
pub mod agreement;
pub mod app;
mod bearer;
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
mod method;
pub mod origin;
mod pace;
mod password;
mod permission;
mod project;
pub mod refusals;
mod session;
mod session_check;
mod session_use;
pub mod site;
mod still_allowed;
pub mod strength;
pub mod told;

pub use actor::{Actor, Visitor};
pub use bearer::Bearer;
pub use decisions::session::live;
pub use hash_share::Share;
pub use hashing::{Hasher, PasswordHash, QueueFull, Verdict};
pub use identity::Identity;
pub use method::{Method, Proof, SecondFactor};
pub use pace::{Pace, Paces};
pub use password::{Context, Judged, Password};
pub use permission::*;
pub use session::{SessionRows, start_session};
pub(crate) use session::{give_cookie, replace_session, take_cookie};
pub use session_check::{BlockedSession, Blocker};
pub use session_use::note_use;
pub(crate) use still_allowed::{still_blocked, still_in};
