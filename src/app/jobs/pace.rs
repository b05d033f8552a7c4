//! Whether the clock is believed by what removes things for good. A clock that is set years ahead must not cost the audit
//! log or an organization: whoever removes waits for a day then, in which the operator sees it in the log and sets it right.

use std::time::{Duration, Instant};

use crate::base::moment::Moment;

/// By how much more than the time that really passed the clock may have moved between two looks.
const JUMP: chrono::Duration = chrono::Duration::hours(1);

/// How long nothing need have happened before a start. An installation that few people use is quiet over a weekend, and one
/// that is also started again every night must come to removing things all the same.
const QUIET: chrono::Duration = chrono::Duration::days(3);
const HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// The last look at the clock, and until when nothing is removed.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<(Moment, Instant)>,
    held_until: Option<Instant>,
}

impl Pace {
    /// Whether no look was made yet.
    pub(super) fn is_new(&self) -> bool {
        self.last.is_none()
    }

    /// Whether things may be removed now. A machine that slept looks like a jump, which costs a day of patience; so does a
    /// start long after `known`, a moment before which the clock surely was right.
    pub(super) fn is_steady(&mut self, now: Moment, real: Instant, known: Option<Moment>) -> bool {
        if let Some(hours) = known.filter(|_| self.is_new()).map(|known| now.since(known)).filter(|gap| *gap > QUIET) {
            let hours = hours.num_hours();
            tracing::warn!(hours, "the newest event is from long before this start: nothing is removed for a day");
            self.held_until = Some(real + HOLD);
        }
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
        let (start, real) = (Moment::EPOCH, Instant::now());
        let minutes = |n: i64| (start + chrono::Duration::minutes(n), real + Duration::from_secs(60 * n as u64));
        let mut pace = Pace::default();
        let mut look = |minute: i64, ahead: chrono::Duration| {
            let (now, real) = minutes(minute);
            pace.is_steady(now + ahead, real, None)
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

    #[test]
    fn nothing_is_removed_for_a_day_after_a_start_long_after_the_newest_event() {
        let (start, real) = (Moment::EPOCH, Instant::now());
        let begins =
            |known: Option<Moment>| Pace::default().is_steady(start + chrono::Duration::days(400), real, known);
        assert!(!begins(Some(start)));
        assert!(begins(Some(start + chrono::Duration::days(400) - QUIET)));
        assert!(!begins(Some(start + chrono::Duration::days(397) - chrono::Duration::minutes(1))));
        assert!(begins(Some(start + chrono::Duration::days(500))), "it is behind, so nothing is too old");
        assert!(begins(None), "there is nothing yet");
        let mut pace = Pace::default();
        assert!(!pace.is_steady(start + chrono::Duration::days(400), real, Some(start)));
        let later = (start + chrono::Duration::days(401), real + HOLD);
        assert!(pace.is_steady(later.0, later.1, Some(start)));
    }
}
