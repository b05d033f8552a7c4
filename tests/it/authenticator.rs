//! The authenticator app: set up by its own code, tried, replaced, removed; and what stands in for it.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::features::factors::RecoveryCode;
use vestibule::platform::store::schema::{authenticator_recovery_codes, authenticators};

use super::invariants::dump::Looker;
use super::races::at_once;
use super::support::factors::app_code;
use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

const PAGE: &str = "/account/authenticator";

fn code_now(app: &TestApp, key: &str) -> String {
    app_code(key, app.app.clock().now())
}

fn try_code<'a>(person: &'a Person<'_>, code: &str) -> &'a Person<'a> {
    person.open(PAGE).fill("Code from the app", code).press("Check code")
}

/// Shows attack 36.
#[test]
fn an_authenticator_app_is_set_up_by_a_code_that_it_shows() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/console").sees("No authenticator app is set up").click("Set up authenticator app");
    owner.is_at("/account/authenticator/setup").press("Show QR code").is_at("/account/authenticator/verification");
    let (key, qr) = (owner.setup_key(), owner.page().all("svg[role=img] path").len());
    assert_eq!((key.len(), qr), (39, 1), "{key}");
    let uri = owner.page().link("open the app").unwrap();
    let plain = key.replace(' ', "");
    assert!(uri.starts_with("otpauth://totp/Vestibule:owner%40acme.example%20%28acme%29?secret="), "{uri}");
    assert!(uri.contains(&plain) && uri.ends_with("&issuer=Vestibule"), "{uri}");
    let drawn = vestibule::features::factors::QrCode::of(&uri).unwrap().path;
    assert!(owner.response().text().contains(&drawn), "the picture holds the address");

    owner.fill("Code from the app", "000000").press("Verify code").gets(422).sees("This is not a code that your app");
    assert_eq!(owner.setup_key(), key, "the same key is there to try again");
    owner.open("/account").sees("Not set up");
    owner.open("/account/authenticator/verification").fill("Code from the app", &code_now(&app, &key));
    owner
        .press("Verify code")
        .gets(200)
        .sees("Your authenticator app is set up")
        .sees("They are shown on this page only");
    assert_eq!(owner.recovery_codes().len(), 10);
    owner.click("I have kept them").is_at("/account").sees("10 of 10 left");
    owner.open("/console").sees_no("No authenticator app is set up");
    app.deliver();
}

/// Shows ASVS 6.5.5.
#[test]
fn asvs_6_5_1_a_code_of_the_app_works_once() {
    let app = TestApp::start();
    let owner = app.owner();
    let key = owner.set_up_authenticator();
    // The code that set it up was used by that.
    try_code(&owner, &code_now(&app, &key)).gets(422).sees("This code was used already");
    app.clock.advance(Duration::seconds(30));
    let code = code_now(&app, &key);
    try_code(&owner, &code).is_at(PAGE).sees("your authenticator app works");
    try_code(&owner, &code).gets(422).sees("This code was used already");
    app.clock.advance(Duration::seconds(60));
    let late = app_code(&key, app.app.clock().now() - Duration::seconds(30));
    try_code(&owner, &late).is_at(PAGE).sees("your authenticator app works");
    let early = app_code(&key, app.app.clock().now() + Duration::seconds(30));
    try_code(&owner, &early).gets(422).sees("This is not a code that your app shows now");
    app.deliver();
}

/// Shows ASVS 6.5.1, 15.4.2.
#[test]
fn race_one_code_of_the_app_sent_twenty_times_works_once() {
    let app = TestApp::start();
    let owner = app.owner();
    let key = owner.set_up_authenticator();
    for _ in 0..super::rounds(3) {
        app.clock.advance(Duration::seconds(30));
        let (cookies, code) = (owner.cookies.borrow().clone(), code_now(&app, &key));
        let mut answers = at_once(20, |_| {
            let twin = app.visitor();
            *twin.cookies.borrow_mut() = cookies.clone();
            twin.request("POST", PAGE, &[], &encode(&[("one_time_code", &code)])).status
        });
        answers.sort_unstable();
        assert_eq!((answers[0], answers[1]), (303, 422), "{answers:?}");
    }
    app.deliver();
}

