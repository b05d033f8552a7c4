//! Users: people registered in exactly one organization.

mod store;

pub use store::{
    NewUser, addressee, addressee_by_names, addressees_by_email, insert, last_passwords, rehash, set_password,
};

use crate::base::ids::UserId;

/// Stands between the name and the id in [`listed_as`]; no name has it.
pub const LISTED_END: char = '\u{1f}';

/// What lists of users are sorted and searched by: name and nickname, folded, and the id, which makes it unique.
pub fn listed_as(name: &str, nickname: Option<&str>, id: &UserId) -> String {
    let nickname = nickname.unwrap_or_default();
    format!("{}\u{1e}{}{LISTED_END}{id}", name.to_lowercase(), nickname.to_lowercase())
}
