//! The members of a project and their roles.

use askama::Template;
use serde::Deserialize;

use crate::access::failure::Failure;
use crate::access::{Actor, Identity, ManageProjectMembers, Permission, ViewProject};
use crate::base::email::Email;
use crate::base::i18n::{Text, filters};
use crate::base::ids::UserId;
use crate::base::problem::Problem;
use crate::base::project_role::ProjectRole;
use crate::base::urls;
use crate::features::audit::newer::Newer;
use crate::features::projects::{self, Member, MemberError, NotAdded, Project};
use crate::platform::events::Reason;
use crate::web::interrupted::Held;
use crate::web::list::{Cursor, ListUrl, PAGE, Slice};
use crate::web::{Answer, Form, Path, Problems, Query, Reply, see_other};

/// What the caller may do with the members of a project.
#[derive(Debug)]
pub struct Circle {
    /// The caller.
    own: UserId,
    /// Whether the caller adds and removes members.
    pub manages: bool,
    /// The role in the project by which they do; `None` where a role in the organization lets them.
    by: Option<ProjectRole>,
}

impl Circle {
    /// The caller's, in a project.
    pub fn of(identity: &Identity, project: &Project) -> Self {
        let rule = ManageProjectMembers::RULE;
        Self {
            own: identity.user.clone(),
            manages: identity.holds_in_project(rule, project.role),
            by: project.role.filter(|_| !identity.holds(rule)),
        }
    }

    /// Whether a member is the caller.
    pub fn is_own(&self, member: &Member) -> bool {
        member.id == self.own
    }

    /// Whether the caller may change the role of a member.
    pub fn may_change(&self, member: &Member) -> bool {
        self.manages && projects::may_change(&self.own, self.by, &member.id)
    }
}

#[derive(Template)]
#[template(path = "projects/members.html")]
struct MembersPage {
    project: Project,
    circle: Circle,
    slice: Slice<Member>,
    url: ListUrl,
}

#[derive(Template)]
#[template(path = "projects/member_new.html", blocks = ["form"])]
struct NewPage {
    project: Project,
    form: NewForm,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "projects/member.html")]
struct RolePage {
    project: Project,
    member: Member,
    circle: Circle,
    form: RoleForm,
    problems: Problems,
    refused: bool,
    /// What was saved since the form was opened.
    newer: Option<Newer>,
}

#[derive(Template)]
#[template(path = "projects/member_removal.html")]
struct RemovalPage {
    project: Project,
    member: Member,
    circle: Circle,
    refused: bool,
}

crate::pages! {
    MembersPage;
    NewPage { form };
    RolePage;
    RemovalPage;
}

/// `GET /iam/projects/{project}/members`: all of them.
pub async fn show(actor: Actor<ViewProject>, query: Query<Cursor>) -> Reply {
    let place = query.0.place();
    let (project, slice) = actor
        .read(move |tx| {
            let id = tx.project().clone();
            let project = projects::find(tx, &id)?.ok_or(Failure::NotFound)?;
            let found = projects::members(tx, &id, &place)?;
            Ok::<_, Failure>((project, Slice::cut(&place, PAGE, found, |member| member.email.to_string())))
        })
        .await?;
    let circle = Circle::of(actor.identity(), &project);
    let url = ListUrl::new(urls::project_members(&project.id), []);
    Ok(Answer::page(MembersPage { project, circle, slice, url }))
}

/// A new member as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewForm {
    email: String,
    role: String,
}

fn parse_role(typed: &str) -> Result<ProjectRole, Problem> {
    ProjectRole::from_word(typed).ok_or(Problem::NotARole)
}

/// Records what no page offers: a role that there is not.
async fn note_role(actor: &Actor<ManageProjectMembers>, typed: &str) {
    if !typed.is_empty() && parse_role(typed).is_err() {
        actor.note_refusal(Reason::NotARole, None).await;
    }
}

impl NewForm {
    fn parse(&self) -> Result<(Email, ProjectRole), Problems> {
        let mut problems = Problems::default();
        let email = problems.take("email", Email::parse(&self.email));
        let role = problems.take("role", parse_role(&self.role));
        match (email, role) {
            (Some(email), Some(role)) => Ok((email, role)),
            _ => Err(problems),
        }
    }
}

impl From<NotAdded> for Text {
    fn from(reason: NotAdded) -> Self {
        match reason {
            NotAdded::Unknown => Self::new("project-add-unknown"),
            NotAdded::Deactivated => Self::new("project-add-deactivated"),
            NotAdded::IsMember(_) => Self::new("project-add-is-member"),
        }
    }
}

async fn new_page(actor: &Actor<ManageProjectMembers>, form: NewForm, problems: Problems) -> Result<NewPage, Failure> {
    let project = actor
        .read(|tx| {
            let id = tx.project().clone();
            projects::find(tx, &id)?.ok_or(Failure::NotFound)
        })
        .await?;
    Ok(NewPage { project, form, problems })
}

