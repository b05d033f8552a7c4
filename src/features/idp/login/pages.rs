//! The way to the provider and back. A form leads to a page of ours, and that page leaves by a GET: the content security
//! policy lets no form lead elsewhere.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use askama::Template;
use serde::Deserialize;

use super::state_cookie::{leave, state_cookie};
use super::{Ended, Turned, decide, record_failed_login};
use crate::access::failure::Failure;
use crate::access::{Method, Visitor, cookies};
use crate::base::entropy::Token;
use crate::base::i18n::{Text, filters};
use crate::base::ids::OrganizationId;
use crate::base::urls;
use crate::features::idp::authorization::{self, BeginError, LoginIntent, Purpose, Returned, StateCookie};
use crate::features::idp::{self, repair};
use crate::features::login::begun::Login;
use crate::features::login::entry::enter;
use crate::features::login::outside::{self, keep_out};
use crate::platform::oidc::{Claims, Refused};
use crate::platform::store::StoreError;
use crate::web::{Answer, Form, Query, Reply, form_token, see_other};

#[derive(Template)]
#[template(path = "idp/away.html")]
struct AwayPage {
    host: String,
    address: String,
}

#[derive(Template)]
#[template(path = "idp/refused.html")]
struct RefusedPage {
    text: Text,
    address: Option<String>,
    reference: Option<String>,
    organization: Option<String>,
    /// Where to begin again, where that is not the login.
    again: Option<String>,
}

crate::pages! {
    AwayPage;
    RefusedPage;
}

/// Sets out with what an organization's logins use now; `None` where that is no provider.
pub async fn redirect(
    visitor: &Visitor,
    organization: OrganizationId,
    return_to: String,
    wants_trial: bool,
) -> Result<Option<StateCookie>, Failure> {
    let public_url = visitor.app().config.public_url.clone();
    let intent = LoginIntent { purpose: Purpose::Login, organization, user: None, session: None, return_to };
    let begun = visitor.read(move |tx| {
        let providers = idp::providers(tx, &intent.organization)?;
        // While new settings are on trial, the working ones serve everybody.
        let (first, second) = match wants_trial {
            true => (providers.on_trial, providers.in_force),
            false => (providers.in_force, providers.on_trial),
        };
        let Some(settings) = first.or(second) else {
            return Ok::<_, BeginError>(None);
        };
        authorization::begin(tx, &settings, intent, &public_url, None).map(Some)
    });
    match begun.await {
        Ok(carried) => Ok(carried),
        Err(BeginError::Store(cause)) => Err(cause.into()),
        Err(BeginError::Refused(refused)) => {
            Err(Failure::Internal(format!("beginning a login at the provider: {refused:?}")))
        }
    }
}

/// Which settings, where new ones are on trial.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct BeginForm {
    trial: String,
}

/// `GET /login/idp`: the page that has the button is the organization's login page.
pub async fn back(visitor: Visitor) -> Reply {
    Ok(see_other(if visitor.has_session() { urls::CONSOLE } else { urls::LOGIN }))
}

/// The organization that a browser is logged in to, or that a recovery code has opened.
async fn own(visitor: &Visitor) -> Result<Option<OrganizationId>, Failure> {
    match visitor.identity() {
        Some(identity) => Ok(Some(identity.organization.clone())),
        None => Ok(repair::pages::current(visitor).await?.map(|repair| repair.organization)),
    }
}

/// `POST /login/idp`: on to the provider of the organization that the page is about: the visitor's own one, or the one that
/// is logged in to.
pub async fn begin(visitor: Visitor, form: Form<BeginForm>) -> Reply {
    let target = match form_token::subject::<Login>(visitor.request())? {
        Some(login) => {
            let name = login.organization.clone();
            let organization = visitor.read(move |tx| crate::features::organizations::login(tx, &name)).await?;
            let outside = keep_out(visitor.app(), visitor.origin(), organization.as_ref(), Method::Idp).await?;
            if let Some(reference) = outside {
                let text = outside::words(visitor.origin().address, &reference);
                return Ok(refused_page(text, None, None, Some(login.organization), None));
            }
            organization.map(|organization| (organization.id, login.return_to))
        }
        None => own(&visitor).await?.map(|own| (own, urls::CONSOLE.to_owned())),
    };
    let Some((organization, return_to)) = target else {
        return Ok(see_other(urls::LOGIN_LOST));
    };
    Ok(match redirect(&visitor, organization, return_to, !form.trial.is_empty()).await? {
        Some(carried) => leave(visitor.request(), carried),
        None => see_other(urls::LOGIN_LOST),
    })
}

