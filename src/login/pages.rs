//! Pages of the login, of logging out, and of confirming who one is.

use std::net::IpAddr;

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::begun::Begun;
use super::entry::{NextQuery, enter, waiting};
use super::outside::keep_out;
use super::second_factor::pages as second_factor;
use super::{Attempt, Outcome, Progress, Step, forgotten, next_step};
use crate::account;
use crate::auth::{Actor, Identity, Method, OwnAccount, Visitor, give_cookie, take_cookie};
use crate::i18n::{Text, filters};
use crate::idp::confirmation::pages as confirmation_idp;
use crate::idp::login::pages as idp;
use crate::organizations;
use crate::problem::Problem;
use crate::urls::{self, ReturnTo};
use crate::users::Email;
use crate::web::{Answer, Form, Problems, Query, Reply, cookies, see_other};

/// Seconds after which a full hashing queue is worth another try.
const QUEUE_SECONDS: u64 = 2;

#[derive(Template)]
#[template(path = "login/organization.html", blocks = ["form"])]
struct OrganizationPage {
    form: OrganizationForm,
    problems: Problems,
    notice: Option<Text>,
}

#[derive(Template)]
#[template(path = "login/password.html", blocks = ["form"])]
struct PasswordPage {
    organization: String,
    email: String,
    on_trial: bool,
    problem: Option<Text>,
    wait: Option<Text>,
}

#[derive(Template)]
#[template(path = "login/organizations.html", blocks = ["form"])]
struct OrganizationsPage {
    form: EmailForm,
    problems: Problems,
    sent: bool,
}

#[derive(Template)]
#[template(path = "login/confirmation.html", blocks = ["form"])]
struct ConfirmationPage {
    email: String,
    next: String,
    problem: Option<Text>,
    wait: Option<Text>,
}

crate::pages! {
    OrganizationPage { form };
    PasswordPage { form };
    OrganizationsPage { form };
    ConfirmationPage { form };
}

/// The organization step.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OrganizationForm {
    organization: String,
    next: String,
    lost: String,
}

/// `GET /login`: the organization name; the last one of this browser is offered again.
pub async fn organization(visitor: Visitor, query: Query<OrganizationForm>) -> Reply {
    let mut form = query.0;
    if visitor.has_session() {
        return Ok(see_other(ReturnTo::parse(&form.next).as_str()));
    }
    if form.organization.is_empty() {
        form.organization = visitor.cookie(cookies::ORGANIZATION).unwrap_or_default();
    }
    let returns = ReturnTo::parse(&form.next).is_elsewhere();
    let lost = (!form.lost.is_empty()).then(|| Text::new("login-lost"));
    let notice = lost.or_else(|| returns.then(|| Text::new("login-to-go-on")));
    Ok(Answer::page(OrganizationPage { form, problems: Problems::default(), notice }))
}

/// `POST /login`: on to the step that the organization's login method asks for.
pub async fn name_organization(visitor: Visitor, form: Form<OrganizationForm>) -> Reply {
    let typed = form.organization.trim().to_owned();
    let shown = crate::text::line(&typed, 100);
    let Ok(name) = shown else {
        let problems = Problems::one("organization", shown.err().unwrap_or(Problem::Missing));
        return Ok(Answer::refused(OrganizationPage { form: form.0, problems, notice: None }));
    };
    let next = ReturnTo::parse(&form.next).as_str().to_owned();
    let folded = name.to_lowercase();
    let wanted = folded.clone();
    let door = visitor.read(move |tx| organizations::store::door(tx, &wanted)).await?;
    let two_factor = door.as_ref().is_some_and(|door| door.two_factor);
    let method = door.as_ref().map(|door| door.method);
    let trial_until = door.as_ref().and_then(|door| door.trial_until);
    let progress = Progress { method, password: false, two_factor, second_factor: false };
    let begun = Begun::new(visitor.app(), folded, next.clone(), trial_until);
    let is_on_trial = begun.is_on_trial(visitor.app().clock().now());
    let hour = Some(Duration::hours(1));
    let begun = cookies::cookie(cookies::LOGIN, begun.sealed(visitor.app()), SameSite::Lax, hour);
    // Whoever goes on to a provider is told here; a password is asked for first, as for names that do not exist.
    if next_step(progress) == Step::Provider
        && let Some(reference) = keep_out(visitor.app(), visitor.origin(), door.as_ref(), Method::Idp).await?
    {
        let problems = Problems::one("organization", outside(visitor.origin().address, &reference));
        let page = OrganizationPage { form: form.0, problems, notice: None };
        return Ok(Answer::page(page).status(StatusCode::FORBIDDEN));
    }
    let away = match (next_step(progress), door) {
        // The owner chooses which settings while new ones are on trial.
        (Step::Provider, Some(_)) if is_on_trial => return Ok(see_other(urls::LOGIN_IDP).cookie(begun)),
        (Step::Provider, Some(door)) => idp::depart(&visitor, door.id, next, false).await?,
        (Step::Password | Step::SecondFactor | Step::Provider | Step::Console, _) => None,
    };
    let answer = match away {
        Some(carried) => see_other(urls::OIDC_AWAY).cookie(idp::cookie(carried)),
        None => see_other(urls::LOGIN_PASSWORD),
    };
    Ok(answer.cookie(begun))
}

