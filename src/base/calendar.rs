//! Months that are billed and days on which something is due: neither has a time of day, so neither is a moment.

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::moment::Moment;
use crate::base::text;

/// The years that bills can be of: a bill's number has two digits for them.
const YEARS: std::ops::RangeInclusive<u32> = 2000..=2099;

/// A month, `2026-11`. Months sort as texts.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Period(String);
crate::text_column!(Period);

impl Period {
    /// Parses a month as typed.
    pub fn parse(typed: &str) -> Option<Self> {
        Self::read(&text::typed::date(typed)?)
    }

    fn read(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits =
            year.len() == 4 && month.len() == 2 && (year.bytes().chain(month.bytes())).all(|b| b.is_ascii_digit());
        let known = YEARS.contains(&year.parse().ok()?) && (1..=12).contains(&month.parse::<u32>().ok()?);
        (digits && known).then(|| Self(text.to_owned()))
    }

    /// Two digits of the year and two of the month, with which a bill's number begins.
    pub fn digits(&self) -> String {
        self.0.get(2..).unwrap_or_default().replace('-', "")
    }

    /// Its first day.
    pub fn first_day(&self) -> Day {
        Day(format!("{}-01", self.0))
    }
}

/// A day, `2026-12-20`. Days sort as texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Day(String);
crate::text_column!(Day);

impl Day {
    /// Parses a day as typed.
    pub fn parse(typed: &str) -> Option<Self> {
        let text = text::typed::date(typed)?;
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
        let day = Self(date.format("%Y-%m-%d").to_string());
        (day.0 == text && Period::read(text.get(..7)?).is_some()).then_some(day)
    }

    /// The day that a moment belongs to in a zone.
    pub fn of(moment: Moment, zone: Tz) -> Self {
        Self(moment.utc().with_timezone(&zone).format("%Y-%m-%d").to_string())
    }

    /// The latest day that has begun anywhere: a zone is at most fourteen hours ahead.
    pub fn latest(now: Moment) -> Self {
        Self::of(now + Duration::hours(14), Tz::UTC)
    }

    /// Noon of the day in UTC, for formatting.
    pub fn noon(&self) -> Option<Moment> {
        let date: NaiveDate = self.0.parse().ok()?;
        Some(Moment::new(date.and_hms_opt(12, 0, 0)?.and_utc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_days_are_read_strictly() {
        for good in ["2026-11", "2000-01", "2099-12"] {
            assert_eq!(Period::parse(good).map(|period| period.to_string()).as_deref(), Some(good));
        }
        for bad in ["", "2026", "2026-13", "2026-00", "1999-12", "2100-01", "26-11", "2026-11-01", "+026-11", "2026-+1"]
        {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
        for typed in ["2026-1", "2026.01", "202601", "2026년 1월", "\u{200b}２０２６－０１"] {
            assert_eq!(Period::parse(typed).map(|period| period.to_string()).as_deref(), Some("2026-01"), "{typed}");
        }
        assert!(Day::parse("2028-02-29").is_some());
        for typed in ["2026-11-01", "2026-11-1", "20261101", " 2026. 11. 1.", "2026/11/01", "2026년 11월 1일"] {
            assert_eq!(Day::parse(typed).as_ref().map(Day::as_str), Some("2026-11-01"), "{typed}");
        }
        for bad in ["", "2026-02-29", "2026-11-31", "2026-11", "1.11.2026", "11/01/2026", "+2026-11-01", "2100-01-01"] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_moment_is_of_the_day_that_its_zone_has() {
        let evening = Moment::new("2026-11-30T15:30:00Z".parse().unwrap());
        assert_eq!(Day::of(evening, "Asia/Seoul".parse().unwrap()).as_str(), "2026-12-01");
        assert_eq!(Day::of(evening, "America/New_York".parse().unwrap()).as_str(), "2026-11-30");
        assert_eq!(Day::latest(evening).as_str(), "2026-12-01");
        assert!(Period::parse("2026-12").unwrap().first_day() <= Day::of(evening, "Asia/Seoul".parse().unwrap()));
    }
}
