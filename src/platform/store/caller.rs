//! Who acts in a transaction.

use super::tx::Origin;
use crate::base::ids::OrganizationId;
use crate::base::project_id::ProjectId;
use crate::base::project_role::ProjectRole;
use crate::platform::events::{Person, Principal};

/// A permission says what kind of principal holds it. What only persons have (a session, a user) a transaction has only
/// where its permission is held by persons.
pub trait HeldBy {
    /// [`Person`], [`crate::platform::events::Client`], [`crate::platform::events::Machine`], or `()` for the system.
    type Principal: Clone + Send + Sync + 'static;

    /// The principal as events name it.
    fn principal(of: &Self::Principal) -> Principal;
}

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
pub(crate) struct Caller<B = Person> {
    pub(crate) organization: OrganizationId,
    pub(crate) principal: B,
    /// Where a project permission is held.
    pub(crate) project_access: Option<ProjectAccess>,
    pub(crate) origin: Origin,
}
