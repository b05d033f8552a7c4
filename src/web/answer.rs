//! Answers: what a handler returns, and how it becomes a response. The page or its piece is chosen here, once, from
//! the request's headers; no handler reads them.

use actix_web::body::BoxBody;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use askama::Values;
use futures_util::Stream;
use futures_util::stream::LocalBoxStream;

use super::flash::{self, Notice};
use super::{form_token, frame};
use crate::access::failure::Failure;
use crate::access::{Identity, cookies};
use crate::base::i18n::Text;

/// What every handler returns.
pub type Reply = Result<Answer, Failure>;

/// A page: drawn whole, or the piece that htmx asked for.
pub trait Page {
    /// The whole page.
    fn whole(&self, values: &dyn Values) -> askama::Result<String>;

    /// The piece whose element has the id `target`; `None` where the page has no such piece.
    fn piece(&self, target: &str, values: &dyn Values) -> Option<askama::Result<String>>;

    /// The ids of the pieces, for the invariant test that draws every template.
    fn pieces(&self) -> &'static [&'static str];
}

/// Makes template structs into pages and names their pieces: `pages! { ListPage; FormPage { form } }`. The block `form`
/// of the template is the element with the id `form`.
#[macro_export]
macro_rules! pages {
    ($($page:ident $({ $($piece:ident),+ })?;)*) => { $( $crate::pages!(@one $page $($($piece)+)?); )* };
    (@one $page:ident $($piece:ident)*) => {
        impl $crate::web::Page for $page {
            fn whole(&self, values: &dyn askama::Values) -> askama::Result<String> {
                askama::Template::render_with_values(self, values)
            }

            fn piece(&self, target: &str, values: &dyn askama::Values) -> Option<askama::Result<String>> {
                $crate::pages!(@pieces self target values $($piece)*)
            }

            fn pieces(&self) -> &'static [&'static str] {
                &[$(stringify!($piece)),*]
            }
        }
    };
    (@pieces $self:ident $target:ident $values:ident) => {{
        let _ = ($target, $values);
        None
    }};
    (@pieces $self:ident $target:ident $values:ident $($piece:ident)+) => {
        match $target {
            $(stringify!($piece) => Some(askama::Template::render_with_values(&$crate::pages!(@as $self $piece), $values)),)+
            _ => None,
        }
    };
    (@as $self:ident form) => { $self.as_form() };
    (@as $self:ident strength) => { $self.as_strength() };
    (@as $self:ident availability) => { $self.as_availability() };
    (@as $self:ident messages) => { $self.as_messages() };
    (@as $self:ident results) => { $self.as_results() };
    (@as $self:ident refreshing) => { $self.as_refreshing() };
    (@as $self:ident logins) => { $self.as_logins() };
}

enum Body {
    Page(Box<dyn Page>),
    Elsewhere(String),
    Data(&'static str, Bytes),
    Stream(&'static str, LocalBoxStream<'static, Result<Bytes, Failure>>),
    Nothing,
}

/// Seals what a page is about, once the request is known.
type Seal = Box<dyn Fn(&HttpRequest) -> String>;

/// An answer before it meets the request.
pub struct Answer {
    status: StatusCode,
    body: Body,
    notice: Option<Notice>,
    cookies: Vec<Cookie<'static>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    about: Option<Seal>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

impl Answer {
    fn new(status: StatusCode, body: Body) -> Self {
        Self { status, body, notice: None, cookies: Vec::new(), headers: Vec::new(), about: None }
    }

    /// A page.
    pub fn page(page: impl Page + 'static) -> Self {
        Self::new(StatusCode::OK, Body::Page(Box::new(page)))
    }

