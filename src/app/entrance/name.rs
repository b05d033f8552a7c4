//! The first page of the login: the organization name.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::access::{Method, Visitor, cookies};
use crate::base::i18n::{Text, filters};
use crate::base::organization_name;
use crate::base::organization_name::OrganizationName;
use crate::base::urls;
use crate::features::idp::login::pages as idp;
use crate::features::idp::login::state_cookie::leave;
use crate::features::login::begun::Login;
use crate::features::login::outside::{self, keep_out};
use crate::features::login::pages::organization::{arrive, attempt, organization_of};
use crate::features::login::{Progress, Step, next_step};
use crate::features::organizations::pasted;
use crate::web::returns::ReturnTo;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "login/organization.html", blocks = ["form"])]
struct OrganizationPage {
    organization: String,
    next: String,
    problems: Problems,
    notice: Option<Text>,
}

crate::pages! { OrganizationPage { form }; }

/// What a link to the first page says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NameQuery {
    organization: String,
    next: String,
    email: String,
    lost: String,
}

/// `GET /login`: the organization name; the last one of this browser is offered again. An organization whose login URL
/// would be another page logs in here.
pub async fn name(visitor: Visitor, query: Query<NameQuery>) -> Reply {
    let NameQuery { mut organization, next, email, lost } = query.0;
    organization = pasted::organization(&visitor.app().config, &organization);
    if organization_name::is_login_word(&organization) {
        return arrive(&visitor, Login::new(visitor.app(), organization, &next), email).await;
    }
    if visitor.has_session() {
        return Ok(match OrganizationName::read(&organization) {
            Ok(name) => see_other(urls::login(&name, ReturnTo::parse(visitor.app(), &next).next(), &email)),
            Err(_) => see_other(ReturnTo::parse(visitor.app(), &next).as_str()),
        });
    }
    if organization.is_empty() {
        organization = visitor.cookie(cookies::ORGANIZATION).unwrap_or_default();
    }
    let lost = (!lost.is_empty()).then(|| Text::new("login-lost"));
    let notice =
        lost.or_else(|| ReturnTo::parse(visitor.app(), &next).is_elsewhere().then(|| Text::new("login-to-go-on")));
    Ok(Answer::page(OrganizationPage { organization, next, problems: Problems::default(), notice }))
}

/// The organization name as typed; what follows it where the name is a word of our own addresses.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NameForm {
    organization: String,
    next: String,
    email: String,
    password: String,
}

/// `POST /login`: on to the organization's login URL, or at once to its identity provider.
pub async fn name_organization(visitor: Visitor, query: Query<NameQuery>, form: Form<NameForm>) -> Reply {
    if organization_name::is_login_word(&query.0.organization) {
        return attempt(&visitor, query.0.organization, &form.email, &form.password).await;
    }
    let NameForm { organization: typed, next, .. } = form.0;
    let refused = |problem: Text| OrganizationPage {
        organization: typed.clone(),
        next: next.clone(),
        problems: Problems::one("organization", problem),
        notice: None,
    };
    let name = match OrganizationName::read(&pasted::organization(&visitor.app().config, &typed)) {
        Ok(name) => name,
        Err(problem) => return Ok(Answer::refused(refused(problem.into()))),
    };
    let here = see_other(urls::login(&name, ReturnTo::parse(visitor.app(), &next).next(), ""));
    let Some(organization) = organization_of(&visitor, &name).await? else { return Ok(here) };
    // The owner chooses which settings while new ones are on trial.
    let is_on_trial = organization.is_on_trial(visitor.app().clock().now());
    if next_step(Progress::begun(Some(&organization))) != Step::Provider || is_on_trial {
        return Ok(here);
    }
    if let Some(reference) = keep_out(visitor.app(), visitor.origin(), Some(&organization), Method::Idp).await? {
        let page = refused(outside::words(visitor.origin().address, &reference));
        return Ok(Answer::page(page).status(StatusCode::FORBIDDEN));
    }
    let return_to = Login::new(visitor.app(), name, &next).return_to;
    Ok(match idp::redirect(&visitor, organization.id, return_to, false).await? {
        Some(carried) => leave(visitor.request(), carried),
        None => here,
    })
}
