//! Flows and laws over HTTP, on the engine that `TEST_DATABASE` names.

#[path = "../support/mod.rs"]
mod support;

mod main_job;
