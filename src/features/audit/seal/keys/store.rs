//! Queries on the keys of seals, and on seals that a rotation signs again.

pub(in crate::features::audit::seal) use super::kept::Kept;

use diesel::prelude::*;

use super::{PublicKeys, Signer};
use crate::base::digest::Digest;
use crate::platform::store::schema::{audit_keys, audit_seals};
use crate::platform::store::{StoreError, Work};

/// The keys that seals may be signed by: those of the configuration, and those kept at rotations.
pub fn known_keys(work: &mut Work<'_>) -> Result<PublicKeys, StoreError> {
    let mut keys = PublicKeys::of(work.keys());
    for kept in audit_keys::table.order(audit_keys::id).load::<(String, Vec<u8>, String, Vec<u8>)>(work.conn())? {
        let (id, key, key_id, signature) = kept;
        keys.add_kept(&Kept { id, key, key_id, signature });
    }
    Ok(keys)
}

/// Keeps the public halves of all known keys but the newest, which vouches for them.
pub(crate) fn keep_keys(work: &mut Work<'_>) -> Result<(), StoreError> {
    let keys = known_keys(work)?;
    for kept in keys.vouched_by(&Signer::newest(work.keys())) {
        diesel::delete(audit_keys::table.find(kept.id.clone())).execute(work.conn())?;
        let row = (
            audit_keys::id.eq(kept.id),
            audit_keys::key.eq(kept.key),
            audit_keys::key_id.eq(kept.key_id),
            audit_keys::signature.eq(kept.signature),
        );
        diesel::insert_into(audit_keys::table).values(row).execute(work.conn())?;
    }
    Ok(())
}

/// What is signed of a seal, and by which key.
#[derive(Debug, Queryable)]
pub(crate) struct Signatures {
    pub(crate) chain: String,
    pub(crate) number: i64,
    pub(crate) hash: Digest,
    pub(crate) signature: Vec<u8>,
    pub(crate) key_id: String,
    pub(crate) cut: Option<Vec<u8>>,
}

/// New signatures of a seal.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) key_id: String,
    pub(crate) signature: Vec<u8>,
    pub(crate) cut: Option<Vec<u8>>,
}

/// Seals after a place that the newest key has not signed.
pub(crate) fn signatures_after(
    work: &mut Work<'_>,
    (chain, number): &(String, i64),
    most: usize,
) -> Result<Vec<Signatures>, StoreError> {
    let newest = Signer::newest(work.keys()).id().to_owned();
    let same = audit_seals::chain.eq(chain.clone()).and(audit_seals::number.gt(*number));
    let rows = audit_seals::table
        .filter(audit_seals::chain.gt(chain.clone()).or(same))
        .filter(audit_seals::key_id.ne(newest))
        .order((audit_seals::chain, audit_seals::number))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select((
            audit_seals::chain,
            audit_seals::number,
            audit_seals::hash,
            audit_seals::signature,
            audit_seals::key_id,
            audit_seals::cut,
        ));
    Ok(rows.load(work.conn())?)
}

/// Puts new signatures in the place of those that were read; whether they were still there.
pub(crate) fn sign_again(work: &mut Work<'_>, row: &Signatures, new: Again) -> Result<bool, StoreError> {
    let here = audit_seals::table
        .filter(audit_seals::chain.eq(row.chain.clone()))
        .filter(audit_seals::number.eq(row.number))
        .filter(audit_seals::signature.eq(row.signature.clone()));
    let change =
        (audit_seals::key_id.eq(new.key_id), audit_seals::signature.eq(new.signature), audit_seals::cut.eq(new.cut));
    // Retention may have cut the chain here in between.
    let changed = match row.cut.clone() {
        Some(cut) => diesel::update(here.filter(audit_seals::cut.eq(cut))).set(change).execute(work.conn())?,
        None => diesel::update(here.filter(audit_seals::cut.is_null())).set(change).execute(work.conn())?,
    };
    Ok(changed == 1)
}
