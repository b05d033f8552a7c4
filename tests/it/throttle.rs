//! What slows guessing down: locks of accounts, pauses of networks, and that nobody is shut out by a stranger.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::audit_events;

use super::login::attempt;
use super::support::TestApp;
use super::support::people::PASSWORD;

#[test]
fn asvs_6_3_1_five_wrong_passwords_lock_for_a_quarter_of_an_hour_then_twice_that() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let stranger = app.visitor().from("198.51.100.7");
    for minutes in [15, 30, 60] {
        for count in 1..=5 {
            let answer = attempt(&stranger, "acme", "owner@acme.example", "a wrong password");
            assert_eq!(answer.status, if count < 5 { 422 } else { 429 });
        }
        let locked = attempt(&stranger, "acme", "owner@acme.example", PASSWORD);
        assert_eq!(locked.status, 429, "the right password too");
        assert_eq!(locked.header("retry-after"), Some((minutes * 60).to_string().as_str()));
        app.clock.advance(Duration::minutes(minutes) - Duration::seconds(1));
        assert_eq!(attempt(&stranger, "acme", "owner@acme.example", PASSWORD).status, 429);
        app.clock.advance(Duration::seconds(1));
    }
    assert_eq!(attempt(&stranger, "acme", "owner@acme.example", PASSWORD).status, 303, "the lock ended by itself");
    let subjects: Vec<_> = app.mail_to("owner@acme.example").into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.iter().filter(|subject| subject.contains("locked")).count(), 3, "{subjects:?}");
}

#[test]
fn a_success_or_a_day_without_failure_starts_the_locks_over() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let wait_after_five = |address: &str| {
        let person = app.visitor().from(address);
        let answers: Vec<_> =
            (0..5).map(|_| attempt(&person, "acme", "owner@acme.example", "a wrong password")).collect();
        answers[4].header("retry-after").map(str::to_owned)
    };
    assert_eq!(wait_after_five("198.51.100.1").as_deref(), Some("900"));
    app.clock.advance(Duration::minutes(15));
    assert_eq!(attempt(&app.visitor(), "acme", "owner@acme.example", PASSWORD).status, 303);
    assert_eq!(wait_after_five("198.51.100.2").as_deref(), Some("900"), "after a success");
    app.clock.advance(Duration::hours(25));
    assert_eq!(wait_after_five("198.51.100.3").as_deref(), Some("900"), "after a day");
    app.deliver();
}

/// Shows ASVS 6.3.1; attack 93.
#[test]
fn strangers_cannot_lock_a_user_out_of_a_browser_that_is_known() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.press("Log out").is_at("/login");
    let stranger = app.visitor().from("198.51.100.7");
    for _ in 0..6 {
        attempt(&stranger, "acme", "owner@acme.example", "a wrong password");
    }
    assert_eq!(attempt(&stranger, "acme", "owner@acme.example", PASSWORD).status, 429);
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.press("Log out");
    for _ in 0..5 {
        attempt(&owner, "acme", "owner@acme.example", "a wrong password");
    }
    assert_eq!(attempt(&owner, "acme", "owner@acme.example", PASSWORD).status, 429, "a known browser has its own five");
    app.deliver();
}

/// Shows attack 93.
#[test]
fn a_password_reset_lifts_the_lock() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor().from("198.51.100.7");
    for _ in 0..5 {
        attempt(&owner, "acme", "owner@acme.example", "a wrong password");
    }
    owner
        .open("/password")
        .fill("Organization name", "acme")
        .fill("Email", "owner@acme.example")
        .press("Mail me a link");
    let link = app.link_to("owner@acme.example", "new password");
    let new = "velvet-harbor-93-tundra";
    owner
        .open(&link)
        .fill("New password", new)
        .fill("New password again", new)
        .press("Set new password")
        .is_at("/login/acme");
    owner.log_in("acme", "owner@acme.example", new).is_at("/console");
    app.deliver();
}

/// Shows attack 94.
#[test]
fn asvs_2_4_1_sixty_wrong_passwords_pause_a_network_but_not_its_known_browsers() {
    let app = TestApp::start();
    let owner = app.owner_of("acme", "owner@acme.example").from("2001:db8:1:2::5");
    owner.press("Log out");
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console").press("Log out");
    let mut last = 0;
    for number in 0..60 {
        let person = app.visitor().from(&format!("2001:db8:1:2::{number:x}"));
        last = attempt(&person, "acme", &format!("user{number}@acme.example"), "a wrong password").status;
    }
    assert_eq!(last, 429, "the sixtieth");
    let neighbour = app.visitor().from("2001:db8:1:2:ffff::1");
    let answer = attempt(&neighbour, "acme", "owner@acme.example", PASSWORD);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("900")), "the same /64 pauses");
    assert!(answer.text().contains("came from your network"));
    assert_eq!(
        attempt(&app.visitor().from("2001:db8:1:3::1"), "acme", "owner@acme.example", PASSWORD).status,
        303,
        "another /64"
    );
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    app.clock.advance(Duration::minutes(15));
    assert_eq!(attempt(&neighbour, "acme", "owner@acme.example", PASSWORD).status, 303);
    app.deliver();
}

