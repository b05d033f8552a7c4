//! Whether a database can be written to, found out by a write that is taken back.

use diesel::connection::SimpleConnection;
use diesel::result::Error;

use super::connection::{AnyConnection, Target, begin, rollback};
use super::migrations::refuse_without_create;
use super::opening;

/// Writes and takes it back; where migrations are pending, it makes a table, as they do.
pub fn try_write(target: &Target, pending: &[String]) -> Result<(), String> {
    let statement = match pending {
        // Touches no row; a database that is read-only refuses it all the same.
        [] => "UPDATE organizations SET name = name WHERE id = ''",
        _ => "CREATE TABLE vestibule_check (number INTEGER); DROP TABLE vestibule_check",
    };
    let mut connection = opening::reopen(target)?;
    if let (AnyConnection::Postgres(inner), [_, ..]) = (&mut connection, pending) {
        refuse_without_create(inner, pending)?;
    }
    let said = |cause: Error| match target.file() {
        Some(file) => format!("{}: {cause}", file.display()),
        None => cause.to_string(),
    };
    begin(&mut connection).map_err(said)?;
    let written = match &mut connection {
        AnyConnection::Sqlite(inner) => inner.batch_execute(statement),
        AnyConnection::Postgres(inner) => inner.batch_execute(statement),
    };
    rollback(&mut connection).map_err(said)?;
    written.map_err(said)
}
