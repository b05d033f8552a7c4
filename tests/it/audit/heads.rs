//! The newest seals are signed together with how many there are: a log that was cut short, emptied or put back is found
//! without anything that was written down elsewhere.

use std::io::Write;
use std::sync::{Arc, Mutex};

use chrono::Duration;
use diesel::prelude::*;
use vestibule::features::audit::seal::sealing::Sealer;
use vestibule::features::audit::seal::{PublicKeys, Wrong, verify};
use vestibule::platform::store::Origin;
use vestibule::platform::store::schema::audit_events;

use super::super::operator::Operator;
use super::seal::{faults, verified};
use super::{TestApp, flood};
use crate::support::people::PASSWORD;

const TABLES: [&str; 5] = ["audit_events", "audit_seals", "audit_sealing", "audit_heads", "audit_progress"];

/// What is wrong with what is signed of all logs together.
fn whole(app: &TestApp) -> Vec<Wrong> {
    let keys = PublicKeys::of(app.app.store.keys());
    let found = app.wait(verify::verify_whole(&app.app.store, &Origin::default(), &keys)).unwrap();
    found.told.into_iter().map(|finding| finding.wrong).collect()
}

/// Keeps what the tables of the log hold, under a name.
fn keep(app: &TestApp, name: &str) {
    for table in TABLES {
        app.database.execute(&format!("CREATE TABLE {name}_{table} AS SELECT * FROM {table}"));
    }
}

/// Puts it back.
fn put_back(app: &TestApp, name: &str) {
    for table in TABLES {
        app.database.execute(&format!("DELETE FROM {table}"));
        app.database.execute(&format!("INSERT INTO {table} SELECT * FROM {name}_{table}"));
    }
}

/// Two organizations with sealed logs, of which acme's has five events and more.
fn sealed() -> TestApp {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").fill("Name", "Mina Lee").press("Save");
    app.owner_of("rival", "boss@rival.example");
    app.clock.advance(Duration::minutes(2));
    app.seal();
    app.deliver();
    assert_eq!((faults(&app, "acme"), faults(&app, "rival"), whole(&app)), (vec![], vec![], vec![]));
    app
}

fn id(app: &TestApp) -> String {
    app.organization_id("acme").unwrap()
}

#[test]
fn a_log_whose_seals_were_removed_or_whose_events_are_gone_does_not_verify() {
    let app = sealed();
    let (acme, newest) = (id(&app), verified(&app, "acme").newest.unwrap().number);
    keep(&app, "kept");
    // An event is changed, and everything from it on is to be sealed anew.
    let from = newest - 2;
    let rewrite = |app: &TestApp| {
        app.database.execute(&format!(
            "UPDATE audit_events SET actor_name = 'Somebody Else' WHERE id = \
             (SELECT event_id FROM audit_seals WHERE chain = '{acme}' AND number = {from})"
        ));
        app.database.execute(&format!("DELETE FROM audit_seals WHERE chain = '{acme}' AND number >= {from}"));
        app.database.execute("UPDATE audit_sealing SET sealed_until = '1970-01-01 00:00:00'");
    };
    rewrite(&app);
    assert!(faults(&app, "acme").contains(&Wrong::Missing(from, newest)));
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    app.seal();
    assert!(faults(&app, "acme").contains(&Wrong::Missing(from, newest)), "and it stays so once the log goes on");
    assert_eq!(whole(&app), []);
    put_back(&app, "kept");
    // With the signed head away, too: the sum tells.
    rewrite(&app);
    app.database.execute(&format!("DELETE FROM audit_heads WHERE chain = '{acme}'"));
    assert_eq!(whole(&app), [Wrong::Sum(newest)]);
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    app.seal();
    assert_eq!(whole(&app), [Wrong::Sum(newest)]);
    put_back(&app, "kept");
    // All of it, with or without its head.
    app.database.execute(&format!("DELETE FROM audit_events WHERE organization_id = '{acme}'"));
    app.database.execute(&format!("DELETE FROM audit_seals WHERE chain = '{acme}'"));
    assert_eq!(faults(&app, "acme"), [Wrong::Missing(1, newest)]);
    app.database.execute(&format!("DELETE FROM audit_heads WHERE chain = '{acme}'"));
    assert_eq!((faults(&app, "acme"), whole(&app)), (vec![Wrong::Empty], vec![Wrong::Sum(newest)]));
    put_back(&app, "kept");
    assert_eq!((faults(&app, "acme"), whole(&app)), (vec![], vec![]), "everything is back");
    app.deliver();
}

