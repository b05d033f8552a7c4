//! Bad input: a clear 4xx with the form as typed, never a 5xx, never a half-done change.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::support::TestApp;
use super::support::client::raw;
use super::support::people::PASSWORD;

#[test]
fn asvs_3_5_2_only_forms_are_taken() {
    let app = TestApp::start();
    let person = app.visitor();
    for kind in
        ["text/plain", "application/json", "multipart/form-data; boundary=x", "", "application/x-www-form-urlencodedx"]
    {
        let answer = person.request("POST", "/login", &[("Content-Type", kind)], "organization=acme");
        assert_eq!(answer.status, 415, "{kind}");
        assert!(answer.text().contains("This kind of content is not taken"));
    }
}

/// Shows ASVS 1.5.2, 15.3.7; attack 104.
#[test]
fn bodies_that_are_no_form_get_a_page_with_the_way_back() {
    let app = TestApp::start();
    let person = app.visitor();
    for body in ["organization=a&organization=b", "organization=%ff", "organization=%zz", "organization=%ED%95"] {
        let answer = person.request("POST", "/login", &[], body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.text().contains("This form could not be read") && answer.text().contains("href=\"/login\""),
            "{body}"
        );
    }
    assert_eq!(person.request("GET", "/login?organization=%ff", &[], "").status, 400);
    assert_eq!(person.request("GET", "/login?organization=a&organization=b", &[], "").status, 400);
}

/// Shows ASVS 1.5.2; attack 92.
#[test]
fn a_form_takes_64_kib_and_no_more() {
    let app = TestApp::start();
    let fits = format!("organization={}", "a".repeat(64 * 1024 - 13));
    assert_eq!(app.visitor().request("POST", "/login", &[], &fits).status, 422);
    assert_eq!(app.visitor().request("POST", "/login", &[], &format!("{fits}a")).status, 413);
}

/// Shows ASVS 1.3.3, 2.2.2; attacks 92, 104.
#[test]
fn hostile_values_in_every_field_of_every_public_form_are_4xx_or_the_page() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let corpus = [
        "",
        " ",
        "\0",
        "a\0b",
        "\r\nBcc: x@y.test",
        "\u{202e}evil",
        "\u{200b}",
        "' OR 1=1--",
        "%",
        "_",
        "\\",
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "{{7*7}}",
        "аdmin",
        "ａｃｍｅ",
        "Ⅷ",
        "İ",
        "K",
        "../../etc/passwd",
        "-1",
        "9223372036854775808",
        "null",
        "true",
        "[]",
        "💣",
    ];
    let long = "x".repeat(10_000);
    let forms: &[(&str, &[&str])] = &[
        ("/login", &["organization", "next"]),
        ("/login/organizations", &["email"]),
        ("/password", &["organization", "email"]),
        ("/signup", &["terms", "all", "code"]),
        ("/preferences", &["language", "theme", "here"]),
        ("/invitation", &["new_password", "password_again"]),
        ("/password/strength", &["new_password"]),
    ];
    for (path, fields) in forms {
        for field in *fields {
            for value in corpus.iter().copied().chain([long.as_str()]) {
                let person = app.visitor();
                let answer = person.request("POST", path, &[], &super::support::people::encode(&[(field, value)]));
                assert!(answer.status < 500, "{path} {field}={value:?}: {}", answer.status);
                assert!(
                    !answer.text().contains("<script>alert(1)") && !answer.text().contains("<img src=x"),
                    "{path} {field}"
                );
            }
        }
    }
    let person = app.visitor();
    person.open("/login/acme");
    for value in corpus.iter().copied().chain([long.as_str()]) {
        let answer = person.request(
            "POST",
            "/login/acme",
            &[],
            &super::support::people::encode(&[("email", value), ("password", value)]),
        );
        assert!(matches!(answer.status, 422 | 429), "{value:?}: {}", answer.status);
    }
    let signing = app.visitor();
    signing.reach_last_step();
    for field in ["organization", "name", "email", "mobile", "mobile_country", "submission"] {
        for value in corpus.iter().copied().chain([long.as_str()]) {
            let answer = signing.request(
                "POST",
                "/signup/organization",
                &[],
                &super::support::people::encode(&[(field, value), ("go", "complete")]),
            );
            assert_eq!(answer.status, 422, "{field}={value:?}");
        }
    }
    app.deliver();
}

