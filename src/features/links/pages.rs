//! Pages behind mailed links, and of asking for one.

use std::rc::Rc;

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Opened, Purpose, State};
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Context, Password, Share, Visitor, cookies};
use crate::base::email::Email;
use crate::base::entropy::{DamagedLink, Token};
use crate::base::i18n::{Text, filters};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::links;
use crate::features::organizations::pasted;
use crate::features::passwords::{self, Attempt};
use crate::platform::events::Reason;
use crate::web::form_token::{self, NotOpened, Subject};
use crate::web::{Answer, Form, Path, Problems, Query, Reply, see_other};

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
    /// Who is logged in in this browser, where the password of another user was set.
    other: Option<Other>,
}

/// Two users of one browser.
struct Other {
    logged_in: String,
    email: String,
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

/// What the pages behind a mailed link are about: its secret. The table knows what the link is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Link {
    secret: Token,
}

impl Subject for Link {
    const PURPOSE: &'static str = "mailed link";

    fn lifetime(_: &App) -> chrono::Duration {
        chrono::Duration::hours(1)
    }
}

/// `GET /invitation/{token}`: takes the secret out of the address and changes nothing else.
pub async fn open_invitation(visitor: Visitor, token: Path<Result<Token, DamagedLink>>) -> Reply {
    Ok(match token.0 {
        Ok(secret) => see_other(urls::INVITATION).about(Link { secret }),
        Err(DamagedLink) => dead(&visitor, Purpose::Invitation, None).await,
    })
}

