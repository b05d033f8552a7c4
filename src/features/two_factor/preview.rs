//! What turning two-factor authentication on would do.

use chrono::Duration;

use crate::access::SecondFactor;
use crate::access::decisions::{Decides, TwoFactor};
use crate::base::moment::Moment;
use crate::features::policies::impact::Impact;

/// Mail that has waited for longer than this is not being delivered.
pub const PATIENCE: Duration = Duration::minutes(10);

/// What a preview is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Users who may log in.
    pub users: i64,
    /// Of them, with a verified mobile number.
    pub mobile: i64,
    /// Of them, with an authenticator app.
    pub apps: i64,
    /// Of them, with both.
    pub both: i64,
    /// What other sessions that live have shown besides the password.
    pub sessions: Vec<Option<SecondFactor>>,
    /// When the oldest mail to people of the organization that still waits was written.
    pub oldest_waiting: Option<Moment>,
    /// Whether the installation sends SMS.
    pub sends_sms: bool,
}

/// What turning it on would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Users who may log in.
    pub users: i64,
    /// Of them, who can use a verified mobile number.
    pub mobile: i64,
    /// Of them, who can use an authenticator app.
    pub apps: i64,
    /// Of them, who have e-mail alone.
    pub email_only: i64,
    /// Sessions that are asked at their next request.
    pub sessions: i64,
    /// Minutes for which the oldest mail has waited.
    pub waiting_minutes: Option<i64>,
    /// Whether mail is delivered, as far as can be told.
    pub is_delivered: bool,
}

impl Preview {
    /// As the page shows it.
    pub fn shown(&self) -> Impact {
        Impact::default()
            .count("two-factor-users", self.users)
            .count("two-factor-with-mobile", self.mobile)
            .count("two-factor-with-app", self.apps)
            .count("two-factor-email-only", self.email_only)
            .count("two-factor-sessions", self.sessions)
    }
}

/// Works a preview out. A number is of no use where no SMS is sent.
pub fn preview(facts: &Facts, now: Moment) -> Preview {
    let (mobile, both) = if facts.sends_sms { (facts.mobile, facts.both) } else { (0, 0) };
    let asked = facts.sessions.iter().filter(|shown| TwoFactor(true).decide(shown, now));
    let waited = facts.oldest_waiting.map(|at| now.since(at));
    Preview {
        users: facts.users,
        mobile,
        apps: facts.apps,
        email_only: facts.users - (mobile + facts.apps - both),
        sessions: asked.count() as i64,
        waiting_minutes: waited.map(|waited| waited.num_minutes()),
        is_delivered: waited.is_none_or(|waited| waited < PATIENCE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Moment {
        Moment::EPOCH + Duration::minutes(minutes)
    }

    #[test]
    fn a_preview_counts_everybody_once() {
        let facts = Facts {
            users: 10,
            mobile: 4,
            apps: 3,
            both: 2,
            sessions: vec![None; 7],
            oldest_waiting: None,
            sends_sms: true,
        };
        let seen = preview(&facts, at(60));
        assert_eq!((seen.users, seen.mobile, seen.apps, seen.email_only, seen.sessions), (10, 4, 3, 5, 7));
        assert!(seen.is_delivered && seen.waiting_minutes.is_none());
        let without = preview(&Facts { sends_sms: false, ..facts.clone() }, at(60));
        assert_eq!((without.mobile, without.email_only), (0, 7), "a number without a gateway does not help");
    }

    #[test]
    fn mail_that_waits_for_ten_minutes_is_not_being_delivered() {
        let waiting = |minutes| preview(&Facts { oldest_waiting: Some(at(0)), ..Facts::default() }, at(minutes));
        assert_eq!((waiting(9).is_delivered, waiting(9).waiting_minutes), (true, Some(9)));
        assert_eq!((waiting(10).is_delivered, waiting(10).waiting_minutes), (false, Some(10)));
    }
}
