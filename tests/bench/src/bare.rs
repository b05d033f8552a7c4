//! The yardstick: one askama page behind actix-web, without a store, sessions or middleware, in a process of its own
//! like the server under test. The page is as long as the home page and is drawn anew for every request.

use actix_web::{App, HttpResponse, HttpServer, web};
use askama::Template;

#[derive(Template)]
#[template(
    source = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{{ title }}</title></head><body><h1>{{ title }}</h1><table>{% for row in rows %}<tr><td>{{ row.0 }}</td><td>{{ row.1 }}</td></tr>{% endfor %}</table></body></html>",
    ext = "html"
)]
struct Page {
    title: &'static str,
    rows: Vec<(usize, &'static str)>,
}

fn page(rows: usize) -> askama::Result<String> {
    let rows = (0..rows).map(|number| (number, "A row with some words in it, and <marks> to escape")).collect();
    Page { title: "A bare page", rows }.render()
}

/// Serves the page at `/` for as long as the process lives.
#[expect(clippy::disallowed_methods, reason = "no console: the one route of the yardstick")]
pub fn serve(port: u16, bytes: usize) -> std::io::Result<()> {
    let rows = (1..).find(|rows| page(*rows).is_ok_and(|page| page.len() >= bytes)).unwrap_or_default();
    let service = move || {
        let draw = move || async move {
            match page(rows) {
                Ok(page) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page),
                Err(_) => HttpResponse::InternalServerError().finish(),
            }
        };
        App::new().route("/", web::get().to(draw))
    };
    let server = HttpServer::new(service).tcp_nodelay(true).bind(("127.0.0.1", port))?;
    actix_web::rt::System::new().block_on(server.run())
}
