//! The headers of every answer there is, refusals and files included (ASVS 3.4).

use std::collections::BTreeSet;

use vestibule::access::cookies;
use vestibule::base::public_url::PublicUrl;
use vestibule::base::urls;
use vestibule::platform::config::Config;
use vestibule::web::{assets, probes};

use super::sources::{code, files, none, quoted, root};
use super::walk::{self, asking_for, glance, plausible};
use super::{dump::Looker, stage};
use crate::idp::Company;
use crate::support::TestApp;
use crate::support::client::{Response, send};
use crate::support::people::encode;

const EVERYWHERE: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("strict-transport-security", "max-age=63072000"),
];

/// As in production, where cookies have all their guards.
fn behind_https(config: &mut Config) {
    config.public_url = PublicUrl::parse("https://localhost:8080").unwrap();
}

fn faults(answer: &Response) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, value) in EVERYWHERE {
        if answer.headers(name) != [*value] {
            faults.push(format!("{name}: {:?}", answer.headers(name)));
        }
    }
    let kind = answer.header("content-type").unwrap_or_default();
    let cached = answer.header("cache-control").unwrap_or_default();
    if cached != "no-store" && (kind.starts_with("text/html") || answer.status != 200) {
        faults.push(format!("cache-control: {cached:?}"));
    }
    if cached == "no-store" && !answer.headers("vary").join(", ").to_ascii_lowercase().contains("hx-request") {
        faults.push(format!("vary: {:?}", answer.headers("vary")));
    }
    if !answer.body.is_empty()
        && ![
            "text/html; charset=utf-8",
            "text/css; charset=utf-8",
            "text/javascript; charset=utf-8",
            "image/svg+xml",
            "application/json; charset=utf-8",
            "text/csv; charset=utf-8",
            "application/zip",
            "text/plain; charset=utf-8",
        ]
        .contains(&kind)
    {
        faults.push(format!("content-type: {kind:?}"));
    }
    let told = |name: &str| ["server", "x-powered-by", "via"].contains(&name) || name.starts_with("access-control-");
    faults.extend(
        answer
            .headers
            .iter()
            .filter(|(name, _)| told(&name.to_ascii_lowercase()))
            .map(|(name, value)| format!("{name}: {value}")),
    );
    for cookie in answer.headers("set-cookie") {
        let attributes: Vec<String> = cookie.split(';').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect();
        let has = |wanted: &str| attributes.iter().any(|attribute| attribute == wanted);
        let site = has("samesite=lax") || has("samesite=strict");
        let domain = attributes.iter().any(|attribute| attribute.starts_with("domain"));
        if !cookie.starts_with("__Host-") || !has("secure") || !has("httponly") || !has("path=/") || !site || domain {
            faults.push(format!("set-cookie: {cookie}"));
        }
    }
    faults
}

