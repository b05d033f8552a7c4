//! One connection type over both engines, and how a connection is opened.
//!
//! `AnyConnection::establish`, which the derive makes, is never called: it hides every error and takes a key/value
//! string with PostgreSQL down for the name of an SQLite file to create. The scheme of the URL decides instead.

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL through the bundled libpq.
    Postgres(PgConnection),
    /// The bundled SQLite.
    Sqlite(SqliteConnection),
}

/// Which engine a database URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// `postgres://`
    Postgres,
    /// `sqlite://`
    Sqlite,
}

/// What a connection is used for. SQLite has one writer and several readers; PostgreSQL's connections do both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Reads only (`query_only` on SQLite).
    Reading,
    /// Reads and writes.
    Writing,
}

/// A database that can be connected to: a parsed `DATABASE_URL`.
#[derive(Clone)]
pub struct Target {
    engine: Engine,
    address: String,
}

impl std::fmt::Debug for Target {
    // The address may carry a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({:?})", self.engine)
    }
}

impl Target {
    /// Parses `sqlite://PATH` or `postgres://…`; anything else is refused with the reason.
    pub fn parse(url: &str) -> Result<Self, String> {
        let url = url.trim();
        match url.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() && !path.starts_with(':') => {
                super::address::check_path(path)?;
                Ok(Self { engine: Engine::Sqlite, address: path.to_owned() })
            }
            Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => {
                super::address::check(rest)?;
                Ok(Self { engine: Engine::Postgres, address: with_timeouts(url) })
            }
            _ => Err("must be sqlite://PATH or postgres://USER@HOST/DATABASE".to_owned()),
        }
    }

    /// An SQLite database in a file, whatever its name is.
    pub fn of_file(path: &std::path::Path) -> Self {
        // SQLite takes a name that begins like this for a URL.
        let plain = if path.starts_with("file:") { std::path::Path::new(".").join(path) } else { path.to_owned() };
        Self { engine: Engine::Sqlite, address: plain.display().to_string() }
    }

    /// The engine behind this target.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<&std::path::Path> {
        (self.engine == Engine::Sqlite).then(|| std::path::Path::new(&self.address))
    }

    /// The address of a PostgreSQL server.
    pub(super) fn server(&self) -> Option<&str> {
        (self.engine == Engine::Postgres).then_some(self.address.as_str())
    }

    /// Opens a connection; the error is the engine's own words.
    pub fn open(&self, usage: Use) -> Result<AnyConnection, String> {
        match self.engine {
            Engine::Sqlite => open_sqlite(&self.address, usage).map(AnyConnection::Sqlite),
            Engine::Postgres => open_postgres(&self.address).map(AnyConnection::Postgres),
        }
    }
}

fn open_sqlite(path: &str, usage: Use) -> Result<SqliteConnection, String> {
    let mut connection = SqliteConnection::establish(path).map_err(|cause| format!("{path}: {cause}"))?;
    // FULL: an acknowledged write survives a power cut; it costs half of the commits, and writes are rare here.
    // Rows that are removed are overwritten, as nothing of an organization may be found in the file once it is erased.
    let pragmas = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; \
         PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;";
    connection.batch_execute(pragmas).map_err(|cause| format!("{path}: {cause}"))?;
    if usage == Use::Reading {
        connection.batch_execute("PRAGMA query_only = ON;").map_err(|cause| cause.to_string())?;
    }
    Ok(connection)
}

/// How long a statement may wait for a lock (`lock_timeout`).
pub(super) const LOCK_LIMIT: std::time::Duration = std::time::Duration::from_secs(4);

fn open_postgres(url: &str) -> Result<PgConnection, String> {
    let mut connection = PgConnection::establish(url).map_err(|cause| cause.to_string())?;
    let settings = "SET TIME ZONE 'UTC'; SET statement_timeout = '5s'; SET lock_timeout = '4s'; \
         SET idle_in_transaction_session_timeout = '15s'; SET default_transaction_isolation = 'read committed'";
    connection.batch_execute(settings).map_err(|cause| cause.to_string())?;
    Ok(connection)
}

