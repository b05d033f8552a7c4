//! What load balancers ask: one word each, on the public port, by whatever host name (ASVS 13.4.5).

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::access::app::App;
use crate::access::failure::Failure;

/// The database has this long to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The paths of the probes.
pub const PATHS: [&str; 2] = [crate::base::urls::ALIVE, crate::base::urls::READY];

/// The process answers.
pub async fn alive(request: HttpRequest) -> HttpResponse {
    if !is_spelt_out(&request) {
        return HttpResponse::from_error(Failure::NotFound);
    }
    say(StatusCode::OK, "ok")
}

/// Requests may be sent here: the server is not about to stop, its clock agrees with the database's, and the database
/// answers, has its tables and takes writes.
pub async fn ready(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    if !is_spelt_out(&request) {
        return HttpResponse::from_error(Failure::NotFound);
    }
    if app.background.is_draining() {
        return say(StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    if app.background.is_clock_wrong() {
        return say(StatusCode::SERVICE_UNAVAILABLE, "clock");
    }
    match tokio::time::timeout(PATIENCE, app.store.is_ready()).await {
        Ok(Ok(true)) => say(StatusCode::OK, "ready"),
        _ => say(StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    }
}

/// A proxy that hides the probes compares what the client wrote; another spelling of the same path must not be a way round.
fn is_spelt_out(request: &HttpRequest) -> bool {
    PATHS.contains(&request.uri().path())
}

fn say(status: StatusCode, word: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header((RETRY_AFTER, "2"));
    }
    answer.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(word)
}
