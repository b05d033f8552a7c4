//! Pages of registering users.

mod many;
mod one;
mod progress;

pub use many::{many, register_many};
pub use one::{one, register_one};
pub use progress::{progress, report};

use super::RegisterError;
use crate::auth::{Actor, ManageUsers};
use crate::i18n::Text;
use crate::store::types::SubmissionId;
use crate::urls;
use crate::web::{Answer, FromPath, see_other};

/// A submission id for a new form.
fn fresh_submission(actor: &Actor<ManageUsers>) -> String {
    let now = actor.app().clock().now();
    SubmissionId::from(actor.app().entropy().id(now)).to_string()
}

/// The submission id that a form carries; one that cannot be one counts as new.
fn submission(actor: &Actor<ManageUsers>, typed: &str) -> SubmissionId {
    SubmissionId::from_path(typed).unwrap_or_else(|| actor.app().entropy().id(actor.app().clock().now()).into())
}

/// Leads to where the deletion of the organization stands: meanwhile nobody is registered.
fn closing() -> Answer {
    see_other(urls::ORGANIZATION_ACCOUNT).refusal(Text::new("deletion-nothing-new"))
}
