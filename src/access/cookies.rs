//! Cookies: all `__Host-`, Secure, HttpOnly, without a domain (ASVS 3.3.1 to 3.3.4).
//!
//! On a public URL of plain http, which is this machine's own loopback, browsers that take the rules by the letter keep
//! neither a Secure cookie nor one of that prefix (RFC 6265bis section 5.7): there the same cookies go by another name.
//! [`value`] and [`placed`] see to it, so that nothing else needs to know.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, CookieJar, Key, SameSite};

use crate::access::app::App;
use crate::platform::config::Config;

/// What keeps a cookie to the host that set it over https.
const PREFIX: &str = "__Host-";
/// What stands there on plain http.
const PLAIN_PREFIX: &str = "vestibule-";

/// The session. Lax, as people come back from their IdP and from mails.
pub const SESSION: &str = "__Host-session";
/// Proves the browser that a form's page was sent to (`web/form_token.rs`).
pub const PENDING: &str = "__Host-pending";
/// A browser on its way to an identity provider; one for each way, with a number and a handle behind it.
pub const STATE: &str = "__Host-state";
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

/// What `name` is called at the public URL.
pub fn name_at(config: &Config, name: &'static str) -> String {
    match name.strip_prefix(PREFIX) {
        Some(bare) if !config.public_url.is_https() => format!("{PLAIN_PREFIX}{bare}"),
        _ => name.to_owned(),
    }
}

/// `cookie` as it is sent from the public URL.
pub fn placed(request: &HttpRequest, mut cookie: Cookie<'static>) -> Cookie<'static> {
    if !App::of(request).config.public_url.is_https()
        && let Some(bare) = cookie.name().strip_prefix(PREFIX)
    {
        let name = format!("{PLAIN_PREFIX}{bare}");
        cookie.set_name(name);
        cookie.set_secure(false);
    }
    cookie
}

/// The cookie of `name` that the browser sent, under its own name.
fn sent(request: &HttpRequest, name: &'static str) -> Option<Cookie<'static>> {
    let mut cookie = request.cookie(&name_at(&App::of(request).config, name))?;
    cookie.set_name(name);
    Some(cookie)
}

/// Name and value of every cookie sent whose name begins with `start`, under the names that they have on https.
pub fn beginning_with(request: &HttpRequest, start: &'static str) -> Vec<(String, String)> {
    let (all, sent_as) = (request.cookies(), name_at(&App::of(request).config, start));
    let all = all.iter().flat_map(|all| all.iter());
    let named = |cookie: &Cookie<'_>| {
        Some((format!("{start}{}", cookie.name().strip_prefix(&sent_as)?), cookie.value().to_owned()))
    };
    all.filter_map(named).collect()
}

/// The value that the browser sent.
pub fn value(request: &HttpRequest, name: &'static str) -> Option<String> {
    sent(request, name).map(|cookie| cookie.value().to_owned())
}

/// Signs `cookie`, so that a value made elsewhere is not believed.
pub fn signed(cookie: Cookie<'static>, key: &Key) -> Cookie<'static> {
    let name = cookie.name().to_owned();
    let mut jar = CookieJar::new();
    jar.signed_mut(key).add(cookie.clone());
    jar.get(&name).cloned().unwrap_or(cookie)
}

/// The value of a signed cookie, when the signature is ours.
pub fn signed_value(request: &HttpRequest, name: &'static str, key: &Key) -> Option<String> {
    opened(sent(request, name)?, key)
}

/// The value of `cookie`, when it is signed by `key` for its name.
pub fn opened(cookie: Cookie<'static>, key: &Key) -> Option<String> {
    let name = cookie.name().to_owned();
    let mut jar = CookieJar::new();
    jar.add_original(cookie);
    jar.signed(key).get(&name).map(|cookie| cookie.value().to_owned())
}
