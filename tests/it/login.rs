//! Logging in: what is asked, what is answered, and what slows guessing down.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::{sessions, users};

use super::support::client::Response;
use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

const WRONG: &str = "Organization name, email or password is wrong.";

fn deactivate(app: &TestApp, email: &str) {
    let row = users::table.filter(users::email.eq(email));
    diesel::update(row).set(users::status.eq("deactivated")).execute(&mut app.database.connect()).unwrap();
}

/// One attempt as the form sends it, without following where it leads.
pub fn attempt(person: &Person<'_>, organization: &str, email: &str, password: &str) -> Response {
    let path = format!("/login/{organization}");
    person.open(&path);
    person.request("POST", &path, &[], &encode(&[("email", email), ("password", password)]))
}

/// Status, headers and body, as they are compared.
type Comparable = (u16, Vec<(String, String)>, String);

/// An answer with what was typed cut out, and headers without what differs by nature.
fn comparable(response: &Response, organization: &str, email: &str) -> Comparable {
    let mut headers: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| !["date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => (name.clone(), value.split('=').next().unwrap().to_owned()),
            _ => (name.clone(), value.clone()),
        })
        .collect();
    headers.sort();
    (
        response.status,
        headers,
        super::support::client::without_tokens(&response.text())
            .replace(email, "EMAIL")
            .replace(&encode(&[("email", email)]), "email=EMAIL")
            .replace(&encode(&[("organization", organization)]), "organization=ORGANIZATION")
            .replace(&format!("\"/login/{organization}\""), "LOGIN")
            .replace(&format!("<b>{organization}</b>"), "ORGANIZATION"),
    )
}

/// Shows attacks 1, 2, 4.
#[test]
fn asvs_6_3_8_every_refusal_reads_the_same_at_the_same_count_and_costs_one_hash() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.organization("gone", "left@gone.example");
    deactivate(&app, "left@gone.example");
    app.visitor().sign_up("waiting", "new@waiting.example");
    let cases = [
        ("wrong password", "acme", "owner@acme.example"),
        ("unknown e-mail", "acme", "nobody@acme.example"),
        ("unknown organization", "nowhere", "owner@acme.example"),
        ("deactivated", "gone", "left@gone.example"),
        ("never activated", "waiting", "new@waiting.example"),
        ("no address at all", "acme", "not an address"),
    ];
    let mut first: Vec<Option<Comparable>> = vec![None; 7];
    for (number, (case, organization, email)) in cases.into_iter().enumerate() {
        let person = app.visitor().from(&format!("203.0.113.{}", number + 1));
        for (count, expected) in first.iter_mut().enumerate() {
            let before = app.app.hasher.verifications();
            let password = if case == "deactivated" { PASSWORD } else { "not the password" };
            let answer = attempt(&person, organization, email, password);
            let spent = app.app.hasher.verifications() - before;
            assert_eq!(spent, u64::from(count < 5), "{case}, attempt {}", count + 1);
            assert_eq!(answer.status, if count < 4 { 422 } else { 429 }, "{case}, attempt {}", count + 1);
            let answer = comparable(&answer, organization, email);
            assert!(!answer.2.contains("Reference code:</p>") && !answer.2.contains("class=\"ref\""));
            match expected {
                Some(expected) => assert_eq!(&answer, expected, "{case}, attempt {}", count + 1),
                None => *expected = Some(answer),
            }
        }
    }
    app.deliver();
}

#[test]
fn asvs_11_2_2_a_login_renews_a_hash_made_with_other_parameters() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let stronger = app.beside_with(|config| config.hashing.passes = 2);
    let hash =
        || -> Option<String> { users::table.select(users::password_hash).first(&mut app.database.connect()).unwrap() };
    assert!(hash().unwrap().contains("m=64,t=1,p=1"));
    assert_eq!(attempt(&stronger.visitor(), "acme", "owner@acme.example", PASSWORD).status, 303);
    assert!(hash().unwrap().contains("m=64,t=2,p=1"));
    assert_eq!(attempt(&stronger.visitor(), "acme", "owner@acme.example", PASSWORD).status, 303);
    app.deliver();
}

/// Shows attack 91.
#[test]
fn asvs_15_2_2_a_full_hashing_queue_answers_503_and_keeps_what_was_typed() {
    let app = TestApp::start_with(|config| {
        config.hashing =
            vestibule::platform::config::Hashing { memory_kib: 65_536, passes: 8, lanes: 1, threads: 1, queue: 1 };
    });
    let answers: Vec<Response> = std::thread::scope(|scope| {
        let logins: Vec<_> = (0..8)
            .map(|number| {
                let app = &app;
                scope.spawn(move || {
                    let person = app.visitor().from(&format!("198.51.100.{}", number + 1));
                    attempt(&person, "acme-cloud", "mina@acme.example", "some password")
                })
            })
            .collect();
        logins.into_iter().map(|login| login.join().unwrap()).collect()
    });
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() < 8, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for answer in busy {
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert!(answer.header("content-security-policy").is_some() && answer.header("x-reference").is_some());
        let page = super::support::page::Page::parse("/login/acme-cloud", 503, &answer.text());
        assert!(page.text().contains("acme-cloud") && page.text().contains("Many people are logging in"));
        assert_eq!(page.value("Email").as_deref(), Some("mina@acme.example"));
        assert_eq!(page.value("Password").as_deref(), Some(""));
    }
}

