//! After how many days a password expires, counted for each user from their own (docs/rules.md section 8).

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::Decides;
use crate::base::moment::Moment;
use crate::base::problem::Problem;

/// Days to choose from.
pub const CHOICES: [i64; 4] = [60, 90, 120, 180];
/// Fewest days of one's own choice.
pub const LEAST: i64 = 30;
/// Most days of one's own choice.
pub const MOST: i64 = 180;
/// Days before the end at which people are told.
pub const REMINDERS: [i64; 3] = [1, 7, 14];

/// After how many days a password expires; not at all without a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiration {
    days: Option<i64>,
}

/// How a password stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It does not expire.
    Unlimited,
    /// It works until then.
    Until(Moment),
    /// It stopped working then: all it is good for is setting a new one.
    Expired(Moment),
}

impl Expiration {
    /// Passwords do not expire.
    pub const OFF: Self = Self { days: None };

    /// After so many days.
    pub fn after(days: i64) -> Result<Self, Problem> {
        match (LEAST..=MOST).contains(&days) {
            true => Ok(Self { days: Some(days) }),
            false => Err(Problem::NotExpirationDays(days.to_string())),
        }
    }

    /// As the table holds it, where only this has written.
    pub(crate) fn stored(days: Option<i64>) -> Self {
        Self { days }
    }

    /// The number of days.
    pub fn days(self) -> Option<i64> {
        self.days
    }

    /// The last change by which a password has expired at `now`.
    pub fn expired_since(self, now: Moment) -> Option<Moment> {
        self.days.map(|days| now - Duration::days(days))
    }
}

impl Decides for Expiration {
    /// When the password was last set; nobody without one has any that could expire.
    type Facts = Option<Moment>;
    type Decision = Expiry;

    fn decide(&self, changed: &Option<Moment>, now: Moment) -> Expiry {
        let (Some(days), Some(changed)) = (self.days, changed) else {
            return Expiry::Unlimited;
        };
        let end = *changed + Duration::days(days);
        if end <= now { Expiry::Expired(end) } else { Expiry::Until(end) }
    }
}

impl Expiry {
    /// The days at which this user is reminded now: the nearest one that has come.
    pub fn reminder(self, now: Moment) -> Option<(i64, Moment)> {
        let Self::Until(end) = self else { return None };
        REMINDERS.into_iter().find(|days| end.since(now) <= Duration::days(*days)).map(|days| (days, end))
    }
}
