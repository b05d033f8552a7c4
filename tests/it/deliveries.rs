//! What becomes of a delivery: refusals at every stage, what is no longer worth sending, and what the operator does.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;
use vestibule::platform::mail::{Becomes, Envelope, Letter, Mailbox, Stage, Transport};
use vestibule::platform::store::schema::mails;

use super::operator::Operator;
use super::support::TestApp;
use super::support::people::PASSWORD;
use super::support::sink::{Sink, over, over_with_login, taking};

type Standing = (String, Option<String>, Option<String>, Option<String>);

/// State, ending, stage and answer of every email, oldest first.
fn standings(app: &TestApp) -> Vec<Standing> {
    let rows = mails::table.order(mails::id).select((mails::state, mails::ending, mails::stage, mails::answer));
    rows.load(&mut app.database.connect()).unwrap()
}

fn standing(app: &TestApp) -> (String, String) {
    let (state, ending, ..) = standings(app).remove(0);
    (state, ending.unwrap_or_default())
}

fn count(app: &TestApp, labels: &str) -> Option<String> {
    let report = app.wait(vestibule::app::metrics::report(&app.app));
    let name = format!("vestibule_messages_total{{{labels}}} ");
    report.lines().find_map(|line| line.strip_prefix(&name)).map(str::to_owned)
}

/// Answers of a server at a stage, and whether they are final.
const TABLE: &[(&str, &[(&str, bool)])] = &[
    ("greeting", &[("554 no", false), ("550 5.1.1 no", false), ("421 busy", false)]),
    ("ehlo", &[("550 no", false), ("504 5.5.2 need a host name", false)]),
    ("auth", &[("535 5.7.8 wrong password", false), ("454 4.7.0 later", false)]),
    ("mail", &[("553 5.7.1 not your sender", false), ("550 5.1.8 no", false), ("552 5.2.2 full", false)]),
    (
        "rcpt",
        &[
            ("550 5.1.1 unknown", true),
            ("550 no such mailbox", true),
            ("553 no", true),
            ("552 5.2.2 full", true),
            ("550 5.7.1 relaying denied", false),
            ("550 5.4.5 daily quota", false),
            ("554 5.3.2 not now", false),
            ("550 5.1.8 bad sender", false),
            ("450 4.2.1 greylisted", false),
        ],
    ),
    ("data", &[("554 no", false), ("554 5.1.1 unknown", true), ("451 later", false)]),
    (
        "content",
        &[
            ("550 5.1.1 unknown", true),
            ("552 5.3.4 too big", true),
            ("554 5.6.0 malformed", true),
            ("552 full", true),
            ("550 5.4.5 quota", false),
            ("550 5.7.26 not authenticated", false),
            ("554 5.7.1 spam", false),
            ("550 no", false),
            ("452 4.3.1 disk full", false),
        ],
    ),
];

#[test]
fn what_becomes_of_a_delivery_is_one_function_of_stage_and_code() {
    let (sink, app) = (taking(), TestApp::start());
    let mut settings = app.app.config.clone();
    over_with_login(sink.port)(&mut settings);
    let letter = Letter { subject: "s".into(), text: "t".into(), html: "h".into() };
    let at = app.app.clock().now();
    let envelope = Envelope { id: "1", to: "mina@acme.example", reply_to: None, letter: &letter, at };
    for (stage, answers) in TABLE {
        for (answer, is_final) in *answers {
            sink.bend_at(stage, answer);
            // A transport of its own, as a kept connection has passed the first stages.
            let transport = Transport::new(&settings.mail, Mailbox::default()).unwrap();
            let refusal = app.wait(transport.send(&envelope)).unwrap_err();
            assert_eq!(refusal.stage.word(), *stage, "{answer}");
            assert_eq!(refusal.becomes == Becomes::Final, *is_final, "{stage}: {answer}");
            assert_eq!(refusal.words, *answer, "{stage}");
            assert_eq!(refusal.code.map(|code| code.to_string()).as_deref(), answer.get(..3), "{stage}");
        }
    }
    sink.straighten();
    let transport = Transport::new(&settings.mail, Mailbox::default()).unwrap();
    for _ in 0..3 {
        assert_eq!(app.wait(transport.send(&envelope)).unwrap(), "250 taken");
    }
    let greeted = sink.heard().iter().filter(|line| line.starts_with("EHLO")).count();
    app.wait(transport.send(&envelope)).unwrap();
    assert_eq!(sink.heard().iter().filter(|line| line.starts_with("EHLO")).count(), greeted, "the connection is kept");
}

