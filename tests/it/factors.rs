//! The mobile number: set by its user, verified by a code that works a few minutes, a few times and once.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, codes, mails, throttles, users};

use super::invariants::dump::Looker;
use super::races::at_once;
use super::support::people::encode;
use super::support::{Person, TestApp};

const NUMBER: &str = "+821023456789";
const VERIFICATION: &str = "/account/mobile/verification";

fn send_code<'a>(person: &'a Person<'_>) -> &'a Person<'a> {
    person.open("/account").press("Send code").is_at(VERIFICATION).sees("Code sent")
}

fn type_code<'a>(person: &'a Person<'_>, code: &str) -> &'a Person<'a> {
    person.open(VERIFICATION).fill("Code", code).press("Verify number")
}

/// Another code than this one.
fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[test]
fn a_number_is_verified_by_the_code_that_was_sent_to_it() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/console").sees("Your mobile number is not verified");
    owner.open("/account").sees("Not verified").sees("+82 10-2345-6789");
    send_code(&owner);
    let code = app.sms_code(NUMBER);
    type_code(&owner, &code).is_at("/account").sees("Your mobile number is verified").sees_no("Not verified");
    owner.open("/console").sees_no("Your mobile number is not verified");
    owner.open(VERIFICATION).sees("There is nothing left to do");
    // A code works once, and a verified number asks for none.
    owner.post(VERIFICATION, &[("one_time_code", &code)]).is_at(VERIFICATION).sees("There is nothing left to do");
    owner.post("/account/mobile/code", &[]).is_at(VERIFICATION).gets(200);
    assert_eq!(app.mail_to(NUMBER).len(), 1);
}

#[test]
fn an_sms_speaks_the_language_of_its_reader() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.post("/preferences", &[("language", "ko"), ("here", "/account")]);
    owner.open("/account").press("인증번호 받기").is_at(VERIFICATION).sees("인증번호 발송");
    let code = app.sms_code(NUMBER);
    assert!(app.mail_to(NUMBER)[0].text.contains("인증번호"));
    owner.fill("인증번호", &code).press("번호 인증").is_at("/account").sees("휴대폰 번호를 인증했습니다");
}

/// Shows ASVS 6.5.6, 6.6.1; attack 31.
#[test]
fn a_changed_number_is_unverified_and_a_removed_one_is_gone() {
    let app = TestApp::start();
    let owner = app.owner();
    send_code(&owner);
    let old = app.sms_code(NUMBER);
    owner.open("/account").click("Change number").is_at("/account/mobile");
    assert_eq!(owner.page().value("Mobile").as_deref(), Some("+82 10-2345-6789"));
    owner.fill("Mobile", "12").press("Save number").gets(422).sees("“12” is not a phone number");
    owner.fill("Mobile", "+49 1512 3456789").press("Save number").is_at(VERIFICATION).sees("+49 1512 3456789");
    // A code proves nothing about another number.
    owner.post(VERIFICATION, &[("one_time_code", &old)]).gets(422).sees("No code works any more");
    owner.press("Send code");
    type_code(&owner, &app.sms_code("+4915123456789")).is_at("/account").sees("is verified");
    owner
        .open("/account/mobile")
        .press("Save number")
        .is_at("/account")
        .sees("Nothing was changed")
        .sees_no("Not verified");
    owner.open("/account/mobile").fill("Mobile", "+82 10-9876-5432").press("Save number");
    owner.open("/account").sees("Not verified").click("Remove number").sees("No SMS can be sent");
    owner.press("Remove number").is_at("/account").sees("No mobile number").sees("Add number").sees_no("Send code");
    let done = audit_events::table.filter(audit_events::event.like("mobile.%")).filter(audit_events::result.eq("done"));
    let events: Vec<String> =
        done.order(audit_events::id).select(audit_events::event).load(&mut app.database.connect()).unwrap();
    let told = ["code_sent", "changed", "code_sent", "verified", "changed", "removed"];
    assert_eq!(events, told.map(|event| format!("mobile.{event}")));
    app.deliver();
}

/// Shows ASVS 7.5.1; attack 35.
#[test]
fn changing_the_number_needs_a_fresh_login_and_verifying_it_does_not() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(11));
    owner.open("/account/mobile").is_at("/confirmation");
    owner.post("/account/mobile", &[("mobile_country", "KR"), ("mobile", "010-9876-5432")]).is_at("/confirmation");
    send_code(&owner);
    type_code(&owner, &app.sms_code(NUMBER)).is_at("/account").sees("is verified");
}

#[test]
fn asvs_6_5_5_a_code_works_for_five_minutes_and_not_a_second_longer() {
    let app = TestApp::start();
    let owner = app.owner();
    send_code(&owner);
    let code = app.sms_code(NUMBER);
    app.clock.advance(Duration::seconds(301));
    owner.post(VERIFICATION, &[("one_time_code", &code)]).gets(422).sees("No code works any more");
    send_code(&owner);
    let code = app.sms_code(NUMBER);
    app.clock.advance(Duration::seconds(299));
    type_code(&owner, &code).is_at("/account").sees("is verified");
}

#[test]
fn asvs_6_5_1_a_new_code_takes_the_place_of_the_old_one() {
    let app = TestApp::start();
    let owner = app.owner();
    send_code(&owner);
    let old = app.sms_code(NUMBER);
    owner.open(VERIFICATION).press("Send a new code");
    let new = app.sms_code(NUMBER);
    assert_ne!(old, new);
    type_code(&owner, &old).gets(422).sees("A newer code was sent after this one");
    type_code(&owner, &new).is_at("/account").sees("is verified");
}

