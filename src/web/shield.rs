//! The headers of every response, the host check, and the check that a change comes from our own pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, LOCATION, ORIGIN, REFERER,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, Version};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::base::public_url::PublicUrl;
use crate::platform::config::{Config, Mode};

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
    let subdomains = App::of(response.request()).config.operations.hsts_subdomains;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, CSP);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    // Not no-referrer: browsers then send `Origin: null` with our own form posts.
    set(REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // Subdomains only where the operator says that all of them have https: all cookies are `__Host-`, so that none of them
    // can plant one here.
    set(STRICT_TRANSPORT_SECURITY, if subdomains { "max-age=63072000; includeSubDomains" } else { "max-age=63072000" });
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(VARY, HeaderValue::from_static("HX-Request"));
    }
    Ok(response)
}

/// Below HTTP/1.1 there are no chunks (RFC 9112 section 6.1): nothing is compressed on the way, so that a page goes with its
/// length, and what has none ends with the connection.
pub async fn keep_whole_for_http_1_0(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if request.version() >= Version::HTTP_11 {
        return next.call(request).await;
    }
    request.headers_mut().remove(ACCEPT_ENCODING);
    let mut response = next.call(request).await?;
    let head = response.response_mut().head_mut();
    head.no_chunking(true);
    head.set_connection_type(ConnectionType::Close);
    Ok(response)
}

/// No request for another host, and no change from another site (ASVS 3.5.1).
pub async fn check_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // No page of ours, and the beginning of an address of another host wherever it is written down.
    if request.uri().path().starts_with("//") {
        return Ok(request.error_response(Failure::NotFound));
    }
    if let Some(failure) = refuse(&request) {
        return Ok(request.error_response(failure));
    }
    if let Some(elsewhere) = at_public_url(&request) {
        let moved = HttpResponse::TemporaryRedirect().insert_header((LOCATION, elsewhere)).finish();
        return Ok(request.into_response(moved));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// No program's request for another host. Nothing else is looked at: a program sends no cookie, so no page of another site
/// can make a browser act for its user here.
pub async fn check_host(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match is_misdirected(request.request()) {
        true => Ok(request.error_response(Failure::Misdirected)),
        false => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

fn is_misdirected(request: &HttpRequest) -> bool {
    let config = &App::of(request).config;
    !hosts(request).iter().all(|host| answers_to(config, host))
}

fn refuse(request: &ServiceRequest) -> Option<Failure> {
    let config = &App::of(request.request()).config;
    if is_misdirected(request.request()) {
        return Some(Failure::Misdirected);
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    (changes && !is_from_our_pages(request, config)).then_some(Failure::CrossSite)
}

/// What the browser says of where a form was: `Sec-Fetch-Site`, else `Origin`, else, for browsers that send neither, the
/// beginning of `Referer`. Without any of them nothing is believed.
fn is_from_our_pages(request: &ServiceRequest, config: &Config) -> bool {
    let header = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    match (header(HeaderName::from_static("sec-fetch-site")), header(ORIGIN), header(REFERER)) {
        (Some(site), _, _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), _) => config.public_url.is_origin_of(origin),
        (None, None, Some(referer)) => config.public_url.is_origin_of(referer),
        (None, None, None) => false,
    }
}

/// The hosts that a request names: its header, and the request line's own, which then counts, too (RFC 9112 section 3.2.2).
fn hosts(request: &HttpRequest) -> Vec<String> {
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = request.head().uri.authority().map(|authority| authority.as_str().to_owned());
    [Some(header.to_owned()), named].into_iter().flatten().collect()
}

/// The public host in production; only loopback names in development, where captured mails must not be readable
/// through a name that somebody else controls.
pub(crate) fn answers_to(config: &Config, host: &str) -> bool {
    match config.mode {
        Mode::Production => config.public_url.is_host(host),
        Mode::Development => PublicUrl::is_local(host),
    }
}

/// Where a page is at the public URL, when a browser in development opened it by another name of this machine: cookies
/// and the origin of forms belong to one name.
fn at_public_url(request: &ServiceRequest) -> Option<String> {
    let config = &App::of(request.request()).config;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let named = hosts(request.request());
    let elsewhere = named.iter().any(|host| PublicUrl::name_in(host).as_deref() != Some(config.public_url.host_name()));
    (config.mode == Mode::Development && reads && elsewhere).then(|| {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        config.public_url.link(path)
    })
}

/// What a refusal compared: what came, and what was expected instead. `None` for refusals that compare nothing.
pub(super) fn compared(request: &HttpRequest, failure: &str) -> Option<(String, String)> {
    let config = &App::of(request).config;
    let sent = |name: &str| {
        let lines: Vec<_> =
            request.headers().get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        (!lines.is_empty()).then(|| format!("{name}: {}", lines.join(", ")))
    };
    let (came, expected) = match failure {
        "host" => (format!("Host: {}", hosts(request).join(", ")), format!("Host: {}", config.public_url.host())),
        "cross-site" => {
            let came =
                sent("Sec-Fetch-Site").into_iter().chain(sent("Origin")).chain(sent("Referer")).collect::<Vec<_>>();
            (came.join("; "), format!("Sec-Fetch-Site: same-origin, or Origin: {}", config.public_url.origin()))
        }
        "address" => {
            let name = config.proxies.header_name();
            (sent(name).unwrap_or_default(), format!("{name}: the client's address, which the proxy sets"))
        }
        _ => return None,
    };
    let came: String = came.chars().filter(|c| !c.is_control()).take(200).collect();
    Some((if came.is_empty() { "-".to_owned() } else { came }, expected))
}
