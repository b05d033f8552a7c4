//! The list of projects, and a new one.

use askama::Template;
use serde::Deserialize;

use crate::access::failure::Failure;
use crate::access::{Actor, ManageProjects, OwnAccount, Permission, ViewProjects};
use crate::base::from_path::FromPath;
use crate::base::i18n::{Text, filters};
use crate::base::ids::SubmissionId;
use crate::base::problem::Problem;
use crate::base::project_id::ProjectId;
use crate::base::{text, urls};
use crate::features::projects::{self, CreateError, Description, NewProject, Project, ProjectName, Which};
use crate::platform::store::StoreError;
use crate::web::interrupted::Held;
use crate::web::list::{Cursor, ListUrl, PAGE, Slice};
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "projects/list.html")]
struct ListPage {
    slice: Slice<Project>,
    url: ListUrl,
    total: i64,
    most: i64,
    sees_all: bool,
    may_create: bool,
    email: String,
}

impl ListPage {
    fn is_full(&self) -> bool {
        projects::is_full(self.total, self.most)
    }
}

#[derive(Template)]
#[template(path = "projects/new.html", blocks = ["form"])]
struct NewPage {
    form: NewForm,
    problems: Problems,
    most: i64,
    full: bool,
    refused: bool,
}

crate::pages! {
    ListPage;
    NewPage { form };
}

/// `GET /iam/projects`: all of the organization for those who may see all, else those the caller belongs to.
pub async fn show(actor: Actor<OwnAccount>, query: Query<Cursor>) -> Reply {
    let identity = actor.identity();
    let (sees_all, may_create) = (identity.holds(ViewProjects::RULE), identity.holds(ManageProjects::RULE));
    let (which, place) = (if sees_all { Which::All } else { Which::Own }, query.0.place());
    let (slice, total) = actor
        .read(move |tx| {
            let found = projects::list(tx, which, &place)?;
            let total = if sees_all { projects::count(tx)? } else { 0 };
            Ok::<_, StoreError>((Slice::cut(&place, PAGE, found, |project| project.id.to_string()), total))
        })
        .await?;
    let most = actor.app().config.limits.projects;
    let (url, email) = (ListUrl::new(urls::PROJECTS, []), identity.email.clone());
    Ok(Answer::page(ListPage { slice, url, total, most, sees_all, may_create, email }))
}

/// A new project as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewForm {
    display_name: String,
    project_id: String,
    description: String,
    submission: String,
}

impl NewForm {
    fn parse(&self) -> Result<NewProject, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("display_name", ProjectName::parse(&self.display_name));
        let id = match ProjectId::parse(&self.project_id) {
            Err(_) if text::typed::plain(&self.project_id).is_empty() => Some(None),
            parsed => problems.take("project_id", parsed).map(Some),
        };
        let description = problems.take("description", Description::parse(&self.description));
        match (name, id, description) {
            (Some(name), Some(id), Some(description)) => Ok(NewProject { id, name, description }),
            _ => Err(problems),
        }
    }
}

async fn page(
    actor: &Actor<ManageProjects>,
    mut form: NewForm,
    problems: Problems,
    refused: bool,
) -> Result<NewPage, Failure> {
    let most = actor.app().config.limits.projects;
    let total = actor.read(projects::count).await?;
    if SubmissionId::from_path(&form.submission).is_none() {
        form.submission = fresh(actor).to_string();
    }
    Ok(NewPage { form, problems, most, full: projects::is_full(total, most), refused })
}

/// What tells one showing of the form from the next.
fn fresh(actor: &Actor<ManageProjects>) -> SubmissionId {
    actor.app().entropy().id(actor.app().clock().now()).into()
}

/// Leads to where the deletion of the organization stands: meanwhile no project is made.
fn closing() -> Answer {
    see_other(urls::ORGANIZATION_ACCOUNT).refusal(Text::new("deletion-nothing-new"))
}

/// `GET /iam/projects/new`.
pub async fn new(actor: Actor<ManageProjects>, query: Query<Held>) -> Reply {
    if actor.identity().deletion_due.is_some() {
        return Ok(closing());
    }
    let form: NewForm = query.0.form(&actor, urls::PROJECTS_NEW).await?;
    Ok(Answer::page(page(&actor, form, Problems::default(), false).await?))
}

/// `POST /iam/projects/new`.
pub async fn create(actor: Actor<ManageProjects>, form: Form<NewForm>) -> Reply {
    let new = match form.parse() {
        Ok(new) => new,
        Err(problems) => return Ok(Answer::refused(page(&actor, form.0, problems, false).await?)),
    };
    let submission = SubmissionId::from_path(&form.submission).unwrap_or_else(|| fresh(&actor));
    let most = actor.app().config.limits.projects;
    match actor.write(move |tx| projects::create(tx, &new, &submission, most)).await {
        Ok(id) => Ok(see_other(urls::project(&id)).notice(Text::new("project-created"))),
        Err(CreateError::Full) => Ok(Answer::refused(page(&actor, form.0, Problems::default(), true).await?)),
        Err(CreateError::IdTaken) => {
            let problems = Problems::one("project_id", Problem::ProjectIdUnavailable);
            Ok(Answer::refused(page(&actor, form.0, problems, false).await?))
        }
        Err(CreateError::Closing) => Ok(closing()),
        Err(CreateError::Store(cause)) => Err(cause.into()),
    }
}
