//! The page for a new password in the place of one that expired.

use askama::Template;
use serde::Deserialize;

use super::{Renewal, asks_password, renew as set_new};
use crate::access::failure::Failure;
use crate::access::{BlockedSession, Password, PasswordHash, Share, Visitor, cookies, give_cookie};
use crate::base::i18n::{Text, filters};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::passwords::{Attempt, context, hash_new};
use crate::platform::events::Kind;
use crate::web::form_owner::named_session;
use crate::web::returns::NextQuery;
use crate::web::returns::ReturnTo;
use crate::web::waiting::waiting;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "account/expired.html", blocks = ["form"])]
struct ExpiredPage {
    organization: String,
    email: String,
    next: String,
    /// Whether a form was kept that comes back.
    comes_back: bool,
    asks_password: bool,
    minimum: usize,
    problems: Problems,
    wait: Option<Text>,
}

crate::pages! { ExpiredPage { form }; }

fn page(visitor: &Visitor, session: &BlockedSession, next: &str) -> ExpiredPage {
    let app = visitor.app();
    ExpiredPage {
        organization: session.organization_name().to_owned(),
        email: session.email().to_owned(),
        next: next.to_owned(),
        comes_back: next.contains("held="),
        asks_password: asks_password(session, app.clock().now(), &app.config.sessions),
        minimum: app.config.passwords.minimum,
        problems: Problems::default(),
        wait: None,
    }
}

/// Where to go without a session whose password has expired.
fn elsewhere(visitor: &Visitor, next: &ReturnTo) -> Answer {
    see_other(if visitor.has_session() { next.as_str().to_owned() } else { urls::login_then(next.as_str()) })
}

/// `GET /password/expired`.
pub async fn show(visitor: Visitor, query: Query<NextQuery>) -> Reply {
    let next = ReturnTo::parse(visitor.app(), &query.0.next);
    Ok(match visitor.expired() {
        Some(session) => Answer::page(page(&visitor, &session, next.as_str())),
        None => elsewhere(&visitor, &next),
    })
}

/// The password that expired, where it is asked for, and the new one twice.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RenewalForm {
    password: String,
    new_password: String,
    password_again: String,
    next: String,
}

/// `POST /password/expired`.
pub async fn renew(visitor: Visitor, form: Form<RenewalForm>) -> Reply {
    let next = ReturnTo::parse(visitor.app(), &form.next);
    let Some(session) = visitor.expired() else {
        return Ok(elsewhere(&visitor, &next));
    };
    named_session(visitor.request())?;
    let page = page(&visitor, &session, next.as_str());
    let problems = match page.asks_password && form.password.is_empty() {
        true => Problems::one("password", Problem::Missing),
        false => Problems::default(),
    };
    let share = Share::of(visitor.origin()).and_session(session.session(), session.organization());
    let hash = match new_hash(&visitor, &session, &share, &form.0, problems).await? {
        Ok(hash) => hash,
        Err(problems) => return Ok(Answer::refused(ExpiredPage { problems, ..page })),
    };
    let attempt = attempt(&visitor, &session);
    let typed = page.asks_password.then(|| form.password.clone());
    let renewed = set_new(visitor.app(), visitor.origin().clone(), session, attempt, typed, hash).await?;
    renewal(&visitor, page, renewed, next.as_str())
}

fn attempt(visitor: &Visitor, session: &BlockedSession) -> Attempt {
    let browser = visitor.cookie(cookies::BROWSER);
    Attempt::new(session.organization_name(), session.email(), browser.as_deref())
}

/// The hash of the new password, or all that is wrong with the form.
async fn new_hash(
    visitor: &Visitor,
    session: &BlockedSession,
    share: &Share,
    form: &RenewalForm,
    mut problems: Problems,
) -> Result<Result<PasswordHash, Problems>, Failure> {
    let app = visitor.app();
    let own = context(session.identity(), &app.config);
    let judged = app.hasher.judge(share, &form.new_password, &app.config.passwords, &own).await?;
    let password = problems.take("new_password", judged.chosen);
    if password.is_some() && Password::typed(&form.password_again) != password {
        problems.add("password_again", Problem::PasswordsDiffer);
    }
    let Some(password) = password.filter(|_| problems.is_empty()) else {
        return Ok(Err(problems));
    };
    let whose = (session.organization().clone(), session.user().clone());
    let hashed = hash_new(app, visitor.origin().clone(), share, whose, &password, Kind::PasswordChanged).await?;
    Ok(hashed.map_err(|not| Problems::one("new_password", not.problem(app.clock().now()))))
}

fn renewal(visitor: &Visitor, page: ExpiredPage, renewed: Renewal, next: &str) -> Reply {
    Ok(match renewed {
        Renewal::Done(token) => {
            give_cookie(visitor.request(), &token)?;
            see_other(next).notice(Text::new("expired-done"))
        }
        Renewal::Wrong => {
            Answer::refused(ExpiredPage { problems: Problems::one("password", Problem::WrongPassword), ..page })
        }
        Renewal::Locked(until) => {
            let (wait, seconds) = waiting("login-locked", until, visitor.app().clock().now());
            Answer::throttled(ExpiredPage { wait: Some(wait), ..page }, seconds)
        }
        Renewal::Busy => Answer::busy(ExpiredPage { wait: Some(Text::new("login-busy")), ..page }),
        Renewal::Over => see_other(urls::login_then(next)),
    })
}
