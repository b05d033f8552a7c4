//! The language of a page.

use crate::access::app::App;
use actix_web::HttpRequest;

use super::Identity;
use crate::access::cookies;
use crate::base::i18n::Language;

/// The language of the page: the user's, else the browser's choice on our pages, else what it asks for.
pub fn language(request: &HttpRequest) -> Language {
    let chosen = || cookies::value(request, cookies::LANGUAGE).and_then(|word| Language::from_word(&word));
    let asked = || {
        let header = request.headers().get("Accept-Language")?.to_str().ok()?;
        Language::accepted(header)
    };
    Identity::of(request)
        .map(|identity| identity.language)
        .or_else(chosen)
        .or_else(asked)
        .unwrap_or(App::of(request).config.default_language)
}
