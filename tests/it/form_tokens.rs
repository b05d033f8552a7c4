//! What a form is about is sealed into it: a POST acts for what its page showed, or for nothing.

use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

/// Two organizations with one person, who is logged in to the first.
fn two() -> TestApp {
    let app = TestApp::start();
    app.organization("alpha", "mina@alpha.example");
    app.organization("beta", "mina@beta.example");
    app
}

fn in_alpha(app: &TestApp) -> Person<'_> {
    let person = app.visitor();
    person.log_in("alpha", "mina@alpha.example", PASSWORD).is_at("/console");
    person
}

/// The same browser, logged in to the other organization in another tab.
fn goes_to_beta(person: &Person<'_>) {
    let other = person.app.visitor();
    *other.cookies.borrow_mut() = person.cookies.borrow().clone();
    other.post("/logout", &[]);
    other.log_in("beta", "mina@beta.example", PASSWORD).is_at("/console");
    *person.cookies.borrow_mut() = other.cookies.borrow().clone();
}

/// Shows attack 88.
#[test]
fn a_console_form_of_one_organization_changes_nothing_after_a_login_to_another() {
    let app = two();
    let forms = [
        ("/iam/users/new", "Register user", vec![("Email", "new@alpha.example"), ("Name", "New One")]),
        ("/iam/projects/new", "Create project", vec![("Display name", "Shop")]),
        ("/account", "Save", vec![("Name", "Someone Else")]),
    ];
    for (path, button, fields) in forms {
        let person = in_alpha(&app);
        person.open(path);
        for (label, value) in fields {
            person.fill(label, value);
        }
        goes_to_beta(&person);
        person.press(button).gets(409).sees("The page was opened in the organization alpha");
        person.sees("You are now logged in to beta as mina@beta.example");
        for wrong in ["New One", "Shop", "Someone Else"] {
            person.open("/iam/users").sees_no(wrong).open("/iam/projects").sees_no(wrong);
        }
    }
    app.deliver();
}

#[test]
fn a_form_that_names_no_page_of_this_browser_changes_nothing() {
    let app = two();
    let person = in_alpha(&app);
    let other = in_alpha(&app);
    let profile = [("name", "Mina Lee"), ("language", "en"), ("time_zone", "Asia/Seoul")];
    let plain = encode(&profile);
    let own = person.token().unwrap();
    let cut = &own[..own.len() - 1];
    let bent = format!("{}{}", if own.starts_with('A') { 'B' } else { 'A' }, &own[1..]);
    let long = "A".repeat(100_000);
    for token in ["", cut, bent.as_str(), other.token().unwrap().as_str(), "%00", long.as_str()] {
        let answer = person.request_as_it_is("POST", "/account", &[], &format!("{plain}&form_token={token}"));
        assert!([409, 413].contains(&answer.status), "{token}: {}", answer.status);
    }
    assert_eq!(person.request_as_it_is("POST", "/account", &[], &plain).status, 409);
    // Without the cookie that goes with it a token from a log is worth nothing.
    let bare = app.visitor();
    *bare.cookies.borrow_mut() = person.cookies.borrow().clone();
    bare.cookies.borrow_mut().remove("__Host-pending");
    assert_eq!(bare.request("POST", "/account", &[], &plain).status, 409);
    person.open("/account").sees_no("Mina Lee");
    assert_eq!(person.request("POST", "/account", &[], &plain).status, 303);
    app.deliver();
}

/// Shows ASVS 7.5.1.
#[test]
fn a_form_sent_after_the_session_ended_comes_back_as_typed() {
    let app = TestApp::start();
    let owner = app.owner();
    let list = "lena@acme.example, Lena\nomar@acme.example, Omar";
    owner.open("/iam/users/bulk");
    owner.fill("Users, one on each line", list);
    app.clock.advance(chrono::Duration::hours(2));
    owner.press("Register all").is_at("/login");
    owner.fill("Organization name", "acme").press("Next");
    owner.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/iam/users/bulk");
    assert_eq!(owner.page().value("Users, one on each line").as_deref(), Some(list));
    // Of another user nothing comes back.
    let address = owner.page().url.clone();
    let other =
        app.colleague("acme", "admin@acme.example", vestibule::auth::Roles { org_admin: true, ..Default::default() });
    other.open(&address);
    assert_eq!(other.page().value("Users, one on each line").as_deref(), Some(""));
    app.deliver();
}

#[test]
fn the_forms_of_a_user_that_are_kept_are_few_and_go_in_a_day() {
    use diesel::prelude::*;
    use vestibule::store::schema::held_forms;
    let app = TestApp::start();
    let owner = app.owner();
    let kept = || -> i64 { held_forms::table.count().get_result(&mut app.database.connect()).unwrap() };
    app.database.execute("DELETE FROM sessions");
    for number in 0..9 {
        let name = format!("Name {number}");
        let answer = owner.request("POST", "/account", &[], &encode(&[("name", name.as_str())]));
        assert_eq!(answer.status, 303);
    }
    assert_eq!(kept(), 5);
    app.clock.advance(chrono::Duration::hours(25));
    app.clean_up();
    assert_eq!(kept(), 0);
}
