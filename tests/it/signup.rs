//! The sign-up wizard: steps in order, what was typed kept, and one organization at the end.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::config::SignUp;
use vestibule::platform::store::schema::{audit_events, consents, mails, organizations, sign_ups};

use super::support::TestApp;
use super::support::people::PASSWORD;

fn organizations(app: &TestApp) -> i64 {
    organizations::table.count().get_result(&mut app.database.connect()).unwrap()
}

#[test]
fn asvs_2_3_1_a_later_step_cannot_be_reached_early() {
    let app = TestApp::start();
    let person = app.visitor();
    person.open("/signup/member").is_at("/signup");
    person.open("/signup/organization").is_at("/signup");
    person.open("/signup/done").is_at("/signup");
    person.post("/signup/organization", &[("organization", "acme"), ("go", "complete")]).is_at("/signup");
    person.open("/signup").tick("Agree to all").press("Next").is_at("/signup/member");
    person.open("/signup/organization").is_at("/signup/member");
    person.post("/signup/organization", &[("organization", "acme"), ("go", "complete")]).is_at("/signup/member");
    assert_eq!(organizations(&app), 0);
}

#[test]
fn required_terms_are_required_and_consent_is_kept_with_its_version() {
    let app = TestApp::start();
    let person = app.visitor();
    person.open("/signup").press("Next").gets(422).sees("Agree to every required term");
    person.open("/signup").tick("Terms of service").press("Next").gets(422);
    person
        .open("/signup")
        .tick("Terms of service")
        .tick("Collection and use of personal data")
        .press("Next")
        .is_at("/signup/member");
    person.fill("Company name", "Acme").fill("Business registration number", "120-81-47521");
    person.fill("Representative’s name", "Mina Park").fill("Company phone", "02-2345-6789");
    person.fill("Billing and tax-invoice email", "b@acme.example").press("Next");
    person.fill_last_step("acme", "owner@acme.example").press("Complete").is_at("/signup/done");
    let kept: Vec<(String, String)> = consents::table
        .order(consents::term)
        .select((consents::term, consents::version))
        .load(&mut app.database.connect())
        .unwrap();
    assert_eq!(kept, [("privacy".into(), "example-1".into()), ("service".into(), "example-1".into())]);
    app.deliver();
}

#[test]
fn back_keeps_what_was_typed_even_when_it_is_not_finished() {
    let app = TestApp::start();
    let person = app.visitor();
    person.open("/signup").tick("Agree to all").press("Next");
    person.fill("Company name", "Half a com").press("Back").is_at("/signup").press("Next").is_at("/signup/member");
    assert_eq!(person.page().value("Company name").as_deref(), Some("Half a com"));
    person.reach_last_step().fill("Organization name", "not yet!").press("Back").is_at("/signup/member").press("Next");
    assert_eq!(person.page().value("Organization name").as_deref(), Some("not yet!"));
    assert_eq!(person.page().value("Country of the mobile number").as_deref(), Some("KR"), "offered from step 2");
}

/// Shows ASVS 2.2.1, 2.2.2.
#[test]
fn a_refused_step_comes_back_as_typed_with_each_complaint_at_its_field() {
    let app = TestApp::start();
    let person = app.visitor();
    person.open("/signup").tick("Agree to all").press("Next");
    person
        .fill("Company name", "Ac\u{202e}me")
        .fill("Business registration number", "120-81-47522")
        .fill("Company phone", "12");
    person.fill("Billing and tax-invoice email", "nobody").press("Next").gets(422);
    person
        .sees("There is a problem")
        .sees("“120-81-47522” is not a registration number")
        .sees("is not a phone number")
        .sees("is not an email address");
    assert_eq!(person.page().value("Billing and tax-invoice email").as_deref(), Some("nobody"));
    assert_eq!(person.page().all("[aria-invalid=true]").len(), 5);
    person.reach_last_step();
    person.fill_last_step("Bad Name", "owner@acme.example").fill("Mobile", "1").press("Complete").gets(422);
    person.sees("cannot be an organization name");
    assert_eq!(person.page().value("Email").as_deref(), Some("owner@acme.example"));
}

