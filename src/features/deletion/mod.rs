//! Deletion of an organization (docs/rules.md section 12): what has to be gone before, the request, time to think again. While
//! a request stands nothing new comes to be in the organization. What happens at the date is in [`erasure`].

pub mod commands;
pub mod erasure;
pub mod pages;
mod store;
mod unclaimed;

pub use store::{Checklist, Request, checklist, holds, open_request};
pub use unclaimed::{is_taken, remove_unclaimed};

use chrono::Duration;

use crate::access::ManageOwnership;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization_name::OrganizationName;
use crate::features::organizations;
use crate::features::users::addressee;
use crate::platform::command::refusal::Refusal;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{DeletionNews, Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError, Tx, Work};

/// The owner is reminded so long before the erasure, and has at least so long once the operator lets it go on.
pub const NOTICE: Duration = Duration::days(1);

impl Checklist {
    /// Whether nothing is left that has to be gone.
    pub fn is_done(&self) -> bool {
        self.users == 0 && self.projects == 0 && self.bills == 0
    }
}

/// Why deletion was not requested.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The organization's name was not typed.
    #[error("not confirmed")]
    NotConfirmed,
    /// Something is left that has to be gone.
    #[error("there are users, projects or unpaid bills")]
    NotReady,
    /// Somebody else owns the organization meanwhile.
    #[error("no longer the owner")]
    NotOwner,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for RequestError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::NotReady => Some(Reason::Standing),
            Self::NotOwner => Some(Reason::Forbidden),
            Self::NotConfirmed | Self::Store(_) => None,
        }
    }
}

/// Requests the deletion of the caller's organization, so many days from now. The same form pressed twice requests it once.
pub fn request(tx: &mut Tx<'_, ManageOwnership>, typed: &str, days: i64) -> Result<Recorded<()>, RequestError> {
    let (organization, owner) = (tx.organization().clone(), tx.user().clone());
    if store::open_request(tx, &organization)?.is_some() {
        return Ok(tx.unrecorded("the deletion is requested already", ()));
    }
    let name = organizations::name(tx, &organization)?;
    tx.note_target("organization", &organization, &name);
    if OrganizationName::sought(typed) != name {
        return Err(RequestError::NotConfirmed);
    }
    if !store::checklist(tx)?.is_done() {
        return Err(RequestError::NotReady);
    }
    let by = addressee(tx, &organization, &owner)?.ok_or(RequestError::NotOwner)?;
    let due = tx.now() + Duration::days(days);
    if !store::begin(tx, &by.name, due)? {
        return Err(RequestError::NotOwner);
    }
    tell(tx, &organization, &owner, DeletionNews::Requested, due)?;
    let event = Event::done(Kind::DeletionRequested).on("organization", &organization, &name);
    Ok(tx.record(event.with("erasure", due.to_string()), ())?)
}

/// Takes the request back; `false` when there is none.
pub fn withdraw(tx: &mut Tx<'_, ManageOwnership>) -> Result<Recorded<bool>, StoreError> {
    let (organization, owner) = (tx.organization().clone(), tx.user().clone());
    if !store::withdraw(tx)? {
        return Ok(tx.unrecorded("no deletion is requested", false));
    }
    let (name, now) = (organizations::name(tx, &organization)?, tx.now());
    tell(tx, &organization, &owner, DeletionNews::Withdrawn, now)?;
    tx.record(Event::done(Kind::DeletionWithdrawn).on("organization", &organization, &name), true)
}

fn tell(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    owner: &UserId,
    news: DeletionNews,
    at: Moment,
) -> Result<(), StoreError> {
    if let Some(to) = addressee(work, organization, owner)? {
        let (name, organization) = (to.name.clone(), to.organization_name.clone());
        outbox::post(work, &to, &Message::Deletion { name, organization, news, at })?;
    }
    Ok(())
}

/// Puts the erasure of an organization off until it is released, by the operator.
pub fn hold(tx: &mut OpenTx<'_>, name: &str) -> Result<Recorded<()>, Refusal> {
    let (organization, name, request) = requested(tx, name)?;
    if request.held_since.is_some() {
        return Err(Refusal::Held(name));
    }
    let now = tx.now();
    store::hold(tx, &organization, Some(now), request.due)?;
    let event = Event::done(Kind::DeletionHeld).within(&organization).on("organization", &organization, &name);
    Ok(tx.record(event, ())?)
}

/// Lets it take its course again. The owner has a day from now: what was held may have changed meanwhile.
pub fn release(tx: &mut OpenTx<'_>, name: &str) -> Result<Recorded<Moment>, Refusal> {
    let (organization, name, request) = requested(tx, name)?;
    if request.held_since.is_none() {
        return Err(Refusal::NotHeld(name));
    }
    let due = request.due.max(tx.now() + NOTICE);
    store::hold(tx, &organization, None, due)?;
    let event = Event::done(Kind::DeletionReleased).within(&organization).on("organization", &organization, &name);
    Ok(tx.record(event.changed("erasure", request.due.to_string(), due.to_string()), due)?)
}

/// The organization of a name with its request, and its other writers waiting.
fn requested(tx: &mut OpenTx<'_>, name: &str) -> Result<(OrganizationId, String, Request), Refusal> {
    let name = OrganizationName::sought(name);
    let Some(found) = organizations::login(tx, &name)? else {
        return Err(Refusal::NoOrganization(name));
    };
    if !tx.touch(&found.id)? {
        return Err(Refusal::NoOrganization(name));
    }
    match store::open_request(tx, &found.id)? {
        Some(request) => Ok((found.id, name, request)),
        None => Err(Refusal::NotRequested(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_to_be_gone_and_bills_paid() {
        let nothing = Checklist { users: 0, projects: 0, resources: 0, bills: 0 };
        assert!(nothing.is_done());
        assert!(!Checklist { users: 1, ..nothing }.is_done());
        assert!(!Checklist { projects: 1, ..nothing }.is_done());
        assert!(!Checklist { bills: 1, ..nothing }.is_done());
    }
}
