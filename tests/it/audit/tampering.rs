//! Whoever can write the database, and does not have the key, changes nothing that was sealed without it being found.

use vestibule::features::audit::seal::{Chain, Wrong};
use vestibule::platform::store::Origin;
use vestibule::platform::store::schema::audit_events;

use diesel::prelude::*;

use super::super::operator::Operator;
use super::seal::{faults, verified};
use super::{TestApp, flood};
use crate::invariants::dump::Looker;
use crate::support::people::PASSWORD;

/// An organization with a sealed log, and another one.
fn sealed() -> TestApp {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").fill("Name", "Mina Lee").press("Save");
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    app.owner_of("rival", "boss@rival.example");
    app.clock.advance(chrono::Duration::minutes(2));
    app.seal();
    app.deliver();
    assert_eq!((faults(&app, "acme"), faults(&app, "rival")), (vec![], vec![]));
    app
}

/// The ids of the events of an organization, the oldest first.
fn ids(app: &TestApp, organization: &str) -> Vec<String> {
    let home = app.organization_id(organization).unwrap();
    let rows = audit_events::table.filter(audit_events::organization_id.eq(home)).order(audit_events::id);
    rows.select(audit_events::id).load(&mut app.database.connect()).unwrap()
}

/// Another value than the one that stands in a column.
fn another(column: &str) -> String {
    match column {
        "result" => "CASE WHEN result = 'done' THEN 'failed' ELSE 'done' END".to_owned(),
        "actor_kind" => "CASE WHEN actor_kind = 'system' THEN 'operator' ELSE 'system' END".to_owned(),
        "at" => "'2020-01-01 00:00:00'".to_owned(),
        "count" | "number" => format!("{column} + 1000"),
        "organization_id" => "(SELECT id FROM organizations WHERE name = 'rival')".to_owned(),
        "hash" | "cut" => "signature".to_owned(),
        "signature" => "hash".to_owned(),
        "chain" => "'elsewhere'".to_owned(),
        "key_id" => "'0badc0de'".to_owned(),
        text => format!("COALESCE({text}, '') || 'x'"),
    }
}

#[test]
fn asvs_16_4_2_every_single_change_of_any_field_of_any_row_is_found() {
    let app = sealed();
    let dump = Looker::at(&app.database).look();
    let columns = |table: &str| dump[table][0].keys().cloned().collect::<Vec<_>>();
    for table in ["audit_events", "audit_seals"] {
        app.database.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
    }
    let rows = ids(&app, "acme");
    let mut tried = 0;
    for (table, key) in [("audit_events", "id"), ("audit_seals", "event_id")] {
        for column in columns(table) {
            // By which key equal events were counted is shown nowhere, and a sealed row has none.
            if column == "merge_key" {
                continue;
            }
            for id in &rows {
                let change = another(&column);
                app.database.execute(&format!("UPDATE {table} SET {column} = {change} WHERE {key} = '{id}'"));
                let report = verified(&app, "acme");
                assert!(report.wrong.count + report.older_keys as usize > 0, "{table}.{column} of {id}: {report:?}");
                app.database.execute(&format!("DELETE FROM {table}"));
                app.database.execute(&format!("INSERT INTO {table} SELECT * FROM kept_{table}"));
                tried += 1;
            }
        }
    }
    assert!(tried > 100 && rows.len() >= 5, "{tried}");
    assert_eq!(faults(&app, "acme"), [], "everything is back");
}

#[test]
fn a_changed_event_is_told_with_its_number_and_reference_code() {
    let app = sealed();
    let id = &ids(&app, "acme")[2];
    app.database.execute(&format!("UPDATE audit_events SET actor_name = 'Somebody Else' WHERE id = '{id}'"));
    let report = verified(&app, "acme");
    let [finding] = &report.wrong.told[..] else { panic!("{report:?}") };
    assert_eq!((finding.number, finding.event.as_ref(), &finding.wrong), (Some(3), Some(id), &Wrong::Edited));
    assert!(finding.reference.as_ref().is_some_and(|code| code.len() == 9), "{finding:?}");
    assert_eq!(faults(&app, "rival"), [], "the others' logs are theirs");
}

#[test]
fn a_removed_event_is_found_with_or_without_its_seal() {
    let app = sealed();
    let ids = ids(&app, "acme");
    app.database.execute(&format!("DELETE FROM audit_events WHERE id = '{}'", ids[1]));
    assert_eq!(faults(&app, "acme"), [Wrong::Removed]);
    app.database.execute(&format!("DELETE FROM audit_seals WHERE event_id = '{}'", ids[1]));
    assert_eq!(faults(&app, "acme"), [Wrong::Missing(2, 2)]);
    // The beginning, too: only retention cuts, and signs that it did.
    app.database.execute(&format!("DELETE FROM audit_events WHERE id = '{}'", ids[0]));
    app.database.execute(&format!("DELETE FROM audit_seals WHERE event_id = '{}'", ids[0]));
    assert_eq!(faults(&app, "acme"), [Wrong::Missing(1, 2)]);
    app.database.execute(&format!("UPDATE audit_seals SET cut = signature WHERE event_id = '{}'", ids[2]));
    assert!(faults(&app, "acme").contains(&Wrong::Cut));
}

