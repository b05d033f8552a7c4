//! What the log is told once a minute.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

const MINUTE: i64 = 60_000;

/// When each was last told, in milliseconds since 1970.
#[derive(Debug, Default)]
pub struct Told {
    pub(crate) host: AtomicI64,
    pub(crate) origin: AtomicI64,
    pub(crate) address: AtomicI64,
    pub(crate) proxy: AtomicI64,
}

impl Told {
    /// Whether it is to be told now.
    pub(crate) fn is_due(last: &AtomicI64, now: i64) -> bool {
        let due = |last: i64| (last == 0 || !(0..MINUTE).contains(&(now - last))).then_some(now);
        last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due).is_ok()
    }
}

/// Lets one line of many equal ones into the log in a second.
#[derive(Debug, Default)]
pub struct SparseLog {
    second: AtomicI64,
    left_out: AtomicU64,
}

impl SparseLog {
    /// How many lines were left out before this one, which is due; `None` for one that is left out.
    pub fn line(&self, second: i64) -> Option<u64> {
        if self.second.swap(second, Ordering::Relaxed) == second {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.left_out.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_busy_answers_writes_one_log_line_a_second() {
        let log = SparseLog::default();
        let lines: Vec<_> = [7, 7, 7, 8, 8, 9].into_iter().map(|second| log.line(second)).collect();
        assert_eq!(lines, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
