//! The second factor of a login: every way, its limits, and what comes between the password and the code.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, logins_in_progress, sessions, users};

use super::login::attempt;
use super::races::at_once;
use super::support::factors::app_code;
use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

pub const EMAIL: &str = "owner@acme.example";
pub const CODE: &str = "/login/factor/code";

/// An organization with two-factor authentication; nobody is logged in.
pub fn guarded() -> TestApp {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    app.two_factor("acme", true);
    app
}

/// Somebody whose password was right.
pub fn pending_login<'a>(app: &'a TestApp, email: &str) -> Person<'a> {
    let person = app.visitor();
    person.log_in("acme", email, PASSWORD).is_at("/login/factor");
    person
}

/// Another code than this one.
pub fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn reasons(app: &TestApp) -> Vec<String> {
    let rows = audit_events::table.filter(audit_events::event.eq("login")).order(audit_events::id);
    let rows: Vec<Option<String>> = rows.select(audit_events::reason).load(&mut app.database.connect()).unwrap();
    rows.into_iter().flatten().collect()
}

/// Shows ASVS 6.3.3; attack 33.
#[test]
fn one_logs_in_by_a_code_that_was_mailed_and_comes_back_to_where_one_was() {
    let app = guarded();
    let owner = app.visitor();
    owner.open("/iam/users").is_at("/login").fill("Organization name", "acme").press("Next");
    owner.fill("Email", EMAIL).fill("Password", PASSWORD).press("Log in").is_at("/login/factor");
    owner.sees("o•••@acme.example").sees("No verified number").sees("No authenticator app is set up");
    owner.sees_no("Use a recovery code");
    // Nothing is open before the code is there.
    owner.open("/console").is_at("/login");
    owner.open("/login/factor").press("Next").is_at(CODE).sees("We mailed a code to o•••@acme.example");
    let code = app.mailed_code(EMAIL);
    owner.press("Log in").gets(422).sees("Enter something here");
    owner.fill("Code", "12345").press("Log in").gets(422).sees("Enter the six digits");
    owner.fill("Code", &other_than(&code)).press("Log in").gets(422).sees("You have 4 more tries");
    owner.fill("Code", &code).press("Log in").is_at("/iam/users");
    let kept: Vec<Option<String>> =
        sessions::table.select(sessions::second_factor).load(&mut app.database.connect()).unwrap();
    assert_eq!(kept, [Some("email".to_owned())]);
    let left: i64 = logins_in_progress::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!((left, reasons(&app)), (0, vec!["wrong_code".to_owned()]));
    app.deliver();
}

/// Shows ASVS 6.5.1.
#[test]
fn one_logs_in_by_mobile_by_the_app_and_by_a_recovery_code() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").press("Send code").fill("Code", &app.sms_code("+821023456789")).press("Verify number");
    let key = owner.set_up_authenticator();
    let recovery = owner.recovery_codes();
    app.two_factor("acme", true);

    let by_mobile = pending_login(&app, EMAIL);
    by_mobile.sees("••• 6789").choose_factor("Mobile").sees("We sent a code by SMS to ••• 6789");
    by_mobile.type_factor(&app.sms_code("+821023456789")).is_at("/console");

    app.clock.advance(Duration::seconds(30));
    let by_app = pending_login(&app, EMAIL);
    by_app.press("Next").is_at(CODE).sees("Open your authenticator app").sees_no("Resend code");
    let code = app_code(&key, app.app.clock().now());
    by_app.type_factor(&other_than(&code)).gets(422).sees("This is not a code that your app shows now");
    by_app.type_factor(&code).is_at("/console");
    let twice = pending_login(&app, EMAIL);
    twice.choose_factor("Authenticator app").type_factor(&code).gets(422).sees("This code was used already");

    let lost = pending_login(&app, EMAIL);
    lost.click("Use a recovery code").fill("Recovery code", "abc").press("Log in").gets(422).sees("all 24 letters");
    lost.fill("Recovery code", &recovery[0]).press("Log in").is_at("/console");
    let again = pending_login(&app, EMAIL);
    again.open("/login/factor/recovery").fill("Recovery code", &recovery[0]).press("Log in");
    again.gets(422).sees("This is not an unused recovery code");
    let mut kept: Vec<Option<String>> =
        sessions::table.select(sessions::second_factor).load(&mut app.database.connect()).unwrap();
    kept.sort();
    let words = ["authenticator", "mobile", "recovery_code"].map(|word| Some(word.to_owned()));
    assert_eq!(kept, [&[None][..], &words].concat());
    app.deliver();
}

