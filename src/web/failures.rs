//! Draws what ends a request: always as a page, with a reference code where the event can be looked up.

use crate::access::origin;
use crate::access::refusals::record;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::{asked_piece, frame, shield, told};
use crate::access::Identity;
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::base::i18n::filters;
use crate::base::network::is_loopback;
use crate::base::urls;
use crate::platform::events::Reason;

/// The page of a failure: heading and text by message id, and what to do next.
#[derive(Template)]
#[template(path = "failure.html")]
pub struct FailurePage {
    /// Icon of the sprite.
    pub icon: &'static str,
    /// Message id of the heading.
    pub heading: &'static str,
    /// Message id of the text.
    pub text: &'static str,
    /// The address the client comes from, where that is what is wrong.
    pub address: Option<String>,
    /// A code an administrator or the operator can look up.
    pub reference: Option<String>,
    /// The host whose cookies the browser does not send.
    pub host: String,
    /// The organization and the address of the user whose page a form was on, where another one is logged in now.
    pub shown: Option<(String, Option<String>)>,
    /// What came and what was expected, for the person who sets this installation up on their own machine.
    pub compared: Option<(String, String)>,
    /// The page to try again, where trying again makes sense.
    pub again: Option<String>,
    /// Whether somebody is logged in.
    pub home: &'static str,
}
crate::pages! { FailurePage; }

/// Turns failures and bare error responses into pages.
pub async fn draw_failures(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(failure) = Drawn::of_response(&response) else { return Ok(response) };
    let (request, response) = response.into_parts();
    let drawn = failure.draw(&request).await;
    Ok(ServiceResponse::new(request, keeping_allow(&response, drawn)))
}

/// A drawn failure with the methods that the router allows.
pub(super) fn keeping_allow(response: &HttpResponse, mut drawn: HttpResponse) -> HttpResponse {
    if let Some(allow) = response.headers().get(ALLOW) {
        drawn.headers_mut().insert(ALLOW, allow.clone());
    }
    drawn
}

/// Tells the log of a request that failed. A flood that is turned away does not fill it: the next line says how many there
/// were.
fn log(request: &HttpRequest, kind: &str, cause: &str) {
    let app = App::of(request);
    let left_out = match kind {
        "busy" => app.busy_log.line(app.clock().now().utc().timestamp()),
        _ => Some(0),
    };
    if let Some(left_out) = left_out {
        let left_out = (left_out > 0).then_some(left_out);
        let (id, path) = (origin::id(request), origin::masked(request.path()));
        tracing::error!(request = id, cause, path, left_out, "a request failed");
    }
}

/// What is drawn of a failure.
pub(super) struct Drawn {
    pub(super) status: StatusCode,
    /// Middle part of the message ids.
    pub(super) kind: &'static str,
    /// The stable word of the audit event; `None` where nothing is recorded.
    reason: Option<Reason>,
    cause: Option<String>,
    pub(super) wait: Option<i64>,
    address: Option<String>,
    /// The organization whose page a form was on, and the address of its user.
    shown: Option<(String, Option<String>)>,
}

impl Drawn {
    /// What is to be drawn in the place of a response; `None` for one that is whole.
    pub(super) fn of_response(response: &ServiceResponse<BoxBody>) -> Option<Self> {
        match response.response().error() {
            Some(error) => {
                let failure = error.as_error::<Failure>().map(Self::of);
                Some(failure.unwrap_or_else(|| Self::unexpected(response.status(), error)))
            }
            None => {
                let bare = response.status().is_client_error() && response.headers().get(CONTENT_TYPE).is_none();
                bare.then(|| Self::bare(response.status()))
            }
        }
    }

