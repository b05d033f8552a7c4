//! Each organization has a login URL, and a login page acts for the organization that it shows.

use diesel::prelude::*;
use vestibule::base::organization_name::OrganizationName;
use vestibule::base::problem::Problem;
use vestibule::base::urls;
use vestibule::platform::store::schema::{audit_events, users};

use super::invariants::walk;
use super::support::people::PASSWORD;
use super::support::{Person, TestApp};

const EMAIL: &str = "mina@both.example";
const OTHER: &str = "velvet-harbor-93-tundra";

/// One address in two organizations.
fn two(app: &TestApp) {
    for name in ["alpha", "beta"] {
        app.organization(name, EMAIL);
    }
}

/// Another tab of the same browser.
fn tab<'a>(person: &Person<'a>) -> Person<'a> {
    let tab = person.app.visitor();
    *tab.cookies.borrow_mut() = person.cookies.borrow().clone();
    tab
}

/// What the cookie jar of the browser holds, in every tab.
fn share(from: &Person<'_>, to: &Person<'_>) {
    *to.cookies.borrow_mut() = from.cookies.borrow().clone();
}

/// Shows attack 88.
#[test]
fn the_page_that_shows_alpha_logs_in_to_alpha_and_counts_nothing_against_beta() {
    for same in [true, false] {
        let app = TestApp::start();
        two(&app);
        if !same {
            let renewing = app.visitor();
            renewing.log_in("beta", EMAIL, PASSWORD).is_at("/console").open("/account/password");
            renewing.fill("New password", OTHER).fill("New password again", OTHER).press("Change password");
        }
        let first = app.visitor();
        first.open("/login").fill("Organization name", "alpha").press("Next").sees("alpha");
        let second = tab(&first);
        second.open("/login").fill("Organization name", "beta").press("Next").sees("beta");
        share(&second, &first);
        for _ in 0..6 {
            first.fill("Email", EMAIL).fill("Password", "not the password").press("Log in");
        }
        first.gets(429);
        share(&first, &second);
        second.fill("Email", EMAIL).fill("Password", if same { PASSWORD } else { OTHER }).press("Log in");
        second.is_at("/console").sees("beta");
        let failed = audit_events::table.filter(audit_events::reason.eq("wrong_password"));
        let places: Vec<Option<String>> =
            failed.select(audit_events::organization_id).load(&mut app.database.connect()).unwrap();
        assert!(places.iter().all(|place| place == &places[0]), "{places:?}");
        app.deliver();
    }
}

#[test]
fn a_waiting_login_page_goes_on_to_its_own_target() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let waiting = app.visitor();
    waiting.open("/audit?q=login").is_at("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    let address = waiting.page().url.clone();
    let other = tab(&waiting);
    other.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    share(&other, &waiting);
    waiting.open(&address).is_at("/audit");
    assert_eq!(waiting.page().url, "/audit?q=login");
    // Of an address that is too long the path is left.
    let long = format!("/audit?q={}", "x".repeat(500));
    let late = app.visitor();
    late.open(&format!("/login/acme?next={}", long.replace('?', "%3F").replace('=', "%3D")));
    late.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/audit");
    assert_eq!(late.page().url, "/audit");
    app.deliver();
}

