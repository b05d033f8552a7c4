//! Sessions: how long they live, who ends them, and that an ended one stays ended.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::{organizations, sessions, users};

use super::support::TestApp;
use super::support::people::PASSWORD;

#[test]
fn asvs_7_3_1_a_session_ends_after_half_an_hour_without_use() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(29));
    owner.open("/console").is_at("/console");
    owner.settles();
    app.clock.advance(Duration::minutes(29));
    owner.open("/account").is_at("/account");
    owner.settles();
    app.clock.advance(Duration::minutes(31));
    owner.open("/account").is_at("/login");
    app.deliver();
}

/// Shows attack 57.
#[test]
fn asvs_7_3_2_a_session_ends_twelve_hours_after_login_whatever_is_done() {
    let app = TestApp::start();
    let owner = app.owner();
    for _ in 0..71 {
        app.clock.advance(Duration::minutes(10));
        owner.open("/console").is_at("/console");
        owner.settles();
    }
    app.clock.advance(Duration::minutes(10));
    owner.open("/console").is_at("/login");
    app.deliver();
}

/// Shows ASVS 7.3.1.
#[test]
fn a_page_that_refreshes_itself_does_not_count_as_use() {
    let app = TestApp::start();
    let owner = app.owner();
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(10));
        owner.request("GET", "/console", &[("HX-Request", "true"), ("HX-Source", "div#refreshing")], "");
        owner.settles();
    }
    owner.open("/console").is_at("/login");
    app.deliver();
}

#[test]
fn staying_logged_in_is_a_use_and_says_when_the_session_ends() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(28));
    let answer = owner.request("POST", "/session", &[("HX-Request", "true")], "");
    let ends: i64 = answer.header("x-session-ends").unwrap().parse().unwrap();
    let now = app.app.clock().now().millis();
    assert_eq!(ends - now, 30 * 60 * 1000);
    owner.settles();
    app.clock.advance(Duration::minutes(29));
    owner.open("/console").is_at("/console");
    app.deliver();
}

/// Shows ASVS 7.2.1; attack 60.
#[test]
fn asvs_7_4_1_a_session_that_was_ended_is_not_revived_by_a_request_in_flight() {
    let app = TestApp::start();
    let owner = app.owner();
    let cookie = owner.cookies.borrow()["vestibule-session"].clone();
    owner.press("Log out").is_at("/login");
    let again = app.visitor();
    again.cookies.borrow_mut().insert("vestibule-session".into(), cookie);
    app.clock.advance(Duration::minutes(2));
    again.open("/console").is_at("/login");
    again.settles();
    let left: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(left, 0);
    app.deliver();
}

#[test]
fn asvs_7_2_3_the_stored_hash_is_no_key() {
    let app = TestApp::start();
    let owner = app.owner();
    let stored: Vec<u8> = sessions::table.select(sessions::token_hash).first(&mut app.database.connect()).unwrap();
    assert_eq!(stored.len(), 32);
    let thief = app.visitor();
    let pasted = data_encoding::BASE64URL_NOPAD.encode(&stored);
    thief.cookies.borrow_mut().insert("vestibule-session".into(), pasted);
    thief.open("/console").is_at("/login");
    owner.open("/console").is_at("/console");
    app.deliver();
}

/// Shows ASVS 7.2.1, 7.4.2, 8.3.2; attack 79.
#[test]
fn a_changed_role_status_or_state_acts_on_the_next_request() {
    let app = TestApp::start();
    let owner = app.owner();
    let mut connection = app.database.connect();
    diesel::update(users::table).set(users::status.eq("deactivated")).execute(&mut connection).unwrap();
    owner.open("/console").is_at("/login");
    diesel::update(users::table).set(users::status.eq("active")).execute(&mut connection).unwrap();
    owner.open("/console").is_at("/console");
    diesel::update(organizations::table).set(organizations::state.eq("suspended")).execute(&mut connection).unwrap();
    owner.open("/console").is_at("/login");
    app.deliver();
}

#[test]
fn asvs_7_5_2_sessions_are_listed_and_ended_one_by_one_or_all_others() {
    let app = TestApp::start();
    let owner = app.owner();
    let elsewhere = app.visitor().from("198.51.100.20");
    elsewhere.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let third = app.visitor().from("198.51.100.21");
    third.log_in("acme", "owner@acme.example", PASSWORD);
    owner.open("/console").sees("You are logged in in 2 other places");
    owner.click("Account settings").sees("198.51.100.20").sees("This session").press("Sign out Chrome, Linux");
    owner.sees("The session is signed out");
    let alive = [&elsewhere, &third].iter().filter(|person| person.open("/console").page().url == "/console").count();
    assert_eq!(alive, 1);
    owner.press("Sign out all others").sees("1 other session is signed out");
    elsewhere.open("/console").is_at("/login");
    third.open("/console").is_at("/login");
    owner.open("/account").sees_no("Sign out all others");
    app.deliver();
}

/// Shows ASVS 8.2.2.
#[test]
fn another_user_s_session_cannot_be_ended() {
    let app = TestApp::start();
    let owner = app.owner();
    let outsider = app.owner_of("other", "owner@other.example");
    let ids: Vec<String> = sessions::table.select(sessions::id).load(&mut app.database.connect()).unwrap();
    for id in ids {
        let path = format!("/account/sessions/{id}/logout");
        owner.post(&path, &[]);
    }
    outsider.open("/console").is_at("/console");
    app.deliver();
}

