//! Page of a registration: how its invitations fare, and the report to keep.

use actix_web::http::header::CONTENT_DISPOSITION;
use askama::Template;

use crate::access::failure::Failure;
use crate::access::{Actor, ViewUsers};
use crate::base::i18n::{Text, filters};
use crate::base::ids::RegistrationId;
use crate::base::moment::Moment;
use crate::base::text::harmless_cell;
use crate::base::urls;
use crate::features::registration::{self, Delivery, Line};
use crate::web::{Answer, Path, Reply};

/// For how long the page looks again by itself; a mail server that is down longer than that is no progress to watch.
const WATCHED_MINUTES: i64 = 10;

#[derive(Template)]
#[template(path = "users/registration.html", blocks = ["refreshing"])]
struct ProgressPage {
    id: RegistrationId,
    made: Moment,
    lines: Vec<Line>,
    watched: bool,
}
crate::pages! { ProgressPage { refreshing }; }

impl ProgressPage {
    fn count(&self, delivery: Delivery) -> usize {
        self.lines.iter().filter(|line| line.delivery == delivery).count()
    }

    fn undelivered(&self) -> usize {
        self.count(Delivery::Failed) + self.count(Delivery::Expired)
    }

    fn finished(&self) -> usize {
        self.lines.len() - self.count(Delivery::Queued)
    }
}

async fn lines(actor: &Actor<ViewUsers>, id: &RegistrationId) -> Result<(Moment, Vec<Line>), Failure> {
    let id = id.clone();
    actor.read(move |tx| registration::lines(tx, &id)).await?.ok_or(Failure::NotFound)
}

/// `GET /iam/users/bulk/{registration}`.
pub async fn progress(actor: Actor<ViewUsers>, id: Path<RegistrationId>) -> Reply {
    let (made, lines) = lines(&actor, &id.0).await?;
    let recent = actor.app().clock().now().since(made).num_minutes() < WATCHED_MINUTES;
    let watched = recent && lines.iter().any(|line| line.delivery == Delivery::Queued);
    Ok(Answer::page(ProgressPage { id: id.0, made, lines, watched }))
}

/// `GET /iam/users/bulk/{registration}/report`: the lines as CSV, with cells that no spreadsheet takes for formulas.
pub async fn report(actor: Actor<ViewUsers>, id: Path<RegistrationId>) -> Reply {
    let (_, lines) = lines(&actor, &id.0).await?;
    let language = actor.language();
    let say = |id: &'static str| Text::new(id).say(language);
    let mut file = csv::Writer::from_writer(Vec::new());
    let heads = ["lines-line", "person-email", "person-name", "users-invitation", "lines-answer", "lines-finished"];
    let write = |file: &mut csv::Writer<Vec<u8>>, cells: [String; 6]| {
        file.write_record(cells.iter().map(|cell| harmless_cell(cell)))
    };
    let mut written = write(&mut file, heads.map(say));
    for line in lines {
        let finished = line.finished_at.map(|at| at.to_string()).unwrap_or_default();
        let cells = [
            line.line.to_string(),
            line.email,
            line.name,
            say(line.delivery.label()),
            line.answer.unwrap_or_default(),
            finished,
        ];
        written = written.and_then(|()| write(&mut file, cells));
    }
    let bytes = written
        .map_err(|cause| Failure::Internal(cause.to_string()))
        .and_then(|()| file.into_inner().map_err(|cause| Failure::Internal(cause.to_string())))?;
    // The mark tells spreadsheets that this is UTF-8.
    let bytes = [b"\xef\xbb\xbf".as_slice(), &bytes].concat();
    let name = format!("attachment; filename=\"registration-{}.csv\"", id.0);
    Ok(Answer::bytes("text/csv; charset=utf-8", bytes.into()).header(CONTENT_DISPOSITION, &name))
}
