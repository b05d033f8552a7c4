//! The way to the provider: what the browser carries.

use actix_web::HttpRequest;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;

use crate::access::cookies;
use crate::base::urls;
use crate::features::idp::trips::Carried;
use crate::web::{Answer, see_other};

/// Trips that a browser can be on at a time: tabs, each with a page of its own to return to.
pub(super) const TRIPS: usize = 3;

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
pub(super) fn underway(request: &HttpRequest) -> Vec<(String, String)> {
    let mut trips = cookies::beginning_with(request, cookies::TRIP);
    trips.sort();
    trips
}

/// The trip of a handle, as the browser carries it: name and value of its cookie.
pub fn trip_of(request: &HttpRequest, handle: &str) -> Option<(String, String)> {
    let end = format!("-{handle}");
    underway(request).into_iter().find(|(name, _)| !handle.is_empty() && name.ends_with(&end))
}
