//! Users: people registered in exactly one organization.

pub mod administration;
pub mod directory;
mod email;
mod person;
pub mod registration;
pub mod store;

pub use email::Email;
pub use person::{PersonName, Phone};
pub use store::NewUser;

use crate::store::types::UserId;

words! {
    /// Whether a user may come in.
    Status {
        /// Registered; has not set a password yet.
        Invited = "invited",
        /// May log in.
        Active = "active",
        /// May not.
        Deactivated = "deactivated",
    }
}

/// Stands between the name and the id in [`listed_as`]; no name has it.
pub const LISTED_END: char = '\u{1f}';

/// What lists of users are sorted and searched by: name and nickname, folded, and the id, which makes it unique.
pub fn listed_as(name: &str, nickname: Option<&str>, id: &UserId) -> String {
    let nickname = nickname.unwrap_or_default();
    format!("{}\u{1e}{}{LISTED_END}{id}", name.to_lowercase(), nickname.to_lowercase())
}