#[test]
fn asvs_14_3_1_logging_out_clears_what_the_browser_kept() {
    let app = TestApp::start();
    let owner = app.owner();
    let answer = owner.request("POST", "/logout", &[], "");
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("clear-site-data"), Some("\"storage\""));
    assert!(!owner.cookies.borrow().contains_key("vestibule-session"));
    app.deliver();
}

/// Shows ASVS 6.2.3, 7.2.4.
#[test]
fn asvs_7_5_1_an_old_login_confirms_itself_and_comes_back() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account/password").is_at("/account/password");
    app.clock.advance(Duration::minutes(11));
    owner.open("/account/password").is_at("/confirmation").sees("Confirm it is you");
    owner.fill("Password", "a wrong password").press("Confirm").gets(422).sees("The password is wrong");
    let before = owner.cookies.borrow()["vestibule-session"].clone();
    owner.fill("Password", PASSWORD).press("Confirm").is_at("/account/password");
    assert_ne!(owner.cookies.borrow()["vestibule-session"], before, "a new id");
    let thief = app.visitor();
    thief.cookies.borrow_mut().insert("vestibule-session".into(), before);
    thief.open("/console").is_at("/login");
    app.deliver();
}

/// Shows ASVS 7.5.1.
#[test]
fn a_form_that_comes_too_late_changes_nothing_and_leads_back() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account/password").fill("New password", "velvet-harbor-93-tundra");
    owner.fill("New password again", "velvet-harbor-93-tundra");
    app.clock.advance(Duration::minutes(11));
    owner.press("Change password").is_at("/confirmation");
    let kept: Vec<String> = vestibule::platform::store::schema::held_forms::table
        .select(vestibule::platform::store::schema::held_forms::fields)
        .load(&mut app.database.connect())
        .unwrap();
    assert!(kept.iter().all(|fields| !fields.contains("velvet")), "no secret is kept: {kept:?}");
    owner.fill("Password", PASSWORD).press("Confirm").is_at("/account/password");
    owner.press("Log out");
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    app.deliver();
}

/// Shows ASVS 2.4.1.
#[test]
fn confirming_counts_wrong_passwords_like_a_login() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(11));
    for count in 1..=5 {
        owner.open("/account/password").fill("Password", "a wrong password").press("Confirm").gets(if count < 5 {
            422
        } else {
            429
        });
    }
    owner.open("/account/password").fill("Password", PASSWORD).press("Confirm").gets(429);
    app.deliver();
}

/// Shows ASVS 6.2.2.
#[test]
fn asvs_7_4_3_a_changed_password_ends_all_other_sessions() {
    let app = TestApp::start();
    let owner = app.owner();
    let elsewhere = app.visitor();
    elsewhere.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let new = "velvet-harbor-93-tundra";
    let change = |password: &str, again: &str| {
        owner
            .open("/account")
            .click("Change password")
            .fill("New password", password)
            .fill("New password again", again);
        owner.press("Change password");
    };
    change("short", "short");
    owner.gets(422).sees("Use at least 12 characters");
    change(new, "something else entirely");
    owner.gets(422).sees("Enter the same password in both fields");
    change(PASSWORD, PASSWORD);
    owner.gets(422).sees("not among your last three passwords");
    change(new, new);
    owner.is_at("/account").sees("Your password is changed");
    elsewhere.open("/console").is_at("/login");
    elsewhere.log_in("acme", "owner@acme.example", PASSWORD).gets(422);
    elsewhere.log_in("acme", "owner@acme.example", new).is_at("/console");
    assert!(app.mail_to("owner@acme.example").iter().any(|mail| mail.subject.contains("password was changed")));
}

/// A login that waits for its code in another tab would be a way back in.
#[test]
fn logging_out_ends_a_login_that_waits_for_its_second_factor() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.two_factor("acme", true);
    for ending in ["Log out", "Sign out all others"] {
        let waits = app.visitor();
        waits.log_in("acme", "owner@acme.example", PASSWORD).is_at("/login/factor").press("Next");
        waits.is_at("/login/factor/code");
        let code = app.mailed_code("owner@acme.example");
        let other = app.visitor();
        *other.cookies.borrow_mut() = waits.cookies.borrow().clone();
        other.log_in("acme", "owner@acme.example", PASSWORD).is_at("/login/factor").press("Next");
        let second = app.mailed_code("owner@acme.example");
        other.fill("Code", &second).press("Log in").is_at("/console");
        if ending == "Log out" {
            other.press(ending).is_at("/login");
        } else {
            let third = app.visitor();
            third.log_in("acme", "owner@acme.example", PASSWORD).press("Next");
            third.fill("Code", &app.mailed_code("owner@acme.example")).press("Log in").is_at("/console");
            other.open("/account").press(ending);
        }
        waits.fill("Code", &code).press("Log in");
        waits.open("/console").is_at("/login");
        app.clock.advance(Duration::hours(1));
    }
    app.deliver();
}
