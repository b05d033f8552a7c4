//! Every request gets an id, one log line, and an answer even when its handler panics.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::FutureExt;

use super::address;
use crate::app::App;
use crate::failure::Failure;
use crate::store::Origin;

/// The id of a request, in its log line, in audit events and on error pages.
#[derive(Clone, Debug)]
pub struct RequestId(String);

/// The id of a request.
pub fn id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// Where a request came from, for transactions. Fails when a configured proxy names no readable client.
pub fn origin(request: &HttpRequest) -> Result<Origin, Failure> {
    let app = App::of(request);
    let agent = request.headers().get("User-Agent").and_then(|value| value.to_str().ok());
    Ok(Origin {
        address: Some(address::client_address(request, &app.config.proxies)?),
        agent: agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(200).collect()),
        request: Some(id(request)),
        operator: false,
    })
}

/// Gives the request its id and writes the log line: one short line, without the query string, and with the secret of
/// a mailed link masked (ASVS 14.2.1, 16.2.5). Static files are not logged.
pub async fn note_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = data_encoding::HEXLOWER.encode(&App::of(request.request()).entropy().bytes::<8>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let started = std::time::Instant::now();
    let response = next.call(request).await?;
    let request = response.request();
    if !request.path().starts_with("/static/") {
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        tracing::info!(request = id, method = %request.method(), path = masked(request.path()), status, micros, "request");
    }
    Ok(response)
}

/// A handler that panics ends its own request and nothing else. Wrapped around each route, where the request can be
/// kept; `web/failures.rs` draws the page (ASVS 16.5.4).
pub async fn catch_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let kept = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => Ok(response?.map_into_boxed_body()),
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            let failure = Failure::Internal(format!("panic: {words}"));
            Ok(ServiceResponse::new(kept, HttpResponse::from_error(failure)))
        }
    }
}

/// A path without the secret of a mailed link.
pub(super) fn masked(path: &str) -> String {
    path.split('/')
        .map(|segment| if crate::entropy::Token::parse(segment).is_some() { "***" } else { segment })
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows ASVS 16.2.5; attack 11.
    #[test]
    fn asvs_14_2_1_the_log_masks_mailed_secrets() {
        let token = "A".repeat(43);
        assert_eq!(masked(&format!("/invitation/{token}")), "/invitation/***");
        assert_eq!(masked("/account/sessions"), "/account/sessions");
    }

    #[actix_web::test]
    #[expect(clippy::disallowed_methods, reason = "a route of the test's own")]
    async fn asvs_16_5_4_a_handler_that_panics_ends_its_own_request_alone() {
        use actix_web::middleware::from_fn;
        use actix_web::{App, test, web};

        async fn falls() -> HttpResponse {
            panic!("for a test")
        }
        let broken = web::get().to(falls).wrap(from_fn(catch_panics));
        let sound = web::get().to(async || HttpResponse::Ok()).wrap(from_fn(catch_panics));
        let service = test::init_service(App::new().route("/broken", broken).route("/sound", sound)).await;
        for (path, status) in [("/broken", 500), ("/sound", 200), ("/broken", 500), ("/sound", 200)] {
            let request = test::TestRequest::get().uri(path).to_request();
            assert_eq!(test::call_service(&service, request).await.status(), status, "{path}");
        }
    }
}