/// Shows attack 6.
#[test]
fn one_text_for_a_name_that_is_taken_reserved_or_held() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example").is_at("/signup/done");
    let texts: Vec<String> = ["acme", "ACME", "admin"]
        .iter()
        .map(|name| {
            let person = app.visitor();
            person.reach_last_step().fill_last_step(name, "other@acme.example").press("Complete").gets(422);
            person.page().all("#organization-e").into_iter().map(super::support::page::words).collect()
        })
        .collect();
    assert!(texts[0].contains("not available"), "{texts:?}");
    assert!(texts.iter().all(|text| *text == texts[0]));
    let person = app.visitor();
    person.reach_last_step();
    let hint = |name: &str| {
        let headers = [("HX-Request", "true"), ("HX-Target", "div#availability")];
        let token = person.token_for("/signup").unwrap();
        let path = format!("/signup/organization?organization={name}&form_token={token}");
        person.request("GET", &path, &headers, "").text()
    };
    assert!(hint("acme").contains("not available") && hint("admin").contains("not available"));
    assert!(hint("acme-two").contains("is available") && !hint("acme-two").contains("<html"));
    app.deliver();
}

/// Shows attack 88.
#[test]
fn pressing_complete_twice_makes_one_organization() {
    let app = TestApp::start();
    let person = app.visitor();
    person.reach_last_step().fill_last_step("acme", "owner@acme.example");
    let again = app.visitor();
    again.cookies.borrow_mut().extend(person.cookies.borrow().clone());
    person.press("Complete").is_at("/signup/done");
    let fields = [
        ("organization", "acme"),
        ("name", "Mina"),
        ("email", "owner@acme.example"),
        ("mobile_country", "KR"),
        ("mobile", "010-2345-6789"),
        ("go", "complete"),
    ];
    again.post("/signup/organization", &fields).is_at("/signup/done").sees("owner@acme.example");
    assert_eq!(organizations(&app), 1);
    assert_eq!(app.mail_to("owner@acme.example").len(), 1);
}

/// Shows attack 14.
#[test]
fn the_same_browser_can_correct_the_address_and_ask_for_three_more_mails() {
    let app = TestApp::start();
    let owner = app.visitor();
    owner.sign_up("acme", "wrong@acme.example").is_at("/signup/done");
    let old = app.link_to("wrong@acme.example", "Invitation");
    owner
        .fill("Email", "right@acme.example")
        .press("Send a new mail")
        .is_at("/signup/done")
        .sees("A new mail is on its way");
    owner.sees("right@acme.example");
    app.visitor().open(&old).gets(410);
    assert!(!app.mail_to("right@acme.example").is_empty());
    owner.press("Send a new mail").sees("1 more mail can be sent");
    owner.press("Send a new mail").sees("No further mails");
    owner.sees_no("Send a new mail").post("/signup/done", &[("email", "else@acme.example")]);
    owner.gets(422).sees("No further mails can be sent");
    owner.register_password("right@acme.example", PASSWORD).is_at("/login/acme");
    owner.open("/signup/done").sees("Your organization is ready");
    owner.post("/signup/done", &[("email", "thief@acme.example")]).sees("Your organization is ready");
    assert!(app.mail_to("thief@acme.example").is_empty());
}

/// Shows attack 95.
#[test]
fn unclaimed_after_seven_days_the_organization_goes_and_its_name_is_free_at_once() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "slow@acme.example");
    app.deliver();
    app.clock.advance(Duration::days(7) + Duration::seconds(1));
    let person = app.visitor();
    person.sign_up("acme", "quick@acme.example").is_at("/signup/done");
    assert_eq!(organizations(&app), 1);
    app.clock.advance(Duration::days(7) + Duration::seconds(1));
    app.clean_up();
    assert_eq!(organizations(&app), 0);
    let told: i64 = audit_events::table
        .filter(audit_events::event.eq("organization.unclaimed"))
        .count()
        .get_result(&mut app.database.connect())
        .unwrap();
    assert_eq!(told, 2);
    app.deliver();
}

/// Shows ASVS 14.2.7.
#[test]
fn what_was_typed_is_dropped_after_a_day() {
    let app = TestApp::start();
    let person = app.visitor();
    person.reach_last_step();
    app.clock.advance(Duration::hours(24));
    person.open("/signup/organization").is_at("/signup");
    app.clean_up();
    let left: i64 = sign_ups::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(left, 0);
}

/// Shows ASVS 2.4.1; attack 95.
#[test]
fn thirty_sign_ups_an_hour_and_network() {
    let app = TestApp::start_with(|config| config.limits.sign_ups = 2);
    for name in ["acme-one", "acme-two"] {
        app.visitor().from("198.51.100.1").sign_up(name, "owner@acme.example").is_at("/signup/done");
    }
    let third = app.visitor().from("198.51.100.1");
    third.sign_up("acme-three", "owner@acme.example").gets(429).sees("2 organizations have been signed up");
    third.sees("within an hour, which is the limit").sees("in 60 minutes, at 22 Nov 2026,").sees("UTC");
    third.sees("Reference code:");
    assert_eq!(third.response().header("retry-after"), Some("3600"));
    assert_eq!(third.page().value("Organization name").as_deref(), Some("acme-three"), "as typed");
    app.visitor().from("198.51.100.2").sign_up("acme-four", "other@acme.example").is_at("/signup/done");
    app.clock.advance(Duration::hours(1));
    third
        .open("/signup/organization")
        .fill_last_step("acme-three", "else@acme.example")
        .press("Complete")
        .is_at("/signup/done");
    app.deliver();
}

