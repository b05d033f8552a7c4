//! Threads that each own one connection, fed by a bounded queue.
//!
//! The thread begins and commits, so it knows at which step a connection was lost: before COMMIT the work can be
//! tried again, during COMMIT its outcome is unknown. A full queue refuses at once, which makes an honest 503. A thread
//! that gets no connection takes no job while another one has a connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::Connection;

use tokio::sync::oneshot;

use super::connection::{self, AnyConnection, Engine, Target, Use};
use super::error::StoreError;
use super::queue::{self, Next, Receiver, Sender};
use super::sizes::{Counters, Sizes};
use super::trouble::{Trouble, Troubles};

/// How a piece of work is framed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// Statements that only read, each by itself: a page's queries do not depend on one another, and the two round
    /// trips of a transaction are most of what they would cost on PostgreSQL.
    Read,
    /// A transaction that changes something.
    Write,
    /// Upkeep of the file on the connection that writes, outside of a transaction and without a limit.
    Upkeep,
}

enum Slot<'a> {
    Open(&'a mut Link),
    Down,
    Late,
}

#[derive(PartialEq)]
enum After {
    Fine,
    Broken,
}

/// A connection with the troubles that it has met.
struct Link {
    connection: AnyConnection,
    troubles: Troubles,
}

impl Link {
    fn open(target: &Target, usage: Use) -> Result<Self, String> {
        let (mut connection, troubles) = (target.open(usage)?, Troubles::default());
        if usage == Use::Writing {
            connection.set_instrumentation(troubles.watch());
        }
        Ok(Self { connection, troubles })
    }
}

struct Job {
    deadline: Instant,
    work: Box<dyn FnOnce(Slot<'_>) -> After + Send>,
}

/// The running threads.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    readers: Sender<Job>,
    writers: Sender<Job>,
    counters: Arc<Counters>,
    deadline: Duration,
    running: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// Threads that share a queue.
struct Pool {
    target: Target,
    usage: Use,
    jobs: Receiver<Job>,
    counters: Arc<Counters>,
    /// How many of them have a connection.
    connected: AtomicUsize,
}

impl Threads {
    pub(super) fn start(target: &Target, sizes: Sizes) -> std::io::Result<Self> {
        let counters = Arc::new(Counters::default());
        let mut running = Vec::new();
        let mut pool = |names: Vec<String>, usage: Use| -> std::io::Result<Sender<Job>> {
            let (sender, jobs) = queue::bounded(sizes.queue);
            let (target, counters) = (target.clone(), counters.clone());
            let pool = Arc::new(Pool { target, usage, jobs, counters, connected: AtomicUsize::new(0) });
            for name in names {
                let pool = pool.clone();
                running.push(std::thread::Builder::new().name(name).spawn(move || serve(&pool))?);
            }
            Ok(sender)
        };
        let named = |count: usize| (0..count).map(|number| format!("store-{number}")).collect();
        let (readers, writers) = match target.engine() {
            Engine::Sqlite => {
                let readers = pool(named(sizes.threads.saturating_sub(1).max(1)), Use::Reading)?;
                (readers, pool(vec!["store-writer".to_owned()], Use::Writing)?)
            }
            Engine::Postgres => {
                let both = pool(named(sizes.threads.max(1)), Use::Writing)?;
                (both.clone(), both)
            }
        };
        let running = Arc::new(Mutex::new(running));
        Ok(Self { readers, writers, counters, deadline: sizes.deadline, running })
    }

    /// Does what waits, closes the connections and waits for the threads: on SQLite the writer comes last and leaves a
    /// file that is complete by itself.
    pub(super) fn close(&self) {
        self.readers.close();
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        let (writers, readers): (Vec<_>, Vec<_>) =
            running.into_iter().partition(|thread| thread.thread().name() == Some("store-writer"));
        readers.into_iter().for_each(join);
        self.writers.close();
        writers.into_iter().for_each(join);
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
                    Slot::Open(link) => attempt(link, frame, work),
                    Slot::Down => (Err(StoreError::Unavailable.into()), After::Fine),
                    Slot::Late => (Err(StoreError::Late.into()), After::Fine),
                };
                // A caller that gave up meanwhile was told that the outcome is unknown; nobody else needs it.
                drop(answer.send(outcome));
                after
            }),
        };
        let queue = if frame == Frame::Read { &self.readers } else { &self.writers };
        if queue.try_send(job).is_err() {
            self.counters.refused.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Busy.into());
        }
        if frame == Frame::Upkeep {
            // It takes as long as the file is large.
            return waiting.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        }
        match tokio::time::timeout(self.deadline, waiting).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(StoreError::Panicked.into()),
            Err(_) if frame == Frame::Write => Err(StoreError::Unknown.into()),
            Err(_) => Err(StoreError::Late.into()),
        }
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a database thread panicked");
    }
}

