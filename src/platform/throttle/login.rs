//! The counters that a login touches, and what they say of an attempt before and after its password was looked at.

use std::net::IpAddr;

use chrono::Duration;
use diesel::dsl;
use diesel::prelude::*;

use super::{Row, Subject, hold, keep};
use crate::base::digest::Digest;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::network::{network, wide_network};
use crate::platform::config::Limits;
use crate::platform::store::schema::throttles;
use crate::platform::store::{self, StoreError, Work};

/// The counters that one login touches.
#[derive(Clone, Debug)]
pub struct LoginThrottle {
    /// The account's counter for this browser: its own when it is known there, else that of all unknown ones.
    account_key: Digest,
    known: bool,
    network: Digest,
    /// The counter of the /48 around the network; the network's own where there is none.
    wide: Digest,
    owner: Option<(OrganizationId, UserId)>,
}

/// How an attempt stands before the password is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginLimit {
    /// It may try.
    Free,
    /// The account is locked for this browser until then.
    Locked(Moment),
    /// The network's unknown browsers pause until then.
    Paused(Moment),
}

/// What the counters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleState {
    /// How the attempt stands.
    pub limit: LoginLimit,
    /// Whether there is a counter to start over after a right password.
    pub failed_before: bool,
}

/// What a wrong password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a lock that an attempt causes is recorded and its user is told (login::lock_event)"]
pub struct Counted {
    /// How the next attempt stands.
    pub limit: LoginLimit,
    /// Whether this failure locked the account.
    pub locked_now: bool,
    /// The attempt ended after the lock or pause of another one: it was not counted.
    pub turned_away: bool,
}

type Key = dsl::Eq<throttles::key, Digest>;
type Held = dsl::Or<dsl::Or<Key, Key>, Key>;
/// What [`LoginThrottle::locks`] finds.
pub type Locks = dsl::Filter<dsl::Filter<throttles::table, Held>, dsl::Gt<throttles::locked_until, Option<Moment>>>;

impl LoginThrottle {
    /// The throttle of an account as typed. `owner` is the user behind it, if there is one; `browser` is the token of a
    /// browser that has logged into this account before.
    pub fn new(
        work: &Work<'_>,
        organization: &str,
        email: &str,
        browser: Option<&Digest>,
        address: Option<IpAddr>,
        owner: Option<(OrganizationId, UserId)>,
    ) -> Self {
        let keys = work.keys();
        let (place, around) = (address.map(network).unwrap_or_default(), address.and_then(wide_network));
        let parts = [organization.as_bytes(), email.as_bytes()];
        let account_key = match browser {
            Some(token) => keys.digest(&[b"browser", parts[0], parts[1], token.as_bytes()]),
            None => keys.digest(&[b"account", parts[0], parts[1]]),
        };
        let network = keys.digest(&[b"network", place.as_bytes()]);
        let wide = around.map(|around| keys.digest(&[b"wide network", around.as_bytes()]));
        Self { account_key, known: browser.is_some(), wide: wide.unwrap_or_else(|| network.clone()), network, owner }
    }

    /// How an attempt stands now.
    pub fn state(&self, work: &mut Work<'_>) -> Result<ThrottleState, StoreError> {
        let held = throttles::key
            .eq(self.account_key.clone())
            .or(throttles::key.eq(self.network.clone()))
            .or(throttles::key.eq(self.wide.clone()));
        let counters = throttles::table.filter(held).select((throttles::key, throttles::locked_until));
        let counters: Vec<(Digest, Option<Moment>)> = store::on_engine!(work.conn(), own => counters.load(own))?;
        let now = work.now();
        let counter = |key: &Digest| counters.iter().find(|(counted, _)| counted == key).map(|(_, until)| *until);
        let until = |key: &Digest| counter(key).flatten().filter(|until| *until > now);
        let limit = self.limit(until(&self.account_key), until(&self.network).max(until(&self.wide)));
        Ok(ThrottleState { limit, failed_before: counter(&self.account_key).is_some() })
    }

