//! The way to the provider and back. A form leads to a page of ours, and that page leaves by a GET: the content security
//! policy lets no form lead elsewhere.

use actix_web::HttpRequest;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use askama::Template;
use serde::Deserialize;

use super::{Ended, Turned, decide, spoiled};
use crate::access::failure::Failure;
use crate::access::{Method, Visitor, cookies};
use crate::base::entropy::Token;
use crate::base::i18n::{Text, filters};
use crate::base::ids::OrganizationId;
use crate::base::urls;
use crate::features::idp::trips::{self, Carried, Purpose, Returned, SetOutError, Taken, Traveller};
use crate::features::idp::{confirmation, repair, setup, store};
use crate::features::login::begun::Login;
use crate::features::login::entry::enter;
use crate::features::login::outside::{self, keep_out};
use crate::platform::oidc::exchange::{self, Callback, Party};
use crate::platform::oidc::{Claims, Keys, Reason, Refused};
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

/// Trips that a browser can be on at a time: tabs, each with a page of its own to return to.
const TRIPS: usize = 3;

/// On to the page that leaves, with what the browser carries. The oldest of its trips makes room.
pub fn leave(request: &HttpRequest, carried: Carried) -> Answer {
    let name = format!("{}-{:012}-{}", cookies::TRIP, carried.begun, carried.handle);
    let mut answer = see_other(urls::oidc_away(&carried.handle));
    let others = underway(request);
    let surplus = (others.len() + 1).saturating_sub(TRIPS);
    for (oldest, _) in others.into_iter().take(surplus) {
        answer = answer.cookie(cookies::removal(oldest));
    }
    answer.cookie(cookies::cookie(name, carried.sealed, SameSite::Lax, Some(Duration::hours(1))))
}

/// The cookies of a browser's trips, the oldest first.
fn underway(request: &HttpRequest) -> Vec<(String, String)> {
    let mut trips = cookies::beginning_with(request, cookies::TRIP);
    trips.sort();
    trips
}

/// The trip of a handle, as the browser carries it: name and value of its cookie.
fn trip_of(request: &HttpRequest, handle: &str) -> Option<(String, String)> {
    let end = format!("-{handle}");
    underway(request).into_iter().find(|(name, _)| !handle.is_empty() && name.ends_with(&end))
}

/// Sets out with what an organization's logins use now; `None` where that is no provider.
pub async fn depart(
    visitor: &Visitor,
    organization: OrganizationId,
    return_to: String,
    wants_trial: bool,
) -> Result<Option<Carried>, Failure> {
    let public_url = visitor.app().config.public_url.clone();
    let traveller = Traveller { purpose: Purpose::Login, organization, user: None, session: None, return_to };
    let begun = visitor.read(move |tx| {
        let standing = store::standing(tx, &traveller.organization)?;
        // While new settings are on trial, the working ones serve everybody.
        let (first, second) = match wants_trial {
            true => (standing.on_trial, standing.in_force),
            false => (standing.in_force, standing.on_trial),
        };
        let Some(settings) = first.or(second) else {
            return Ok::<_, SetOutError>(None);
        };
        trips::set_out(tx, &settings, traveller, &public_url, None).map(Some)
    });
    match begun.await {
        Ok(carried) => Ok(carried),
        Err(SetOutError::Store(cause)) => Err(cause.into()),
        Err(SetOutError::Refused(refused)) => Err(Failure::Internal(format!("setting out: {refused:?}"))),
    }
}

/// Which settings, where new ones are on trial.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SetOutForm {
    trial: String,
}

/// `GET /login/idp`: the page that has the button is the organization's login page.
pub async fn back(visitor: Visitor) -> Reply {
    Ok(see_other(if visitor.has_session() { urls::CONSOLE } else { urls::LOGIN }))
}

/// `POST /login/idp`: on to the provider of the organization that the page is about: the visitor's own one, or the one that
/// is logged in to.
pub async fn set_out(visitor: Visitor, form: Form<SetOutForm>) -> Reply {
    let own = match (visitor.identity(), repair::pages::current(&visitor).await?) {
        (Some(identity), _) => Some(identity.organization.clone()),
        (None, Some(repair)) => Some(repair.organization),
        (None, None) => None,
    };
    let wants_trial = !form.trial.is_empty();
    let target = match form_token::subject::<Login>(visitor.request())? {
        Some(login) => {
            let name = login.organization.clone();
            let door = visitor.read(move |tx| crate::features::organizations::store::door(tx, &name)).await?;
            if let Some(reference) = keep_out(visitor.app(), visitor.origin(), door.as_ref(), Method::Idp).await? {
                let text = outside::words(visitor.origin().address, &reference);
                let organization = Some(login.organization);
                let page = RefusedPage { text, address: None, reference: None, organization, again: None };
                return Ok(Answer::page(page).status(StatusCode::FORBIDDEN));
            }
            door.map(|door| (door.id, login.return_to))
        }
        None => own.map(|own| (own, urls::CONSOLE.to_owned())),
    };
    let Some((organization, return_to)) = target else {
        return Ok(see_other(urls::LOGIN_LOST));
    };
    Ok(match depart(&visitor, organization, return_to, wants_trial).await? {
        Some(carried) => leave(visitor.request(), carried),
        None => see_other(urls::LOGIN_LOST),
    })
}

/// By which trip to leave.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AwayQuery {
    trip: String,
}