#[test]
fn what_is_signed_of_the_log_is_not_signed_anew_once_it_is_gone() {
    let app = sealed();
    keep(&app, "kept");
    for (change, wrong) in [
        ("DELETE FROM audit_progress", Wrong::Unsigned),
        ("UPDATE audit_progress SET sealed_until = '1970-01-01 00:00:00'", Wrong::Progress),
        ("UPDATE audit_progress SET total = total + 1", Wrong::Progress),
    ] {
        app.database.execute(change);
        assert!(whole(&app).contains(&wrong), "{change}");
        // Neither by the job nor by a start; and what is put in is not sealed.
        flood(&app, "acme", 1, 1);
        app.visitor().log_in("acme", "owner@acme.example", "wrong password");
        app.beside().seal();
        assert!(whole(&app).contains(&wrong), "{change}");
        assert!(faults(&app, "acme").contains(&Wrong::Inserted), "{change}");
        put_back(&app, "kept");
    }
    app.database.execute(&format!("UPDATE audit_heads SET number = 1 WHERE chain = '{}'", id(&app)));
    assert!(faults(&app, "acme").contains(&Wrong::Head));
    app.deliver();
}

#[test]
fn what_is_put_in_after_a_start_without_anything_gets_no_seal() {
    let app = TestApp::start();
    app.database.execute("DELETE FROM audit_progress");
    app.database.execute("UPDATE audit_sealing SET sealed_until = '1970-01-01 00:00:00'");
    app.beside();
    assert_eq!(whole(&app), [], "nothing has happened, so it is signed");
    app.owner();
    flood(&app, "acme", 1, 1);
    app.seal();
    assert_eq!(faults(&app, "acme"), [Wrong::Inserted]);
    app.deliver();
}

#[test]
fn an_older_state_that_is_put_back_in_part_is_found() {
    let app = sealed();
    let acme = id(&app);
    keep(&app, "old");
    for name in ["acme", "rival"] {
        let owner = if name == "acme" { "owner@acme.example" } else { "boss@rival.example" };
        app.visitor().log_in(name, owner, "wrong password");
    }
    app.seal();
    keep(&app, "new");
    // One log, with its head as it was signed then.
    for table in ["audit_seals", "audit_heads"] {
        app.database.execute(&format!("DELETE FROM {table} WHERE chain = '{acme}'"));
        app.database.execute(&format!("INSERT INTO {table} SELECT * FROM old_{table} WHERE chain = '{acme}'"));
    }
    assert_eq!(whole(&app), [Wrong::Sum(1)]);
    // And what was signed of all of them.
    app.database.execute("DELETE FROM audit_progress");
    app.database.execute("INSERT INTO audit_progress SELECT * FROM old_audit_progress");
    assert!(whole(&app).iter().any(|wrong| matches!(wrong, Wrong::PlayedBack(..))));
    put_back(&app, "new");
    assert_eq!(whole(&app), []);
    app.deliver();
}

#[test]
fn seals_of_an_instance_that_signs_no_heads_are_taken_over() {
    let app = sealed();
    keep(&app, "old");
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    app.seal();
    // This is what an instance of an older version leaves.
    for table in ["audit_heads", "audit_progress"] {
        app.database.execute(&format!("DELETE FROM {table}"));
        app.database.execute(&format!("INSERT INTO {table} SELECT * FROM old_{table}"));
    }
    assert_eq!((faults(&app, "acme"), whole(&app)), (vec![], vec![]));
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    app.clock.advance(Duration::minutes(2));
    app.seal();
    assert_eq!((faults(&app, "acme"), whole(&app)), (vec![], vec![]));
    app.deliver();
}

#[test]
fn an_organization_that_is_removed_leaves_the_sum_and_one_whose_row_was_deleted_does_not() {
    let app = sealed();
    app.visitor().sign_up("waits", "owner@waits.example");
    app.seal();
    app.deliver();
    app.clock.advance(Duration::days(30));
    app.clean_up();
    assert!(app.organization_id("waits").is_none());
    assert_eq!(whole(&app), []);
    let acme = id(&app);
    app.database.execute(&format!("UPDATE audit_heads SET chain = 'nowhere' WHERE chain = '{acme}'"));
    assert!(whole(&app).contains(&Wrong::Gone("nowhere".to_owned())));
    app.deliver();
}