    /// A form that comes back as typed, with its problems: 422.
    pub fn refused(page: impl Page + 'static) -> Self {
        Self::page(page).status(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// A form that comes back because of too many tries: 429, with the seconds to wait.
    pub fn throttled(page: impl Page + 'static, seconds: i64) -> Self {
        Self::page(page).status(StatusCode::TOO_MANY_REQUESTS).header(RETRY_AFTER, &seconds.max(1).to_string())
    }

    /// A form that comes back because too many wait for their passwords to be hashed: 503, and when to try again.
    pub fn busy(page: impl Page + 'static) -> Self {
        const SECONDS: &str = "2";
        Self::page(page).status(StatusCode::SERVICE_UNAVAILABLE).header(RETRY_AFTER, SECONDS)
    }

    /// JSON for programs.
    pub fn json(text: String) -> Self {
        Self::new(StatusCode::OK, Body::Data("application/json; charset=utf-8", text.into()))
    }

    /// A file.
    pub fn bytes(kind: &'static str, bytes: Bytes) -> Self {
        Self::new(StatusCode::OK, Body::Data(kind, bytes))
    }

    /// A file to keep, made while it is sent: the next chunk is asked for when the client took the one before. After a
    /// failure the connection is cut, so that half a file cannot pass for a whole one. `name` is ours, in ASCII.
    pub fn download(
        kind: &'static str,
        name: &str,
        chunks: impl Stream<Item = Result<Bytes, Failure>> + 'static,
    ) -> Self {
        Self::new(StatusCode::OK, Body::Stream(kind, Box::pin(chunks)))
            .header(CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
    }

    /// Nothing to show: 204.
    pub fn nothing() -> Self {
        Self::new(StatusCode::NO_CONTENT, Body::Nothing)
    }

    /// What the forms of the page are about, or the page that a redirect leads to. Without it a page behind a session is
    /// about its organization and user.
    pub fn about(mut self, subject: impl form_token::Subject + 'static) -> Self {
        self.about = Some(Box::new(move |request| form_token::seal(request, &subject)));
        self
    }

    /// Another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A notice on the next page: what was done.
    pub fn notice(mut self, text: Text) -> Self {
        self.notice = Some(Notice { text, refused: false });
        self
    }

    /// A notice on the next page: why nothing was done.
    pub fn refusal(mut self, text: Text) -> Self {
        self.notice = Some(Notice { text, refused: true });
        self
    }

    /// A cookie.
    pub fn cookie(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// Not compressed: what is secret on the page could be guessed from its compressed length.
    pub fn uncompressed(self) -> Self {
        self.header(CONTENT_ENCODING, "identity")
    }

    /// A header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

/// Leads to another page of ours: 303, or a whole-page navigation for htmx.
pub fn see_other(url: impl Into<String>) -> Answer {
    Answer::new(StatusCode::SEE_OTHER, Body::Elsewhere(url.into()))
}

/// A redirect as a response: the next page is told what it is about in its address.
fn elsewhere(
    request: &HttpRequest,
    mut builder: HttpResponseBuilder,
    url: String,
    token: Option<String>,
) -> HttpResponse {
    let url = match token {
        Some(token) => form_token::in_address(&url, &token),
        None => url,
    };
    if let Some(cookie) = form_token::new_cookie(request) {
        builder.cookie(cookie);
    }
    match asked_piece(request) {
        Some(_) => builder.status(StatusCode::OK).insert_header(("HX-Redirect", url)).finish(),
        None => builder.insert_header((LOCATION, url)).finish(),
    }
}

/// A page as a response: its forms carry what they are about, and the browser what goes with it.
pub(super) fn with_forms(
    request: &HttpRequest,
    mut builder: HttpResponseBuilder,
    html: String,
    token: Option<String>,
) -> HttpResponse {
    let login = Identity::known(request).map(|identity| {
        let console = form_token::Console::of(&identity);
        form_token::seal(request, &console)
    });
    let html = match (token.or_else(|| form_token::noted(request)), login) {
        (Some(token), login) => form_token::into_forms(html, &token, login.as_deref()),
        (None, Some(login)) => form_token::into_forms(html, &login, None),
        (None, None) => html,
    };
    if let Some(cookie) = form_token::new_cookie(request) {
        builder.cookie(cookie);
    }
    builder.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(html)
}

/// Whether htmx asks, and for which element.
pub fn asked_piece(request: &HttpRequest) -> Option<&str> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let partial = header("HX-Request") == Some("true") && header("HX-Request-Type") != Some("full");
    partial.then(|| header("HX-Target").and_then(|target| target.split_once('#')).map_or("", |(_, id)| id))
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<BoxBody> {
        let mut builder = HttpResponse::build(self.status);
        for header in self.headers {
            builder.append_header(header);
        }
        if self.status.is_server_error() {
            builder.insert_header(("X-Reference", crate::access::origin::id(request)));
        }
        for cookie in self.cookies {
            builder.cookie(cookies::placed(request, cookie));
        }
        if let Some(notice) = &self.notice {
            builder.cookie(cookies::placed(request, flash::cookie(request, notice)));
        }
        match self.body {
            Body::Elsewhere(url) => elsewhere(request, builder, url, self.about.map(|about| about(request))),
            Body::Nothing => builder.finish(),
            Body::Data(kind, bytes) => builder.insert_header((CONTENT_TYPE, kind)).body(bytes),
            Body::Stream(kind, chunks) => builder.insert_header((CONTENT_TYPE, kind)).streaming(chunks),
            Body::Page(page) => {
                let values = frame::PageValues::of(request);
                if cookies::value(request, cookies::FLASH).is_some() {
                    let shown = Some(actix_web::cookie::time::Duration::ZERO);
                    let shown = cookies::cookie(cookies::FLASH, "", SameSite::Strict, shown);
                    builder.cookie(cookies::placed(request, shown));
                }
                let drawn = asked_piece(request)
                    .and_then(|target| page.piece(target, &values))
                    .unwrap_or_else(|| page.whole(&values));
                let token = self.about.map(|about| about(request));
                match drawn {
                    Ok(html) => with_forms(request, builder, html, token),
                    Err(cause) => HttpResponse::from_error(Failure::Template(cause)),
                }
            }
        }
    }
}