/// A host that vanished without a word must not hold a database thread for the kernel's default of minutes.
fn with_timeouts(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in [("connect_timeout", "5"), ("keepalives_idle", "10"), ("tcp_user_timeout", "10000")] {
        if !url.contains(&format!("{name}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

/// How a writing transaction begins. SQLite takes the write lock at once (a deferred transaction cannot upgrade);
/// PostgreSQL stays at READ COMMITTED, and a write begins by touching the organization's row.
pub(super) fn begin(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE"),
        AnyConnection::Postgres(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN"),
    }
}

pub(super) fn commit(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(inner) => AnsiTransactionManager::commit_transaction(inner),
        AnyConnection::Postgres(inner) => AnsiTransactionManager::commit_transaction(inner),
    }
}

pub(super) fn rollback(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(inner) => AnsiTransactionManager::rollback_transaction(inner),
        AnyConnection::Postgres(inner) => AnsiTransactionManager::rollback_transaction(inner),
    }
}

/// Whether the connection still answers. Asked only after an error: a dead socket says so at once.
pub(super) fn answers(connection: &mut AnyConnection) -> bool {
    match connection {
        AnyConnection::Sqlite(_) => true,
        AnyConnection::Postgres(inner) => inner.batch_execute("SELECT 1").is_ok(),
    }
}

/// Fails where nothing can be written now: asked by statements that change no row but take what a write takes, which is a
/// database that may be written to and on PostgreSQL the locks of the tables that most requests write to.
pub(super) fn can_write(connection: &mut AnyConnection) -> QueryResult<()> {
    const TABLES: [&str; 5] = ["organizations", "users", "sessions", "mails", "audit_events"];
    let updates = TABLES.map(|table| format!("UPDATE {table} SET id = id WHERE false")).join("; ");
    match connection {
        // `BEGIN IMMEDIATE` alone succeeds on a file that is read-only.
        AnyConnection::Sqlite(inner) => inner.batch_execute(&updates),
        AnyConnection::Postgres(inner) => inner.batch_execute(&format!("SET LOCAL lock_timeout = '500ms'; {updates}")),
    }
}

/// The size beyond which an SQLite file is not written anew while the server runs: every write would wait for longer than
/// people do.
const PURGED_UP_TO: i64 = 512 << 20;

/// Writes an SQLite file anew, so that nothing is left of rows that were removed: `secure_delete` overwrites them, but not
/// the copies that stay behind in a page when its rows move to another one. `false` where the file is too large for that.
pub(super) fn purge(connection: &mut AnyConnection) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Size {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        bytes: i64,
    }
    let AnyConnection::Sqlite(inner) = connection else { return Ok(true) };
    let sql = "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size";
    if diesel::sql_query(sql).get_result::<Size>(inner)?.bytes > PURGED_UP_TO {
        return Ok(false);
    }
    inner.batch_execute("VACUUM")?;
    Ok(true)
}

/// Moves what was written last from SQLite's -wal file to the database file and empties the former, so that the database
/// is complete by itself and nothing that was removed stays beside it. `false` when another reader stood in the way.
pub(super) fn checkpoint(connection: &mut AnyConnection) -> QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Outcome {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }
    match connection {
        AnyConnection::Postgres(_) => Ok(true),
        AnyConnection::Sqlite(inner) => {
            // Other writes wait meanwhile.
            inner.batch_execute("PRAGMA busy_timeout = 1000")?;
            let outcome = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Outcome>(inner);
            inner.batch_execute("PRAGMA busy_timeout = 5000")?;
            outcome.map(|outcome| outcome.busy == 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_schemes_are_databases() {
        for url in
            ["host=127.0.0.1 dbname=x", "x.db", "mysql://h/d", "sqlite://", "sqlite://:memory:", "postgres://", ""]
        {
            assert!(Target::parse(url).is_err(), "{url}");
        }
        assert_eq!(Target::parse("sqlite://./data/v.db").unwrap().engine(), Engine::Sqlite);
        assert_eq!(Target::parse("postgresql://u@localhost/d").unwrap().engine(), Engine::Postgres);
    }

    #[test]
    fn a_timeout_of_the_operator_is_kept() {
        let url = with_timeouts("postgres://h/d?connect_timeout=1");
        assert!(url.starts_with("postgres://h/d?connect_timeout=1&keepalives_idle="), "{url}");
        assert_eq!(url.matches("connect_timeout").count(), 1);
    }

    #[test]
    fn sqlite_connections_carry_their_pragmas() {
        use diesel::prelude::*;
        use diesel::sql_types::Integer;
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Integer)]
            value: i32,
        }
        let folder = std::env::temp_dir().join(format!("vestibule-pragmas-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("p.db");
        for (usage, query_only) in [(Use::Writing, 0), (Use::Reading, 1)] {
            let mut connection = open_sqlite(path.to_str().unwrap(), usage).unwrap();
            let mut ask = |name: &str| {
                let sql = format!("SELECT {name} AS value FROM pragma_{name}");
                diesel::sql_query(sql.replace("SELECT busy_timeout", "SELECT timeout"))
                    .get_result::<Row>(&mut connection)
                    .unwrap()
                    .value
            };
            assert_eq!(ask("foreign_keys"), 1);
            assert_eq!(ask("synchronous"), 2);
            assert_eq!(ask("busy_timeout"), 5000);
            assert_eq!(ask("query_only"), query_only);
            assert_eq!(ask("secure_delete"), 1);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
