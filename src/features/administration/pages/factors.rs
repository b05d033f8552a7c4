//! Page that takes the second factors of a user away, for somebody who lost the phone.

use askama::Template;

use super::tabs::Subject;
use super::told;
use crate::access::failure::Failure;
use crate::access::{Actor, ManageFactors};
use crate::base::i18n::{Text, filters};
use crate::base::ids::UserId;
use crate::base::urls;
use crate::features::administration as rules;
use crate::features::administration::{self, Change, ChangeError, Why};
use crate::features::factors::{ResetError, reset_factors};
use crate::web::{Answer, Path, Reply, see_other};

#[derive(Template)]
#[template(path = "users/factors.html")]
struct FactorsPage {
    subject: Subject,
}

#[derive(Template)]
#[template(path = "users/binding.html")]
struct BindingPage {
    subject: Subject,
}

crate::pages! {
    FactorsPage;
    BindingPage;
}

/// `GET /iam/users/{user}/factors`.
pub async fn factors(actor: Actor<ManageFactors>, user: Path<UserId>) -> Reply {
    let id = user.0.clone();
    let person = actor.read(move |tx| administration::find(tx, &id)).await?.ok_or(Failure::NotFound)?;
    let subject = Subject::new(&actor, person);
    if !subject.may(Change::Factors) {
        return Ok(see_other(urls::user(&user.0)));
    }
    Ok(Answer::page(FactorsPage { subject }))
}

/// `POST /iam/users/{user}/factors`: resets them.
pub async fn reset(actor: Actor<ManageFactors>, user: Path<UserId>) -> Reply {
    let back = urls::user(&user.0);
    let refused = match actor.write(move |tx| reset_factors(tx, &user.0)).await {
        Ok(()) => return Ok(see_other(back).notice(Text::new("user-factors-reset"))),
        Err(ResetError::NotFound) => ChangeError::NotFound,
        Err(ResetError::IsOwner) => ChangeError::Refused(Why::Owner),
        Err(ResetError::IsYourself) => ChangeError::Refused(Why::Yourself),
        Err(ResetError::Store(cause)) => ChangeError::Store(cause),
    };
    Ok(see_other(back).refusal(told(refused)?))
}

/// `GET /iam/users/{user}/binding`.
pub async fn binding(actor: Actor<ManageFactors>, user: Path<UserId>) -> Reply {
    let person = actor.read(move |tx| administration::find(tx, &user.0)).await?.ok_or(Failure::NotFound)?;
    Ok(Answer::page(BindingPage { subject: Subject::new(&actor, person) }))
}

/// `POST /iam/users/{user}/binding`: releases them from the person at the identity provider.
pub async fn release(actor: Actor<ManageFactors>, user: Path<UserId>) -> Reply {
    let back = urls::user(&user.0);
    match actor.write(move |tx| rules::release(tx, &user.0)).await {
        Ok(()) => Ok(see_other(back).notice(Text::new("user-binding-released"))),
        Err(error) => Ok(see_other(back).refusal(told(error)?)),
    }
}
