//! One schema on two engines: migrations, the tables they make, what diesel believes, and the rules for owned tables.

use std::collections::{BTreeMap, BTreeSet};

use vestibule::platform::store::{AnyConnection, Engine};

use super::dump::{lines, tables};
use super::sources::{between, code, files, none, root};
use crate::support::database::Database;

/// A table as either engine describes it, in words that both share.
#[derive(Debug, Default, PartialEq)]
struct Table {
    /// Type and whether it may be absent, by name.
    columns: BTreeMap<String, (String, bool)>,
    key: Vec<String>,
    uniques: BTreeSet<Vec<String>>,
    /// Columns, other table, its columns, and what happens when its row goes.
    references: BTreeSet<(Vec<String>, String, Vec<String>, String)>,
    /// Column and its words.
    checks: BTreeSet<(String, BTreeSet<String>)>,
    /// Name and columns.
    indexes: BTreeMap<String, Vec<String>>,
}

type Schema = BTreeMap<String, Table>;

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().trim_matches('"').to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The portable types and nothing else (docs/style.md section 6).
fn portable(kind: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "text" => "Text",
        "bigint" => "BigInt",
        "integer" => "Integer",
        "boolean" => "Bool",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        "blob" | "bytea" => "Binary",
        other => panic!("{other} is not a type that both engines store the same way"),
    }
    .to_owned()
}

/// `state IN ('a', 'b')` or PostgreSQL's `(state = ANY (ARRAY['a'::text, …]))` or `(state = 'a'::text)`.
fn check(text: &str) -> (String, BTreeSet<String>) {
    let column = text
        .trim_start_matches(['(', ' '])
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default();
    (column.to_owned(), text.split('\'').skip(1).step_by(2).map(str::to_owned).collect())
}

fn look(database: &Database) -> Schema {
    let mut connection = database.connect();
    let names = tables(&mut connection);
    names.into_iter().map(|name| (name.clone(), describe(&mut connection, &name))).collect()
}

fn describe(connection: &mut AnyConnection, name: &str) -> Table {
    match connection {
        AnyConnection::Postgres(_) => describe_postgres(connection, name),
        AnyConnection::Sqlite(_) => describe_sqlite(connection, name),
    }
}

fn describe_sqlite(connection: &mut AnyConnection, name: &str) -> Table {
    let mut table = Table::default();
    let mut key = BTreeMap::new();
    let sql = format!(
        "SELECT name || '|' || type || '|' || \"notnull\" || '|' || pk AS line FROM pragma_table_info('{name}')"
    );
    for line in lines(connection, &sql) {
        let [column, kind, full, place] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        table.columns.insert(column.to_owned(), (portable(kind), full == "0"));
        if place != "0" {
            key.insert(place.to_owned(), column.to_owned());
        }
    }
    table.key = key.into_values().collect();
    for line in lines(
        connection,
        &format!("SELECT name || '|' || origin || '|' || \"unique\" AS line FROM pragma_index_list('{name}')"),
    ) {
        let [index, origin, unique] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let columns =
            lines(connection, &format!("SELECT name AS line FROM pragma_index_info('{index}') ORDER BY seqno"));
        match (origin, unique) {
            ("pk", _) => {}
            (_, "1") => drop(table.uniques.insert(columns)),
            _ => drop(table.indexes.insert(index.to_owned(), columns)),
        }
    }
    let sql = format!(
        "SELECT id || '|' || \"table\" || '|' || \"from\" || '|' || \"to\" || '|' || on_delete AS line FROM pragma_foreign_key_list('{name}') ORDER BY id, seq"
    );
    let mut references: BTreeMap<String, (Vec<String>, String, Vec<String>, String)> = BTreeMap::new();
    for line in lines(connection, &sql) {
        let [id, other, from, to, gone] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let entry = references
            .entry(id.to_owned())
            .or_insert_with(|| (Vec::new(), other.to_owned(), Vec::new(), gone.to_owned()));
        entry.0.push(from.to_owned());
        entry.2.push(to.to_owned());
    }
    table.references = references.into_values().collect();
    let sql =
        lines(connection, &format!("SELECT sql AS line FROM sqlite_master WHERE type = 'table' AND name = '{name}'"))
            .remove(0);
    table.checks = between(&sql, "CHECK (", "))").map(check).collect();
    table
}