#[test]
fn two_rows_in_each_other_s_place_are_found() {
    let app = sealed();
    let ids = ids(&app, "acme");
    let swap = |table: &str, column: &str, one: &str, other: &str| {
        for (from, to) in [(one, "between"), (other, one), ("between", other)] {
            app.database.execute(&format!("UPDATE {table} SET {column} = '{to}' WHERE {column} = '{from}'"));
        }
    };
    swap("audit_seals", "event_id", &ids[1], &ids[3]);
    // Each is told with the event that belongs to its place.
    assert_eq!(faults(&app, "acme"), [&ids[1], &ids[3]].map(|id| Wrong::Reordered(id.clone())));
    swap("audit_seals", "event_id", &ids[1], &ids[3]);
    assert_eq!(faults(&app, "acme"), []);
    swap("audit_events", "id", &ids[1], &ids[3]);
    assert_eq!(faults(&app, "acme"), [Wrong::Edited, Wrong::Edited]);
}

#[test]
fn an_event_that_is_put_in_later_is_found() {
    let app = sealed();
    flood(&app, "acme", 1, 1);
    assert_eq!(faults(&app, "acme"), [Wrong::Inserted]);
    app.seal();
    assert_eq!(faults(&app, "acme"), [Wrong::Inserted], "it gets no seal");
    // Not even by making the job begin again, as it is signed until when everything is sealed.
    app.database.execute("UPDATE audit_sealing SET sealed_until = '1970-01-01 00:00:00'");
    app.seal();
    assert_eq!(faults(&app, "acme"), [Wrong::Inserted]);
    // Nor does it help to say that everything to come is sealed.
    app.database.execute("UPDATE audit_sealing SET sealed_until = '2100-01-01 00:00:00'");
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    assert!(app.seal() > 0);
    assert_eq!(faults(&app, "acme"), [Wrong::Inserted]);
    app.deliver();
}

#[test]
fn the_newest_rows_cut_off_with_their_seals_are_found_and_so_is_what_was_written_down() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    app.owner();
    app.seal();
    let said = operator.does(&["audit", "verify", "--organization", "acme"]);
    let noted =
        said.lines().find(|line| line.matches(':').count() == 2 && line.starts_with("  ")).unwrap().trim().to_owned();
    operator.does(&["audit", "verify", "--expect", &noted]);
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.seal();
    operator.does(&["audit", "verify", "--expect", &noted]);
    for table in [
        "audit_seals WHERE number >= 4 AND chain <> 'installation'",
        "audit_events WHERE id NOT IN (SELECT event_id FROM audit_seals)",
    ] {
        app.database.execute(&format!("DELETE FROM {table}"));
    }
    let said = String::from_utf8(operator.run(&["audit", "verify"]).stdout).unwrap();
    assert!(said.contains("acme") && said.contains("Wrong:") && said.contains("were removed"), "{said}");
    let output = operator.run(&["audit", "verify", "--expect", &noted]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("number 4: the log does not have the seal that was expected"), "{said}");
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.seal();
    let output = operator.run(&["audit", "verify", "--expect", &noted, "--json"]);
    let said = String::from_utf8(output.stdout).unwrap();
    // The log goes on after the newest that was signed.
    assert!(output.status.code() == Some(1) && said.contains("\"wrong\":\"not_there\""), "{said}");
    assert!(operator.is_refused(&["audit", "verify", "--expect", "acme:3"]).contains("is not LOG:NUMBER:HASH"));
}

#[test]
fn the_operator_is_told_in_a_table_and_scripts_in_json() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    app.owner();
    app.seal();
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    let said = operator.does(&["audit", "verify"]);
    let row: Vec<&str> = said.lines().find(|line| line.starts_with("acme")).unwrap().split_whitespace().collect();
    assert_eq!(row[..5], ["acme", "4", "-", "4", "1"], "{said}");
    assert_eq!(row[6], "0", "{said}");
    let id = ids(app, "acme").remove(0);
    app.database.execute(&format!("UPDATE audit_events SET address = '192.0.2.9' WHERE id = '{id}'"));
    let output = operator.run(&["audit", "verify", "--organization", "acme", "--json"]);
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["log"], &line["wrong"]["count"]), (&"acme".into(), &1.into()), "{line}");
    let told = &line["wrong"]["told"][0];
    assert_eq!((&told["wrong"], &told["event"], &told["number"]), (&"edited".into(), &id.as_str().into(), &1.into()));
    let said = String::from_utf8(operator.run(&["audit", "verify"]).stdout).unwrap();
    assert!(
        said.contains(&format!("acme: number 1, event {id}, reference code ")) && said.contains("was changed"),
        "{said}"
    );
    assert!(operator.is_refused(&["audit", "verify"]).contains("1 thing is wrong"));
    assert!(
        operator
            .is_refused(&["audit", "verify", "--organization", "nowhere"])
            .contains("no organization named nowhere")
    );
    let key = operator.does(&["audit", "key"]);
    let [id, key] = key.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
    let json: serde_json::Value = serde_json::from_str(&operator.does(&["audit", "key", "--json"])).unwrap();
    assert_eq!((&json["id"], &json["key"]), (&id.into(), &key.into()));
}

#[test]
fn what_is_being_erased_is_left_out() {
    let app = sealed();
    app.database.execute("UPDATE organizations SET state = 'erasing' WHERE name = 'rival'");
    let logs = app.wait(vestibule::features::audit::seal::verify::logs(&app.app.store, &Origin::default(), None));
    let logs: Vec<(Chain, String)> = logs.unwrap().unwrap();
    assert!(logs.iter().all(|(_, name)| name != "rival"), "{logs:?}");
}
