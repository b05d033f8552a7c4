//! Recovery codes of an authenticator app: ten, each works once, stored hashed.

use std::fmt;

use data_encoding::BASE32_NOPAD;

use super::store;
use crate::access::OwnSecrets;
use crate::base::digest::Digest;
use crate::base::entropy::Entropy;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::problem::Problem;
use crate::base::text::typed;
use crate::features::audit::{Event, Kind};
use crate::platform::codes::{self, Verdict};
use crate::platform::config::Limits;
use crate::platform::store::{Recorded, StoreError, Tx, Work};

/// How many there are at first.
pub const COUNT: usize = 10;
/// 120 bits: more than can be guessed, so that a plain hash keeps it (ASVS 6.5.2).
const BYTES: usize = 15;
const LETTERS: usize = 24;
const GROUP: usize = 6;
/// What the codes of an app are for; the owner's have another purpose.
const APP: &str = "recovery code";

/// A recovery code: 24 letters and digits without look-alikes.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl RecoveryCode {
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        Self(BASE32_NOPAD.encode(&entropy.bytes::<BYTES>()).to_lowercase())
    }

    /// Accepts what was typed, in either case, with hyphens and spaces or without. A nought and an eight, which no code
    /// has, are the letters that they look like; a one looks like two of them.
    pub fn parse(typed: &str) -> Option<Self> {
        let letters = typed::ungrouped(typed).to_ascii_lowercase().replace('0', "o").replace('8', "b");
        let shape = letters.len() == LETTERS && letters.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        shape.then_some(Self(letters))
    }

    /// The code, or what is wrong with what was typed.
    pub fn read(typed: &str) -> Result<Self, Problem> {
        let missing = typed::plain(typed).is_empty();
        Self::parse(typed).ok_or(if missing { Problem::Missing } else { Problem::NotARecoveryCode })
    }

    /// As it is shown, in groups.
    pub fn shown(&self) -> String {
        self.0.as_bytes().chunks(GROUP).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
    }

    /// What a table holds of it: bound to what it is for and to whom it belongs.
    pub(crate) fn digest(&self, purpose: &str, organization: &OrganizationId, user: &UserId) -> Digest {
        let parts = [purpose, organization.as_str(), user.as_str(), &self.0];
        Digest::of(&parts.map(str::as_bytes))
    }
}

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
pub fn are_own<P>(tx: &mut Tx<'_, P>, codes: &[RecoveryCode]) -> Result<bool, StoreError> {
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
