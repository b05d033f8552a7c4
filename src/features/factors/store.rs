//! Queries on second factors.

use diesel::prelude::*;

use super::authenticator::{Seed, State};
use super::{Factors, recovery};
use crate::base::digest::Digest;
use crate::base::ids::{AuthenticatorId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::person::Phone;
use crate::platform::store::schema::{
    authenticator_recovery_codes as recovery_codes, authenticators, organizations, users,
};
use crate::platform::store::{StoreError, Work};

/// What a user has set up.
pub fn factors(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<Factors, StoreError> {
    let app = authenticators::table
        .filter(authenticators::organization_id.eq(organization.clone()))
        .filter(authenticators::user_id.eq(user.clone()))
        .filter(authenticators::state.eq(State::InForce))
        .select(authenticators::created_at);
    let left = recovery_codes::table
        .filter(recovery_codes::organization_id.eq(organization.clone()))
        .filter(recovery_codes::user_id.eq(user.clone()))
        .filter(recovery_codes::used_at.is_null());
    let row = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::id.eq(user.clone()))
        .select((
            users::mobile,
            users::mobile_verified_at,
            app.single_value(),
            left.count().single_value().assume_not_null(),
        ));
    let found: (Option<Phone>, Option<Moment>, Option<Moment>, i64) = row.first(work.conn())?;
    let (mobile, mobile_verified_at, authenticator_since, recovery_codes) = found;
    Ok(Factors { mobile, mobile_verified_at, authenticator_since, recovery_codes })
}

/// Sets or removes a number; it is unverified then.
pub(super) fn set_mobile(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    number: Option<&Phone>,
) -> Result<(), StoreError> {
    let row = users::table.filter(users::organization_id.eq(organization.clone())).filter(users::id.eq(user.clone()));
    let change = (users::mobile.eq(number.cloned()), users::mobile_verified_at.eq(None::<Moment>));
    diesel::update(row).set(change).execute(work.conn())?;
    Ok(())
}

/// Notes that a number is its owner's, if it is still the user's.
pub(super) fn mark_mobile_verified(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    number: &str,
) -> Result<(), StoreError> {
    let now = work.now();
    let row = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::id.eq(user.clone()))
        .filter(users::mobile.eq(number.to_owned()));
    diesel::update(row).set(users::mobile_verified_at.eq(Some(now))).execute(work.conn())?;
    Ok(())
}

/// Whether a user is the owner.
pub(super) fn is_owner(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<bool, StoreError> {
    let row = organizations::table.find(organization.clone()).filter(organizations::owner_id.eq(user.clone()));
    Ok(row.count().get_result::<i64>(work.conn())? > 0)
}

#[derive(Insertable)]
#[diesel(table_name = authenticators, treat_none_as_default_value = false)]
struct NewAuthenticator {
    id: AuthenticatorId,
    organization_id: OrganizationId,
    user_id: UserId,
    state: State,
    sealed: Vec<u8>,
    last_step: i64,
    steps_ahead: i64,
    created_at: Moment,
}

/// An authenticator as stored, opened.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: AuthenticatorId,
    pub(super) seed: Seed,
    /// Steps that the clock of the app was ahead of ours when it was set up.
    pub(super) ahead: i64,
}

fn identity(id: &AuthenticatorId) -> String {
    format!("authenticators/{id}")
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of<'a>(organization: &'a OrganizationId, user: &'a UserId) -> _ {
    let (organization, user): (OrganizationId, UserId) = (organization.clone(), user.clone());
    authenticators::table
        .filter(authenticators::organization_id.eq(organization))
        .filter(authenticators::user_id.eq(user))
}

/// The authenticator of a user in a state. One whose key is gone cannot be opened: that is an error, not "none".
pub(super) fn authenticator(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    state: State,
) -> Result<Option<Found>, StoreError> {
    let row = of(organization, user).filter(authenticators::state.eq(state)).select((
        authenticators::id,
        authenticators::sealed,
        authenticators::steps_ahead,
    ));
    let found: Option<(AuthenticatorId, Vec<u8>, i64)> = row.first(work.conn()).optional()?;
    let Some((id, sealed, ahead)) = found else {
        return Ok(None);
    };
    let seed = work.keys().open(identity(&id).as_bytes(), &sealed).and_then(|plain| Seed::stored(&plain));
    let seed = seed.ok_or(StoreError::Unreadable("an authenticator's seed cannot be opened"))?;
    Ok(Some(Found { id, seed, ahead }))
}

