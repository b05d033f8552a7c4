//! One project: what it is, its resources, what it is called, and its deletion.

use askama::Template;
use serde::Deserialize;

use super::members::Circle;
use crate::access::failure::Failure;
use crate::access::{Actor, ManageProjects, Permission, ViewProject};
use crate::base::i18n::{Text, filters};
use crate::base::problem::Problem;
use crate::base::project_id::ProjectId;
use crate::base::urls;
use crate::features::audit::newer::Newer;
use crate::features::projects::resources::{self, Resource};
use crate::features::projects::{self, DeleteError, Description, EditError, Member, Project, ProjectName};
use crate::web::interrupted::Held;
use crate::web::list::{Cursor, ListUrl, PAGE, Place, Slice};
use crate::web::{Answer, Form, Path, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "projects/show.html")]
struct ShowPage {
    project: Project,
    circle: Circle,
    members: Slice<Member>,
    resources: Slice<Resource>,
    may_manage: bool,
}

#[derive(Template)]
#[template(path = "projects/resources.html")]
struct ResourcesPage {
    project: Project,
    slice: Slice<Resource>,
    url: ListUrl,
}

#[derive(Template)]
#[template(path = "projects/edit.html", blocks = ["form"])]
struct EditPage {
    project: Project,
    form: EditForm,
    problems: Problems,
    /// What was saved since the form was opened.
    newer: Option<Newer>,
}

#[derive(Template)]
#[template(path = "projects/deletion.html", blocks = ["form"])]
struct DeletionPage {
    project: Project,
    resources: Slice<Resource>,
    form: DeletionForm,
    problems: Problems,
    refused: bool,
}

impl DeletionPage {
    fn is_deletable(&self) -> bool {
        projects::is_deletable(&self.project)
    }
}

crate::pages! {
    ShowPage;
    ResourcesPage;
    EditPage { form };
    DeletionPage { form };
}

/// `GET /iam/projects/{project}`: what it is, and the first of its members and resources.
pub async fn show(actor: Actor<ViewProject>) -> Reply {
    let (project, members, resources) = actor
        .read(|tx| {
            let (id, start) = (tx.project().clone(), Place::Start);
            let project = projects::find(tx, &id)?.ok_or(Failure::NotFound)?;
            let (members, resources) = (projects::members(tx, &id, &start)?, resources::of(tx, &id, &start)?);
            Ok::<_, Failure>((
                project,
                Slice::cut(&start, PAGE, members, |member| member.email.to_string()),
                Slice::cut(&start, PAGE, resources, |resource| resource.external_id.to_string()),
            ))
        })
        .await?;
    let circle = Circle::of(actor.identity(), &project);
    let may_manage = actor.identity().holds(ManageProjects::RULE);
    Ok(Answer::page(ShowPage { project, circle, members, resources, may_manage }))
}

/// `GET /iam/projects/{project}/resources`: all of them.
pub async fn resources(actor: Actor<ViewProject>, query: Query<Cursor>) -> Reply {
    let place = query.0.place();
    let (project, slice) = actor
        .read(move |tx| {
            let id = tx.project().clone();
            let project = projects::find(tx, &id)?.ok_or(Failure::NotFound)?;
            let found = resources::of(tx, &id, &place)?;
            let slice = Slice::cut(&place, PAGE, found, |resource| resource.external_id.to_string());
            Ok::<_, Failure>((project, slice))
        })
        .await?;
    let url = ListUrl::new(urls::project_resources(&project.id), []);
    Ok(Answer::page(ResourcesPage { project, slice, url }))
}

/// What a project is called, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EditForm {
    display_name: String,
    description: String,
    version: String,
}

impl EditForm {
    fn parse(&self) -> Result<(ProjectName, Description), Problems> {
        let mut problems = Problems::default();
        let name = problems.take("display_name", ProjectName::parse(&self.display_name));
        let description = problems.take("description", Description::parse(&self.description));
        match (name, description) {
            (Some(name), Some(description)) => Ok((name, description)),
            _ => Err(problems),
        }
    }
}

