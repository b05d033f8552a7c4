//! The seal of the audit log: each event gets one within seconds. It is a hash over the event's place in its chain, its
//! content and the hash before, signed with a key of the configuration; so whoever can write the database, but does not
//! have the key, changes, removes or reorders nothing that was sealed without it being found (ASVS 16.4.2).
//!
//! A chain is the log of one organization, or that of the installation. [`sealing`] makes seals, [`verify`] looks at all
//! of them in the database, [`file`] at those that an export carries, with nothing but a public key.

pub mod acknowledged;
mod chain;
pub mod file;
mod findings;
pub mod heads;
pub mod keys;
pub mod sealing;
mod store;
pub mod verify;

pub use chain::{Chain, NOTHING, Seal};
pub use findings::{Finding, Findings, Wrong};
pub use keys::{PublicKey, PublicKeys, Signed, Signer};
pub(crate) use store::{after, begin_after, chains_with_old, erase, hold};
pub use store::{newest, of_events};

use super::store::Entry;
use crate::base::digest::Digest;

/// The digest of everything that is ever shown of an event, in this order. What is absent differs from what is empty.
pub fn content(chain: &str, entry: &Entry) -> Digest {
    let given = |text: &str| [&[1], text.as_bytes()].concat();
    let maybe = |text: &Option<String>| text.as_deref().map_or(vec![0], given);
    // Without `..`: a field that is not named here does not compile.
    let Entry {
        id,
        reference,
        at,
        event,
        result,
        reason,
        actor_kind,
        actor_id,
        actor_name,
        target_kind,
        target_id,
        target_name,
        details,
        address,
        user_agent,
        request_id,
        count,
    } = entry;
    let parts = [
        b"vestibule audit event 1".to_vec(),
        given(chain),
        given(id.as_str()),
        given(reference),
        at.micros().to_be_bytes().to_vec(),
        given(event),
        given(result.word()),
        maybe(reason),
        given(actor_kind.word()),
        maybe(actor_id),
        maybe(actor_name),
        maybe(target_kind),
        maybe(target_id),
        maybe(target_name),
        given(details),
        maybe(address),
        maybe(user_agent),
        maybe(request_id),
        count.to_be_bytes().to_vec(),
    ];
    Digest::of(&parts.each_ref().map(Vec::as_slice))
}

/// The hash of a seal: of its place, of what it seals, and of the seal before.
pub fn hash(chain: &str, number: i64, content: &Digest, before: &[u8]) -> Digest {
    Digest::of(&[b"vestibule audit seal 1", chain.as_bytes(), &number.to_be_bytes(), content.as_bytes(), before])
}

/// What is signed where retention has cut a chain: that it begins after this seal.
pub(crate) fn cut(chain: &str, number: i64, hash: &Digest) -> Digest {
    Digest::of(&[b"vestibule audit cut 1", chain.as_bytes(), &number.to_be_bytes(), hash.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::moment::Moment;
    use crate::platform::events::{ActorKind, Outcome};

    fn entry() -> Entry {
        Entry { reason: Some(String::new()), ..Entry::example("{}") }
    }

    /// Every single change of an event, of which there must be one for each of its fields.
    fn changed() -> Vec<(&'static str, Entry)> {
        let words = || Some("x".to_owned());
        let at = |micros| Moment::from_micros(micros).unwrap();
        let id = crate::base::entropy::FreshId("0195a3c5-0000-7000-8000-000000000002".to_owned()).into();
        vec![
            ("id", Entry { id, ..entry() }),
            ("reference", Entry { reference: "ABCD-EFGI".to_owned(), ..entry() }),
            ("at", Entry { at: at(1), ..entry() }),
            ("event", Entry { event: "logout".to_owned(), ..entry() }),
            ("result", Entry { result: Outcome::Failed, ..entry() }),
            ("reason", Entry { reason: None, ..entry() }),
            ("actor_kind", Entry { actor_kind: ActorKind::Operator, ..entry() }),
            ("actor_id", Entry { actor_id: words(), ..entry() }),
            ("actor_name", Entry { actor_name: words(), ..entry() }),
            ("target_kind", Entry { target_kind: words(), ..entry() }),
            ("target_id", Entry { target_id: words(), ..entry() }),
            ("target_name", Entry { target_name: words(), ..entry() }),
            ("details", Entry { details: "{} ".to_owned(), ..entry() }),
            ("address", Entry { address: words(), ..entry() }),
            ("user_agent", Entry { user_agent: words(), ..entry() }),
            ("request_id", Entry { request_id: words(), ..entry() }),
            ("count", Entry { count: 2, ..entry() }),
        ]
    }

    #[test]
    fn asvs_16_4_2_the_content_tells_every_field_of_an_event() {
        let mut seen = vec![content("c", &entry()), content("d", &entry())];
        assert_ne!(seen[0], seen[1], "the chain");
        for (field, entry) in changed() {
            let digest = content("c", &entry);
            assert!(!seen.contains(&digest), "{field}");
            seen.push(digest);
        }
        // As many as an event has, so that a new one is not forgotten here.
        let fields =
            format!("{:?}", entry()).matches(": ").count() - format!("{:?}", entry().details).matches(": ").count();
        assert!(fields >= changed().len(), "{fields}");
    }

    #[test]
    fn a_hash_tells_place_content_and_what_was_before() {
        let one = content("c", &entry());
        let seals = [
            hash("c", 1, &one, &NOTHING),
            hash("d", 1, &one, &NOTHING),
            hash("c", 2, &one, &NOTHING),
            hash("c", 1, &content("d", &entry()), &NOTHING),
            hash("c", 1, &one, &[1; 32]),
            cut("c", 1, &hash("c", 1, &one, &NOTHING)),
        ];
        for (place, seal) in seals.iter().enumerate() {
            assert!(!seals[..place].contains(seal), "{place}");
        }
    }
}
