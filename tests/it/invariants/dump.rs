//! Everything in the database, and what changed between two looks at it.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::Text;
use vestibule::platform::store::AnyConnection;

use crate::support::database::Database;

pub type Row = BTreeMap<String, String>;
pub type Dump = BTreeMap<String, Vec<Row>>;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// One column of text.
pub fn lines(connection: &mut AnyConnection, sql: &str) -> Vec<String> {
    let query = diesel::sql_query(sql.to_owned());
    let found: QueryResult<Vec<Line>> = match connection {
        AnyConnection::Postgres(inner) => query.load(inner),
        AnyConnection::Sqlite(inner) => query.load(inner),
    };
    found.unwrap_or_else(|cause| panic!("{sql}: {cause}")).into_iter().map(|line| line.line).collect()
}

/// The tables that migrations made.
pub fn tables(connection: &mut AnyConnection) -> Vec<String> {
    let sql = match connection {
        AnyConnection::Postgres(_) => {
            "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        }
        AnyConnection::Sqlite(_) => {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        }
    };
    let mut found = lines(connection, sql);
    found.retain(|table| table != "__diesel_schema_migrations");
    found
}

/// Looks at a database again and again over one connection.
pub struct Looker {
    connection: AnyConnection,
    queries: Vec<(String, String)>,
}

impl Looker {
    pub fn at(database: &Database) -> Self {
        let mut connection = database.connect();
        let names = tables(&mut connection);
        assert!(!names.is_empty(), "no tables");
        let queries = names.into_iter().map(|table| {
            let sql = match &mut connection {
                AnyConnection::Postgres(_) => format!("SELECT row_to_json(t)::text AS line FROM \"{table}\" t"),
                sqlite => {
                    let columns = lines(sqlite, &format!("SELECT name AS line FROM pragma_table_info('{table}')"));
                    let pairs: Vec<String> =
                        columns.iter().map(|name| format!("'{name}', quote(\"{name}\")")).collect();
                    format!("SELECT json_object({}) AS line FROM \"{table}\"", pairs.join(", "))
                }
            };
            (table, sql)
        });
        let queries = queries.collect();
        Self { connection, queries }
    }

    /// Every row of every table.
    pub fn look(&mut self) -> Dump {
        let rows = |connection: &mut AnyConnection, sql: &str| {
            let mut rows: Vec<Row> = lines(connection, sql).iter().map(|line| row(line)).collect();
            rows.sort();
            rows
        };
        self.queries.iter().map(|(table, sql)| (table.clone(), rows(&mut self.connection, sql))).collect()
    }
}

fn row(json: &str) -> Row {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
    let plain = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text.trim_matches('\'').to_owned(),
        serde_json::Value::Null => "NULL".to_owned(),
        other => other.to_string(),
    };
    fields.into_iter().map(|(name, value)| (name, plain(value))).collect()
}

/// A row that is not as it was.
#[derive(Debug)]
pub struct Change {
    pub table: String,
    pub before: Option<Row>,
    pub after: Option<Row>,
}

impl Change {
    /// Columns that differ; empty for a row that came or went.
    pub fn columns(&self) -> Vec<&str> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => after
                .iter()
                .filter(|(name, value)| before.get(*name) != Some(value))
                .map(|(name, _)| name.as_str())
                .collect(),
            _ => Vec::new(),
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.before, &self.after) {
            (None, Some(row)) => write!(f, "{} has a new row {row:?}", self.table),
            (Some(row), None) => write!(f, "{} has lost the row {row:?}", self.table),
            _ => write!(f, "{} has other {:?}", self.table, self.columns()),
        }
    }
}

/// What changed from one look to the next.
pub fn changes(before: &Dump, after: &Dump) -> Vec<Change> {
    let mut found = Vec::new();
    for (table, now) in after {
        let then = &before[table];
        let mut gone: Vec<&Row> = then.iter().filter(|row| !now.contains(row)).collect();
        for new in now.iter().filter(|row| !then.contains(row)) {
            let name = ["id", "key", "token_hash"].into_iter().find(|name| new.contains_key(*name));
            let same = gone.iter().position(|old| name.is_some_and(|name| old[name] == new[name]));
            let old = same.map(|place| gone.remove(place).clone());
            found.push(Change { table: table.clone(), before: old, after: Some(new.clone()) });
        }
        found.extend(gone.into_iter().map(|old| Change {
            table: table.clone(),
            before: Some(old.clone()),
            after: None,
        }));
    }
    found
}
