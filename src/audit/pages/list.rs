//! The log, and one event of it.

use askama::Template;

use super::super::store::{self, Entry};
use super::super::words::{Change, Fact, Shown};
use super::super::{Kind, Outcome};
use super::filter::FilterForm;
use crate::account::browser_name;
use crate::auth::{Actor, ViewAudit};
use crate::failure::Failure;
use crate::i18n::filters;
use crate::store::types::EventId;
use crate::urls;
use crate::web::list::{Cursor, ListUrl, PAGE, Slice};
use crate::web::{Answer, Path, Problems, Query, Reply};

#[derive(Template)]
#[template(path = "audit/list.html", blocks = ["results"])]
struct ListPage {
    organization: String,
    zone: &'static str,
    form: FilterForm,
    problems: Problems,
    url: ListUrl,
    slice: Slice<Entry>,
}

#[derive(Template)]
#[template(path = "audit/show.html")]
struct ShowPage {
    organization: String,
    organization_id: String,
    entry: Entry,
    changes: Vec<Change>,
    facts: Vec<Fact>,
}

crate::pages! {
    ListPage { results };
    ShowPage;
}

impl ListPage {
    /// Where what is shown can be exported.
    fn export_url(&self) -> String {
        self.form.url(urls::AUDIT_EXPORT).to_string()
    }
}

/// `GET /audit`.
pub async fn list(actor: Actor<ViewAudit>, form: Query<FilterForm>, cursor: Query<Cursor>) -> Reply {
    let identity = actor.identity();
    let (organization, zone) = (identity.organization_name.clone(), identity.zone());
    let page = |slice, problems| ListPage {
        organization,
        zone: zone.name(),
        url: form.0.url(urls::AUDIT),
        form: form.0.clone(),
        problems,
        slice,
    };
    let filter = match form.0.parse(zone) {
        Ok(filter) => filter,
        Err(problems) => return Ok(Answer::refused(page(Slice::default(), problems))),
    };
    let place = cursor.0.place();
    let slice = actor.read(move |tx| store::page(tx, &filter, &place, PAGE)).await?;
    Ok(Answer::page(page(slice, Problems::default())))
}

/// `GET /audit/{event}`.
pub async fn show(actor: Actor<ViewAudit>, event: Path<EventId>) -> Reply {
    let entry = actor.read(move |tx| store::find(tx, &event.0)).await?.ok_or(Failure::NotFound)?;
    let (changes, facts) = entry.facts();
    let identity = actor.identity();
    let (organization, organization_id) = (identity.organization_name.clone(), identity.organization.to_string());
    Ok(Answer::page(ShowPage { organization, organization_id, entry, changes, facts }))
}