    fn of(failure: &Failure) -> Self {
        use actix_web::ResponseError;
        let (kind, reason) = match failure {
            Failure::NotFound => ("missing", Some(Reason::NotThere)),
            Failure::LoginNeeded => ("login", None),
            Failure::ConfirmationNeeded => ("confirmation", None),
            Failure::SecondFactorNeeded => ("second-factor", None),
            Failure::RepairNeeded => ("repair", None),
            Failure::PasswordExpired => ("expired", None),
            Failure::Outside(_) => ("outside", Some(Reason::Outside)),
            Failure::Forbidden(_) => ("forbidden", Some(Reason::Forbidden)),
            Failure::TokenNeeded => ("token", None),
            Failure::CrossSite => ("cross-site", Some(Reason::CrossSite)),
            Failure::OtherUser { .. } => ("other-user", Some(Reason::OtherUser)),
            Failure::NotOurForm => ("not-our-form", Some(Reason::NotOurForm)),
            Failure::NoCookies => ("cookies", None),
            Failure::BadForm => ("bad-form", None),
            Failure::UnreadableAddress => ("address", Some(Reason::UnreadableAddress)),
            Failure::UnsupportedType => ("type", None),
            Failure::TooLarge => ("large", None),
            Failure::TooSlow => ("slow", None),
            Failure::MethodNotAllowed => ("method", None),
            Failure::Misdirected => ("host", None),
            Failure::Busy => ("busy", None),
            Failure::Unavailable(_) => ("busy", None),
            Failure::OutcomeUnknown => ("unknown", Some(Reason::OutcomeUnknown)),
            Failure::Store(_) | Failure::Template(_) | Failure::Internal(_) => ("broken", Some(Reason::Internal)),
        };
        let wait = match failure {
            Failure::Busy | Failure::Unavailable(_) | Failure::OutcomeUnknown => Some(2),
            _ => None,
        };
        let status = failure.status_code();
        let cause = (status.is_server_error() || status == StatusCode::FORBIDDEN).then(|| failure.to_string());
        let address = match failure {
            Failure::Outside(address) => Some(address.to_string()),
            _ => None,
        };
        let shown = match failure {
            Failure::OtherUser { shown, email } => Some((shown.clone(), email.clone())),
            _ => None,
        };
        Self { status, kind, reason, cause, wait, address, shown }
    }

    /// An error of the framework that is not a failure of ours.
    fn unexpected(status: StatusCode, error: &actix_web::Error) -> Self {
        match status {
            status if status.is_client_error() => Self::bare(status),
            _ => Self {
                status,
                kind: "broken",
                reason: Some(Reason::Internal),
                cause: Some(error.to_string()),
                wait: None,
                address: None,
                shown: None,
            },
        }
    }

    /// A response with a status and nothing else, as the router makes them.
    fn bare(status: StatusCode) -> Self {
        let kind = match status {
            StatusCode::METHOD_NOT_ALLOWED => "method",
            StatusCode::NOT_FOUND => "missing",
            StatusCode::PAYLOAD_TOO_LARGE => "large",
            _ => "bad-form",
        };
        Self { status, kind, reason: None, cause: None, wait: None, address: None, shown: None }
    }

    async fn draw(self, request: &HttpRequest) -> HttpResponse {
        if let Some(url) = self.login(request) {
            return lead_to(request, url);
        }
        let reference = self.note(request).await;
        self.page(request, reference)
    }

    /// Notes the failure in the log and in the audit log; gives the code by which it is found.
    pub(super) async fn note(&self, request: &HttpRequest) -> Option<String> {
        if let Some(cause) = &self.cause
            && self.status.is_server_error()
        {
            log(request, self.kind, cause);
        }
        told::refused(request, self.kind);
        let recorded = match self.reason {
            // A page that is not there is asked for by a mistyped address; a change of what is not there is on record. No code
            // is shown, so that what is missing and what is another organization's look the same.
            Some(Reason::NotThere) => {
                if request.method() == Method::POST && Identity::known(request).is_some() {
                    record(request, self.status, Reason::NotThere, None).await;
                }
                None
            }
            Some(reason) => record(request, self.status, reason, None).await,
            None => None,
        };
        // Where the store takes no event now, the log still knows the request.
        let logged = || self.status.is_server_error().then(|| origin::id(request));
        recorded.or_else(logged)
    }

