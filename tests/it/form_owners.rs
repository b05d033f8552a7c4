//! A form acts for the login that its page was drawn for, wherever it is sent: what everybody may send, too.

use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, held_forms, users};

use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

fn company() -> TestApp {
    let app = TestApp::start();
    app.owner();
    app.colleague("acme", "mina@acme.example", Roles::default());
    app.colleague("acme", "jun@acme.example", Roles::default());
    app
}

fn logged_in<'a>(app: &'a TestApp, email: &str) -> Person<'a> {
    let person = app.visitor();
    person.log_in("acme", email, PASSWORD).is_at("/console");
    person
}

/// Another tab of the same browser logs out and, with an address, in again.
fn in_another_tab(person: &Person<'_>, email: Option<&str>) {
    let other = person.app.visitor();
    *other.cookies.borrow_mut() = person.cookies.borrow().clone();
    other.open("/console");
    if other.page().url == "/console" {
        other.press("Log out").is_at("/login");
    }
    if let Some(email) = email {
        other.log_in("acme", email, PASSWORD).is_at("/console");
    }
    *person.cookies.borrow_mut() = other.cookies.borrow().clone();
}

#[test]
fn a_switch_of_language_on_the_page_of_one_user_changes_nothing_of_another() {
    let app = company();
    let person = logged_in(&app, "mina@acme.example");
    in_another_tab(&person, Some("jun@acme.example"));
    person.press("한국어").gets(409).sees("This page belongs to another login").sees("Nothing was changed");
    person.sees("You are now logged in to acme as jun@acme.example");
    person.open("/account").sees("Language");
    // The own page's switch is one's own.
    person.press("한국어").is_at("/account").sees("언어");
    app.deliver();
}

#[test]
fn log_out_on_the_page_of_one_user_ends_no_session_of_another() {
    let app = company();
    let person = logged_in(&app, "mina@acme.example");
    in_another_tab(&person, Some("jun@acme.example"));
    person.press("Log out").gets(409).sees("You are now logged in to acme as jun@acme.example");
    person.open("/console").is_at("/console").press("Log out").is_at("/login");
    person.open("/console").is_at("/login");
    app.deliver();
}

#[test]
fn log_out_beside_a_login_page_ends_only_the_session_that_it_named() {
    let app = company();
    app.organization("other", "owner@other.example");
    let person = logged_in(&app, "mina@acme.example");
    person.open("/login/other").sees("mina@acme.example");
    in_another_tab(&person, Some("jun@acme.example"));
    person.press("Log out and log in here").gets(409).open("/console").is_at("/console");
    person.open("/login/other").press("Log out and log in here").is_at("/login/other");
    app.deliver();
}

/// What a session must do first is a form of its user's, too.
#[test]
fn a_session_that_must_do_something_first_is_gone_on_with_from_its_own_page_alone() {
    let app = company();
    app.database.execute("UPDATE users SET password_changed_at = '2026-01-01 00:00:00'");
    let person = logged_in(&app, "mina@acme.example");
    for (on, off, path) in [
        ("two_factor = TRUE", "two_factor = FALSE", "/login/again"),
        ("password_days = 30", "password_days = NULL", "/password/expired"),
    ] {
        for (other, status) in [("jun@acme.example", 409), ("mina@acme.example", 303)] {
            in_another_tab(&person, Some("mina@acme.example"));
            app.database.execute(&format!("UPDATE organizations SET {on}"));
            person.open("/console").is_at(path);
            let token = person.token().unwrap();
            app.database.execute(&format!("UPDATE organizations SET {off}"));
            in_another_tab(&person, Some(other));
            app.database.execute(&format!("UPDATE organizations SET {on}"));
            let next = "another long passphrase";
            let passwords = [("password", PASSWORD), ("new_password", next), ("password_again", next)];
            let fields = [("form_token", token.as_str())].into_iter().chain(passwords).collect::<Vec<_>>();
            let answer = person.request_as_it_is("POST", path, &[], &encode(&fields));
            assert_eq!(answer.status, status, "{path} of mina for {other}");
            app.database.execute(&format!("UPDATE organizations SET {off}"));
        }
    }
    app.deliver();
}

#[test]
fn a_form_that_names_no_login_acts_on_no_session() {
    let app = company();
    let person = logged_in(&app, "mina@acme.example");
    for token in ["", "form_token=", "form_token=AAAA", "login_token=AAAA"] {
        assert_eq!(person.request_as_it_is("POST", "/logout", &[], token).status, 409, "{token}");
        assert_eq!(person.request_as_it_is("POST", "/preferences", &[], "language=ko&here=/account").status, 303);
    }
    // What a page that was shown to a visitor chooses is the visitor's.
    person.open("/account").sees("Language");
    app.deliver();
}

#[test]
fn a_visitor_without_a_session_still_sets_language_and_theme() {
    let app = company();
    let person = app.visitor();
    person.open("/login").press("한국어").is_at("/login").sees("로그인");
    let other = logged_in(&app, "mina@acme.example");
    in_another_tab(&other, None);
    other.press("한국어").gets(200).sees("로그인");
    app.deliver();
}

