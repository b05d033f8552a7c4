//! Counters that slow guessing down: kept in the database, so that instances share them and restarts keep them; keyed
//! by digests, so that typed names of accounts that do not exist are not stored (docs/rules.md section 6, ASVS 6.3.1).
//!
//! A login that fails is counted when its answer is decided, in the same transaction, and a login that succeeds looks
//! at the lock once more there: of many tries at once, no more count as tried than would have one after another.

mod login;
mod row;

pub use login::{Counted, Locks, LoginLimit, LoginThrottle, ThrottleState};
pub use row::Subject;

use chrono::Duration;
use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::network::{network, wide_network};
use crate::platform::store::schema::throttles;
use crate::platform::store::{StoreError, Work};
use row::{Row, hold, keep};

/// Lifts every lock of a user's account: a password reset does, an administrator and the operator can. Returns how many
/// there were.
pub fn lift(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<usize, StoreError> {
    let now = work.now();
    let rows = throttles::table
        .filter(throttles::organization_id.eq(organization.clone()))
        .filter(throttles::user_id.eq(user.clone()))
        .filter(throttles::subject.eq_any([Subject::Account.word(), Subject::Browser.word()]));
    let locked: i64 = rows.clone().filter(throttles::locked_until.gt(Some(now))).count().get_result(work.conn())?;
    diesel::delete(rows).execute(work.conn())?;
    Ok(usize::try_from(locked).unwrap_or_default())
}

/// How many times what one network may is what a whole /48 may.
const WIDE: i64 = 4;

/// Whether one more of `subject` is within its limit; counts it when it is. `Err(until)` says when there is room again.
pub fn allow(
    work: &mut Work<'_>,
    subject: Subject,
    parts: &[&str],
    limit: i64,
    window: Duration,
) -> Result<Result<(), Moment>, StoreError> {
    let key = key(work, subject, parts);
    allow_row(work, &key, subject, None, limit, window)
}

fn key(work: &Work<'_>, subject: Subject, parts: &[&str]) -> Digest {
    let mut all = vec![subject.word().as_bytes()];
    all.extend(parts.iter().map(|part| part.as_bytes()));
    work.keys().digest(&all)
}

fn allow_row(
    work: &mut Work<'_>,
    key: &Digest,
    subject: Subject,
    owner: Option<(OrganizationId, UserId)>,
    limit: i64,
    window: Duration,
) -> Result<Result<(), Moment>, StoreError> {
    let now = work.now();
    let mut row = hold(work, key, subject, owner)?;
    if now.since(row.since) >= window {
        (row.count, row.since) = (1, now);
    }
    row.expires_at = row.since + window;
    let until = row.expires_at;
    let outcome = if row.count > limit { Err(until) } else { Ok(()) };
    row.count = row.count.min(limit);
    keep(work, row)?;
    Ok(outcome)
}

/// Like [`allow`], of what one part of a user's browsers does; administrators see it with the user and can forget it.
pub fn allow_user(
    work: &mut Work<'_>,
    subject: Subject,
    user: (&OrganizationId, &UserId),
    part: &str,
    limit: i64,
    window: Duration,
) -> Result<Result<(), Moment>, StoreError> {
    let key = key(work, subject, &[user.0.as_str(), user.1.as_str(), part]);
    let owner = (user.0.clone(), user.1.clone());
    allow_row(work, &key, subject, Some(owner), limit, window)
}

/// Takes a place of `subject`: there are so many in this window and in each of the next, so many windows in all. Says when
/// it is due: now, or when its window begins. Past the last window, what is asked for shares the last place, so that
/// nothing waits longer.
pub fn reserve(
    work: &mut Work<'_>,
    subject: Subject,
    parts: &[&str],
    (limit, windows): (i64, i64),
    window: Duration,
) -> Result<Place, StoreError> {
    let (key, now) = (key(work, subject, parts), work.now());
    let mut row = hold(work, &key, subject, None)?;
    (row.count, row.since) = aged(row.count - 1, row.since, now, limit, window);
    let begins = |ahead: i64| row.since + window * i32::try_from(ahead).unwrap_or(i32::MAX);
    let ahead = row.count / limit.max(1);
    let place = match ahead {
        0 => Place::Now,
        ahead if ahead < windows => Place::At(begins(ahead)),
        _ => Place::Shared(begins(windows - 1)),
    };
    row.expires_at = begins(ahead.min(windows - 1) + 1);
    row.count += i64::from(!matches!(place, Place::Shared(_)));
    keep(work, row)?;
    Ok(place)
}

/// A place that [`reserve`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this window.
    Now,
    /// In a later one, which begins then.
    At(Moment),
    /// None was free in any of them.
    Shared(Moment),
}

