//! SMS: written with the change, delivered to the gateway, lost by nothing; and never in the way of mail.

use std::net::TcpListener;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::mails;

use super::support::gateway::{SmsGateway, at};
use super::support::{Person, TestApp};

const NUMBER: &str = "+821023456789";

fn over(gateway: &SmsGateway) -> impl FnOnce(&mut vestibule::platform::config::Config) + use<> {
    let settings = gateway.settings();
    move |config| config.sms.gateway = Some(settings)
}

fn send_code<'a>(person: &'a Person<'_>) -> &'a Person<'a> {
    person.open("/account").press("Send code").is_at("/account/mobile/verification")
}

/// State, tries and answer of every SMS.
fn fates(app: &TestApp) -> Vec<(String, i32, Option<String>)> {
    let rows = mails::table.filter(mails::channel.eq("sms")).order(mails::id);
    rows.select((mails::state, mails::attempts, mails::answer)).load(&mut app.database.connect()).unwrap()
}

#[test]
fn an_sms_is_posted_to_the_gateway_as_its_interface_wants_it() {
    let gateway = SmsGateway::taking();
    let app = TestApp::start_with(over(&gateway));
    let owner = app.owner();
    send_code(&owner);
    assert_eq!(app.deliver().sent, 1);
    let handed = gateway.handed();
    assert_eq!(handed.len(), 1);
    assert_eq!(handed[0].path, "/2010-04-01/Accounts/AC0123/Messages.json");
    let login = data_encoding::BASE64.encode(b"AC0123:gateway-token-for-tests");
    assert_eq!(handed[0].authorization, format!("Basic {login}"));
    let fields: Vec<(&str, &str)> =
        handed[0].fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let [("Body", body), ("From", "+15005550006"), ("To", NUMBER)] = fields[..] else { panic!("{fields:?}") };
    let code: String = body.chars().filter(char::is_ascii_digit).take(6).collect();
    owner.fill("Code", &code).press("Verify number").is_at("/account").sees("Verified");
    assert_eq!(fates(&app), [("sent".into(), 1, Some("201 SM0123456789abcdef".into()))]);
}

/// Shows ASVS 16.5.2.
#[test]
fn a_gateway_that_is_down_loses_nothing_and_holds_up_no_mail() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let app = TestApp::start_with(|config| config.sms.gateway = Some(at(closed)));
    let owner = app.owner();
    send_code(&owner);
    app.visitor().sign_up("rival", "boss@rival.example");
    let delivered = app.deliver();
    assert_eq!((delivered.sent, delivered.put_off), (1, 1), "the mail left, the SMS waits");
    let (state, tries, told) = fates(&app).remove(0);
    assert_eq!((state.as_str(), tries), ("queued", 1));
    let told = told.unwrap();
    assert!(!told.contains("AC0123") && !told.contains(NUMBER) && !told.contains("token"), "{told}");
    let gateway = SmsGateway::taking();
    let later = app.beside_with(over(&gateway));
    app.clock.advance(Duration::minutes(1));
    assert_eq!(later.deliver().sent, 1);
    assert_eq!((gateway.handed().len(), fates(&app)[0].1), (1, 2));
}

#[test]
fn a_code_that_could_not_be_sent_in_time_is_not_sent_at_all() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let app = TestApp::start_with(|config| config.sms.gateway = Some(at(closed)));
    send_code(&app.owner());
    assert_eq!(app.deliver().put_off, 1);
    let gateway = SmsGateway::taking();
    let later = app.beside_with(over(&gateway));
    app.clock.advance(Duration::minutes(6));
    assert_eq!((later.deliver().failed, gateway.handed().len()), (1, 0));
}

#[test]
fn a_number_that_the_gateway_refuses_fails_with_the_gateway_s_own_code() {
    let invalid = r#"{"code": 21211, "message": "The 'To' number +821023456789 is not valid.", "status": 400}"#;
    let gateway = SmsGateway::start(move |_| (400, invalid.to_owned()));
    let app = TestApp::start_with(over(&gateway));
    let owner = app.owner();
    send_code(&owner);
    assert_eq!(app.deliver().failed, 1);
    assert_eq!(fates(&app), [("failed".into(), 1, Some("400 21211".into()))]);
    owner.open("/account/mobile/verification").sees("could not be delivered").sees("400 21211");
}

#[test]
fn a_gateway_that_is_busy_or_broken_is_asked_again() {
    for status in [429, 500, 503] {
        let gateway = SmsGateway::start(move |_| (status, String::new()));
        let app = TestApp::start_with(over(&gateway));
        send_code(&app.owner());
        assert_eq!(app.deliver().put_off, 1, "{status}");
        assert_eq!(app.deliver(), vestibule::app::jobs::delivery::Delivered::default(), "not again at once");
        app.clock.advance(Duration::seconds(6));
        assert_eq!((app.deliver().put_off, gateway.handed().len()), (1, 2), "{status}");
    }
}

