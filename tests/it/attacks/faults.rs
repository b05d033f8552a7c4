//! What fails lets nobody in, and what is stuck stops nothing else.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use vestibule::platform::store::AnyConnection;
use vestibule::platform::store::schema::users;

use crate::login::attempt;
use crate::support::TestApp;
use crate::support::people::{PASSWORD, encode};

/// Shows ASVS 16.3.4, 16.5.1.
#[test]
fn asvs_16_5_3_a_gate_that_cannot_be_read_is_closed() {
    let app = TestApp::start();
    let owner = app.owner();
    for table in ["sessions", "users", "organizations", "throttles", "audit_events"] {
        app.database.execute(&format!("ALTER TABLE {table} RENAME TO {table}_away"));
        let visitor = app.visitor();
        let answer = attempt(&visitor, "acme", "owner@acme.example", PASSWORD);
        assert_ne!(answer.header("location"), Some("/console"), "without {table}");
        assert!(!visitor.cookies.borrow().contains_key("vestibule-session"), "without {table}");
        assert!(!answer.text().contains(table) && !answer.text().contains("SELECT"), "without {table}");
        if ["sessions", "users", "organizations"].contains(&table) {
            let answer = owner.request("GET", "/iam/users", &[], "");
            assert!(
                answer.status != 200 && !answer.text().contains("owner@acme.example"),
                "without {table}: {}",
                answer.status
            );
            let answer = owner.request("POST", "/account", &[], "name=Thief&language=en&time_zone=Asia%2FSeoul");
            assert!(
                answer.status >= 500 || answer.header("location") != Some("/account"),
                "without {table}: {}",
                answer.status
            );
        }
        app.database.execute(&format!("ALTER TABLE {table}_away RENAME TO {table}"));
        assert_eq!(attempt(&app.visitor(), "acme", "owner@acme.example", PASSWORD).status, 303, "{table} is back");
    }
    // A change that cannot be recorded is not made.
    let name = || -> String { users::table.select(users::name).first(&mut app.database.connect()).unwrap() };
    app.database.execute("ALTER TABLE audit_events RENAME TO audit_events_away");
    let profile = encode(&[("name", "Thief"), ("language", "en"), ("time_zone", "Asia/Seoul")]);
    assert_eq!(owner.request("POST", "/account", &[], &profile).status, 500);
    assert_eq!(name(), "Mina Park");
    app.database.execute("ALTER TABLE audit_events_away RENAME TO audit_events");
    assert_eq!(owner.request("POST", "/account", &[], &profile).status, 303);
    assert_eq!(name(), "Thief");
    // Nor does a second factor count whose tries cannot be counted.
    app.two_factor("acme", true);
    let person = app.visitor();
    person.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Email");
    let code = app.mailed_code("owner@acme.example");
    app.database.execute("ALTER TABLE code_counts RENAME TO code_counts_away");
    let answer = person.request("POST", "/login/factor/code", &[], &encode(&[("one_time_code", &code)]));
    assert_ne!(answer.header("location"), Some("/console"));
    assert!(!person.cookies.borrow().contains_key("vestibule-session"));
    app.database.execute("ALTER TABLE code_counts_away RENAME TO code_counts");
    app.deliver();
}

/// Shows ASVS 15.2.2; attack 98.
#[test]
fn a_write_that_waits_for_the_database_holds_up_no_other_page() {
    let app = TestApp::start();
    let owner = app.owner();
    app.deliver();
    let profile = encode(&[("name", "Mina Lee"), ("language", "en"), ("time_zone", "Asia/Seoul")]);
    let cookies = owner.cookies.borrow().clone();
    let mut holder = app.database.connect();
    match &mut holder {
        AnyConnection::Postgres(inner) => inner.batch_execute("BEGIN; LOCK TABLE users IN EXCLUSIVE MODE").unwrap(),
        AnyConnection::Sqlite(inner) => inner.batch_execute("BEGIN IMMEDIATE").unwrap(),
    }
    std::thread::scope(|scope| {
        let (app, profile) = (&app, &profile);
        let waiting = scope.spawn(move || {
            let person = app.visitor();
            *person.cookies.borrow_mut() = cookies;
            person.request("POST", "/account", &[], profile).status
        });
        std::thread::sleep(Duration::from_millis(300));
        for path in ["/", "/terms", "/login", vestibule::web::assets::URLS.css] {
            app.visitor().open(path).gets(200);
        }
        owner.open("/iam/users").gets(200);
        assert!(!waiting.is_finished(), "the write waits");
        match &mut holder {
            AnyConnection::Postgres(inner) => inner.batch_execute("ROLLBACK").unwrap(),
            AnyConnection::Sqlite(inner) => inner.batch_execute("ROLLBACK").unwrap(),
        }
        assert_eq!(waiting.join().unwrap(), 303, "and is made once it can be");
    });
    owner.open("/account").sees("Mina Lee");
}
