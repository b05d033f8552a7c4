//! Every request gets an id, one log line, and an answer even when its handler panics.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;

use super::{address, probes, told};
use crate::app::App;
use crate::failure::{Failure, words_of};
use crate::metrics::Counted;
use crate::store::Origin;

/// What is noted of a request: its id, in its log line, in audit events and on error pages; and the line of the list of
/// routes that answers it, once that is known.
struct Noted {
    id: String,
    route: Cell<Option<usize>>,
}

/// The id of a request.
pub fn id(request: &HttpRequest) -> String {
    request.extensions().get::<Noted>().map(|noted| noted.id.clone()).unwrap_or_default()
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
        session: None,
        route: Some(format!("{} {}", request.method(), request.match_pattern().unwrap_or_default())),
    })
}

/// A request that is being answered; one whose client goes away is dropped on the way.
struct InFlight(web::Data<App>);

impl InFlight {
    fn begin(app: &web::Data<App>) -> Self {
        app.metrics.begin();
        Self(app.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.metrics.end();
    }
}

/// Gives the request its id, counts it, and writes the log line: one short line, without the query string, and with the
/// secret of a mailed link masked (ASVS 14.2.1, 16.2.5). Static files and probes are not logged.
pub async fn note_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let in_flight = InFlight::begin(App::handle(request.request()));
    let id = data_encoding::HEXLOWER.encode(&in_flight.0.entropy().bytes::<8>());
    request.extensions_mut().insert(Noted { id: id.clone(), route: Cell::new(None) });
    let started = std::time::Instant::now();
    let response = next.call(request).await?;
    let (request, took, status) = (response.request(), started.elapsed(), response.status().as_u16());
    let route = request.extensions().get::<Noted>().and_then(|noted| noted.route.get());
    let counted = match route {
        Some(number) => Counted::Route(number),
        None if request.path().starts_with("/static/") => Counted::File,
        None if probes::PATHS.contains(&request.path()) => Counted::Probe,
        None => Counted::Nothing,
    };
    in_flight.0.metrics.answered(counted, status, took);
    if !matches!(counted, Counted::File | Counted::Probe) {
        told::unfit_proxy(request);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(request = id, method = %request.method(), path = masked(request.path()), status, micros, "request");
    }
    Ok(response)
}

/// Notes which line of the list of routes answers.
pub fn note_route(request: &HttpRequest, number: usize) {
    if let Some(noted) = request.extensions().get::<Noted>() {
        noted.route.set(Some(number));
    }
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
            let failure = Failure::Internal(format!("panic: {}", words_of(panic.as_ref())));
            Ok(ServiceResponse::new(kept, HttpResponse::from_error(failure)))
        }
    }
}

/// Letters of base64url in a row that may be a secret: tokens have 43, ids 36.
const SECRET: usize = 40;

/// A path without secrets: a run of letters that may be one is masked whatever stands around it, and however much of it is
/// percent-encoded, as such a path may reach a page or be tried by hand.
pub(super) fn masked(path: &str) -> String {
    let (mut out, mut run, mut rest) = (String::with_capacity(path.len()), 0, path);
    let mut kept = 0;
    while let Some((is_letter, length)) = unit(rest) {
        let (here, next) = rest.split_at(length);
        if is_letter {
            run += 1;
        } else {
            run = 0;
        }
        match run {
            0 => {
                out.push_str(here);
                kept = out.len();
            }
            SECRET => {
                out.truncate(kept);
                out.push_str("***");
            }
            run if run < SECRET => out.push_str(here),
            _ => {}
        }
        rest = next;
    }
    out
}

