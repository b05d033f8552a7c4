//! Invariants: what holds for every route, page, message and table, also for those that are still to be written. They walk
//! the route list, the templates, the catalogues and the database; nothing is listed here by hand that could be forgotten.
//!
//! Where an invariant test compares with a document, `UPDATE_DOCS=1 cargo nextest run -E 'test(invariants)'` writes the document anew.

mod access;
mod architecture;
mod borders;
mod citations;
mod documents;
mod drawing;
pub mod dump;
mod erasure;
mod freshness;
mod gallery;
mod headers;
pub mod html;
mod imports;
mod layers;
mod mails;
mod messages;
pub mod providers;
mod schema;
pub mod sources;
pub mod stage;
mod typed;
mod vendored;
pub mod walk;
