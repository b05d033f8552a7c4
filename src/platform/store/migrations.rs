//! Migrations, embedded in the binary and run at start.
//!
//! Older instances go on while a newer one migrates, so a migration only adds. One that older programs cannot live with is
//! marked by the end of its version (`0042-breaking_name`): a program that does not know it does not work on that database.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{AnyConnection, Target};
use super::opening;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How the version of a migration ends that older programs cannot live with.
const BREAKING: &str = "breaking";

/// A number of our own; two instances that start together migrate one after the other.
const ADVISORY_LOCK: i64 = 0x5645_5354_4942;

/// How long a start waits for another instance that migrates.
const PATIENCE: Duration = Duration::from_secs(300);

/// Brings the database up to this version and returns the names of the migrations that were run. Where none is pending,
/// nothing is written or locked. Fails with words for the operator.
pub fn migrate(target: &Target) -> Result<Vec<String>, String> {
    migrate_within(target, PATIENCE)
}

/// The same, with another limit for the wait for an instance that migrates.
pub fn migrate_within(target: &Target, patience: Duration) -> Result<Vec<String>, String> {
    if let Some(file) = target.file().filter(|file| !file.exists()) {
        crate::platform::files::can_be_made(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    }
    if let Some(folder) = target.file().and_then(|file| file.parent()) {
        crate::platform::files::make_folder(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    }
    let mut connection = opening::open(target)?;
    let migrations = Migrations::of(&mut connection).map_err(|cause| cause.to_string())?;
    migrations.refuse_breaking()?;
    migrations.warn_of_newer();
    if migrations.pending.is_empty() {
        return Ok(Vec::new());
    }
    let done = match connection {
        AnyConnection::Sqlite(mut connection) => connection.run_pending_migrations(SQLITE).map(names),
        AnyConnection::Postgres(mut connection) => {
            refuse_without_create(&mut connection, &migrations.pending)?;
            // A lock that another client holds must not hold up the start, and behind it everybody, for longer than this.
            let limits = "SET statement_timeout = 0; SET lock_timeout = '30s'";
            connection.batch_execute(limits).map_err(|cause| cause.to_string())?;
            wait_for_lock(&mut connection, patience)?;
            // The lock goes with the connection, which is closed at the end of this block.
            connection.run_pending_migrations(POSTGRES).map(names)
        }
    };
    done.map_err(|cause| format!("a migration failed and was taken back: {cause}"))
}

/// Names the rights that a role lacks which is to run migrations.
pub(super) fn refuse_without_create(connection: &mut PgConnection, pending: &[String]) -> Result<(), String> {
    #[derive(QueryableByName)]
    struct May {
        #[diesel(sql_type = Text)]
        role: String,
        #[diesel(sql_type = Nullable<Text>)]
        schema: Option<String>,
        #[diesel(sql_type = Nullable<Bool>)]
        create: Option<bool>,
    }
    let sql = "SELECT current_user::text AS role, current_schema()::text AS schema, \
         has_schema_privilege(current_schema(), 'CREATE') AS create";
    let may: May = sql_query(sql).get_result(connection).map_err(|cause| cause.to_string())?;
    if may.create == Some(true) {
        return Ok(());
    }
    let (role, schema) = (may.role, may.schema.unwrap_or_else(|| "public".to_owned()));
    Err(format!(
        "the database lacks migrations ({}), and the role {role} may create nothing in the schema {schema}. Either let it:\n  \
         GRANT USAGE, CREATE ON SCHEMA {schema} TO {role};\n\
         or run `vestibule migrate` as a role that may, and the server with `vestibule serve --no-migrate`.",
        pending.join(", ")
    ))
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Takes the lock of those who migrate; who waits says for whom.
fn wait_for_lock(connection: &mut PgConnection, patience: Duration) -> Result<(), String> {
    const TURN: Duration = Duration::from_millis(250);
    const TELL_EVERY: Duration = Duration::from_secs(10);
    let began = Instant::now();
    let mut told: Option<Instant> = None;
    loop {
        let tries = sql_query("SELECT pg_try_advisory_lock($1) AS locked").bind::<BigInt, _>(ADVISORY_LOCK);
        if tries.get_result::<Locked>(connection).map_err(|cause| cause.to_string())?.locked {
            return Ok(());
        }
        let seconds = patience.as_secs();
        if began.elapsed() >= patience {
            let holder = holder(connection);
            return Err(format!(
                "{holder} still migrates the database after {seconds} s. Start again when it is done."
            ));
        }
        if told.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
            let holder = holder(connection);
            tracing::warn!(
                holder,
                at_most_seconds = seconds,
                "waiting for another instance that migrates the database"
            );
            told = Some(Instant::now());
        }
        std::thread::sleep(TURN);
    }
}

/// Who has the lock, as the server knows it.
fn holder(connection: &mut PgConnection) -> String {
    #[derive(QueryableByName)]
    struct Holder {
        #[diesel(sql_type = Text)]
        holder: String,
    }
    let sql = "SELECT 'process ' || a.pid || ' of PostgreSQL, from ' || coalesce(host(a.client_addr), 'this machine') AS holder \
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND ((l.classid::bigint << 32) | l.objid::bigint) = $1";
    let found = sql_query(sql).bind::<BigInt, _>(ADVISORY_LOCK).get_result::<Holder>(connection);
    found.map_or_else(|_| "another client".to_owned(), |found| found.holder)
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
        run_on -> Timestamp,
    }
}

/// The versions of this program's migrations, which have the same names on both engines.
static KNOWN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let embedded = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).unwrap_or_default();
    embedded.iter().map(|migration| migration.name().version().to_string()).collect()
});

