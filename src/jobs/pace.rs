//! Whether the clock is believed by what removes things for good. A clock that is set years ahead must not cost the audit
//! log or an organization: whoever removes waits for a day then, in which the operator sees it in the log and sets it right.

use std::time::{Duration, Instant};

use crate::store::types::Moment;

/// By how much more than the time that really passed the clock may have moved between two looks.
const JUMP: chrono::Duration = chrono::Duration::hours(1);
const HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// The last look at the clock, and until when nothing is removed.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<(Moment, Instant)>,
    held_until: Option<Instant>,
}

impl Pace {
    /// Whether things may be removed now. A machine that slept looks like a jump, which costs a day of patience.
    pub(super) fn is_steady(&mut self, now: Moment, real: Instant) -> bool {
        if let Some((before, at)) = self.last.replace((now, real)) {
            let passed = chrono::Duration::from_std(real.duration_since(at)).unwrap_or(chrono::Duration::MAX);
            let ahead = now.since(before) - passed;
            if ahead > JUMP {
                tracing::error!(hours = ahead.num_hours(), "the clock jumped on: nothing is removed for a day");
                self.held_until = Some(real + HOLD);
            }
        }
        self.held_until.is_none_or(|until| real >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_removed_for_a_day_after_the_clock_jumped_on() {
        let (start, real) = (Moment::new(chrono::DateTime::UNIX_EPOCH), Instant::now());
        let minutes = |n: i64| (start + chrono::Duration::minutes(n), real + Duration::from_secs(60 * n as u64));
        let mut pace = Pace::default();
        let mut look = |minute: i64, ahead: chrono::Duration| {
            let (now, real) = minutes(minute);
            pace.is_steady(now + ahead, real)
        };
        assert!(look(0, chrono::Duration::zero()));
        assert!(look(5, chrono::Duration::minutes(50)), "clocks are set by minutes");
        assert!(look(10, chrono::Duration::days(-3)), "backwards nothing is older than it was");
        let years = chrono::Duration::days(3_650);
        assert!(!look(15, years));
        assert!(!look(20, years), "steady again, and wrong");
        assert!(!look(15 + 24 * 60 - 1, years));
        assert!(look(15 + 24 * 60, years));
    }
}