#[test]
fn the_organization_name_is_offered_again_and_can_be_bookmarked() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.press("Log out").is_at("/login").sees("You are logged out");
    assert_eq!(owner.page().value("Organization name").as_deref(), Some("acme"));
    let stranger = app.visitor();
    stranger.open("/login?organization=acme");
    assert_eq!(stranger.page().value("Organization name").as_deref(), Some("acme"));
    stranger
        .fill("Organization name", " ACME ")
        .press("Next")
        .fill("Email", "Owner@Acme.Example")
        .fill("Password", PASSWORD);
    stranger.press("Log in").is_at("/console");
    app.deliver();
}

#[test]
fn one_comes_back_to_where_one_was() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let person = app.visitor();
    person.open("/iam/organization/account").is_at("/login").sees("Log in to go on where you were");
    person.fill("Organization name", "acme").press("Next");
    person
        .fill("Email", "owner@acme.example")
        .fill("Password", PASSWORD)
        .press("Log in")
        .is_at("/iam/organization/account");
    app.deliver();
}

/// Shows ASVS 2.3.1.
#[test]
fn a_login_page_that_was_open_for_too_long_counts_no_try_and_keeps_the_address() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.visitor().open("/login/password").is_at("/login");
    let typed = [("email", "owner@acme.example"), ("password", "not the password")];
    let visitor = app.visitor();
    for _ in 0..9 {
        visitor.cookies.borrow_mut().retain(|name, _| !name.starts_with(":form"));
        visitor.post("/login/acme", &typed).gets(422).sees("This page was open for too long");
    }
    let late = app.visitor();
    late.open("/login/acme?next=%2Faccount");
    app.clock.advance(Duration::minutes(61));
    late.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in");
    late.gets(422).sees("This page was open for too long");
    assert_eq!(late.page().value("Email").as_deref(), Some("owner@acme.example"));
    late.fill("Password", PASSWORD).press("Log in").is_at("/account");
    app.deliver();
}

/// Shows ASVS 2.4.1, 6.3.8.
#[test]
fn a_forgotten_organization_name_is_mailed_and_the_answer_is_always_the_same() {
    let app = TestApp::start();
    app.organization("acme", "mina@acme.example");
    app.organization("beta", "mina@acme.example");
    let ask = |email: &str| {
        let person = app.visitor();
        person.open("/login").click("Mail me my organizations").fill("Email", email).press("Mail me my organizations");
        person.sees("a mail with the organization names is on its way");
        person.page().text().replace(email, "EMAIL")
    };
    assert_eq!(ask("mina@acme.example"), ask("nobody@acme.example"));
    let mails = app.mail_to("mina@acme.example");
    let mail = mails.iter().find(|mail| mail.subject.contains("Your organizations")).unwrap();
    assert!(mail.text.contains("acme") && mail.text.contains("beta"), "{}", mail.text);
    assert!(app.mail_to("nobody@acme.example").is_empty());
    for _ in 0..5 {
        ask("mina@acme.example");
    }
    let sent =
        app.mail_to("mina@acme.example").iter().filter(|mail| mail.subject.contains("Your organizations")).count();
    assert_eq!(sent, 3, "three a day");
    app.clock.advance(Duration::hours(24));
    ask("mina@acme.example");
    assert_eq!(
        app.mail_to("mina@acme.example").iter().filter(|mail| mail.subject.contains("Your organizations")).count(),
        4
    );
}

/// Shows ASVS 6.3.5.
#[test]
fn a_new_browser_is_told_by_mail_but_the_first_login_is_not() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.press("Log out");
    owner.log_in("acme", "owner@acme.example", PASSWORD);
    let told = || app.mail_to("owner@acme.example").iter().filter(|mail| mail.subject.contains("new browser")).count();
    assert_eq!(told(), 0);
    app.visitor().from("198.51.100.9").log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    assert_eq!(told(), 1);
}

/// Shows ASVS 16.2.5.
#[test]
fn asvs_16_3_1_every_try_is_in_the_audit_log_without_what_was_typed() {
    use vestibule::platform::store::schema::audit_events;
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    attempt(&app.visitor(), "acme", "nobody-secret-name@acme.example", "hunter2-typed-password");
    attempt(&app.visitor(), "acme", "owner@acme.example", "hunter2-typed-password");
    attempt(&app.visitor(), "acme", "owner@acme.example", PASSWORD);
    let rows: Vec<(String, Option<String>, String, Option<String>)> = audit_events::table
        .filter(audit_events::event.eq("login"))
        .order(audit_events::id)
        .select((audit_events::result, audit_events::reason, audit_events::details, audit_events::address))
        .load(&mut app.database.connect())
        .unwrap();
    let told: Vec<_> = rows.iter().map(|(result, reason, ..)| (result.as_str(), reason.as_deref())).collect();
    assert_eq!(told, [("failed", Some("unknown_user")), ("failed", Some("wrong_password")), ("done", None)]);
    for (_, _, details, address) in &rows {
        assert!(!details.contains("secret-name") && !details.contains("hunter2"), "{details}");
        assert!(address.is_some());
    }
    app.deliver();
}

/// Shows ASVS 7.2.2; attack 59.
#[test]
fn asvs_7_2_4_a_session_id_from_elsewhere_never_becomes_logged_in() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let person = app.visitor();
    person.cookies.borrow_mut().insert("vestibule-session".into(), "planted".into());
    person.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let id = person.cookies.borrow()["vestibule-session"].clone();
    assert_ne!(id, "planted");
    person.cookies.borrow_mut().remove("vestibule-session");
    person.open("/login/acme");
    person.cookies.borrow_mut().insert("vestibule-session".into(), id.clone());
    person.post("/login/acme", &[("email", "owner@acme.example"), ("password", PASSWORD)]).is_at("/console");
    assert_ne!(person.cookies.borrow()["vestibule-session"], id, "a new id at every login");
    let count: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(count, 1, "the old session ended");
    app.visitor().open("/login").sees_no(WRONG);
    app.deliver();
}
