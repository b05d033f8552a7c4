//! A recovery code.

use std::fmt;

use data_encoding::BASE32_NOPAD;

use crate::base::digest::Digest;
use crate::base::entropy::Entropy;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::problem::Problem;
use crate::base::text::typed;

/// How many there are at first.
pub const COUNT: usize = 10;

/// 120 bits: more than can be guessed, so that a plain hash keeps it (ASVS 6.5.2).
pub(super) const BYTES: usize = 15;

pub(super) const LETTERS: usize = 24;

pub(super) const GROUP: usize = 6;

/// What the codes of an app are for; the owner's have another purpose.
pub(super) const APP: &str = "recovery code";

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
