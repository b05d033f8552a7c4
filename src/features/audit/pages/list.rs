//! The log, and one event of it.

use askama::Template;

use super::super::Filter;
use super::super::seal::{self, Chain, PublicKeys, Seal};
use super::super::words::{Change, Fact, Shown};
use super::filter::FilterForm;
use crate::access::failure::Failure;
use crate::access::{Actor, ViewAudit};
use crate::base::browser_name::browser_name;
use crate::base::i18n::filters;
use crate::base::ids::EventId;
use crate::base::urls;
use crate::features::audit::{self, Entry};
use crate::platform::events::{Kind, Outcome};
use crate::platform::store::StoreError;
use crate::web::list::{Cursor, ListUrl, PAGE, Place, Slice};
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
    /// How far the log is sealed, on the first page of the whole of it.
    sealed: Option<Sealed>,
}

/// The number of the newest seal, and the public key of what is sealed now.
struct Sealed {
    number: i64,
    key: String,
}

#[derive(Template)]
#[template(path = "audit/show.html")]
struct ShowPage {
    organization: String,
    organization_id: String,
    entry: Entry,
    changes: Vec<Change>,
    facts: Vec<Fact>,
    seal: Option<Seal>,
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
    let page = |slice, problems, sealed| ListPage {
        organization,
        zone: zone.name(),
        url: form.0.url(urls::AUDIT),
        form: form.0.clone(),
        problems,
        slice,
        sealed,
    };
    let filter = match form.0.parse(zone) {
        Ok(filter) => filter,
        Err(problems) => return Ok(Answer::refused(page(Slice::default(), problems, None))),
    };
    let place = cursor.0.place();
    let read = actor.read(move |tx| {
        let slice = audit::page(tx, &filter, &place, PAGE)?;
        let chain = Chain::Of(tx.organization().clone());
        let is_first = place == Place::Start && filter == Filter::default();
        let newest = if is_first { seal::newest(tx, &chain)? } else { None };
        let key = PublicKeys::of(tx.keys()).listed().into_iter().next();
        let sealed = newest.zip(key).map(|(newest, key)| Sealed { number: newest.number, key: key.key });
        Ok::<_, StoreError>((slice, sealed))
    });
    let (slice, sealed) = read.await?;
    Ok(Answer::page(page(slice, Problems::default(), sealed)))
}

/// `GET /audit/{event}`.
pub async fn show(actor: Actor<ViewAudit>, event: Path<EventId>) -> Reply {
    let read = actor.read(move |tx| {
        let Some(entry) = audit::find(tx, &event.0)? else { return Ok(None) };
        let seal = seal::of_events(tx, std::slice::from_ref(&entry))?.remove(&entry.id);
        Ok::<_, StoreError>(Some((entry, seal)))
    });
    let (entry, seal) = read.await?.ok_or(Failure::NotFound)?;
    let (changes, facts) = entry.facts();
    let identity = actor.identity();
    let (organization, organization_id) = (identity.organization_name.clone(), identity.organization.to_string());
    Ok(Answer::page(ShowPage { organization, organization_id, entry, changes, facts, seal }))
}
