//! Passwords: who is to show that they are a user, what a failure locks, and how a new password is taken (docs/rules.md section 6).

mod attempt;
mod lock;
mod new;
mod store;

pub use attempt::Attempt;
pub(crate) use attempt::{Doorway, doorway};
pub(crate) use lock::lock_event;
pub use new::{NotNew, context, hash_new};
pub use store::{Credentials, find};
