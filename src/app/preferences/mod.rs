//! Language and theme, from the footer of every page. A user's language is kept with the user, a visitor's in a cookie.

use crate::access::site::Site;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use diesel::prelude::*;
use serde::Deserialize;

use crate::access::{Identity, Visitor, cookies, still_in};
use crate::base::i18n::Language;
use crate::base::urls;
use crate::platform::store::StoreError;
use crate::platform::store::schema::users;
use crate::web::form_owner::named_session;
use crate::web::{Answer, Form, Reply, form_token, see_other};

/// What was pressed, and on which page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PreferencesForm {
    language: String,
    theme: String,
    here: String,
    /// What the page is about.
    form_token: String,
}

/// `GET /preferences`: the switches are on every page.
pub async fn show(_: Visitor) -> Reply {
    Ok(see_other(urls::START))
}

/// `POST /preferences`.
pub async fn save(visitor: Visitor, form: Form<PreferencesForm>) -> Reply {
    let mut answer: Answer = see_other(back(&visitor.app().site, &form));
    let year = Some(Duration::days(365));
    if let Some(language) = Language::from_word(&form.language) {
        answer = answer.cookie(cookies::cookie(cookies::LANGUAGE, language.word(), SameSite::Lax, year));
        // From a page that was shown to a visitor it is the visitor's choice, even after another login.
        if let (Some(identity), Ok(_)) = (visitor.identity(), named_session(visitor.request())) {
            let (identity, limits) = (Identity::clone(&identity), visitor.app().config.sessions);
            visitor
                .write(move |tx| {
                    if !still_in(tx, &identity, &limits)? {
                        return Ok(tx.unrecorded("the session has ended since", ()));
                    }
                    let (organization, user) = (identity.organization, identity.user);
                    let row = users::table.filter(users::organization_id.eq(organization)).filter(users::id.eq(user));
                    diesel::update(row).set(users::language.eq(language)).execute(tx.conn())?;
                    Ok::<_, StoreError>(tx.unrecorded("the language of one's own pages is not an event", ()))
                })
                .await?;
        }
    }
    match form.theme.as_str() {
        theme @ ("light" | "dark") => {
            answer = answer.cookie(cookies::cookie(cookies::THEME, theme, SameSite::Lax, year));
        }
        "system" => answer = answer.cookie(cookies::removal(cookies::THEME)),
        _ => {}
    }
    Ok(answer)
}

/// The page the switch was pressed on, about what it was about: the address of a form that was refused does not say it.
fn back(site: &Site, form: &PreferencesForm) -> String {
    let here = own_path(site, &form.here);
    let is_told = form.form_token.is_empty() || here == urls::START || here.contains("form_token=");
    let is_token = form.form_token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let path = here.split('?').next().unwrap_or_default();
    match is_told || !is_token || site.is_console_page(path) {
        true => here.to_owned(),
        false => form_token::in_address(here, &form.form_token),
    }
}

/// The page the switch was pressed on, if it is a page of ours that can be opened by itself; else the start page.
fn own_path<'a>(site: &Site, here: &'a str) -> &'a str {
    let path = here.split('?').next().unwrap_or_default();
    let plain = here.len() <= 3000 && here.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let ours = plain && here.starts_with('/') && !here.starts_with("//") && site.is_page(path);
    if ours { here } else { urls::START }
}
