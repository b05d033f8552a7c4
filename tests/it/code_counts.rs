//! Codes of a login count for who asks for them and types them, and what failed is told apart.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::audit_events;

use super::login::attempt;
use super::support::TestApp;
use super::support::people::PASSWORD;
use super::two_factor::{CODE, EMAIL, guarded, other_than, pending_login};

/// Shows ASVS 6.5.2, 6.6.3.
#[test]
fn a_stranger_who_knows_the_password_does_not_use_up_a_known_browsers_codes() {
    let app = guarded();
    let owner = pending_login(&app, EMAIL);
    owner.choose_factor("Email");
    owner.type_factor(&app.mailed_code(EMAIL)).is_at("/console").press("Log out");
    let stranger = pending_login(&app, EMAIL);
    stranger.choose_factor("Email");
    for _ in 0..3 {
        stranger.open(CODE).press("Resend code");
    }
    for _ in 0..20 {
        stranger.type_factor("000000").gets(422);
        if stranger.page().text().contains("No code works any more") {
            app.clock.advance(Duration::minutes(15));
            stranger.log_in("acme", EMAIL, PASSWORD).choose_factor("Email");
        }
    }
    while !stranger.type_factor("000000").page().text().contains("Too many wrong codes today") {
        if stranger.page().text().contains("No code works any more") {
            app.clock.advance(Duration::minutes(15));
            stranger.log_in("acme", EMAIL, PASSWORD).choose_factor("Email");
        }
    }
    let locked = audit_events::table.filter(audit_events::event.eq("account.locked")).count();
    assert_eq!(locked.get_result::<i64>(&mut app.database.connect()).unwrap(), 1, "recorded once");
    let mails = app.mail_to(EMAIL);
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("Wrong verification codes")).count(), 1);
    owner.log_in("acme", EMAIL, PASSWORD).choose_factor("Email");
    owner.type_factor(&other_than(&app.mailed_code(EMAIL))).gets(422).sees("4 more tries");
    owner.type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    app.deliver();
}

/// Shows ASVS 6.5.2.
#[test]
fn codes_that_a_stranger_asks_for_leave_those_of_a_known_browser() {
    let app = guarded();
    let owner = pending_login(&app, EMAIL);
    owner.choose_factor("Email");
    owner.type_factor(&app.mailed_code(EMAIL)).is_at("/console").press("Log out");
    app.clock.advance(Duration::minutes(15));
    let stranger = pending_login(&app, EMAIL);
    stranger.choose_factor("Email");
    for _ in 0..5 {
        stranger.open(CODE).press("Resend code");
    }
    stranger.gets(429);
    owner.log_in("acme", EMAIL, PASSWORD).choose_factor("Email");
    owner.type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    app.deliver();
}

/// Shows ASVS 6.6.3.
#[test]
fn the_code_before_the_newest_costs_no_try() {
    let app = guarded();
    let owner = pending_login(&app, EMAIL);
    owner.choose_factor("Email");
    let first = app.mailed_code(EMAIL);
    owner.open(CODE).press("Resend code");
    let second = app.mailed_code(EMAIL);
    for _ in 0..6 {
        owner.type_factor(&first).gets(422).sees("A newer code was sent after this one");
    }
    owner.type_factor(&other_than(&second)).gets(422).sees("You have 4 more tries");
    let elsewhere = pending_login(&app, EMAIL);
    elsewhere.choose_factor("Email");
    let third = app.mailed_code(EMAIL);
    elsewhere.type_factor(&second).gets(422).sees("You have 4 more tries");
    elsewhere.type_factor(&third).is_at("/console");
    app.deliver();
}

#[test]
fn failed_logins_are_reported_by_what_failed() {
    let app = guarded();
    let owner = pending_login(&app, EMAIL);
    owner.choose_factor("Email");
    owner.type_factor(&app.mailed_code(EMAIL)).is_at("/console").press("Log out");
    let again = pending_login(&app, EMAIL);
    again.choose_factor("Email");
    let code = app.mailed_code(EMAIL);
    again.type_factor(&other_than(&code)).gets(422);
    again.type_factor(&code).is_at("/console");
    again.sees("In 1 of them the password was right and the code after it was wrong").sees_no("the password was wrong");
    again.press("Log out");
    assert_eq!(attempt(&again, "acme", EMAIL, "a wrong password").status, 422);
    again.log_in("acme", EMAIL, PASSWORD).choose_factor("Email");
    again.type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    again.sees("In 1 of them the password was wrong").sees_no("the code after it was wrong");
    app.deliver();
}

/// Shows ASVS 6.6.3.
#[test]
fn sms_that_a_stranger_asks_for_leave_those_of_a_known_browser() {
    let app = TestApp::start_with(|config| config.limits.sms_number = 4);
    app.organization("acme", EMAIL);
    let owner = app.visitor();
    owner.log_in("acme", EMAIL, PASSWORD).open("/account").press("Send code");
    owner.fill("Code", &app.sms_code("+821023456789")).press("Verify number").press("Log out");
    app.two_factor("acme", true);
    let stranger = pending_login(&app, EMAIL);
    stranger.choose_factor("Mobile");
    for _ in 0..5 {
        stranger.open(CODE).press("Resend code");
    }
    stranger.gets(429);
    owner.log_in("acme", EMAIL, PASSWORD).choose_factor("Mobile");
    owner.type_factor(&app.sms_code("+821023456789")).is_at("/console");
    app.deliver();
}
