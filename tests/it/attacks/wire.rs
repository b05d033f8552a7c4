//! Bytes as they come: where a message ends, how long it may be, and which methods and targets there are.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::invariants::walk;
use crate::support::TestApp;

const HOST: &str = "Host: localhost:8080\r\n";
const FORM: &str = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
const LAST: &str = "Connection: close\r\n";
/// What somebody would like to be taken for a request of its own.
const SMUGGLED: &str = "GET /terms HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n";

/// What a connection gave until the server closed it.
struct Heard {
    statuses: Vec<u16>,
    text: String,
}

/// Sends bytes, and listens until the server closes.
fn says(app: &TestApp, bytes: impl AsRef<[u8]>) -> Heard {
    listens(app, bytes.as_ref(), |_| false)
}

/// Sends bytes, and listens until that is enough or the server closes.
fn listens(app: &TestApp, bytes: &[u8], enough: impl Fn(&Heard) -> bool) -> Heard {
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that refuses early may close before everything is written; its answer counts.
    drop(stream.write_all(bytes));
    let (mut all, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let end = match stream.read(&mut buffer) {
            Ok(0) => true,
            Ok(read) => {
                all.extend_from_slice(&buffer[..read]);
                false
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::ConnectionReset => true,
            Err(cause) => panic!("the connection stays open: {cause}: {}", String::from_utf8_lossy(&all)),
        };
        let text = String::from_utf8_lossy(&all).into_owned();
        let statuses = text.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok()).collect();
        let heard = Heard { statuses, text };
        if end || enough(&heard) {
            return heard;
        }
    }
}

/// Shows attack 103.
#[test]
fn asvs_4_2_1_a_message_that_ends_in_two_ways_is_refused_and_nothing_follows_it() {
    let app = TestApp::start();
    let post = |more: &str, body: &str| format!("POST /login HTTP/1.1\r\n{HOST}{FORM}{more}\r\n{body}{SMUGGLED}");
    let get = |more: &str| format!("GET /terms HTTP/1.1\r\n{HOST}{more}\r\n{SMUGGLED}");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let cases = [
        ("length and chunks", post(&format!("Content-Length: 4\r\n{chunked}"), "0\r\n\r\n")),
        ("chunks and length", post(&format!("{chunked}Content-Length: 4\r\n"), "0\r\n\r\n")),
        ("chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")),
        ("identity, chunked", post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n")),
        ("xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        ("chunked twice", post(&format!("{chunked}{chunked}"), "0\r\n\r\n")),
        ("two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")),
        ("the same length twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")),
        ("a list of lengths", post("Content-Length: 5, 5\r\n", "hello")),
        ("a length with a sign", post("Content-Length: +5\r\n", "hello")),
        ("a length below nothing", post("Content-Length: -1\r\n", "")),
        ("a length in hexadecimal", post("Content-Length: 0x5\r\n", "hello")),
        ("a folded header", get("X-A: b\r\n c\r\n")),
        ("a NUL in a header", get("X-A: b\0c\r\n")),
        ("a NUL in the path", format!("GET /ter\0ms HTTP/1.1\r\n{HOST}\r\n{SMUGGLED}")),
        ("a space after a name", get("X-A : b\r\n")),
        ("a space before a name", get(" X-A: b\r\n")),
        ("a carriage return alone", get("X-A: b\rX-C: d\r\n")),
        ("no host", format!("GET /terms HTTP/1.1\r\n\r\n{SMUGGLED}")),
        ("two hosts", get("Host: evil.test\r\n")),
        ("HTTP/0.9", format!("GET /terms\r\n\r\n{SMUGGLED}")),
        ("HTTP/2.0", format!("GET /terms HTTP/2.0\r\n{HOST}\r\n{SMUGGLED}")),
        ("the preface of HTTP/2", format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{SMUGGLED}")),
    ];
    for (case, bytes) in cases {
        let heard = says(&app, bytes);
        assert_eq!(heard.statuses, [400], "{case}: {}", heard.text);
        assert!(!heard.text.contains("Terms of service"), "{case}: what was smuggled is answered");
    }
    for (case, chunk) in [
        ("without end", "ffffffffffffffffff\r\na"),
        ("below nothing", "-1\r\na"),
        ("lines that end in LF", "5\na=bcd\n0\n\n"),
    ] {
        let heard = says(&app, post(chunked, chunk));
        assert_eq!(heard.statuses, [400], "chunks {case}: {}", heard.text);
    }
    // A line of the head may end in LF alone (RFC 9112 section 2.2); the body ends where its length says all the same.
    let body = "organization=&x=GET /terms HTTP/1.1";
    let lines = format!("POST /login HTTP/1.1\n{HOST}{FORM}{LAST}Content-Length: {}\n\n{body}", body.len());
    assert_eq!(says(&app, lines).statuses, [422]);
    // What a body holds is no request, also where nobody reads it.
    let unread = format!("GET /terms HTTP/1.1\r\n{HOST}Content-Length: {}\r\n\r\n{SMUGGLED}", SMUGGLED.len());
    assert_eq!(says(&app, unread).statuses, [200]);
}

