//! Permissions in one project: the path names it, and where the organization's roles do not grant the permission, the
//! caller's role in that project is looked up, by one statement.

use actix_web::HttpRequest;
use diesel::prelude::*;

use super::{Identity, ProjectPermission, Rule};
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::base::from_path::FromPath;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::project_id::ProjectId;
use crate::base::project_role::ProjectRole;
use crate::platform::store::schema::project_members;
use crate::platform::store::{AnyConnection, ProjectAccess, StoreError, Tx};

/// The variable segment that project permissions consume.
const SEGMENT: &str = "project";

/// Where the caller holds the permission of `rule`. Whoever no role grants it is refused, whether there is such a
/// project or not; for the others a project that is not there is not found, here or by the rule that looks for it.
pub(super) async fn project_access(
    request: &HttpRequest,
    identity: &Identity,
    rule: &Rule,
) -> Result<ProjectAccess, Failure> {
    let named = request.match_info().get(SEGMENT).and_then(ProjectId::from_path);
    if identity.holds(rule) {
        return named.map(|project| ProjectAccess { project, role: None }).ok_or(Failure::NotFound);
    }
    let project = named.ok_or(Failure::Forbidden(rule.name))?;
    let (organization, user, asked) = (identity.organization.clone(), identity.user.clone(), project.clone());
    let role = App::of(request).store.statement(move |connection| role(connection, organization, asked, user)).await?;
    match role.filter(|role| rule.is_granted_to(*role)) {
        Some(role) => Ok(ProjectAccess { project, role: Some(role) }),
        None => Err(Failure::Forbidden(rule.name)),
    }
}

pub(super) fn role(
    connection: &mut AnyConnection,
    organization: OrganizationId,
    project: ProjectId,
    user: UserId,
) -> Result<Option<ProjectRole>, StoreError> {
    let row = project_members::table.find((organization, project, user)).select(project_members::role);
    Ok(row.first(connection).optional()?)
}

impl<P: ProjectPermission> Tx<'_, P> {
    /// The project that the path names. A user who may see all projects is not looked up in it, so it need not exist.
    pub fn project(&self) -> &ProjectId {
        &held(self.caller.project_access.as_ref()).project
    }

    /// The role in it that grants the caller `P`; `None` where a role in the organization does.
    pub fn project_role(&self) -> Option<ProjectRole> {
        held(self.caller.project_access.as_ref()).role
    }
}

/// Where the holder of a project permission holds it.
pub(super) fn held(of: Option<&ProjectAccess>) -> &ProjectAccess {
    match of {
        Some(project_access) => project_access,
        // `admit` lets no user with a project permission pass without one.
        None => panic!("a project permission without its project"),
    }
}
