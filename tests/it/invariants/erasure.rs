//! What is erased is gone from every table there is, and nobody else's rows change.

use diesel::prelude::*;
use vestibule::features::deletion::erasure::carry_out;
use vestibule::platform::store::schema::{bills, organizations};

use super::dump::{Dump, Looker, Row, changes};
use super::sources::none;
use super::stage;
use crate::support::TestApp;

fn home<'a>(table: &str, row: &'a Row) -> Option<&'a String> {
    if table == "organizations" { row.get("id") } else { row.get("organization_id") }
}

/// The rows of an organization, by table.
fn of(dump: &Dump, organization: &str) -> Dump {
    let mine = |table: &String, rows: &Vec<Row>| {
        rows.iter().filter(|row| home(table, row).is_some_and(|home| home == organization)).cloned().collect()
    };
    dump.iter().map(|(table, rows)| (table.clone(), mine(table, rows))).collect()
}

/// Shows ASVS 14.2.7; attack 87.
#[test]
fn nothing_of_an_erased_organization_is_left_and_no_other_row_changes() {
    let app = TestApp::start();
    stage::live_in(&app, stage::OTHER, "boss@rival.example");
    stage::live_in(&app, stage::ORGANIZATION, "owner@acme.example");
    let [acme, rival] = [stage::ORGANIZATION, stage::OTHER].map(|name| app.organization_id(name).unwrap());
    // What the checklist asks for is not asked here: there have to be rows to erase.
    let (now, mut connection) = (app.app.clock().now(), app.database.connect());
    let requested = (
        organizations::deletion_requested_at.eq(now),
        organizations::deletion_requested_by.eq("Mina Park"),
        organizations::deletion_due_at.eq(now),
    );
    diesel::update(organizations::table.find(&acme)).set(requested).execute(&mut connection).unwrap();
    let paid = bills::table.filter(bills::organization_id.eq(&acme));
    diesel::update(paid).set(bills::status.eq("paid")).execute(&mut connection).unwrap();

    let mut looker = Looker::at(&app.database);
    let before = looker.look();
    let mine = of(&before, &acme);
    let owned = |table: &&String| before[*table].iter().any(|row| home(table, row).is_some_and(|home| *home == rival));
    let bare = mine.iter().filter(|(table, rows)| rows.is_empty() && owned(table)).map(|(table, _)| table.clone());
    none(bare, "tables in which there was nothing to erase");

    app.wait(carry_out(&app.app)).unwrap();
    app.deliver();
    let after = looker.look();
    assert_eq!(of(&after, &acme).values().map(Vec::len).sum::<usize>(), 0, "rows of the organization");
    none(changes(&of(&before, &rival), &of(&after, &rival)).iter().map(ToString::to_string), "rows of another one");

    // Nor is there a trace of it in any column: its id, those of its rows, the addresses of its people.
    let ids = mine.values().flatten().filter_map(|row| row.get("id")).chain([&acme]);
    let traces: Vec<&str> = ids.map(String::as_str).chain(["owner@acme.example", "guest@acme.example"]).collect();
    let mut found = Vec::new();
    for (table, rows) in &after {
        for row in rows {
            // The tombstone is known by the id that the organization had, which says nothing about anybody.
            let told = row.iter().filter(|(column, _)| (table.as_str(), column.as_str()) != ("erasures", "id"));
            let hits = told.filter(|(_, value)| traces.iter().any(|trace| value.contains(trace)));
            found.extend(hits.map(|(column, value)| format!("{table}.{column}: {value}")));
        }
    }
    none(found, "traces of it");
}
