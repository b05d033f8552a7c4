//! Authenticator apps: codes of 30 seconds from a shared seed (RFC 6238). The seed is sealed for its row; a code works
//! once, as the step it belongs to only ever moves forward.

use std::fmt;

use totp_rs::{Builder, Totp};

use super::{recovery, store, told};
use crate::access::{OwnAccount, OwnSecrets};
use crate::base::entropy::{Code, Entropy};
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::features::audit::{Event, Kind};
use crate::features::factors::RecoveryCode;
use crate::platform::codes::{self, Asker, Verdict};
use crate::platform::config::Limits;
use crate::platform::store::{Recorded, StoreError, Tx, Work};

/// The 160 bits that RFC 4226 recommends.
const SEED_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;

words! {
    /// Where an authenticator stands.
    State {
        /// Shown to its user, who has not typed a code of it yet. One that worked before stays in force.
        Pending = "pending",
        /// Its codes count.
        InForce = "in_force",
    }
}

/// What an authenticator app and we share.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; SEED_BYTES]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// A new one.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(entropy.bytes())
    }

    pub(super) fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The setup key as people type it: base 32 in groups of four.
    pub fn key(&self) -> String {
        let key = data_encoding::BASE32_NOPAD.encode(&self.0);
        key.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
    }

    /// The address that an authenticator app reads from the QR code. `None` only for a name without a visible character.
    pub fn uri(&self, product: &str, email: &str, organization: &str) -> Option<String> {
        // The colon parts the two in a label.
        let (issuer, account) = (product.replace(':', " "), format!("{email} ({organization})").replace(':', " "));
        let totp = self.builder().with_issuer(Some(issuer)).with_account_name(account).build().ok()?;
        totp.to_url().ok()
    }

    /// The step whose code this is: the present one or the one before (ASVS 6.5.5), on a clock that is so many steps ahead
    /// of ours. Two steps count on any clock, so a code lives no longer for it.
    pub fn step(&self, code: &Code, now: Moment, ahead: i64) -> Option<i64> {
        let theirs = now.utc().timestamp().checked_add(ahead.checked_mul(i64::try_from(STEP_SECONDS).ok()?)?)?;
        let seconds = u64::try_from(theirs).ok()?;
        let step = self.totp()?.check(code.expose(), seconds)?;
        (step <= seconds / STEP_SECONDS).then(|| i64::try_from(step).ok()).flatten()
    }

    /// The step of the first code of an app, and how many steps its clock is ahead of ours: one is accepted, and kept for
    /// the logins that follow (RFC 6238 section 6).
    pub fn first_step(&self, code: &Code, now: Moment) -> Option<(i64, i64)> {
        [0, 1].into_iter().find_map(|ahead| self.step(code, now, ahead).map(|step| (step, ahead)))
    }

    fn totp(&self) -> Option<Totp> {
        self.builder().build().ok()
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(self.0.to_vec()).with_step_duration(STEP_SECONDS).with_skew(1)
    }
}

/// Begins to set up an authenticator app for the caller. An earlier beginning is dropped; what works keeps working.
pub fn begin(tx: &mut Tx<'_, OwnSecrets>) -> Result<Recorded<()>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let seed = Seed::draw(tx.entropy());
    store::put_pending(tx, &organization, &user, &seed)?;
    tx.record(Event::done(Kind::AuthenticatorBegun).on("user", &user, ""), ())
}

/// The seed of the authenticator that the caller is setting up.
pub fn pending(tx: &mut Tx<'_, OwnSecrets>) -> Result<Option<Seed>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    Ok(store::authenticator(tx, &organization, &user, State::Pending)?.map(|found| found.seed))
}

/// How setting up ended.
#[derive(Debug)]
pub enum SetUp {
    /// In force, with these recovery codes.
    Done(Vec<RecoveryCode>),
    /// The code was not right.
    Not(Verdict),
    /// Nothing was being set up.
    NotBegun,
}

