//! What a login makes of the facts of an attempt.

use super::step::Progress;
use crate::access::Method;
use crate::access::decisions::session;
use crate::features::passwords::{Attempt, Facts};
use crate::platform::events::Event;

pub(super) fn may_log_in(facts: &Facts) -> bool {
    match (&facts.organization, &facts.user) {
        (Some(organization), Some(user)) => session::may_log_in(organization.state, user.status),
        _ => false,
    }
}

pub(super) fn progress(facts: &Facts, password: bool, second_factor: bool) -> Progress {
    Progress { password, second_factor, ..Progress::begun(facts.organization.as_ref()) }
}

/// An event of a login. What was typed is not kept.
pub(super) fn event(facts: &Facts, event: Event, attempt: &Attempt) -> Event {
    facts
        .about(event, attempt)
        .with("method", Method::Password.word())
        .with("known_browser", facts.known_since.is_some())
}
