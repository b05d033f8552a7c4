//! Pages behind mailed links, and of asking for one.

use std::rc::Rc;

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use super::{Opened, Purpose, State, store};
use crate::auth::{self, Context, Password, Visitor};
use crate::entropy::Token;
use crate::failure::Failure;
use crate::i18n::{Text, filters};
use crate::login::Attempt;
use crate::problem::Problem;
use crate::urls;
use crate::users::Email;
use crate::web::{Answer, Form, Path, Problems, Query, Reply, cookies, see_other};

#[derive(Template)]
#[template(path = "links/password.html", blocks = ["form"])]
struct PasswordPage {
    purpose: Purpose,
    organization: String,
    email: String,
    until: String,
    minimum: usize,
    problems: Problems,
    /// Somebody else is logged in in this browser.
    other: Option<String>,
}

#[derive(Template)]
#[template(path = "links/dead.html")]
struct DeadPage {
    purpose: Purpose,
    heading: &'static str,
    text: &'static str,
    organization: Option<String>,
}

#[derive(Template)]
#[template(path = "links/reset.html", blocks = ["form"])]
struct ResetPage {
    form: ResetForm,
    problems: Problems,
    sent: bool,
}

#[derive(Template)]
#[template(path = "links/strength.html", blocks = ["strength"])]
struct StrengthPage {
    score: u8,
    words: Text,
}

crate::pages! {
    PasswordPage { form };
    DeadPage;
    ResetPage { form };
    StrengthPage { strength };
}

/// `GET /invitation/{token}`: takes the secret out of the address and changes nothing else.
pub async fn open_invitation(_: Visitor, token: Path<Token>) -> Reply {
    Ok(see_other(urls::INVITATION).cookie(link_cookie(&token.0)))
}

/// `GET /password/{token}`.
pub async fn open_reset(_: Visitor, token: Path<Token>) -> Reply {
    Ok(see_other(urls::PASSWORD_NEW).cookie(link_cookie(&token.0)))
}

fn link_cookie(token: &Token) -> actix_web::cookie::Cookie<'static> {
    cookies::cookie(cookies::LINK, token.expose(), SameSite::Lax, Some(Duration::hours(1)))
}

/// `GET /invitation`.
pub async fn invitation(visitor: Visitor) -> Reply {
    show(&visitor, Purpose::Invitation).await
}

/// `GET /password/new`.
pub async fn new_password(visitor: Visitor) -> Reply {
    show(&visitor, Purpose::PasswordReset).await
}

/// `POST /invitation`: [Register password].
pub async fn register_password(visitor: Visitor, form: Form<PasswordForm>) -> Reply {
    set(&visitor, Purpose::Invitation, &form).await
}

/// `POST /password/new`.
pub async fn set_new_password(visitor: Visitor, form: Form<PasswordForm>) -> Reply {
    set(&visitor, Purpose::PasswordReset, &form).await
}

/// A password, twice.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    password_again: String,
}

async fn opened(visitor: &Visitor, purpose: Purpose) -> Result<Option<(Token, Opened)>, Failure> {
    let Some(token) = visitor.cookie(cookies::LINK).and_then(|value| Token::parse(&value)) else {
        return Ok(None);
    };
    let wanted = token.clone();
    let found = visitor.read(move |tx| store::open(tx, &wanted, purpose)).await?;
    Ok(found.map(|opened| (token, opened)))
}

async fn show(visitor: &Visitor, purpose: Purpose) -> Reply {
    match opened(visitor, purpose).await? {
        Some((_, link)) if link.state == State::Valid => {
            Ok(Answer::page(password_page(visitor, purpose, &link, Problems::default())))
        }
        link => Ok(dead(purpose, link.as_ref().map(|(_, link)| link))),
    }
}

fn password_page(visitor: &Visitor, purpose: Purpose, link: &Opened, problems: Problems) -> PasswordPage {
    PasswordPage {
        purpose,
        organization: link.to.organization_name.clone(),
        email: link.to.email.to_string(),
        until: link.to.local(link.until, visitor.language()),
        minimum: visitor.app().config.passwords.minimum,
        problems,
        other: visitor.identity().filter(|identity| identity.user != link.to.id).map(|identity| identity.email.clone()),
    }
}

/// One friendly page each, before anything is typed, that says who can send a new one.
fn dead(purpose: Purpose, link: Option<&Opened>) -> Answer {
    let (heading, text) = match (link.map(|link| link.state), purpose) {
        (Some(State::NotNeeded), _) => ("link-not-needed-title", "link-not-needed"),
        (Some(State::Used), Purpose::Invitation) => ("link-used-title", "link-invitation-used"),
        (Some(State::Used), Purpose::PasswordReset) => ("link-used-title", "link-reset-used"),
        (Some(State::Expired), Purpose::Invitation) => ("link-expired-title", "link-invitation-expired"),
        (Some(State::Expired), Purpose::PasswordReset) => ("link-expired-title", "link-reset-expired"),
        (Some(State::Replaced), Purpose::Invitation) => ("link-replaced-title", "link-invitation-replaced"),
        (Some(State::Replaced), Purpose::PasswordReset) => ("link-replaced-title", "link-reset-replaced"),
        (_, Purpose::Invitation) => ("link-unknown-title", "link-invitation-unknown"),
        (_, Purpose::PasswordReset) => ("link-unknown-title", "link-reset-unknown"),
    };
    let organization = link.map(|link| link.to.organization_name.clone());
    Answer::page(DeadPage { purpose, heading, text, organization }).status(StatusCode::GONE)
}

