//! Users: people registered in exactly one organization.

mod email;
mod person;
pub mod store;

pub use email::Email;
pub use person::{PersonName, Phone};
pub use store::NewUser;

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
