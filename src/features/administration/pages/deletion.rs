//! Page that deletes a user, confirmed by typing the address.

use askama::Template;
use serde::Deserialize;

use super::tabs::Subject;
use super::told;
use crate::access::failure::Failure;
use crate::access::{Actor, ManageRoles};
use crate::base::i18n::{Text, filters};
use crate::base::ids::UserId;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::administration as rules;
use crate::features::administration::{self, Change, ChangeError};
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Path, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "users/deletion.html", blocks = ["form"])]
struct DeletionPage {
    subject: Subject,
    form: DeletionForm,
    problems: Problems,
}
crate::pages! { DeletionPage { form }; }

/// The address, typed to confirm.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeletionForm {
    confirmation: String,
}

async fn subject(actor: &Actor<ManageRoles>, user: &UserId) -> Result<Subject, Failure> {
    let user = user.clone();
    let person = actor.read(move |tx| administration::find(tx, &user)).await?.ok_or(Failure::NotFound)?;
    Ok(Subject::new(actor, person))
}

/// `GET /iam/users/{user}/deletion`.
pub async fn deletion(actor: Actor<ManageRoles>, user: Path<UserId>, query: Query<Held>) -> Reply {
    let subject = subject(&actor, &user.0).await?;
    if !subject.may(Change::Deletion) {
        return Ok(see_other(urls::user(&user.0)));
    }
    let form = query.0.form(&actor, &urls::of_user(&user.0, "deletion")).await?;
    Ok(Answer::page(DeletionPage { subject, form, problems: Problems::default() }))
}

/// `POST /iam/users/{user}/deletion`.
pub async fn delete(actor: Actor<ManageRoles>, user: Path<UserId>, form: Form<DeletionForm>) -> Reply {
    let subject = subject(&actor, &user.0).await?;
    let (id, typed, name) = (user.0.clone(), form.confirmation.clone(), subject.person.name.clone());
    match actor.write(move |tx| rules::delete(tx, &id, &typed)).await {
        Ok(()) => Ok(see_other(urls::USERS).notice(Text::new("user-deleted").with("name", name))),
        Err(ChangeError::NotConfirmed) => {
            let problems = Problems::one("confirmation", Problem::NotConfirmed);
            Ok(Answer::refused(DeletionPage { subject, form: form.0, problems }))
        }
        Err(error) => Ok(see_other(urls::user(&user.0)).refusal(told(error)?)),
    }
}
