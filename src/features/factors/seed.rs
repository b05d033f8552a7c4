//! The seed that an app makes its codes of.

use std::fmt;

use totp_rs::{Builder, Totp};

use crate::base::entropy::{Code, Entropy};
use crate::base::moment::Moment;

/// The 160 bits that RFC 4226 recommends.
pub(super) const SEED_BYTES: usize = 20;

pub(super) const STEP_SECONDS: u64 = 30;

words! {
    /// Where an authenticator stands.
    State {
        /// Shown to its user, who has not typed a code of it yet. One that worked before goes on working.
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

    pub(super) fn totp(&self) -> Option<Totp> {
        self.builder().build().ok()
    }

    pub(super) fn builder(&self) -> Builder {
        Builder::new().with_secret(self.0.to_vec()).with_step_duration(STEP_SECONDS).with_skew(1)
    }
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