    fn limit(&self, locked: Option<Moment>, paused: Option<Moment>) -> LoginLimit {
        match (locked, paused) {
            (Some(until), _) => LoginLimit::Locked(until),
            (None, Some(until)) if !self.known => LoginLimit::Paused(until),
            _ => LoginLimit::Free,
        }
    }

    /// Counts a wrong password. The counters are held, always in the same order, before they are looked at: an attempt that
    /// ends after another one has locked or paused is not counted, however many instances there are.
    pub fn failed(&self, work: &mut Work<'_>, limits: &Limits) -> Result<Counted, StoreError> {
        let now = work.now();
        let mut wide = match self.wide == self.network {
            true => None,
            false => Some(hold(work, &self.wide, Subject::WideNetwork, None)?),
        };
        let mut network = hold(work, &self.network, Subject::Network, None)?;
        let subject = if self.known { Subject::Browser } else { Subject::Account };
        let mut account = hold(work, &self.account_key, subject, self.owner.clone())?;
        let paused = |network: &Row, wide: &Option<Row>| {
            network.locked(now).max(wide.as_ref().and_then(|wide| wide.locked(now)))
        };
        let limit = self.limit(account.locked(now), paused(&network, &wide));
        let turned_away = limit != LoginLimit::Free;
        if turned_away {
            for row in [&mut account, &mut network].into_iter().chain(&mut wide) {
                row.count -= 1;
            }
        } else {
            account.count_account(now, limits);
            network.count_network(now, limits.network_wrong_passwords, limits);
            if let Some(wide) = &mut wide {
                wide.count_network(now, limits.wide_network_wrong_passwords, limits);
            }
        }
        let limit = self.limit(account.locked(now), paused(&network, &wide));
        let locked_now = !turned_away && account.locked(now).is_some();
        for row in [Some(account), Some(network), wide].into_iter().flatten() {
            keep(work, row)?;
        }
        Ok(Counted { limit, locked_now, turned_away })
    }

    /// The counters that keep an attempt out now, as rows that a statement can ask for.
    pub fn locks(&self, now: Moment) -> Locks {
        // A browser that is known is not kept out by its network.
        let (network, wide) =
            if self.known { (&self.account_key, &self.account_key) } else { (&self.network, &self.wide) };
        throttles::table
            .filter(
                throttles::key
                    .eq(self.account_key.clone())
                    .or(throttles::key.eq(network.clone()))
                    .or(throttles::key.eq(wide.clone())),
            )
            .filter(throttles::locked_until.gt(Some(now)))
    }

    /// A right password: the counter of this account starts over, if `state` found one. A lock that came in between stays.
    pub fn succeeded(&self, work: &mut Work<'_>, state: ThrottleState) -> Result<(), StoreError> {
        if !state.failed_before {
            return Ok(());
        }
        let now = work.now();
        let free = throttles::locked_until.is_null().or(throttles::locked_until.le(Some(now)));
        let counter = throttles::table.filter(throttles::key.eq(self.account_key.clone())).filter(free);
        diesel::delete(counter).execute(work.conn())?;
        Ok(())
    }
}

impl Row {
    fn count_account(&mut self, now: Moment, limits: &Limits) {
        let day = Duration::days(1);
        if now.since(self.last_at) >= day {
            (self.count, self.rung) = (1, 0);
        }
        self.expires_at = now + day;
        if self.count >= limits.wrong_passwords {
            let longest = Duration::hours(limits.lock_hours_longest);
            let doubled = limits.lock_minutes.saturating_mul(1 << self.rung.clamp(0, 20));
            let until = now + Duration::minutes(doubled).min(longest);
            self.locked_until = Some(until);
            self.count = 0;
            self.rung += 1;
            self.expires_at = until + day;
        }
    }

    fn count_network(&mut self, now: Moment, most: i64, limits: &Limits) {
        let window = Duration::minutes(limits.network_minutes);
        if now.since(self.since) >= window {
            (self.count, self.since) = (1, now);
        }
        self.expires_at = now + window;
        if self.count >= most {
            self.locked_until = Some(now + window);
            (self.count, self.since) = (0, now);
        }
    }
}
