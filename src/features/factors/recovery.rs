//! Recovery codes of an authenticator app: ten, each works once, stored hashed.

pub use super::recovery_code::{COUNT, RecoveryCode};

use super::recovery_code::APP;
use super::store;
use crate::access::OwnSecrets;
use crate::access::Permission;
use crate::base::digest::Digest;
use crate::base::ids::{OrganizationId, UserId};
use crate::platform::codes::{self, Verdict};
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{Recorded, StoreError, Tx, Work};

/// Makes new recovery codes in the place of older ones.
pub(super) fn make(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Vec<RecoveryCode>, StoreError> {
    let codes: Vec<RecoveryCode> = (0..COUNT).map(|_| RecoveryCode::draw(work.entropy())).collect();
    let hashes = codes.iter().map(|code| code.digest(APP, organization, user)).collect();
    store::remove_recovery_codes(work, organization, user)?;
    store::put_recovery_codes(work, organization, user, hashes)?;
    Ok(codes)
}

/// Makes new recovery codes for the caller's authenticator app; `None` when there is no app.
pub fn make_anew(tx: &mut Tx<'_, OwnSecrets>) -> Result<Recorded<Option<Vec<RecoveryCode>>>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    if store::factors(tx, &organization, &user)?.authenticator_since.is_none() {
        return Ok(tx.unrecorded("there is no authenticator app to recover", None));
    }
    let codes = make(tx, &organization, &user)?;
    tx.record(Event::done(Kind::RecoveryCodesMade).on("user", &user, ""), Some(codes))
}

/// Whether these are unused codes of the caller's: nobody else's text is handed back as a file of ours.
pub fn are_own<P: Permission>(tx: &mut Tx<'_, P>, codes: &[RecoveryCode]) -> Result<bool, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let hashes: Vec<Digest> = codes.iter().map(|code| code.digest(APP, &organization, &user)).collect();
    let wanted = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
    Ok(wanted > 0 && store::count_recovery_codes(tx, &organization, &user, hashes)? == wanted)
}

/// Uses a recovery code up, in the place of a code of the authenticator app.
pub fn use_recovery_code(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    asker: &codes::Asker,
    typed: &RecoveryCode,
    limits: &Limits,
) -> Result<Verdict, StoreError> {
    codes::guarded(work, organization, user, asker, limits, |work| {
        let used = store::use_recovery_code(work, organization, user, &typed.digest(APP, organization, user))?;
        Ok(if used { Verdict::Right } else { Verdict::Wrong { left: None } })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SystemEntropy;

    /// Shows attack 37.
    #[test]
    fn asvs_6_5_2_a_recovery_code_has_120_bits_and_is_typed_as_one_likes() {
        let code = RecoveryCode::draw(&SystemEntropy);
        let shown = code.shown();
        assert_eq!((shown.len(), shown.split('-').count()), (27, 4), "{shown}");
        assert_eq!(RecoveryCode::parse(&shown), Some(code.clone()));
        assert_eq!(RecoveryCode::parse(&format!(" {} ", shown.to_uppercase().replace('-', " "))), Some(code.clone()));
        assert_eq!(
            RecoveryCode::parse(&shown.replace('o', "0").replace('b', "8").replace('-', " – ")),
            Some(code.clone())
        );
        assert_eq!(RecoveryCode::parse(&shown[1..]), None);
        assert_eq!(RecoveryCode::parse(&shown.replace(&shown[..1], "1")), None);
        assert_ne!(RecoveryCode::draw(&SystemEntropy), code);
    }
}
