//! Pages of the sign-up: the three steps, and what comes after them.

mod done;
mod progress;
mod wizard;

pub use done::{correct, done};
pub use wizard::{agree, complete, member, organization, save_member, terms, terms_to_read};
