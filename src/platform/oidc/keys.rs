//! Providers' keys, kept in memory by issuer: asked for anew when an hour old or when a token names an unknown one, used for
//! a day at most, and fetched once however many logins wait for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Duration;

use super::keyset::KeySet;
use super::refusal::Refused;
use super::{Configuration, metadata};
use crate::base::clock::Clock;
use crate::base::moment::Moment;
use crate::platform::outbound::Outbound;

/// Minutes after which keys are asked for anew.
const FRESH_MINUTES: i64 = 60;
/// Hours after which keys are not used, even where no others can be had.
const LONGEST_HOURS: i64 = 24;
/// Seconds between two fetches that an unknown key, or a provider that does not answer, can cause.
const FLOOR_SECONDS: i64 = 60;
/// Seconds for which a failed fetch answers everybody who has no keys at all.
const PAUSE_SECONDS: i64 = 5;
/// Most key sets that are kept.
const MOST_SETS: usize = 2_000;
/// Most bytes that all kept sets take together, about.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The keys of all providers. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    providers: Arc<Mutex<Providers>>,
}

#[derive(Debug, Default)]
struct Providers {
    entries: HashMap<[String; 2], Slot>,
    uses: u64,
}

#[derive(Debug)]
struct Slot {
    entry: Arc<Entry>,
    /// By the count of all uses: the smallest is the one that was not used for longest.
    used: u64,
}

impl Providers {
    fn bytes(&self) -> usize {
        self.entries.values().map(|slot| slot.entry.bytes()).sum()
    }

    /// Drops what was not used for longest until the rest is within the limits.
    fn shrink(&mut self) {
        while self.entries.len() > MOST_SETS || (self.entries.len() > 1 && self.bytes() > MOST_BYTES) {
            let oldest = self.entries.iter().min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            self.entries.remove(&oldest);
        }
    }
}

/// A key set as it was fetched.
pub type Held = Arc<KeySet>;

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

    /// Other keys than `known`, none of which signed a token; `None` where they are not to be had now.
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

    /// How many key sets are kept.
    pub fn count(&self) -> usize {
        self.providers().entries.len()
    }

    fn providers(&self) -> std::sync::MutexGuard<'_, Providers> {
        self.providers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By issuer and by where its keys are: a configuration cannot put its keys in another's place.
    fn entry(&self, configuration: &Configuration) -> Arc<Entry> {
        let mut providers = self.providers();
        let key = [configuration.issuer.clone(), configuration.keys_address()];
        providers.uses += 1;
        let used = providers.uses;
        let is_new = !providers.entries.contains_key(&key);
        let slot = providers.entries.entry(key).or_insert_with(|| Slot { entry: Arc::default(), used });
        slot.used = used;
        let entry = slot.entry.clone();
        if is_new {
            providers.shrink();
        }
        entry
    }
}

impl Entry {
    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn bytes(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held.as_ref().map_or(0, |(held, _)| held.bytes())
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
        let fetched = metadata::fetch_keys(outbound, &configuration.keys_address()).await.map(Arc::new);
        let now = clock.now();
        self.change(|state| match &fetched {
            Ok(held) => (state.held, state.failed) = (Some((held.clone(), now)), None),
            Err(refused) => state.failed = Some((now, refused.clone())),
        });
        fetched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::oidc::{ClientAuthentication, Provider};

    #[test]
    fn kept_key_sets_are_bounded_and_the_least_used_goes_first() {
        let keys = Keys::default();
        let of = |number: usize| Configuration {
            provider: Provider::Other,
            issuer: format!("https://{number}.idp.example"),
            authorization_url: String::new(),
            token_url: String::new(),
            jwks_uri: "https://idp.example/keys".into(),
            userinfo_url: None,
            tenant: None,
            client_id: "vestibule".into(),
            client_authentication: ClientAuthentication::Post,
            own_addresses: false,
            names_itself: false,
        };
        let first = keys.entry(&of(0));
        for number in 1..MOST_SETS + 100 {
            keys.entry(&of(number));
            assert!(Arc::ptr_eq(&keys.entry(&of(0)), &first), "what is used stays");
        }
        assert_eq!(keys.count(), MOST_SETS);
        let large = Arc::new(KeySet::read(large_set().as_bytes()));
        let fits = MOST_BYTES / large.bytes();
        assert!(fits < MOST_SETS, "{fits}");
        for number in 1..fits + 10 {
            keys.entry(&of(10_000 + number)).change(|state| state.held = Some((large.clone(), Moment::EPOCH)));
        }
        keys.entry(&of(0));
        keys.entry(&of(99_999));
        assert!(keys.providers().bytes() <= MOST_BYTES);
    }

    fn large_set() -> String {
        let n = data_encoding::BASE64URL_NOPAD.encode(&[0xc1; 512]);
        let key = format!(r#"{{"kty": "RSA", "kid": "{}", "n": "{n}", "e": "AQAB"}}"#, "x".repeat(512));
        format!(r#"{{"keys": [{}]}}"#, vec![key; 100].join(","))
    }
}
