//! Threads that each own one connection, fed by a bounded queue.
//!
//! The thread begins and commits, so it knows at which step a connection was lost: before COMMIT the work can be
//! tried again, during COMMIT its outcome is unknown. A full queue refuses at once, which makes an honest 503.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::connection::{self, AnyConnection, Engine, Target, Use};
use super::queue::{self, Receiver, Sender};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue is full: too much is waiting already.
    #[error("the database queue is full")]
    Busy,
    /// The deadline passed before a thread came to it.
    #[error("the database did not answer in time")]
    Late,
    /// There is no connection, or it was lost before COMMIT: nothing was done.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The connection was lost during COMMIT, or the answer to a write came too late: it may have been done.
    #[error("the outcome of a write is unknown")]
    Unknown,
    /// The work panicked; it was rolled back and its connection thrown away.
    #[error("database work panicked")]
    Panicked,
    /// SQLite cannot write now, as the disk is full or fails or another program holds the file: nothing was done.
    #[error("the database cannot write now: {0}")]
    Unwritable(String),
    /// A query failed.
    #[error(transparent)]
    Query(diesel::result::Error),
    /// What was stored cannot be read (a value or a sealed secret).
    #[error("stored data cannot be read: {0}")]
    Unreadable(&'static str),
    /// The caller may not do this any more: nothing was done.
    #[error("the caller may not do this any more: {0:?}")]
    Denied(Denied),
}

/// Why a caller who was let through at the head of a request is refused by the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The session has ended, or its user or organization may not log in any more.
    Ended,
    /// The session comes from an IP address that is not allowed.
    Outside(std::net::IpAddr),
    /// The second factor is asked for.
    SecondFactor,
    /// The password has expired.
    Password,
    /// The roles do not grant this permission.
    Forbidden(&'static str),
    /// The login is not fresh enough.
    NotFresh,
    /// The repair session has ended.
    RepairEnded,
}

impl StoreError {
    /// Whether a uniqueness rule of the schema refused the row.
    pub fn is_duplicate(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        matches!(self, Self::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        match &error {
            diesel::result::Error::DatabaseError(_, told) if connection::will_pass(told.message()) => {
                Self::Unwritable(told.message().to_owned())
            }
            _ => Self::Query(error),
        }
    }
}

/// How a piece of work is framed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// Statements that only read, each by itself: a page's queries do not depend on one another, and the two round
    /// trips of a transaction are most of what they would cost on PostgreSQL.
    Read,
    /// A transaction that changes something.
    Write,
}

enum Slot<'a> {
    Connection(&'a mut AnyConnection),
    Down,
    Late,
}

#[derive(PartialEq)]
enum After {
    Fine,
    Broken,
}

struct Job {
    deadline: Instant,
    work: Box<dyn FnOnce(Slot<'_>) -> After + Send>,
}

/// Counters that the metrics tell.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections opened again after a loss.
    pub reconnects: AtomicU64,
    /// Jobs refused because the queue was full.
    pub refused: AtomicU64,
    /// Jobs skipped because their deadline had passed in the queue.
    pub skipped: AtomicU64,
}

/// How many threads and how long a queue.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Reading threads on SQLite; all threads on PostgreSQL.
    pub threads: usize,
    /// Jobs that may wait, for reads and for writes each.
    pub queue: usize,
    /// How long a caller waits in all.
    pub deadline: Duration,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { threads: 4, queue: 256, deadline: Duration::from_secs(5) }
    }
}

/// The running threads.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    readers: Sender<Job>,
    writers: Sender<Job>,
    counters: Arc<Counters>,
    deadline: Duration,
}