/// Shows ASVS 3.4.1, 3.4.2, 3.4.3, 3.4.4, 3.4.5, 3.4.6, 3.4.8, 4.1.1, 13.4.6, 14.2.2, 14.3.2; attacks 65, 71.
#[test]
fn every_answer_of_every_route_carries_the_headers() {
    let app = TestApp::start_with(behind_https);
    let people = stage::people(&app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    let mut wrong = Vec::new();
    let mut statuses = BTreeSet::new();
    let mut note = |what: String, answer: &Response, wanted: Option<u16>| {
        statuses.insert(answer.status);
        wrong.extend(faults(answer).into_iter().map(|fault| format!("{what}: {} {fault}", answer.status)));
        if wanted.is_some_and(|wanted| wanted != answer.status) {
            wrong.push(format!("{what}: {} instead of {wanted:?}", answer.status));
        }
        if answer.status >= 500 {
            wrong.push(format!("{what}: {}", answer.status));
        }
    };
    let big = format!("name={}", "x".repeat(70_000));
    for actor in people.iter().filter(|actor| {
        ["the owner", "a visitor", "somebody without a role", "an owner whose login grew old"].contains(&actor.who)
    }) {
        for endpoint in walk::all() {
            let path = plausible(endpoint.path, &ids);
            let what = |method: &str| format!("{method} {path} as {}", actor.who);
            if endpoint.method == "GET" {
                for method in ["GET", "HEAD"] {
                    note(what(method), &glance(&actor.person, method, &path, &[], ""), None);
                    note(what(method), &glance(&actor.person, method, &path, &asking_for("form#form"), ""), None);
                }
                note(what("GET garbage"), &glance(&actor.person, "GET", &format!("{path}?a=%zz"), &[], ""), None);
                for method in ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"] {
                    note(
                        what(method),
                        &glance(&actor.person, method, &path, &[("Sec-Fetch-Site", "same-origin")], ""),
                        Some(405),
                    );
                }
                note(what("other host"), &send(app.address, "GET", &path, &[("Host", "evil.example")], b""), Some(421));
            } else {
                note(
                    what("POST across sites"),
                    &glance(&actor.person, "POST", &path, &[("Sec-Fetch-Site", "cross-site")], ""),
                    Some(403),
                );
                note(
                    what("POST of JSON"),
                    &glance(&actor.person, "POST", &path, &[("Content-Type", "application/json")], "{}"),
                    None,
                );
                note(what("POST of much"), &glance(&actor.person, "POST", &path, &[], &big), None);
                // The last, as it may log out.
                note(what("POST"), &glance(&actor.person, "POST", &path, &[], ""), None);
                note(what("POST by htmx"), &glance(&actor.person, "POST", &path, &asking_for("form#form"), ""), None);
            }
        }
        note("nothing there".into(), &glance(&actor.person, "GET", "/nothing/there", &[], ""), Some(404));
        note("nothing there".into(), &glance(&actor.person, "POST", "/nothing/there", &[], ""), Some(404));
        note("a strange path".into(), &glance(&actor.person, "GET", "/account/%2e%2e/%00", &[], ""), Some(404));
    }
    let visitor = app.visitor();
    for probe in probes::PATHS {
        for method in ["GET", "HEAD"] {
            note(format!("{method} {probe}"), &glance(&visitor, method, probe, &[], ""), Some(200));
        }
        note(format!("POST {probe}"), &glance(&visitor, "POST", probe, &[], ""), Some(405));
    }
    let urls = &*assets::URLS;
    for file in [urls.css, urls.script, urls.htmx, urls.icons, urls.favicon] {
        for (method, headers) in [("GET", &[][..]), ("HEAD", &[]), ("GET", &[("Accept-Encoding", "gzip")])] {
            note(format!("{method} {file}"), &glance(&visitor, method, file, headers, ""), Some(200));
        }
        note(format!("POST {file}"), &glance(&visitor, "POST", file, &[], ""), None);
        note(format!("an old {file}"), &glance(&visitor, "GET", &file.replace('.', ".0"), &[], ""), Some(404));
    }
    none(wrong, "headers");
    for status in [200, 204, 303, 400, 401, 403, 404, 405, 410, 413, 415, 421, 422] {
        // Where nothing answers so, nothing was looked at either; see `statuses`.
        assert!(
            statuses.contains(&status) || status == 204 || status == 410,
            "no answer had the status {status}: {statuses:?}"
        );
    }
}

