//! Projects: what an organization keeps its resources in, and who has a role there (docs/rules.md section 10).

pub mod pages;
pub mod resources;
mod store;
mod words;

pub use store::{
    Member, Membership, OwnRole, Project, Which, count, find, list, member, members, memberships, own_roles, roles_of,
};
pub use words::{Description, ExternalId, ProjectName, ResourceKind, ResourceName};

use crate::access::failure::Failure;
use crate::access::{ManageProjectMembers, ManageProjects};
use crate::base::email::Email;
use crate::base::ids::{SubmissionId, UserId};
use crate::base::project_id::ProjectId;
use crate::base::project_role::ProjectRole;
use crate::base::user::Status;
use crate::features::audit::newer::{self, Newer};
use crate::features::organizations::{self, New};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{Recorded, StoreError, Tx};

/// A project to make.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Project ID; one is made up where none was chosen.
    pub id: Option<ProjectId>,
    /// Display name.
    pub name: ProjectName,
    /// Description.
    pub description: Description,
}

/// Why a project was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The organization has as many as it may have.
    #[error("no room for another project")]
    Full,
    /// Another project of the organization has the id.
    #[error("the project id is taken")]
    IdTaken,
    /// The organization's deletion is requested.
    #[error("the organization is being closed")]
    Closing,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for CreateError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Full => Some(Reason::Full),
            Self::Closing => Some(Reason::Closing),
            Self::IdTaken | Self::Store(_) => None,
        }
    }
}

/// Whether an organization with so many projects may have no more.
pub fn is_full(projects: i64, most: i64) -> bool {
    projects >= most
}

/// Makes a project. The same form pressed twice makes one.
pub fn create(
    tx: &mut Tx<'_, ManageProjects>,
    new: &NewProject,
    submission: &SubmissionId,
    most: i64,
) -> Result<Recorded<ProjectId>, CreateError> {
    if let Some(made) = store::made_by(tx, submission)? {
        return Ok(tx.unrecorded("the first press made it", made));
    }
    let organization = tx.organization().clone();
    if organizations::is_closed_to(tx, &organization, New::Project)? {
        return Err(CreateError::Closing);
    }
    if is_full(store::count(tx)?, most) {
        return Err(CreateError::Full);
    }
    let id = new.id.clone().unwrap_or_else(|| ProjectId::generated(tx.entropy()));
    let row = store::NewProject {
        id: id.clone(),
        organization_id: organization,
        name: new.name.clone(),
        description: new.description.clone(),
        submission: submission.clone(),
        created_at: tx.now(),
    };
    if !store::insert(tx, &row)? {
        return Err(CreateError::IdTaken);
    }
    let event = Event::done(Kind::ProjectCreated).on("project", &id, &new.name);
    Ok(tx.record(event.with("name", new.name.as_str()).with("description", new.description.as_str()), id)?)
}

/// Why a record was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It was changed since the form was opened.
    #[error("changed since")]
    Older(Newer),
    /// There is no such record, or the store did not do it.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl crate::platform::events::Refusal for EditError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Older(_) => Some(Reason::OlderVersion),
            Self::Failed(_) => None,
        }
    }
}

impl From<StoreError> for EditError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl store::Project {
    /// The version of what can be edited.
    pub fn version(&self) -> String {
        newer::version(&[&self.name, &self.description])
    }
}

/// Changes display name and description.
pub fn change(
    tx: &mut Tx<'_, ManageProjects>,
    id: &ProjectId,
    name: &ProjectName,
    description: &Description,
    opened: &str,
) -> Result<Recorded<()>, EditError> {
    let before = store::find(tx, id)?.ok_or(Failure::NotFound)?;
    tx.note_target("project", id, &before.name);
    if newer::is_older(opened, &before.version()) {
        let values = vec![
            ("project-display-name", newer::Value::Typed(before.name)),
            ("project-description", newer::Value::Typed(before.description)),
        ];
        return Err(EditError::Older(Newer::find(tx, &[Kind::ProjectChanged], id.as_str(), values)?));
    }
    store::describe(tx, id, name, description)?;
    let event = Event::done(Kind::ProjectChanged)
        .on("project", id, name)
        .changed("name", before.name, name.as_str())
        .changed("description", before.description, description.as_str());
    Ok(tx.record(event, ())?)
}

/// Why a project was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// It still holds resources.
    #[error("the project holds resources")]
    HoldsResources,
    /// Its id was not typed.
    #[error("the project id was not typed")]
    NotConfirmed,
    /// There is no such project, or the store did not do it.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl crate::platform::events::Refusal for DeleteError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::HoldsResources => Some(Reason::InUse),
            Self::NotConfirmed | Self::Failed(_) => None,
        }
    }
}

impl From<StoreError> for DeleteError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether a project can be deleted: not while it holds resources.
pub fn is_deletable(project: &store::Project) -> bool {
    project.resources == 0
}

