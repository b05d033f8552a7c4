//! Mail: written with the change, delivered by a loop, lost by nothing.

use std::net::TcpListener;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::mails;

use super::support::TestApp;
use super::support::sink::{over, sink};

fn states(app: &TestApp) -> Vec<(String, i32)> {
    mails::table.order(mails::id).select((mails::state, mails::attempts)).load(&mut app.database.connect()).unwrap()
}

/// Shows ASVS 1.3.11.
#[test]
fn a_letter_reaches_the_mail_server_in_two_parts_with_one_recipient() {
    let sink = sink(|_| "250 fine");
    let app = TestApp::start_with(over(sink.port));
    app.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(app.deliver().sent, 1);
    let letter = sink.letters.recv().unwrap();
    let header =
        |name: &str| letter.lines().filter(|line| line.to_lowercase().starts_with(&format!("{name}:"))).count();
    assert_eq!((header("to"), header("bcc"), header("subject"), header("message-id")), (1, 0, 1, 1), "{letter}");
    assert!(letter.contains("text/plain") && letter.contains("text/html") && letter.contains("multipart/alternative"));
}

#[test]
fn asvs_16_5_2_the_server_works_while_mail_is_down_and_delivers_afterwards() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let app = TestApp::start_with(over(closed));
    app.visitor().sign_up("acme", "owner@acme.example").is_at("/signup/done");
    assert_eq!(app.deliver().put_off, 1);
    assert_eq!(app.deliver(), vestibule::app::jobs::delivery::Delivered::default(), "not again at once");
    app.clock.advance(Duration::minutes(5));
    assert_eq!(app.deliver().put_off, 1);
    let sink = sink(|_| "250 fine");
    let later = app.beside_with(over(sink.port));
    app.clock.advance(Duration::hours(1));
    assert_eq!(later.deliver().sent, 1);
    assert!(sink.letters.recv().unwrap().contains("acme"));
    assert_eq!(states(&app), [("sent".into(), 3)]);
}

#[test]
fn a_repeated_send_carries_the_same_message_id() {
    let sink = sink(|_| "250 fine");
    let app = TestApp::start_with(over(sink.port));
    app.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(app.deliver().sent, 1);
    // The server took it and the process died before noting that: the row still waits.
    let queued = (
        mails::state.eq("queued"),
        mails::leased_until.eq(None::<chrono::NaiveDateTime>),
        mails::sealed.eq(Some(vec![0_u8])),
    );
    let id =
        |letter: &str| letter.lines().find(|line| line.to_lowercase().starts_with("message-id:")).unwrap().to_owned();
    let first = id(&sink.letters.recv().unwrap());
    let row: String = mails::table.select(mails::id).first(&mut app.database.connect()).unwrap();
    assert!(first.contains(&row), "{first} is made of the row's id {row}");
    diesel::update(mails::table).set(queued).execute(&mut app.database.connect()).unwrap();
    assert_eq!(app.deliver().failed, 1, "a mail whose words cannot be opened is told as failed, not tried for ever");
}

#[test]
fn one_bad_address_stops_neither_the_loop_nor_the_others() {
    let sink = sink(|recipient| if recipient.contains("bad@") { "550 no such mailbox" } else { "250 fine" });
    let app = TestApp::start_with(over(sink.port));
    for (name, email) in
        [("acme-one", "one@acme.example"), ("acme-two", "bad@acme.example"), ("acme-three", "three@acme.example")]
    {
        app.visitor().sign_up(name, email);
    }
    let delivered = app.deliver();
    assert_eq!((delivered.sent, delivered.failed, delivered.put_off), (2, 1, 0));
    let answers: Vec<Option<String>> =
        mails::table.filter(mails::state.eq("failed")).select(mails::answer).load(&mut app.database.connect()).unwrap();
    assert!(answers[0].as_ref().unwrap().contains("no such mailbox"), "{answers:?}");
}

#[test]
fn a_refusal_of_us_and_not_of_the_address_is_tried_again() {
    let sink = sink(|_| "451 try later");
    let app = TestApp::start_with(over(sink.port));
    app.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(app.deliver().put_off, 1);
    assert_eq!(states(&app)[0].0, "queued");
}

#[test]
fn a_claimed_mail_is_taken_over_when_its_claimant_is_gone() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", "owner@acme.example");
    let lease = app.app.clock().now() + Duration::minutes(2);
    diesel::update(mails::table).set(mails::leased_until.eq(Some(lease))).execute(&mut app.database.connect()).unwrap();
    assert_eq!(app.deliver().sent, 0, "it belongs to somebody");
    app.clock.advance(Duration::minutes(2));
    assert_eq!(app.deliver().sent, 1);
}

#[test]
fn the_mailbox_shows_what_was_captured_and_gives_it_to_programs() {
    let app = TestApp::start();
    let person = app.visitor();
    person.open("/dev/mailbox").sees("No message yet");
    person.sign_up("acme", "owner@acme.example");
    app.deliver();
    person.open("/dev/mailbox").click("Vestibule: Invitation and password registration").sees("Hello Mina Park,");
    let links: Vec<String> =
        person.page().all("a[href]").iter().filter_map(|link| link.value().attr("href")).map(str::to_owned).collect();
    assert!(links.iter().any(|link| link.contains("/invitation/")), "{links:?}");
    let json: serde_json::Value =
        serde_json::from_str(&person.request("GET", "/dev/mailbox.json", &[], "").text()).unwrap();
    for field in ["kind", "to", "subject", "text", "html", "links", "at"] {
        assert!(!json[0][field].is_null(), "{field}");
    }
    assert_eq!((json[0]["kind"].as_str(), json[0]["to"].as_str()), (Some("mail"), Some("owner@acme.example")));
    person.open("/dev/mailbox/nothing").gets(404);
}

#[test]
fn asvs_13_4_2_production_has_no_mailbox() {
    let app = TestApp::start_with(|config| config.mode = vestibule::platform::config::Mode::Production);
    for path in ["/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/1"] {
        assert_eq!(app.visitor().request("GET", path, &[], "").status, 404, "{path}");
    }
    assert!(!app.visitor().request("GET", "/", &[], "").text().contains("devbar"));
}
