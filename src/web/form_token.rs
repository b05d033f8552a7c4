//! What a form is about, sealed into the form itself: a POST acts for the subject that its page showed, whatever other
//! tabs of the browser did since. The cookie only proves that it is the same browser.
//!
//! Every POST form of a page carries the token of the page's subject: it is put in where pages become responses, so no
//! template can lack it. A page behind a session is about its organization and user, others say so by
//! [`super::Answer::about`].

use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::time::Duration as Lifetime;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use chrono::Duration;
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Identity, cookies};
use crate::base::digest::Digest;
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::urls;

/// Name of the hidden field, and of the parameter after a redirect. A field named `form` would hide the property `form` of the
/// element around it, by which scripts look for a form.
pub const FIELD: &str = "form_token";

/// Name of the hidden field by which a page about something else than its session says whose session it was shown beside.
pub const LOGIN_FIELD: &str = "login_token";

/// What acts on the session of the browser from every page, whatever the page is about.
const ACTS_ON_SESSION: &[&str] = &[urls::LOGOUT, urls::PREFERENCES];

/// Longest token that is looked at, in characters.
const LONGEST: usize = 2000;

/// What a form can be about.
pub trait Subject: Serialize + DeserializeOwned {
    /// What tokens of this kind are for: a token of one purpose opens for no other.
    const PURPOSE: &'static str;

    /// How long a token is good for.
    fn lifetime(app: &App) -> Duration;
}

/// The subject of every page behind a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Console {
    /// The organization.
    pub organization: OrganizationId,
    /// The user.
    pub user: UserId,
    /// The name of the organization, for the page that says what the form was about.
    pub organization_name: String,
    /// The user's address, for the same page; empty in a form of the release before this one.
    #[serde(default)]
    pub email: String,
}

impl Subject for Console {
    const PURPOSE: &'static str = "console";

    fn lifetime(app: &App) -> Duration {
        Duration::hours(app.config.sessions.absolute_hours)
    }
}

impl Console {
    /// What the pages of a session are about.
    pub fn of(identity: &Identity) -> Self {
        Self {
            organization: identity.organization.clone(),
            user: identity.user.clone(),
            organization_name: identity.organization_name.clone(),
            email: identity.email.clone(),
        }
    }

    /// Why its form does nothing beside another session.
    pub fn refusal(self) -> Failure {
        Failure::OtherUser { shown: self.organization_name, email: Some(self.email).filter(|email| !email.is_empty()) }
    }

    /// Whether a session is of this user.
    pub fn is_of(&self, identity: &Identity) -> bool {
        self.organization == identity.organization && self.user == identity.user
    }
}

/// Why a token tells no subject.
#[derive(Debug, PartialEq, Eq)]
pub enum NotOpened<S> {
    /// There is none.
    Missing,
    /// The browser does not send the cookie that goes with it.
    NoCookie,
    /// Cut, changed, of another browser or for another purpose.
    Unreadable,
    /// Too old; this is what it was about.
    Expired(S),
}

#[derive(Serialize, Deserialize)]
struct Sealed<S> {
    at: Moment,
    of: S,
}

/// A token that is good in this browser.
pub fn seal<S: Subject>(request: &HttpRequest, subject: &S) -> String {
    let app = App::of(request);
    let sealed = Sealed { at: app.clock().now(), of: subject };
    let plain = serde_json::to_vec(&sealed).unwrap_or_else(|_| panic!("a subject can be written down"));
    let sealed = app.store.keys().seal_by_root(app.entropy(), &identity(S::PURPOSE, &Browser::of(request).0), &plain);
    BASE64URL_NOPAD.encode(&sealed)
}

/// The subject of a token.
pub fn open<S: Subject>(request: &HttpRequest, token: &str) -> Result<S, NotOpened<S>> {
    if token.is_empty() {
        return Err(NotOpened::Missing);
    }
    let browser = sent(request).ok_or(NotOpened::NoCookie)?;
    let app = App::of(request);
    let opened = Some(token).filter(|token| token.len() <= LONGEST).and_then(|token| {
        let sealed = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let plain = app.store.keys().open_by_root(&identity(S::PURPOSE, &browser), &sealed)?;
        serde_json::from_slice::<Sealed<S>>(&plain).ok()
    });
    let opened = opened.ok_or(NotOpened::Unreadable)?;
    match app.clock().now().since(opened.at) < S::lifetime(app) {
        true => Ok(opened.of),
        false => Err(NotOpened::Expired(opened.of)),
    }
}

/// The token of a POST whose body was read, or of the address of a GET.
struct StateCookie(String);

/// Notes the token of a form that was read.
pub(super) fn note_carried(request: &HttpRequest, body: &str) {
    let field = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == FIELD);
    if let Some((_, token)) = field {
        request.extensions_mut().insert(StateCookie(token.into_owned()));
    }
}

/// The subject of the form that a request posts, or that the address of a page names after a redirect.
pub fn of_request<S: Subject>(request: &HttpRequest) -> Result<S, NotOpened<S>> {
    let posted = request.extensions().get::<StateCookie>().map(|carried| carried.0.clone());
    let named = || {
        let mut fields = url::form_urlencoded::parse(request.query_string().as_bytes());
        fields.find(|(name, _)| name == FIELD).map(|(_, token)| token.into_owned())
    };
    open(request, &posted.or_else(named).unwrap_or_default())
}