/// Deletes a project with the roles in it, once its id was typed.
pub fn delete(tx: &mut Tx<'_, ManageProjects>, id: &ProjectId, typed: &str) -> Result<Recorded<()>, DeleteError> {
    let project = store::find(tx, id)?.ok_or(Failure::NotFound)?;
    tx.note_target("project", id, &project.name);
    if !is_deletable(&project) {
        return Err(DeleteError::HoldsResources);
    }
    if !ProjectId::parse(typed).is_ok_and(|typed| typed == *id) {
        return Err(DeleteError::NotConfirmed);
    }
    store::remove(tx, id)?;
    let event = Event::done(Kind::ProjectDeleted).on("project", id, &project.name);
    Ok(tx.record(event.with("name", project.name).with("members", project.members), ())?)
}

/// Why somebody was not added to a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// No user of the organization has the address.
    Unknown,
    /// The user is deactivated.
    Deactivated,
    /// The user has this role in it.
    IsMember(ProjectRole),
}

impl NotAdded {
    fn reason(self) -> Reason {
        match self {
            Self::Unknown => Reason::UnknownAddress,
            Self::Deactivated => Reason::Deactivated,
            Self::IsMember(_) => Reason::IsMember,
        }
    }
}

/// Gives a registered user a role in the project. A try that fails is recorded, too: a Project Admin has no list of the
/// organization's users, and would make one by trying addresses.
pub fn add_member(
    tx: &mut Tx<'_, ManageProjectMembers>,
    email: &Email,
    role: ProjectRole,
) -> Result<Recorded<Result<String, NotAdded>>, Failure> {
    let project = tx.project().clone();
    let found = store::find(tx, &project)?.ok_or(Failure::NotFound)?;
    let refused = |reason: NotAdded, user: Option<&UserId>| {
        let event = Event::refused(Kind::ProjectMemberAdded, reason.reason()).with("email", email.as_str());
        let event = match user {
            Some(user) => event.on("user", user, email).with("project", found.id.as_str()),
            None => event.on("project", &found.id, &found.name),
        };
        (event, Err(reason))
    };
    let candidate = store::candidate(tx, email)?;
    let member = match &candidate {
        Some(candidate) => store::member(tx, &project, &candidate.id)?,
        None => None,
    };
    let (event, added) = match (candidate, member) {
        (None, _) => refused(NotAdded::Unknown, None),
        (Some(candidate), Some(member)) => refused(NotAdded::IsMember(member.role), Some(&candidate.id)),
        (Some(candidate), None) if candidate.status == Status::Deactivated => {
            refused(NotAdded::Deactivated, Some(&candidate.id))
        }
        (Some(candidate), None) => {
            store::add(tx, &project, &candidate.id, role)?;
            let event = Event::done(Kind::ProjectMemberAdded).on("user", &candidate.id, email);
            (event.with("project", project.as_str()).with("role", role.word()), Ok(candidate.name))
        }
    };
    Ok(tx.record(event, added)?)
}

/// Why a member's role stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// It is the caller's own.
    #[error("nobody changes their own role")]
    IsYourself,
    /// It was changed since the form was opened.
    #[error("changed since")]
    Older(Newer),
    /// There is no such member, or the store did not do it.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl crate::platform::events::Refusal for MemberError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::IsYourself => Some(Reason::IsYourself),
            Self::Older(_) => Some(Reason::OlderVersion),
            Self::Failed(_) => None,
        }
    }
}

impl From<StoreError> for MemberError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether a caller who manages members by a role in the project (else by a role in the organization) may change the role
/// of a member. Nobody changes their own: a Project Admin who slips would stand outside. Whoever manages the members of
/// every project loses nothing by it, and can take part in a project and leave it.
pub fn may_change(caller: &UserId, by: Option<ProjectRole>, member: &UserId) -> bool {
    by.is_none() || caller != member
}

/// Gives a member another role.
pub fn change_role(
    tx: &mut Tx<'_, ManageProjectMembers>,
    user: &UserId,
    role: ProjectRole,
    opened: &str,
) -> Result<Recorded<()>, MemberError> {
    let (project, member) = changeable(tx, user)?;
    if newer::is_older(opened, member.role.word()) {
        let values = vec![("project-role", newer::Value::Words(vec![member.role.label()]))];
        return Err(MemberError::Older(Newer::find(tx, &[Kind::ProjectRoleChanged], user.as_str(), values)?));
    }
    store::set_role(tx, &project, user, role)?;
    let event = Event::done(Kind::ProjectRoleChanged).on("user", user, &member.email);
    let event = event.with("project", project.as_str()).changed("role", member.role.word(), role.word());
    Ok(tx.record(event, ())?)
}

/// Takes the role of a member.
pub fn remove_member(tx: &mut Tx<'_, ManageProjectMembers>, user: &UserId) -> Result<Recorded<()>, MemberError> {
    let (project, member) = changeable(tx, user)?;
    store::expel(tx, &project, user)?;
    let event = Event::done(Kind::ProjectMemberRemoved).on("user", user, &member.email);
    Ok(tx.record(event.with("project", project.as_str()).with("role", member.role.word()), ())?)
}

fn changeable(tx: &mut Tx<'_, ManageProjectMembers>, user: &UserId) -> Result<(ProjectId, store::Member), MemberError> {
    let project = tx.project().clone();
    let member = store::member(tx, &project, user)?.ok_or(Failure::NotFound)?;
    tx.note_target("user", &member.id, &member.email);
    if !may_change(tx.user(), tx.project_role(), user) {
        return Err(MemberError::IsYourself);
    }
    Ok((project, member))
}
