//! Vestibule: the front door of a multi-tenant product.
//!
//! The layers, from the ground up: [`base`] (values), [`platform`] (store, mail, protocols), [`access`] (who may call),
//! [`web`] (pages and forms), [`features`] and [`app`]. Imports only go down. `docs/architecture.md` tells the rest.

#[macro_use]
pub mod base;
#[macro_use]
pub mod platform;
pub mod access;
pub mod app;
pub mod features;
pub mod web;