/// The subject of the form that a request posts, or that its address names; `None` where it names none that can be gone
/// on with. A browser without cookies is told so.
pub fn subject<S: Subject>(request: &HttpRequest) -> Result<Option<S>, Failure> {
    match of_request(request) {
        Ok(subject) => Ok(Some(subject)),
        Err(NotOpened::NoCookie) => Err(Failure::NoCookies),
        Err(NotOpened::Missing | NotOpened::Unreadable | NotOpened::Expired(_)) => Ok(None),
    }
}

/// The address of a page with the token of what it is about.
pub fn in_address(url: &str, token: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{FIELD}={token}")
}

/// What the forms of a page are about, where its answer does not say it.
struct Noted(String);

/// Notes what the forms of the answer to a request are about.
pub fn note<S: Subject>(request: &HttpRequest, subject: &S) {
    let token = seal(request, subject);
    request.extensions_mut().insert(Noted(token));
}

/// The token that was noted.
pub(super) fn noted(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<Noted>().map(|noted| noted.0.clone())
}

/// Reads a form before its handler does, so that the caller can be compared with what the form is about.
pub async fn read_first(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (head, payload) = request.parts_mut();
    let mut payload = payload.take();
    let text = match super::read_form(head, &mut payload).await {
        Ok(text) => text,
        Err(failure) => return Ok(request.error_response(failure)),
    };
    note_carried(request.request(), &text);
    request.set_payload(Payload::from(Bytes::from(text)));
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn identity(purpose: &str, browser: &Token) -> Vec<u8> {
    Digest::of(&[b"form token", purpose.as_bytes(), browser.expose().as_bytes()]).as_bytes().to_vec()
}

/// What proves that a form comes from the browser that its page was sent to.
#[derive(Clone)]
struct Browser(Token);

/// Whether the browser has to be given its cookie with this answer.
struct IsNew;

fn sent(request: &HttpRequest) -> Option<Token> {
    cookies::value(request, cookies::PENDING).and_then(|value| Token::parse(&value))
}

impl Browser {
    /// The one that the request names, or a new one for the whole answer.
    fn of(request: &HttpRequest) -> Self {
        if let Some(known) = request.extensions().get::<Self>() {
            return known.clone();
        }
        let known = sent(request);
        if known.is_none() {
            request.extensions_mut().insert(IsNew);
        }
        let browser = Self(known.unwrap_or_else(|| App::of(request).entropy().token()));
        request.extensions_mut().insert(browser.clone());
        browser
    }
}

/// Whether the browser sends the cookie by which its tokens open.
pub fn can_open(request: &HttpRequest) -> bool {
    sent(request).is_some()
}

/// The cookie that goes with the tokens of this answer, where the browser has none yet.
pub fn new_cookie(request: &HttpRequest) -> Option<Cookie<'static>> {
    request.extensions_mut().remove::<IsNew>()?;
    let year = Some(Lifetime::days(365));
    let cookie = cookies::cookie(cookies::PENDING, Browser::of(request).0.expose(), SameSite::Lax, year);
    Some(cookies::placed(request, cookie))
}

/// A page whose POST forms carry a token; what acts on the session carries `login`, too, where the token does not say whose
/// session that is. Pages are drawn by escaping templates, so a form in them is one of ours.
pub fn into_forms(html: String, token: &str, login: Option<&str>) -> String {
    let hidden = |name, token| format!("<input type=\"hidden\" name=\"{name}\" value=\"{token}\">");
    let (field, login) = (hidden(FIELD, token), login.map(|login| hidden(LOGIN_FIELD, login)).unwrap_or_default());
    let acts = |tag: &str| ACTS_ON_SESSION.iter().any(|path| tag.contains(&format!("action=\"{path}\"")));
    let mut whole = String::with_capacity(html.len() + 8 * field.len());
    let mut rest = html.as_str();
    while let Some(start) = rest.find("<form ") {
        let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
        whole.push_str(&rest[..end]);
        if rest[start..end].contains("method=\"post\"") {
            whole.push_str(&field);
            whole.push_str(if acts(&rest[start..end]) { &login } else { "" });
        }
        rest = &rest[end..];
    }
    whole.push_str(rest);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_posts_carries_the_token_and_no_other() {
        let page =
            r#"<form class="a" method="post" action="/x"><button></button></form><form action="/s"><input></form>"#;
        let carried = into_forms(page.to_owned(), "T", Some("L"));
        assert_eq!(
            carried,
            r#"<form class="a" method="post" action="/x"><input type="hidden" name="form_token" value="T"><button></button></form><form action="/s"><input></form>"#
        );
        assert_eq!(into_forms("<p>none</p>".to_owned(), "T", None), "<p>none</p>");
        assert_eq!(into_forms("<form method=\"post\"".to_owned(), "T", None).matches("name=").count(), 1);
    }

    #[test]
    fn what_acts_on_the_session_says_whose_it_is_on_every_page() {
        let page = r#"<form method="post" action="/logout"></form><form action="/preferences" method="post"></form>"#;
        assert_eq!(into_forms(page.to_owned(), "T", Some("L")).matches(r#"name="login_token" value="L""#).count(), 2);
        assert_eq!(into_forms(page.to_owned(), "T", None).matches("login_token").count(), 0);
    }
}
