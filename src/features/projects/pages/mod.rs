//! IAM > Projects.

pub mod list;
pub mod members;
pub mod project;
