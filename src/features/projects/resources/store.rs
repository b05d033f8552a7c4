//! Queries on resources.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::base::project_id::ProjectId;
use crate::features::projects::{ExternalId, ResourceKind, ResourceName};
use crate::platform::store::schema::{projects, resources};
use crate::platform::store::{HeldBy, StoreError, Tx, Work};
use crate::web::list::{PAGE, Place};

/// One row more than a page has: it tells whether another page follows.
const ROWS: i64 = PAGE as i64 + 1;

/// A resource.
#[derive(Debug, Clone, Queryable)]
pub struct Resource {
    /// The id that the operator's systems know it by.
    pub external_id: ExternalId,
    /// The project that holds it.
    pub project: ProjectId,
    /// Kind.
    pub kind: ResourceKind,
    /// Name.
    pub name: ResourceName,
    /// When it was registered.
    pub registered_at: Moment,
}

type Columns =
    (resources::external_id, resources::project_id, resources::kind, resources::name, resources::registered_at);
const COLUMNS: Columns =
    (resources::external_id, resources::project_id, resources::kind, resources::name, resources::registered_at);

/// The resources of a project by id, a page of them and one more.
pub fn of<P: HeldBy>(tx: &mut Tx<'_, P>, project: &ProjectId, place: &Place) -> Result<Vec<Resource>, StoreError> {
    let rows =
        tx.resources().filter(resources::project_id.eq(project.clone())).limit(ROWS).select(COLUMNS).into_boxed();
    let rows = match place {
        Place::Start => rows.order(resources::external_id),
        Place::After(key) => rows.filter(resources::external_id.gt(key.clone())).order(resources::external_id),
        Place::Before(key) => rows.filter(resources::external_id.lt(key.clone())).order(resources::external_id.desc()),
    };
    Ok(rows.load(tx.conn())?)
}

/// Whether an organization has a project.
pub fn is_project(work: &mut Work<'_>, organization: &OrganizationId, project: &ProjectId) -> Result<bool, StoreError> {
    let row = projects::table.find((organization.clone(), project.clone()));
    Ok(diesel::select(exists(row)).get_result(work.conn())?)
}

/// The resource of an id.
pub fn find(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &ExternalId,
) -> Result<Option<Resource>, StoreError> {
    let row = resources::table.find((organization.clone(), id.clone())).select(COLUMNS);
    Ok(row.first(work.conn()).optional()?)
}

/// A resource to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = resources, treat_none_as_default_value = false)]
pub struct NewResource {
    /// The organization, for good.
    pub organization_id: OrganizationId,
    /// The id that the operator's systems know it by.
    pub external_id: ExternalId,
    /// The project that holds it.
    pub project_id: ProjectId,
    /// Kind.
    pub kind: ResourceKind,
    /// Name.
    pub name: ResourceName,
    /// When.
    pub registered_at: Moment,
}

/// Inserts a resource.
pub fn insert(work: &mut Work<'_>, row: &NewResource) -> Result<(), StoreError> {
    diesel::insert_into(resources::table).values(row).execute(work.conn())?;
    Ok(())
}

/// Changes kind and name of a resource.
pub fn describe(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &ExternalId,
    kind: &ResourceKind,
    name: &ResourceName,
) -> Result<(), StoreError> {
    let row = resources::table.find((organization.clone(), id.clone()));
    let change = (resources::kind.eq(kind.clone()), resources::name.eq(name.clone()));
    diesel::update(row).set(change).execute(work.conn())?;
    Ok(())
}

/// Removes a resource.
pub fn remove(work: &mut Work<'_>, organization: &OrganizationId, id: &ExternalId) -> Result<(), StoreError> {
    diesel::delete(resources::table.find((organization.clone(), id.clone()))).execute(work.conn())?;
    Ok(())
}