/// Shows ASVS 2.2.3, 6.6.1.
#[test]
fn a_number_cannot_be_chosen_where_no_sms_is_sent() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").press("Send code").fill("Code", &app.sms_code("+821023456789")).press("Verify number");
    app.two_factor("acme", true);
    let without = app.beside_with(|config| {
        config.mode = vestibule::platform::config::Mode::Production;
        config.sms.gateway = None;
    });
    let person = pending_login(&without, EMAIL);
    person.sees("This installation cannot send SMS");
    person.post("/login/factor", &[("factor", "mobile")]).gets(422).sees("not greyed out");
    person.post("/login/factor", &[("factor", "authenticator")]).gets(422);
    person.post("/login/factor", &[("factor", "recovery_code")]).gets(422);
    person.open(CODE).is_at("/login/factor");
    app.deliver();
}

#[test]
fn asvs_6_5_5_a_login_code_works_five_minutes_once_and_five_tries() {
    let app = guarded();
    let late = pending_login(&app, EMAIL);
    late.choose_factor("Email");
    let code = app.mailed_code(EMAIL);
    app.clock.advance(Duration::minutes(5) + Duration::seconds(1));
    late.type_factor(&code).gets(422).sees("No code works any more");
    late.open(CODE).press("Resend code").is_at(CODE).sees("A new code is on its way");
    let second = app.mailed_code(EMAIL);
    for left in ["4 more tries", "3 more tries", "2 more tries", "1 more try"] {
        late.type_factor(&other_than(&second)).gets(422).sees(left);
    }
    late.type_factor(&other_than(&second)).gets(422).sees("No code works any more");
    late.type_factor(&second).gets(422).sees("No code works any more");
    late.open(CODE).press("Resend code");
    let third = app.mailed_code(EMAIL);
    late.type_factor(&second).gets(422);
    late.type_factor(&third).is_at("/console");
    // Never valid twice, and the login is over.
    let other = pending_login(&app, EMAIL);
    other.open("/login/factor").choose_factor("Email");
    other.type_factor(&third).gets(422);
    app.deliver();
}

#[test]
fn a_login_waits_a_quarter_of_an_hour_for_its_second_factor() {
    let app = guarded();
    let slow = pending_login(&app, EMAIL);
    app.clock.advance(Duration::minutes(15));
    slow.open("/login/factor").is_at("/login").sees("That login took too long");
    slow.post("/login/factor", &[("factor", "email")]).is_at("/login");
    slow.post(CODE, &[("one_time_code", "123456")]).is_at("/login");
    app.clean_up();
    let left: i64 = logins_in_progress::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(left, 0);
}

