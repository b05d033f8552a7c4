//! Failures as problem details (RFC 9457).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{StatusCode, header::HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::web::failures::{Drawn, keeping_allow};

/// What a program is told of a failure. `type` is left out, which means `about:blank`: the status and the code say what it is.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    /// One word for each kind of failure, which does not change.
    code: &'a str,
    /// By which an administrator or the operator finds the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

/// Turns failures and bare error responses into problem details.
pub async fn describe_failures(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(failure) = Drawn::of_response(&response) else { return Ok(response) };
    let (request, response) = response.into_parts();
    let described = describe(&request, &failure).await;
    Ok(ServiceResponse::new(request, keeping_allow(&response, described)))
}

async fn describe(request: &HttpRequest, failure: &Drawn) -> HttpResponse {
    let reference = failure.note(request).await;
    // Pages lead to a login, which a program cannot follow.
    let status = if failure.status.is_redirection() { StatusCode::FORBIDDEN } else { failure.status };
    let mut builder = HttpResponse::build(status);
    builder.content_type("application/problem+json");
    if status == StatusCode::UNAUTHORIZED {
        builder.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    if let Some(seconds) = failure.wait {
        builder.insert_header((RETRY_AFTER, seconds.max(1).to_string()));
    }
    let title = status.canonical_reason().unwrap_or_default();
    let code = if status == StatusCode::BAD_REQUEST { "bad-request" } else { failure.kind };
    let problem = Problem { title, status: status.as_u16(), code, reference };
    builder.body(serde_json::to_vec(&problem).unwrap_or_default())
}