impl Place {
    /// When it is due, if it has to wait.
    pub fn later(self) -> Option<Moment> {
        match self {
            Self::Now => None,
            Self::At(due) | Self::Shared(due) => Some(due),
        }
    }
}

/// How many places of this window [`reserve`] would give for each of these parts, and when the next window begins.
pub fn places(
    work: &mut Work<'_>,
    subject: Subject,
    parts: &[Vec<&str>],
    limit: i64,
    window: Duration,
) -> Result<Vec<i64>, StoreError> {
    let keys: Vec<Digest> = parts.iter().map(|parts| key(work, subject, parts)).collect();
    let rows = throttles::table.filter(throttles::key.eq_any(keys.clone())).select((
        throttles::key,
        throttles::count,
        throttles::since,
    ));
    let rows: Vec<(Digest, i64, Moment)> = rows.load(work.conn())?;
    let now = work.now();
    let left = |key: &Digest| {
        let taken = rows.iter().find(|(found, ..)| found == key);
        let taken = taken.map_or(0, |(_, count, since)| aged(*count, *since, now, limit, window).0);
        (limit - taken).max(0)
    };
    Ok(keys.iter().map(left).collect())
}

/// What is taken of a window that began at `since`, and when the present one began.
fn aged(count: i64, since: Moment, now: Moment, limit: i64, window: Duration) -> (i64, Moment) {
    let passed = now.since(since).num_milliseconds().max(0) / window.num_milliseconds().max(1);
    match count - passed.saturating_mul(limit) {
        _ if passed == 0 => (count, since),
        left if left > 0 => (left, since + window * i32::try_from(passed).unwrap_or(i32::MAX)),
        _ => (0, now),
    }
}

/// What [`allow_user`] counted was none.
pub fn give_back(
    work: &mut Work<'_>,
    subject: Subject,
    user: (&OrganizationId, &UserId),
    part: &str,
) -> Result<(), StoreError> {
    let key = key(work, subject, &[user.0.as_str(), user.1.as_str(), part]);
    let counted = throttles::table.filter(throttles::key.eq(key)).filter(throttles::count.gt(0));
    diesel::update(counted).set(throttles::count.eq(throttles::count - 1)).execute(work.conn())?;
    Ok(())
}

/// Forgets counters of a user.
pub fn forget(work: &mut Work<'_>, user: (&OrganizationId, &UserId), subjects: &[Subject]) -> Result<(), StoreError> {
    let words: Vec<&str> = subjects.iter().map(|subject| subject.word()).collect();
    let rows = throttles::table
        .filter(throttles::organization_id.eq(user.0.clone()))
        .filter(throttles::user_id.eq(user.1.clone()))
        .filter(throttles::subject.eq_any(words));
    diesel::delete(rows).execute(work.conn())?;
    Ok(())
}

/// Like [`allow`], by the network that the request comes from and by the /48 around it.
pub fn allow_network(
    work: &mut Work<'_>,
    subject: Subject,
    parts: &[&str],
    limit: i64,
    window: Duration,
) -> Result<Result<(), Moment>, StoreError> {
    let address = work.origin().address;
    let place = address.map(network).unwrap_or_default();
    let mut all = vec![place.as_str()];
    all.extend(parts);
    if let Err(until) = allow(work, subject, &all, limit, window)? {
        return Ok(Err(until));
    }
    let Some(around) = address.and_then(wide_network) else {
        return Ok(Ok(()));
    };
    all[0] = &around;
    allow(work, subject, &all, limit.saturating_mul(WIDE), window)
}
