//! The store: one connection type over SQLite and PostgreSQL, threads that own connections, and transactions that
//! carry who acts, in which organization, when, and with which chance.

mod address;
pub mod backup;
mod caller;
mod connection;
mod error;
mod kept;
mod migrations;
mod once;
mod opening;
mod queue;
mod record;
mod root;
#[expect(missing_docs, reason = "the columns are documented by the migrations")]
pub mod schema;
pub mod sharing;
mod sizes;
mod start;
mod threads;
mod time;
mod trial;
mod trouble;
mod tx;
mod work;

pub(crate) use caller::Caller;
pub use caller::{HeldBy, ProjectAccess};
pub use connection::{AnyConnection, Engine, Target, Use};
pub use error::{Denied, StoreError};
pub(crate) use kept::on_engine;
pub use kept::update;
pub use migrations::{migrate, migrate_within};
pub(crate) use once::once;
pub use root::{has_root, rooted};
pub use sizes::{Counters, Sizes};
pub use start::{Findings, examine, refuse_unfit};
pub use trial::try_write;
pub use tx::{OpenTx, Origin, PersonTx, Recorded, Tx, Work};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::platform::metrics::Logins;
use crate::platform::secrets::Keyring;
use threads::{Frame, Threads};
use tx::{After, touch};

/// The database of an installation. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Store {
    threads: Threads,
    kernel: Arc<Kernel>,
}

#[derive(Debug)]
struct Kernel {
    engine: Engine,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: Keyring,
    mail_written: tokio::sync::watch::Sender<()>,
    logins: Logins,
    /// Whether something was erased of which the file may still hold traces.
    erased: AtomicBool,
}

impl Store {
    /// Starts the threads. Connections open in the background, so a database that is down does not stop the start.
    pub fn start(
        target: &Target,
        sizes: Sizes,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        keys: Keyring,
    ) -> std::io::Result<Self> {
        let mail_written = tokio::sync::watch::Sender::new(());
        let logins = Logins::default();
        let erased = AtomicBool::new(false);
        let kernel = Kernel { engine: target.engine(), clock, entropy, keys, mail_written, logins, erased };
        Ok(Self { threads: Threads::start(target, sizes)?, kernel: Arc::new(kernel) })
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.kernel.engine
    }

