//! How the database does what pages ask of it: every statement is caught as it is sent, and its plan is looked at.
//!
//! ```ignore
//! plans::watch();                       // before the application starts
//! let app = TestApp::start();
//! plans::caught();                      // forgets what came before
//! app.owner().open("/audit");
//! for query in plans::caught() { plans::faults(&app.database, &query, "audit_events") }
//! ```

use std::sync::Mutex;

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use vestibule::platform::store::AnyConnection;

use super::database::Database;

static CAUGHT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Catches what every connection of this process that is opened from now on sends.
pub fn watch() {
    let instrumentation = || {
        let note = |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let query = query.to_string();
                let sql = query.split(" -- binds:").next().unwrap_or_default().trim().to_owned();
                CAUGHT.lock().unwrap().push(sql);
            }
        };
        Some(Box::new(note) as Box<dyn diesel::connection::Instrumentation>)
    };
    set_default_instrumentation(instrumentation).unwrap();
}

/// What was sent since the last time this was asked.
pub fn caught() -> Vec<String> {
    std::mem::take(&mut *CAUGHT.lock().unwrap())
}

/// The plan of a statement, for whatever values its parameters have.
pub fn plan(database: &Database, sql: &str) -> Vec<String> {
    match database.connect() {
        AnyConnection::Sqlite(mut connection) => {
            #[derive(QueryableByName)]
            struct Line {
                #[diesel(sql_type = Text)]
                detail: String,
            }
            let lines: Vec<Line> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(&mut connection).unwrap();
            lines.into_iter().map(|line| line.detail).collect()
        }
        AnyConnection::Postgres(mut connection) => {
            #[derive(QueryableByName)]
            struct Line {
                #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
                line: String,
            }
            // A small table is read whole and sorted, whatever indexes it has: what is asked is whether there is a way
            // without either. A generic plan knows no values, as the statement that is kept does not.
            let parameters = (1..100).take_while(|number| sql.contains(&format!("${number}"))).count();
            let nothing = vec!["NULL"; parameters].join(", ");
            let arguments = if parameters == 0 { String::new() } else { format!("({nothing})") };
            for setting in ["enable_seqscan = off", "enable_sort = off", "plan_cache_mode = force_generic_plan"] {
                diesel::sql_query(format!("SET {setting}")).execute(&mut connection).unwrap();
            }
            diesel::sql_query(format!("PREPARE asked AS {sql}")).execute(&mut connection).unwrap();
            let explain = format!("EXPLAIN EXECUTE asked{arguments}");
            let lines: Vec<Line> = diesel::sql_query(explain).load(&mut connection).unwrap();
            lines.into_iter().map(|line| line.line).collect()
        }
    }
}

/// What is wrong with the plan of a statement that reads `table`: it reads the whole of it, or sorts what it read.
pub fn faults(database: &Database, sql: &str, table: &str) -> Vec<String> {
    if !sql.starts_with("SELECT") || !sql.contains(table) {
        return Vec::new();
    }
    let plan = plan(database, sql);
    let bad = |line: &&String| {
        line.contains(&format!("SCAN {table}")) && !line.contains("SEARCH")
            || line.contains("USE TEMP B-TREE")
            || line.contains(&format!("Seq Scan on {table}"))
            || line.trim_start().trim_start_matches("-> ").trim_start().starts_with("Sort")
    };
    plan.iter().filter(bad).map(|line| format!("{line} in {sql}: {plan:?}")).collect()
}
