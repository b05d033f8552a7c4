//! Export: the log as a file, made row by row while it is sent.

use actix_web::web::Bytes;
use askama::Template;
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;

use super::super::{Filter, Format, note_export, seal};
use super::filter::FilterForm;
use crate::access::failure::Failure;
use crate::access::{Actor, ExportAudit};
use crate::base::i18n::filters;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::audit;
use crate::platform::events::{Kind, Outcome};
use crate::platform::store::StoreError;
use crate::web::interrupted::Held;
use crate::web::list::Place;
use crate::web::{Answer, Form, Problems, Query, Reply};

/// Rows that are read at a time, and all that is held of an export in memory.
const ROWS: usize = 500;

#[derive(Template)]
#[template(path = "audit/export.html")]
struct ExportPage {
    zone: &'static str,
    form: FilterForm,
    format: String,
    problems: Problems,
    back: String,
}
crate::pages! { ExportPage; }

/// The form as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExportForm {
    format: String,
    from: String,
    to: String,
    actor: String,
    event: String,
    result: String,
    reference: String,
}

impl ExportForm {
    fn filters(&self) -> FilterForm {
        FilterForm {
            from: self.from.clone(),
            to: self.to.clone(),
            actor: self.actor.clone(),
            event: self.event.clone(),
            result: self.result.clone(),
            reference: self.reference.clone(),
        }
    }

    fn parse(&self, zone: chrono_tz::Tz) -> Result<(Filter, Format), Problems> {
        let (filter, mut problems) = match self.filters().parse(zone) {
            Ok(filter) => (Some(filter), Problems::default()),
            Err(problems) => (None, problems),
        };
        let format = problems.take("format", Format::from_word(&self.format).ok_or(Problem::NotAFormat));
        filter.zip(format).ok_or(problems)
    }
}

fn page(actor: &Actor<ExportAudit>, form: &ExportForm, problems: Problems) -> ExportPage {
    let filters = form.filters();
    ExportPage {
        zone: actor.identity().zone().name(),
        back: filters.url(urls::AUDIT).to_string(),
        form: filters,
        format: form.format.clone(),
        problems,
    }
}

/// `GET /audit/export`, with the filters of the list: the login is fresh when this page is shown.
pub async fn export_form(actor: Actor<ExportAudit>, query: Query<ExportForm>, held: Query<Held>) -> Reply {
    let mut form = match held.0.kept::<ExportForm, _>(&actor, urls::AUDIT_EXPORT).await? {
        Some(form) => form,
        None => query.0,
    };
    if form.format.is_empty() {
        form.format = Format::Csv.word().to_owned();
    }
    Ok(Answer::page(page(&actor, &form, Problems::default())))
}

/// `POST /audit/export`. It is on record before the first row leaves.
pub async fn export(actor: Actor<ExportAudit>, form: Form<ExportForm>) -> Reply {
    let zone = actor.identity().zone();
    let (filter, format) = match form.parse(zone) {
        Ok(parsed) => parsed,
        Err(problems) => return Ok(Answer::refused(page(&actor, &form, problems))),
    };
    let recorded = filter.clone();
    actor.write(move |tx| note_export(tx, &recorded, format)).await?;
    let today = actor.app().clock().now().utc().with_timezone(&zone).date_naive();
    let name = format!("{}-audit-log-{today}.{}", actor.identity().organization_name, format.word());
    // What fails at the first rows is still told by a page.
    let (first, next) = rows(&actor, &filter, format, Place::Start).await?;
    let begun = format.head().map_err(unwritten)?;
    let begun = stream::iter([Ok(begun.into()), Ok(first)]);
    let rest = stream::try_unfold((actor, filter, next), move |(actor, filter, next)| async move {
        let Some(key) = next else { return Ok(None) };
        let read = rows(&actor, &filter, format, Place::After(key)).await;
        let (chunk, next) = read.inspect_err(|cause| tracing::error!(%cause, "an export broke off"))?;
        Ok(Some((chunk, (actor, filter, next))))
    });
    Ok(Answer::download(format.content_type(), &name, begun.chain(rest)))
}

/// The rows of one page of the log, and the key that the next one begins after. Each page is a read by itself: nothing
/// is held open while the client takes its time.
async fn rows(
    actor: &Actor<ExportAudit>,
    filter: &Filter,
    format: Format,
    place: Place,
) -> Result<(Bytes, Option<String>), Failure> {
    let filter = filter.clone();
    let read = actor.read_on(move |tx| {
        let slice = audit::page(tx, &filter, &place, ROWS)?;
        let seals = seal::of_events(tx, &slice.rows)?;
        Ok::<_, StoreError>((slice, seals))
    });
    let (slice, seals) = read.await?;
    let written = format.rows(&slice.rows, &seals).map_err(unwritten)?;
    Ok((written.into(), slice.next))
}

fn unwritten(cause: csv::Error) -> Failure {
    Failure::Internal(format!("rows could not be written: {cause}"))
}