/// `GET /iam/projects/{project}/members/new`.
pub async fn new(actor: Actor<ManageProjectMembers>, query: Query<Held>) -> Reply {
    let kept: Option<NewForm> = query.0.kept(&actor, &urls::project_members_new(actor.project())).await?;
    let fresh = || NewForm { role: ProjectRole::Member.word().to_owned(), ..NewForm::default() };
    let form = kept.unwrap_or_else(fresh);
    Ok(Answer::page(new_page(&actor, form, Problems::default()).await?))
}

/// `POST /iam/projects/{project}/members/new`.
pub async fn add(actor: Actor<ManageProjectMembers>, form: Form<NewForm>) -> Reply {
    let (email, role) = match form.parse() {
        Ok(member) => member,
        Err(problems) => {
            note_role(&actor, &form.role).await;
            return Ok(Answer::refused(new_page(&actor, form.0, problems).await?));
        }
    };
    match actor.write(move |tx| projects::add_member(tx, &email, role)).await? {
        Ok(name) => {
            let notice = Text::new("project-member-added").with("name", name);
            Ok(see_other(urls::project(actor.project())).notice(notice))
        }
        Err(reason) => Ok(Answer::refused(new_page(&actor, form.0, Problems::one("email", reason)).await?)),
    }
}

async fn found(actor: &Actor<ManageProjectMembers>, user: &UserId) -> Result<(Project, Member, Circle), Failure> {
    let user = user.clone();
    let (project, member) = actor
        .read(move |tx| {
            let id = tx.project().clone();
            let project = projects::find(tx, &id)?.ok_or(Failure::NotFound)?;
            let member = projects::member(tx, &id, &user)?.ok_or(Failure::NotFound)?;
            Ok::<_, Failure>((project, member))
        })
        .await?;
    let circle = Circle::of(actor.identity(), &project);
    Ok((project, member, circle))
}

/// A role as chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    role: String,
    version: String,
}

/// `GET /iam/projects/{project}/members/{user}`.
pub async fn role(actor: Actor<ManageProjectMembers>, user: Path<UserId>) -> Reply {
    let (project, member, circle) = found(&actor, &user.0).await?;
    let word = || member.role.word().to_owned();
    let form = RoleForm { role: word(), version: word() };
    let problems = Problems::default();
    Ok(Answer::page(RolePage { project, member, circle, form, problems, refused: false, newer: None }))
}

/// `POST /iam/projects/{project}/members/{user}`.
pub async fn change_role(actor: Actor<ManageProjectMembers>, user: Path<UserId>, form: Form<RoleForm>) -> Reply {
    let (project, member, circle) = found(&actor, &user.0).await?;
    let parsed = parse_role(&form.role);
    let opened = form.version.clone();
    let target = ("user", member.id.to_string(), member.email.to_string());
    let again = |problems, refused| RolePage { project, member, circle, form: form.0, problems, refused, newer: None };
    let role = match parsed {
        Ok(role) => role,
        Err(problem) => {
            actor.note_refusal(Reason::NotARole, Some(target)).await;
            return Ok(Answer::refused(again(Problems::one("role", problem), false)));
        }
    };
    let asked = user.0.clone();
    match actor.write(move |tx| projects::change_role(tx, &asked, role, &opened)).await {
        Ok(()) => Ok(see_other(urls::project(actor.project())).notice(Text::new("project-role-changed"))),
        Err(MemberError::IsYourself) => Ok(Answer::refused(again(Problems::default(), true))),
        Err(MemberError::Older(newer)) => {
            let (project, member, circle) = found(&actor, &user.0).await?;
            let (problems, version) = (Problems::default(), member.role.word().to_owned());
            let form = RoleForm { role: role.word().to_owned(), version };
            let page = RolePage { project, member, circle, form, problems, refused: false, newer: Some(newer) };
            Ok(Answer::refused(page))
        }
        Err(MemberError::Failed(cause)) => Err(cause),
    }
}

/// `GET /iam/projects/{project}/members/{user}/removal`.
pub async fn removal(actor: Actor<ManageProjectMembers>, user: Path<UserId>) -> Reply {
    let (project, member, circle) = found(&actor, &user.0).await?;
    Ok(Answer::page(RemovalPage { project, member, circle, refused: false }))
}

/// `POST /iam/projects/{project}/members/{user}/removal`.
pub async fn remove(actor: Actor<ManageProjectMembers>, user: Path<UserId>) -> Reply {
    let (project, member, circle) = found(&actor, &user.0).await?;
    match actor.write(move |tx| projects::remove_member(tx, &user.0)).await {
        Ok(()) => {
            let notice = Text::new("project-member-removed").with("name", member.name);
            Ok(see_other(urls::project(&project.id)).notice(notice))
        }
        Err(MemberError::IsYourself) => Ok(Answer::refused(RemovalPage { project, member, circle, refused: true })),
        Err(MemberError::Older(_)) => Ok(see_other(urls::project_member(&project.id, &member.id))),
        Err(MemberError::Failed(cause)) => Err(cause),
    }
}
