//! Queries on password expiration.

use chrono::Duration;
use diesel::prelude::*;

use crate::access::ManageSecurity;
use crate::access::decisions::expiration::{Expiration, MOST};
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::{LoginMethod, State};
use crate::base::user::Status;
use crate::platform::store::schema::{organizations as organization_rows, users};
use crate::platform::store::{StoreError, Tx, Work};

/// The policy in force.
pub fn policy(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Expiration, StoreError> {
    let row = organization_rows::table.find(organization.clone()).select(organization_rows::password_days);
    Ok(Expiration::stored(row.first(work.conn())?))
}

/// Puts a policy in force.
pub(super) fn set(work: &mut Work<'_>, organization: &OrganizationId, policy: Expiration) -> Result<(), StoreError> {
    let row = organization_rows::table.find(organization.clone());
    diesel::update(row).set(organization_rows::password_days.eq(policy.days())).execute(work.conn())?;
    Ok(())
}

/// When the passwords of all who may log in were last set.
pub(crate) fn changes(tx: &mut Tx<'_, ManageSecurity>) -> Result<Vec<Moment>, StoreError> {
    let rows = tx
        .users()
        .filter(users::status.eq(Status::Active))
        .filter(users::password_changed_at.is_not_null())
        .select(users::password_changed_at.assume_not_null());
    Ok(rows.load(tx.conn())?)
}

/// When the caller's own password was set.
pub(crate) fn own_change(tx: &mut Tx<'_, ManageSecurity>) -> Result<Option<Moment>, StoreError> {
    let row = tx.users().filter(users::id.eq(tx.user().clone())).select(users::password_changed_at);
    Ok(row.first(tx.conn())?)
}

/// Organizations whose passwords expire now.
pub(super) fn expiring_organizations(work: &mut Work<'_>) -> Result<Vec<(OrganizationId, Expiration)>, StoreError> {
    let rows = organization_rows::table
        .filter(organization_rows::password_days.is_not_null())
        .filter(organization_rows::login_method.eq(LoginMethod::CloudAccount))
        .filter(organization_rows::state.eq(State::Active))
        .order(organization_rows::id)
        .select((organization_rows::id, organization_rows::password_days));
    let rows: Vec<(OrganizationId, Option<i64>)> = rows.load(work.conn())?;
    Ok(rows.into_iter().map(|(id, days)| (id, Expiration::stored(days))).collect())
}

/// A user whose password expires soon.
#[derive(Clone, Debug, Queryable)]
pub(super) struct Ending {
    pub(super) user: UserId,
    pub(super) changed: Option<Moment>,
    /// Of which end they were last told, and how many days before.
    pub(super) told_of: Option<Moment>,
    pub(super) told_days: Option<i64>,
}

/// Users after `last` whose passwords expire within some days, in the order of their ids.
pub(super) fn ending(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: Expiration,
    days: i64,
    last: Option<&UserId>,
    most: i64,
) -> Result<Vec<Ending>, StoreError> {
    let now = work.now();
    let span = policy.days().unwrap_or(MOST);
    let mut rows = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::status.eq(Status::Active))
        .filter(users::password_changed_at.gt(now - Duration::days(span)))
        .filter(users::password_changed_at.le(now - Duration::days(span - days)))
        .into_boxed();
    if let Some(last) = last {
        rows = rows.filter(users::id.gt(last.clone()));
    }
    let rows = rows.order(users::id).limit(most).select((
        users::id,
        users::password_changed_at,
        users::expiry_told_of,
        users::expiry_told_days,
    ));
    Ok(rows.load(work.conn())?)
}

/// Notes that a user was told of an end so many days before; `false` when they had been, or set a new password meanwhile.
pub(super) fn note_reminder(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    ending: &Ending,
    end: Moment,
    days: i64,
) -> Result<bool, StoreError> {
    let untold = users::expiry_told_of
        .is_null()
        .or(users::expiry_told_of.ne(Some(end)).or(users::expiry_told_days.gt(Some(days))));
    let row = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::id.eq(ending.user.clone()))
        .filter(users::password_changed_at.eq(ending.changed))
        .filter(untold);
    let change = (users::expiry_told_of.eq(Some(end)), users::expiry_told_days.eq(Some(days)));
    Ok(diesel::update(row).set(change).execute(work.conn())? == 1)
}
