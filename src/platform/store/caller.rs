//! Who acts in a transaction.

use super::tx::Origin;
use crate::base::ids::OrganizationId;
use crate::base::ids::{SessionId, UserId};
use crate::base::project_id::ProjectId;
use crate::base::project_role::ProjectRole;

/// Where, and by which role, a caller holds a project permission.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    /// The project that the path names.
    pub project: ProjectId,
    /// The caller's role there that grants it; `None` where a role in the organization does.
    pub role: Option<ProjectRole>,
}

/// Who acts in a transaction inside an organization.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) organization: OrganizationId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) name: String,
    /// Where a project permission is held.
    pub(crate) project_access: Option<ProjectAccess>,
    pub(crate) origin: Origin,
}