#[test]
fn asvs_3_5_1_requests_from_elsewhere_are_refused() {
    let app = TestApp::start();
    let owner = app.owner();
    for (headers, expected) in [
        (vec![("Sec-Fetch-Site", "cross-site")], 403),
        (vec![("Sec-Fetch-Site", "same-site")], 403),
        (vec![("Sec-Fetch-Site", "garbage")], 403),
        (vec![("Sec-Fetch-Site", "none")], 303),
        (vec![("Sec-Fetch-Site", "same-origin")], 303),
    ] {
        let answer = owner.request("POST", "/account/sessions/logout", &headers, "");
        assert_eq!(answer.status, expected, "{headers:?}");
    }
    let bare = |headers: &[(&str, &str)]| {
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        super::support::client::send(app.address, "POST", "/login", &all, b"organization=acme").status
    };
    assert_eq!(bare(&[]), 403);
    assert_eq!(bare(&[("Origin", "null")]), 403);
    assert_eq!(bare(&[("Origin", "http://evil.test")]), 403);
    assert_eq!(bare(&[("Origin", "http://localhost:8080.evil.test")]), 403);
    assert_eq!(bare(&[("Origin", "http://localhost:8080")]), 303);
    let refused = owner.request("POST", "/login", &[("Sec-Fetch-Site", "cross-site")], "");
    assert!(refused.header("x-reference").is_some() && refused.text().contains(refused.header("x-reference").unwrap()));
    app.deliver();
}

/// Shows attack 103.
#[test]
fn asvs_4_2_1_ambiguous_framing_is_refused() {
    let app = TestApp::start();
    let cases: &[&str] = &[
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x10\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
    ];
    for case in cases {
        let answer = raw(app.address, case.as_bytes(), false);
        assert!(answer.as_ref().is_ok_and(|answer| answer.status == 400) || answer.is_err(), "{case:?}: {answer:?}");
    }
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.write_all(b"GET /nowhere\r\n\r\n").unwrap();
    let mut text = String::new();
    drop(stream.read_to_string(&mut text));
    assert!(!text.contains("200 OK"));
}

/// Shows ASVS 13.4.3, 13.4.5, 14.2.5; attacks 70, 108.
#[test]
fn asvs_13_4_1_nothing_but_our_files_is_served() {
    let app = TestApp::start();
    for path in [
        "/.git/HEAD",
        "/.env",
        "/Cargo.toml",
        "/static/",
        "/static/../Cargo.toml",
        "/static/console.css",
        "/static/..%2f..%2fCargo.toml",
        "/dev/",
        "/metrics",
        "/account/x.css",
        "/account;x.js",
        "/account%2fx.css",
        "/account%0a.css",
        "//account",
        "/ACCOUNT",
    ] {
        let answer = app.visitor().request("GET", path, &[], "");
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

/// Shows ASVS 13.4.4; attack 108.
#[test]
fn asvs_4_1_4_other_methods_are_not_allowed() {
    let app = TestApp::start();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        for path in ["/login", "/account", "/"] {
            let answer = app.visitor().request(method, path, &[("Sec-Fetch-Site", "same-origin")], "");
            assert_eq!(answer.status, 405, "{method} {path}");
        }
    }
    let owner = app.owner();
    let tricks = [("X-HTTP-Method-Override", "DELETE"), ("X-Method-Override", "PUT")];
    assert_eq!(owner.request("GET", "/account?_method=POST", &tricks, "").status, 200);
    app.deliver();
}

#[test]
fn asvs_12_2_1_development_answers_to_loopback_names_alone() {
    let app = TestApp::start();
    for host in ["localhost", "localhost:8080", "LOCALHOST:18088", "LocalHost", "localhost.", "LOCALHOST.:8080"] {
        assert_eq!(app.visitor().request("GET", "/dev/mailbox", &[("Host", host)], "").status, 200, "{host}");
    }
    for host in ["127.0.0.1:4711", "[::1]:80", "127.0.0.1.:80", "[0:0:0:0:0:0:0:1]"] {
        let answer = app.visitor().request("GET", "/dev/mailbox", &[("Host", host)], "");
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some("http://localhost:8080/dev/mailbox")),
            "{host}"
        );
    }
    for host in [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "10.0.0.1",
        "x@localhost",
        ":x@localhost",
        "localhost/x",
        "localhost?x",
        "",
    ] {
        assert_eq!(app.visitor().request("GET", "/dev/mailbox", &[("Host", host)], "").status, 421, "{host}");
    }
}

#[test]
fn asvs_8_2_3_fields_nobody_asked_for_are_ignored() {
    let app = TestApp::start();
    let owner = app.owner();
    let fields = [
        ("name", "Mina Park"),
        ("language", "en"),
        ("time_zone", "Asia/Seoul"),
        ("email", "thief@acme.example"),
        ("status", "active"),
        ("org_admin", "false"),
        ("organization_id", "x"),
        ("password_hash", "x"),
        ("owner", "x"),
        ("created_at", "1970-01-01"),
    ];
    owner.post("/account", &fields).is_at("/account").sees("owner@acme.example").sees("Org Admin");
    owner.press("Log out");
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    app.deliver();
}
