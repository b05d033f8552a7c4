//! Every request gets an id, one log line, and an answer even when its handler panics.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;

use super::{probes, told};
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::origin::Noted;
use crate::access::origin::masked;
use crate::base::cause::words_of;
use crate::platform::metrics::Counted;

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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use actix_web::middleware::from_fn;
    use actix_web::test as http;

    use super::*;
    use crate::access::Visitor;
    use crate::access::site::Site;
    use crate::base::clock::SystemClock;
    use crate::base::entropy::SystemEntropy;
    use crate::platform::mail::Mailbox;
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
        let config = crate::platform::config::load(crate::platform::config::Source { environment }).unwrap();
        let app = App::start(
            config,
            Site::default(),
            Arc::new(SystemClock),
            Arc::new(SystemEntropy),
            Mailbox::default(),
            |_, _, _, _, _| Ok(()),
        )
        .unwrap();
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
