//! Moments as people read them, in their zone.

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

use super::{Language, Text};
use crate::base::moment::Moment;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Day, time and zone: "29 Nov 2026, 15:07 KST".
pub fn absolute(moment: Moment, zone: Tz, language: Language) -> String {
    let local = moment.utc().with_timezone(&zone);
    let comma = if language == Language::English { "," } else { "" };
    let (hour, minute) = (local.hour(), local.minute());
    format!("{}{comma} {hour:02}:{minute:02} {}", day_of(&local, language), local.offset())
}

/// The same to the second, for what has to be put in order.
pub fn exact(moment: Moment, zone: Tz, language: Language) -> String {
    let local = moment.utc().with_timezone(&zone);
    let comma = if language == Language::English { "," } else { "" };
    format!("{}{comma} {} {}", day_of(&local, language), local.format("%H:%M:%S"), local.offset())
}

/// A day of the calendar.
pub fn date(day: NaiveDate, language: Language) -> String {
    day_of(&day, language)
}

/// A day of the calendar without its year, where that is clear.
pub fn short_date(day: NaiveDate, language: Language) -> String {
    match language {
        Language::English => format!("{} {}", day.day(), MONTHS[day.month0() as usize]),
        Language::Korean => format!("{}. {}.", day.month(), day.day()),
    }
}

/// The day alone.
pub fn day(moment: Moment, zone: Tz, language: Language) -> String {
    day_of(&moment.utc().with_timezone(&zone), language)
}

/// The month alone: "November 2026". In UTC, as a month that is billed belongs to no zone.
pub fn month(moment: Moment, language: Language) -> String {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month0) = (moment.utc().year(), moment.utc().month0());
    match language {
        Language::English => format!("{} {year}", NAMES[month0 as usize]),
        Language::Korean => format!("{year}년 {}월", month0 + 1),
    }
}

fn day_of(local: &impl Datelike, language: Language) -> String {
    let (year, month, day) = (local.year(), local.month(), local.day());
    match language {
        Language::English => format!("{day} {} {year}", MONTHS[local.month0() as usize]),
        Language::Korean => format!("{year}년 {month}월 {day}일"),
    }
}

/// "3 minutes ago"; in the future "in 3 minutes".
pub fn relative(moment: Moment, now: Moment) -> Text {
    let seconds = now.since(moment).num_seconds();
    let (size, unit) = match seconds.abs() {
        0..60 => return Text::new("time-now"),
        size @ 60..3600 => (size / 60, ["time-minutes-ago", "time-in-minutes"]),
        size @ 3600..86_400 => (size / 3600, ["time-hours-ago", "time-in-hours"]),
        size => (size / 86_400, ["time-days-ago", "time-in-days"]),
    };
    Text::new(unit[usize::from(seconds < 0)]).with("n", size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_the_reader_s_zone_and_language() {
        let moment = Moment::new("2026-11-29T06:07:07Z".parse().unwrap());
        let seoul: Tz = "Asia/Seoul".parse().unwrap();
        assert_eq!(absolute(moment, seoul, Language::English), "29 Nov 2026, 15:07 KST");
        assert_eq!(absolute(moment, Tz::UTC, Language::Korean), "2026년 11월 29일 06:07 UTC");
        assert_eq!(day(moment, seoul, Language::English), "29 Nov 2026");
        assert_eq!(month(moment, Language::English), "November 2026");
        assert_eq!(month(moment, Language::Korean), "2026년 11월");
        assert_eq!(exact(moment, seoul, Language::English), "29 Nov 2026, 15:07:07 KST");
        assert_eq!(exact(moment, Tz::UTC, Language::Korean), "2026년 11월 29일 06:07:07 UTC");
        let leap: NaiveDate = "2028-02-29".parse().unwrap();
        assert_eq!(
            (date(leap, Language::English).as_str(), short_date(leap, Language::Korean).as_str()),
            ("29 Feb 2028", "2. 29.")
        );
    }
}
