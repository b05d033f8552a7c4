//! How many threads and how long a queue, and what they count.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

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
