//! What is known of an attempt to log in, or to show again who it is.

use super::Attempt;
use super::lock::lock_event;
use super::store::{self, Credentials};
use crate::access::PasswordHash;
use crate::base::ids::UserId;
use crate::base::moment::Moment;
use crate::features::organizations::OrganizationLogin;
use crate::platform::events::Event;
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle::{Counted, LoginThrottle, ThrottleState};

/// The facts that an attempt is decided by.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) organization: Option<OrganizationLogin>,
    pub(crate) user: Option<Credentials>,
    pub(crate) throttle: LoginThrottle,
    pub(crate) known_since: Option<Moment>,
    pub(crate) state: ThrottleState,
}

impl Facts {
    /// The password hash of `user`, where the attempt names that user.
    pub(super) fn hash_of(&self, user: &UserId) -> Option<PasswordHash> {
        self.user.as_ref().filter(|found| found.id == *user).and_then(|found| found.hash.clone())
    }

    /// An event in the organization and on the user when they exist.
    pub(crate) fn about(&self, event: Event, attempt: &Attempt) -> Event {
        let event = match &self.organization {
            Some(organization) => event.within(&organization.id),
            None => event,
        };
        match &self.user {
            Some(user) => event.on("user", &user.id, &attempt.email),
            None => event,
        }
    }

    /// The event of a lock, where an attempt on a user who exists has caused one.
    pub(crate) fn lock_event(&self, work: &mut Work<'_>, counted: Counted) -> Result<Option<Event>, StoreError> {
        match (&self.organization, &self.user) {
            (Some(organization), Some(user)) => lock_event(work, &organization.id, &user.id, counted),
            _ => Ok(None),
        }
    }
}

/// Looks everything up, in two statements whatever they find, so that all answers take equally long.
pub(crate) fn facts(work: &mut Work<'_>, attempt: &Attempt) -> Result<Facts, StoreError> {
    let token = attempt.browser.clone().unwrap_or_else(|| work.entropy().token()).digest();
    let found = store::find(work, &attempt.organization, &attempt.email, &token)?;
    let known_since = found.as_ref().and_then(|found| found.known_since);
    let (organization, user) = found.map(|found| (found.organization, found.user)).unzip();
    let user = user.flatten();
    let owner = match (&organization, &user) {
        (Some(organization), Some(user)) => Some((organization.id.clone(), user.id.clone())),
        _ => None,
    };
    let (address, known) = (work.origin().address, known_since.is_some().then_some(&token));
    let throttle = LoginThrottle::new(work, &attempt.organization, &attempt.email, known, address, owner);
    let state = throttle.state(work)?;
    Ok(Facts { organization, user, throttle, known_since, state })
}
