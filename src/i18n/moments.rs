//! Moments as people read them, in their zone.

use chrono_tz::Tz;

use super::{Language, Text};
use crate::store::types::Moment;

/// Day, time and zone: "29 Nov 2026, 15:07 KST".
pub fn absolute(moment: Moment, zone: Tz, language: Language) -> String {
    let local = moment.utc().with_timezone(&zone);
    match language {
        Language::English => local.format("%-d %b %Y, %H:%M %Z").to_string(),
        Language::Korean => local.format("%Y년 %-m월 %-d일 %H:%M %Z").to_string(),
    }
}

/// The day alone.
pub fn day(moment: Moment, zone: Tz, language: Language) -> String {
    let local = moment.utc().with_timezone(&zone);
    match language {
        Language::English => local.format("%-d %b %Y").to_string(),
        Language::Korean => local.format("%Y년 %-m월 %-d일").to_string(),
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
