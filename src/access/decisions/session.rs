//! Whether a user may log in and whether a session is alive. Each is said once for values and, where a statement decides, once
//! for rows; `tests/it/decisions.rs` holds the two together.

use chrono::Duration;
use diesel::prelude::*;

use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::base::user::Status;
use crate::platform::config;
use crate::platform::store::schema::{organizations, sessions, users};

/// Whether a user of an organization may log in, whatever they show.
pub fn may_log_in(organization: State, user: Status) -> bool {
    organization == State::Active && user == Status::Active
}

/// Rows of organizations whose users may log in.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn is_open() -> _ {
    let active: State = State::Active;
    organizations::state.eq(active)
}

/// Rows of users who may log in.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn is_active() -> _ {
    let active: Status = Status::Active;
    users::status.eq(active)
}

/// Whether a session is alive, by both limits: since it was begun and since it was last used.
pub fn is_alive(begun: Moment, used: Moment, now: Moment, limits: &config::Sessions) -> bool {
    let idle = now.since(used) < Duration::minutes(limits.idle_minutes);
    let absolute = now.since(begun) < Duration::hours(limits.absolute_hours);
    idle && absolute
}

/// Rows of sessions that are alive.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn live<'a>(now: Moment, limits: &'a config::Sessions) -> _ {
    let used_since: Moment = now - Duration::minutes(limits.idle_minutes);
    let begun_since: Moment = now - Duration::hours(limits.absolute_hours);
    sessions::last_seen_at.gt(used_since).and(sessions::created_at.gt(begun_since))
}
