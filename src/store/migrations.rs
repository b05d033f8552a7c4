//! Migrations, embedded in the binary and run at start.

use std::sync::LazyLock;

use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{AnyConnection, Target, Use};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A number of our own; two instances that start together migrate one after the other.
const ADVISORY_LOCK: i64 = 0x5645_5354_4942;

/// Brings the database up to this version and returns the names of the migrations that were run.
/// Fails with the engine's words when the database cannot be reached or refuses a migration.
pub fn migrate(target: &Target) -> Result<Vec<String>, String> {
    use diesel::connection::SimpleConnection;
    if let Some(folder) = target.file().and_then(|file| file.parent()) {
        std::fs::create_dir_all(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    }
    let done = match target.open(Use::Writing)? {
        AnyConnection::Sqlite(mut connection) => connection.run_pending_migrations(SQLITE).map(names),
        AnyConnection::Postgres(mut connection) => {
            let lock =
                format!("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({ADVISORY_LOCK})");
            connection.batch_execute(&lock).map_err(|cause| cause.to_string())?;
            // The lock goes with the connection, which is closed at the end of this block.
            connection.run_pending_migrations(POSTGRES).map(names)
        }
    };
    done.map_err(|cause| cause.to_string())
}

/// Whether the database has all tables of this version.
pub fn is_current(target: &Target) -> Result<bool, String> {
    let pending = match target.open(Use::Writing)? {
        AnyConnection::Sqlite(mut connection) => connection.has_pending_migration(SQLITE),
        AnyConnection::Postgres(mut connection) => connection.has_pending_migration(POSTGRES),
    };
    pending.map(|pending| !pending).map_err(|cause| cause.to_string())
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
        run_on -> Timestamp,
    }
}

/// The versions of this program's migrations, which have the same names on both engines.
static NEEDED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let embedded = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).unwrap_or_default();
    embedded.iter().map(|migration| migration.name().version().to_string()).collect()
});

/// Whether the database has all tables of this version; those of a newer one may be there, too, while instances are
/// replaced one by one.
pub(super) fn are_done(connection: &mut AnyConnection) -> QueryResult<bool> {
    use __diesel_schema_migrations::{table, version};
    let done: Vec<String> = table.select(version).load(connection)?;
    Ok(NEEDED.iter().all(|needed| done.contains(needed)))
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