/// `GET /password/{token}`.
pub async fn open_reset(visitor: Visitor, token: Path<Result<Token, DamagedLink>>) -> Reply {
    Ok(match token.0 {
        Ok(secret) => see_other(urls::PASSWORD_NEW).about(Link { secret }),
        Err(DamagedLink) => dead(&visitor, Purpose::PasswordReset, None).await,
    })
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

/// The link that the page is about. A page that was open for too long only says whose link it was.
async fn opened(visitor: &Visitor, purpose: Purpose) -> Result<Option<(Link, Opened)>, Failure> {
    let (subject, is_old) = match form_token::of_request::<Link>(visitor.request()) {
        Ok(subject) => (subject, false),
        Err(NotOpened::Expired(subject)) => (subject, true),
        Err(NotOpened::NoCookie) => return Err(Failure::NoCookies),
        Err(NotOpened::Missing | NotOpened::Unreadable) => return Ok(None),
    };
    let wanted = subject.secret.clone();
    let found = visitor.read(move |tx| links::open(tx, &wanted, purpose)).await?;
    Ok(found.map(|found| {
        let state = if is_old && found.state == State::Valid { State::OpenForTooLong } else { found.state };
        (subject, Opened { state, ..found })
    }))
}

async fn show(visitor: &Visitor, purpose: Purpose) -> Reply {
    match opened(visitor, purpose).await? {
        Some((subject, link)) if link.state == State::Valid => {
            Ok(Answer::page(password_page(visitor, purpose, &link, Problems::default())).about(subject))
        }
        link => Ok(dead(visitor, purpose, link.as_ref().map(|(_, link)| link)).await),
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
        other: other(visitor, link),
    }
}

/// The address of the user who is logged in in this browser, if it is not the user of the link.
fn other(visitor: &Visitor, link: &Opened) -> Option<String> {
    visitor.identity().filter(|identity| identity.user != link.to.id).map(|identity| identity.email.clone())
}

/// Records that a link did not open: in the log of its organization, where there ever was one.
async fn note_dead(visitor: &Visitor, link: Option<&Opened>) {
    let Some(link) = link else {
        visitor.note_refusal(Reason::Link).await;
        return;
    };
    let reason = match link.state {
        // The link works.
        State::Valid | State::OpenForTooLong => return,
        State::NotNeeded => Reason::IdentityProvider,
        State::Used | State::Replaced | State::Expired => Reason::Link,
    };
    let target = ("user", link.to.id.to_string(), link.to.email.to_string());
    visitor.note_refusal_of(reason, target, Some(&link.to.organization)).await;
}

/// One friendly page each, before anything is typed, that says who can send a new one.
async fn dead(visitor: &Visitor, purpose: Purpose, link: Option<&Opened>) -> Answer {
    let other = link
        .filter(|link| link.state == State::Used)
        .and_then(|link| Some(Other { logged_in: other(visitor, link)?, email: link.to.email.to_string() }));
    // A password that was just set in a browser of another user's leads here, too.
    if other.is_none() {
        note_dead(visitor, link).await;
    }
    let (heading, text) = match (link.map(|link| link.state), purpose) {
        (Some(State::Used), _) if other.is_some() => ("link-other-title", "link-other-user"),
        (Some(State::NotNeeded), _) => ("link-not-needed-title", "link-not-needed"),
        (Some(State::Used), Purpose::Invitation) => ("link-used-title", "link-invitation-used"),
        (Some(State::Used), Purpose::PasswordReset) => ("link-used-title", "link-reset-used"),
        (Some(State::OpenForTooLong), _) => ("link-page-old-title", "link-page-old"),
        (Some(State::Expired), Purpose::Invitation) => ("link-expired-title", "link-invitation-expired"),
        (Some(State::Expired), Purpose::PasswordReset) => ("link-expired-title", "link-reset-expired"),
        (Some(State::Replaced), Purpose::Invitation) => ("link-replaced-title", "link-invitation-replaced"),
        (Some(State::Replaced), Purpose::PasswordReset) => ("link-replaced-title", "link-reset-replaced"),
        (_, Purpose::Invitation) => ("link-unknown-title", "link-invitation-unknown"),
        (_, Purpose::PasswordReset) => ("link-unknown-title", "link-reset-unknown"),
    };
    let organization = link.map(|link| link.to.organization_name.clone());
    Answer::page(DeadPage { purpose, heading, text, organization, other }).status(StatusCode::GONE)
}

async fn set(visitor: &Visitor, purpose: Purpose, form: &PasswordForm) -> Reply {
    let app = visitor.app();
    let Some((subject, link)) = opened(visitor, purpose).await? else {
        return Ok(dead(visitor, purpose, None).await);
    };
    if link.state != State::Valid {
        return Ok(dead(visitor, purpose, Some(&link)).await);
    }
    let refused = |field, problem: Text| {
        let page = password_page(visitor, purpose, &link, Problems::one(field, problem));
        Ok(Answer::refused(page).about(subject.clone()))
    };
    let context = super::context(&link, &app.config);
    let whose = (link.to.organization.clone(), link.to.id.clone());
    let share = Share::of(visitor.origin()).and_holder(whose.1.as_str(), &whose.0);
    let judged = app.hasher.judge(&share, &form.new_password, &app.config.passwords, &context).await?;
    let password = match judged.chosen {
        Ok(password) => password,
        Err(problem) => return refused("new_password", problem.into()),
    };
    if Password::typed(&form.password_again).as_ref() != Some(&password) {
        return refused("password_again", Problem::PasswordsDiffer.into());
    }
    let hashed = passwords::hash_new(app, visitor.origin().clone(), &share, whose, &password, purpose.kind()).await?;
    let hash = match hashed {
        Ok(hash) => hash,
        Err(not) => return refused("new_password", not.problem(app.clock().now())),
    };
    let (spent, opened) = (subject.secret.clone(), link.clone());
    let done = visitor.write(move |tx| super::set_password(tx, purpose, &spent, &opened, &hash)).await?;
    if done.is_none() {
        // Another use of the same link won.
        let now = self::opened(visitor, purpose).await?;
        return Ok(dead(visitor, purpose, now.as_ref().map(|(_, link)| link)).await);
    }
    let year = Some(Duration::days(365));
    let notice = match purpose {
        Purpose::Invitation => Text::new("link-registered"),
        Purpose::PasswordReset => Text::new("link-reset-done"),
    };
    // The login page would lead another user who is logged in to the console.
    let next = match other(visitor, &link) {
        Some(_) => see_other(purpose.page()).about(subject),
        None => see_other(urls::login(&link.to.organization_name, "", link.to.email.as_str())),
    };
    let name = cookies::cookie(cookies::ORGANIZATION, link.to.organization_name, SameSite::Lax, year);
    Ok(next.notice(notice).cookie(name))
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
    let organization = pasted::organization(&visitor.app().config, &form.organization);
    problems.take("organization", crate::base::text::line(&organization, 100));
    problems.take("email", Email::parse(&form.email));
    if !problems.is_empty() {
        return Ok(Answer::refused(ResetPage { form: form.0, problems, sent: false }));
    }
    let browser = visitor.cookie(cookies::BROWSER);
    let attempt = Attempt::new(&organization, &form.email, browser.as_deref());
    let config = visitor.app().config.clone();
    visitor.write(move |tx| super::request_reset(tx, &attempt, &config)).await?;
    Ok(Answer::page(ResetPage { form: form.0, problems, sent: true }))
}

/// `GET /password/strength`: without script there is no live hint.
pub async fn strength_page(_: Visitor) -> Reply {
    Ok(see_other(urls::START))
}

/// `POST /password/strength`: the live hint while a password is typed. Changes nothing and keeps nothing.
pub async fn strength(visitor: Visitor, form: Form<PasswordForm>) -> Reply {
    let app = visitor.app();
    let later = |seconds| {
        let words = Text::new("password-strength-later");
        Ok(Answer::throttled(StrengthPage { score: 0, words }, seconds))
    };
    if let Err(seconds) = app.paces.strength.allow(visitor.origin().address, app.clock().now()) {
        return later(seconds);
    }
    let context = match (
        opened(&visitor, Purpose::Invitation).await?,
        opened(&visitor, Purpose::PasswordReset).await?,
        visitor.identity().or_else(|| visitor.expired().map(|session| Rc::new(session.identity().clone()))),
    ) {
        (Some((_, link)), _, _) | (None, Some((_, link)), _) => super::context(&link, &app.config),
        (None, None, Some(identity)) => passwords::context(&identity, &app.config),
        (None, None, None) => Context::new([app.config.brand.product.as_str()]),
    };
    let share = Share::of(visitor.origin());
    let Ok(judged) = app.hasher.judge(&share, &form.new_password, &app.config.passwords, &context).await else {
        return later(1);
    };
    let words = match judged.chosen {
        _ if form.new_password.is_empty() => Text::new("password-strength-none"),
        Err(problem) => problem.into(),
        Ok(_) if judged.score >= 4 => Text::new("password-strength-strong"),
        Ok(_) => Text::new("password-strength-good"),
    };
    Ok(Answer::page(StrengthPage { score: judged.score, words }))
}
