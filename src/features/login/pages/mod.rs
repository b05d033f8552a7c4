//! Pages of the login, of logging out, and of confirming who one is.

mod logout;
pub(crate) mod organization;
mod organizations;

pub use logout::{log_out, logout_page};
pub use organization::{log_in, password, show};
pub use organizations::{mail_organizations, organizations};
