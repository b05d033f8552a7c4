//! The border between organizations, and between reading and writing.

use std::collections::BTreeMap;

use vestibule::access::Access;
use vestibule::base::urls;

use super::dump::{Change, Dump, Looker, changes};
use super::sources::none;
use super::walk::{self, UNCHOSEN, UNKNOWN, fill, glance, is_variable};
use super::{sources, stage};
use crate::support::client::{Response, without_tokens};
use crate::support::people::{PASSWORD, encode};
use crate::support::{Person, TestApp};

/// A response as one can see it, with `id` taken out: all that may depend on it is that it is repeated.
fn seen(response: &Response, id: &str) -> String {
    let mut headers: Vec<String> = response
        .headers
        .iter()
        // The length follows from the text, and ids are not all as long.
        .filter(|(name, _)| !name.eq_ignore_ascii_case("date") && !name.eq_ignore_ascii_case("content-length"))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let text = without_tokens(&response.text());
    format!("{}\n{}\n\n{text}", response.status, headers.join("\n")).replace(id, "ID")
}

/// Two organizations the other with rows in every table; the first one's owner is logged in.
fn two_organizations(app: &TestApp) -> (Person<'_>, BTreeMap<String, Vec<String>>) {
    stage::live_in(app, "rival", "boss@rival.example");
    let dump = Looker::at(&app.database).look();
    for (table, rows) in &dump {
        let of_theirs = rows.iter().any(|row| row.get("organization_id").is_none_or(|home| home != "NULL"));
        assert!(of_theirs, "{table} has no row of the other organization: teach stage::live_in to write one");
    }
    (app.owner(), walk::ids_of(&dump, "rival"))
}

/// Whether a change is the event of a refusal outside the log of the organization `foreign`, or the count of such events.
fn is_own_refusal(change: &Change, foreign: &str) -> bool {
    let refused = |row: &super::dump::Row| row["event"] == "request.refused" && row["organization_id"] != *foreign;
    match change.table.as_str() {
        "audit_rows" => true,
        "audit_events" => change.before.iter().chain(&change.after).all(refused),
        _ => false,
    }
}

/// Shows ASVS 8.2.2, 8.4.1; attacks 9, 74.
#[test]
fn another_organization_s_ids_are_found_nowhere_and_change_nothing() {
    let app = TestApp::start();
    let (owner, foreign) = two_organizations(&app);
    let mut looker = Looker::at(&app.database);
    let before = looker.look();
    let mut faults = Vec::new();
    let mut tried = 0;
    for endpoint in walk::guarded().iter().filter(|endpoint| is_variable(endpoint)) {
        let method = endpoint.method.as_str();
        let ask = |id: &str| glance(&owner, method, &fill(endpoint.path, |_| id.to_owned()), &[], "");
        // Ids are of two shapes: made by us, and chosen by people.
        let unknown = [UNKNOWN, UNCHOSEN].map(|id| (id, ask(id)));
        for (id, answer) in &unknown {
            // What only leads on to another page says nothing about the id.
            let leads_on = method == "GET" && answer.status == 303;
            if answer.status != 404 && !leads_on {
                faults.push(format!("{method} {} with the unknown id {id}: {}", endpoint.path, answer.status));
            }
        }
        for (table, id) in foreign.iter().flat_map(|(table, ids)| ids.iter().map(move |id| (table, id))) {
            tried += 1;
            let answer = ask(id);
            let (like, never_was) = &unknown[usize::from(id.len() != UNKNOWN.len())];
            if seen(&answer, id) != seen(never_was, like) {
                faults.push(format!(
                    "{method} {} tells an id of the other's {table} from an unknown one: {}",
                    endpoint.path, answer.status
                ));
            }
            let changed = changes(&before, &looker.look());
            let unmeant = changed.iter().filter(|change| !is_own_refusal(change, &foreign["organizations"][0]));
            faults.extend(unmeant.map(|change| format!("{method} {}: {change}", endpoint.path)));
            app.database.execute("DELETE FROM audit_events WHERE event = 'request.refused'");
        }
    }
    none(faults, "another organization's ids are not like ids that never were");
    assert!(tried > 0, "no route was tried");
}

