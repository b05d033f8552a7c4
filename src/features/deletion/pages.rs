//! Apply for Cloud Organization Deletion: what it waits for, the request, and taking it back.

use askama::Template;
use serde::Deserialize;

use super::{RequestError, request as ask, withdraw as take_back};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageOwnership, Permission, ViewDeletion};
use crate::base::i18n::{Text, filters};
use crate::base::moment::Moment;
use crate::base::problem::Problem;
use crate::base::{text, urls};
use crate::features::deletion::{self, Checklist, Request};
use crate::platform::store::StoreError;
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "organizations/deletion.html", blocks = ["form"])]
struct DeletionPage {
    organization: String,
    days: i64,
    checklist: Checklist,
    request: Option<Request>,
    form: RequestForm,
    problems: Problems,
    /// Something came to be in the organization after the page was drawn.
    refused: bool,
    now: Moment,
}

/// The checklist by itself: it is looked at for as long as it takes, so it asks for no fresh login.
#[derive(Template)]
#[template(path = "organizations/deletion_checklist.html", blocks = ["refreshing"])]
struct ChecklistPage {
    organization: String,
    checklist: Checklist,
    is_requested: bool,
    now: Moment,
}

crate::pages! {
    DeletionPage { form };
    ChecklistPage { refreshing };
}

/// What has to be read and ticked, by its word and its message id.
const PRECAUTIONS: [(&str, &str); 3] = [
    ("everything", "deletion-precaution-everything"),
    ("final", "deletion-precaution-final"),
    ("withdrawal", "deletion-precaution-withdrawal"),
];

/// The precautions that were ticked, and the name that was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RequestForm {
    precautions: Vec<String>,
    organization: String,
}

impl RequestForm {
    fn has(&self, precaution: &str) -> bool {
        self.precautions.iter().any(|ticked| ticked == precaution)
    }

    fn problems(&self) -> Problems {
        let mut problems = Problems::default();
        if !PRECAUTIONS.iter().all(|(word, _)| self.has(word)) {
            problems.add("precautions", Text::new("deletion-tick-all"));
        }
        if text::typed::plain(&self.organization).is_empty() {
            problems.add("organization", Problem::Missing);
        }
        problems
    }
}

async fn page(actor: &Actor<ManageOwnership>) -> Result<DeletionPage, Failure> {
    let read = actor.read(|tx| {
        let organization = tx.organization().clone();
        Ok::<_, StoreError>((deletion::checklist(tx)?, deletion::open_request(tx, &organization)?))
    });
    let (checklist, request) = read.await?;
    Ok(DeletionPage {
        organization: actor.identity().organization_name.clone(),
        days: actor.app().config.deletion.days,
        checklist,
        request,
        form: RequestForm::default(),
        problems: Problems::default(),
        refused: false,
        now: actor.app().clock().now(),
    })
}

/// `GET /iam/organization/deletion`.
pub async fn show(actor: Actor<ManageOwnership>, query: Query<Held>) -> Reply {
    let form = query.0.form(&actor, urls::DELETION).await?;
    Ok(Answer::page(DeletionPage { form, ..page(&actor).await? }))
}

/// `GET /iam/organization/deletion/checklist`.
pub async fn checklist(actor: Actor<ViewDeletion>) -> Reply {
    let checklist = actor.read(deletion::checklist).await?;
    let (organization, is_requested) =
        (actor.identity().organization_name.clone(), actor.identity().deletion_due.is_some());
    let now = actor.app().clock().now();
    Ok(Answer::page(ChecklistPage { organization, checklist, is_requested, now }))
}

/// `POST /iam/organization/deletion`: [Request deletion].
pub async fn request(actor: Actor<ManageOwnership>, form: Form<RequestForm>) -> Reply {
    let requested = || Ok(see_other(urls::ORGANIZATION_ACCOUNT).notice(Text::new("deletion-requested-notice")));
    // Whatever the form says: there is nothing left to ask for.
    if actor.identity().deletion_due.is_some() {
        return requested();
    }
    let mut problems = form.problems();
    let (typed, days) = (form.organization.clone(), actor.app().config.deletion.days);
    if problems.is_empty() {
        match actor.write(move |tx| ask(tx, &typed, days)).await {
            Ok(()) => return requested(),
            Err(RequestError::NotReady) => {
                return Ok(Answer::refused(DeletionPage { form: form.0, refused: true, ..page(&actor).await? }));
            }
            Err(RequestError::NotConfirmed) => problems = Problems::one("organization", Problem::NotThisOrganization),
            Err(RequestError::NotOwner) => return Err(Failure::Forbidden(ManageOwnership::RULE.name)),
            Err(RequestError::Store(cause)) => return Err(cause.into()),
        }
    }
    Ok(Answer::refused(DeletionPage { form: form.0, problems, ..page(&actor).await? }))
}

/// `GET` of what is only posted: the page that has the buttons.
pub async fn buttons(actor: Actor<ManageOwnership>) -> Reply {
    Ok(Answer::page(page(&actor).await?))
}

/// `POST /iam/organization/deletion/withdrawal`: [Withdraw request].
pub async fn withdraw(actor: Actor<ManageOwnership>) -> Reply {
    let withdrawn = actor.write(take_back).await?;
    let notice = if withdrawn { "deletion-withdrawn-notice" } else { "deletion-none-notice" };
    Ok(see_other(urls::ORGANIZATION_ACCOUNT).notice(Text::new(notice)))
}
