//! Notices: a signed cookie that the next page shows once.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::cookie::time::Duration;
use data_encoding::BASE64URL_NOPAD;

use super::cookies;
use crate::app::App;
use crate::i18n::Text;

/// The cookie that carries `notice`, already in the reader's language.
pub fn cookie(request: &HttpRequest, notice: &Text) -> Cookie<'static> {
    let words = notice.say(super::frame::language(request));
    let value = BASE64URL_NOPAD.encode(words.as_bytes());
    let cookie = cookies::cookie(cookies::FLASH, value, SameSite::Strict, Some(Duration::minutes(1)));
    cookies::signed(cookie, &App::of(request).cookie_key)
}

/// The notice that the request brought.
pub fn notice(request: &HttpRequest) -> Option<String> {
    let value = cookies::signed_value(request, cookies::FLASH, &App::of(request).cookie_key)?;
    String::from_utf8(BASE64URL_NOPAD.decode(value.as_bytes()).ok()?).ok()
}

