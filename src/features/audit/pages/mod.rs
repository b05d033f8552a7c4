//! Pages of the audit log.

mod export;
mod filter;
mod list;
mod logins;

pub use export::{export, export_form};
pub use list::{list, show};
pub use logins::logins;
