//! A lock that a failure caused is told by email to the user, and by an event that the counter of the failure records.

use crate::base::ids::{OrganizationId, UserId};
use crate::base::organization::LoginMethod;
use crate::base::user::Status;
use crate::features::{organizations, users};
use crate::platform::events::{Event, Kind};
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle;
use crate::platform::throttle::LoginLimit;

/// What a failure that was counted has locked: the user is told by email, and the caller records the event, whatever it
/// was that failed. `None` where nothing was locked.
pub(crate) fn lock_event(
    work: &mut Work<'_>,
    place: &OrganizationId,
    user: &UserId,
    counted: throttle::Counted,
) -> Result<Option<Event>, StoreError> {
    let (LoginLimit::Locked(until), true) = (counted.limit, counted.locked_now) else {
        return Ok(None);
    };
    let to = users::addressee(work, place, user)?;
    if let Some(to) = to.filter(|to| to.status == Status::Active) {
        let by_provider = organizations::method(work, place)? == LoginMethod::IdpAccount;
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
