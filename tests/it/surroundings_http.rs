//! What proxies, browsers and platforms are known to do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use vestibule::base::public_url::PublicUrl;
use vestibule::platform::config::Mode;

use super::support::TestApp;
use super::support::client::send;
use super::support::people::encode;

/// The bytes of an answer, until the server closes.
fn bytes_of(app: &TestApp, request: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    (String::from_utf8(all[..end].to_vec()).unwrap().to_ascii_lowercase(), all[end + 4..].to_vec())
}

#[test]
fn an_http_1_0_answer_is_whole() {
    let app = TestApp::start();
    let owner = app.owner();
    let cookie = format!("vestibule-session={}", owner.cookies.borrow()["vestibule-session"]);
    for path in ["/", "/login", "/nothing/there", "/audit/export?format=csv", vestibule::web::assets::URLS.css] {
        let request = |version: &str| {
            format!(
                "GET {path} HTTP/{version}\r\nHost: localhost:8080\r\nAccept-Encoding: gzip\r\nCookie: {cookie}\r\n\
                 Connection: close\r\n\r\n"
            )
        };
        let (head, body) = bytes_of(&app, &request("1.0"));
        assert!(head.starts_with("http/1.0 "), "{path}: {head}");
        assert!(!head.contains("transfer-encoding"), "{path}: {head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|text| text.parse::<usize>().unwrap());
        assert!(length.is_none_or(|length| length == body.len()), "{path}: {head}: {}", body.len());
        if head.contains("content-type: text/html") {
            assert!(length.is_some() && !head.contains("content-encoding: gzip"), "{path}: {head}");
            assert!(String::from_utf8(body).unwrap().trim_end().ends_with("</html>"), "{path}");
        }
        let (head, _) = bytes_of(&app, &request("1.1"));
        assert!(head.starts_with("http/1.1 "), "{path}: {head}");
    }
}

#[test]
fn a_form_with_our_referer_only_is_accepted_and_a_foreign_or_absent_one_refused() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let status = |headers: &[(&str, &str)]| {
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        send(app.address, "POST", "/login", &all, b"organization=acme").status
    };
    for ours in [
        "http://localhost:8080/login",
        "http://localhost:8080/",
        "http://localhost:8080",
        "HTTP://LOCALHOST:8080/login",
        "http://localhost.:8080",
    ] {
        assert_eq!(status(&[("Referer", ours)]), 303, "{ours}");
        assert_eq!(status(&[("Origin", ours)]), 303, "{ours}");
    }
    for foreign in [
        "http://evil.test/",
        "https://localhost:8080/login",
        "http://localhost:8081/login",
        "http://localhost:8080.evil.test/",
        "localhost:8080",
        "",
    ] {
        assert_eq!(status(&[("Referer", foreign)]), 403, "{foreign}");
    }
    assert_eq!(status(&[]), 403);
    assert_eq!(status(&[("Origin", "http://evil.test"), ("Referer", "http://localhost:8080/login")]), 403);
    assert_eq!(status(&[("Sec-Fetch-Site", "cross-site"), ("Referer", "http://localhost:8080/login")]), 403);
}

#[test]
fn default_port_and_final_dot_of_a_host_are_equal() {
    let app = TestApp::start_with(|config| {
        config.mode = Mode::Production;
        config.public_url = PublicUrl::parse("https://id.example.org").unwrap();
    });
    let by = |host: &str| send(app.address, "GET", "/login", &[("Host", host)], b"").status;
    for host in ["id.example.org", "id.example.org:443", "id.example.org.", "ID.example.org.:443"] {
        assert_eq!(by(host), 200, "{host}");
    }
    for host in ["id.example.org:8443", "id.example.org:80", "evil.example", "id.example.org.evil.example"] {
        assert_eq!(by(host), 421, "{host}");
    }
    let origin = [
        ("Host", "id.example.org:443"),
        ("Origin", "https://id.example.org"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    assert_eq!(send(app.address, "POST", "/login", &origin, b"organization=acme").status, 303);
}

#[test]
fn hsts_covers_subdomains_only_if_asked() {
    for (asked, told) in [(false, "max-age=63072000"), (true, "max-age=63072000; includeSubDomains")] {
        let app = TestApp::start_with(|config| config.operations.hsts_subdomains = asked);
        for path in ["/login", "/healthz", "/nothing/there"] {
            let answer = send(app.address, "GET", path, &[], b"");
            assert_eq!(answer.headers("strict-transport-security"), [told], "{path}");
        }
    }
}

#[test]
fn logging_out_leaves_the_cache() {
    let app = TestApp::start();
    let answer = app.owner().request("POST", "/logout", &[], "");
    assert_eq!(answer.header("clear-site-data"), Some("\"storage\""));
}

#[test]
fn cookies_on_plain_http_are_ones_that_every_browser_keeps() {
    let app = TestApp::start();
    let owner = app.owner();
    let names: Vec<String> = owner.cookies.borrow().keys().filter(|name| !name.starts_with(':')).cloned().collect();
    for known in ["vestibule-session", "vestibule-pending"] {
        assert!(names.iter().any(|name| name == known), "{known}: {names:?}");
    }
    assert!(names.iter().all(|name| name.starts_with("vestibule-")), "{names:?}");
    let typed = encode(&[("language", "ko"), ("here", "/login")]);
    let lines = app.visitor().request("POST", "/preferences", &[], &typed);
    let line = lines.header("set-cookie").unwrap().to_ascii_lowercase();
    assert!(!line.contains("secure") && line.contains("httponly") && line.contains("samesite=lax"), "{line}");
    // And on https nothing of that: a cookie without the guards is not read.
    let app = TestApp::start_with(|config| config.public_url = PublicUrl::parse("https://localhost:8080").unwrap());
    let owner = app.owner();
    let session = owner.cookies.borrow()["__Host-session"].clone();
    let planted = app.visitor();
    planted.cookies.borrow_mut().insert("vestibule-session".into(), session);
    planted.open("/console").is_at("/login");
}

#[test]
fn another_loopback_name_leads_to_the_public_url_in_development() {
    let app = TestApp::start();
    for host in ["127.0.0.1:8080", "[::1]:8080", "127.0.0.1"] {
        let answer = send(app.address, "GET", "/login?next=%2Faudit", &[("Host", host)], b"");
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some("http://localhost:8080/login?next=%2Faudit")),
            "{host}"
        );
    }
    assert_eq!(send(app.address, "GET", "/login", &[("Host", "localhost:8080")], b"").status, 200);
    let answer = send(app.address, "GET", "//evil.test/", &[("Host", "127.0.0.1:8080")], b"");
    assert_eq!((answer.status, answer.header("location")), (404, None));
}