#[test]
fn a_login_url_takes_any_case_and_no_other_shape() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let visitor = app.visitor();
    let led = visitor.request("GET", "/login/ACME?next=%2Faccount&email=a%40b.example", &[], "");
    assert_eq!((led.status, led.header("location")), (303, Some("/login/acme?next=%2Faccount&email=a%40b.example")));
    visitor.open("/login/Acme?email=owner%40acme.example").is_at("/login/acme");
    assert_eq!(visitor.page().value("Email").as_deref(), Some("owner@acme.example"));
    visitor.fill("Password", PASSWORD).press("Log in").is_at("/console");
    // Full width, as an input method leaves it, and what was copied along.
    for spelled in ["%EF%BC%A1cme", "%EF%BD%81%EF%BD%83%EF%BD%8D%EF%BD%85", "%20acme", "acme%20", "acme%E2%80%8B"] {
        let led = app.visitor().request("GET", &format!("/login/{spelled}?next=%2Faccount"), &[], "");
        assert_eq!((led.status, led.header("location")), (303, Some("/login/acme?next=%2Faccount")), "{spelled}");
    }
    for no_name in ["ab", "-acme", "ac--me", "ac_me", "acm%C3%A9", "acme%2F", "xn--80ak6aa92e", "passkey"] {
        for method in ["GET", "POST"] {
            let answer = app.visitor().request(method, &format!("/login/{no_name}"), &[], "");
            assert_eq!(answer.status, 404, "{method} {no_name}");
        }
    }
    app.deliver();
}

#[test]
fn a_login_url_with_a_slash_at_the_end_leads_to_the_login() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    for (typed, page) in [
        ("/login/acme/", "/login/acme"),
        ("/login/acme//?next=%2Faccount", "/login/acme?next=%2Faccount"),
        ("/login/%EF%BC%A1cme/", "/login/acme"),
    ] {
        for method in ["GET", "HEAD"] {
            let led = app.visitor().request(method, typed, &[], "");
            assert_eq!((led.status, led.header("location")), (303, Some(page)), "{method} {typed}");
        }
    }
    for nothing in
        ["/login/", "/login/acme/x/", "/login/factor/", "/login/acme%2F/", "/login/passkey/", "//login/acme/"]
    {
        assert_eq!(app.visitor().request("GET", nothing, &[], "").status, 404, "{nothing}");
    }
    assert_eq!(app.visitor().request("POST", "/login/acme/", &[], "").status, 404);
    app.visitor().open("/login/Acme/").is_at("/login/acme");
    app.deliver();
}

#[test]
fn a_pasted_login_url_names_its_organization() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    for pasted in [
        "http://localhost:8080/login/acme",
        "http://localhost:8080/login/acme/",
        " HTTP://LOCALHOST:8080/login/Acme?next=%2Faccount#top ",
        "localhost:8080/login/acme",
        "https://localhost:8080/login/acme",
        "http://127.0.0.1:8080/login/acme",
        "http://localhost:8080/login/%EF%BC%A1cme",
        "http://localhost:8080/login?organization=acme",
        "ｈｔｔｐ：／／ｌｏｃａｌｈｏｓｔ：８０８０／ｌｏｇｉｎ／ａｃｍｅ",
        "/login/acme",
    ] {
        let visitor = app.visitor();
        visitor.open("/login").fill("Organization name", pasted).press("Next").is_at("/login/acme");
    }
    for other in [
        "https://evil.example/login/acme",
        "http://localhost:8080/",
        "http://localhost:8080/console",
        "http://localhost:8080/login",
        "http://localhost:8080/login/again",
        "http://localhost:8080/login/factor/code",
        "http://localhost:8080@evil.example/login/acme",
        "evil.example/login/acme",
    ] {
        let visitor = app.visitor();
        visitor.open("/login").fill("Organization name", other).press("Next").gets(422).is_at("/login");
        assert_eq!(visitor.page().value("Organization name").as_deref(), Some(other));
    }
    // Where else the name is asked for.
    let visitor = app.visitor();
    visitor.open("/password").fill("Organization name", "http://localhost:8080/login/acme");
    visitor.fill("Email", "owner@acme.example").press("Mail me a link").gets(200);
    let mailed = app.mail_to("owner@acme.example");
    assert!(mailed.iter().any(|mail| mail.text.contains("/password/")), "a link was mailed");
    app.deliver();
}