/// Shows ASVS 13.2.6, 15.3.2.
#[test]
fn an_endless_answer_and_a_redirect_are_not_followed() {
    let gateway = SmsGateway::start(|_| (201, "x".repeat(1_000_000)));
    let app = TestApp::start_with(over(&gateway));
    send_code(&app.owner());
    assert_eq!(app.deliver().sent, 1);
    let gateway = SmsGateway::start(|_| (307, String::new()));
    let app = TestApp::start_with(over(&gateway));
    send_code(&app.owner());
    assert_eq!((app.deliver().put_off, gateway.handed().len()), (1, 1));
}

#[test]
fn the_mailbox_captures_sms_as_sms() {
    let app = TestApp::start();
    let owner = app.owner();
    send_code(&owner);
    app.deliver();
    let json: serde_json::Value =
        serde_json::from_str(&owner.request("GET", "/dev/mailbox.json", &[], "").text()).unwrap();
    assert_eq!((json[0]["kind"].as_str(), json[0]["to"].as_str()), (Some("sms"), Some(NUMBER)));
    let text = json[0]["text"].as_str().unwrap().to_owned();
    owner.open("/dev/mailbox").click(&text).sees(NUMBER);
}

#[test]
fn production_without_a_gateway_says_that_the_operator_has_not_set_it_up() {
    let app = TestApp::start();
    let owner = app.owner();
    let closed = app.beside_with(|config| config.mode = vestibule::platform::config::Mode::Production);
    let there = closed.visitor();
    *there.cookies.borrow_mut() = owner.cookies.borrow().clone();
    there.open("/account").sees("cannot send SMS");
    assert!(there.page().button("Send code").is_none());
    there.post("/account/mobile/code", &[]).gets(422).sees("cannot send SMS");
    assert!(fates(&app).is_empty());
}

/// Changes the owner's number in the table: to one that was entered before the rule, or by an administrator.
fn number_is(app: &TestApp, number: &str) {
    use vestibule::platform::store::schema::users;
    let change = users::mobile.eq(Some(number.to_owned()));
    diesel::update(users::table).set(change).execute(&mut app.database.connect()).unwrap();
}

#[test]
fn no_sms_goes_to_a_premium_number() {
    let gateway = SmsGateway::taking();
    let app = TestApp::start_with(over(&gateway));
    let owner = app.owner();
    for number in ["+19002345678", "+449098790000", "+82602001234", "+881612345678", "+8225551234", "+4930901820"] {
        owner.open("/account/mobile").fill("Mobile", number).press("Save number").gets(422);
        number_is(&app, number);
        owner.open("/account").press("Send code").gets(422).sees("No SMS are sent to this number");
    }
    assert!(fates(&app).is_empty());
    let report = app.wait(vestibule::app::metrics::report(&app.app));
    assert!(report.contains("vestibule_sms_withheld_total{reason=\"unreachable\"} 6"), "{report}");
    number_is(&app, NUMBER);
    send_code(&owner);
    assert_eq!(app.deliver().sent, 1);
}

#[test]
fn sms_go_to_allowed_countries_only() {
    let app = TestApp::start_with(|config| config.sms.countries = vec!["US".to_owned()]);
    let owner = app.owner();
    owner.open("/account").press("Send code").gets(422).sees("No SMS are sent to this number");
    owner.open("/account/mobile").fill("Mobile", "+15208782491").press("Save").is_at("/account/mobile/verification");
}

#[test]
fn sms_are_capped_by_number_network_and_day() {
    type Cap = fn(&mut vestibule::platform::config::Limits);
    let caps: [(&str, Cap); 4] = [
        ("number", |limits| limits.sms_number = 2),
        ("network", |limits| limits.sms_network = 2),
        ("organization", |limits| limits.sms_organization = 2),
        ("installation", |limits| limits.sms_installation = 2),
    ];
    for (reason, cap) in caps {
        let app = TestApp::start_with(|config| cap(&mut config.limits));
        let owner = app.owner();
        send_code(&owner);
        owner.open("/account/mobile/verification").press("Send a new code").gets(200);
        owner.open("/account/mobile/verification").press("Send a new code").gets(429);
        assert_eq!(fates(&app).len(), 2, "{reason}");
        let report = app.wait(vestibule::app::metrics::report(&app.app));
        let line = format!("vestibule_sms_withheld_total{{reason=\"{reason}\"}} ");
        let count = report.lines().find_map(|told| told.strip_prefix(&line)).unwrap();
        assert_ne!(count, "0", "{reason}");
        app.clock.advance(Duration::days(1));
        let owner = app.visitor();
        owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD).is_at("/console");
        send_code(&owner);
    }
    // Three accounts and one number.
    let app = TestApp::start_with(|config| config.limits.sms_number = 2);
    let owners = ["acme", "beta", "gamma"].map(|name| app.owner_of(name, &format!("boss@{name}.example")));
    for owner in &owners[..2] {
        send_code(owner);
    }
    owners[2].open("/account").press("Send code").gets(429);
    assert_eq!(fates(&app).len(), 2);
}
