//! An organization's login URL: its password page, or the way to its identity provider. An unknown name has the page of a
//! cloud account.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::access::failure::Failure;
use crate::access::{Visitor, cookies};
use crate::base::i18n::{Text, filters};
use crate::base::organization_name::NameInPath;
use crate::base::urls;
use crate::features::login::begun::Login;
use crate::features::login::entry::enter;
use crate::features::login::second_factor::pages::Pending;
use crate::features::login::{NotIn, Outcome, Progress, Step, next_step, outside};
use crate::features::organizations::{self, OrganizationLogin};
use crate::features::passwords::Attempt;
use crate::web::form_token::{self, NotOpened};
use crate::web::returns::ReturnTo;
use crate::web::waiting::waiting;
use crate::web::{Answer, Form, Path, Query, Reply, see_other};

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
#[template(path = "login/provider.html")]
struct ProviderPage {
    organization: String,
    on_trial: bool,
}

#[derive(Template)]
#[template(path = "login/other.html")]
struct OtherPage {
    organization: String,
    email: String,
    next: String,
    logged_in_to: String,
    logged_in_as: String,
}

crate::pages! {
    PasswordPage { form };
    ProviderPage;
    OtherPage;
}

/// What a link to an organization's login page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LoginQuery {
    next: String,
    email: String,
}

/// `GET /login/password`: this page has the organization's name in its address now.
pub async fn password(_: Visitor) -> Reply {
    Ok(see_other(urls::LOGIN))
}

/// `GET /login/{organization}`.
pub async fn show(visitor: Visitor, name: Path<NameInPath>, query: Query<LoginQuery>) -> Reply {
    let LoginQuery { next, email } = query.0;
    match name.0 {
        NameInPath::Folded(name) => arrive(&visitor, Login::new(visitor.app(), name, &next), email).await,
        NameInPath::ToFold(name) => {
            let next = ReturnTo::parse(visitor.app(), &next);
            Ok(see_other(urls::login(&name, next.next(), &email)))
        }
    }
}

/// `POST /login/{organization}`.
pub async fn log_in(visitor: Visitor, name: Path<NameInPath>, form: Form<PasswordForm>) -> Reply {
    let (NameInPath::Folded(name) | NameInPath::ToFold(name)) = name.0;
    attempt(&visitor, name, &form.email, &form.password).await
}

/// The organization behind a name, as far as its login needs it.
pub(crate) async fn organization_of(visitor: &Visitor, name: &str) -> Result<Option<OrganizationLogin>, Failure> {
    let name = name.to_owned();
    Ok(visitor.read(move |tx| organizations::login(tx, &name)).await?)
}

/// Who comes to an organization's login page: on to where they were going if they are logged in to it.
pub(crate) async fn arrive(visitor: &Visitor, login: Login, email: String) -> Reply {
    let Some(identity) = visitor.identity() else {
        return Ok(first_page(visitor, &login, email).await?.about(login));
    };
    if identity.organization_name == login.organization {
        return Ok(see_other(login.return_to));
    }
    Ok(Answer::page(OtherPage {
        organization: login.organization,
        email,
        next: login.return_to,
        logged_in_to: identity.organization_name.clone(),
        logged_in_as: identity.email.clone(),
    }))
}

async fn first_page(visitor: &Visitor, login: &Login, email: String) -> Result<Answer, Failure> {
    let (found, now) = (organization_of(visitor, &login.organization).await?, visitor.app().clock().now());
    let on_trial = found.as_ref().is_some_and(|found| found.is_on_trial(now));
    let organization = login.organization.clone();
    Ok(match next_step(Progress::begun(found.as_ref())) {
        Step::Provider => Answer::page(ProviderPage { organization, on_trial }),
        Step::Password | Step::SecondFactor | Step::Console => {
            Answer::page(PasswordPage { organization, email, on_trial, problem: None, wait: None })
        }
    })
}

/// E-mail and password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    email: String,
    password: String,
}

/// The login that the page is about, which its address names too. A page that does not open any more counts no try.
fn about(visitor: &Visitor, organization: String) -> Result<(Login, bool), Failure> {
    let (login, is_open) = match form_token::of_request::<Login>(visitor.request()) {
        Ok(login) => (login, true),
        Err(NotOpened::NoCookie) => return Err(Failure::NoCookies),
        Err(NotOpened::Expired(login)) => (login, false),
        Err(NotOpened::Missing | NotOpened::Unreadable) => (Login::new(visitor.app(), organization.clone(), ""), false),
    };
    Ok(match login.organization == organization {
        true => (login, is_open),
        false => (Login::new(visitor.app(), organization, ""), false),
    })
}

/// One attempt with a password.
pub(crate) async fn attempt(visitor: &Visitor, organization: String, email: &str, password: &str) -> Reply {
    let (login, is_open) = about(visitor, organization)?;
    let (found, now) = (organization_of(visitor, &login.organization).await?, visitor.app().clock().now());
    let on_trial = found.as_ref().is_some_and(|found| found.is_on_trial(now));
    let (organization, email) = (login.organization.clone(), email.to_owned());
    let page = PasswordPage { organization, email, on_trial, problem: None, wait: None };
    if !is_open {
        let problem = Some(Text::new("login-page-old"));
        return Ok(Answer::refused(PasswordPage { problem, ..page }).about(login));
    }
    let attempt = Attempt::new(&login.organization, &page.email, visitor.cookie(cookies::BROWSER).as_deref());
    let (origin, return_to) = (visitor.origin().clone(), login.return_to.clone());
    match crate::features::login::attempt(visitor.app(), origin, attempt, password, return_to).await? {
        Outcome::In { session, browser } => enter(visitor, &session, &browser, login.organization, &login.return_to),
        Outcome::PendingLogin(id) => Ok(see_other(urls::LOGIN_FACTOR).about(Pending::new(id, &login.return_to))),
        Outcome::Not(not) => Ok(not_in(visitor, page, not).about(login)),
    }
}

fn not_in(visitor: &Visitor, page: PasswordPage, not: NotIn) -> Answer {
    let refused = |page, text| PasswordPage { problem: Some(text), ..page };
    let wait = |page, text| PasswordPage { wait: Some(text), ..page };
    let throttled = |page, id, until| {
        let (text, seconds) = waiting(id, until, visitor.app().clock().now());
        Answer::throttled(wait(page, text), seconds)
    };
    match not {
        NotIn::Outside(reference) => {
            let text = outside::words(visitor.origin().address, &reference);
            Answer::page(refused(page, text)).status(StatusCode::FORBIDDEN)
        }
        NotIn::Wrong => Answer::refused(refused(page, Text::new("login-wrong"))),
        NotIn::Locked(until) => throttled(page, "login-locked", until),
        NotIn::Paused(until) => throttled(page, "login-paused", until),
        NotIn::Busy => Answer::busy(wait(page, Text::new("login-busy"))),
    }
}
