//! IAM > Manage organization > Security > Control console access.

mod form;
mod list;

pub use list::{change, show, show_repair};
