//! What visitors cannot do to the links of others: renew a revoked one, use up what a user may ask for, hold a name longer.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::audit_events;

use super::links::ask_for_reset;
use super::operator::Operator;
use super::support::TestApp;
use super::support::people::{PASSWORD, Person};

const MINA: &str = "mina@acme.example";

/// Shows attack 13.
#[test]
fn a_revoked_invitation_stays_revoked_whoever_asks() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/new").fill("Email", "wrong@elsewhere.example").fill("Name", "Mina").press("Register");
    let link = app.link_to("wrong@elsewhere.example", "Invitation");
    owner.open("/iam/users").click("Mina").press("Revoke invitation").sees("revoked");
    let stranger = app.visitor().from("198.51.100.9");
    stranger.open(&link).gets(410);
    ask_for_reset(&stranger, "acme", "wrong@elsewhere.example");
    let page = stranger.page().text().replace("wrong@elsewhere.example", "EMAIL");
    ask_for_reset(&stranger, "acme", "nobody@elsewhere.example");
    assert_eq!(page, stranger.page().text().replace("nobody@elsewhere.example", "EMAIL"), "one page for all");
    assert_eq!(app.mail_to("wrong@elsewhere.example").len(), 1, "nothing is sent");
    let refused = audit_events::table
        .filter(audit_events::event.eq("invitation.sent"))
        .filter(audit_events::reason.eq("revoked"))
        .count();
    assert_eq!(refused.get_result::<i64>(&mut app.database.connect()).unwrap(), 1);
    owner.open("/iam/users").click("Mina").press("Send new invitation").sees("on its way");
    let link = app.link_to("wrong@elsewhere.example", "Invitation");
    stranger.open(&link).fill("New password", PASSWORD).fill("New password again", PASSWORD);
    stranger.press("Register password").is_at("/login/acme");
    app.deliver();
}

/// Shows attack 13.
#[test]
fn a_revoked_invitation_stays_revoked_for_as_long_as_its_user_waits() {
    let app = TestApp::start();
    let owner = app.owner();
    for (email, name) in [("wrong@elsewhere.example", "Mina"), ("slow@acme.example", "Jun")] {
        owner.open("/iam/users/new").fill("Email", email).fill("Name", name).press("Register");
    }
    owner.open("/iam/users").click("Mina").press("Revoke invitation").sees("revoked");
    app.clock.advance(Duration::days(60));
    app.clean_up();
    let stranger = app.visitor().from("198.51.100.9");
    ask_for_reset(&stranger, "acme", "wrong@elsewhere.example");
    ask_for_reset(&stranger, "acme", "slow@acme.example");
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to("wrong@elsewhere.example").len(), 0, "nothing is sent");
    assert_eq!(app.mail_to("slow@acme.example").len(), 1, "one that ran out is sent again");
}

/// A user who was deactivated and let back in before a first password is in the same place.
#[test]
fn an_invitation_that_a_deactivation_ended_is_renewed_by_an_administrator_only() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/new").fill("Email", "mina@acme.example").fill("Name", "Mina").press("Register");
    app.deliver();
    let user = app.visitor();
    ask_for_reset(&user, "acme", "mina@acme.example");
    assert_eq!(app.mail_to("mina@acme.example").len(), 2, "an open invitation is sent again");
    owner.open("/iam/users").click("Mina").press("Deactivate");
    owner.open("/iam/users").click("Mina").press("Reactivate");
    ask_for_reset(&user, "acme", "mina@acme.example");
    assert_eq!(app.mail_to("mina@acme.example").len(), 2);
    app.deliver();
}

