//! Password expiration (docs/rules.md section 8): days after the last change, counted for each user from their own.

pub mod pages;
pub mod reminders;
mod store;

pub use store::policy;
pub(crate) use store::{changes, own_change};

use chrono::Duration;

use super::versions::Saved;
use crate::access::ManageSecurity;
use crate::access::decisions::Decides;
use crate::access::decisions::expiration::{Expiration, Expiry};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{Recorded, StoreError, Tx};

/// Weeks that a preview looks ahead: after these every password of today has expired.
pub const WEEKS: usize = 26;
/// Whom a policy hits, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Users with a password.
    pub users: usize,
    /// Of them, whose password expires at once.
    pub at_once: usize,
    /// How many more in each of the weeks to come.
    pub weeks: [usize; WEEKS],
    /// How the reader's own password will stand.
    pub own: Expiry,
}

/// What a policy would do to everybody, by asking it about each.
pub fn forecast(policy: Expiration, changes: &[Moment], own: Option<Moment>, now: Moment) -> Forecast {
    let (mut at_once, mut weeks) = (0, [0; WEEKS]);
    for changed in changes {
        match policy.decide(&Some(*changed), now) {
            Expiry::Unlimited => {}
            Expiry::Expired(_) => at_once += 1,
            Expiry::Until(end) => {
                // The end of a week belongs to it: whoever expires in exactly seven days does so within the first.
                let week = (end.since(now) - Duration::microseconds(1)).num_weeks();
                if let Some(count) = usize::try_from(week).ok().and_then(|week| weeks.get_mut(week)) {
                    *count += 1;
                }
            }
        }
    }
    Forecast { users: changes.len(), at_once, weeks, own: policy.decide(&own, now) }
}

/// Puts a policy in force for everybody at their next request.
pub fn save(tx: &mut Tx<'_, ManageSecurity>, wanted: Expiration, version: i64) -> Result<Recorded<Saved>, StoreError> {
    let organization = tx.organization().clone();
    if crate::features::organizations::method(tx, &organization)? == LoginMethod::IdpAccount {
        let refused = Event::refused(Kind::PasswordExpirationChanged, Reason::IdentityProvider);
        return tx.record(refused, Saved::ByProvider);
    }
    let before = store::policy(tx, &organization)?;
    if super::versions::is_older(tx, &organization, super::Policy::PasswordExpiration, version)? {
        return tx.record(Event::refused(Kind::PasswordExpirationChanged, Reason::OlderVersion), Saved::Older);
    }
    if before == wanted {
        return Ok(tx.unrecorded("passwords expire so already", Saved::Same));
    }
    store::set(tx, &organization, wanted)?;
    let by = (tx.user().clone(), tx.name().to_owned());
    super::versions::note(tx, &organization, super::Policy::PasswordExpiration, Some(&by), &before, &wanted)?;
    let news = match wanted.days() {
        Some(days) => (crate::platform::mail::Policy::ExpirationOn, Some(days)),
        None => (crate::platform::mail::Policy::ExpirationOff, None),
    };
    super::versions::tell(tx, &organization, news, Some(&by.0))?;
    let event = Event::done(Kind::PasswordExpirationChanged).changed("password_days", before.days(), wanted.days());
    tx.record(event, Saved::InForce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Moment {
        Moment::EPOCH + Duration::minutes(minutes)
    }

    const DAY: i64 = 24 * 60;

    #[test]
    fn a_password_expires_to_the_minute() {
        let policy = Expiration::after(60).unwrap();
        let set = Some(at(0));
        assert_eq!(policy.decide(&set, at(60 * DAY - 1)), Expiry::Until(at(60 * DAY)));
        assert_eq!(policy.decide(&set, at(60 * DAY)), Expiry::Expired(at(60 * DAY)));
        assert_eq!(policy.decide(&None, at(60 * DAY)), Expiry::Unlimited);
        assert_eq!(Expiration::OFF.decide(&set, at(600 * DAY)), Expiry::Unlimited);
        assert_eq!(policy.expired_since(at(60 * DAY)), Some(at(0)));
    }

    /// Shows attack 106.
    #[test]
    fn only_30_to_180_days_can_be_chosen() {
        for days in [30, 60, 90, 120, 180] {
            assert_eq!(Expiration::after(days).map(Expiration::days), Ok(Some(days)));
        }
        for days in [i64::MIN, -60, 0, 29, 181, i64::MAX] {
            assert_eq!(
                Expiration::after(days),
                Err(crate::base::problem::Problem::NotExpirationDays(days.to_string())),
                "{days}"
            );
        }
    }

    #[test]
    fn reminders_are_due_fourteen_seven_and_one_day_before() {
        let policy = Expiration::after(30).unwrap();
        let due = |minutes| policy.decide(&Some(at(0)), at(minutes)).reminder(at(minutes)).map(|(days, _)| days);
        assert_eq!(due(16 * DAY - 1), None);
        assert_eq!((due(16 * DAY), due(23 * DAY - 1)), (Some(14), Some(14)));
        assert_eq!((due(23 * DAY), due(29 * DAY)), (Some(7), Some(1)));
        assert_eq!(due(30 * DAY), None, "it is over: nothing is left to be reminded of");
    }

    /// Moments and policies of all kinds, without chance from outside.
    fn many() -> impl Iterator<Item = (Expiration, Vec<Moment>, Moment)> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below) as i64
        };
        (0..500).map(move |round| {
            let days = if round % 10 == 0 { None } else { Some(30 + next(151)) };
            let now = at(400 * DAY + next(1440));
            // Many at the very edge, the others anywhere.
            let changes = (0..next(40))
                .map(|_| match (next(3), days) {
                    (0, Some(days)) => now - Duration::days(days) + Duration::microseconds(next(3) - 1),
                    (1, Some(days)) => now - Duration::days(days) + Duration::weeks(next(26)),
                    _ => now - Duration::minutes(next(400 * 1440)),
                })
                .collect();
            (Expiration::stored(days), changes, now)
        })
    }

    #[test]
    fn a_forecast_never_says_anything_else_than_what_happens() {
        for (policy, changes, now) in many() {
            let seen = forecast(policy, &changes, changes.first().copied(), now);
            let expired = |at: Moment| {
                let is_over = |changed: &&Moment| matches!(policy.decide(&Some(**changed), at), Expiry::Expired(_));
                changes.iter().filter(is_over).count()
            };
            assert_eq!(seen.at_once, expired(now));
            let mut sum = seen.at_once;
            for (week, more) in (1_i64..).zip(seen.weeks) {
                sum += more;
                assert_eq!(sum, expired(now + Duration::weeks(week)), "after {week} weeks of {policy:?}");
            }
            assert_eq!(seen.users, changes.len());
            assert_eq!(sum, if policy == Expiration::OFF { 0 } else { changes.len() });
        }
    }
}
