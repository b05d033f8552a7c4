//! What leaves the audit log: events past their time, and the log of an organization that is erased.

mod store;

pub use store::{erase, forget};