/// Shows attack 27.
#[test]
fn asvs_6_6_3_a_code_takes_five_tries_and_then_not_even_the_right_one() {
    let app = TestApp::start();
    let owner = app.owner();
    send_code(&owner);
    let code = app.sms_code(NUMBER);
    for told in ["You have 4 more tries", "3 more tries", "2 more tries", "1 more try", "No code works any more"] {
        owner.post(VERIFICATION, &[("one_time_code", &other_than(&code))]).gets(422).sees(told);
    }
    owner.post(VERIFICATION, &[("one_time_code", &code)]).gets(422).sees("No code works any more");
    // What is no code at all takes no try.
    owner.press("Send code");
    for typed in ["", "12", "abcdef"] {
        owner.post(VERIFICATION, &[("one_time_code", typed)]).gets(422).sees_no("more tries");
    }
    type_code(&owner, &app.sms_code(NUMBER)).is_at("/account").sees("is verified");
}

/// Shows ASVS 6.6.3; attack 29.
#[test]
fn race_twenty_wrong_codes_at_once_take_five_tries() {
    let app = TestApp::start();
    let owner = app.owner();
    for _ in 0..super::rounds(3) {
        send_code(&owner);
        let code = app.sms_code(NUMBER);
        let (cookies, wrong) = (owner.cookies.borrow().clone(), other_than(&code));
        let tried = at_once(20, |_| {
            let twin = app.visitor();
            *twin.cookies.borrow_mut() = cookies.clone();
            twin.request("POST", VERIFICATION, &[], &encode(&[("one_time_code", &wrong)])).status
        });
        assert_eq!(tried, [422; 20]);
        let mut connection = app.database.connect();
        let newest = codes::table.order(codes::id.desc()).select(codes::tries);
        assert_eq!(newest.first::<i64>(&mut connection).unwrap(), 5);
        let wrong = throttles::table.filter(throttles::subject.eq("code_tries")).select(throttles::count);
        assert_eq!(wrong.first::<i64>(&mut connection).unwrap(), 5);
        owner.post(VERIFICATION, &[("one_time_code", &code)]).gets(422).sees("No code works any more");
        app.clock.advance(Duration::hours(25));
        owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD).is_at("/console");
    }
    app.deliver();
}

/// Shows ASVS 2.4.1; attacks 27, 28.
#[test]
fn asvs_6_6_3_twenty_wrong_codes_a_day_and_five_codes_in_a_quarter_of_an_hour_are_the_most() {
    let app = TestApp::start();
    let owner = app.owner();
    for round in 0..4 {
        send_code(&owner);
        let code = app.sms_code(NUMBER);
        for _ in 0..5 {
            owner.post(VERIFICATION, &[("one_time_code", &other_than(&code))]).gets(422).sees_no("Too many");
        }
        assert!(round < 4);
    }
    send_code(&owner);
    let code = app.sms_code(NUMBER);
    owner.post(VERIFICATION, &[("one_time_code", &code)]).gets(422).sees("Too many wrong codes today");
    owner.post("/account/mobile/code", &[]).gets(429).sees("Ask for a new one in 15 minutes");
    assert_eq!(owner.response().header("retry-after"), Some("900"));
    app.clock.advance(Duration::minutes(15));
    send_code(&owner);
    assert_eq!(app.mail_to(NUMBER).len(), 6);
    app.clock.advance(Duration::hours(24));
    owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD).is_at("/console");
    send_code(&owner);
    type_code(&owner, &app.sms_code(NUMBER)).is_at("/account").sees("is verified");
}

/// Shows ASVS 6.6.2; attack 31.
#[test]
fn a_colleague_s_code_is_nothing_to_somebody_else() {
    let app = TestApp::start();
    let owner = app.owner();
    let mate = app.colleague("acme", "mate@acme.example", Roles::default());
    mate.open("/account").click("Add number").fill("Mobile", "010-9876-5432").press("Save number").press("Send code");
    send_code(&owner);
    let code = app.sms_code("+821098765432");
    type_code(&owner, &code).gets(422).sees("You have 4 more tries");
    type_code(&mate, &code).is_at("/account").sees("is verified");
}

/// Shows attack 39.
#[test]
fn asvs_6_5_2_codes_stand_nowhere_in_plain() {
    let app = TestApp::start();
    let owner = app.owner();
    send_code(&owner);
    // Twice, so that the sealed message of one is still there and that of the other is not.
    let first = app.sms_code(NUMBER);
    owner.open(VERIFICATION).press("Send a new code");
    let code = app.sms_code(NUMBER);
    for (table, rows) in Looker::at(&app.database).look() {
        // What is hashed or sealed may hold any six digits by chance.
        let plain = |name: &str| !["hash", "sealed", "id", "key", "reference"].iter().any(|part| name.contains(part));
        for (name, value) in rows.iter().flatten().filter(|(name, _)| plain(name)) {
            assert!(!value.contains(&first) && !value.contains(&code), "{table}.{name} holds a code: {value}");
        }
    }
    let page = owner.open(VERIFICATION).response().text() + &owner.open("/account").response().text();
    assert!(!page.contains(&code) && !page.contains(&first));
    let sealed: Vec<Option<Vec<u8>>> =
        mails::table.filter(mails::channel.eq("sms")).select(mails::sealed).load(&mut app.database.connect()).unwrap();
    assert_eq!(sealed, [None, None], "what was delivered is dropped");
    let verified: Vec<Option<chrono::NaiveDateTime>> =
        users::table.select(users::mobile_verified_at).load(&mut app.database.connect()).unwrap();
    assert_eq!(verified, [None]);
}
