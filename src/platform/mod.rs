//! What the product stands on: configuration, database, mail, outgoing requests, protocols.

pub mod throttle;
#[macro_use]
pub mod store;
pub mod background;
pub mod codes;
pub mod command;
pub mod config;
pub mod events;
pub mod files;
pub mod mail;
pub mod metrics;
pub mod oidc;
pub mod outbound;
pub mod secrets;
pub mod terminal;
