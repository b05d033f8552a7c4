//! What leaves the audit log: events past their time, and the log of an organization that is erased.

pub mod store;
