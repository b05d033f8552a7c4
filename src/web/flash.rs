//! Notices: a signed cookie that the next page shows once, in that page's language.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::access::app::App;
use crate::access::cookies;
use crate::base::i18n::Text;

/// What the next page says of the request before it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// The words.
    pub text: Text,
    /// Whether they say why nothing was done.
    pub refused: bool,
}

/// The cookie that carries `notice`.
pub fn cookie(request: &HttpRequest, notice: &Notice) -> Cookie<'static> {
    let value = BASE64URL_NOPAD.encode(&serde_json::to_vec(notice).unwrap_or_default());
    let cookie = cookies::cookie(cookies::FLASH, value, SameSite::Strict, Some(Duration::minutes(1)));
    cookies::signed(cookie, &App::of(request).cookie_key)
}

/// The notice that the request brought.
pub fn notice(request: &HttpRequest) -> Option<Notice> {
    let value = cookies::signed_value(request, cookies::FLASH, &App::of(request).cookie_key)?;
    serde_json::from_slice(&BASE64URL_NOPAD.decode(value.as_bytes()).ok()?).ok()
}