/// Keeps the seed of an authenticator that is being set up, in the place of an earlier one.
pub(super) fn put_pending(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    seed: &Seed,
) -> Result<(), StoreError> {
    let older = of(organization, user).filter(authenticators::state.eq(State::Pending));
    diesel::delete(older).execute(work.conn())?;
    let id: AuthenticatorId = work.id();
    let sealed = work.keys().seal(work.entropy(), identity(&id).as_bytes(), seed.as_bytes());
    let row = NewAuthenticator {
        id,
        organization_id: organization.clone(),
        user_id: user.clone(),
        state: State::Pending,
        sealed,
        last_step: 0,
        steps_ahead: 0,
        created_at: work.now(),
    };
    diesel::insert_into(authenticators::table).values(&row).execute(work.conn())?;
    Ok(())
}

/// Puts the one that was being set up in force, in the place of an older one; `false` when it is gone.
pub(super) fn put_in_force(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    id: &AuthenticatorId,
    step: i64,
    ahead: i64,
) -> Result<bool, StoreError> {
    let now = work.now();
    let mine = of(organization, user)
        .filter(authenticators::id.eq(id.clone()))
        .filter(authenticators::state.eq(State::Pending));
    // Held by this transaction before the older one goes.
    if diesel::update(mine.clone())
        .set((authenticators::last_step.eq(step), authenticators::steps_ahead.eq(ahead)))
        .execute(work.conn())?
        == 0
    {
        return Ok(false);
    }
    let older = of(organization, user).filter(authenticators::state.eq(State::InForce));
    diesel::delete(older).execute(work.conn())?;
    let change = (authenticators::state.eq(State::InForce), authenticators::created_at.eq(now));
    Ok(diesel::update(mine).set(change).execute(work.conn())? == 1)
}

/// Notes the step of a code that was used; `false` when it or a later one was used before.
pub(super) fn move_forward(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &AuthenticatorId,
    step: i64,
) -> Result<bool, StoreError> {
    let row = authenticators::table
        .filter(authenticators::organization_id.eq(organization.clone()))
        .filter(authenticators::id.eq(id.clone()))
        .filter(authenticators::last_step.lt(step));
    Ok(diesel::update(row).set(authenticators::last_step.eq(step)).execute(work.conn())? == 1)
}

/// Removes what is in force and what is being set up; says how many.
pub(super) fn remove_authenticators(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<usize, StoreError> {
    Ok(diesel::delete(of(organization, user)).execute(work.conn())?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn codes_of<'a>(organization: &'a OrganizationId, user: &'a UserId) -> _ {
    let (organization, user): (OrganizationId, UserId) = (organization.clone(), user.clone());
    recovery_codes::table
        .filter(recovery_codes::organization_id.eq(organization))
        .filter(recovery_codes::user_id.eq(user))
}

/// Removes all recovery codes of a user.
pub(super) fn remove_recovery_codes(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<(), StoreError> {
    diesel::delete(codes_of(organization, user)).execute(work.conn())?;
    Ok(())
}

/// Keeps the hashes of new recovery codes.
pub(super) fn put_recovery_codes(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hashes: Vec<Digest>,
) -> Result<(), StoreError> {
    debug_assert!(hashes.len() == recovery::COUNT);
    let now = work.now();
    for hash in hashes {
        let row = (
            recovery_codes::organization_id.eq(organization.clone()),
            recovery_codes::user_id.eq(user.clone()),
            recovery_codes::code_hash.eq(hash),
            recovery_codes::created_at.eq(now),
        );
        diesel::insert_into(recovery_codes::table).values(row).execute(work.conn())?;
    }
    Ok(())
}

/// How many of these hashes are unused codes of a user.
pub(super) fn count_recovery_codes(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hashes: Vec<Digest>,
) -> Result<i64, StoreError> {
    let mut count = 0;
    for hash in hashes {
        let row = codes_of(organization, user)
            .filter(recovery_codes::code_hash.eq(hash))
            .filter(recovery_codes::used_at.is_null());
        count += row.count().get_result::<i64>(work.conn())?;
    }
    Ok(count)
}

/// Uses a recovery code up; `false` when it is none or was used.
pub(super) fn use_recovery_code(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hash: &Digest,
) -> Result<bool, StoreError> {
    let now = work.now();
    let row = codes_of(organization, user)
        .filter(recovery_codes::code_hash.eq(hash.clone()))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(row).set(recovery_codes::used_at.eq(Some(now))).execute(work.conn())? == 1)
}