fn begun(visitor: &Visitor) -> Option<Begun> {
    Begun::open(visitor.app(), &visitor.cookie(cookies::LOGIN)?)
}

/// `GET /login/password`.
pub async fn password(visitor: Visitor) -> Reply {
    if visitor.has_session() {
        return Ok(see_other(urls::CONSOLE));
    }
    let Some(login) = begun(&visitor) else {
        return Ok(see_other(urls::LOGIN_LOST));
    };
    let on_trial = login.is_on_trial(visitor.app().clock().now());
    let (organization, email) = (login.organization, String::new());
    Ok(Answer::page(PasswordPage { organization, email, on_trial, problem: None, wait: None }))
}

/// E-mail and password.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// `POST /login/password`.
pub async fn log_in(visitor: Visitor, form: Form<PasswordForm>) -> Reply {
    let Some(login) = begun(&visitor) else {
        return Ok(see_other(urls::LOGIN_LOST));
    };
    let browser = visitor.cookie(cookies::BROWSER);
    let attempt = Attempt::new(&login.organization, &form.email, browser.as_deref());
    let (origin, return_to) = (visitor.origin().clone(), login.return_to.clone());
    let outcome = super::attempt(visitor.app(), origin, attempt, &form.password, return_to).await?;
    let again = |problem, wait| PasswordPage {
        organization: login.organization.clone(),
        email: form.email.clone(),
        on_trial: login.is_on_trial(visitor.app().clock().now()),
        problem,
        wait,
    };
    let now = visitor.app().clock().now();
    match outcome {
        Outcome::In { session, browser } => enter(&visitor, &session, &browser, login.organization, &login.return_to),
        Outcome::Halfway(token) => Ok(see_other(urls::LOGIN_FACTOR).cookie(second_factor::cookie(&token))),
        Outcome::Outside(reference) => {
            let page = again(Some(outside(visitor.origin().address, &reference)), None);
            Ok(Answer::page(page).status(StatusCode::FORBIDDEN))
        }
        Outcome::Wrong => Ok(Answer::refused(again(Some(Text::new("login-wrong")), None))),
        Outcome::Locked(until) => {
            let (wait, seconds) = waiting("login-locked", until, now);
            Ok(Answer::throttled(again(None, Some(wait)), seconds))
        }
        Outcome::Paused(until) => {
            let (wait, seconds) = waiting("login-paused", until, now);
            Ok(Answer::throttled(again(None, Some(wait)), seconds))
        }
        Outcome::Busy => Ok(Answer::busy(again(None, Some(Text::new("login-busy"))), QUEUE_SECONDS)),
    }
}

/// Why nobody logs in from where somebody comes from, and what an administrator finds the event by.
fn outside(address: Option<IpAddr>, reference: &str) -> Text {
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    Text::new("login-outside").with("address", address).with("reference", reference)
}

/// One e-mail address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    email: String,
}

/// `GET /login/organizations`.
pub async fn organizations(_: Visitor) -> Reply {
    Ok(Answer::page(OrganizationsPage { form: EmailForm::default(), problems: Problems::default(), sent: false }))
}

/// `POST /login/organizations`: the same answer for every address.
pub async fn mail_organizations(visitor: Visitor, form: Form<EmailForm>) -> Reply {
    let email = match Email::parse(&form.email) {
        Ok(email) => email,
        Err(problem) => {
            let problems = Problems::one("email", problem);
            return Ok(Answer::refused(OrganizationsPage { form: form.0, problems, sent: false }));
        }
    };
    let (config, language) = (visitor.app().config.clone(), visitor.language());
    visitor.write(move |tx| forgotten::mail_organizations(tx, &email, language, &config)).await?;
    Ok(Answer::page(OrganizationsPage { form: form.0, problems: Problems::default(), sent: true }))
}

/// `GET /logout`: logging out is a change, so there is only the way back.
pub async fn logout_page(visitor: Visitor) -> Reply {
    Ok(see_other(if visitor.has_session() { urls::CONSOLE } else { urls::LOGIN }))
}

/// `POST /logout`: the session ends, and nothing of it is shown from Back (ASVS 14.3.1).
pub async fn log_out(visitor: Visitor) -> Reply {
    let clear = actix_web::http::header::HeaderName::from_static("clear-site-data");
    let known = Identity::known(visitor.request()).map(|identity| {
        (identity.organization.clone(), identity.user.clone(), identity.session.clone(), identity.name.clone())
    });
    if let Some((organization, user, session, name)) = known {
        visitor.write(move |tx| account::log_out(tx, &organization, &user, &session, &name)).await?;
    }
    take_cookie(visitor.request());
    Ok(see_other(urls::LOGIN).notice(Text::new("login-logged-out")).header(clear, "\"cache\", \"storage\""))
}

/// `GET /confirmation`.
pub async fn confirmation(actor: Actor<OwnAccount>, query: Query<NextQuery>) -> Reply {
    let next = ReturnTo::parse(&query.0.next).as_str().to_owned();
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
    let next = ReturnTo::parse(&form.next).as_str().to_owned();
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
        account::Confirmation::Busy => Ok(Answer::busy(again(None, Some(Text::new("login-busy"))), QUEUE_SECONDS)),
    }
}
