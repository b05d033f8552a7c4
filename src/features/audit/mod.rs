//! The audit log: every security-relevant event with actor, organization, target, before and after, address, agent,
//! result, and a reference code a person can read out (docs/rules.md section 13, ASVS 16.2.1).
//!
//! A write returns [`crate::platform::store::Recorded`], which comes only from recording an [`Event`]; refusals of requests are
//! recorded by the one place that draws failures. Secrets never appear: details are built from closed types.

pub mod commands;
mod days;
mod export;
mod filter;
pub mod newer;
pub mod pages;
mod refusals;
pub mod retention;
pub mod seal;
mod store;
mod words;

pub use days::{DAYS, Logins, Tally};
pub use export::Format;
pub use filter::Filter;
pub use refusals::{RefusedLogin, refused_logins};
pub use store::{Entry, find, logins, newest, page};

use crate::access::ExportAudit;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{Recorded, StoreError, Tx};

/// Records that the log is about to be exported, and what of it.
pub fn note_export(tx: &mut Tx<'_, ExportAudit>, filter: &Filter, format: Format) -> Result<Recorded<()>, StoreError> {
    let event = Event::done(Kind::AuditExported).with("format", format.word()).with("filters", filter.describe());
    tx.record(event, ())
}
