//! What is looked at before a program works on a database, and said before any harm: whether it has tables that this
//! version can work with.

use super::connection::Target;
use super::migrations::Migrations;
use super::opening::open;

/// Fails with words for the operator where this program must not work on the database: before a command, and before a
/// server that is not to migrate.
pub fn refuse_unfit(target: &Target) -> Result<(), String> {
    let findings = examine(target)?;
    match findings.pending.as_slice() {
        [] => Ok(()),
        pending => {
            Err(format!("the database lacks migrations ({}): run `vestibule migrate` first", pending.join(", ")))
        }
    }
}

/// What is to be known about a database that can be worked on.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Migrations that the next start runs.
    pub pending: Vec<String>,
    /// Migrations of a newer version.
    pub newer: Vec<String>,
}

/// Looks at the database and changes nothing. Fails with words for the operator.
pub fn examine(target: &Target) -> Result<Findings, String> {
    if target.file().is_some_and(|file| !file.is_file()) {
        let Migrations { pending, newer, .. } = Migrations::of_nothing();
        return Ok(Findings { pending, newer });
    }
    let mut connection = open(target)?;
    let migrations = Migrations::of(&mut connection).map_err(|cause| cause.to_string())?;
    migrations.refuse_breaking()?;
    Ok(Findings { pending: migrations.pending, newer: migrations.newer })
}