/// Shows attacks 27, 30.
#[test]
fn asvs_6_6_3_five_codes_in_a_quarter_of_an_hour_and_twenty_wrong_ones_a_day_until_an_administrator_lifts_it() {
    let app = guarded();
    app.two_factor("acme", false);
    let mate = "mate@acme.example";
    drop(app.colleague("acme", mate, Roles::default()));
    app.two_factor("acme", true);
    let person = pending_login(&app, mate);
    person.choose_factor("Email");
    for _ in 0..4 {
        person.open(CODE).press("Resend code").is_at(CODE);
    }
    person.open(CODE).press("Resend code").gets(429).sees("Too many codes were sent");
    assert_eq!(person.response().header("retry-after"), Some("900"));
    let mut wrong = 0;
    while wrong < 20 {
        app.clock.advance(Duration::minutes(15));
        let person = pending_login(&app, mate);
        person.choose_factor("Email");
        let code = app.mailed_code(mate);
        for _ in 0..5 {
            person.type_factor(&other_than(&code)).gets(422);
            wrong += 1;
        }
    }
    app.clock.advance(Duration::minutes(15));
    // Restarts keep the count.
    let restarted = app.beside();
    let person = pending_login(&restarted, mate);
    person.choose_factor("Email");
    let code = restarted.mailed_code(mate);
    person.type_factor(&code).gets(429).sees("Too many wrong codes today");
    assert!(person.response().header("retry-after").is_some());

    let owner = pending_login(&app, EMAIL);
    owner.choose_factor("Email").type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    owner.open("/iam/users").click("Colleague").sees("20 wrong codes").press("Start the count over");
    owner.sees("The lock is lifted").sees_no("wrong codes");
    person.type_factor(&code).is_at("/console");
    assert!(reasons(&app).contains(&"wrong_codes".to_owned()));
    app.deliver();
}

/// Shows ASVS 6.6.2; attacks 30, 31.
#[test]
fn a_code_of_another_login_user_or_organization_is_nothing() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    app.organization("rival", EMAIL);
    drop(app.colleague("acme", "mate@acme.example", Roles::default()));
    for organization in ["acme", "rival"] {
        app.two_factor(organization, true);
    }
    let (first, mate) = (pending_login(&app, EMAIL), pending_login(&app, "mate@acme.example"));
    let rival = app.visitor();
    rival.log_in("rival", EMAIL, PASSWORD).choose_factor("Email");
    let of_rival = app.mailed_code(EMAIL);
    mate.choose_factor("Email");
    let of_mate = app.mailed_code("mate@acme.example");
    first.choose_factor("Email");
    let of_first = app.mailed_code(EMAIL);
    for code in [&of_rival, &of_mate] {
        first.type_factor(code).gets(422);
    }
    let second = pending_login(&app, EMAIL);
    second.choose_factor("Email");
    let of_second = app.mailed_code(EMAIL);
    // The newer code is bound to its login, and the older one works no more.
    first.type_factor(&of_second).gets(422);
    first.type_factor(&of_first).gets(422);
    second.type_factor(&of_first).gets(422);
    second.type_factor(&of_second).is_at("/console");
    rival.type_factor(&of_rival).is_at("/console");
    mate.type_factor(&of_mate).is_at("/console");
    app.deliver();
}

/// Shows ASVS 6.4.3; attacks 33, 38.
#[test]
fn what_let_the_password_in_is_looked_at_again() {
    let app = guarded();
    app.two_factor("acme", false);
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
    drop(app.colleague("acme", "mate@acme.example", Roles::default()));
    app.two_factor("acme", true);
    let waiting = |email: &str| {
        let person = pending_login(&app, email);
        person.choose_factor("Email");
        let code = app.mailed_code(email);
        (person, code)
    };
    // A new password.
    let (person, code) = waiting("mate@acme.example");
    let other = app.visitor();
    other
        .open("/password")
        .fill("Organization name", "acme")
        .fill("Email", "mate@acme.example")
        .press("Mail me a link");
    let link = app.link_to("mate@acme.example", "Set a new password");
    let new = "copper-lantern-58-fjord";
    other.open(&link).fill("New password", new).fill("New password again", new).press("Set new password");
    other.is_at("/login/acme");
    person.post(CODE, &[("one_time_code", &code)]).is_at("/login");
    person.log_in("acme", "mate@acme.example", new).is_at("/login/factor");
    // A deactivation.
    person.choose_factor("Email");
    let code = app.mailed_code("mate@acme.example");
    let row = users::table.filter(users::email.eq("mate@acme.example"));
    diesel::update(row).set(users::status.eq("deactivated")).execute(&mut app.database.connect()).unwrap();
    person.post(CODE, &[("one_time_code", &code)]).is_at("/login");
    assert!(reasons(&app).contains(&"not_allowed".to_owned()));
    // A lock of the account, for browsers that are not known.
    let (person, code) = waiting(EMAIL);
    let stranger = app.visitor().from("198.51.100.7");
    for _ in 0..5 {
        attempt(&stranger, "acme", EMAIL, "a wrong password");
    }
    person.post(CODE, &[("one_time_code", &code)]).is_at("/login");
    // Turned off meanwhile: the login goes on without.
    app.clock.advance(Duration::minutes(16));
    let (person, _) = waiting(EMAIL);
    app.two_factor("acme", false);
    person.post(CODE, &[("one_time_code", "000000")]).is_at("/console");
    admin.open("/console").is_at("/console");
    app.deliver();
}

