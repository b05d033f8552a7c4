//! Whose share of the hash queue a hash takes: no session, organization or network takes the others' places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::ids::{OrganizationId, SessionId};
use crate::base::network::{network, wide_network};
use crate::platform::store::Origin;

/// Hashes that one session may have in the queue or at work: its user's two tabs.
const OF_SESSION: usize = 2;

/// On whose account a hash waits. An organization is counted only where the caller has shown to belong to it: a name that
/// a stranger types takes nothing from it.
#[derive(Clone, Debug)]
pub struct Share {
    one: Option<String>,
    many: Vec<String>,
}

impl Share {
    /// Of a visitor: of the network, and of the /48 around it.
    pub fn of(origin: &Origin) -> Self {
        let place = origin.address.map(network).unwrap_or_default();
        let around = origin.address.and_then(wide_network);
        Self { one: None, many: [place].into_iter().chain(around).collect() }
    }

    /// Of a session as well, and of its organization.
    pub fn and_session(self, session: &SessionId, organization: &OrganizationId) -> Self {
        self.and_holder(session.as_str(), organization)
    }

    /// In whose line it waits: that of the organization or of the widest network, so that more sessions or addresses make
    /// only one turn.
    pub(super) fn line(&self) -> &str {
        self.many.last().map_or("", String::as_str)
    }

    /// Of the holder of a secret of an organization's user, such as a mailed link.
    pub fn and_holder(mut self, secret: &str, organization: &OrganizationId) -> Self {
        self.one = Some(secret.to_owned());
        self.many.push(organization.to_string());
        self
    }
}

/// What waits or is at work, by whose share it is.
pub(super) type Held = Arc<Mutex<HashMap<String, usize>>>;

/// Places in the shares that a hash takes, given back when it is done or its caller has gone.
pub(super) struct Places {
    held: Held,
    keys: Vec<String>,
}

impl Places {
    pub(super) fn take(held: &Held, share: &Share, of_many: usize) -> Option<Self> {
        let wanted = share.one.iter().map(|key| (key, OF_SESSION)).chain(share.many.iter().map(|key| (key, of_many)));
        let mut counts = held.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.clone().any(|(key, most)| counts.get(key).is_some_and(|count| *count >= most)) {
            return None;
        }
        let keys: Vec<String> = wanted.map(|(key, _)| key.clone()).collect();
        for key in &keys {
            *counts.entry(key.clone()).or_default() += 1;
        }
        Some(Self { held: held.clone(), keys })
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        let mut counts = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            if let Some(count) = counts.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Hasher;
    use crate::base::entropy::{Entropy, SystemEntropy};
    use crate::platform::config;

    fn settings() -> config::Hashing {
        config::Hashing { memory_kib: 64, passes: 1, lanes: 1, threads: 1, queue: 32 }
    }

    fn from(address: &str) -> Share {
        Share::of(&Origin { address: address.parse().ok(), ..Origin::default() })
    }

    /// How many of `many` hashes that are asked for at once are let in while the only thread is held.
    async fn let_in(hasher: &Hasher, shares: impl Fn(usize) -> Share, many: usize) -> usize {
        let refused = hasher.refused();
        let (free, held) = flume::bounded::<()>(0);
        let other = from("203.0.113.1");
        let busy = hasher.run(&other, move |_| held.recv().is_err());
        let asked = futures_util::future::join_all((0..many).map(|number| {
            let share = shares(number);
            async move { hasher.run(&share, |_| ()).await.is_ok() }
        }));
        let (_, asked, ()) = tokio::join!(busy, asked, async {
            tokio::task::yield_now().await;
            drop(free);
        });
        assert_eq!(asked.iter().filter(|one| !**one).count() as u64, hasher.refused() - refused);
        asked.into_iter().filter(|one| *one).count()
    }

    /// Shows ASVS 2.4.1.
    #[tokio::test]
    async fn one_session_takes_only_its_share_of_the_hash_queue() {
        let hasher = Hasher::start(&settings(), &SystemEntropy).unwrap();
        let id = |number: i64| {
            let moment = chrono::DateTime::UNIX_EPOCH + chrono::Duration::seconds(number);
            let entropy: &dyn Entropy = &SystemEntropy;
            entropy.id(crate::base::moment::Moment::new(moment))
        };
        let (session, organization): (SessionId, OrganizationId) = (id(0).into(), id(1).into());
        let one = |number: usize| from(&format!("198.51.100.{number}")).and_session(&session, &organization);
        assert_eq!(let_in(&hasher, one, 30).await, 2, "one session from many networks");
        let many =
            |number: usize| from(&format!("198.51.100.{number}")).and_session(&id(number as i64).into(), &organization);
        assert_eq!(let_in(&hasher, many, 30).await, 17, "one organization with many sessions");
        assert_eq!(let_in(&hasher, |number| from(&format!("198.51.100.{number}")), 30).await, 30, "many visitors");
    }

    /// Shows ASVS 2.4.1.
    #[tokio::test]
    async fn one_48_takes_only_its_share_of_the_hash_queue() {
        let hasher = Hasher::start(&settings(), &SystemEntropy).unwrap();
        assert_eq!(let_in(&hasher, |number| from(&format!("2001:db8:1:{number:x}::1")), 30).await, 17);
        assert_eq!(let_in(&hasher, |_| from("192.0.2.1"), 30).await, 17, "one IPv4 address");
        assert_eq!(let_in(&hasher, |number| from(&format!("2001:db8:{number:x}::1")), 30).await, 30, "many");
        assert!(hasher.held.lock().unwrap().is_empty(), "places are given back");
    }
}