/// Shows ASVS 8.2.2, 8.4.1; attack 74.
#[test]
fn another_organization_s_ids_in_fields_and_queries_do_nothing_to_it() {
    let app = TestApp::start();
    let (owner, foreign) = two_organizations(&app);
    let theirs = |dump: &Dump| {
        dump.iter()
            .map(|(table, rows)| (table.clone(), belonging(rows, &foreign["organizations"][0])))
            .collect::<Dump>()
    };
    let mut looker = Looker::at(&app.database);
    let before = theirs(&looker.look());
    let names = sources::field_names();
    let held = foreign["held_forms"].first().expect("a held form of the other organization");
    let mut faults = Vec::new();
    for endpoint in walk::all() {
        let path = fill(endpoint.path, |_| UNKNOWN.to_owned());
        for (table, ids) in &foreign {
            let Some(id) = ids.first() else { continue };
            if glance(&owner, "GET", urls::SESSION, &[], "").header("location") != Some(urls::CONSOLE) {
                owner.log_in("acme", "owner@acme.example", PASSWORD).is_at(urls::CONSOLE);
            }
            let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), id.as_str())).collect();
            fields.push(("id", id));
            let answer = match endpoint.method.as_str() {
                "GET" => {
                    let query = encode(&[("held", held.as_str()), ("id", id.as_str())]);
                    glance(&owner, "GET", &format!("{path}?{query}"), &[], "")
                }
                // So many wrong passwords would lock the owner out.
                method if path == urls::CONFIRMATION => glance(&owner, method, &path, &[], "next=/account"),
                method => glance(&owner, method, &path, &[], &encode(&fields)),
            };
            if answer.status >= 500 {
                faults.push(format!("{} {path} with ids of {table}: {}", endpoint.method, answer.status));
            }
            // The development mailbox shows everybody's mail. An archive is read in the tests of the export.
            let shown = String::from_utf8_lossy(&answer.body).contains("boss@rival.example");
            if endpoint.access != Access::Visitor && shown {
                faults.push(format!("{} {path} shows somebody of the other organization", endpoint.method));
            }
        }
        let found = changes(&before, &theirs(&looker.look()));
        faults.extend(found.iter().map(|change| format!("{} {path}: {change}", endpoint.method)));
    }
    none(faults, "one organization reached into another");
}

fn belonging(rows: &[super::dump::Row], organization: &str) -> Vec<super::dump::Row> {
    rows.iter()
        .filter(|row| row.get("organization_id").or(row.get("id")).is_some_and(|home| home == organization))
        .cloned()
        .collect()
}

/// The named exceptions (docs/architecture.md): the use of the own session, the audit event of a refusal, and the one
/// GET that acts.
fn is_exception(change: &Change, path: &str, own: &str) -> bool {
    let refusal = |row: &super::dump::Row| row["event"] == "request.refused";
    match change.table.as_str() {
        "audit_rows" => true,
        "sessions" => change.columns() == ["last_seen_at"] && change.after.as_ref().is_some_and(|row| row["id"] == own),
        "audit_events" => {
            change.after.as_ref().is_some_and(refusal)
                && change
                    .before
                    .as_ref()
                    .is_none_or(|_| matches!(&change.columns()[..], ["count"] | ["count", "details"]))
        }
        _ => path == "/auth/oidc/callback",
    }
}

/// Shows ASVS 3.5.3.
#[test]
fn looking_changes_nothing() {
    let app = TestApp::start();
    let people = stage::people(&app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    let foreign = walk::ids_of(&Looker::at(&app.database).look(), stage::OTHER);
    // Each person's use is due to be noted.
    app.clock.advance(chrono::Duration::minutes(2));
    let mut looker = Looker::at(&app.database);
    let mut faults = Vec::new();
    for actor in &people {
        let mut before = looker.look();
        for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "GET") {
            let mut paths = vec![walk::plausible(endpoint.path, &ids)];
            if is_variable(endpoint) {
                paths.extend(walk::each_plausible(endpoint.path, &foreign));
            }
            for path in paths {
                for method in ["GET", "HEAD"] {
                    let answer = glance(&actor.person, method, &path, &[], "");
                    let htmx = glance(&actor.person, method, &path, &walk::asking_for("form#form"), "");
                    if answer.status >= 500 || htmx.status >= 500 {
                        faults.push(format!("{method} {path} as {}: {} {}", actor.who, answer.status, htmx.status));
                    }
                }
            }
            let after = looker.look();
            let found = changes(&before, &after);
            let bad = found.iter().filter(|change| !is_exception(change, endpoint.path, &actor.session));
            faults.extend(bad.map(|change| format!("GET or HEAD {} as {}: {change}", endpoint.path, actor.who)));
            before = after;
        }
        // What is handed to the writer and not awaited comes late.
        std::thread::sleep(std::time::Duration::from_millis(50));
        let found = changes(&before, &looker.look());
        faults.extend(
            found
                .iter()
                .filter(|change| !is_exception(change, "", &actor.session))
                .map(|change| format!("late, as {}: {change}", actor.who)),
        );
        // Each look reads every row there is: what this one was refused is of no further use.
        app.database.execute("DELETE FROM audit_events WHERE event = 'request.refused'");
    }
    none(faults, "a look changed something");
}
