//! Queries on repair sessions.

use diesel::prelude::*;

use super::Repair;
use crate::access::decisions::session;
use crate::base::digest::Digest;
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, RepairId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::{organizations, repair_sessions, users};
use crate::platform::store::{StoreError, Work};

#[derive(Insertable)]
#[diesel(table_name = repair_sessions, treat_none_as_default_value = false)]
struct NewRepair<'a> {
    id: RepairId,
    token_hash: Digest,
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    confirmed_at: Option<Moment>,
    created_at: Moment,
    expires_at: Moment,
}

pub(super) fn insert(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    confirmed_at: Option<Moment>,
    until: Moment,
) -> Result<Token, StoreError> {
    let token = work.entropy().token();
    let row = NewRepair {
        id: work.id(),
        token_hash: token.digest(),
        organization_id: organization,
        user_id: user,
        confirmed_at,
        created_at: work.now(),
        expires_at: until,
    };
    diesel::insert_into(repair_sessions::table).values(&row).execute(work.conn())?;
    Ok(token)
}

type Row = ((RepairId, Option<Moment>, Moment), (OrganizationId, String), (UserId, String, String));

/// The repair of a token, while it lasts and its user owns the organization.
pub fn find(work: &mut Work<'_>, token: &Token) -> Result<Option<Repair>, StoreError> {
    let mine = users::organization_id.eq(repair_sessions::organization_id);
    let row = repair_sessions::table
        .inner_join(organizations::table.on(organizations::id.eq(repair_sessions::organization_id)))
        .inner_join(users::table.on(mine.and(users::id.eq(repair_sessions::user_id))))
        .filter(repair_sessions::token_hash.eq(token.digest()))
        .filter(repair_sessions::expires_at.gt(work.now()))
        .filter(session::is_open())
        .filter(session::is_active())
        .filter(organizations::owner_id.eq(repair_sessions::user_id))
        .select((
            (repair_sessions::id, repair_sessions::confirmed_at, repair_sessions::expires_at),
            (organizations::id, organizations::name),
            (users::id, users::email, users::name),
        ));
    let found: Option<Row> = row.first(work.conn()).optional()?;
    Ok(found.map(|((id, confirmed, until), (organization, organization_name), (user, email, name))| Repair {
        id,
        organization,
        organization_name,
        user,
        email,
        name,
        is_confirmed: confirmed.is_some(),
        until,
    }))
}

/// Removes a repair; `false` when it was gone.
pub(super) fn remove(work: &mut Work<'_>, repair: &Repair) -> Result<bool, StoreError> {
    let row = repair_sessions::table
        .filter(repair_sessions::organization_id.eq(repair.organization.clone()))
        .filter(repair_sessions::id.eq(repair.id.clone()));
    Ok(diesel::delete(row).execute(work.conn())? == 1)
}

/// Removes every repair of an organization.
pub fn remove_all(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    let rows = repair_sessions::table.filter(repair_sessions::organization_id.eq(organization.clone()));
    diesel::delete(rows).execute(work.conn())?;
    Ok(())
}
