//! The operator's commands on deletion: what was asked for, what waits, and carrying it out.

use super::{erasure, hold as put_off, release, store};
use crate::platform::command::refusal::Refusal;
use crate::platform::command::table::Table;
use crate::platform::command::{json, operator, read, with_store, words, write};
use crate::platform::config::Config;
use crate::platform::store::StoreError;

/// Lists the requests.
pub fn requests(config: &Config, as_json: bool) -> Result<(), String> {
    let mut table = Table::new(["NAME", "REQUESTED", "BY", "ERASURE", "STATE", "UNPAID BILLS"]);
    for row in read(config, |tx| Ok::<_, Refusal>(store::requests(tx)?))? {
        match as_json {
            true => crate::platform::terminal::say!("{}", json(&row)?),
            false => table.add([
                row.name,
                row.requested_at,
                row.requested_by,
                row.erasure_at,
                words(row.state),
                row.unpaid_bills.to_string(),
            ]),
        }
    }
    if !as_json {
        crate::platform::terminal::say_text!("{}", table.text("No organization has asked for its deletion."));
    }
    Ok(())
}

/// Holds a request, or releases it.
pub fn hold(config: &Config, name: &str, lets_go: bool) -> Result<(), String> {
    let of = name.to_owned();
    match lets_go {
        false => {
            write(config, move |tx| put_off(tx, &of))?;
            crate::platform::terminal::say!(
                "{name} is not erased until you release it. Bills can be added meanwhile; they have to be paid."
            );
        }
        true => {
            let due = write(config, move |tx| release(tx, &of))?;
            crate::platform::terminal::say!("{name} is erased at {due}, once no bill is unpaid.");
        }
    }
    Ok(())
}

/// Erases an organization whose owner has asked for it, without waiting for the date.
pub fn delete(config: &Config, name: &str) -> Result<(), String> {
    let (of, settings) = (name.to_owned(), config.deletion);
    with_store(config, async |home| {
        let begun = home.write(operator(), move |tx| erasure::begin_now(tx, &of, &settings)).await;
        let organization = begun.map_err(|refusal: Refusal| refusal.to_string())?;
        let erased = erasure::go_on(&home, &operator(), organization).await;
        let unfinished =
            |cause: StoreError| format!("{name} is gone for everybody; the server erases the rest: {cause}");
        erased.map_err(unfinished)?;
        // The rows are gone; what may be left are traces in a file that only the operator reads.
        home.tidy().await.map_err(|cause| {
            format!("{name} is erased, but the database file cannot be cleaned of it now ({cause}): run VACUUM later")
        })
    })?;
    crate::platform::terminal::say!(
        "{name} is erased. Its owner is told by mail; nobody can have the name for {} days.",
        settings.name_days
    );
    Ok(())
}
