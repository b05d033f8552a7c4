//! Findings that the operator has acknowledged: an event of its own that carries a signature, in the log that the finding
//! is about. Who can write the database, and does not have the key, acknowledges nothing.

use std::collections::HashSet;

use data_encoding::BASE64;
use serde::Deserialize;

use super::{Chain, Finding, PublicKeys, Signed, Signer, heads};
use crate::base::digest::Digest;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{OpenTx, Recorded, StoreError, Work};

/// The facts of the event.
#[derive(Deserialize)]
struct Facts {
    finding: String,
    key: String,
    signature: String,
}

fn digest(chain: &Chain, finding: &str) -> Digest {
    Digest::of(&[b"vestibule audit acknowledgement 1", chain.word().as_bytes(), finding.as_bytes()])
}

/// Records that the operator knows of a finding.
pub fn acknowledge(tx: &mut OpenTx<'_>, chain: &Chain, finding: &Finding) -> Result<Recorded<()>, StoreError> {
    let name = finding.id.clone().unwrap_or_default();
    let signer = Signer::newest(tx.keys());
    let signature = BASE64.encode(&signer.sign(&digest(chain, &name)));
    let event = Event::done(Kind::AuditFindingAcknowledged)
        .with("finding", name.as_str())
        .with("wrong", finding.to_string())
        .with("key", signer.id())
        .with("signature", signature);
    let event = match chain.organization() {
        Some(organization) => event.within(organization),
        None => event,
    };
    tx.record(event, ())
}

/// The names of the findings of a log that were acknowledged, and rightly signed.
pub(super) fn names(work: &mut Work<'_>, keys: &PublicKeys, chain: &Chain) -> Result<HashSet<String>, StoreError> {
    let mut names = HashSet::new();
    for details in heads::acknowledgements(work, chain.organization())? {
        let Ok(facts) = serde_json::from_str::<Facts>(&details) else { continue };
        let signature = BASE64.decode(facts.signature.as_bytes()).unwrap_or_default();
        if keys.check(&facts.key, digest(chain, &facts.finding).as_bytes(), &signature) == Signed::Rightly {
            names.insert(facts.finding);
        }
    }
    Ok(names)
}
