//! Queries on the owner's recovery codes.

use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::owner_recovery_codes;
use crate::platform::store::{StoreError, Work};

#[diesel::dsl::auto_type(no_type_alias)]
fn unused<'a>(organization: &'a OrganizationId, user: &'a UserId) -> _ {
    let (organization, user): (OrganizationId, UserId) = (organization.clone(), user.clone());
    owner_recovery_codes::table
        .filter(owner_recovery_codes::organization_id.eq(organization))
        .filter(owner_recovery_codes::user_id.eq(user))
        .filter(owner_recovery_codes::used_at.is_null())
}

/// Every code of an organization is void.
pub fn remove(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    let rows = owner_recovery_codes::table.filter(owner_recovery_codes::organization_id.eq(organization.clone()));
    diesel::delete(rows).execute(work.conn())?;
    Ok(())
}

pub(super) fn put(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hashes: Vec<Digest>,
) -> Result<(), StoreError> {
    let now = work.now();
    for hash in hashes {
        let values = (
            owner_recovery_codes::organization_id.eq(organization.clone()),
            owner_recovery_codes::user_id.eq(user.clone()),
            owner_recovery_codes::code_hash.eq(hash),
            owner_recovery_codes::made_at.eq(now),
        );
        diesel::insert_into(owner_recovery_codes::table).values(values).execute(work.conn())?;
    }
    Ok(())
}

/// How many codes are left.
pub fn count(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<i64, StoreError> {
    Ok(unused(organization, user).count().get_result(work.conn())?)
}

pub(super) fn has(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hash: &Digest,
) -> Result<bool, StoreError> {
    let row = unused(organization, user).filter(owner_recovery_codes::code_hash.eq(hash.clone()));
    let found: i64 = row.count().get_result(work.conn())?;
    Ok(found > 0)
}

pub(super) fn spend(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hash: &Digest,
) -> Result<bool, StoreError> {
    let now = work.now();
    let row = unused(organization, user).filter(owner_recovery_codes::code_hash.eq(hash.clone()));
    Ok(diesel::update(row).set(owner_recovery_codes::used_at.eq(Some::<Moment>(now))).execute(work.conn())? == 1)
}