    /// Where the request can be gone on with after a login, a confirmation or a new password.
    fn login(&self, request: &HttpRequest) -> Option<String> {
        let here = || crate::web::interrupted::return_to(request);
        match self.kind {
            "login" => Some(urls::login_then(&here())),
            "confirmation" => Some(urls::confirmation(&here())),
            "expired" => Some(urls::expired(&here())),
            "second-factor" => Some(urls::login_again(&here())),
            "repair" => Some(urls::RECOVERY.to_owned()),
            _ => None,
        }
    }

    fn page(self, request: &HttpRequest, reference: Option<String>) -> HttpResponse {
        const TEXTS: &[(&str, &str, &str, &str)] = &[
            ("missing", "failure-missing-title", "failure-missing", "search"),
            ("forbidden", "failure-forbidden-title", "failure-forbidden", "lock"),
            ("token", "failure-forbidden-title", "failure-forbidden", "lock"),
            ("cross-site", "failure-cross-site-title", "failure-cross-site", "shield-alert"),
            ("other-user", "failure-other-user-title", "failure-other-user", "circle-alert"),
            ("not-our-form", "failure-not-our-form-title", "failure-not-our-form", "circle-alert"),
            ("cookies", "failure-cookies-title", "failure-cookies", "circle-alert"),
            ("bad-form", "failure-bad-form-title", "failure-bad-form", "circle-alert"),
            ("outside", "failure-outside-title", "failure-outside", "shield-alert"),
            ("address", "failure-address-title", "failure-address", "shield-alert"),
            ("type", "failure-type-title", "failure-type", "circle-alert"),
            ("large", "failure-large-title", "failure-large", "circle-alert"),
            ("slow", "failure-slow-title", "failure-slow", "clock"),
            ("method", "failure-method-title", "failure-method", "circle-alert"),
            ("host", "failure-host-title", "failure-host", "circle-alert"),
            ("busy", "failure-busy-title", "failure-busy", "clock"),
            ("unknown", "failure-unknown-title", "failure-unknown", "clock"),
            ("broken", "failure-broken-title", "failure-broken", "triangle-alert"),
        ];
        let (_, heading, text, icon) =
            TEXTS.iter().find(|(kind, ..)| *kind == self.kind).unwrap_or(&TEXTS[TEXTS.len() - 1]);
        let retry = matches!(
            self.kind,
            "busy" | "unknown" | "not-our-form" | "bad-form" | "type" | "large" | "slow" | "cross-site"
        );
        let on_loopback = is_loopback(App::of(request).config.public_url.host_name());
        let page = FailurePage {
            icon,
            heading,
            text,
            address: self.address,
            host: App::of(request).config.public_url.host().to_owned(),
            shown: self.shown,
            reference: reference.clone(),
            compared: on_loopback.then(|| shield::compared(request, self.kind)).flatten(),
            again: retry.then(|| request.path()).filter(|path| App::of(request).site.opens(path)).map(str::to_owned),
            home: if Identity::of(request).is_some() { urls::CONSOLE } else { urls::START },
        };
        let mut builder = HttpResponseBuilder::new(self.status);
        if let Some(seconds) = self.wait {
            builder.insert_header((RETRY_AFTER, seconds.max(1).to_string()));
        }
        if let Some(reference) = reference
            && let Ok(value) = HeaderValue::from_str(&reference)
        {
            builder.insert_header((HeaderName::from_static("x-reference"), value));
        }
        match page.render_with_values(&frame::PageValues::of(request)) {
            Ok(html) => super::answer::with_forms(request, builder, html, None),
            Err(cause) => {
                tracing::error!(%cause, "the failure page cannot be drawn");
                builder.finish()
            }
        }
    }
}

/// 303 for a page, 401 with a whole-page redirect for htmx.
fn lead_to(request: &HttpRequest, url: String) -> HttpResponse {
    match asked_piece(request) {
        Some(_) => HttpResponse::Unauthorized().insert_header(("HX-Redirect", url)).finish(),
        None => HttpResponse::SeeOther().insert_header((LOCATION, url)).finish(),
    }
}
