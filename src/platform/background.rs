//! Work beside the requests: named jobs that are done again and again for as long as the server runs.
//!
//! A turn that fails or panics ends by itself: it is logged and counted, and the job's next turn comes later, each time
//! later. When the server ends, a job is told, and ends between two turns.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;

use crate::base::cause::words_of;
use crate::base::clock::Clock;
use crate::base::moment::Moment;

macro_rules! jobs {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A job.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Job { $($(#[$doc])* $variant,)* }

        impl Job {
            /// Every job, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in the log and in metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}
jobs! {
    /// Delivers mail.
    Mail = "mail",
    /// Delivers SMS.
    Sms = "sms",
    /// Removes what has expired.
    Expired = "expired",
    /// Removes organizations that nobody claimed.
    Unclaimed = "unclaimed",
    /// Erases organizations whose date has come.
    Erasures = "erasures",
    /// Ends trials of identity providers.
    Trials = "trials",
    /// Reminds of client secrets that end.
    SecretReminders = "secret_reminders",
    /// Reminds of passwords that expire.
    PasswordReminders = "password_reminders",
    /// Removes audit events past their time.
    Events = "events",
    /// Seals the audit log.
    Seals = "seals",
    /// Says that this instance runs, and which key it seals with.
    Presence = "presence",
}

/// How the jobs go, and whether they are to end.
#[derive(Debug)]
pub struct Background {
    started: Moment,
    runs: Vec<Runs>,
    draining: AtomicBool,
    clock_is_wrong: AtomicBool,
    ending: watch::Sender<bool>,
    first_wait: Duration,
    longest_wait: Duration,
}

/// How one job goes.
#[derive(Debug, Default)]
struct Runs {
    /// Milliseconds since 1970; 0 before the first.
    ended_well: AtomicI64,
    failed: AtomicU64,
}

impl Background {
    /// Nothing has run yet.
    pub fn new(started: Moment) -> Self {
        Self {
            started,
            runs: Job::ALL.iter().map(|_| Runs::default()).collect(),
            draining: AtomicBool::new(false),
            clock_is_wrong: AtomicBool::new(false),
            ending: watch::Sender::new(false),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
        }
    }

    /// When the server started.
    pub fn started(&self) -> Moment {
        self.started
    }

    /// From now on the server says that it is about to stop.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether it does.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Notes whether the process's clock agrees with the database's; says whether that has changed.
    pub fn note_clock(&self, is_right: bool) -> bool {
        self.clock_is_wrong.swap(!is_right, Ordering::Relaxed) == is_right
    }

    /// Whether it did not when it was last compared.
    pub fn is_clock_wrong(&self) -> bool {
        self.clock_is_wrong.load(Ordering::Relaxed)
    }

    /// Tells the jobs to end.
    pub fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Whether they were told.
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Seconds since a turn of `job` last ended well, or since the start.
    pub fn lag(&self, job: Job, now: Moment) -> f64 {
        let last = self.runs[job as usize].ended_well.load(Ordering::Relaxed).max(self.started.millis());
        (now.millis() - last).max(0) as f64 / 1000.0
    }

    /// Turns of `job` that failed or panicked.
    pub fn failures(&self, job: Job) -> u64 {
        self.runs[job as usize].failed.load(Ordering::Relaxed)
    }

    /// Does `job` until the jobs are told to end: `turn` is one turn, `rest` waits for the next after one that ended well.
    pub async fn keep<T, E: Display>(
        &self,
        job: Job,
        clock: &dyn Clock,
        mut turn: impl AsyncFnMut() -> Result<T, E>,
        mut rest: impl AsyncFnMut(T),
    ) {
        let mut ending = self.ending.subscribe();
        let mut wait = self.first_wait;
        while !self.is_ending() {
            // A turn is not cut off; what waits for the next one is.
            let outcome = self.attempt(job, clock, turn()).await;
            let pause = async {
                match outcome {
                    Some(value) => {
                        wait = self.first_wait;
                        rest(value).await;
                    }
                    None => {
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(self.longest_wait);
                    }
                }
            };
            tokio::select! {
                () = pause => {}
                _ = ending.wait_for(|ending| *ending) => {}
            }
        }
    }

    /// One turn, of which nothing gets out but its value; `None` when it failed.
    async fn attempt<T, E: Display>(
        &self,
        job: Job,
        clock: &dyn Clock,
        turn: impl Future<Output = Result<T, E>>,
    ) -> Option<T> {
        let runs = &self.runs[job as usize];
        let cause = match AssertUnwindSafe(turn).catch_unwind().await {
            Ok(Ok(value)) => {
                runs.ended_well.store(clock.now().millis(), Ordering::Relaxed);
                return Some(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("panic: {}", words_of(panic.as_ref())),
        };
        runs.failed.fetch_add(1, Ordering::Relaxed);
        tracing::error!(job = job.name(), cause, "a job failed and will be tried again");
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;

    fn quick() -> Background {
        let first_wait = Duration::from_millis(1);
        Background { first_wait, longest_wait: Duration::from_millis(4), ..Background::new(SystemClock.now()) }
    }

    #[tokio::test]
    async fn asvs_16_5_4_a_job_that_panics_or_fails_runs_again() {
        let background = quick();
        let mut turns = 0;
        let turn = async || {
            turns += 1;
            match turns {
                1 => panic!("the first turn"),
                2 => Err("the second turn"),
                3 => Ok(turns),
                _ => {
                    background.end();
                    Err("told to end meanwhile")
                }
            }
        };
        let mut rested = Vec::new();
        let all = background.keep(Job::Mail, &SystemClock, turn, async |turn| rested.push(turn));
        tokio::time::timeout(Duration::from_secs(10), all).await.expect("an end");
        assert_eq!((turns, rested), (4, vec![3]));
        assert_eq!((background.failures(Job::Mail), background.failures(Job::Sms)), (3, 0));
    }

    #[tokio::test]
    async fn a_job_that_rests_ends_when_told_and_a_turn_is_not_cut_off() {
        let background = quick();
        let mut finished = false;
        let turn = async || {
            background.end();
            tokio::time::sleep(Duration::from_millis(20)).await;
            finished = true;
            Ok::<_, String>(())
        };
        let all = background.keep(Job::Mail, &SystemClock, turn, async |()| std::future::pending().await);
        tokio::time::timeout(Duration::from_secs(10), all).await.expect("an end");
        assert!(finished);
    }

    #[tokio::test]
    async fn the_lag_counts_from_the_last_turn_that_ended_well() {
        let background = Background::new(SystemClock.now() - chrono::Duration::seconds(100));
        assert!(background.lag(Job::Events, SystemClock.now()) >= 100.0);
        assert_eq!(background.attempt(Job::Events, &SystemClock, async { Err::<(), _>("no") }).await, None);
        assert!(background.lag(Job::Events, SystemClock.now()) >= 100.0);
        assert_eq!(background.attempt(Job::Events, &SystemClock, async { Ok::<_, String>(7) }).await, Some(7));
        assert!(background.lag(Job::Events, SystemClock.now()) < 50.0);
    }
}