    /// The clock that transactions read.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.kernel.clock
    }

    /// The chance that transactions use.
    pub fn entropy(&self) -> &dyn Entropy {
        self.kernel.entropy.as_ref()
    }

    /// The keys that seal secrets at rest.
    pub fn keys(&self) -> &Keyring {
        &self.kernel.keys
    }

    /// What the threads have counted since the start.
    pub fn counters(&self) -> &Counters {
        self.threads.counters()
    }

    /// Jobs that wait for a thread, by what they do. On PostgreSQL one queue holds both kinds.
    pub fn waiting(&self) -> Vec<(&'static str, usize)> {
        let [read, write] = self.threads.waiting();
        match self.kernel.engine {
            Engine::Sqlite => vec![("read", read), ("write", write)],
            Engine::Postgres => vec![("any", read)],
        }
    }

    /// How logins have ended since the start.
    pub fn logins(&self) -> &Logins {
        &self.kernel.logins
    }

    /// Whether the database answers, has all tables of this version, and takes writes.
    pub async fn is_ready(&self) -> Result<bool, StoreError> {
        if !self.statement(|connection| Ok(migrations::Migrations::of(connection)?.can_serve())).await? {
            return Ok(false);
        }
        self.threads.run(Frame::Write, |connection| Ok::<_, StoreError>(connection::can_write(connection)?)).await?;
        Ok(true)
    }

    /// Leaves an SQLite file complete by itself, and nothing that was removed in the file beside it; after an erasure also
    /// no trace of it in the database file. What cannot be done now is told in the log and done by a later call.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        if self.kernel.engine == Engine::Postgres {
            return Ok(());
        }
        if self.kernel.erased.swap(false, Ordering::Relaxed) {
            match self
                .threads
                .run(Frame::Upkeep, |connection| Ok::<_, StoreError>(connection::purge(connection)?))
                .await
            {
                Ok(true) => {}
                Ok(false) => tracing::warn!("the database is too large to be written anew: run VACUUM at a quiet time"),
                Err(cause) => {
                    self.kernel.erased.store(true, Ordering::Relaxed);
                    return Err(cause);
                }
            }
        }
        if !self
            .threads
            .run(Frame::Upkeep, |connection| Ok::<_, StoreError>(connection::checkpoint(connection)?))
            .await?
        {
            tracing::info!("a reader keeps data in the -wal file of the database until the next clean-up");
        }
        Ok(())
    }

    /// Does what waits and closes all connections. Whatever is asked for afterwards is refused.
    pub async fn close(&self) {
        const LONGEST: std::time::Duration = std::time::Duration::from_secs(10);
        let threads = self.threads.clone();
        let closing = tokio::task::spawn_blocking(move || threads.close());
        match tokio::time::timeout(LONGEST, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => tracing::error!(%cause, "closing the database"),
            Err(_) => tracing::warn!("the database's connections did not close in time"),
        }
    }

    /// Changes whenever a transaction that wrote mail or SMS has committed.
    pub fn mail_written(&self) -> tokio::sync::watch::Receiver<()> {
        self.kernel.mail_written.subscribe()
    }

    /// One statement.
    pub async fn statement<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.threads.run(Frame::Read, query).await
    }

    /// Statements that read, each by itself, open to callers without an organization: visitors, jobs and commands.
    /// For an [`crate::access::Actor`] the caller is the actor itself.
    pub(crate) async fn read<T, E>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut OpenTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let kernel = self.kernel.clone();
        self.threads
            .run(Frame::Read, move |connection| work(&mut OpenTx { work: kernel.work(connection, &origin) }))
            .await
    }

    /// A transaction that writes, open to callers without an organization: visitors, jobs and commands.
    pub(crate) async fn write<T, E>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut OpenTx<'_>) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let kernel = self.kernel.clone();
        let (value, after) = self
            .threads
            .run(Frame::Write, move |connection| {
                let mut tx = OpenTx { work: kernel.work(connection, &origin) };
                let recorded = work(&mut tx)?;
                Ok::<_, E>((recorded.into_inner(), tx.work.after))
            })
            .await?;
        self.kernel.committed(after);
        Ok(value)
    }

    /// Statements that read inside the organization of a caller.
    pub(crate) async fn read_within<P, T, E>(
        &self,
        caller: Caller<P::Principal>,
        work: impl FnOnce(&mut Tx<'_, P>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        P: HeldBy,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let kernel = self.kernel.clone();
        self.threads
            .run(Frame::Read, move |connection| work(&mut Tx::new(kernel.work(connection, &caller.origin), &caller)))
            .await
    }

    /// A writing transaction inside the organization of a caller. It begins by touching the organization's row,
    /// which puts the writers of one organization in a row on PostgreSQL and leaves others alone. Then `check` asks whether
    /// the caller still may: the body of a request can come long after its head was judged.
    pub(crate) async fn write_within<P, T, E>(
        &self,
        mut caller: Caller<P::Principal>,
        check: impl FnOnce(&mut Work<'_>, &Caller<P::Principal>) -> Result<Option<ProjectAccess>, StoreError>
        + Send
        + 'static,
        work: impl FnOnce(&mut Tx<'_, P>) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        P: HeldBy,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let kernel = self.kernel.clone();
        let (value, after) = self
            .threads
            .run(Frame::Write, move |connection| {
                touch(connection, &caller.organization)?;
                let origin = caller.origin.clone();
                caller.project_access = check(&mut kernel.work(connection, &origin), &caller)?;
                let mut tx = Tx::new(kernel.work(connection, &origin), &caller);
                let recorded = work(&mut tx)?;
                Ok::<_, E>((recorded.into_inner(), tx.into_after()))
            })
            .await?;
        self.kernel.committed(after);
        Ok(value)
    }
}

impl Kernel {
    fn work<'a>(&'a self, connection: &'a mut AnyConnection, origin: &'a Origin) -> Work<'a> {
        Work {
            connection,
            now: self.clock.now(),
            entropy: self.entropy.as_ref(),
            keys: &self.keys,
            origin,
            after: After::default(),
        }
    }

    fn committed(&self, after: After) {
        if after.mailed {
            self.mail_written.send_replace(());
        }
        if after.erased {
            self.erased.store(true, Ordering::Relaxed);
        }
        self.logins.count(after.logins);
    }
}
