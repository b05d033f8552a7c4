//! The seals of the audit log under a new key: each is signed again, and the public half of the old key is kept, signed by
//! the new one, for files that were exported before.
//!
//! What is signed again is the hash that the old key had signed, so nothing is vouched for that was not before: a seal whose
//! signature is wrong stays as it is, for `audit verify` to find.

use crate::features::audit::seal::keys::{self, Again, Signatures};
use crate::features::audit::seal::{PublicKeys, Signed, Signer, cut, heads};
use crate::platform::store::{Origin, Store, StoreError, Work};

/// Seals of one transaction.
const BATCH: usize = 200;

/// What became of the seals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Signed again.
    pub renewed: usize,
    /// Signed by a key that is not known, or not rightly.
    pub left: usize,
}

/// Keeps the public halves of the older keys, and signs every seal again that the newest has not signed.
pub async fn reseal(home: &Store) -> Result<Resealed, StoreError> {
    let origin = Origin { operator: true, ..Origin::default() };
    let kept = home.write(origin.clone(), |tx| {
        keys::keep_keys(tx)?;
        let keys = keys::known_keys(tx)?;
        Ok::<_, StoreError>(tx.unrecorded("a public key is no secret and decides nothing by itself", keys))
    });
    let keys = kept.await?;
    let mut done = Resealed::default();
    let mut last = (String::new(), 0);
    loop {
        let (after, keys) = (last.clone(), keys.clone());
        let batch = home.write(origin.clone(), move |tx| {
            let rows = keys::signatures_after(tx, &after, BATCH)?;
            let end = rows.last().map(|row| (row.chain.clone(), row.number));
            let mut part = Resealed::default();
            for row in &rows {
                match again(tx, &keys, row) {
                    None => part.left += 1,
                    Some(new) => part.renewed += usize::from(keys::sign_again(tx, row, new)?),
                }
            }
            Ok::<_, StoreError>(tx.unrecorded("what is signed again says the same as before", (end, part)))
        });
        let (end, part) = batch.await?;
        done.renewed += part.renewed;
        done.left += part.left;
        match end {
            Some(end) => last = end,
            None => break,
        }
    }
    let signed = home.write(origin, |tx| {
        let signed = heads::sign_again(tx)?;
        Ok::<_, StoreError>(tx.unrecorded("what is signed again says the same as before", signed))
    });
    let (renewed, left) = signed.await?;
    Ok(Resealed { renewed: done.renewed + renewed, left: done.left + left })
}

/// New signatures in the place of right ones.
fn again(work: &Work<'_>, keys: &PublicKeys, row: &Signatures) -> Option<Again> {
    if keys.check(&row.key_id, row.hash.as_bytes(), &row.signature) != Signed::Rightly {
        return None;
    }
    let signer = Signer::newest(work.keys());
    let marked = cut(&row.chain, row.number, &row.hash);
    let cut = match &row.cut {
        Some(signature) if !keys.any_has_signed(marked.as_bytes(), signature) => return None,
        Some(_) => Some(signer.sign(&marked)),
        None => None,
    };
    Some(Again { key_id: signer.id().to_owned(), signature: signer.sign(&row.hash), cut })
}