async fn found(actor: &Actor<ManageProjects>, id: &ProjectId) -> Result<Project, Failure> {
    let id = id.clone();
    actor.read(move |tx| projects::find(tx, &id)?.ok_or(Failure::NotFound)).await
}

/// `GET /iam/projects/{project}/edit`.
pub async fn edit(actor: Actor<ManageProjects>, id: Path<ProjectId>, query: Query<Held>) -> Reply {
    let project = found(&actor, &id.0).await?;
    let kept: Option<EditForm> = query.0.kept(&actor, &urls::project_edit(&id.0)).await?;
    let stored = || EditForm {
        display_name: project.name.clone(),
        description: project.description.clone(),
        version: project.version(),
    };
    let form = kept.unwrap_or_else(stored);
    Ok(Answer::page(EditPage { project, form, problems: Problems::default(), newer: None }))
}

/// `POST /iam/projects/{project}/edit`.
pub async fn save(actor: Actor<ManageProjects>, id: Path<ProjectId>, form: Form<EditForm>) -> Reply {
    let (name, description) = match form.parse() {
        Ok(words) => words,
        Err(problems) => {
            let project = found(&actor, &id.0).await?;
            return Ok(Answer::refused(EditPage { project, form: form.0, problems, newer: None }));
        }
    };
    let (asked, opened) = (id.0.clone(), form.version.clone());
    match actor.write(move |tx| projects::change(tx, &asked, &name, &description, &opened)).await {
        Ok(()) => Ok(see_other(urls::project(&id.0)).notice(Text::new("project-saved"))),
        Err(EditError::Older(newer)) => {
            let project = found(&actor, &id.0).await?;
            let form = EditForm { version: project.version(), ..form.0 };
            Ok(Answer::refused(EditPage { project, form, problems: Problems::default(), newer: Some(newer) }))
        }
        Err(EditError::Failed(cause)) => Err(cause),
    }
}

/// The Project ID, typed to confirm.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeletionForm {
    project_id: String,
}

async fn deletion_page(
    actor: &Actor<ManageProjects>,
    id: &ProjectId,
    form: DeletionForm,
    problems: Problems,
    refused: bool,
) -> Result<DeletionPage, Failure> {
    let id = id.clone();
    let (project, resources) = actor
        .read(move |tx| {
            let project = projects::find(tx, &id)?.ok_or(Failure::NotFound)?;
            let found = resources::of(tx, &id, &Place::Start)?;
            let resources = Slice::cut(&Place::Start, PAGE, found, |resource| resource.external_id.to_string());
            Ok::<_, Failure>((project, resources))
        })
        .await?;
    Ok(DeletionPage { project, resources, form, problems, refused })
}

/// `GET /iam/projects/{project}/deletion`: what stands in the way, or what goes with it.
pub async fn deletion(actor: Actor<ManageProjects>, id: Path<ProjectId>) -> Reply {
    let page = deletion_page(&actor, &id.0, DeletionForm::default(), Problems::default(), false).await?;
    Ok(Answer::page(page))
}

/// `POST /iam/projects/{project}/deletion`.
pub async fn delete(actor: Actor<ManageProjects>, id: Path<ProjectId>, form: Form<DeletionForm>) -> Reply {
    let (asked, typed) = (id.0.clone(), form.project_id.clone());
    let (problems, refused) = match actor.write(move |tx| projects::delete(tx, &asked, &typed)).await {
        Ok(()) => {
            return Ok(see_other(urls::PROJECTS).notice(Text::new("project-deleted").with("project", id.0.as_str())));
        }
        Err(DeleteError::HoldsResources) => (Problems::default(), true),
        Err(DeleteError::NotConfirmed) => (Problems::one("project_id", Problem::NotThisProjectId), false),
        Err(DeleteError::Failed(cause)) => return Err(cause),
    };
    Ok(Answer::refused(deletion_page(&actor, &id.0, form.0, problems, refused).await?))
}
