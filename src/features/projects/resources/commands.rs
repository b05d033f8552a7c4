//! `vestibule resource …`: how the operator's systems tell what they keep in which project.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Refusal, Registered, Registration};
use crate::base::problem::Problem;
use crate::base::project_id::ProjectId;
use crate::features::projects::{ExternalId, ResourceKind, ResourceName};
use crate::platform::command::lines::{self, Line, Report};
use crate::platform::command::{typed, with_store};
use crate::platform::config::Config;
use crate::platform::store::Store;

/// `vestibule resource …`
#[derive(Debug, Subcommand)]
pub enum ResourceCommand {
    /// Register resources in projects. What is registered as described stays as it is; another kind or name is taken over.
    Register {
        /// The one that is typed.
        #[command(flatten)]
        resource: Option<Described>,
        /// JSON Lines instead, from a file or, for -, from standard input: {"organization", "project", "id", "kind", "name"}.
        #[arg(long, required_unless_present = "Described", conflicts_with = "Described")]
        file: Option<String>,
        /// One JSON object a line about what became of it.
        #[arg(long)]
        json: bool,
    },
    /// Remove resources from the projects that hold them. What no project holds is left at that.
    Remove {
        /// The one that is typed.
        #[command(flatten)]
        resource: Option<Named>,
        /// JSON Lines instead, from a file or, for -, from standard input: {"organization", "id"}.
        #[arg(long, required_unless_present = "Named", conflicts_with = "Named")]
        file: Option<String>,
        /// One JSON object a line about what became of it.
        #[arg(long)]
        json: bool,
    },
}

/// A resource as it is typed or stands in a line.
#[derive(Debug, Clone, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Organization name.
    #[arg(value_parser = typed::organization)]
    organization: String,
    /// Project ID.
    project: String,
    /// The id that your systems know it by, unique in the organization.
    id: String,
    /// What kind of thing it is, in your words.
    kind: String,
    /// What it is called.
    name: String,
}

/// A resource that is typed or stands in a line to be removed.
#[derive(Debug, Clone, Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Organization name.
    #[arg(value_parser = typed::organization)]
    organization: String,
    /// The id that your systems know it by.
    id: String,
}

/// What is wrong with a value, in the operator's language.
fn taken<T>(field: &str, parsed: Result<T, Problem>) -> Result<T, String> {
    parsed.map_err(|problem| match problem {
        Problem::Missing => format!("{field} is empty"),
        Problem::TooLong(most) => format!("{field} has more than {most} characters"),
        Problem::Unprintable => format!("{field} holds characters that cannot be seen"),
        _ => format!("{field} cannot be one"),
    })
}

impl Described {
    fn parse(self) -> Result<Registration, String> {
        Ok(Registration {
            organization: self.organization,
            project: taken("project", ProjectId::parse(&self.project))?,
            id: taken("id", ExternalId::parse(&self.id))?,
            kind: taken("kind", ResourceKind::parse(&self.kind))?,
            name: taken("name", ResourceName::parse(&self.name))?,
        })
    }
}

impl Named {
    fn parse(self) -> Result<(String, ExternalId), String> {
        Ok((self.organization, taken("id", ExternalId::parse(&self.id))?))
    }
}

/// Runs a command on resources. Fails with words for the operator.
pub fn resource(config: &Config, command: ResourceCommand) -> Result<(), String> {
    match command {
        ResourceCommand::Register { resource, file, json } => {
            let register = async |store: &Store, new: Registration| Ok(said(super::register(store, new).await?));
            each(config, all(resource, file, Described::parse)?, json, |new| new.id.to_string(), register)
        }
        ResourceCommand::Remove { resource, file, json } => {
            let remove = async |store: &Store, (organization, id): (String, ExternalId)| {
                let removed = super::remove(store, organization, id).await?;
                Ok(if removed { "removed" } else { "was not there" })
            };
            each(config, all(resource, file, Named::parse)?, json, |(_, id)| id.to_string(), remove)
        }
    }
}

fn said(registered: Registered) -> &'static str {
    match registered {
        Registered::New => "registered",
        Registered::Changed => "changed",
        Registered::AsItWas => "unchanged",
    }
}

/// What was typed, as the only line, or all lines of a file; every mistake is told before anything is done.
fn all<T: DeserializeOwned, V>(
    typed: Option<T>,
    file: Option<String>,
    parse: impl Fn(T) -> Result<V, String>,
) -> Result<Vec<Line<V>>, String> {
    let Some(path) = file else {
        return typed.into_iter().map(|typed| Ok(Line { number: 1, value: parse(typed)? })).collect();
    };
    let (mut right, mut mistakes) = (Vec::new(), Vec::new());
    for line in lines::read::<T>(&path)? {
        match parse(line.value) {
            Ok(value) => right.push(Line { number: line.number, value }),
            Err(mistake) => mistakes.push(format!("line {}: {mistake}", line.number)),
        }
    }
    lines::all_or_mistakes(right, mistakes)
}

/// Carries out each line by itself, so that one that is refused keeps none of the others back.
fn each<V>(
    config: &Config,
    lines: Vec<Line<V>>,
    as_json: bool,
    id: impl Fn(&V) -> String,
    act: impl AsyncFn(&Store, V) -> Result<&'static str, Refusal>,
) -> Result<(), String> {
    let report = with_store(config, async |store| {
        let mut report = Report::default();
        for Line { number, value } in lines {
            let id = id(&value);
            match act(&store, value).await {
                Ok(result) => report.done(number, &id, result),
                Err(refusal) => report.refused(number, &id, refusal.to_string()),
            }
        }
        Ok(report)
    })?;
    report.print(as_json)
}
