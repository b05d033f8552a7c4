//! Cookies: all `__Host-`, Secure, HttpOnly, without a domain (ASVS 3.3.1 to 3.3.4).

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, CookieJar, Key, SameSite};

/// The session. Lax, as people come back from their IdP and from mails.
pub const SESSION: &str = "__Host-session";
/// Proves the browser that a form's page was sent to (`web/form_token.rs`).
pub const PENDING: &str = "__Host-pending";
/// A browser on its way to an identity provider; one for each way, with a number and a handle behind it.
pub const TRIP: &str = "__Host-trip";
/// What a recovery code opened.
pub const REPAIR: &str = "__Host-repair";
/// A browser that has logged in before.
pub const BROWSER: &str = "__Host-browser";
/// The organization name typed last.
pub const ORGANIZATION: &str = "__Host-organization";
/// The language chosen by somebody who is not logged in.
pub const LANGUAGE: &str = "__Host-language";
/// Light or dark.
pub const THEME: &str = "__Host-theme";
/// A notice for the next page.
pub const FLASH: &str = "__Host-flash";

/// A cookie that lives `lifetime`, or as long as the browser is open.
pub fn cookie(
    name: impl Into<Cow<'static, str>>,
    value: impl Into<String>,
    same_site: SameSite,
    lifetime: Option<Duration>,
) -> Cookie<'static> {
    let mut cookie = Cookie::build(name, value.into()).path("/").secure(true).http_only(true).same_site(same_site);
    if let Some(lifetime) = lifetime {
        cookie = cookie.max_age(lifetime);
    }
    cookie.finish()
}

/// A cookie that removes `name`.
pub fn removal(name: impl Into<Cow<'static, str>>) -> Cookie<'static> {
    cookie(name, "", SameSite::Lax, Some(Duration::ZERO))
}

/// The value that the browser sent.
pub fn value(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned())
}

/// Signs `cookie`, so that a value made elsewhere is not believed.
pub fn signed(cookie: Cookie<'static>, key: &Key) -> Cookie<'static> {
    let name = cookie.name().to_owned();
    let mut jar = CookieJar::new();
    jar.signed_mut(key).add(cookie.clone());
    jar.get(&name).cloned().unwrap_or(cookie)
}

/// The value of a signed cookie, when the signature is ours.
pub fn signed_value(request: &HttpRequest, name: &str, key: &Key) -> Option<String> {
    let mut jar = CookieJar::new();
    jar.add_original(request.cookie(name)?);
    jar.signed(key).get(name).map(|cookie| cookie.value().to_owned())
}