async fn set(visitor: &Visitor, purpose: Purpose, form: &PasswordForm) -> Reply {
    let app = visitor.app();
    let Some((token, link)) = opened(visitor, purpose).await? else {
        return Ok(dead(purpose, None));
    };
    if link.state != State::Valid {
        return Ok(dead(purpose, Some(&link)));
    }
    let refused = |field, problem: Problem| {
        Ok(Answer::refused(password_page(visitor, purpose, &link, Problems::one(field, problem))))
    };
    let context = super::context(&link, &app.config);
    let password = match Password::choose(&form.new_password, &app.config.passwords, &context) {
        Ok(password) => password,
        Err(problem) => return refused("new_password", problem),
    };
    if Password::typed(&form.password_again).as_ref() != Some(&password) {
        return refused("password_again", Problem::PasswordsDiffer);
    }
    let (organization, user) = (link.to.organization.clone(), link.to.id.clone());
    let last = visitor.read(move |tx| crate::users::store::last_passwords(tx, &organization, &user)).await?;
    if super::was_used_before(&app.hasher, &password, last).await? {
        return refused("new_password", Problem::PasswordUsedBefore);
    }
    let hash = app.hasher.hash(app.entropy(), &password).await?;
    let (spent, opened) = (token.clone(), link.clone());
    let done = visitor.write(move |tx| super::set_password(tx, purpose, &spent, &opened, &hash)).await?;
    if done.is_none() {
        // Another use of the same link won.
        let now = self::opened(visitor, purpose).await?;
        return Ok(dead(purpose, now.as_ref().map(|(_, link)| link)));
    }
    let year = Some(Duration::days(365));
    let notice = match purpose {
        Purpose::Invitation => Text::new("link-registered"),
        Purpose::PasswordReset => Text::new("link-reset-done"),
    };
    Ok(see_other(urls::LOGIN).notice(notice).cookie(cookies::removal(cookies::LINK)).cookie(cookies::cookie(
        cookies::ORGANIZATION,
        link.to.organization_name,
        SameSite::Lax,
        year,
    )))
}

/// A request for a password reset.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResetForm {
    organization: String,
    email: String,
}

/// `GET /password`.
pub async fn reset(visitor: Visitor, query: Query<ResetForm>) -> Reply {
    let mut form = query.0;
    if form.organization.is_empty() {
        form.organization = visitor.cookie(cookies::ORGANIZATION).unwrap_or_default();
    }
    Ok(Answer::page(ResetPage { form, problems: Problems::default(), sent: false }))
}

/// `POST /password`: the same answer whether there is such a user or not.
pub async fn request_reset(visitor: Visitor, form: Form<ResetForm>) -> Reply {
    let mut problems = Problems::default();
    problems.take("organization", crate::text::line(&form.organization, 100));
    problems.take("email", Email::parse(&form.email));
    if !problems.is_empty() {
        return Ok(Answer::refused(ResetPage { form: form.0, problems, sent: false }));
    }
    let attempt = Attempt::new(&form.organization, &form.email, None);
    let config = visitor.app().config.clone();
    visitor.write(move |tx| super::request_reset(tx, &attempt.organization, &attempt.email, &config)).await?;
    Ok(Answer::page(ResetPage { form: form.0, problems, sent: true }))
}

/// `GET /password/strength`: without script there is no live hint.
pub async fn strength_page(_: Visitor) -> Reply {
    Ok(see_other(urls::START))
}

/// `POST /password/strength`: the live hint while a password is typed. Changes nothing and keeps nothing.
pub async fn strength(visitor: Visitor, form: Form<PasswordForm>) -> Reply {
    let app = visitor.app();
    let context = match (
        opened(&visitor, Purpose::Invitation).await?,
        opened(&visitor, Purpose::PasswordReset).await?,
        visitor.identity().or_else(|| visitor.expired().map(|session| Rc::new(session.identity().clone()))),
    ) {
        (Some((_, link)), _, _) | (None, Some((_, link)), _) => super::context(&link, &app.config),
        (None, None, Some(identity)) => crate::account::context(&identity, &app.config),
        (None, None, None) => Context::new([app.config.brand.product.as_str()]),
    };
    let (score, problem) = auth::strength(&form.new_password, &app.config.passwords, &context);
    let words = match problem {
        _ if form.new_password.is_empty() => Text::new("password-strength-none"),
        Some(problem) => problem.into(),
        None if score >= 4 => Text::new("password-strength-strong"),
        None => Text::new("password-strength-good"),
    };
    Ok(Answer::page(StrengthPage { score, words }))
}