/// How a database stands to this program.
#[derive(Clone, Debug, Default)]
pub(super) struct Migrations {
    /// Migrations that it lacks.
    pub(super) pending: Vec<String>,
    /// Migrations of a newer program that this one can live with.
    pub(super) newer: Vec<String>,
    /// Migrations of a newer program that it cannot live with.
    breaking: Vec<String>,
}

impl Migrations {
    /// Reads it, and creates nothing.
    pub(super) fn of(connection: &mut AnyConnection) -> QueryResult<Self> {
        use __diesel_schema_migrations::{table, version};
        let done: Vec<String> = match has_table(connection)? {
            true => table.select(version).order(version).load(connection)?,
            false => Vec::new(),
        };
        Ok(Self::after(done))
    }

    /// How a database stands that is not there yet.
    pub(super) fn of_nothing() -> Self {
        Self::after(Vec::new())
    }

    fn after(done: Vec<String>) -> Self {
        let pending = KNOWN.iter().filter(|known| !done.contains(known)).cloned().collect();
        let unknown = done.into_iter().filter(|done| !KNOWN.contains(done));
        let (breaking, newer) = unknown.partition(|version| version.ends_with(BREAKING));
        Self { pending, newer, breaking }
    }

    /// Whether this program can work on it; tables of a newer one may be there, too, while instances are replaced one by
    /// one.
    pub(super) fn can_serve(&self) -> bool {
        self.pending.is_empty() && self.breaking.is_empty()
    }

    pub(super) fn refuse_breaking(&self) -> Result<(), String> {
        match self.breaking.as_slice() {
            [] => Ok(()),
            versions => Err(format!(
                "a newer version of Vestibule changed the database in a way that this one cannot work with ({}). \
                 Use the newer version, or restore a backup that was made before the upgrade.",
                versions.join(", ")
            )),
        }
    }

    pub(super) fn warn_of_newer(&self) {
        if !self.newer.is_empty() {
            let migrations = self.newer.join(", ");
            tracing::warn!(migrations, "the database is of a newer version of Vestibule; this one can work with it");
        }
    }
}

fn has_table(connection: &mut AnyConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        found: i64,
    }
    let sql = match connection {
        AnyConnection::Postgres(_) => "SELECT count(to_regclass('__diesel_schema_migrations')) AS found",
        AnyConnection::Sqlite(_) => {
            "SELECT count(*) AS found FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        }
    };
    Ok(sql_query(sql).get_result::<Found>(connection)?.found > 0)
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