/// By which authorization request to leave.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AwayQuery {
    handle: String,
}

/// `GET /auth/oidc`: a page of ours that goes on to the provider by itself, or by its link.
pub async fn away(visitor: Visitor, query: Query<AwayQuery>) -> Reply {
    let found = match state_cookie(visitor.request(), &query.0.handle) {
        Some((_, carried)) => visitor.read(move |tx| authorization::pending(tx, &carried)).await?,
        None => None,
    };
    let Some(address) = found else {
        return Ok(see_other(urls::LOGIN_LOST));
    };
    let host = url::Url::parse(&address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let refresh = format!("0; url={address}");
    Ok(Answer::page(AwayPage { host, address }).header(HeaderName::from_static("refresh"), &refresh))
}

/// What came back was begun elsewhere or is used up: no organization is known, so there is nothing to look up. A browser that
/// is logged in goes on.
pub fn reject_callback(visitor: &Visitor, return_to: Option<String>) -> Answer {
    if visitor.has_session() {
        return see_other(return_to.unwrap_or_else(|| urls::CONSOLE.to_owned()));
    }
    let text = Text::new("oidc-user-elsewhere");
    let page = RefusedPage { text, address: None, reference: None, organization: None, again: None };
    Answer::page(page).status(StatusCode::BAD_REQUEST)
}

/// A login, or a confirmation, that the provider or its answer spoiled: the code leads to its event.
pub fn failed_login_page(text: Text, reference: String, organization: Option<String>, again: Option<String>) -> Answer {
    refused_page(text, None, Some(reference), organization, again)
}

fn refused_page(
    text: Text,
    address: Option<String>,
    reference: Option<String>,
    organization: Option<String>,
    again: Option<String>,
) -> Answer {
    let page = RefusedPage { text, address, reference, organization, again };
    Answer::page(page).status(StatusCode::FORBIDDEN)
}

/// How a login at the provider ends.
pub async fn end_login(visitor: &Visitor, returned: Returned, ended: Result<Claims, Refused>) -> Reply {
    let return_to = returned.intent.return_to.clone();
    let browser = visitor.cookie(cookies::BROWSER).and_then(|cookie| Token::parse(&cookie));
    let claims = match ended {
        Ok(claims) => claims,
        Err(refused) => return end_failed(visitor, returned, refused).await,
    };
    let decided = visitor.write(move |tx| {
        let name = crate::features::organizations::name(tx, &returned.intent.organization)?;
        Ok::<_, StoreError>(decide(tx, &returned, &claims, browser)?.map(|ended| (ended, name)))
    });
    match decided.await? {
        (Ended::In { session, browser, organization, confirmed }, _) => {
            let answer = enter(visitor, &session, &browser, organization, &return_to)?;
            Ok(if confirmed { answer.notice(Text::new("idp-now-in-force")) } else { answer })
        }
        (Ended::Turned(Turned { why, address, reference }), name) => {
            Ok(refused_page(Text::new(why.text()), address, Some(reference), Some(name), None))
        }
    }
}

async fn end_failed(visitor: &Visitor, returned: Returned, refused: Refused) -> Reply {
    let text = refused.for_users();
    let noted = visitor.write(move |tx| {
        let name = crate::features::organizations::name(tx, &returned.intent.organization)?;
        let recorded = record_failed_login(tx, &returned, &refused)?;
        Ok::<_, StoreError>(recorded.map(|reference| (reference, name)))
    });
    let (reference, name) = noted.await?;
    Ok(failed_login_page(text, reference, Some(name), None))
}