/// Shows attack 36.
#[test]
fn an_older_app_stays_in_force_until_the_new_one_is_verified() {
    let app = TestApp::start();
    let owner = app.owner();
    let old = owner.set_up_authenticator();
    app.clock.advance(Duration::seconds(30));
    owner.open(PAGE).click("Replace").sees("stays in force").press("Show QR code");
    let new = owner.setup_key();
    assert_ne!(old, new);
    try_code(&owner, &code_now(&app, &old)).is_at(PAGE).sees("your authenticator app works");
    try_code(&owner, &code_now(&app, &new)).gets(422).sees("This is not a code");
    owner.open("/account/authenticator/verification").fill("Code from the app", &code_now(&app, &new));
    owner.press("Verify code").sees("Keep your recovery codes");
    app.clock.advance(Duration::seconds(30));
    try_code(&owner, &code_now(&app, &old)).gets(422);
    try_code(&owner, &code_now(&app, &new)).is_at(PAGE).sees("your authenticator app works");
    app.deliver();
}

/// Shows ASVS 6.5.6.
#[test]
fn a_setup_that_nobody_finished_is_forgotten_and_an_app_is_removed_with_its_codes() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account/authenticator/setup").press("Show QR code");
    app.clock.advance(Duration::minutes(61));
    app.clean_up();
    let count = || authenticators::table.count().get_result::<i64>(&mut app.database.connect()).unwrap();
    assert_eq!(count(), 0);
    owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD).is_at("/console");
    owner.open("/account/authenticator/verification").sees("Before you start");
    owner.set_up_authenticator();
    app.clean_up();
    owner.open(PAGE).click("Remove authenticator app").press("Remove authenticator app").is_at("/account");
    owner.sees("The authenticator app is removed").sees("Not set up");
    let left = authenticator_recovery_codes::table.count();
    assert_eq!((count(), left.get_result::<i64>(&mut app.database.connect()).unwrap()), (0, 0));
    app.deliver();
}

/// Shows ASVS 7.5.1; attacks 35, 36.
#[test]
fn setting_up_replacing_and_removing_need_a_fresh_login_and_trying_does_not() {
    let app = TestApp::start();
    let owner = app.owner();
    let key = owner.set_up_authenticator();
    app.clock.advance(Duration::minutes(11));
    for path in ["setup", "verification", "removal", "recovery-codes"] {
        owner.open(&format!("{PAGE}/{path}")).is_at("/confirmation");
        owner.post(&format!("{PAGE}/{path}"), &[]).is_at("/confirmation");
    }
    try_code(&owner, &code_now(&app, &key)).is_at(PAGE).sees("your authenticator app works");
    app.deliver();
}

/// The switches stand below the page; a reload and Back come to the same address.
#[test]
fn language_and_theme_switches_keep_new_codes_for_their_user() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.set_up_authenticator();
    let codes = owner.recovery_codes();
    assert_eq!(codes.len(), 10);
    for switch in ["한국어", "다크", "English", "Dark"] {
        owner.press(switch).gets(200);
        assert_eq!(owner.recovery_codes(), codes, "{switch}");
    }
    let address = owner.page().url.clone();
    owner.open(&address);
    assert_eq!(owner.recovery_codes(), codes);
    // Another user of the same browser, and another browser of the same user, see none.
    let other = app.colleague("acme", "jun@acme.example", vestibule::access::Roles::default());
    let pending = owner.cookies.borrow()["vestibule-pending"].clone();
    other.cookies.borrow_mut().insert("vestibule-pending".to_owned(), pending);
    let elsewhere = app.visitor();
    elsewhere.log_in("acme", "owner@acme.example", PASSWORD);
    for person in [&other, &elsewhere] {
        assert!(person.open(&address).recovery_codes().is_empty());
    }
    app.deliver();
}