/// The next character of a path, or the bytes that stand for one: whether it is a letter of base64url, and its length.
fn unit(path: &str) -> Option<(bool, usize)> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let first = path.chars().next()?;
    // Encoded once or several times: `%41`, `%2541`.
    if let Some(after) = path.strip_prefix('%') {
        let digits = after.trim_start_matches("25");
        let hex = digits.as_bytes().get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            return Some((is_letter(byte), path.len() - digits.len() + 2));
        }
    }
    Some((u8::try_from(first).is_ok_and(is_letter), first.len_utf8()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use actix_web::middleware::from_fn;
    use actix_web::test as http;

    use super::*;
    use crate::auth::Visitor;
    use crate::clock::SystemClock;
    use crate::entropy::SystemEntropy;
    use crate::mail::Mailbox;
    use crate::web::Reply;

    /// What is logged on this thread while the guard lives.
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    async fn panics(_: Visitor) -> Reply {
        panic!("something that nobody foresaw")
    }

    #[actix_web::test]
    #[expect(clippy::disallowed_methods, reason = "a route that is no page of ours")]
    async fn asvs_16_5_4_a_handler_that_panics_is_logged_with_its_request_and_the_process_lives() {
        let folder = std::env::temp_dir().join(format!("vestibule-panic-{}", std::process::id()));
        let environment = [("VESTIBULE_DATA_DIR".to_owned(), folder.display().to_string())].into();
        let config = crate::config::load(crate::config::Source { environment }).unwrap();
        let app = App::start(config, Arc::new(SystemClock), Arc::new(SystemEntropy), Mailbox::default()).unwrap();
        let route = crate::web::guard::get("/panic/{secret}", panics).route(0);
        let pages = web::scope("").wrap(from_fn(crate::web::draw_failures)).route("/panic/{secret}", route);
        let pages = pages.route("/fine", web::get().to(|| async { "fine" }));
        let service = actix_web::App::new().app_data(web::Data::new(app)).wrap(from_fn(note_requests)).service(pages);
        let service = http::init_service(service).await;
        let heard = Heard::default();
        let writer = heard.clone();
        let log = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        let guard = tracing::subscriber::set_default(log);
        let token = "A".repeat(43);
        let request = http::TestRequest::get().uri(&format!("/panic/{token}")).peer_addr(([127, 0, 0, 1], 9).into());
        let answer = http::call_service(&service, request.to_request()).await;
        assert_eq!(answer.status(), 500);
        let reference = answer.headers().get("x-reference").expect("a reference code").to_str().unwrap().to_owned();
        let page = String::from_utf8(http::read_body(answer).await.to_vec()).unwrap();
        assert!(page.contains(&reference) && !page.contains("nobody foresaw"), "{page}");
        drop(guard);
        let log = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let fields =
            |words: &str| &lines.iter().find(|line| line["fields"]["message"] == words).expect(words)["fields"];
        let (failed, ended) = (fields("a request failed"), fields("request"));
        assert!(failed["cause"].as_str().unwrap().contains("nobody foresaw"), "{failed}");
        assert_eq!(failed["request"], ended["request"]);
        assert_eq!((&failed["path"], &ended["status"]), (&"/panic/***".into(), &500.into()), "{log}");
        assert!(!log.contains(&token), "{log}");
        let fine = http::call_service(&service, http::TestRequest::get().uri("/fine").to_request()).await;
        assert_eq!(fine.status(), 200);
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Shows ASVS 16.2.5; attack 11.
    #[test]
    fn asvs_14_2_1_the_log_masks_mailed_secrets() {
        let token = "A".repeat(43);
        assert_eq!(masked(&format!("/invitation/{token}")), "/invitation/***");
        assert_eq!(masked("/account/sessions"), "/account/sessions");
    }

    #[test]
    fn a_token_is_masked_whatever_follows_it() {
        let token = "Ab3-_".repeat(9)[..43].to_owned();
        for after in ["", ".", "%3E", "%29", ",x", "%2F", "/x", "'", "%20y", ";a=b", "%", "%2"] {
            assert_eq!(masked(&format!("/invitation/{token}{after}")), format!("/invitation/***{after}"));
            assert_eq!(masked(&format!("/invitation/x.{token}{after}")), format!("/invitation/x.***{after}"));
        }
        // Cut, longer, and with some or all of it encoded.
        for shape in
            [token[..40].to_owned(), format!("{token}zzzz"), token.replace('b', "%62"), token.replace('b', "%2562")]
        {
            assert_eq!(masked(&format!("/password-reset/{shape}")), "/password-reset/***", "{shape}");
        }
        let all: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
        assert_eq!(masked(&format!("/x/{all}/y")), "/x/***/y");
        // What is no secret stays: ids, names, and paths of many parts.
        for path in
            ["/audit/0195a3c5-0000-7000-8000-000000000001", "/p/%ED%95%9C%EA%B5%AD", "/a-b_c/d", "/", "", "/%zz"]
        {
            assert_eq!(masked(path), path);
        }
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
