//! Queries on two-factor authentication as a policy.

use diesel::dsl::{case_when, exists, min};
use diesel::prelude::*;

use super::Facts;
use crate::access::live;
use crate::access::{ManageLogin, SecondFactor};
use crate::base::ids::{OrganizationId, SessionId};
use crate::base::user::Status;
use crate::features::factors::authenticator::State;
use crate::platform::config::Sessions;
use crate::platform::mail::{self, Channel};
use crate::platform::store::schema::{authenticators, mails, organizations, sessions, users};
use crate::platform::store::{StoreError, Tx, Work};

/// Turns it on or off; `false` when it was so already.
pub fn turn(work: &mut Work<'_>, organization: &OrganizationId, on: bool) -> Result<bool, StoreError> {
    let row = organizations::table.find(organization.clone()).filter(organizations::two_factor.eq(!on));
    Ok(diesel::update(row).set(organizations::two_factor.eq(on)).execute(work.conn())? == 1)
}

/// What a preview is made of.
pub(super) fn facts(tx: &mut Tx<'_, ManageLogin>, limits: &Sessions, sends_sms: bool) -> Result<Facts, StoreError> {
    let people = || tx.users().filter(users::status.eq(Status::Active));
    let app = || {
        authenticators::table
            .filter(authenticators::organization_id.eq(users::organization_id))
            .filter(authenticators::user_id.eq(users::id))
            .filter(authenticators::state.eq(State::InForce))
    };
    let with_mobile = || people().filter(users::mobile_verified_at.is_not_null());
    let (all, mobile) = (people().count(), with_mobile().count());
    let (apps, both) = (people().filter(exists(app())).count(), with_mobile().filter(exists(app())).count());
    let sessions = tx
        .sessions()
        .filter(sessions::id.ne(tx.session().clone()))
        .filter(live(tx.now(), limits))
        .select(sessions::second_factor);
    let waiting = tx
        .mails()
        .filter(mails::channel.eq(Channel::Mail))
        .filter(mails::state.eq(mail::State::Queued))
        // What is for a later day waits for no mail server.
        .filter(mails::tried_since.is_null().or(mails::tried_since.le(Some(tx.now()))))
        .select(min(case_when(mails::tried_since.is_not_null(), mails::tried_since.assume_not_null())
            .otherwise(mails::created_at)));
    Ok(Facts {
        users: all.get_result(tx.conn())?,
        mobile: mobile.get_result(tx.conn())?,
        apps: apps.get_result(tx.conn())?,
        both: both.get_result(tx.conn())?,
        sessions: sessions.load(tx.conn())?,
        oldest_waiting: waiting.first(tx.conn())?,
        sends_sms,
    })
}

/// Notes on the session that asks what its user has just shown.
pub(super) fn note_factor(tx: &mut Tx<'_, ManageLogin>, factor: SecondFactor) -> Result<(), StoreError> {
    let (organization, session): (OrganizationId, SessionId) = (tx.organization().clone(), tx.session().clone());
    let row = sessions::table.filter(sessions::organization_id.eq(organization)).filter(sessions::id.eq(session));
    diesel::update(row).set(sessions::second_factor.eq(Some(factor))).execute(tx.conn())?;
    Ok(())
}