/// Shows ASVS 2.4.1.
#[test]
fn a_stranger_uses_up_no_resets_of_the_user() {
    let app = TestApp::start();
    let owner = app.owner_of("acme", "owner@acme.example").from("192.0.2.1");
    owner.press("Log out");
    owner.log_in("acme", "owner@acme.example", PASSWORD).press("Log out");
    let resets =
        || app.mail_to("owner@acme.example").iter().filter(|mail| mail.subject.contains("Set a new password")).count();
    for network in 1..=5 {
        for _ in 0..4 {
            ask_for_reset(&app.visitor().from(&format!("198.51.100.{network}")), "acme", "owner@acme.example");
            app.deliver();
        }
    }
    assert_eq!(resets(), 12, "three of a network, twelve over all");
    ask_for_reset(&app.visitor().from("203.0.113.1"), "acme", "owner@acme.example");
    assert_eq!(resets(), 12);
    ask_for_reset(&owner, "acme", "owner@acme.example");
    assert_eq!(resets(), 13, "a browser that is known counts for itself");
    app.deliver();
}

#[test]
fn a_stranger_holds_no_name_longer_by_asking_for_the_invitation_again() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example").is_at("/signup/done");
    app.clock.advance(Duration::days(6));
    ask_for_reset(&app.visitor().from("198.51.100.9"), "acme", "owner@acme.example");
    let link = app.link_to("owner@acme.example", "Invitation");
    app.clock.advance(Duration::days(1) + Duration::seconds(1));
    app.visitor().open(&link).gets(410);
    app.visitor().from("198.51.100.10").sign_up("acme", "other@acme.example").is_at("/signup/done");
    app.deliver();
}

/// Mina, who was invited, and the link that was mailed to her.
fn invited<'a>(app: &'a TestApp, owner: &Person<'a>) -> String {
    owner.open("/iam/users/new").fill("Email", MINA).fill("Name", "Mina").press("Register").sees("on its way");
    app.link_to(MINA, "Invitation")
}

/// Shows ASVS 2.4.1.
#[test]
fn a_stranger_who_asks_again_and_again_takes_no_working_link_away_and_puts_no_invitation_off() {
    let app = TestApp::start();
    let owner = app.owner();
    invited(&app, &owner);
    for network in 1..=5 {
        for _ in 0..4 {
            ask_for_reset(&app.visitor().from(&format!("198.51.100.{network}")), "acme", MINA);
            app.deliver();
        }
    }
    let mailed = app.mail_to(MINA).len();
    assert_eq!(mailed, 11, "the invitation and ten");
    let newest = app.link_to(MINA, "Invitation");
    app.visitor().open(&newest).gets(200).sees("New password");
    owner.open("/iam/users").click("Mina").press("Send new invitation").sees("on its way");
    assert_eq!(app.mail_to(MINA).len(), mailed + 1);
    app.clock.advance(Duration::days(1));
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to(MINA).len(), mailed + 1, "nothing waits");
}

#[test]
fn a_link_works_until_the_mail_with_the_next_one_is_sent() {
    let app = TestApp::start();
    let owner = app.owner();
    invited(&app, &owner);
    for _ in 0..2 {
        owner.open("/iam/users").click("Mina").press("Send new invitation").sees("on its way");
    }
    let third = app.link_to(MINA, "Invitation");
    for _ in 0..2 {
        owner.open("/iam/users").click("Mina").press("Send new invitation").sees("A limit of invitations a day");
    }
    assert_eq!(app.link_to(MINA, "Invitation"), third, "the next one waits");
    app.visitor().open(&third).gets(200).sees("New password");
    ask_for_reset(&app.visitor(), "acme", MINA);
    assert_eq!(app.link_to(MINA, "Invitation"), third, "a visitor's request changes nothing of it");
    let recorded = |kind: &str| {
        let events = audit_events::table.filter(audit_events::event.eq(kind)).filter(audit_events::reason.is_null());
        events.count().get_result::<i64>(&mut app.database.connect()).unwrap()
    };
    assert_eq!((recorded("invitation.sent"), recorded("invitation.scheduled")), (2, 2));
    app.clock.advance(Duration::days(1));
    while app.deliver().sent > 0 {}
    let fourth = app.link_to(MINA, "Invitation");
    assert_ne!(fourth, third);
    app.visitor().open(&third).gets(410).sees("newer");
    app.visitor().register_password(MINA, PASSWORD).is_at("/login/acme");
}

