//! Queries of logins: logins in progress, browsers that have been seen, the last login.

use chrono::Duration;
use diesel::prelude::*;

use crate::entropy::Token;
use crate::store::schema::{known_browsers, logins_in_progress, users};
use crate::store::types::{Digest, LoginId, Moment, OrganizationId, UserId};
use crate::store::{StoreError, Work};

/// How long a login may take between its steps.
const LIFETIME: Duration = Duration::hours(1);

#[derive(Insertable)]
#[diesel(table_name = logins_in_progress)]
struct NewLogin {
    id: LoginId,
    token_hash: Digest,
    organization_name: String,
    return_to: String,
    created_at: Moment,
    expires_at: Moment,
}

/// A login in progress.
#[derive(Debug, Clone, Queryable)]
pub struct InProgress {
    /// The organization name as typed.
    pub organization: String,
    /// Where to go afterwards.
    pub return_to: String,
}

/// Begins a login with an organization name.
pub fn begin(work: &mut Work<'_>, organization: &str, return_to: &str) -> Result<Token, StoreError> {
    let token = work.entropy().token();
    let row = NewLogin {
        id: work.id(),
        token_hash: token.digest(),
        organization_name: organization.to_owned(),
        return_to: return_to.to_owned(),
        created_at: work.now(),
        expires_at: work.now() + LIFETIME,
    };
    diesel::insert_into(logins_in_progress::table).values(&row).execute(work.conn())?;
    Ok(token)
}

/// The login in progress behind a cookie.
pub fn in_progress(work: &mut Work<'_>, token: &Token) -> Result<Option<InProgress>, StoreError> {
    let now = work.now();
    let row = logins_in_progress::table
        .filter(logins_in_progress::token_hash.eq(token.digest()))
        .filter(logins_in_progress::expires_at.gt(now))
        .select((logins_in_progress::organization_name, logins_in_progress::return_to));
    Ok(row.first(work.conn()).optional()?)
}

/// Ends a login in progress.
pub fn end(work: &mut Work<'_>, token: &Token) -> Result<(), StoreError> {
    let row = logins_in_progress::table.filter(logins_in_progress::token_hash.eq(token.digest()));
    diesel::delete(row).execute(work.conn())?;
    Ok(())
}

/// Whether a browser has logged into an account before.
pub fn knows_browser(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    browser: &Digest,
) -> Result<bool, StoreError> {
    let row = known_browsers::table.find((organization.clone(), user.clone(), browser.clone()));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(work.conn())?)
}

/// Remembers a browser that has logged in.
pub fn remember_browser(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    browser: &Digest,
) -> Result<(), StoreError> {
    let now = work.now();
    let row = known_browsers::table.find((organization.clone(), user.clone(), browser.clone()));
    if diesel::update(row).set(known_browsers::last_seen_at.eq(now)).execute(work.conn())? == 1 {
        return Ok(());
    }
    let values = (
        known_browsers::token_hash.eq(browser.clone()),
        known_browsers::organization_id.eq(organization.clone()),
        known_browsers::user_id.eq(user.clone()),
        known_browsers::first_seen_at.eq(now),
        known_browsers::last_seen_at.eq(now),
    );
    match work.savepoint(|connection| diesel::insert_into(known_browsers::table).values(values).execute(connection)) {
        Ok(_) => Ok(()),
        // Two logins of one browser at once: the other one remembered it.
        Err(error) if error.is_duplicate() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Notes the last login; says whether there had been one before.
pub fn note_login(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<bool, StoreError> {
    let now = work.now();
    let mine = users::table.filter(users::organization_id.eq(organization.clone())).filter(users::id.eq(user.clone()));
    let before: Option<Moment> = mine.clone().select(users::last_login_at).first(work.conn())?;
    diesel::update(mine).set(users::last_login_at.eq(Some(now))).execute(work.conn())?;
    Ok(before.is_some())
}
