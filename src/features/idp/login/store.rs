//! Queries on who comes in through a provider.

use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::email::Email;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::base::user::Status;
use crate::platform::store::schema::{known_browsers, organizations, users};
use crate::platform::store::{StoreError, Work};

/// Whether the organization is in use.
pub(super) fn state(work: &mut Work<'_>, organization: &OrganizationId) -> Result<State, StoreError> {
    Ok(organizations::table.find(organization.clone()).select(organizations::state).first(work.conn())?)
}

/// The user of the first address that is registered.
pub(super) fn of_addresses(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    addresses: &[Email],
) -> Result<Option<UserId>, StoreError> {
    for address in addresses {
        let row = users::table
            .filter(users::organization_id.eq(organization.clone()))
            .filter(users::email.eq(address.clone()))
            .select(users::id);
        if let Some(user) = row.first(work.conn()).optional()? {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn one<'a>(organization: &'a OrganizationId, user: &'a UserId) -> _ {
    let (organization, user): (OrganizationId, UserId) = (organization.clone(), user.clone());
    users::table.filter(users::organization_id.eq(organization)).filter(users::id.eq(user))
}

/// Whether a user may log in.
pub(super) fn status(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<Status, StoreError> {
    Ok(one(organization, user).select(users::status).first(work.conn())?)
}

/// Notes the login; whoever was invited is active from now on. Says whether they were.
pub(super) fn enter(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<bool, StoreError> {
    let now = work.now();
    let change = users::last_login_at.eq(Some(now));
    diesel::update(one(organization, user)).set(change).execute(work.conn())?;
    let invited = one(organization, user).filter(users::status.eq(Status::Invited));
    Ok(diesel::update(invited).set(users::status.eq(Status::Active)).execute(work.conn())? == 1)
}

/// When a browser last logged into an account, if it has.
pub(super) fn known_since(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    browser: &Digest,
) -> Result<Option<Moment>, StoreError> {
    let row = known_browsers::table
        .filter(known_browsers::organization_id.eq(organization.clone()))
        .filter(known_browsers::user_id.eq(user.clone()))
        .filter(known_browsers::token_hash.eq(browser.clone()))
        .select(known_browsers::last_seen_at);
    Ok(row.first(work.conn()).optional()?)
}
