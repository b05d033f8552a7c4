//! Queries on whom a provider touches that is put in force.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::Impact;
use crate::access::Method;
use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::user::Status;
use crate::features::links::Purpose;
use crate::platform::store::schema::{
    idp_bindings, logins_in_progress, mailed_links, organizations, repair_sessions, sessions, users,
};
use crate::platform::store::{StoreError, Work};

/// Whom it touches.
pub fn impact(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    keeps_bindings: bool,
    live_since: Moment,
) -> Result<Impact, StoreError> {
    let people = || users::table.filter(users::organization_id.eq(organization.clone()));
    let binding = || {
        idp_bindings::table
            .filter(idp_bindings::organization_id.eq(users::organization_id))
            .filter(idp_bindings::user_id.eq(users::id))
    };
    let active = || people().filter(users::status.eq(Status::Active));
    let (matched, bound): (i64, i64) = match keeps_bindings {
        true => (
            active().filter(not(exists(binding()))).count().get_result(work.conn())?,
            active().filter(exists(binding())).count().get_result(work.conn())?,
        ),
        false => (active().count().get_result(work.conn())?, 0),
    };
    let invited = people().filter(users::status.eq(Status::Invited)).count().get_result(work.conn())?;
    let mut rows = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::last_seen_at.gt(live_since))
        .into_boxed();
    if keeps_bindings {
        rows = rows.filter(sessions::method.eq(Method::Password));
    }
    let two_factor = organizations::table
        .find(organization.clone())
        .select((organizations::two_factor, organizations::login_method));
    let sessions = rows.count().get_result(work.conn())?;
    let (two_factor, method): (bool, LoginMethod) = two_factor.first(work.conn())?;
    let ends_two_factor = two_factor && method == LoginMethod::CloudAccount;
    Ok(Impact { matched, bound, invited, sessions, ends_two_factor, keeps_bindings })
}

/// Ends sessions that rest on a password, and all of them where people are matched anew; says how many.
pub(super) fn end_sessions(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    keeps_bindings: bool,
) -> Result<usize, StoreError> {
    let all = sessions::table.filter(sessions::organization_id.eq(organization.clone()));
    Ok(match keeps_bindings {
        true => diesel::delete(all.filter(sessions::method.eq(Method::Password))).execute(work.conn())?,
        false => diesel::delete(all).execute(work.conn())?,
    })
}

/// What leads to a session by a password or a repair is over: logins half way, reset links, repair sessions.
pub(super) fn void_password_ways(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    let now = work.now();
    let pending = logins_in_progress::table.filter(logins_in_progress::organization_id.eq(organization.clone()));
    diesel::delete(pending).execute(work.conn())?;
    let repairs = repair_sessions::table.filter(repair_sessions::organization_id.eq(organization.clone()));
    diesel::delete(repairs).execute(work.conn())?;
    let resets = mailed_links::table
        .filter(mailed_links::organization_id.eq(organization.clone()))
        .filter(mailed_links::purpose.eq(Purpose::PasswordReset))
        .filter(mailed_links::used_at.is_null())
        .filter(mailed_links::replaced_at.is_null());
    diesel::update(resets).set(mailed_links::replaced_at.eq(Some(now))).execute(work.conn())?;
    Ok(())
}
