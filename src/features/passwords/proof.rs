//! A known user shows again who they are, by the password: one flow, counted and locked like a login.
//!
//! The comparison costs a hash, so it is made outside of any transaction ([`compare`]); what it means is decided in the
//! write that it opens ([`Compared::count`]), where the password may be another one by now.

use super::Attempt;
use super::facts::{Facts, facts};
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Hasher, Password, PasswordHash, QueueFull, Share, Verdict};
use crate::base::ids::UserId;
use crate::base::moment::Moment;
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{Origin, StoreError, Work};
use crate::platform::throttle::LoginLimit;

/// A password that was compared with the one of a user.
pub(crate) struct Compared {
    attempt: Attempt,
    user: UserId,
    matches: bool,
    hash: Option<PasswordHash>,
}

/// Why nothing was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotCompared {
    /// Too many wrong passwords, until then.
    Locked(Moment),
    /// The hashing queue is full.
    Busy,
}

/// Why a user has not shown who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotShown {
    reason: Reason,
    /// Until when no password is looked at; `None` where the next try is free.
    pub(crate) until: Option<Moment>,
}

impl NotShown {
    /// The event of what was to be done.
    pub(crate) fn event(self, kind: Kind) -> Event {
        match self.reason {
            Reason::Locked => Event::refused(kind, self.reason),
            reason => Event::failed(kind, reason),
        }
    }
}

/// Compares what was typed with a hash. What is longer than any password is compared as something that never matches, at
/// the same price.
pub(crate) async fn verify(
    hasher: &Hasher,
    share: &Share,
    typed: &str,
    hash: Option<PasswordHash>,
) -> Result<(Option<Password>, Verdict), QueueFull> {
    match Password::typed(typed) {
        Some(password) => {
            let verdict = hasher.verify(share, &password, hash).await?;
            Ok((Some(password), verdict))
        }
        None => {
            let any = Password::typed("-").unwrap_or_else(|| panic!("a short password fits"));
            Ok((None, hasher.verify(share, &any, None).await?))
        }
    }
}

/// Compares what was typed with the password of `user`, whom the attempt names.
pub(crate) async fn compare(
    app: &App,
    origin: Origin,
    share: &Share,
    (attempt, user): (Attempt, UserId),
    typed: &str,
) -> Result<Result<Compared, NotCompared>, Failure> {
    let seen = attempt.clone();
    let seen = app.store.read(origin, move |tx| facts(tx, &seen)).await?;
    if let Some(until) = closed_until(seen.state.limit) {
        return Ok(Err(NotCompared::Locked(until)));
    }
    let hash = seen.hash_of(&user);
    Ok(match verify(&app.hasher, share, typed, hash.clone()).await {
        Ok((_, verdict)) => Ok(Compared { attempt, user, matches: verdict.matches, hash }),
        Err(QueueFull) => Err(NotCompared::Busy),
    })
}

impl Compared {
    /// Decides, in the write that a right password opens. A wrong one is counted, and a lock that it causes is recorded as
    /// `about` completes it.
    pub(crate) fn count(
        self,
        work: &mut Work<'_>,
        limits: &Limits,
        about: impl FnOnce(Event) -> Event,
    ) -> Result<Result<(), NotShown>, StoreError> {
        let facts: Facts = facts(work, &self.attempt)?;
        if let Some(until) = closed_until(facts.state.limit) {
            return Ok(Err(NotShown { reason: Reason::Locked, until: Some(until) }));
        }
        if self.matches && facts.hash_of(&self.user) == self.hash {
            facts.throttle.succeeded(work, facts.state)?;
            return Ok(Ok(()));
        }
        let counted = facts.throttle.failed(work, limits)?;
        if let Some(locked) = facts.lock_event(work, counted)? {
            work.also_record(about(locked))?;
        }
        let until = closed_until(counted.limit);
        let reason = if counted.turned_away && until.is_some() { Reason::Locked } else { Reason::WrongPassword };
        Ok(Err(NotShown { reason, until }))
    }
}

fn closed_until(limit: LoginLimit) -> Option<Moment> {
    match limit {
        LoginLimit::Free => None,
        LoginLimit::Locked(until) | LoginLimit::Paused(until) => Some(until),
    }
}