#[test]
fn failures_before_are_forgotten_only_when_the_second_factor_is_there() {
    let app = guarded();
    let wrong = || attempt(&app.visitor(), "acme", EMAIL, "a wrong password").status;
    assert_eq!([wrong(), wrong(), wrong(), wrong()], [422; 4]);
    let person = pending_login(&app, EMAIL);
    person.choose_factor("Email").type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    assert_eq!([wrong(), wrong(), wrong(), wrong()], [422; 4], "the count began again");
    drop(pending_login(&app, EMAIL));
    assert_eq!(wrong(), 429, "a password alone forgives nothing");
    app.deliver();
}

#[test]
fn a_new_browser_is_known_and_told_of_only_when_the_login_is_whole() {
    let app = guarded();
    let first = pending_login(&app, EMAIL);
    first.choose_factor("Email").type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    let told = || app.mail_to(EMAIL).iter().filter(|mail| mail.subject.contains("new browser")).count();
    let second = pending_login(&app, EMAIL);
    second.choose_factor("Email");
    assert_eq!((told(), second.cookies.borrow().contains_key("vestibule-browser")), (0, false));
    second.type_factor(&app.mailed_code(EMAIL)).is_at("/console");
    assert_eq!((told(), second.cookies.borrow().contains_key("vestibule-browser")), (1, true));
}

/// Shows ASVS 6.5.1.
#[test]
fn race_twenty_tries_with_the_right_code_let_one_in() {
    let app = guarded();
    for _ in 0..super::rounds(3) {
        app.clock.advance(Duration::minutes(16));
        let person = pending_login(&app, EMAIL);
        person.choose_factor("Email");
        let (cookies, code) = (person.cookies.borrow().clone(), app.mailed_code(EMAIL));
        let answers = at_once(20, |_| {
            let twin = app.visitor();
            *twin.cookies.borrow_mut() = cookies.clone();
            let answer = twin.request("POST", CODE, &[], &encode(&[("one_time_code", &code)]));
            (answer.status, answer.header("location").unwrap_or_default().to_owned())
        });
        assert_eq!(answers.iter().filter(|(_, place)| place == "/console").count(), 1, "{answers:?}");
    }
    let count: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(count, i64::try_from(super::rounds(3)).unwrap());
    app.deliver();
}

/// Shows ASVS 6.6.3; attacks 28, 29.
#[test]
fn race_fifty_wrong_codes_over_new_ones_never_open() {
    let app = guarded();
    let person = pending_login(&app, EMAIL);
    let mut looked_at = 0;
    for _ in 0..5 {
        person.open("/login/factor").choose_factor("Email");
        let (cookies, code) = (person.cookies.borrow().clone(), app.mailed_code(EMAIL));
        let answers = at_once(10, |number| {
            let twin = app.visitor();
            *twin.cookies.borrow_mut() = cookies.clone();
            let wrong = format!("{:06}", (code.parse::<usize>().unwrap() + 1 + number) % 1_000_000);
            let answer = twin.request("POST", CODE, &[], &encode(&[("one_time_code", &wrong)]));
            (answer.status, answer.text().contains("This is not the code"))
        });
        assert!(answers.iter().all(|(status, _)| matches!(status, 422 | 429)), "{answers:?}");
        looked_at += answers.iter().filter(|(_, looked)| *looked).count();
    }
    // The fifth wrong try of a code uses it up and says so.
    assert_eq!(looked_at, 16, "four codes of five tries make twenty");
    let count: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(count, 0);
    app.deliver();
}
