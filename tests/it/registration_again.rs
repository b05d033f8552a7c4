//! Lists with the signs of an input method for wide characters, and forms that are sent more than once.

use diesel::prelude::*;
use vestibule::platform::store::schema::{mails, registrations, users};

use super::support::{Person, TestApp};

const LIST: &str = "Users, one on each line";

fn bulk<'a>(person: &'a Person<'a>, lines: &str) -> &'a Person<'a> {
    person.open("/iam/users/bulk").fill(LIST, lines).press("Register all")
}

fn registered(app: &TestApp) -> Vec<(String, String)> {
    let rows = users::table.order(users::email).select((users::email, users::name));
    rows.load(&mut app.database.connect()).unwrap()
}

#[test]
fn wide_commas_and_semicolons_separate_like_narrow_ones() {
    let app = TestApp::start();
    let owner = app.owner();
    for (lines, count) in [
        ("a1@acme.example，Ann，，010-2345-6789\na2@acme.example，Bea", "2 users are registered"),
        ("b1@acme.example，Ann\nb2@acme.example,Bea", "2 users are registered"),
        ("이메일，이름\nc1@acme.example,Ann\nc2@acme.example，Bea", "2 users are registered"),
        ("d1@acme.example；Ann\nd2@acme.example；Bea", "2 users are registered"),
        ("Ann Lee <e1@acme.example>，Bea Kim <e2@acme.example>；", "2 users are registered"),
        ("f1@acme.example,Ann,,,Org Admin、Billing Admin", "1 user is registered"),
        // Beside a separator it is part of the name.
        ("g1@acme.example,Kim，Mina", "1 user is registered"),
    ] {
        bulk(&owner, lines).gets(200).sees(count);
    }
    let all = registered(&app);
    assert_eq!(all.len(), 13, "{all:?}");
    assert!(all.contains(&("g1@acme.example".to_owned(), "Kim，Mina".to_owned())), "{all:?}");
    bulk(&owner, "h1@acme.example，Ann, Bea").gets(422).sees("Correct");
    while app.deliver().sent > 0 {}
}

/// Back leads to the form that was sent, with its submission id.
#[test]
fn the_button_of_a_second_round_pressed_twice_registers_and_mails_once() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/bulk");
    let submission = owner.page().all("input[name=submission]")[0].value().attr("value").unwrap().to_owned();
    let post = |lines: &str| {
        let fields = [("submission", submission.as_str()), ("lines", lines), ("language", "en")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owner.post_parts("/iam/users/bulk", &fields, &[]);
        owner.page().url.clone()
    };
    let first = "ann@acme.example,Ann\n";
    let rounds = [post("ann@acme.example\n"), post(first), post(first)];
    assert_eq!((rounds[0].as_str(), &rounds[1]), ("/iam/users/bulk", &rounds[2]));
    let second = "bea@acme.example,Bea\ncem@acme.example,Cem\n";
    let again = [post(second), post(second)];
    assert_eq!(again[0], again[1], "the second press leads to what the first one made");
    assert_ne!(again[0], rounds[1], "and not to the round before");
    owner.sees("2 users are registered").sees("bea@acme.example");
    assert_eq!(registered(&app).len(), 4);
    let mut connection = app.database.connect();
    assert_eq!(registrations::table.count().get_result(&mut connection), Ok(2));
    let invitations =
        mails::table.filter(mails::kind.eq("invitation")).filter(mails::recipient.ne("owner@acme.example"));
    assert_eq!(invitations.count().get_result(&mut connection), Ok(3));
    while app.deliver().sent > 0 {}
}
