//! Moments, as both engines keep them.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDateTime, SubsecRound, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment in UTC, cut to microseconds: the finest that both engines keep.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = Timestamp)]
pub struct Moment(NaiveDateTime);

impl Moment {
    /// 1970 began.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH.naive_utc());

    /// Cuts `at` to what the database keeps.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.naive_utc().trunc_subsecs(6))
    }

    /// The same moment for formatting in a time zone.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// Milliseconds since 1970, the unit of scripts and UUIDs.
    pub fn millis(self) -> i64 {
        self.utc().timestamp_millis()
    }

    /// Microseconds since 1970: all that is kept of a moment, in one number.
    pub fn micros(self) -> i64 {
        self.utc().timestamp_micros()
    }

    /// The moment of such a number, unless it is beyond what databases keep.
    pub fn from_micros(micros: u64) -> Option<Self> {
        DateTime::from_timestamp_micros(i64::try_from(micros).ok()?).map(Self::new)
    }

    /// Time that has passed since `earlier`; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0 + span)
    }
}

impl std::ops::Sub<Duration> for Moment {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0 - span)
    }
}

/// RFC 3339 in UTC (ASVS 16.2.2).
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What RFC 3339 asks for but the zone, without a pattern that is read anew each time.
        write!(f, "{:?}Z", self.0)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Moment
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(raw).map(Self)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Moment
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asvs_16_2_2_a_moment_is_written_as_rfc_3339_has_it() {
        for text in ["2026-11-22T09:00:59Z", "2026-11-22T09:00:00.250Z", "0999-01-02T23:59:59.000001Z"] {
            assert_eq!(Moment::new(text.parse().unwrap()).to_string(), text);
        }
    }
}