#[test]
fn sign_up_can_ask_for_a_code_or_be_closed() {
    let app = TestApp::start_with(|config| config.sign_up = SignUp::Codes(vec!["open-sesame".into()]));
    let person = app.visitor();
    person
        .open("/signup")
        .tick("Agree to all")
        .fill("Sign-up code", "guess")
        .press("Next")
        .gets(422)
        .sees("Enter the sign-up code");
    person
        .open("/signup")
        .tick("Agree to all")
        .fill("Sign-up code", "open-sesame")
        .press("Next")
        .is_at("/signup/member");
    let closed = TestApp::start_with(|config| config.sign_up = SignUp::Closed);
    let person = closed.visitor();
    person.open("/").sees_no("Sign up").open("/signup").sees("Sign-up is closed");
    person.post("/signup", &[("all", "on")]).sees("Sign-up is closed");
    person.open("/signup/member").sees("Sign-up is closed");
}

#[test]
fn the_owner_speaks_the_language_of_the_sign_up() {
    let app = TestApp::start();
    let person = app.visitor().speaking("ko");
    person.open("/signup").tick("모두 동의").press("다음");
    person
        .fill("회사명", "아크메")
        .fill("사업자등록번호", "120-81-47521")
        .fill("대표자명", "박미나")
        .fill("회사 전화번호", "02-2345-6789");
    person.fill("청구서·세금계산서 이메일", "b@acme.example").press("다음");
    person
        .fill("조직 이름", "acme")
        .fill("이름", "박미나")
        .fill("이메일", "mina@acme.example")
        .fill("휴대폰 번호", "010-2345-6789");
    person.press("완료").is_at("/signup/done");
    let mail = &app.mail_to("mina@acme.example")[0];
    assert!(mail.subject.contains("초대 및 비밀번호 등록"), "{}", mail.subject);
    assert!(mail.text.contains("박미나 님") && mail.text.contains("KST"), "{}", mail.text);
}

/// Shows ASVS 1.1.2.
#[test]
fn asvs_1_3_7_text_is_never_a_template_and_is_escaped_once() {
    let app = TestApp::start();
    let person = app.visitor();
    person
        .reach_last_step()
        .fill_last_step("acme", "owner@acme.example")
        .fill("Name", "{{7*7}} & ${7*7}")
        .press("Complete");
    person
        .register_password("owner@acme.example", PASSWORD)
        .fill("Password", PASSWORD)
        .press("Log in")
        .sees("Hello, {{7*7}} & ${7*7}");
    assert!(!person.response().text().contains("&amp;amp;"));
    let mail = &app.mail_to("owner@acme.example")[0];
    assert!(
        mail.text.contains("Hello {{7*7}} & ${7*7},") && mail.html.contains("{{7*7}} &#38; ${7*7}"),
        "{}",
        mail.html
    );
}

#[test]
fn a_page_that_says_an_email_was_sent_has_queued_one() {
    let app = TestApp::start();
    let email = "owner@acme.example";
    for number in 0..8 {
        let person = app.visitor().from("198.51.100.1");
        person.sign_up(&format!("acme-{number}"), email).is_at("/signup/done");
        let page = person.page().text();
        let mails = mails::table
            .inner_join(organizations::table.on(mails::organization_id.eq(organizations::id.nullable())))
            .filter(organizations::name.eq(format!("acme-{number}")))
            .select(mails::due_at.le(app.app.clock().now()));
        let written: Option<bool> = mails.first(&mut app.database.connect()).optional().unwrap();
        match number {
            0..3 => assert!(page.contains("We mailed an invitation") && written == Some(true), "{number}: {page}"),
            3..6 => assert!(page.contains("Yours is emailed on") && written == Some(false), "{number}: {page}"),
            _ => assert!(page.contains("No invitation was emailed") && written.is_none(), "{number}: {page}"),
        }
    }
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to(email).len(), 3, "no more today");
    app.clock.advance(Duration::days(1));
    while app.deliver().sent > 0 {}
    assert_eq!(app.mail_to(email).len(), 6);
    let elsewhere = app.visitor().from("198.51.100.2");
    elsewhere.sign_up("acme-9", "else@acme.example").sees("We mailed an invitation");
    app.deliver();
}
