//! What a network may ask for in a minute where nothing else counts it: requests without a password that could be wrong.
//! Kept in memory, for each instance: what is bounded is the work of this process, and a row for each would be the flood.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::Duration;

use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::base::network::network;

/// Networks that are counted apart in one minute; the rest shares one counter.
const MOST_NETWORKS: usize = 20_000;
const SECONDS: i64 = 60;

/// A counter of one kind of request for each network.
#[derive(Debug)]
pub struct Pace {
    most: u32,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    minute: i64,
    networks: HashMap<String, u32>,
}

/// The counters of this instance.
#[derive(Debug)]
pub struct Paces {
    /// Looks at the strength of a password that is being typed.
    pub strength: Pace,
    /// Sign-ups begun.
    pub sign_ups: Pace,
    /// Integration tests of identity providers.
    pub integration_tests: Tests,
}

impl Default for Paces {
    fn default() -> Self {
        Self { strength: Pace::new(120), sign_ups: Pace::new(30), integration_tests: Tests::default() }
    }
}

impl Pace {
    fn new(most: u32) -> Self {
        Self { most, counted: Mutex::default() }
    }

    /// How many there may be in a minute.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// Counts one more; `Err` says in how many seconds there is room again.
    pub fn allow(&self, address: Option<IpAddr>, now: Moment) -> Result<(), i64> {
        let seconds = now.millis().div_euclid(1000);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.minute != seconds.div_euclid(SECONDS) {
            *counted = Counted { minute: seconds.div_euclid(SECONDS), networks: HashMap::new() };
        }
        let mut place = address.map(network).unwrap_or_default();
        if counted.networks.len() >= MOST_NETWORKS && !counted.networks.contains_key(&place) {
            place.clear();
        }
        let count = counted.networks.entry(place).or_default();
        *count = count.saturating_add(1);
        if *count > self.most { Err(SECONDS - seconds.rem_euclid(SECONDS)) } else { Ok(()) }
    }
}

/// Most tests of an organization in an hour.
const MOST_TESTS: u32 = 30;

/// Integration tests of identity providers in the last hour, by organization: each asks addresses that an owner typed.
#[derive(Debug, Default)]
pub struct Tests {
    counted: Mutex<HashMap<OrganizationId, (Moment, u32)>>,
}

impl Tests {
    /// Counts one more test; `Err` says when there is room again.
    pub fn allow(&self, organization: &OrganizationId, now: Moment) -> Result<(), Moment> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = Duration::hours(1);
        counted.retain(|_, (since, _)| now.since(*since) < hour);
        let (since, count) = counted.entry(organization.clone()).or_insert((now, 0));
        if *count >= MOST_TESTS {
            return Err(*since + hour);
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::new(chrono::DateTime::from_timestamp(seconds, 0).unwrap())
    }

    #[test]
    fn a_network_has_its_own_room_each_minute() {
        let pace = Pace::new(2);
        let from = |text: &str| Some(text.parse().unwrap());
        let outcomes = [0, 1, 10].map(|seconds| pace.allow(from("203.0.113.5"), at(seconds)));
        assert_eq!(outcomes, [Ok(()), Ok(()), Err(50)]);
        assert_eq!(pace.allow(from("203.0.113.6"), at(11)), Ok(()));
        assert_eq!(pace.allow(from("203.0.113.5"), at(60)), Ok(()));
        assert_eq!(pace.allow(from("2001:db8::1"), at(60)).and(pace.allow(from("2001:db8::2"), at(60))), Ok(()));
        assert!(pace.allow(from("2001:db8::3"), at(60)).is_err(), "one /64 is one network");
    }

    #[test]
    fn random_networks_leave_a_bounded_memory() {
        let pace = Pace::new(2);
        for number in 0..30_000_u32 {
            pace.allow(Some(IpAddr::from(number.to_be_bytes())), at(0)).ok();
        }
        assert!(pace.counted.lock().unwrap().networks.len() <= MOST_NETWORKS + 1);
    }
}