#[test]
fn after_a_refusal_a_kept_connection_carries_the_next_email() {
    let (sink, app) = (taking(), TestApp::start());
    let mut settings = app.app.config.clone();
    over(sink.port)(&mut settings);
    let transport = Transport::new(&settings.mail, Mailbox::default()).unwrap();
    let letter = Letter { subject: "s".into(), text: "t".into(), html: "h".into() };
    let at = app.app.clock().now();
    let envelope = Envelope { id: "1", to: "mina@acme.example", reply_to: None, letter: &letter, at };
    sink.bend_at("rcpt", "550 5.1.1 unknown");
    assert_eq!(app.wait(transport.send(&envelope)).unwrap_err().stage, Stage::Rcpt);
    sink.straighten();
    app.wait(transport.send(&envelope)).unwrap();
    let heard = sink.heard();
    assert_eq!(heard.iter().filter(|line| line.starts_with("EHLO")).count(), 1, "{heard:?}");
    app.wait(transport.close_idle(true));
    assert_eq!(sink.heard().last().map(String::as_str), Some("QUIT"));
}

#[test]
fn a_server_that_refuses_us_for_a_while_loses_no_email() {
    let sink = taking();
    let app = TestApp::start_with(over_with_login(sink.port));
    app.visitor().sign_up("acme", "owner@acme.example");
    for (stage, answer) in [
        ("greeting", "554 no"),
        ("ehlo", "550 no"),
        ("auth", "535 5.7.8 no"),
        ("mail", "553 5.7.1 no"),
        ("content", "550 5.4.5 quota"),
        ("content", "550 5.7.26 no"),
        ("content", "554 5.7.1 no"),
    ] {
        sink.bend_at(stage, answer);
        app.wait(app.app.transport.close_idle(true));
        assert_eq!(app.deliver().put_off, 1, "{stage}: {answer}");
        assert_eq!(standings(&app)[0].2.as_deref(), Some(stage));
        app.clock.advance(Duration::hours(1));
    }
    sink.straighten();
    assert_eq!(app.deliver().sent, 1);
    assert_eq!(count(&app, r#"channel="mail",result="put_off",stage="content""#).as_deref(), Some("3"));
    assert_eq!(count(&app, r#"channel="mail",result="sent",stage="""#).as_deref(), Some("1"));
}

fn lines(operator: &Operator, arguments: &[&str]) -> Vec<Value> {
    let output = operator.run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refused_once(sink: &Sink) -> Operator {
    sink.bend_at("rcpt", "550 5.1.1 unknown");
    let operator = Operator::of_a_server_with(over(sink.port));
    operator.app.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(operator.app.deliver().failed, 1);
    operator
}

#[test]
fn a_message_given_up_moves_a_counter_and_can_be_sent_again() {
    let sink = taking();
    let operator = refused_once(&sink);
    let app = &operator.app;
    assert_eq!(count(app, r#"channel="mail",result="refused",stage="rcpt""#).as_deref(), Some("1"));
    let listed = lines(&operator, &["mail", "list", "--failed", "--json"]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    for (field, value) in [
        ("state", "failed"),
        ("ending", "refused"),
        ("stage", "rcpt"),
        ("answer", "550 5.1.1 unknown"),
        ("recipient", "owner@acme.example"),
        ("organization", "acme"),
        ("kind", "invitation"),
    ] {
        assert_eq!(listed[0][field], value, "{field}");
    }
    let table = operator.run(&["mail", "list"]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("550 5.1.1 unknown"), "{table:?}");
    sink.straighten();
    let id = listed[0]["id"].as_str().unwrap();
    assert!(operator.run(&["mail", "retry", id]).status.success());
    // The command goes by the time of the machine.
    app.clock.advance(Duration::minutes(5));
    assert_eq!(app.deliver().sent, 1);
    assert!(sink.letters.recv().unwrap().contains("acme"));
    let again = operator.run(&["mail", "retry", id]);
    assert!(!again.status.success(), "it was sent: {again:?}");
    assert!(lines(&operator, &["mail", "list", "--failed", "--json"]).is_empty());
    assert!(operator.run(&["mail", "retry", "--all"]).status.success());
    assert!(!operator.run(&["mail", "retry"]).status.success(), "one or all must be named");
}

#[test]
fn what_was_tried_for_days_is_given_up_and_tried_for_days_again() {
    let sink = taking();
    let operator = Operator::of_a_server_with(over(sink.port));
    let app = &operator.app;
    app.visitor().sign_up("acme", "owner@acme.example");
    sink.bend_at("greeting", "554 no");
    assert_eq!(app.deliver().put_off, 1);
    app.clock.advance(Duration::days(4) + Duration::seconds(1));
    assert_eq!(app.deliver().failed, 1);
    assert_eq!(standing(app), ("failed".into(), "given_up".into()));
    assert_eq!(count(app, r#"channel="mail",result="given_up",stage="greeting""#).as_deref(), Some("1"));
    // By the operator's own clock the invitation still works.
    assert!(operator.run(&["mail", "retry", "--all"]).status.success());
    assert_eq!(standing(app).0, "queued");
}

#[test]
fn what_failed_is_forgotten_after_a_while() {
    let sink = taking();
    let operator = refused_once(&sink);
    operator.app.clock.advance(Duration::days(15));
    operator.app.clean_up();
    let kept = mails::table.filter(mails::sealed.is_not_null()).count();
    assert_eq!(kept.get_result::<i64>(&mut operator.app.database.connect()).unwrap(), 0);
}

#[test]
fn an_expired_or_replaced_link_is_not_sent_after_an_outage() {
    let sink = taking();
    let app = TestApp::start();
    app.owner();
    app.deliver();
    let out = app.beside_with(over(sink.port));
    sink.bend_at("mail", "451 later");
    let asks = app.visitor();
    asks.post("/password", &[("organization", "acme"), ("email", "owner@acme.example")]);
    assert_eq!(out.deliver().put_off, 1);
    app.clock.advance(Duration::minutes(5));
    asks.post("/password", &[("organization", "acme"), ("email", "owner@acme.example")]);
    let dropped = out.deliver();
    assert_eq!((dropped.failed, dropped.put_off), (0, 1), "the older one was replaced when the newer was written");
    let endings: Vec<Option<String>> = standings(&app).into_iter().map(|standing| standing.1).collect();
    assert!(endings.contains(&Some("replaced".into())), "{endings:?}");
    app.clock.advance(Duration::minutes(31));
    sink.straighten();
    assert_eq!((out.deliver().failed, sink.letters.try_recv().is_err()), (1, true), "it expired");
    let endings: Vec<Option<String>> = standings(&app).into_iter().map(|standing| standing.1).collect();
    assert!(endings.contains(&Some("expired".into())), "{endings:?}");
    assert_eq!(count(&out, r#"channel="mail",result="expired",stage="""#).as_deref(), Some("1"));
}

#[test]
fn an_invitation_past_its_time_shows_as_failed() {
    let sink = taking();
    let app = TestApp::start_with(|config| config.limits.invitation_days = 1);
    let owner = app.owner();
    app.deliver();
    let out = app.beside_with(over(sink.port));
    sink.bend_at("mail", "451 later");
    owner.post("/iam/users/new", &[("email", "jun@acme.example"), ("name", "Jun"), ("language", "en")]);
    assert_eq!(out.deliver().put_off, 1);
    app.clock.advance(Duration::days(1));
    sink.straighten();
    assert_eq!((out.deliver().failed, sink.letters.try_recv().is_err()), (1, true));
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.open("/iam/users").click("Jun").sees("its link expired before the mail server took it").sees("451 later");
}

#[test]
fn ehlo_names_the_public_host() {
    let sink = taking();
    let app = TestApp::start_with(|config| {
        over(sink.port)(config);
        config.mail.hello = "id.example.org".into();
    });
    app.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(app.deliver().sent, 1);
    assert_eq!(sink.heard()[0], "EHLO id.example.org");
}

#[test]
fn every_email_says_that_it_is_automatic() {
    let sink = taking();
    let app = TestApp::start_with(over(sink.port));
    app.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(app.deliver().sent, 1);
    let letter = sink.letters.recv().unwrap();
    for line in ["Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "Reply-To: help@example.org", "-- "]
    {
        let found = letter.lines().any(|told| told == line || (line == "-- " && told == "--=20"));
        assert!(found, "{line:?} is missing in {letter}");
    }
    let page = TestApp::start_with(|config| {
        over(sink.port)(config);
        config.brand.support = Some("https://help.example.org".into());
    });
    page.visitor().sign_up("acme", "owner@acme.example");
    assert_eq!(page.deliver().sent, 1);
    assert!(!sink.letters.recv().unwrap().contains("Reply-To:"), "a page is no address");
}

#[test]
fn no_text_from_outside_becomes_a_link_in_an_email() {
    let app = TestApp::start();
    let owner = app.owner();
    app.deliver();
    owner
        .post("/iam/users/new", &[("email", "jun@acme.example"), ("name", "go evil.com"), ("language", "en")])
        .gets(422);
    // A name from before the rule.
    use vestibule::platform::store::schema::users;
    let named = users::name.eq("go evil.com");
    diesel::update(users::table).set(named).execute(&mut app.database.connect()).unwrap();
    let login = |agent: &'static str| {
        let browser = app.visitor();
        *browser.agent.borrow_mut() = agent;
        browser.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    };
    let before = app.mail_to("owner@acme.example").len();
    login("open https://evil.ex now");
    app.deliver();
    let all = app.mail_to("owner@acme.example");
    assert!(all.len() > before, "a login from an unknown browser is told");
    let told = &all[0];
    for text in [&told.text, &told.html] {
        assert!(!text.contains("evil.ex") && !text.contains("evil.com"), "{text}");
        assert!(text.contains("Unknown browser") && text.contains("go evil. com"), "{text}");
    }
}
