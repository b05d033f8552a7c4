//! Queries on projects, their members and their resources.

use crate::access::Permission;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Description, ProjectName};
use crate::access::OwnAccount;
use crate::base::email::Email;
use crate::base::ids::{OrganizationId, SubmissionId, UserId};
use crate::base::moment::Moment;
use crate::base::project_id::ProjectId;
use crate::base::project_role::ProjectRole;
use crate::base::user::Status;
use crate::platform::store::schema::{project_members, projects, resources, users};
use crate::platform::store::{HeldBy, StoreError, Tx, Work};
use crate::web::list::{PAGE, Place};

/// One row more than a page has: it tells whether another page follows.
const ROWS: i64 = PAGE as i64 + 1;

/// A project as the caller sees it.
#[derive(Debug, Clone, Queryable)]
pub struct Project {
    /// Project ID.
    pub id: ProjectId,
    /// Display name.
    pub name: String,
    /// Description; may be empty.
    pub description: String,
    /// When it was made.
    pub created_at: Moment,
    /// How many people have a role in it.
    pub members: i64,
    /// How many resources it holds.
    pub resources: i64,
    /// The caller's own role in it.
    pub role: Option<ProjectRole>,
}

/// Which projects are asked for.
#[derive(Debug, Clone)]
pub enum Which {
    /// All of the organization.
    All,
    /// Those in which the caller has a role.
    Own,
    /// The one with this id.
    One(ProjectId),
}

/// Projects by id, a page of them and one more.
pub fn list<P: Permission>(tx: &mut Tx<'_, P>, which: Which, place: &Place) -> Result<Vec<Project>, StoreError> {
    let people = tx.project_members().filter(project_members::project_id.eq(projects::id));
    let own = people.clone().filter(project_members::user_id.eq(tx.user().clone()));
    let things = tx.resources().filter(resources::project_id.eq(projects::id));
    let mut rows = tx
        .projects()
        .select((
            (projects::id, projects::name, projects::description, projects::created_at),
            people.count().single_value().assume_not_null(),
            things.count().single_value().assume_not_null(),
            own.clone().select(project_members::role).single_value(),
        ))
        .limit(ROWS)
        .into_boxed();
    rows = match which {
        Which::All => rows,
        Which::Own => rows.filter(exists(own)),
        Which::One(id) => rows.filter(projects::id.eq(id)),
    };
    rows = match place {
        Place::Start => rows.order(projects::id),
        Place::After(key) => rows.filter(projects::id.gt(key.clone())).order(projects::id),
        Place::Before(key) => rows.filter(projects::id.lt(key.clone())).order(projects::id.desc()),
    };
    type Row = ((ProjectId, String, String, Moment), i64, i64, Option<ProjectRole>);
    let project = |((id, name, description, created_at), members, resources, role): Row| Project {
        id,
        name,
        description,
        created_at,
        members,
        resources,
        role,
    };
    Ok(rows.load::<Row>(tx.conn())?.into_iter().map(project).collect())
}

/// A project of the caller's organization.
pub fn find<P: Permission>(tx: &mut Tx<'_, P>, id: &ProjectId) -> Result<Option<Project>, StoreError> {
    Ok(list(tx, Which::One(id.clone()), &Place::Start)?.pop())
}

/// How many projects the organization has.
pub fn count<P: HeldBy>(tx: &mut Tx<'_, P>) -> Result<i64, StoreError> {
    Ok(tx.projects().count().get_result(tx.conn())?)
}

/// The project that a showing of the form made, if it did.
pub fn made_by<P: HeldBy>(tx: &mut Tx<'_, P>, submission: &SubmissionId) -> Result<Option<ProjectId>, StoreError> {
    let row = tx.projects().filter(projects::submission.eq(submission.clone())).select(projects::id);
    Ok(row.first(tx.conn()).optional()?)
}

