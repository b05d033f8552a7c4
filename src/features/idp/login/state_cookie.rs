//! The way to the provider: what the browser carries.

use actix_web::HttpRequest;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;

use crate::access::cookies;
use crate::base::urls;
use crate::features::idp::authorization::StateCookie;
use crate::web::{Answer, see_other};

/// Logins that a browser can have begun at a time: tabs, each with a page of its own to return to.
pub(super) const TRIPS: usize = 3;

/// On to the page that leaves, with what the browser carries. The oldest of its authorization requests makes room.
pub fn leave(request: &HttpRequest, carried: StateCookie) -> Answer {
    let name = format!("{}-{:012}-{}", cookies::STATE, carried.begun, carried.handle);
    let mut answer = see_other(urls::oidc_away(&carried.handle));
    let others = underway(request);
    let surplus = (others.len() + 1).saturating_sub(TRIPS);
    for (oldest, _) in others.into_iter().take(surplus) {
        answer = answer.cookie(cookies::removal(oldest));
    }
    answer.cookie(cookies::cookie(name, carried.sealed, SameSite::Lax, Some(Duration::hours(1))))
}

/// The cookies of a browser's authorization requests, the oldest first.
pub(super) fn underway(request: &HttpRequest) -> Vec<(String, String)> {
    let mut states = cookies::beginning_with(request, cookies::STATE);
    states.sort();
    states
}

/// The authorization request of a handle, as the browser carries it: name and value of its cookie.
pub fn state_cookie(request: &HttpRequest, handle: &str) -> Option<(String, String)> {
    let end = format!("-{handle}");
    underway(request).into_iter().find(|(name, _)| !handle.is_empty() && name.ends_with(&end))
}
