//! Providers' keys, kept in memory by issuer: asked for anew when an hour old or when a token names an unknown one, used for
//! a day at most, and fetched once however many logins wait for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Duration;
use openidconnect::core::CoreJsonWebKeySet;

use super::Configuration;
use super::metadata;
use super::refusal::Refused;
use crate::clock::Clock;
use crate::outbound::Outbound;
use crate::store::types::Moment;

/// Minutes after which keys are asked for anew.
const FRESH_MINUTES: i64 = 60;
/// Hours after which keys are not used, even where no others can be had.
const LONGEST_HOURS: i64 = 24;
/// Seconds between two fetches that an unknown key, or a provider that does not answer, can cause.
const FLOOR_SECONDS: i64 = 60;
/// Seconds for which a failed fetch answers everybody who has no keys at all.
const PAUSE_SECONDS: i64 = 5;

/// The keys of all providers. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    providers: Arc<Mutex<HashMap<[String; 2], Arc<Entry>>>>,
}

/// A key set as it was fetched.
pub type Held = Arc<CoreJsonWebKeySet>;

#[derive(Debug, Default)]
struct Entry {
    state: Mutex<State>,
    /// Whoever holds it fetches; the others wait, or go on with what there is.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug, Default)]
struct State {
    held: Option<(Held, Moment)>,
    /// The last fetch for an unknown key.
    forced: Option<Moment>,
    /// The last fetch that failed, and how.
    failed: Option<(Moment, Refused)>,
}

impl Keys {
    /// The keys to verify with.
    pub(super) async fn current(
        &self,
        outbound: &Outbound,
        clock: &dyn Clock,
        configuration: &Configuration,
    ) -> Result<Held, Refused> {
        let entry = self.entry(configuration);
        let now = clock.now();
        let before = entry.state();
        let usable = before.held.filter(|(_, at)| now.since(*at) < Duration::hours(LONGEST_HOURS));
        if let Some((held, at)) = usable {
            let waits = before.failed.is_some_and(|(at, _)| now.since(at) < Duration::seconds(FLOOR_SECONDS));
            if now.since(at) < Duration::minutes(FRESH_MINUTES) || waits {
                return Ok(held);
            }
            // Nobody waits for the refresh of keys that still count.
            let Ok(_flight) = entry.flight.try_lock() else {
                return Ok(held);
            };
            return Ok(entry.fetch(outbound, clock, configuration).await.unwrap_or(held));
        }
        let _flight = entry.flight.lock().await;
        let (after, now) = (entry.state(), clock.now());
        match (after.held, after.failed) {
            (Some((held, at)), _) if now.since(at) < Duration::hours(LONGEST_HOURS) => Ok(held),
            (_, Some((at, refused))) if now.since(at) < Duration::seconds(PAUSE_SECONDS) => Err(refused),
            _ => entry.fetch(outbound, clock, configuration).await,
        }
    }

    /// Other keys than `known`, which do not hold the one that a token names; `None` where they are not to be had now.
    pub(super) async fn renewed(
        &self,
        outbound: &Outbound,
        clock: &dyn Clock,
        configuration: &Configuration,
        known: &Held,
    ) -> Option<Held> {
        let entry = self.entry(configuration);
        let _flight = entry.flight.lock().await;
        let now = clock.now();
        let state = entry.state();
        if let Some((held, _)) = state.held.filter(|(held, _)| !Arc::ptr_eq(held, known)) {
            return Some(held);
        }
        // The floor counts forced fetches alone, so that keys which change right after a regular one are found.
        if state.forced.is_some_and(|at| now.since(at) < Duration::seconds(FLOOR_SECONDS)) {
            return None;
        }
        entry.change(|state| state.forced = Some(now));
        entry.fetch(outbound, clock, configuration).await.ok()
    }

    /// By issuer and by where its keys are: a configuration cannot put its keys in another's place.
    fn entry(&self, configuration: &Configuration) -> Arc<Entry> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = [configuration.issuer.clone(), configuration.jwks_uri.clone()];
        providers.entry(key).or_default().clone()
    }
}

impl Entry {
    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Fetches; the caller holds the flight. What was held stays where nothing better came.
    async fn fetch(
        &self,
        outbound: &Outbound,
        clock: &dyn Clock,
        configuration: &Configuration,
    ) -> Result<Held, Refused> {
        let fetched = metadata::fetch_keys(outbound, &configuration.jwks_uri).await.map(Arc::new);
        let now = clock.now();
        self.change(|state| match &fetched {
            Ok(held) => (state.held, state.failed) = (Some((held.clone(), now)), None),
            Err(refused) => state.failed = Some((now, refused.clone())),
        });
        fetched
    }
}
