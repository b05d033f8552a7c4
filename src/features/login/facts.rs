//! What is known of an attempt to log in.

use super::step::Progress;
use crate::access::Method;
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::base::user::Status;
use crate::features::organizations;
use crate::features::passwords::{self, Attempt, Credentials, lock_event};
use crate::platform::events::Event;
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle;

/// The facts that an attempt is decided by.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) organization: Option<organizations::Door>,
    pub(crate) user: Option<Credentials>,
    pub(crate) gate: throttle::Gate,
    pub(super) known_since: Option<Moment>,
    pub(crate) look: throttle::Look,
}

impl Facts {
    pub(super) fn may_log_in(&self) -> bool {
        let open = self.organization.as_ref().is_some_and(|door| door.state == State::Active);
        open && self.user.as_ref().is_some_and(|user| user.status == Status::Active)
    }

    pub(super) fn progress(&self, password: bool, second_factor: bool) -> Progress {
        Progress { password, second_factor, ..Progress::begun(self.organization.as_ref()) }
    }

    /// An event of this login. What was typed is not kept.
    pub(super) fn event(&self, event: Event, attempt: &Attempt) -> Event {
        self.about(event, attempt)
            .with("method", Method::Password.word())
            .with("known_browser", self.known_since.is_some())
    }

    /// An event in the organization and on the user when they exist.
    pub(crate) fn about(&self, event: Event, attempt: &Attempt) -> Event {
        let event = match &self.organization {
            Some(door) => event.within(&door.id),
            None => event,
        };
        match &self.user {
            Some(user) => event.on("user", &user.id, &attempt.email),
            None => event,
        }
    }
}

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

/// Looks everything up, in two statements whatever they find, so that all answers take equally long.
pub(crate) fn facts(work: &mut Work<'_>, attempt: &Attempt) -> Result<Facts, StoreError> {
    let token = attempt.browser.clone().unwrap_or_else(|| work.entropy().token()).digest();
    let found = passwords::find(work, &attempt.organization, &attempt.email, &token)?;
    let known_since = found.as_ref().and_then(|found| found.known_since);
    let (organization, user) = found.map(|found| (found.door, found.user)).unzip();
    let user = user.flatten();
    let owner = organization.as_ref().zip(user.as_ref()).map(|(door, user)| (door.id.clone(), user.id.clone()));
    let (address, known) = (work.origin().address, known_since.is_some().then_some(&token));
    let gate = throttle::Gate::new(work, &attempt.organization, &attempt.email, known, address, owner);
    let look = gate.look(work)?;
    Ok(Facts { organization, user, gate, known_since, look })
}