#[test]
fn a_form_sent_after_logging_out_in_another_tab_comes_back_as_typed_to_its_user_alone() {
    for (email, comes_back) in [("owner@acme.example", true), ("admin@acme.example", false)] {
        let app = TestApp::start();
        let owner = app.owner();
        app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
        let list = "lena@acme.example, Lena\nomar@acme.example, Omar";
        for (path, label, button, typed) in [
            ("/iam/users/bulk", "Users, one on each line", "Register all", list),
            ("/iam/projects/new", "Display name", "Create project", "Shop"),
        ] {
            owner.open(path).fill(label, typed);
            in_another_tab(&owner, None);
            assert!(!owner.cookies.borrow().contains_key("vestibule-session"), "{:?}", owner.cookies.borrow().keys());
            owner.press(button).is_at("/login").fill("Organization name", "acme").press("Next");
            owner.fill("Email", email).fill("Password", PASSWORD).press("Log in").is_at(path);
            assert_eq!(owner.page().value(label).as_deref() == Some(typed), comes_back, "{path} for {email}");
            in_another_tab(&owner, Some("owner@acme.example"));
        }
        app.deliver();
    }
}

#[test]
fn what_no_user_of_this_browser_sent_is_not_kept() {
    let app = company();
    let person = logged_in(&app, "mina@acme.example");
    let token = person.token().unwrap();
    let stranger = app.visitor();
    stranger.open("/login");
    let pending = stranger.cookies.borrow().get("vestibule-pending").cloned();
    stranger.cookies.borrow_mut().insert("vestibule-pending".to_owned(), pending.unwrap_or_else(|| "A".repeat(43)));
    for body in [format!("name=x&form_token={token}"), "name=x&form_token=".to_owned(), "%".to_owned()] {
        assert_eq!(stranger.request_as_it_is("POST", "/account", &[], &body).status, 303, "{body}");
    }
    let kept: i64 = held_forms::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(kept, 0);
    app.deliver();
}

/// Reason, count and name of the target of the refused requests, the oldest first.
fn refusals(app: &TestApp) -> Vec<(String, i64, Option<String>)> {
    let rows = audit_events::table.filter(audit_events::event.eq("request.refused")).order(audit_events::id);
    let rows = rows.select((audit_events::reason.assume_not_null(), audit_events::count, audit_events::target_name));
    rows.load(&mut app.database.connect()).unwrap()
}

#[test]
fn a_refused_transfer_of_ownership_says_why_and_to_whom() {
    let app = TestApp::start();
    let owner = app.owner();
    app.colleague("acme", "new@acme.example", Roles::default());
    app.colleague("acme", "gone@acme.example", Roles::default());
    app.colleague("acme", "gone2@acme.example", Roles::default());
    app.database.execute("UPDATE users SET status = 'deactivated' WHERE email LIKE 'gone%'");
    app.database.execute("UPDATE users SET status = 'invited' WHERE email LIKE 'new%'");
    let tried = [
        ("owner@acme.example", "is_yourself"),
        ("new@acme.example", "standing"),
        ("gone@acme.example", "deactivated"),
        ("gone2@acme.example", "deactivated"),
        ("stranger@acme.example", "unknown_address"),
    ];
    for (email, ..) in tried {
        owner.post("/iam/organization/ownership", &[("email", email)]).gets(422);
    }
    let expected = tried.map(|(email, reason)| (reason.to_owned(), 1, Some(email.to_owned())));
    assert_eq!(refusals(&app), expected);
    app.deliver();
}

#[test]
fn a_refused_change_of_a_user_names_the_user() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
    let id = |email: &str| -> String {
        let row = users::table.filter(users::email.eq(email.to_owned())).select(users::id);
        row.first(&mut app.database.connect()).unwrap()
    };
    let (owned, own) = (id("owner@acme.example"), id("admin@acme.example"));
    admin.post(&format!("/iam/users/{owned}/deactivation"), &[]);
    admin.post(&format!("/iam/users/{own}/deactivation"), &[]);
    admin.post(&format!("/iam/users/{owned}/roles/edit"), &[("roles", "org_owner")]).gets(422);
    admin.post(&format!("/iam/users/{owned}/factors"), &[]);
    let told: Vec<(String, Option<String>)> = refusals(&app).into_iter().map(|(why, _, name)| (why, name)).collect();
    let expected = [("is_owner", "owner"), ("is_yourself", "admin"), ("not_a_role", "owner"), ("is_owner", "owner")];
    assert_eq!(told, expected.map(|(why, who)| (why.to_owned(), Some(format!("{who}@acme.example")))));
    owner.open("/audit?result=refused").sees("owner@acme.example");
    app.deliver();
}

#[test]
fn a_profile_saved_from_an_older_page_leaves_an_event() {
    let app = company();
    let person = logged_in(&app, "mina@acme.example");
    let fields = [("name", "Mina Lee"), ("language", "en"), ("time_zone", "Asia/Seoul"), ("version", "older")];
    assert_eq!(person.request("POST", "/account", &[], &encode(&fields)).status, 422);
    let found: i64 = audit_events::table
        .filter(audit_events::event.eq("profile.changed"))
        .filter(audit_events::reason.eq("older_version"))
        .count()
        .get_result(&mut app.database.connect())
        .unwrap();
    assert_eq!(found, 1);
    app.deliver();
}

#[test]
fn the_page_of_another_login_names_both_users_and_offers_two_ways_on() {
    let app = company();
    let person = logged_in(&app, "mina@acme.example");
    in_another_tab(&person, Some("jun@acme.example"));
    person.press("한국어").gets(409).sees("opened by mina@acme.example in the organization acme");
    person.sees("You are now logged in to acme as jun@acme.example");
    person.click("Go on as jun@acme.example").is_at("/console");
    let person = logged_in(&app, "mina@acme.example");
    in_another_tab(&person, Some("jun@acme.example"));
    person.press("한국어").gets(409).press("Log out").is_at("/login");
    person.open("/console").is_at("/login");
    app.deliver();
}