fn serve(pool: &Pool) {
    let mut keeper = Keeper::new(pool);
    loop {
        let until = keeper.connect();
        let has_link = keeper.link.is_some();
        // Without any connection the answer is "not now", and it is given at once.
        let job = match pool.jobs.next(until, || has_link || pool.connected.load(Ordering::Relaxed) == 0) {
            Next::Job(job) => job,
            Next::Later => continue,
            Next::End => break keeper.end(),
        };
        if Instant::now() > job.deadline {
            pool.counters.skipped.fetch_add(1, Ordering::Relaxed);
            (job.work)(Slot::Late);
            continue;
        }
        let after = match &mut keeper.link {
            Some(link) => (job.work)(Slot::Open(link)),
            None => (job.work)(Slot::Down),
        };
        if after == After::Broken {
            keeper.lose();
        }
    }
}

/// The connection of a thread, and when it is tried again where there is none.
struct Keeper<'a> {
    pool: &'a Pool,
    link: Option<Link>,
    was_tried: bool,
    wait: Duration,
    next_try: Instant,
    told: Option<(String, Instant)>,
}

impl<'a> Keeper<'a> {
    const FIRST_WAIT: Duration = Duration::from_millis(50);
    const LONGEST_WAIT: Duration = Duration::from_secs(2);
    /// How long the same failure is not logged again.
    const QUIET: Duration = Duration::from_secs(60);

    fn new(pool: &'a Pool) -> Self {
        Self { pool, link: None, was_tried: false, wait: Self::FIRST_WAIT, next_try: Instant::now(), told: None }
    }

    /// Opens the connection where there is none and its time has come; says when that is next to be tried.
    fn connect(&mut self) -> Option<Instant> {
        if self.link.is_none() && Instant::now() >= self.next_try {
            match Link::open(&self.pool.target, self.pool.usage) {
                Ok(link) => self.opened(link),
                Err(cause) => self.failed(cause),
            }
            self.was_tried = true;
        }
        self.link.is_none().then_some(self.next_try)
    }

    fn opened(&mut self, link: Link) {
        self.link = Some(link);
        self.wait = Self::FIRST_WAIT;
        self.pool.connected.fetch_add(1, Ordering::Relaxed);
        if self.was_tried {
            self.pool.counters.reconnects.fetch_add(1, Ordering::Relaxed);
            self.told = None;
            tracing::info!("database connection opened again");
        }
    }

    fn failed(&mut self, cause: String) {
        let is_known = |(words, at): &(String, Instant)| *words == cause && at.elapsed() < Self::QUIET;
        if !self.told.as_ref().is_some_and(is_known) {
            tracing::warn!(cause, "a database connection cannot be opened");
            self.told = Some((cause, Instant::now()));
        }
        self.next_try = Instant::now() + self.wait;
        self.wait = (self.wait * 2).min(Self::LONGEST_WAIT);
    }

    fn lose(&mut self) {
        if self.link.take().is_some() {
            self.pool.connected.fetch_sub(1, Ordering::Relaxed);
        }
        self.next_try = Instant::now();
    }

    /// The thread that writes to an SQLite file leaves it complete.
    fn end(mut self) {
        if let Some(link) = &mut self.link
            && self.pool.target.engine() == Engine::Sqlite
            && self.pool.usage == Use::Writing
        {
            match connection::checkpoint(&mut link.connection) {
                Ok(true) => {}
                Ok(false) => tracing::warn!("another program reads the database: its -wal file still holds data"),
                Err(cause) => tracing::warn!(%cause, "the -wal file of the database still holds data"),
            }
        }
    }
}

fn attempt<T, E: From<StoreError>>(
    link: &mut Link,
    frame: Frame,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, After) {
    let Link { connection, troubles } = link;
    drop(troubles.take());
    let outcome = catch_unwind(AssertUnwindSafe(|| match frame {
        Frame::Read | Frame::Upkeep => match work(connection) {
            Ok(value) => (Ok(value), After::Fine),
            Err(_) if !connection::answers(connection) => (Err(StoreError::Unavailable.into()), After::Broken),
            Err(refusal) => (Err(refusal), After::Fine),
        },
        Frame::Write => in_transaction(connection, troubles, work),
    }));
    // After a panic the state of the transaction is not to be trusted: the connection goes.
    let (outcome, after) = outcome.unwrap_or_else(|_| (Err(StoreError::Panicked.into()), After::Broken));
    match (outcome, after, troubles.take()) {
        // A connection that cannot write is no good: the next one may lead to a server that can.
        (Err(_), After::Fine, Some(trouble)) => {
            let after = if matches!(trouble, Trouble::ReadOnly(_)) { After::Broken } else { After::Fine };
            (Err(StoreError::from(trouble).into()), after)
        }
        (outcome, after, _) => (outcome, after),
    }
}

fn in_transaction<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    troubles: &Troubles,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, After) {
    if let Err(cause) = connection::begin(connection) {
        return match connection::answers(connection) {
            true => {
                Trouble::of(&cause).into_iter().for_each(|trouble| troubles.note(trouble));
                (Err(StoreError::from(cause).into()), After::Fine)
            }
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
