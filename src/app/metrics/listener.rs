//! The operator's listener: metrics and nothing else, apart from the port that the world sees (ASVS 13.4.5).

use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, HttpServer, web};

use super::text;
use crate::access::app::App;

/// A server that listens already, with the address it got; `None` where the operator has named none.
#[expect(clippy::disallowed_methods, reason = "the one route of a listener that people never reach")]
pub fn listen(app: &App) -> std::io::Result<Option<(Server, SocketAddr)>> {
    let Some(wanted) = app.config.operations.metrics_listen else {
        return Ok(None);
    };
    let data = web::Data::new(app.clone());
    let server =
        HttpServer::new(move || actix_web::App::new().app_data(data.clone()).route("/metrics", web::get().to(metrics)));
    // It goes on answering while the other one drains, and has nothing to drain itself.
    let server =
        server.workers(1).disable_signals().shutdown_timeout(1).bind(wanted).map_err(|cause| {
            std::io::Error::new(cause.kind(), format!("VESTIBULE_METRICS_LISTEN ({wanted}): {cause}"))
        })?;
    let address = server.addrs().first().copied().unwrap_or(wanted);
    Ok(Some((server.run(), address)))
}

async fn metrics(app: web::Data<App>) -> HttpResponse {
    let body = super::report(&app).await;
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, text::CONTENT_TYPE))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}
