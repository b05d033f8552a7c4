//! Queries on logins that wait for their second factor.

use chrono::Duration;
use diesel::prelude::*;

use super::PendingLogin;
use crate::access::{Method, Proof, SecondFactor};
use crate::base::digest::Digest;
use crate::base::ids::{LoginId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::{logins_in_progress, organizations, users};
use crate::platform::store::{StoreError, Work};

#[derive(Insertable)]
#[diesel(table_name = logins_in_progress, treat_none_as_default_value = false)]
struct NewLogin<'a> {
    id: LoginId,
    token_hash: Digest,
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    method: Method,
    password_changed_at: Option<Moment>,
    factor: Option<SecondFactor>,
    return_to: &'a str,
    begun_at: Moment,
    authenticated_at: Moment,
    created_at: Moment,
    expires_at: Moment,
}

/// Keeps a login in progress. Its pages name it by their form tokens; the digest of a token is written for versions that
/// find it by a cookie, and of no token that exists.
pub(super) fn insert(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    password_changed_at: Option<Moment>,
    proof: Proof,
    return_to: &str,
    lifetime: Duration,
) -> Result<LoginId, StoreError> {
    let id: LoginId = work.id();
    let now = work.now();
    let row = NewLogin {
        id: id.clone(),
        token_hash: work.entropy().token().digest(),
        organization_id: organization,
        user_id: user,
        method: proof.method,
        password_changed_at,
        factor: None,
        return_to,
        begun_at: proof.begun,
        authenticated_at: proof.authenticated,
        created_at: now,
        expires_at: now + lifetime,
    };
    diesel::insert_into(logins_in_progress::table).values(&row).execute(work.conn())?;
    Ok(id)
}

type Row = (
    (LoginId, OrganizationId, String, UserId, String),
    (Option<Moment>, Option<SecondFactor>, String),
    (Method, Moment, Moment),
);

/// A login, while it lasts.
pub(super) fn find(work: &mut Work<'_>, id: &LoginId) -> Result<Option<PendingLogin>, StoreError> {
    let now = work.now();
    let mine = users::organization_id.eq(logins_in_progress::organization_id);
    let row = logins_in_progress::table
        .inner_join(users::table.on(mine.and(users::id.eq(logins_in_progress::user_id))))
        .inner_join(organizations::table.on(organizations::id.eq(logins_in_progress::organization_id)))
        .filter(logins_in_progress::id.eq(id.clone()))
        .filter(logins_in_progress::expires_at.gt(now))
        .select((
            (logins_in_progress::id, organizations::id, organizations::name, users::id, users::email),
            (logins_in_progress::password_changed_at, logins_in_progress::factor, logins_in_progress::return_to),
            (logins_in_progress::method, logins_in_progress::begun_at, logins_in_progress::authenticated_at),
        ));
    let found: Option<Row> = row.first(work.conn()).optional()?;
    Ok(found.map(|(who, what, proof)| {
        let (id, organization, organization_name, user, email) = who;
        let (password_changed_at, factor, return_to) = what;
        let (method, begun, authenticated) = proof;
        let proof = Proof { method, second_factor: None, begun, authenticated };
        PendingLogin { id, organization, organization_name, user, email, password_changed_at, factor, return_to, proof }
    }))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of<'a>(login: &'a PendingLogin) -> _ {
    let (organization, id): (OrganizationId, LoginId) = (login.organization.clone(), login.id.clone());
    logins_in_progress::table
        .filter(logins_in_progress::organization_id.eq(organization))
        .filter(logins_in_progress::id.eq(id))
}

/// Notes which second factor was chosen.
pub(super) fn choose(work: &mut Work<'_>, login: &PendingLogin, factor: SecondFactor) -> Result<(), StoreError> {
    diesel::update(of(login)).set(logins_in_progress::factor.eq(Some(factor))).execute(work.conn())?;
    Ok(())
}

/// A login that is over; `false` when it was before.
pub(super) fn forget(work: &mut Work<'_>, login: &PendingLogin) -> Result<bool, StoreError> {
    Ok(diesel::delete(of(login)).execute(work.conn())? == 1)
}

/// When the password of a user was set.
pub(super) fn password_changed_at(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Moment>, StoreError> {
    let row = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::id.eq(user.clone()))
        .select(users::password_changed_at);
    Ok(row.first(work.conn())?)
}
