//! What an engine cannot do now, apart from what it never does: a database that became read-only, a lock that another
//! client holds, a full disk. Such a request is answered with "come again", whatever the work made of the error.
//!
//! PostgreSQL has codes for it (SQLSTATE 25006, 40P01, 53xxx, 55P03, 57xxx), of which diesel tells only a few. The others
//! are known by their words, and time limits also by how long the statement took, as a server may speak any language.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent, get_default_instrumentation};
use diesel::result::{DatabaseErrorKind, Error};

use super::StoreError;
use super::connection::LOCK_LIMIT;

/// A failure that passes without a change of the program or its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing can be written through this connection; another one may lead to a server that takes writes.
    ReadOnly(String),
    /// A lock, a time limit, memory or the disk.
    Passing(String),
}

impl Trouble {
    /// What `error` says of the engine's state; nothing where the statement or the data are at fault.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let Error::DatabaseError(kind, told) = error else { return None };
        let words = told.message();
        match kind {
            DatabaseErrorKind::ReadOnlyTransaction => Some(Self::ReadOnly(words.to_owned())),
            DatabaseErrorKind::SerializationFailure => Some(Self::Passing(words.to_owned())),
            DatabaseErrorKind::Unknown if words.contains("readonly database") => Some(Self::ReadOnly(words.to_owned())),
            DatabaseErrorKind::Unknown if is_passing(words) => Some(Self::Passing(words.to_owned())),
            _ => None,
        }
    }

    fn words(self) -> String {
        match self {
            Self::ReadOnly(words) | Self::Passing(words) => words,
        }
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        Trouble::of(&error).map_or_else(|| Self::Query(error), Self::from)
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Unwritable(trouble.words())
    }
}

fn is_passing(words: &str) -> bool {
    // SQLite promises its words (`sqlite3_errstr`); nothing stands around them.
    const SQLITE: [&str; 6] = [
        "database or disk is full",
        "disk I/O error",
        "database is locked",
        "database table is locked",
        "unable to open database file",
        "out of memory",
    ];
    const POSTGRES: [&str; 12] = [
        "canceling statement due to",
        "deadlock detected",
        "out of memory",
        "out of shared memory",
        "No space left on device",
        "Disk quota exceeded",
        "too many clients",
        "too many connections",
        "connection slots",
        "terminating connection",
        "the database system is",
        "during recovery",
    ];
    // A data file that cannot be extended or read is named, in every language.
    const FILES: [&str; 3] = ["\"base/", "\"pg_wal/", "\"pg_tblspc/"];
    SQLITE.contains(&words) || POSTGRES.iter().chain(&FILES).any(|part| words.contains(part))
}

/// The first trouble of a connection since it was last asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Troubles(Arc<Mutex<Option<Trouble>>>);

impl Troubles {
    /// Takes what was noted.
    pub(super) fn take(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn note(&self, trouble: Trouble) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(trouble);
    }

    /// What a connection is given, to note its troubles here.
    pub(super) fn watch(&self) -> impl Instrumentation + use<> {
        Watch { troubles: self.clone(), begun: None, preset: get_default_instrumentation() }
    }
}

struct Watch {
    troubles: Troubles,
    begun: Option<Instant>,
    /// What would watch a connection otherwise: it hears everything, too.
    preset: Option<Box<dyn Instrumentation>>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match &event {
            InstrumentationEvent::StartQuery { .. } => self.begun = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { error: Some(error), .. } => {
                let took = self.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
                if let Some(trouble) = Trouble::of(error).or_else(|| after(took, error)) {
                    self.troubles.note(trouble);
                }
            }
            _ => {}
        }
        if let Some(preset) = &mut self.preset {
            preset.on_connection_event(event);
        }
    }
}

/// A statement that failed for no known reason after as long as it may wait for a lock was ended by one of the limits.
fn after(took: Duration, error: &Error) -> Option<Trouble> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, told) if took >= LOCK_LIMIT => {
            Some(Trouble::Passing(told.message().to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: DatabaseErrorKind, words: &str) -> Error {
        Error::DatabaseError(kind, Box::new(words.to_owned()))
    }

    #[test]
    fn what_passes_is_told_apart_from_what_does_not() {
        let unknown = |words: &str| Trouble::of(&error(DatabaseErrorKind::Unknown, words));
        for words in [
            "database is locked",
            "canceling statement due to lock timeout",
            "could not extend file \"base/16384/16385\": 장치에 남은 공간이 없음",
        ] {
            assert!(matches!(unknown(words), Some(Trouble::Passing(_))), "{words}");
        }
        let file = unknown("attempt to write a readonly database");
        let server = Trouble::of(&error(DatabaseErrorKind::ReadOnlyTransaction, "읽기 전용 트랜잭션"));
        assert!(matches!((file, server), (Some(Trouble::ReadOnly(_)), Some(Trouble::ReadOnly(_)))));
        for words in ["no such table: users", "relation \"users\" does not exist", "syntax error at or near \"FROM\""] {
            assert_eq!(unknown(words), None, "{words}");
        }
        assert_eq!(Trouble::of(&error(DatabaseErrorKind::UniqueViolation, "database is locked")), None);
    }

    #[test]
    fn a_limit_is_known_by_its_time_in_every_language() {
        let foreign = error(DatabaseErrorKind::Unknown, "잠금 대기 시간 초과로 작업을 취소합니다");
        assert_eq!(after(Duration::from_millis(20), &foreign), None);
        assert!(after(LOCK_LIMIT, &foreign).is_some());
    }
}
