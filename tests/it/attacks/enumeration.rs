//! Finding out who is registered where: by pages, by mails, by what the server has to do.

use crate::support::client::without_tokens;
use crate::support::people::{PASSWORD, encode};
use crate::support::sink::over;
use crate::support::{Person, TestApp};

/// A page without what was typed.
fn page(person: &Person<'_>, typed: &[&str]) -> (u16, String, Vec<String>) {
    let answer = person.response();
    let text = typed.iter().fold(without_tokens(&answer.text()), |text, word| text.replace(word, "TYPED"));
    let mut names: Vec<String> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    (answer.status, text, names)
}

/// Shows attack 5.
#[test]
fn the_password_page_says_nothing_of_the_organization_but_what_was_typed() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.organization("guarded", "owner@guarded.example");
    app.two_factor("guarded", true);
    app.visitor().sign_up("waiting", "new@waiting.example");
    let step = |name: &str| {
        let person = app.visitor();
        person.open("/login").fill("Organization name", name).press("Next").is_at(&format!("/login/{name}"));
        page(&person, &[name])
    };
    let known = step("acme");
    for other in ["nowhere", "guarded", "waiting", "admin"] {
        assert_eq!(step(other), known, "{other}");
    }
    app.deliver();
}

/// Whoever is registered elsewhere learns it by nothing at a sign-up; nor does anybody else.
/// Shows attack 7.
#[test]
fn a_sign_up_does_not_tell_whose_address_is_known() {
    let app = TestApp::start();
    app.organization("acme", "mina@acme.example");
    let sign_up = |organization: &str, email: &str| {
        let person = app.visitor();
        person.sign_up(organization, email).is_at("/signup/done");
        page(&person, &[email, organization])
    };
    assert_eq!(sign_up("beta", "mina@acme.example"), sign_up("gamma", "nobody@acme.example"));
    let about_beta = app.mail_to("mina@acme.example").into_iter().filter(|mail| mail.text.contains("beta"));
    assert_eq!(about_beta.count(), 1, "the person with the address is told");
}

/// A mail server that takes the call and says nothing holds no request up: mail is a row that a loop delivers later.
/// Shows attack 3.
#[test]
fn a_request_that_mails_asks_no_mail_server_and_costs_the_same_for_everybody() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let app = TestApp::start_with(over(silent.local_addr().unwrap().port()));
    app.visitor().sign_up("acme", "owner@acme.example");
    // What the database and the hashing threads are asked to do for one request.
    let cost = |path: &str, fields: &[(&str, &str)]| {
        let before = (app.clock.asked(), app.app.hasher.verifications());
        assert_eq!(app.visitor().request("POST", path, &[], &encode(fields)).status, 200, "{path}");
        (app.clock.asked() - before.0, app.app.hasher.verifications() - before.1)
    };
    let known = cost("/password", &[("organization", "acme"), ("email", "owner@acme.example")]);
    assert_eq!(known, cost("/password", &[("organization", "acme"), ("email", "nobody@acme.example")]));
    assert_eq!(known, cost("/password", &[("organization", "nowhere"), ("email", "owner@acme.example")]));
    let known = cost("/login/organizations", &[("email", "owner@acme.example")]);
    assert_eq!(known, cost("/login/organizations", &[("email", "nobody@acme.example")]));
    assert!(silent.accept().is_err(), "the mail server was called during a request");
}

/// Shows attack 107.
#[test]
fn a_hint_of_an_organization_fills_a_field_and_does_nothing_else() {
    let app = TestApp::start();
    app.organization("rival", "boss@rival.example");
    let owner = app.owner();
    let visitor = app.visitor();
    for person in [&owner, &visitor] {
        person.cookies.borrow_mut().insert("vestibule-organization".into(), "rival".into());
    }
    visitor.open("/login");
    assert_eq!(visitor.page().value("Organization name").as_deref(), Some("rival"));
    visitor.open("/console").is_at("/login");
    owner.open("/iam/organization/account?organization=rival").gets(200).sees("acme").sees_no("boss@rival.example");
    owner.open("/iam/users?organization=rival&organization_id=rival").sees("1 of 1 user");
    visitor.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console").sees_no("rival");
    // What is no name at all is not even that.
    visitor.cookies.borrow_mut().insert("vestibule-organization".into(), "%22%3E%3Cscript%3E".into());
    visitor.open("/logout").press("Log out").open("/login").gets(200).sees_no("<script>");
    app.deliver();
}
