//! The headers of every response, the host check, and the check that a change comes from our own pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;

use crate::app::App;
use crate::config::{Config, Mode};
use crate::failure::Failure;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Headers on everything, refusals and errors included (ASVS 3.4.1 to 3.4.6, 14.3.2).
pub async fn set_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    // Whoever keeps the connection would send the next request into a server that is gone.
    if App::of(response.request()).background.is_draining() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, CSP);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    // Not no-referrer: browsers then send `Origin: null` with our own form posts.
    set(REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(VARY, HeaderValue::from_static("HX-Request"));
    }
    Ok(response)
}

/// No request for another host, and no change from another site (ASVS 3.5.1).
pub async fn check_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match refuse(&request) {
        Some(failure) => Ok(request.error_response(failure)),
        None => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

fn refuse(request: &ServiceRequest) -> Option<Failure> {
    let config = &App::of(request.request()).config;
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    // A request line may name a host of its own, which then counts (RFC 9112 section 3.2.2).
    let named = request.head().uri.authority().map(|authority| authority.as_str());
    if !answers_to(config, header(HOST).unwrap_or_default()) || !named.is_none_or(|host| answers_to(config, host)) {
        return Some(Failure::Misdirected);
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let ours = match header(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => header(ORIGIN) == Some(config.public_url.origin()),
    };
    (!ours).then_some(Failure::CrossSite)
}

/// The public host in production; only loopback names in development, where captured mails must not be readable
/// through a name that somebody else controls.
fn answers_to(config: &Config, host: &str) -> bool {
    match config.mode {
        Mode::Production => host.eq_ignore_ascii_case(config.public_url.host()),
        Mode::Development => {
            let name = host
                .rsplit_once(':')
                .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
                .map_or(host, |(name, _)| name);
            matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        }
    }
}
