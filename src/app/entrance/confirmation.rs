//! Confirming who one is: a login that is not fresh is made so.

use askama::Template;
use serde::Deserialize;

use crate::access::{Actor, Method, OwnAccount, cookies, give_cookie};
use crate::base::i18n::{Text, filters};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::account;
use crate::features::idp::confirmation::pages as confirmation_idp;
use crate::features::passwords::Attempt;
use crate::web::returns::{NextQuery, ReturnTo};
use crate::web::waiting::waiting;
use crate::web::{Answer, Form, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "login/confirmation.html", blocks = ["form"])]
struct ConfirmationPage {
    email: String,
    next: String,
    problem: Option<Text>,
    wait: Option<Text>,
}

crate::pages! { ConfirmationPage { form }; }

/// `GET /confirmation`.
pub async fn confirmation(actor: Actor<OwnAccount>, query: Query<NextQuery>) -> Reply {
    let next = ReturnTo::parse(actor.app(), &query.0.next).as_str().to_owned();
    if actor.identity().method == Method::Idp {
        return confirmation_idp::show(&actor, next).await;
    }
    Ok(Answer::page(ConfirmationPage { email: actor.identity().email.clone(), next, problem: None, wait: None }))
}

/// The password, and where to return to.
#[derive(Deserialize)]
pub struct ConfirmationForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    one_time_code: String,
    #[serde(default)]
    next: String,
}

/// `POST /confirmation`: a right password makes the login fresh and gives the session a new id.
pub async fn confirm(actor: Actor<OwnAccount>, form: Form<ConfirmationForm>) -> Reply {
    let identity = actor.identity();
    let next = ReturnTo::parse(actor.app(), &form.next).as_str().to_owned();
    if identity.method == Method::Idp {
        return confirmation_idp::verify(&actor, &form.one_time_code, next).await;
    }
    let browser = actor.cookie(cookies::BROWSER);
    let attempt = Attempt::new(&identity.organization_name, &identity.email, browser.as_deref());
    let outcome = account::confirm(&actor, attempt, &form.password).await?;
    let again = |problem, wait| ConfirmationPage { email: identity.email.clone(), next: next.clone(), problem, wait };
    let now = actor.app().clock().now();
    match outcome {
        account::Confirmation::Fresh(session) => {
            give_cookie(actor.request(), &session)?;
            Ok(see_other(next))
        }
        account::Confirmation::Wrong => Ok(Answer::refused(again(Some(Text::from(Problem::WrongPassword)), None))),
        account::Confirmation::Locked(until) => {
            let (wait, seconds) = waiting("login-locked", until, now);
            Ok(Answer::throttled(again(None, Some(wait)), seconds))
        }
        account::Confirmation::Over => Ok(see_other(urls::confirmation(&next))),
        account::Confirmation::Busy => Ok(Answer::busy(again(None, Some(Text::new("login-busy"))))),
    }
}
