//! Queries on versions of policies.

use diesel::dsl::max;
use diesel::prelude::*;

use super::{By, Version};
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::user::Status;
use crate::features::policies::Policy;
use crate::platform::store::schema::{organizations, policy_versions, users};
use crate::platform::store::{StoreError, Work};

/// Mails that a change of policy is told by, at most.
const READERS: i64 = 1000;

/// The number of the version that holds; zero where nothing was ever changed.
pub fn current(work: &mut Work<'_>, organization: &OrganizationId, policy: Policy) -> Result<i64, StoreError> {
    let rows = policy_versions::table
        .filter(policy_versions::organization_id.eq(organization.clone()))
        .filter(policy_versions::policy.eq(policy));
    let newest: Option<i64> = rows.select(max(policy_versions::number)).first(work.conn())?;
    Ok(newest.unwrap_or_default())
}

#[derive(Insertable)]
#[diesel(table_name = policy_versions, treat_none_as_default_value = false)]
struct NewVersion<'a> {
    organization_id: &'a OrganizationId,
    policy: Policy,
    number: i64,
    at: Moment,
    user_id: Option<&'a UserId>,
    user_name: Option<&'a str>,
    before: String,
    after: String,
}

/// Inserts the next version.
pub(super) fn insert(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: Policy,
    by: Option<&By>,
    before: String,
    after: String,
) -> Result<(), StoreError> {
    let number = current(work, organization, policy)? + 1;
    let row = NewVersion {
        organization_id: organization,
        policy,
        number,
        at: work.now(),
        user_id: by.map(|(user, _)| user),
        user_name: by.map(|(_, name)| name.as_str()),
        before,
        after,
    };
    diesel::insert_into(policy_versions::table).values(&row).execute(work.conn())?;
    Ok(())
}

type Row = (i64, Moment, Option<String>, String, String);

fn version((number, at, by, before, after): Row) -> Version {
    Version { number, at, by, before, after }
}

/// The newest versions of a policy.
pub fn newest(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: Policy,
    most: i64,
) -> Result<Vec<Version>, StoreError> {
    let rows = policy_versions::table
        .filter(policy_versions::organization_id.eq(organization.clone()))
        .filter(policy_versions::policy.eq(policy))
        .order(policy_versions::number.desc())
        .limit(most)
        .select((
            policy_versions::number,
            policy_versions::at,
            policy_versions::user_name,
            policy_versions::before,
            policy_versions::after,
        ));
    let rows: Vec<Row> = rows.load(work.conn())?;
    Ok(rows.into_iter().map(version).collect())
}

/// One version of a policy.
pub fn find(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: Policy,
    number: i64,
) -> Result<Option<Version>, StoreError> {
    let row = policy_versions::table.find((organization.clone(), policy, number)).select((
        policy_versions::number,
        policy_versions::at,
        policy_versions::user_name,
        policy_versions::before,
        policy_versions::after,
    ));
    let row: Option<Row> = row.first(work.conn()).optional()?;
    Ok(row.map(version))
}

/// Who is told of a change of policy: the owner and the Org Admins who may log in.
pub fn readers(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Vec<UserId>, StoreError> {
    let owner: UserId =
        organizations::table.find(organization.clone()).select(organizations::owner_id).first(work.conn())?;
    let rows = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::status.eq(Status::Active))
        .filter(users::org_admin.eq(true).or(users::id.eq(owner)))
        .order(users::id)
        .limit(READERS)
        .select(users::id);
    Ok(rows.load(work.conn())?)
}