/// A project to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = projects, treat_none_as_default_value = false)]
pub struct NewProject {
    /// Project ID.
    pub id: ProjectId,
    /// The organization, for good.
    pub organization_id: OrganizationId,
    /// Display name.
    pub name: ProjectName,
    /// Description.
    pub description: Description,
    /// The showing of the form that made it.
    pub submission: SubmissionId,
    /// When.
    pub created_at: Moment,
}

/// Inserts a project; `false` when its id is taken.
pub fn insert(work: &mut Work<'_>, row: &NewProject) -> Result<bool, StoreError> {
    let written = work.savepoint(|connection| diesel::insert_into(projects::table).values(row).execute(connection));
    match written {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Changes what people call a project.
pub fn describe<P: HeldBy>(
    tx: &mut Tx<'_, P>,
    id: &ProjectId,
    name: &ProjectName,
    description: &Description,
) -> Result<(), StoreError> {
    let row = projects::table.find((tx.organization().clone(), id.clone()));
    let change = (projects::name.eq(name.clone()), projects::description.eq(description.clone()));
    diesel::update(row).set(change).execute(tx.conn())?;
    Ok(())
}

/// Removes a project with the roles in it.
pub fn remove<P: HeldBy>(tx: &mut Tx<'_, P>, id: &ProjectId) -> Result<(), StoreError> {
    diesel::delete(projects::table.find((tx.organization().clone(), id.clone()))).execute(tx.conn())?;
    Ok(())
}

/// A project in which somebody has a role.
#[derive(Debug, Clone, Queryable)]
pub struct OwnRole {
    /// Project ID.
    pub id: ProjectId,
    /// Display name.
    pub name: String,
    /// The role.
    pub role: ProjectRole,
}

/// The caller's roles in projects, by project: at most `most`.
pub fn own_roles(tx: &mut Tx<'_, OwnAccount>, most: i64) -> Result<Vec<OwnRole>, StoreError> {
    let user = tx.user().clone();
    roles_of(tx, &user, most)
}

/// The projects a user has a role in.
pub fn roles_of<P: HeldBy>(tx: &mut Tx<'_, P>, user: &UserId, most: i64) -> Result<Vec<OwnRole>, StoreError> {
    let rows = tx
        .project_members()
        .inner_join(
            projects::table.on(projects::organization_id
                .eq(project_members::organization_id)
                .and(projects::id.eq(project_members::project_id))),
        )
        .filter(project_members::user_id.eq(user.clone()))
        .order(projects::id)
        .limit(most)
        .select((projects::id, projects::name, project_members::role));
    Ok(rows.load(tx.conn())?)
}

/// A project of a user, for a list of users.
#[derive(Debug, Clone, Queryable)]
pub struct Membership {
    /// The user.
    pub user: UserId,
    /// Project ID.
    pub id: ProjectId,
    /// Display name.
    pub name: String,
    /// How many projects the user has a role in.
    pub all: i64,
}

/// The first `few` projects of each of some users, by user and project.
pub fn memberships<P: HeldBy>(tx: &mut Tx<'_, P>, of: Vec<UserId>, few: i64) -> Result<Vec<Membership>, StoreError> {
    let theirs = diesel::alias!(project_members as theirs);
    let same = theirs
        .filter(theirs.field(project_members::organization_id).eq(project_members::organization_id))
        .filter(theirs.field(project_members::user_id).eq(project_members::user_id));
    let id = theirs.field(project_members::project_id);
    // A project is among the first three unless there is a third one before it, which an index tells in three steps.
    let as_many_before = same.filter(id.lt(project_members::project_id)).order(id).offset(few - 1).limit(1).select(id);
    let rows = tx
        .project_members()
        .inner_join(
            projects::table.on(projects::organization_id
                .eq(project_members::organization_id)
                .and(projects::id.eq(project_members::project_id))),
        )
        .filter(project_members::user_id.eq_any(of))
        .filter(as_many_before.single_value().is_null())
        .select((
            project_members::user_id,
            projects::id,
            projects::name,
            same.count().single_value().assume_not_null(),
        ));
    let mut found: Vec<Membership> = rows.load(tx.conn())?;
    found.sort_by(|one, other| (&one.user, &one.id).cmp(&(&other.user, &other.id)));
    Ok(found)
}

/// Somebody with a role in a project.
#[derive(Debug, Clone, Queryable)]
pub struct Member {
    /// Id.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Address.
    pub email: Email,
    /// Status.
    pub status: Status,
    /// The role.
    pub role: ProjectRole,
    /// Since when they have one here.
    pub added_at: Moment,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn member_is_user() -> _ {
    users::organization_id.eq(project_members::organization_id).and(users::id.eq(project_members::user_id))
}

type MemberColumns =
    (users::id, users::name, users::email, users::status, project_members::role, project_members::added_at);
const MEMBER: MemberColumns =
    (users::id, users::name, users::email, users::status, project_members::role, project_members::added_at);

/// The members of a project by address, a page of them and one more.
pub fn members<P: HeldBy>(tx: &mut Tx<'_, P>, project: &ProjectId, place: &Place) -> Result<Vec<Member>, StoreError> {
    let rows = tx
        .project_members()
        .inner_join(users::table.on(member_is_user()))
        .filter(project_members::project_id.eq(project.clone()))
        .limit(ROWS)
        .select(MEMBER)
        .into_boxed();
    let rows = match place {
        Place::Start => rows.order(users::email),
        Place::After(key) => rows.filter(users::email.gt(key.clone())).order(users::email),
        Place::Before(key) => rows.filter(users::email.lt(key.clone())).order(users::email.desc()),
    };
    Ok(rows.load(tx.conn())?)
}

/// One member of a project.
pub fn member<P: HeldBy>(tx: &mut Tx<'_, P>, project: &ProjectId, user: &UserId) -> Result<Option<Member>, StoreError> {
    let row = tx
        .project_members()
        .inner_join(users::table.on(member_is_user()))
        .filter(project_members::project_id.eq(project.clone()))
        .filter(project_members::user_id.eq(user.clone()))
        .select(MEMBER);
    Ok(row.first(tx.conn()).optional()?)
}

/// A user of the organization who could become a member.
#[derive(Debug, Clone, Queryable)]
pub struct Candidate {
    /// Id.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Status.
    pub status: Status,
}

/// The user of an address.
pub fn candidate<P: HeldBy>(tx: &mut Tx<'_, P>, email: &Email) -> Result<Option<Candidate>, StoreError> {
    let row = tx.users().filter(users::email.eq(email.clone())).select((users::id, users::name, users::status));
    Ok(row.first(tx.conn()).optional()?)
}

/// Gives somebody who has none a role in a project.
pub fn add<P: HeldBy>(
    tx: &mut Tx<'_, P>,
    project: &ProjectId,
    user: &UserId,
    role: ProjectRole,
) -> Result<(), StoreError> {
    let row = (
        project_members::organization_id.eq(tx.organization().clone()),
        project_members::project_id.eq(project.clone()),
        project_members::user_id.eq(user.clone()),
        project_members::role.eq(role),
        project_members::added_at.eq(tx.now()),
    );
    diesel::insert_into(project_members::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Gives a member another role.
pub fn set_role<P: HeldBy>(
    tx: &mut Tx<'_, P>,
    project: &ProjectId,
    user: &UserId,
    role: ProjectRole,
) -> Result<(), StoreError> {
    let row = project_members::table.find((tx.organization().clone(), project.clone(), user.clone()));
    diesel::update(row).set(project_members::role.eq(role)).execute(tx.conn())?;
    Ok(())
}

/// Takes the role of a member.
pub fn expel<P: HeldBy>(tx: &mut Tx<'_, P>, project: &ProjectId, user: &UserId) -> Result<(), StoreError> {
    let row = project_members::table.find((tx.organization().clone(), project.clone(), user.clone()));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