/// Shows ASVS 13.2.6.
#[test]
fn a_head_has_a_hundred_lines_and_a_size_at_most() {
    let app = TestApp::start();
    let get = |more: &str| says(&app, format!("GET /terms HTTP/1.1\r\n{HOST}{LAST}{more}\r\n")).statuses;
    let lines = |count: usize| (0..count).map(|number| format!("X-{number}: y\r\n")).collect::<String>();
    assert_eq!(get(&lines(90)), [200]);
    assert_eq!(get(&lines(100)), [431]);
    assert_eq!(get(&format!("X-A: {}\r\n", "a".repeat(64 * 1024))), [200]);
    for size in [140_000, 1_000_000] {
        assert_eq!(get(&format!("X-A: {}\r\n", "a".repeat(size))), [431], "{size}");
        let line = format!("GET /terms?{} HTTP/1.1\r\n{HOST}{LAST}\r\n", "a".repeat(size));
        assert_eq!(says(&app, line).statuses, [431], "{size}");
    }
}

/// Shows ASVS 1.5.2; attack 92.
#[test]
fn a_body_over_the_limit_of_its_route_is_refused_before_it_is_sent() {
    let app = TestApp::start();
    let owner = app.owner();
    let cookies: Vec<String> = owner.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = format!("Cookie: {}\r\n", cookies.join("; "));
    let send = |path: &str, kind: &str, size: usize| {
        let head = format!(
            "POST {path} HTTP/1.1\r\n{HOST}{LAST}{cookies}Sec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\n"
        );
        let head = format!("{head}Expect: 100-continue\r\nContent-Length: {size}\r\n\r\n");
        // Where nobody wants the body the connection may wait for it; the answer is there.
        listens(&app, head.as_bytes(), |heard| match heard.statuses.last() {
            Some(413) => heard.text.contains("</html>"),
            status => status.is_some_and(|status| *status >= 200),
        })
    };
    let mut forms = 0;
    for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "POST") {
        let path = walk::fill(endpoint.path, |_| walk::UNKNOWN.to_owned());
        // The last, as it ends the session; and what asks for no form at all.
        if path == vestibule::base::urls::LOGOUT {
            continue;
        }
        let heard = send(&path, "application/x-www-form-urlencoded", 64 * 1024 + 1);
        let status = *heard.statuses.last().unwrap();
        assert!(matches!(status, 413 | 415 | 303 | 404 | 422 | 429 | 200), "{path}: {:?}", heard.statuses);
        if status == 413 {
            forms += 1;
            assert!(
                heard.text.contains("This is too much") && heard.text.contains("strict-transport-security"),
                "{path}"
            );
        }
    }
    assert!(forms > 40, "{forms} routes take a form");
    let upload = "multipart/form-data; boundary=a-border";
    assert_eq!(send("/iam/users/bulk", upload, 2 * 1024 * 1024).statuses, [100, 413]);
    let chunks = format!("10000\r\n{}\r\n", "a".repeat(64 * 1024)).repeat(3);
    let endless =
        format!("POST /login HTTP/1.1\r\n{HOST}{FORM}{LAST}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    assert_eq!(says(&app, endless).statuses, [413]);
}

/// Shows ASVS 13.4.4; attack 108.
#[test]
fn asvs_4_1_4_no_other_method_is_served_nor_echoed() {
    let app = TestApp::start();
    for method in ["TRACE", "TRACK", "CONNECT", "PATCH", "PUT", "DELETE", "OPTIONS", "DEBUG", "get", "Post", "X"] {
        let ours = "Sec-Fetch-Site: same-origin\r\n";
        let heard = says(&app, format!("{method} /terms HTTP/1.1\r\n{HOST}{LAST}{ours}X-Canary: echo-me\r\n\r\n"));
        assert_eq!(heard.statuses, [405], "{method}");
        assert!(!heard.text.contains("echo-me"), "{method}");
    }
    let proxied = says(&app, format!("CONNECT evil.test:443 HTTP/1.1\r\n{HOST}{LAST}\r\n"));
    assert!(matches!(proxied.statuses[..], [403 | 404 | 405 | 421]), "{:?}", proxied.statuses);
}

/// Shows ASVS 4.1.3; attacks 12, 70.
#[test]
fn a_request_for_another_host_is_refused_wherever_the_host_stands() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let body = "organization=acme&email=owner%40acme.example";
    let post = |target: &str, host: &str| {
        let head = format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n{FORM}{LAST}X-Forwarded-Host: evil.test\r\n");
        says(
            &app,
            format!(
                "{head}X-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    };
    assert_eq!(post("http://localhost:8080/password", "localhost:8080").statuses, [200]);
    for (target, host) in [
        ("http://evil.test/password", "localhost:8080"),
        ("http://localhost:8080@evil.test/password", "localhost:8080"),
        ("https://evil.test:8080/password", "localhost"),
        ("http://localhost:8080/password", "evil.test"),
        ("/password", "evil.test"),
        ("/password", "localhost.evil.test:8080"),
    ] {
        let heard = post(target, host);
        assert_eq!(heard.statuses, [421], "{target} for {host}");
        // On loopback the page says what came, as text; nothing else comes back.
        let mut rest = heard.text.split("<code>");
        let before = rest.next().unwrap_or_default().to_owned();
        let after = rest.map(|part| part.split_once("</code>").map_or(part, |(_, after)| after));
        let around = before + &after.collect::<String>();
        assert!(!around.contains("evil.test"), "{target} for {host}: nothing comes back");
    }
    let mails = app.mail_to("owner@acme.example");
    let resets: Vec<_> = mails.iter().filter(|mail| mail.subject.contains("new password")).collect();
    assert_eq!(resets.len(), 1);
    assert!(resets[0].links.iter().all(|link| link.starts_with("http://localhost:8080")), "{:?}", resets[0].links);
}