impl Threads {
    pub(super) fn start(target: &Target, sizes: Sizes) -> std::io::Result<Self> {
        let counters = Arc::new(Counters::default());
        let (readers, reading) = queue::bounded(sizes.queue);
        let spawn = |name: String, usage: Use, jobs: Receiver<Job>| {
            let (target, counters) = (target.clone(), counters.clone());
            std::thread::Builder::new().name(name).spawn(move || serve(&target, usage, &jobs, &counters)).map(drop)
        };
        let (reader_use, reader_count) = match target.engine() {
            Engine::Sqlite => (Use::Reading, sizes.threads.saturating_sub(1).max(1)),
            Engine::Postgres => (Use::Writing, sizes.threads.max(1)),
        };
        for number in 0..reader_count {
            spawn(format!("store-{number}"), reader_use, reading.clone())?;
        }
        let writers = match target.engine() {
            Engine::Postgres => readers.clone(),
            Engine::Sqlite => {
                let (writers, writing) = queue::bounded(sizes.queue);
                spawn("store-writer".to_owned(), Use::Writing, writing)?;
                writers
            }
        };
        Ok(Self { readers, writers, counters, deadline: sizes.deadline })
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Jobs that wait to read and to write.
    pub(super) fn waiting(&self) -> [usize; 2] {
        [self.readers.waiting(), self.writers.waiting()]
    }

    /// Hands `work` to a thread and waits for its answer. An `Err` of the work rolls everything back.
    pub(super) async fn run<T, E>(
        &self,
        frame: Frame,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel();
        let job = Job {
            deadline: Instant::now() + self.deadline,
            work: Box::new(move |slot| {
                if answer.is_closed() {
                    return After::Fine; // the caller has gone; nothing was begun
                }
                let (outcome, after) = match slot {
                    Slot::Connection(connection) => attempt(connection, frame, work),
                    Slot::Down => (Err(StoreError::Unavailable.into()), After::Fine),
                    Slot::Late => (Err(StoreError::Late.into()), After::Fine),
                };
                // A caller that gave up meanwhile was told that the outcome is unknown; nobody else needs it.
                drop(answer.send(outcome));
                after
            }),
        };
        let queue = if frame == Frame::Write { &self.writers } else { &self.readers };
        if queue.try_send(job).is_err() {
            self.counters.refused.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Busy.into());
        }
        match tokio::time::timeout(self.deadline, waiting).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(StoreError::Panicked.into()),
            Err(_) if frame == Frame::Write => Err(StoreError::Unknown.into()),
            Err(_) => Err(StoreError::Late.into()),
        }
    }
}

fn serve(target: &Target, usage: Use, jobs: &Receiver<Job>, counters: &Counters) {
    const FIRST_WAIT: Duration = Duration::from_millis(50);
    const LONGEST_WAIT: Duration = Duration::from_secs(2);
    let mut connection = target.open(usage).ok();
    let (mut wait, mut next_try) = (FIRST_WAIT, Instant::now());
    while let Some(job) = jobs.recv() {
        if Instant::now() > job.deadline {
            counters.skipped.fetch_add(1, Ordering::Relaxed);
            (job.work)(Slot::Late);
            continue;
        }
        if connection.is_none() && Instant::now() >= next_try {
            match target.open(usage) {
                Ok(fresh) => {
                    connection = Some(fresh);
                    wait = FIRST_WAIT;
                    counters.reconnects.fetch_add(1, Ordering::Relaxed);
                    tracing::info!("database connection opened again");
                }
                Err(cause) => {
                    tracing::warn!(%cause, "database cannot be reached");
                    next_try = Instant::now() + wait;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
        let after = match &mut connection {
            Some(connection) => (job.work)(Slot::Connection(connection)),
            None => (job.work)(Slot::Down),
        };
        if after == After::Broken {
            connection = None;
            next_try = Instant::now();
        }
    }
}

fn attempt<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    frame: Frame,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, After) {
    let outcome = catch_unwind(AssertUnwindSafe(|| match frame {
        Frame::Read => match work(connection) {
            Ok(value) => (Ok(value), After::Fine),
            Err(_) if !connection::answers(connection) => (Err(StoreError::Unavailable.into()), After::Broken),
            Err(refusal) => (Err(refusal), After::Fine),
        },
        Frame::Write => in_transaction(connection, work),
    }));
    // After a panic the state of the transaction is not to be trusted: the connection goes.
    outcome.unwrap_or_else(|_| (Err(StoreError::Panicked.into()), After::Broken))
}

fn in_transaction<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, After) {
    if let Err(cause) = connection::begin(connection) {
        return match connection::answers(connection) {
            true => (Err(StoreError::from(cause).into()), After::Fine),
            false => (Err(StoreError::Unavailable.into()), After::Broken),
        };
    }
    match work(connection) {
        Ok(value) => match connection::commit(connection) {
            Ok(()) => (Ok(value), After::Fine),
            Err(_) if !connection::answers(connection) => (Err(StoreError::Unknown.into()), After::Broken),
            Err(cause) => (Err(StoreError::from(cause).into()), After::Fine),
        },
        Err(refusal) => match connection::rollback(connection) {
            Ok(()) => (Err(refusal), After::Fine),
            // What cannot be rolled back has lost its connection, and with it everything it had done.
            Err(_) => (Err(StoreError::Unavailable.into()), After::Broken),
        },
    }
}