fn describe_postgres(connection: &mut AnyConnection, name: &str) -> Table {
    let mut table = Table::default();
    let sql = format!(
        "SELECT column_name || '|' || data_type || '|' || is_nullable AS line FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{name}'"
    );
    for line in lines(connection, &sql) {
        let [column, kind, empty] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        table.columns.insert(column.to_owned(), (portable(kind), empty == "YES"));
    }
    let sql =
        format!("SELECT pg_get_constraintdef(oid) AS line FROM pg_constraint WHERE conrelid = '\"{name}\"'::regclass");
    for line in lines(connection, &sql) {
        let inner = line
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .map(|(inner, _)| list(inner))
            .unwrap_or_default();
        if line.starts_with("PRIMARY KEY") {
            table.key = inner;
        } else if line.starts_with("UNIQUE") {
            table.uniques.insert(inner);
        } else if let Some(rest) = line.strip_prefix("CHECK (") {
            table.checks.insert(check(rest));
        } else if let Some((_, rest)) = line.split_once(") REFERENCES ") {
            let (other, rest) = rest.split_once('(').unwrap();
            let (columns, rest) = rest.split_once(')').unwrap();
            let gone = rest
                .split_once("ON DELETE ")
                .map_or("NO ACTION", |(_, rest)| rest.split(" DEF").next().unwrap_or(rest))
                .trim();
            table.references.insert((inner, other.trim().to_owned(), list(columns), gone.to_owned()));
        } else if !line.starts_with("NOT NULL") {
            panic!("{name}: {line}");
        }
    }
    let sql = format!(
        "SELECT indexname || '|' || indexdef AS line FROM pg_indexes WHERE schemaname = 'public' AND tablename = '{name}' \
         AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    );
    for line in lines(connection, &sql) {
        let (index, text) = line.split_once('|').unwrap();
        let columns = list(text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).unwrap().0);
        if text.starts_with("CREATE UNIQUE") {
            table.uniques.insert(columns);
        } else {
            table.indexes.insert(index.to_owned(), columns);
        }
    }
    table
}

/// The database under test and, always, an SQLite one: it needs nothing but the program.
fn migrated() -> Vec<(Engine, Schema)> {
    let look_at = |database: Database| {
        vestibule::platform::store::migrate(&database.target()).unwrap();
        (database.target().engine(), look(&database))
    };
    let mut all = vec![look_at(Database::file())];
    let tested = Database::create();
    if tested.target().engine() == Engine::Postgres {
        all.push(look_at(tested));
    }
    all
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = format!("migrations/{engine}");
        files(&folder, &["up.sql", "down.sql"]).into_iter().map(|(path, _)| path[folder.len()..].to_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for folder in std::fs::read_dir(root().join("migrations/sqlite")).unwrap() {
        assert!(folder.unwrap().path().join("down.sql").is_file());
    }
}

#[test]
fn both_migrations_say_the_same() {
    // What cannot be run here is compared as text: tables, columns, and words in quotes.
    let say = |engine: &str| -> BTreeMap<String, BTreeSet<String>> {
        let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, text) in files(&format!("migrations/{engine}"), &["up.sql"]) {
            // Takes checks away, for which each engine has its own words; the tables are compared below.
            if path.contains("/0014_words_of_code/") {
                continue;
            }
            let sql = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
            let sql = sql.replace(" COLLATE \"C\"", "").replace("BYTEA", "BLOB");
            let migration = path.rsplit('/').nth(1).unwrap_or_default().to_owned();
            let words = sql.split('\'').skip(1).step_by(2).map(|word| format!("'{word}'"));
            let columns = sql.lines().map(str::trim).filter(|line| {
                ["TEXT", "BLOB", "TIMESTAMP", "BIGINT", "INTEGER", "BOOLEAN"]
                    .contains(&line.split([' ', ',']).nth(1).unwrap_or_default())
            });
            let columns = columns.map(|line| line.trim_end_matches(',').to_owned());
            said.entry(migration)
                .or_default()
                .extend(words.chain(columns).chain(between(&sql, "INDEX ", ";").map(str::to_owned)));
        }
        said
    };
    let (sqlite, postgres) = (say("sqlite"), say("postgres"));
    let mut faults = Vec::new();
    for (migration, one) in &sqlite {
        let other = &postgres[migration];
        faults.extend(one.symmetric_difference(other).map(|line| format!("{migration}: {line}")));
    }
    none(faults, "said by one engine's migrations alone");
}

/// Shows attack 90.
#[test]
fn both_engines_make_the_same_tables() {
    let all = migrated();
    let (_, first) = &all[0];
    for (engine, schema) in &all[1..] {
        assert_eq!(first.keys().collect::<Vec<_>>(), schema.keys().collect::<Vec<_>>(), "tables of {engine:?}");
        for (name, table) in first {
            assert_eq!(table, &schema[name], "{name} on {engine:?}");
        }
    }
    assert!(first.len() > 10);
}

