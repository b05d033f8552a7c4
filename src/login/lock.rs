//! A lock that a failure caused is told by email to the user, and by an event that the counter of the failure records.

use super::Facts;
use crate::audit::{Event, Kind};
use crate::auth::throttle;
use crate::mail::{Message, outbox};
use crate::organizations::{self, LoginMethod};
use crate::store::types::{OrganizationId, UserId};
use crate::store::{StoreError, Work};
use crate::users::{self, Status};

impl Facts {
    /// The event of a lock, where an attempt on a user who exists has caused one.
    pub(crate) fn lock_event(
        &self,
        work: &mut Work<'_>,
        counted: throttle::Counted,
    ) -> Result<Option<Event>, StoreError> {
        match (&self.organization, &self.user) {
            (Some(door), Some(user)) => lock_event(work, &door.id, &user.id, counted),
            _ => Ok(None),
        }
    }
}

/// What a failure that was counted has locked: the user is told by email, and the caller records the event, whatever it
/// was that failed. `None` where nothing was locked.
pub(crate) fn lock_event(
    work: &mut Work<'_>,
    place: &OrganizationId,
    user: &UserId,
    counted: throttle::Counted,
) -> Result<Option<Event>, StoreError> {
    let (throttle::Standing::Locked(until), true) = (counted.standing, counted.locked_now) else {
        return Ok(None);
    };
    let to = users::store::addressee(work, place, user)?;
    if let Some(to) = to.filter(|to| to.status == Status::Active) {
        let by_provider = organizations::store::method(work, place)? == LoginMethod::IdpAccount;
        let message = Message::Locked {
            name: to.name.clone(),
            organization: to.organization_name.clone(),
            until,
            address: work.origin().address.map(|address| address.to_string()).unwrap_or_default(),
            by_provider,
        };
        outbox::post(work, &to, &message)?;
    }
    Ok(Some(Event::done(Kind::AccountLocked).with("until", until.to_string())))
}