#[test]
fn no_page_links_to_a_path_that_does_not_route() {
    let app = TestApp::start();
    let post = |path: &str, site: &str| send(app.address, "POST", path, &[("Sec-Fetch-Site", site)], b"x=1");
    for path in ["//attacker.example/login", "//", "///login", "//attacker.example"] {
        for site in ["cross-site", "same-origin"] {
            let answer = post(path, site);
            assert_eq!(answer.status, 404, "{path} {site}");
            assert!(!answer.text().contains("href=\"//"), "{path}: {}", answer.text());
        }
        assert_eq!(send(app.address, "GET", path, &[], b"").status, 404, "{path}");
    }
    for path in ["/attacker.example/login", "/login/..%2f..%2f", "/nothing", "/iam/users/%22onclick"] {
        let answer = post(path, "cross-site");
        assert!(
            !answer.text().contains("href=\"/attacker") && !answer.text().contains("Try again"),
            "{path}: {}",
            answer.text()
        );
    }
    assert!(post("/login", "cross-site").text().contains("href=\"/login\""), "what routes is offered");
}

#[test]
fn other_spellings_of_the_health_pages_are_not_answered() {
    let app = TestApp::start();
    for path in ["/%68ealthz", "/healt%68z", "/%72eadyz", "//healthz", "/./healthz", "/healthz/", "/readyz;x"] {
        assert_ne!(send(app.address, "GET", path, &[], b"").status, 200, "{path}");
    }
    assert_eq!(send(app.address, "GET", "/healthz?x=1", &[], b"").status, 200);
}

#[test]
fn sign_up_works_or_explains_itself_without_cookies_or_with_an_expired_draft() {
    let app = TestApp::start();
    let visitor = app.visitor();
    visitor.reach_last_step().is_at("/signup/organization");
    let token = visitor.token_for("/signup/organization").unwrap();
    for path in ["/signup", "/signup/member", "/signup/organization", "/signup/done"] {
        let named = format!("{path}?form_token={token}");
        // A browser that keeps no cookies.
        app.visitor().open(&named).gets(400).sees("Your browser blocks cookies").sees("localhost:8080");
        // Another browser, which has cookies of its own.
        let other = app.visitor();
        other.open("/signup").sees_no("belongs to no sign-up").tick("Agree to all").press("Next");
        other.open(&named).is_at("/signup").sees("belongs to no sign-up that was started in this browser");
    }
    for path in ["/signup/member", "/signup/organization", "/signup/done"] {
        app.visitor().open(path).is_at("/signup").sees("belongs to no sign-up");
    }
    visitor.open("/signup/organization").is_at("/signup/organization");
}

#[test]
fn an_expired_draft_is_said_and_what_was_typed_into_the_form_comes_along() {
    let app = TestApp::start();
    let late = app.visitor();
    late.reach_last_step();
    late.fill_last_step("acme", "owner@acme.example");
    let token = late.token_for("/signup/organization").unwrap();
    app.clock.advance(chrono::Duration::days(30));
    for path in ["/signup", "/signup/member", "/signup/organization", "/signup/done"] {
        let other_tab = app.visitor();
        *other_tab.cookies.borrow_mut() = late.cookies.borrow().clone();
        other_tab.open(&format!("{path}?form_token={token}")).is_at("/signup").sees("have been deleted");
    }
    late.press("Complete").is_at("/signup").sees("have been deleted");
    late.tick("Agree to all").press("Next").is_at("/signup/member");
    late.fill_member().press("Next").is_at("/signup/organization");
    assert!(late.response().text().contains("owner@acme.example"), "what was typed is there");
    late.fill_last_step("acme", "owner@acme.example").press("Complete").is_at("/signup/done");
    app.deliver();
}
