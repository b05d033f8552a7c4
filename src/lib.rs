//! Vestibule: the front door of a multi-tenant product.
//!
//! A request travels a line of [`routes`], a handler in a feature's `pages.rs`, a rule in its `mod.rs`, a query in its
//! `store.rs`, and a template. `docs/architecture.md` tells the rest.

#[macro_use]
pub mod store;
pub(crate) mod terminal;

pub mod account;
pub mod app;
pub mod audit;
pub mod auth;
pub mod background;
pub mod billing;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod config;
pub mod console;
pub mod countries;
pub mod dev;
pub mod entropy;
pub mod factors;
pub mod failure;
pub mod files;
pub mod i18n;
pub mod idp;
pub mod jobs;
pub mod links;
pub mod login;
pub mod mail;
pub mod metrics;
pub mod oidc;
pub mod operator;
pub mod organizations;
pub mod outbound;
pub mod policies;
pub mod preferences;
pub mod problem;
pub mod projects;
pub mod returns;
pub mod rotation;
pub mod routes;
pub mod secrets;
pub mod server;
pub mod signup;
pub mod text;
pub mod urls;
pub mod users;
pub mod web;