#[test]
fn diesel_believes_what_the_migrations_made() {
    let text = std::fs::read_to_string(root().join("src/platform/store/schema.rs")).unwrap();
    let mut believed = BTreeMap::new();
    for block in between(&text, "diesel::table! {", "\n}") {
        let (head, body) = block.split_once("{\n").unwrap();
        let (name, key) = head.trim().split_once(" (").unwrap();
        let columns: BTreeMap<String, (String, bool)> = body
            .lines()
            .filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
            .map(|(column, kind)| {
                let inner = kind.strip_prefix("Nullable<").map(|kind| kind.trim_end_matches('>'));
                (column.to_owned(), (inner.unwrap_or(kind).to_owned(), inner.is_some()))
            })
            .collect();
        believed.insert(name.to_owned(), (columns, list(key.trim_end_matches([')', ' ']))));
    }
    for (engine, schema) in migrated() {
        let made: BTreeMap<_, _> = schema.into_iter().map(|(name, table)| (name, (table.columns, table.key))).collect();
        assert_eq!(made.keys().collect::<Vec<_>>(), believed.keys().collect::<Vec<_>>(), "tables of {engine:?}");
        for (name, table) in &made {
            assert_eq!(table, &believed[name], "{name} on {engine:?}");
        }
    }
}

/// Shows ASVS 8.4.1; attack 74.
#[test]
fn rows_of_one_organization_cannot_point_into_another() {
    let mut faults = Vec::new();
    for (engine, schema) in migrated() {
        let owned = |name: &str| schema[name].columns.contains_key("organization_id");
        for (name, table) in schema.iter().filter(|(name, _)| owned(name)) {
            let homes = |columns: &[String]| columns.first().is_some_and(|column| column == "organization_id");
            if !table.references.iter().any(|(columns, ..)| homes(columns)) {
                faults.push(format!("{engine:?}: {name} does not refer to its organization"));
            }
            for (columns, other, theirs, gone) in &table.references {
                let told =
                    format!("{engine:?}: {name} ({}) refers to {other} ({})", columns.join(", "), theirs.join(", "));
                if owned(other) && !(homes(columns) && homes(theirs)) {
                    faults.push(format!("{told} without the organization"));
                }
                if gone != "CASCADE" {
                    faults.push(format!("{told}, and stands in the way of an organization's deletion"));
                }
            }
            // What has an id of its own can be referred to together with its organization; so can nothing else.
            let full = !table.columns["organization_id"].1;
            let referred = schema.values().flat_map(|table| &table.references).any(|(_, other, ..)| other == name);
            let pair = vec!["organization_id".to_owned(), "id".to_owned()];
            if referred && !(full && (table.uniques.contains(&pair) || table.key == pair)) {
                faults.push(format!("{engine:?}: {name} is referred to and has no UNIQUE (organization_id, id)"));
            }
            let homed = table.indexes.values().chain(&table.uniques).chain([&table.key]);
            if !homed.into_iter().any(|columns| homes(columns)) {
                faults.push(format!("{engine:?}: {name} has no index that begins with the organization"));
            }
        }
        // `organizations` itself belongs to nobody, and its owner is one of its own users.
        let owners = ["id", "owner_id"].map(str::to_owned).to_vec();
        assert!(
            schema["organizations"]
                .references
                .iter()
                .any(|(columns, other, ..)| *columns == owners && other == "users")
        );
    }
    none(faults, "tables that organizations own");
}

/// Columns whose words grow with what the program can do: the enums in code are their only check, because a new word in
/// a check rewrites the table on SQLite.
const GROWING: [(&str, &str); 8] = [
    ("throttles", "subject"),
    ("mailed_links", "purpose"),
    ("sessions", "method"),
    ("sessions", "second_factor"),
    ("logins_in_progress", "method"),
    ("logins_in_progress", "factor"),
    ("policy_versions", "policy"),
    ("audit_events", "actor_kind"),
];

#[test]
fn every_check_lists_the_words_of_one_enum() {
    let mut enums: Vec<BTreeSet<String>> = Vec::new();
    for (_, text) in files("src", &[".rs"]) {
        for body in between(&code(&text), "\nwords! {", "\n}") {
            enums.push(between(body, " = \"", "\"").map(str::to_owned).collect());
        }
    }
    let mut faults = Vec::new();
    for (engine, schema) in migrated() {
        for (name, table) in &schema {
            let fits = |words: &BTreeSet<String>| enums.contains(words);
            faults.extend(
                table
                    .checks
                    .iter()
                    .filter(|(_, words)| !fits(words))
                    .map(|(column, words)| format!("{engine:?}: {name}.{column}: {words:?}")),
            );
        }
        assert!(schema.values().map(|table| table.checks.len()).sum::<usize>() > 5);
        for (table, column) in GROWING {
            let checked = schema[table].checks.iter().any(|(checked, _)| checked == column);
            assert!(!checked, "{engine:?}: {table}.{column} needs a migration for each new word");
        }
    }
    none(faults, "checks whose words are those of no enum");
}