#[test]
fn an_acknowledged_finding_ends_with_0() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    app.owner();
    app.seal();
    let change = |name: &str| {
        app.database.execute(&format!(
            "UPDATE audit_events SET actor_name = '{name}' WHERE id = \
             (SELECT MIN(event_id) FROM audit_seals WHERE chain = '{}')",
            id(app)
        ));
    };
    change("Somebody Else");
    let finding = || {
        let output = operator.run(&["audit", "verify"]);
        let said = String::from_utf8(output.stdout).unwrap();
        let named = said.split_once("(finding ").map(|(_, rest)| rest.split(')').next().unwrap().to_owned());
        (output.status.code(), named, said)
    };
    let (code, named, said) = finding();
    let named = named.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(code, Some(1));
    assert!(operator.is_refused(&["audit", "acknowledge", "0123456789abcdef"]).contains("has no finding"));
    let typed = crate::arguments::wide(&named);
    assert!(operator.does(&["audit", "acknowledge", &typed]).contains("acme: number 1"));
    let (code, other, said) = finding();
    assert_eq!((code, other), (Some(0), None), "{said}");
    assert!(said.contains("acknowledged") && said.contains(": 1"), "{said}");
    app.seal();
    assert_eq!(finding().0, Some(0), "the event is sealed like any other");
    // It stands for that finding and no other, and only with its signature.
    change("Another One");
    let (code, other, said) = finding();
    let other = other.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(code, Some(1));
    change("Somebody Else");
    assert_eq!(finding().0, Some(0));
    change("Another One");
    let events = audit_events::table.filter(audit_events::event.eq("audit.finding_acknowledged"));
    let details: String = events.select(audit_events::details).first(&mut app.database.connect()).unwrap();
    app.database.execute(&format!(
        "UPDATE audit_events SET details = '{}' WHERE event = 'audit.finding_acknowledged'",
        details.replace(&named, &other).replace('\'', "''")
    ));
    let (code, _, said) = finding();
    assert!(code == Some(1) && said.contains(&format!("(finding {other})")), "{said}");
    app.deliver();
}

#[test]
fn a_command_puts_back_until_when_the_log_counts_as_sealed() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    app.owner();
    app.seal();
    let wrong = || {
        app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    };
    // An instance of a version that believes its clock.
    app.clock.advance(Duration::minutes(20));
    wrong();
    app.clock.advance(Duration::minutes(2));
    app.seal();
    app.clock.advance(Duration::minutes(-22));
    wrong();
    app.clock.advance(Duration::minutes(2));
    app.seal();
    assert_eq!(faults(app, "acme"), [Wrong::Inserted]);
    let said = operator.does(&["audit", "rewind"]);
    assert!(said.contains("not until"), "{said}");
    app.seal();
    assert_eq!((faults(app, "acme"), whole(app)), (vec![], vec![]));
    let [(actor, details)] = &operator.recorded("audit.rewound")[..] else { panic!("one event") };
    assert!(actor == "operator" && details.contains("sealed_until"), "{details}");
    assert!(operator.is_refused(&["audit", "rewind", "--to", "yesterday"]).contains("RFC 3339"));
    // What was signed of the log is gone: by command it is signed again, and nothing else does.
    app.database.execute("DELETE FROM audit_progress");
    assert_eq!(whole(app), [Wrong::Unsigned]);
    operator.does(&["audit", "rewind"]);
    assert_eq!(whole(app), []);
    app.deliver();
}

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_newest_seals_go_to_the_log_once_an_hour() {
    let app = sealed();
    let newest = verified(&app, "acme").newest.unwrap();
    let heard = Heard::default();
    let writer = heard.clone();
    let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(log);
    let said = || String::from_utf8(std::mem::take(&mut *heard.0.lock().unwrap())).unwrap();
    let mut sealer = Sealer::default();
    let mut tell = || {
        app.wait(sealer.tell_heads(&app.app.store)).unwrap();
        said()
    };
    let told = tell();
    assert!(told.contains(&id(&app)) && told.contains(&newest.hash), "{told}");
    assert_eq!(tell(), "");
    app.clock.advance(Duration::hours(1));
    assert_eq!(tell(), "", "nothing is new");
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.seal();
    app.clock.advance(Duration::hours(1));
    let told = tell();
    assert!(told.lines().filter(|line| line.contains("newest seal")).count() == 1, "{told}");
    app.deliver();
}
