//! What the ways of logging in share: how a login that is whole ends, and how one waits.

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use serde::Deserialize;

use crate::auth::{Visitor, give_cookie};
use crate::entropy::Token;
use crate::i18n::Text;
use crate::store::types::Moment;
use crate::urls::ReturnTo;
use crate::web::{Reply, cookies, see_other};

/// A login that is whole: its session, what this browser is known by, and on to where one was going.
pub(crate) fn enter(
    visitor: &Visitor,
    session: &Token,
    browser: &Token,
    organization: String,
    return_to: &str,
) -> Reply {
    give_cookie(visitor.request(), session)?;
    let year = Some(Duration::days(365));
    Ok(see_other(ReturnTo::parse(return_to).as_str())
        .cookie(cookies::cookie(cookies::BROWSER, browser.expose(), SameSite::Lax, year))
        .cookie(cookies::cookie(cookies::ORGANIZATION, organization, SameSite::Lax, year)))
}

/// The words that say until when to wait, in whole minutes, and the seconds for `Retry-After`.
pub(crate) fn waiting(id: &'static str, until: Moment, now: Moment) -> (Text, i64) {
    let seconds = until.since(now).num_seconds().max(1);
    (Text::new(id).with("minutes", (seconds + 59) / 60), seconds)
}

/// Where to return to after the confirmation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    pub(crate) next: String,
}
