//! Resources: what the operator's systems keep in projects. They register and remove them by command, as often as they
//! like: a resource is known by its id in the organization, and what is so already is left as it is.

pub mod commands;
mod store;

pub use store::{Resource, of};

use super::{ExternalId, ResourceKind, ResourceName};
use crate::base::ids::OrganizationId;
use crate::base::project_id::ProjectId;
use crate::features::organizations::{self, New};
use crate::platform::command::operator;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{OpenTx, Recorded, Store, StoreError};

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The organization does not exist.
    #[error("there is no organization named {0}")]
    NoOrganization(String),
    /// The project does not exist.
    #[error("{0} has no project {1}")]
    NoProject(String, ProjectId),
    /// Another project of the organization holds it.
    #[error("the project {0} holds it; remove it there first")]
    Elsewhere(ProjectId),
    /// The organization's deletion is requested.
    #[error("the deletion of {0} is requested: nothing new can be registered there")]
    Closing(String),
    /// The database did not do it.
    #[error("database: {0} (a database that is not up to date is brought there by `vestibule migrate`)")]
    Store(#[from] StoreError),
}

/// A resource as a system describes it.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Organization name.
    pub organization: String,
    /// Project ID.
    pub project: ProjectId,
    /// The id that the system knows it by.
    pub id: ExternalId,
    /// Kind.
    pub kind: ResourceKind,
    /// Name.
    pub name: ResourceName,
}

/// What a registration did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It was new.
    New,
    /// It was there, with another kind or name.
    Changed,
    /// It was there as described.
    AsItWas,
}

/// Registers a resource in a project, on behalf of the operator's systems.
pub async fn register(store: &Store, new: Registration) -> Result<Registered, Refusal> {
    store.write(operator(), move |tx| register_within(tx, &new)).await
}

/// Removes a resource from whichever project holds it, on behalf of the operator's systems; says whether one did.
pub async fn remove(store: &Store, organization: String, id: ExternalId) -> Result<bool, Refusal> {
    store.write(operator(), move |tx| remove_within(tx, &organization, &id)).await
}

fn register_within(tx: &mut OpenTx<'_>, new: &Registration) -> Result<Recorded<Registered>, Refusal> {
    let organization = touch(tx, &new.organization)?;
    if organizations::is_closed_to(tx, &organization, New::Resource)? {
        return Err(Refusal::Closing(new.organization.clone()));
    }
    if !store::is_project(tx, &organization, &new.project)? {
        return Err(Refusal::NoProject(new.organization.clone(), new.project.clone()));
    }
    let about = |event: Event| {
        event.within(&organization).on("resource", &new.id, &new.name).with("project", new.project.as_str())
    };
    let (event, registered) = match store::find(tx, &organization, &new.id)? {
        None => {
            let row = store::NewResource {
                organization_id: organization.clone(),
                external_id: new.id.clone(),
                project_id: new.project.clone(),
                kind: new.kind.clone(),
                name: new.name.clone(),
                registered_at: tx.now(),
            };
            store::insert(tx, &row)?;
            let event = about(Event::done(Kind::ResourceRegistered));
            (event.with("kind", new.kind.as_str()).with("name", new.name.as_str()), Registered::New)
        }
        Some(known) if known.project != new.project => return Err(Refusal::Elsewhere(known.project)),
        Some(known) if known.kind == new.kind && known.name == new.name => {
            return Ok(tx.unrecorded("the resource is registered as described", Registered::AsItWas));
        }
        Some(known) => {
            store::describe(tx, &organization, &new.id, &new.kind, &new.name)?;
            let event = about(Event::done(Kind::ResourceChanged))
                .changed("kind", known.kind.as_str(), new.kind.as_str())
                .changed("name", known.name.as_str(), new.name.as_str());
            (event, Registered::Changed)
        }
    };
    Ok(tx.record(event, registered)?)
}

fn remove_within(tx: &mut OpenTx<'_>, organization: &str, id: &ExternalId) -> Result<Recorded<bool>, Refusal> {
    let organization = touch(tx, organization)?;
    let Some(known) = store::find(tx, &organization, id)? else {
        return Ok(tx.unrecorded("no project holds the resource", false));
    };
    store::remove(tx, &organization, id)?;
    let event = Event::done(Kind::ResourceRemoved)
        .within(&organization)
        .on("resource", id, &known.name)
        .with("project", known.project.as_str())
        .with("kind", known.kind.as_str());
    Ok(tx.record(event, true)?)
}

/// The organization of a name, with its other writers waiting: its projects stay what they are meanwhile.
fn touch(tx: &mut OpenTx<'_>, name: &str) -> Result<OrganizationId, Refusal> {
    let unknown = || Refusal::NoOrganization(name.to_owned());
    let found = organizations::login(tx, name)?.ok_or_else(unknown)?;
    if tx.touch(&found.id)? { Ok(found.id) } else { Err(unknown()) }
}