/// `GET /auth/oidc`: a page of ours that goes on to the provider by itself, or by its link.
pub async fn away(visitor: Visitor, query: Query<AwayQuery>) -> Reply {
    let found = match trip_of(visitor.request(), &query.0.trip) {
        Some((_, carried)) => visitor.read(move |tx| trips::away(tx, &carried)).await?,
        None => None,
    };
    let Some(address) = found else {
        return Ok(see_other(urls::LOGIN_LOST));
    };
    let host = url::Url::parse(&address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let refresh = format!("0; url={address}");
    Ok(Answer::page(AwayPage { host, address }).header(HeaderName::from_static("refresh"), &refresh))
}

/// `GET /auth/oidc/callback`: the provider sent the browser back. Everything rests on the trip that is kept here.
pub async fn callback(visitor: Visitor) -> Reply {
    let query = visitor.request().query_string().to_owned();
    let Ok(callback) = Callback::parse(&query) else {
        return Ok(stranded(&visitor, None));
    };
    let state = callback.state().unwrap_or_default().to_owned();
    let Some((name, carried)) = trip_of(visitor.request(), &trips::handle(&state)) else {
        return Ok(stranded(&visitor, None));
    };
    let taken = visitor.write(move |tx| {
        let taken = trips::take(tx, &carried, &state)?;
        Ok::<_, StoreError>(tx.unrecorded("what comes of a trip is recorded when it ends", taken))
    });
    let answer = match taken.await? {
        Taken::Back(returned) => end(&visitor, *returned, &callback).await?,
        Taken::Used(return_to) => stranded(&visitor, Some(return_to)),
        Taken::Unknown => stranded(&visitor, None),
    };
    Ok(answer.cookie(cookies::removal(name)))
}

async fn end(visitor: &Visitor, returned: Returned, callback: &Callback) -> Reply {
    let ended = verify(visitor, &returned, callback).await;
    match returned.traveller.purpose {
        Purpose::Test => end_test(visitor, returned, ended).await,
        Purpose::Login => end_login(visitor, returned, ended).await,
        Purpose::Confirmation => confirmation::end(visitor, returned, ended).await,
    }
}

async fn verify(visitor: &Visitor, returned: &Returned, callback: &Callback) -> Result<Claims, Refused> {
    let app = visitor.app();
    let Some(settings) = &returned.settings else {
        return Err(Reason::Changed.into());
    };
    // A test is made with the keys that are published now, and leaves none behind.
    let of_test = Keys::default();
    let is_test = returned.traveller.purpose == Purpose::Test;
    let party = Party {
        outbound: &app.outbound,
        keys: if is_test { &of_test } else { &app.provider_keys },
        clock: app.clock().as_ref(),
        configuration: &settings.configuration,
        secret: &settings.secret,
    };
    exchange::login(party, &returned.trip, callback).await
}

/// What came back was begun elsewhere or is used up: no organization is known, so there is nothing to look up. A browser that
/// is logged in goes on.
fn stranded(visitor: &Visitor, return_to: Option<String>) -> Answer {
    if visitor.has_session() {
        return see_other(return_to.unwrap_or_else(|| urls::CONSOLE.to_owned()));
    }
    let text = Text::new("oidc-user-elsewhere");
    let page = RefusedPage { text, address: None, reference: None, organization: None, again: None };
    Answer::page(page).status(StatusCode::BAD_REQUEST)
}

/// A login, or a confirmation, that the provider or its answer spoiled: the code leads to its event.
pub fn spoiled_page(text: Text, reference: String, organization: Option<String>, again: Option<String>) -> Answer {
    let page = RefusedPage { text, address: None, reference: Some(reference), organization, again };
    Answer::page(page).status(StatusCode::FORBIDDEN)
}

async fn end_test(visitor: &Visitor, returned: Returned, ended: Result<Claims, Refused>) -> Reply {
    let to = returned.traveller.return_to.clone();
    let noted = visitor.write(move |tx| {
        let event = setup::end_test(tx, &returned, ended.as_ref())?;
        tx.record(event, ())
    });
    noted.await?;
    Ok(see_other(to))
}

async fn end_login(visitor: &Visitor, returned: Returned, ended: Result<Claims, Refused>) -> Reply {
    let return_to = returned.traveller.return_to.clone();
    let browser = visitor.cookie(cookies::BROWSER).and_then(|cookie| Token::parse(&cookie));
    let claims = match ended {
        Ok(claims) => claims,
        Err(refused) => {
            let text = refused.for_users();
            let name = returned.traveller.organization.clone();
            let noted = visitor.write(move |tx| {
                let reference = spoiled(tx, &returned, &refused)?;
                let name = crate::features::organizations::store::name(tx, &name)?;
                Ok::<_, StoreError>(tx.unrecorded("it was recorded just now", (reference, name)))
            });
            let (reference, name) = noted.await?;
            return Ok(spoiled_page(text, reference, Some(name), None));
        }
    };
    let decided = visitor.write(move |tx| {
        let organization = returned.traveller.organization.clone();
        let ended = decide(tx, &returned, &claims, browser)?;
        let name = crate::features::organizations::store::name(tx, &organization)?;
        Ok::<_, StoreError>(tx.unrecorded("a login is recorded however it ends", (ended, name)))
    });
    match decided.await? {
        (Ended::In { session, browser, organization, confirmed }, _) => {
            let answer = enter(visitor, &session, &browser, organization, &return_to)?;
            Ok(if confirmed { answer.notice(Text::new("idp-now-in-force")) } else { answer })
        }
        (Ended::Turned(Turned { why, address, reference }), name) => {
            let page = RefusedPage {
                text: Text::new(why.text()),
                address,
                reference: Some(reference),
                organization: Some(name),
                again: None,
            };
            Ok(Answer::page(page).status(StatusCode::FORBIDDEN))
        }
    }
}
