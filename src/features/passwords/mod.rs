//! Passwords: who is to show that they are a user, what a failure locks, and how a new password is taken (docs/rules.md section 6).

mod attempt;
mod facts;
mod lock;
mod new;
mod proof;
mod store;

pub use attempt::Attempt;
pub(crate) use facts::{Facts, facts};
pub use new::{NotNew, context, hash_new};
pub(crate) use proof::{NotCompared, compare, verify};
pub use store::{Credentials, find};
