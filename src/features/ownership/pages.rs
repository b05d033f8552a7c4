//! Page of the transfer of ownership.

use askama::Template;
use serde::Deserialize;

use super::{TransferError, transfer};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageOwnership};
use crate::base::email::Email;
use crate::base::i18n::{Text, filters};
use crate::base::urls;
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "organizations/ownership.html", blocks = ["form"])]
struct OwnershipPage {
    organization: String,
    form: OwnershipForm,
    problems: Problems,
}
crate::pages! { OwnershipPage { form }; }

/// The address of who is to become the owner, as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OwnershipForm {
    email: String,
}

fn page(actor: &Actor<ManageOwnership>, form: OwnershipForm, problems: Problems) -> OwnershipPage {
    OwnershipPage { organization: actor.identity().organization_name.clone(), form, problems }
}

/// `GET /iam/organization/ownership`.
pub async fn show(actor: Actor<ManageOwnership>, query: Query<Held>) -> Reply {
    let form = query.0.form(&actor, urls::OWNERSHIP).await?;
    Ok(Answer::page(page(&actor, form, Problems::default())))
}

/// `POST /iam/organization/ownership`.
pub async fn hand_over(actor: Actor<ManageOwnership>, form: Form<OwnershipForm>) -> Reply {
    let email = match Email::parse(&form.email) {
        Ok(email) => email,
        Err(problem) => return Ok(Answer::refused(page(&actor, form.0, Problems::one("email", problem)))),
    };
    match actor.write(move |tx| transfer(tx, &email)).await {
        Ok(()) => Ok(see_other(urls::CONSOLE).notice(Text::new("ownership-transferred"))),
        Err(
            TransferError::Unknown | TransferError::IsYourself | TransferError::NotActive | TransferError::Deactivated,
        ) => {
            let problems = Problems::one("email", Text::new("ownership-not-active"));
            Ok(Answer::refused(page(&actor, form.0, problems)))
        }
        Err(TransferError::NotBound) => {
            let problems = Problems::one("email", Text::new("ownership-not-bound"));
            Ok(Answer::refused(page(&actor, form.0, problems)))
        }
        Err(TransferError::NotOwner) => Err(Failure::Forbidden("ManageOwnership")),
        Err(TransferError::Store(cause)) => Err(cause.into()),
    }
}