/// Shows ASVS 6.5.2, 13.3.1.
#[test]
fn what_is_shown_once_is_neither_stored_nor_compressed_and_comes_as_a_file() {
    let app = TestApp::start();
    let owner = app.owner();
    let key = owner.set_up_authenticator();
    let codes = owner.recovery_codes();
    for code in &codes {
        assert!(RecoveryCode::parse(code).is_some(), "{code}");
    }
    let answer = owner.response();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let file =
        owner.request("POST", &format!("{PAGE}/recovery-codes/file"), &[], &encode(&[("codes", &codes.join(" "))]));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"recovery-codes.txt\""));
    assert_eq!(
        (file.header("content-type"), file.header("cache-control")),
        (Some("text/plain; charset=utf-8"), Some("no-store"))
    );
    assert!(codes.iter().all(|code| file.text().contains(code)) && file.text().contains("owner@acme.example"));
    // Nothing but one's own codes comes back as a file.
    for other in ["", "hello", &codes[1..].join(" "), &[codes[0].as_str(); 9].join(" ")] {
        owner.post(&format!("{PAGE}/recovery-codes/file"), &[("codes", other)]).is_at(PAGE).sees("work no more");
    }
    owner.open(&format!("{PAGE}/recovery-codes")).press("Make new recovery codes");
    let (anew, accepts) = (owner.recovery_codes(), [("Accept-Encoding", "gzip")]);
    assert!(anew.iter().all(|code| !codes.contains(code)));
    let made = owner.request("POST", &format!("{PAGE}/recovery-codes"), &[], "");
    let made = owner.request("GET", made.header("location").unwrap(), &accepts, "");
    assert!(made.text().contains("id=\"recovery-codes\""), "not compressed");
    assert_eq!(made.header("content-encoding").filter(|how| *how != "identity"), None);
    owner.open("/account/authenticator/setup").press("Show QR code");
    let shown = owner.request("GET", &format!("{PAGE}/verification"), &accepts, "");
    assert!(shown.text().contains("setup-key"), "not compressed");
    let (secret, pending) = (key.replace(' ', ""), owner.setup_key().replace(' ', ""));
    let seed = |key: &str| data_encoding::HEXLOWER.encode(&data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap());
    for (_, rows) in Looker::at(&app.database).look() {
        let table = format!("{rows:?}").to_lowercase();
        for secret in [&secret, &pending, &seed(&secret), &seed(&pending), &anew[0], &anew[0].replace('-', "")] {
            assert!(!table.contains(&secret.to_lowercase()), "a secret stands in the database");
        }
    }
    app.deliver();
}

#[test]
fn asvs_6_6_3_wrong_codes_of_the_app_count_with_all_others() {
    let app = TestApp::start();
    let owner = app.owner();
    let key = owner.set_up_authenticator();
    app.clock.advance(Duration::seconds(30));
    let code = code_now(&app, &key);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..20 {
        try_code(&owner, wrong).gets(422).sees("This is not a code");
    }
    try_code(&owner, &code).gets(422).sees("Too many wrong codes today");
    app.deliver();
}

/// Shows ASVS 6.5.5.
#[test]
fn a_phone_one_step_ahead_enrols() {
    let app = TestApp::start();
    let owner = app.owner();
    let ahead = || app.app.clock().now() + Duration::seconds(30);
    owner.open("/account/authenticator/setup").press("Show QR code");
    let key = owner.setup_key();
    let far = app_code(&key, app.app.clock().now() + Duration::seconds(90));
    owner.fill("Code from the app", &far).press("Verify code").gets(422);
    owner.fill("Code from the app", &app_code(&key, ahead())).press("Verify code").gets(200);
    owner.sees("Keep your recovery codes");
    app.two_factor("acme", true);
    let person = app.visitor();
    person.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Authenticator app");
    person.type_factor(&app_code(&key, ahead())).gets(422).sees("This code was used already");
    app.clock.advance(Duration::seconds(30));
    person.type_factor(&app_code(&key, ahead())).is_at("/console");
    app.clock.advance(Duration::seconds(120));
    let late = app.visitor();
    late.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Authenticator app");
    let before = app_code(&key, app.app.clock().now() - Duration::seconds(30));
    late.type_factor(&before).gets(422).sees("This is not a code that your app shows now");
    late.type_factor(&app_code(&key, app.app.clock().now())).is_at("/console");
    app.deliver();
}
