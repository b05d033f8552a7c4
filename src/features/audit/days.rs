//! Days of a reader's zone, and the logins of the last ones as a chart shows them.

use chrono::{Duration, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

use crate::base::moment::Moment;
use crate::base::text;
use crate::web::chart::{self, BASE, LEFT, Line, height_of};

/// Days that the chart shows, today included.
pub const DAYS: usize = 14;

/// A day as typed in a field for dates.
pub(super) fn read(typed: &str) -> Option<NaiveDate> {
    let date = text::typed::date(typed).filter(|date| date.len() == 10)?;
    NaiveDate::parse_from_str(&date, "%Y-%m-%d").ok()
}

/// The moment at which a day begins. Where the clocks skip midnight, that is the first moment after the gap.
pub(super) fn beginning(day: NaiveDate, zone: Tz) -> Moment {
    let midnight = day.and_time(NaiveTime::MIN);
    let first = (0..24 * 4)
        .find_map(|quarters| zone.from_local_datetime(&(midnight + Duration::minutes(15 * quarters))).earliest());
    Moment::new(first.map_or_else(|| midnight.and_utc(), |local| local.to_utc()))
}

/// The day after.
pub(super) fn after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// How many logins a span of time had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Logins that worked.
    pub done: i64,
    /// Tries that failed or were refused.
    pub failed: i64,
}

/// Logins per day.
#[derive(Clone, Debug)]
pub struct Logins {
    days: Vec<(NaiveDate, Tally)>,
}

/// A bar of the chart, in the units of its picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) y: i64,
    pub(super) height: i64,
}

/// A day in the chart: what worked, and on top of it what did not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) day: NaiveDate,
    /// Every other day has its name below it.
    pub(super) named: bool,
    pub(super) x: i64,
    pub(super) done: Option<Bar>,
    pub(super) failed: Option<Bar>,
}

/// Room of a column.
const STEP: i64 = 48;

impl Logins {
    /// The days up to the one of `now`, each with the moments it begins and ends at.
    pub(super) fn spans(now: Moment, zone: Tz) -> Vec<(NaiveDate, [Moment; 2])> {
        let today = now.utc().with_timezone(&zone).date_naive();
        let days = today.iter_days().rev().take(DAYS);
        let mut spans: Vec<_> = days.map(|day| (day, [beginning(day, zone), beginning(after(day), zone)])).collect();
        spans.reverse();
        spans
    }

    /// Of counted days.
    pub(super) fn new(days: Vec<(NaiveDate, Tally)>) -> Self {
        Self { days }
    }

    pub(super) fn days(&self) -> &[(NaiveDate, Tally)] {
        &self.days
    }

    /// All days together.
    pub(super) fn total(&self) -> Tally {
        let sum = |of: fn(&Tally) -> i64| self.days.iter().map(|(_, tally)| of(tally)).sum();
        Tally { done: sum(|tally| tally.done), failed: sum(|tally| tally.failed) }
    }

    /// The day with the most failed tries, if there are any.
    pub(super) fn worst(&self) -> Option<(NaiveDate, i64)> {
        let failed = self.days.iter().map(|(day, tally)| (*day, tally.failed)).filter(|(_, failed)| *failed > 0);
        failed.max_by_key(|(_, failed)| *failed)
    }

    fn scale(&self) -> Vec<i64> {
        chart::scale(self.days.iter().map(|(_, tally)| tally.done + tally.failed).max().unwrap_or_default())
    }

    /// The lines of the scale.
    pub(super) fn lines(&self) -> Vec<Line> {
        chart::lines(&self.scale())
    }

    /// The columns, one a day.
    pub(super) fn columns(&self) -> Vec<Column> {
        let top = self.scale().last().copied().unwrap_or(1);
        let places = (0_i64..).zip(&self.days);
        places
            .map(|(place, (day, tally))| {
                let (low, high) = (height_of(tally.done, top), height_of(tally.done + tally.failed, top));
                // Whatever there is can be seen.
                let done = (tally.done > 0).then(|| Bar { y: low.min(BASE - 2), height: (BASE - low).max(2) });
                let floor = done.map_or(BASE, |bar| bar.y - 1);
                let top = high.min(floor - 2);
                let failed = (tally.failed > 0).then(|| Bar { y: top, height: floor - top });
                Column { day: *day, named: place % 2 == 1, x: LEFT + STEP * place + 8, done, failed }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::chart::TOP;

    fn moment(text: &str) -> Moment {
        Moment::new(text.parse().unwrap())
    }

    #[test]
    fn days_begin_at_midnight_of_the_reader_s_zone() {
        let seoul: Tz = "Asia/Seoul".parse().unwrap();
        let day = read("2026-11-22").unwrap();
        assert_eq!(beginning(day, seoul), moment("2026-11-21T15:00:00Z"));
        assert_eq!(beginning(after(day), seoul), moment("2026-11-22T15:00:00Z"));
        // Where the clocks skip midnight, and where they show it twice.
        let beirut: Tz = "Asia/Beirut".parse().unwrap();
        assert_eq!(beginning(read("2026-03-29").unwrap(), beirut), moment("2026-03-28T22:00:00Z"));
        let havana: Tz = "America/Havana".parse().unwrap();
        assert_eq!(beginning(read("2026-11-01").unwrap(), havana), moment("2026-11-01T04:00:00Z"));
        for typed in ["2026-11-02", "2026-11-2", "2026.11.02", "２０２６-11-02", "2026. 11. 2.", "2026년 11월 2일"]
        {
            assert_eq!(read(typed), read("2026-11-02"), "{typed}");
        }
        for wrong in ["", "2026-11", "2026-11-31", "22.11.2026", "+2026-11-22", "20261122--"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_last_fourteen_days_follow_each_other_without_a_gap() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let spans = Logins::spans(moment("2026-10-27T22:59:59Z"), berlin);
        assert_eq!(spans.len(), DAYS);
        assert_eq!(spans[13].0, read("2026-10-27").unwrap());
        assert!(spans.windows(2).all(|two| two[0].1[1] == two[1].1[0]));
        // The clocks went back on the 25th.
        let long = spans.iter().find(|(day, _)| *day == read("2026-10-25").unwrap()).unwrap().1;
        assert_eq!(long[1].since(long[0]), Duration::hours(25));
    }

    fn logins(days: &[(i64, i64)]) -> Logins {
        let day = read("2026-11-09").unwrap();
        let tally = |(done, failed): &(i64, i64)| Tally { done: *done, failed: *failed };
        Logins::new(day.iter_days().zip(days.iter().map(tally)).collect())
    }

    #[test]
    fn bars_stand_on_each_other_and_none_is_too_small_to_see() {
        let logins = logins(&[(47, 9), (0, 0), (1000, 1), (0, 3)]);
        assert_eq!(logins.total(), Tally { done: 1047, failed: 13 });
        assert_eq!(logins.worst().map(|(_, failed)| failed), Some(9));
        let columns = logins.columns();
        assert_eq!((columns[1].done, columns[1].failed), (None, None));
        for column in [columns[0], columns[2], columns[3]] {
            let failed = column.failed.unwrap();
            assert!(failed.height >= 2 && failed.y >= TOP - 3, "{failed:?}");
            if let Some(done) = column.done {
                assert_eq!(done.y + done.height, BASE);
                assert!(failed.y + failed.height <= done.y, "{failed:?} covers {done:?}");
            }
        }
    }
}