/// Puts the authenticator that the caller is setting up in force, when the code is its code. It takes the place of an
/// older one, and its recovery codes that of older ones.
pub fn set_up(tx: &mut Tx<'_, OwnSecrets>, typed: &Code, limits: &Limits) -> Result<Recorded<SetUp>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let Some(found) = store::authenticator(tx, &organization, &user, State::Pending)? else {
        return Ok(tx.unrecorded("nothing was being set up", SetUp::NotBegun));
    };
    let verdict = codes::guarded(tx, &organization, &user, &Asker::Session, limits, |work| {
        let Some((step, ahead)) = found.seed.first_step(typed, work.now()) else {
            return Ok(Verdict::Wrong { left: None });
        };
        let done = store::put_in_force(work, &organization, &user, &found.id, step, ahead)?;
        Ok(if done { Verdict::Right } else { Verdict::Spent })
    })?;
    let event = told(Kind::AuthenticatorSetUp, verdict).on("user", &user, "");
    let outcome = match verdict {
        Verdict::Right => SetUp::Done(recovery::make(tx, &organization, &user)?),
        verdict => SetUp::Not(verdict),
    };
    tx.record(event, outcome)
}

/// Removes the caller's authenticator app with its recovery codes, and one that is being set up.
pub fn remove(tx: &mut Tx<'_, OwnSecrets>) -> Result<Recorded<()>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let removed = store::remove_authenticators(tx, &organization, &user)?;
    store::remove_recovery_codes(tx, &organization, &user)?;
    if removed == 0 {
        return Ok(tx.unrecorded("there is no authenticator app", ()));
    }
    tx.record(Event::done(Kind::AuthenticatorRemoved).on("user", &user, ""), ())
}

/// Tries whether the caller's authenticator app works.
pub fn test(tx: &mut Tx<'_, OwnAccount>, typed: &Code, limits: &Limits) -> Result<Recorded<Verdict>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let verdict = verify_authenticator(tx, &organization, &user, &Asker::Session, typed, limits)?;
    tx.record(told(Kind::AuthenticatorTested, verdict).on("user", &user, ""), verdict)
}

/// Checks a code of a user's authenticator app. Each code works once; without an authenticator none does.
pub fn verify_authenticator(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    asker: &Asker,
    typed: &Code,
    limits: &Limits,
) -> Result<Verdict, StoreError> {
    codes::guarded(work, organization, user, asker, limits, |work| {
        let Some(found) = store::authenticator(work, organization, user, State::InForce)? else {
            return Ok(Verdict::Wrong { left: None });
        };
        let Some(step) = found.seed.step(typed, work.now(), found.ahead) else {
            return Ok(Verdict::Wrong { left: None });
        };
        let forward = store::move_forward(work, organization, &found.id, step)?;
        Ok(if forward { Verdict::Right } else { Verdict::Spent })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::new(chrono::DateTime::from_timestamp(seconds, 0).unwrap())
    }

    /// The seed of RFC 6238, appendix B.
    fn seed() -> Seed {
        Seed::stored(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(seed().step(&Code::parse(code).unwrap(), at(seconds), 0), Some(seconds / 30));
        }
    }

    #[test]
    fn asvs_6_5_5_the_present_step_and_the_one_before_count_and_no_other() {
        let code = Code::parse("287082").unwrap();
        for (seconds, counts) in [(29, false), (30, true), (59, true), (60, true), (89, true), (90, false)] {
            assert_eq!(seed().step(&code, at(seconds), 0).is_some(), counts, "at {seconds}");
        }
    }

    /// Shows ASVS 6.5.5.
    #[test]
    fn a_clock_that_is_a_step_ahead_has_two_steps_like_any_other() {
        let code = Code::parse("287082").unwrap();
        for (seconds, counts) in [(-1, false), (0, true), (29, true), (59, true), (60, false)] {
            assert_eq!(seed().step(&code, at(seconds), 1).is_some(), counts, "at {seconds}");
        }
        for (seconds, found) in [(0, Some((1, 1))), (30, Some((1, 0))), (89, Some((1, 0))), (90, None)] {
            assert_eq!(seed().first_step(&code, at(seconds)), found, "at {seconds}");
        }
        let code = Code::parse("081804").unwrap();
        assert_eq!(seed().first_step(&code, at(1_111_111_109 - 60)), None, "two steps ahead");
    }

    #[test]
    fn the_key_is_read_in_groups_and_the_address_carries_it() {
        assert_eq!(seed().key(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let uri = seed().uri("Acme: Login", "mina@acme.example", "acme").unwrap();
        assert_eq!(
            uri,
            "otpauth://totp/Acme%20%20Login:mina%40acme.example%20%28acme%29?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%20Login"
        );
        assert_eq!(format!("{:?}", seed()), "Seed(…)");
    }
}