#[test]
fn a_link_that_works_until_the_next_one_is_sent_sets_the_password_and_ends_that_one() {
    let app = TestApp::start();
    let owner = app.owner();
    invited(&app, &owner);
    for _ in 0..3 {
        owner.open("/iam/users").click("Mina").press("Send new invitation");
    }
    owner.sees("A limit of invitations a day");
    app.visitor().register_password(MINA, PASSWORD).is_at("/login/acme");
    app.clock.advance(Duration::days(1));
    let before = app.mail_to(MINA).len();
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to(MINA).len(), before, "its mail is not sent");
}

#[test]
fn a_link_that_the_operator_makes_takes_the_place_of_an_invitation_that_waits() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    let owner = app.owner();
    invited(app, &owner);
    for _ in 0..3 {
        owner.open("/iam/users").click("Mina").press("Send new invitation");
        app.deliver();
    }
    owner.open("/iam/users").click("Mina").sees("To be sent on");
    operator.does(&["user", "reset-password", "acme", MINA, "--print"]);
    owner.open("/iam/users").click("Mina").sees_no("To be sent on");
    app.clock.advance(Duration::days(1));
    let before = app.mail_to(MINA).len();
    assert_eq!(before, 3);
    app.deliver();
}

#[test]
fn an_invitation_for_tomorrow_keeps_nobody_from_turning_two_factor_authentication_on() {
    let app = TestApp::start();
    let owner = app.owner();
    invited(&app, &owner);
    for _ in 0..3 {
        owner.open("/iam/users").click("Mina").press("Send new invitation");
    }
    owner.sees("Until then, a link that was sent before keeps working").sees("To be sent on");
    app.deliver();
    app.clock.advance(Duration::minutes(11));
    owner.open("/iam/organization/account/edit").gets(200).sees_no("Mail is not being delivered");
}

#[test]
fn an_invitation_that_ran_out_can_be_revoked_and_is_then_not_renewed() {
    let app = TestApp::start();
    let owner = app.owner();
    invited(&app, &owner);
    app.clock.advance(Duration::days(8));
    owner.log_in("acme", "owner@acme.example", PASSWORD);
    let before = app.mail_to(MINA).len();
    owner
        .open("/iam/users")
        .click("Mina")
        .sees("There is no link that works")
        .press("Revoke invitation")
        .sees("revoked");
    ask_for_reset(&app.visitor(), "acme", MINA);
    assert_eq!(app.mail_to(MINA).len(), before);
    owner.open("/iam/users").click("Mina").sees_no("Revoke invitation");
}

#[test]
fn too_many_new_passwords_are_recorded_with_their_user_and_change() {
    let app = TestApp::start_with(|config| config.limits.new_passwords = 1);
    let owner = app.owner_of("acme", "owner@acme.example");
    let next = "another long passphrase";
    owner.open("/account/password").fill("New password", next).fill("New password again", next);
    owner.press("Change password").sees("too many new passwords");
    ask_for_reset(&app.visitor(), "acme", "owner@acme.example");
    let visitor = app.visitor();
    visitor.open(&app.link_to("owner@acme.example", "new password"));
    visitor
        .fill("New password", next)
        .fill("New password again", next)
        .press("Set new password")
        .sees("too many new passwords");
    let rows = audit_events::table.filter(audit_events::reason.eq("throttled")).order(audit_events::event).select((
        audit_events::event,
        audit_events::actor_kind,
        audit_events::target_name,
    ));
    let rows: Vec<(String, String, Option<String>)> = rows.load(&mut app.database.connect()).unwrap();
    let owner = Some("owner@acme.example".to_owned());
    let expected =
        ["password.changed", "password.reset"].map(|kind| (kind.to_owned(), "user".to_owned(), owner.clone()));
    assert_eq!(rows, expected);
    app.deliver();
}
