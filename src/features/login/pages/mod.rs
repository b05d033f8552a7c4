//! Pages of the login, of logging out, and of confirming who one is.

mod confirmation;
mod logout;
mod name;
mod organization;
mod organizations;

/// Seconds after which a full hashing queue is worth another try.
const QUEUE_SECONDS: u64 = 2;

pub use confirmation::{confirm, confirmation};
pub use logout::{log_out, logout_page};
pub use name::{name, name_organization};
pub use organization::{log_in, password, show};
pub use organizations::{mail_organizations, organizations};