#[test]
fn the_login_url_of_another_organization_asks_before_anything_ends() {
    let app = TestApp::start();
    two(&app);
    let person = app.visitor();
    person.log_in("alpha", EMAIL, PASSWORD).is_at("/console");
    person.open("/login/alpha").is_at("/console");
    for url in ["/login/beta?next=%2Faudit&email=mina%40both.example", "/login?organization=beta"] {
        person.open(url).gets(200).is_at("/login/beta").sees("you are logged in to alpha as mina@both.example");
    }
    person.click("Continue to the console").is_at("/console").sees("alpha");
    person.open("/login/beta?next=%2Faudit&email=mina%40both.example").press("Log out and log in here");
    person.is_at("/login/beta").sees("You are logged out");
    assert_eq!(person.page().value("Email").as_deref(), Some(EMAIL));
    person.fill("Password", PASSWORD).press("Log in").is_at("/audit");
    app.deliver();
}

/// Shows ASVS 2.4.1.
#[test]
fn the_reset_page_knows_organization_and_email() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let visitor = app.visitor();
    visitor.open("/login/acme").click("Forgot your password?");
    assert_eq!(visitor.page().value("Organization name").as_deref(), Some("acme"));
    visitor.open("/login/acme").fill("Email", "owner@acme.example").fill("Password", "wrong").press("Log in");
    visitor.click("Forgot your password?");
    assert_eq!(visitor.page().value("Organization name").as_deref(), Some("acme"));
    assert_eq!(visitor.page().value("Email").as_deref(), Some("owner@acme.example"));
    // The email with the names leads to each of them.
    visitor.open("/login/organizations").fill("Email", "owner@acme.example").press("Mail me my organizations");
    let mails = app.mail_to("owner@acme.example");
    let mail = mails.iter().find(|mail| mail.subject.contains("Your organizations")).unwrap();
    assert!(mail.text.contains("http://localhost:8080/login/acme\n"), "{}", mail.text);
    app.deliver();
}

#[test]
fn the_login_url_can_be_copied_where_people_are_invited() {
    let app = TestApp::start();
    let owner = app.owner();
    let member =
        app.colleague("acme", "jun@acme.example", vestibule::access::Roles { org_reader: true, ..Default::default() });
    let id: String = users::table
        .filter(users::email.eq("jun@acme.example"))
        .select(users::id)
        .first(&mut app.database.connect())
        .unwrap();
    for path in ["/console", "/iam/organization/account", "/iam/users/new", &format!("/iam/users/{id}")] {
        owner.open(path).sees("Login URL").sees("http://localhost:8080/login/acme");
        assert!(!owner.page().all("button[data-copy='login-url']").is_empty(), "{path}");
    }
    member.open("/console").sees("http://localhost:8080/login/acme");
    app.deliver();
}

/// Words of our own addresses are no names, and an organization from before that logs in by the query.
#[test]
fn every_word_under_login_is_reserved_and_an_older_organization_of_that_name_still_logs_in() {
    let routes = walk::all();
    let words = routes.iter().filter_map(|endpoint| {
        let word = endpoint.path.strip_prefix("/login/")?.split('/').next()?;
        (!word.starts_with('{')).then(|| word.to_owned())
    });
    let words: std::collections::BTreeSet<String> = words.collect();
    assert!(words.len() > 5, "{words:?}");
    for word in words.iter().map(String::as_str).chain(vestibule::base::organization_name::LOGIN_WORDS) {
        assert_eq!(OrganizationName::parse(word), Err(Problem::NameUnavailable), "{word}");
        assert_eq!(urls::login_to(word), format!("/login?organization={word}"));
    }
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.database.execute("UPDATE organizations SET name = 'recovery'");
    let owner = app.visitor();
    owner.open("/login").fill("Organization name", "Recovery").press("Next").is_at("/login");
    owner.fill("Email", "owner@acme.example").fill("Password", "wrong").press("Log in").gets(422).sees("is wrong");
    owner.fill("Password", PASSWORD).press("Log in").is_at("/console").sees("/login?organization=recovery");
    app.deliver();
}