/// Shows ASVS 2.4.1.
#[test]
fn many_good_logins_from_one_address_are_never_refused() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    for _ in 0..100 {
        assert_eq!(attempt(&app.visitor().from("192.0.2.1"), "acme", "owner@acme.example", PASSWORD).status, 303);
    }
    app.deliver();
}

/// Shows ASVS 2.4.1; attack 94.
#[test]
fn counters_hold_across_instances_and_restarts() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let second = app.beside();
    for count in 0..5 {
        let instance = if count % 2 == 0 { &app } else { &second };
        attempt(&instance.visitor(), "acme", "owner@acme.example", "a wrong password");
    }
    let third = second.beside();
    assert_eq!(attempt(&third.visitor(), "acme", "owner@acme.example", PASSWORD).status, 429);
    app.deliver();
}

/// Shows ASVS 6.3.1.
#[test]
fn a_lock_by_recovery_codes_is_recorded_and_emailed_and_known_browsers_still_log_in() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.press("Log out");
    let stranger = app.visitor().from("198.51.100.7");
    for count in 1..=5 {
        let fields = [
            ("organization", "acme"),
            ("email", "owner@acme.example"),
            ("recovery_code", "aaaaaa-aaaaaa-aaaaaa-aaaaaa"),
        ];
        stranger.post("/login/recovery", &fields).gets(if count < 5 { 422 } else { 429 });
    }
    let locks = audit_events::table.filter(audit_events::event.eq("account.locked")).count();
    assert_eq!(locks.get_result::<i64>(&mut app.database.connect()).unwrap(), 1);
    let mails = app.mail_to("owner@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains("owner recovery codes were entered")), "the owner is told");
    assert_eq!(attempt(&stranger, "acme", "owner@acme.example", PASSWORD).status, 429);
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    app.deliver();
}

/// Shows ASVS 6.3.1.
#[test]
fn every_lock_is_recorded_wherever_the_password_was_wrong() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(11));
    for _ in 0..5 {
        owner.post("/confirmation", &[("password", "a wrong password"), ("next", "/account")]);
    }
    owner.gets(429);
    let locks = audit_events::table.filter(audit_events::event.eq("account.locked")).count();
    assert_eq!(locks.get_result::<i64>(&mut app.database.connect()).unwrap(), 1);
    let subjects: Vec<_> = app.mail_to("owner@acme.example").into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.iter().filter(|subject| subject.contains("locked")).count(), 1, "{subjects:?}");
    app.deliver();
}

/// Shows ASVS 2.4.1; attack 94.
#[test]
fn one_48_takes_only_its_share() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let from = |number: usize| app.visitor().from(&format!("2001:db8:1:{number:x}::1"));
    let mut last = 0;
    for number in 0..240 {
        last = attempt(&from(number), "acme", &format!("user{number}@acme.example"), "a wrong password").status;
    }
    assert_eq!(last, 429, "the two hundred and fortieth");
    let fresh = attempt(&from(0xffff), "acme", "owner@acme.example", PASSWORD);
    assert_eq!((fresh.status, fresh.header("retry-after")), (429, Some("900")), "a fresh /64 of the same /48");
    let other = app.visitor().from("2001:db8:2::1");
    assert_eq!(attempt(&other, "acme", "owner@acme.example", PASSWORD).status, 303, "another /48");
    app.deliver();
}

/// Shows ASVS 2.4.1.
#[test]
fn new_passwords_that_are_refused_count() {
    // The first password counts, too.
    let app = TestApp::start_with(|config| config.limits.new_passwords = 4);
    let owner = app.owner();
    let change = |password: &str| {
        owner.open("/account/password").fill("New password", password).fill("New password again", password);
        owner.press("Change password");
    };
    for _ in 0..3 {
        change(PASSWORD);
        owner.gets(422).sees("not among your last three passwords");
    }
    change("velvet-harbor-93-tundra");
    owner.gets(422).sees("You have tried too many new passwords. Wait 60 minutes");
    app.clock.advance(Duration::hours(1));
    owner.log_in("acme", "owner@acme.example", PASSWORD);
    change("velvet-harbor-93-tundra");
    owner.is_at("/account");
    app.deliver();
}
