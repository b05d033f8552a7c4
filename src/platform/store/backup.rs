//! A copy of an SQLite database that is in use.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};

use super::connection::{AnyConnection, Target, Use};

/// Writes a copy of the database as it is at one moment into `to`, an empty file. Whoever writes meanwhile is not kept
/// waiting: in WAL mode a reader holds up nobody. diesel has no word for `VACUUM INTO`.
pub fn copy(target: &Target, to: &Path) -> Result<(), String> {
    let AnyConnection::Sqlite(mut connection) = target.open(Use::Writing)? else {
        return Err("only SQLite copies itself".to_owned());
    };
    let place = to.to_str().ok_or("the path is not UTF-8")?;
    sql_query("VACUUM INTO ?").bind::<Text, _>(place).execute(&mut connection).map_err(|cause| cause.to_string())?;
    Ok(())
}

/// What SQLite finds wrong with the file at `path`, in its own words; nothing when all is well.
pub fn faults(path: &Path) -> Result<Vec<String>, String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let place = path.to_str().ok_or("the path is not UTF-8")?;
    let mut connection = SqliteConnection::establish(place).map_err(|cause| cause.to_string())?;
    connection.batch_execute("PRAGMA query_only = ON").map_err(|cause| cause.to_string())?;
    let lines: Vec<Line> =
        sql_query("PRAGMA integrity_check").load(&mut connection).map_err(|cause| cause.to_string())?;
    Ok(lines.into_iter().map(|line| line.integrity_check).filter(|line| line != "ok").collect())
}
