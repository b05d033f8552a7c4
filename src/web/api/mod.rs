//! The scope of programs, beside the pages: bearer tokens and no cookies, JSON in and out, failures as problem details
//! (RFC 9457). Which handler is called says, as for pages, the type of its first argument (`web/guard.rs`).

mod json;
mod problem;

pub use json::{ApiAnswer, ApiReply, Json};
pub use problem::describe_failures;

/// Where the routes of programs begin.
pub const PREFIX: &str = "/api";