/// Shows ASVS 3.3.1, 3.3.2, 3.3.3, 3.3.4; attack 72.
#[test]
fn every_cookie_there_is_is_set_with_all_its_guards() {
    let app = TestApp::start_with(behind_https);
    let people = stage::people(&app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    let mut routes = walk::all();
    // The last, as it ends the session.
    routes.sort_by_key(|route| route.path == urls::LOGOUT && route.method == "POST");
    let (form, system) = (walk::rich_form(), encode(&[("theme", "system"), ("here", "/login")]));
    let (mut wrong, mut set) = (Vec::new(), BTreeSet::new());
    for actor in &people {
        // Given once, with the first page that has a form.
        actor.person.cookies.borrow_mut().remove("__Host-pending");
        for route in &routes {
            let path = plausible(route.path, &ids);
            for body in [form.as_str(), system.as_str()] {
                let body = if route.method == "POST" { body } else { "" };
                let answer = glance(&actor.person, route.method.as_str(), &path, &[], body);
                let cookies = answer.headers("set-cookie");
                set.extend(cookies.iter().filter_map(|line| line.split('=').next().map(str::to_owned)));
                wrong.extend(faults(&answer).into_iter().map(|fault| format!("{} {path}: {fault}", route.method)));
            }
        }
    }
    let (faulty, through_a_provider) = through_a_provider();
    wrong.extend(faulty);
    set.extend(through_a_provider);
    none(wrong, "headers");
    let source = std::fs::read_to_string(root().join("src/access/cookies.rs")).unwrap();
    let known: BTreeSet<String> =
        quoted(&source).filter(|name| name.len() > 7 && name.starts_with("__Host-")).map(str::to_owned).collect();
    assert_eq!(set, known, "cookies that were set, and cookies that there are");
}

/// What is wrong with the cookies of a login through a provider, and which there are.
fn through_a_provider() -> (Vec<String>, BTreeSet<String>) {
    let company = Company::open_with(behind_https);
    company.goes_over();
    let visitor = company.visitor();
    let out = visitor.request("POST", urls::LOGIN, &[], "organization=acme");
    visitor.open(out.header("location").unwrap());
    let back = company.back(&visitor.page().link("Continue").unwrap());
    let answers = [out, visitor.request("GET", &back, &[], "")];
    let wrong = answers.iter().flat_map(faults).collect();
    let lines = answers.iter().flat_map(|answer| answer.headers("set-cookie"));
    // Each login of a browser has a cookie of its own, with a number and a handle in its name.
    let kind = |name: &str| if name.starts_with(cookies::STATE) { cookies::STATE.to_owned() } else { name.to_owned() };
    (wrong, lines.filter_map(|line| line.split('=').next().map(kind)).collect())
}

#[test]
fn cookies_are_made_in_one_place() {
    let others = files("src", &[".rs"]).into_iter().filter(|(path, _)| path != "src/access/cookies.rs");
    let making = ["Cookie::build", "Cookie::new", "Cookie::parse", "SET_COOKIE", "\"set-cookie\""];
    let made = others.filter(|(_, text)| making.iter().any(|word| code(text).contains(word)));
    none(made.map(|(path, _)| path), "cookies without their guards");
}

/// Shows ASVS 3.4.1.
#[test]
fn what_a_throttle_or_a_full_queue_answers_carries_the_headers() {
    let app = TestApp::start_with(|config| {
        behind_https(config);
        config.hashing.queue = 1;
    });
    app.organization("acme", "owner@acme.example");
    let person = app.visitor();
    let mut wrong = Vec::new();
    let mut last = 0;
    person.open("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    for _ in 0..6 {
        let answer =
            glance(&person, "POST", "/login/acme", &[], "email=owner@acme.example&password=wrong-but-long-enough");
        wrong.extend(faults(&answer));
        last = answer.status;
    }
    none(wrong, "headers");
    assert_eq!(last, 429);
}

/// Shows ASVS 3.4.1, 16.3.4, 16.5.1.
#[test]
fn what_fails_on_our_side_carries_the_headers_and_its_reference_and_heals() {
    let app = TestApp::start_with(behind_https);
    let owner = app.owner();
    let mut wrong = Vec::new();
    app.database.execute("ALTER TABLE projects RENAME TO projects_away");
    for headers in [&[][..], &asking_for("form#form")] {
        let answer = glance(&owner, "GET", urls::PROJECTS, headers, "");
        assert_eq!(answer.status, 500);
        wrong.extend(faults(&answer));
        let reference = answer.header("x-reference").expect("a reference code").to_owned();
        assert!(answer.text().contains(&reference), "the page names its reference code");
        owner.open(&format!("/audit?reference={reference}")).sees("1 event on this page").sees("Request failed");
        assert!(!answer.text().contains("projects_away") && !answer.text().contains("no such table"));
    }
    // Not even the event can be written: the page comes all the same.
    app.database.execute("ALTER TABLE audit_events RENAME TO audit_events_away");
    let answer = glance(&owner, "GET", urls::PROJECTS, &[], "");
    assert_eq!(answer.status, 500);
    wrong.extend(faults(&answer));
    none(wrong, "headers");
    app.database.execute("ALTER TABLE audit_events_away RENAME TO audit_events");
    app.database.execute("ALTER TABLE projects_away RENAME TO projects");
    assert_eq!(glance(&owner, "GET", urls::PROJECTS, &[], "").status, 200);
}
