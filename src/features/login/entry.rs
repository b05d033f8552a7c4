//! What the ways of logging in share: how a login that is whole ends.

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;

use crate::access::{Visitor, cookies, give_cookie};
use crate::base::entropy::Token;
use crate::web::returns::ReturnTo;
use crate::web::{Reply, see_other};

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
    Ok(see_other(ReturnTo::parse(visitor.app(), return_to).as_str())
        .cookie(cookies::cookie(cookies::BROWSER, browser.expose(), SameSite::Lax, year))
        .cookie(cookies::cookie(cookies::ORGANIZATION, organization, SameSite::Lax, year)))
}
