//! The owner's ten recovery codes: the way back in when the provider fails (docs/rules.md section 7). They belong to the owner
//! and are void when somebody else becomes it.

pub mod pages;
mod store;

pub use store::{count, remove};

use super::SettingsCaller;
use crate::base::digest::Digest;
use crate::base::ids::{OrganizationId, UserId};
use crate::features::factors::recovery::{COUNT, RecoveryCode};
use crate::platform::events::{Event, Kind};
use crate::platform::store::{PersonTx, Recorded, StoreError, Work};

fn digest(organization: &OrganizationId, user: &UserId, code: &RecoveryCode) -> Digest {
    code.digest("owner recovery code", organization, user)
}

/// Makes ten new codes; older ones are void. Made in the console, they end what an older one has opened: whoever makes them
/// may do so because a code was stolen.
pub fn make(tx: &mut PersonTx<'_, '_>, caller: &SettingsCaller) -> Result<Recorded<Vec<RecoveryCode>>, StoreError> {
    let (organization, user) = (&caller.organization, &caller.user);
    let codes: Vec<RecoveryCode> = (0..COUNT).map(|_| RecoveryCode::draw(tx.entropy())).collect();
    let hashes = codes.iter().map(|code| digest(organization, user, code)).collect();
    store::remove(tx, organization)?;
    if !caller.repairs() {
        super::repair::remove_all(tx, organization)?;
    }
    store::put(tx, organization, user, hashes)?;
    tx.record(Event::done(Kind::OwnerCodesMade).on("user", user, &caller.email), codes)
}

/// Whether a code is one of the owner's that was not used. It stays usable: typing it back only shows that it was kept.
pub fn is_kept(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    code: &RecoveryCode,
) -> Result<bool, StoreError> {
    store::has(work, organization, user, &digest(organization, user, code))
}

/// Uses a code up; `false` when it is none, or was used before.
pub fn use_up(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    code: &RecoveryCode,
) -> Result<bool, StoreError> {
    store::spend(work, organization, user, &digest(organization, user, code))
}
