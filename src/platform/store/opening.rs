//! Opens a database for a program: waits for the server, and refuses one that does not store text as UTF-8 or does not keep
//! a connection for the client that opened it.

use std::collections::BTreeSet;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Text};

use super::connection::{AnyConnection, Target, Use};

/// Opens a database that is fit to be worked on; who waits for it says so in the log.
pub(super) fn open(target: &Target) -> Result<AnyConnection, String> {
    let fit = target.clone();
    patiently("the database", ANSWERS_WITHIN, move || {
        refuse_surroundings(&fit)?;
        reopen(&fit)
    })
}

/// Opens a connection after others were closed. Those count against the server's limits for a moment longer.
pub(super) fn reopen(target: &Target) -> Result<AnyConnection, String> {
    const LONGEST: Duration = Duration::from_secs(1);
    let began = Instant::now();
    loop {
        match target.open(Use::Writing) {
            Err(_) if target.server().is_some() && began.elapsed() < LONGEST => {
                std::thread::sleep(Duration::from_millis(50));
            }
            outcome => return outcome,
        }
    }
}

/// How long a start waits for the first answer. A pooler lets a client in at once and keeps its first statement waiting
/// for minutes.
pub(super) const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

pub(super) const TELL_EVERY: Duration = Duration::from_secs(10);

/// Does `work`, says after a while that it is waited for, and gives up at the limit. What never ends is left behind.
pub(super) fn patiently<T: Send + 'static>(
    what: &'static str,
    limit: Duration,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let (told, answer) = channel();
    let began = Instant::now();
    std::thread::Builder::new()
        .name("start".to_owned())
        .spawn(move || drop(told.send(work())))
        .map_err(|cause| cause.to_string())?;
    loop {
        match answer.recv_timeout(TELL_EVERY.min(limit)) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => return Err(format!("{what}: opening it panicked")),
            Err(RecvTimeoutError::Timeout) if began.elapsed() >= limit => {
                let seconds = limit.as_secs();
                return Err(format!("{what} lets clients in, but has not answered for {seconds} s"));
            }
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!(at_most_seconds = limit.as_secs(), "waiting for the first answer of {what}");
            }
        }
    }
}

pub(super) fn refuse_surroundings(target: &Target) -> Result<(), String> {
    let Some(address) = target.server() else { return Ok(()) };
    let mut connection = PgConnection::establish(address).map_err(|cause| cause.to_string())?;
    if shares_servers(&mut connection, address)? {
        return Err("the server is behind a connection pooler that gives a connection to another client after each \
             transaction (PgBouncer's pool_mode=transaction). Vestibule needs a connection of its own: set \
             pool_mode=session for its database or user, or name PostgreSQL itself in DATABASE_URL."
            .to_owned());
    }
    refuse_encoding(&mut connection)
}

pub(super) fn refuse_encoding(connection: &mut PgConnection) -> Result<(), String> {
    #[derive(QueryableByName)]
    struct Shown {
        #[diesel(sql_type = Text)]
        server_encoding: String,
    }
    let shown: Shown = sql_query("SHOW server_encoding").get_result(connection).map_err(|cause| cause.to_string())?;
    match shown.server_encoding.as_str() {
        "UTF8" => Ok(()),
        other => Err(format!(
            "the database stores text as {other}, which has no room for the names of all people. Create it with \
             ENCODING 'UTF8' TEMPLATE template0."
        )),
    }
}

/// Whether one process of PostgreSQL serves two of our connections that are open at the same time. That is certain where
/// it is seen. Statements and settings that are kept in a session do not work then, and would reach other clients.
pub(super) fn shares_servers(first: &mut PgConnection, address: &str) -> Result<bool, String> {
    let mut seen = [BTreeSet::from([served_by(first)?]), BTreeSet::new()];
    // Where each client keeps its process, a pool of one has no room for a second one now.
    let Some(mut second) = second(address) else { return Ok(false) };
    for of_first in [false, true, true, false, false, true] {
        let asked = if of_first { &mut *first } else { &mut second };
        seen[usize::from(!of_first)].insert(served_by(asked)?);
    }
    Ok(!seen[0].is_disjoint(&seen[1]) || seen.iter().any(|processes| processes.len() > 1))
}

/// A second connection; nothing where there is no room for one, or it has to wait for the first.
pub(super) fn second(address: &str) -> Option<PgConnection> {
    const WAIT: Duration = Duration::from_secs(2);
    let (told, opened) = channel();
    let address = address.to_owned();
    let open = move || drop(told.send(PgConnection::establish(&address)));
    std::thread::Builder::new().name("start".to_owned()).spawn(open).ok()?;
    opened.recv_timeout(WAIT).ok()?.ok()
}

/// The process that answers; 0 where a statement was lost between two processes, which is the same as two of them.
pub(super) fn served_by(connection: &mut PgConnection) -> Result<i32, String> {
    #[derive(QueryableByName)]
    struct Served {
        #[diesel(sql_type = Integer)]
        pid: i32,
    }
    match sql_query("SELECT pg_backend_pid() AS pid").get_result::<Served>(connection) {
        Ok(served) => Ok(served.pid),
        Err(cause) if cause.to_string().contains("prepared statement") => Ok(0),
        Err(cause) => Err(cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_an_answer_gives_up_at_the_limit() {
        let (held, holds) = channel::<()>();
        let waited =
            patiently("the database", Duration::from_millis(30), move || holds.recv().map_err(|_| "let go".to_owned()));
        assert!(waited.unwrap_err().contains("has not answered"));
        drop(held);
        assert_eq!(patiently("the database", Duration::from_secs(30), || Ok(7)), Ok(7));
    }
}
