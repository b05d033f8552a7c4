//! Queries that remove what has expired.

use chrono::Duration;
use diesel::dsl::not;
use diesel::prelude::*;

use crate::base::user::Status;
use crate::features::factors::authenticator::State;
use crate::features::links::Purpose;
use crate::platform::config::Sessions;
use crate::platform::store::schema::{
    audit_rows, authenticators, codes, held_forms, idp_returns, logins_in_progress, mailed_links, repair_sessions,
    sessions, sign_ups, throttles, users,
};
use crate::platform::store::{StoreError, Work};

/// A setup key that was shown and not used is not kept longer than its page is looked at.
const OLD_SETUPS: Duration = Duration::hours(1);

/// A form that was interrupted waits for its user as long as a day of work.
const OLD_FORMS: Duration = Duration::hours(24);

pub(super) fn forget_expired(work: &mut Work<'_>, limits: &Sessions) -> Result<(), StoreError> {
    crate::platform::mail::store::forget_failed(work)?;
    let now = work.now();
    let connection = work.conn();
    diesel::delete(sign_ups::table.filter(sign_ups::expires_at.le(now))).execute(connection)?;
    diesel::delete(throttles::table.filter(throttles::expires_at.le(now))).execute(connection)?;
    diesel::delete(audit_rows::table.filter(audit_rows::expires_at.le(now))).execute(connection)?;
    let old = mailed_links::expires_at.le(now - crate::features::links::KEPT);
    // Whether an invitation ran out or was revoked is known for as long as its user has not accepted one.
    let invited = users::table.filter(users::status.eq(Status::Invited)).select(users::id);
    let known = mailed_links::purpose.eq(Purpose::Invitation).and(mailed_links::user_id.eq_any(invited));
    diesel::delete(mailed_links::table.filter(old).filter(not(known))).execute(connection)?;
    diesel::delete(codes::table.filter(codes::expires_at.le(now))).execute(connection)?;
    diesel::delete(logins_in_progress::table.filter(logins_in_progress::expires_at.le(now))).execute(connection)?;
    diesel::delete(idp_returns::table.filter(idp_returns::expires_at.le(now))).execute(connection)?;
    diesel::delete(repair_sessions::table.filter(repair_sessions::expires_at.le(now))).execute(connection)?;
    diesel::delete(held_forms::table.filter(held_forms::created_at.le(now - OLD_FORMS))).execute(connection)?;
    let begun = authenticators::table.filter(authenticators::state.eq(State::Pending));
    diesel::delete(begun.filter(authenticators::created_at.le(now - OLD_SETUPS))).execute(connection)?;
    let idle = now - Duration::minutes(limits.idle_minutes);
    let absolute = now - Duration::hours(limits.absolute_hours);
    let over = sessions::table.filter(sessions::last_seen_at.le(idle).or(sessions::created_at.le(absolute)));
    diesel::delete(over).execute(connection)?;
    Ok(())
}
