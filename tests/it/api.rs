//! The scope of programs. No route of it is public yet, so the tests mount one of each method.

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service, read_body};
use actix_web::web::Path;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vestibule::access::Bearer;
use vestibule::access::failure::Failure;
use vestibule::app::routes::api_routes;
use vestibule::app::server::service_with;
use vestibule::web::api::{ApiAnswer, ApiReply, Json};
use vestibule::web::guard::{Endpoint, api};

use crate::support::TestApp;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

async fn read(_: Bearer, id: Path<String>) -> ApiReply {
    match id.as_str() {
        "missing" => Err(Failure::NotFound),
        "broken" => Err(Failure::Internal("a secret cause".to_owned())),
        "panic" => panic!("a handler that panics"),
        _ => ApiAnswer::value(&Note { text: id.into_inner() }),
    }
}

async fn make(_: Bearer, note: Json<Note>) -> ApiReply {
    ApiAnswer::created("/api/notes/1".to_owned(), &note.0)
}

async fn change(_: Bearer, _: Path<String>, note: Json<Note>) -> ApiReply {
    ApiAnswer::value(&note.0)
}

async fn remove(_: Bearer, _: Path<String>) -> ApiReply {
    Ok(ApiAnswer::nothing())
}

fn notes() -> Vec<Endpoint> {
    vec![
        api(Method::GET, "/notes/{id}", read),
        api(Method::POST, "/notes", make),
        api(Method::PUT, "/notes/{id}", change),
        api(Method::PATCH, "/notes/{id}", change),
        api(Method::DELETE, "/notes/{id}", remove),
    ]
}

/// A request as a program sends it: no cookie, no `Origin`, no Fetch Metadata.
fn request(method: Method, path: &str) -> TestRequest {
    let request = TestRequest::default().method(method).uri(path).peer_addr(([127, 0, 0, 1], 40_000).into());
    request.insert_header(("Host", "localhost")).insert_header(("Authorization", "Bearer abc"))
}

/// Runs a test against the mounted service: `$ask` sends one request.
macro_rules! with_service {
    ($app:expr, $ask:ident => $test:block) => {
        actix_web::rt::System::new().block_on(async {
            let service = init_service(service_with(&$app.app, notes())).await;
            let $ask = async |request: TestRequest| {
                let answer = call_service(&service, request.to_request()).await;
                let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                Told { status, headers, body: read_body(answer).await.to_vec() }
            };
            $test
        });
    };
}

struct Told {
    status: u16,
    headers: actix_web::http::header::HeaderMap,
    body: Vec<u8>,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks that it is a problem of this status and code (RFC 9457).
    fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.header("content-type")), (status, "application/problem+json"), "{code}");
        let told = self.json();
        assert_eq!((&told["status"], &told["code"]), (&json!(status), &json!(code)));
        assert!(told["title"].as_str().is_some_and(|title| !title.is_empty()), "{told}");
        assert!(self.headers.get("set-cookie").is_none());
    }
}

#[test]
fn no_route_of_programs_is_public_yet() {
    assert!(api_routes().is_empty());
    let app = TestApp::start();
    actix_web::rt::System::new().block_on(async {
        let service = init_service(service_with(&app.app, api_routes())).await;
        let body = call_and_read_body(&service, request(Method::GET, "/api/notes/1").to_request()).await;
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["code"], "missing");
    });
}

#[test]
fn each_method_answers_a_program_with_json() {
    let app = TestApp::start();
    with_service!(app, ask => {
        let note = json!({ "text": "한글" });
        let read = ask(request(Method::GET, "/api/notes/here")).await;
        assert_eq!(
            (read.status, read.header("content-type"), read.json()),
            (200, "application/json", json!({ "text": "here" }))
        );
        let made = ask(request(Method::POST, "/api/notes").set_json(&note)).await;
        assert_eq!((made.status, made.header("location"), made.json()), (201, "/api/notes/1", note.clone()));
        for method in [Method::PUT, Method::PATCH] {
            let changed = ask(request(method, "/api/notes/1").set_json(&note)).await;
            assert_eq!((changed.status, changed.json()), (200, note.clone()));
        }
        let removed = ask(request(Method::DELETE, "/api/notes/1")).await;
        assert_eq!((removed.status, removed.body.len()), (204, 0));
        let head = ask(request(Method::HEAD, "/api/notes/here")).await;
        assert_eq!(head.status, 200);
    });
}

/// A program is asked for its token, never for what a browser says of the page that a form was on.
#[test]
fn a_program_is_believed_by_its_token_alone() {
    let app = TestApp::start();
    let owner = app.owner();
    let cookie = owner.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    with_service!(app, ask => {
        for (name, value) in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://elsewhere.example")] {
            let answer = ask(request(Method::DELETE, "/api/notes/1").insert_header((name, value))).await;
            assert_eq!(answer.status, 204, "{name}");
        }
        for token in ["", "Basic YTpi", "Bearer", "Bearer a b"] {
            let bare =
                TestRequest::default().method(Method::DELETE).uri("/api/notes/1").insert_header(("Host", "localhost"));
            let bare = bare.peer_addr(([127, 0, 0, 1], 40_000).into()).insert_header(("Cookie", cookie.join("; ")));
            let bare = if token.is_empty() { bare } else { bare.insert_header(("Authorization", token)) };
            let answer = ask(bare).await;
            answer.is_problem(401, "token");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "RFC 6750 section 3");
        }
    });
}

#[test]
fn failures_of_programs_are_problem_details() {
    let app = TestApp::start();
    with_service!(app, ask => {
        ask(request(Method::GET, "/api/notes/missing")).await.is_problem(404, "missing");
        ask(request(Method::GET, "/api/elsewhere")).await.is_problem(404, "missing");
        let method = ask(request(Method::PATCH, "/api/notes")).await;
        method.is_problem(405, "method");
        ask(request(Method::GET, "/api/notes/1").insert_header(("Host", "elsewhere.example")))
            .await
            .is_problem(421, "host");
        for path in ["broken", "panic"] {
            let broken = ask(request(Method::GET, &format!("/api/notes/{path}"))).await;
            broken.is_problem(500, "broken");
            let told = broken.json();
            assert!(told["reference"].as_str().is_some_and(|code| !code.is_empty()), "{told}");
            assert!(!told.to_string().contains("secret"), "{told}");
        }
        let post = |body: &'static str| {
            request(Method::POST, "/api/notes").insert_header(("Content-Type", "application/json")).set_payload(body)
        };
        for body in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"text":1}"#,
            r#"{"text":"a","text":"b"}"#,
            r#"{"text":"a","more":1}"#,
            "\"\u{0}\"",
        ] {
            ask(post(body)).await.is_problem(400, "bad-request");
        }
        ask(post(r#"{"text":"a"}"#).insert_header(("Content-Type", "text/plain"))).await.is_problem(415, "type");
        let large = format!("{{\"text\":\"{}\"}}", "a".repeat(65_536));
        ask(request(Method::POST, "/api/notes").insert_header(("Content-Type", "application/json")).set_payload(large))
            .await
            .is_problem(413, "large");
    });
}
