//! Chance is an input: ids, tokens and salts are made from an [`Entropy`] that was given.

use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicU16, Ordering};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};

use crate::base::digest::Digest;
use crate::base::from_path::FromPath;
use crate::base::moment::Moment;
use crate::base::problem::Problem;

/// Where unpredictable bytes come from.
pub trait Entropy: Debug + Send + Sync {
    /// Fills `bytes` with unpredictable values.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `N` unpredictable bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A new id: UUIDv7, so that ids sort by time of creation. After the milliseconds stand their microseconds and a
    /// counter (RFC 9562 section 6.2, methods 3 and 1), so that what one process makes in one moment sorts too.
    pub fn id(&self, now: Moment) -> FreshId {
        static MADE: AtomicU16 = AtomicU16::new(0);
        let millis = u64::try_from(now.millis()).unwrap_or_default();
        let [fine_high, fine_low] = (now.utc().timestamp_subsec_micros() as u16 % 1000 * 4).to_be_bytes();
        let [count_high, count_low] = MADE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let [a, b, c, d, e, f] = self.bytes::<6>();
        // The builder takes the top four bits of the first byte for the version and two of the third for the variant.
        let rest = [fine_high, fine_low, count_high & 0x3f, count_low, a, b, c, d, e, f];
        FreshId(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid().to_string())
    }

    /// A new bearer secret of 256 bits (ASVS 11.5.1).
    pub fn token(&self) -> Token {
        Token(BASE64URL_NOPAD.encode(&self.bytes::<32>()))
    }

    /// A new code of six digits (ASVS 6.5.4); every one is as likely as any other.
    pub fn code(&self) -> Code {
        const CODES: u32 = 1_000_000;
        // What is above the last whole million would make small codes likelier.
        const FAIR: u32 = u32::MAX - u32::MAX % CODES;
        loop {
            let number = u32::from_be_bytes(self.bytes::<4>());
            if number < FAIR {
                return Code(format!("{:06}", number % CODES));
            }
        }
    }

    /// A reference code a person can read out: eight characters without look-alikes, 40 bits.
    pub fn reference(&self) -> String {
        // RFC 4648 base 32 has no 0, 1, 8 or 9, so nothing in it is mistaken for O, I or B.
        let code = BASE32_NOPAD.encode(&self.bytes::<5>());
        format!("{}-{}", &code[..4], &code[4..])
    }
}

/// The system's generator.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system's generator")]
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret can be made: failing loudly is the only safe answer.
        getrandom::fill(bytes).unwrap_or_else(|cause| panic!("the system's random generator failed: {cause}"));
    }
}

/// An id that was just made; every id type can be built from it and from nothing else.
#[derive(Debug)]
pub struct FreshId(pub(crate) String);

/// What stands in a link cannot be a token.
#[derive(Debug)]
pub struct DamagedLink;

/// A bearer secret: it exists in a cookie or a mailed link, and is stored only as a hash.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Token(String);

impl Token {
    /// Accepts what a cookie or a link brought; anything that cannot be a token of ours is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shape.then(|| Self(text.to_owned()))
    }

    /// The token of a link as it came out of an email, where a program may have taken a sign of the sentence for a part of
    /// it, or left a part out. What cannot be a token is `Err`: the link is dead.
    pub fn of_link(segment: &str) -> Result<Self, DamagedLink> {
        let whole = |text: &str| Self::parse(text);
        let without_last = || {
            let last = segment.chars().next_back().filter(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))?;
            whole(&segment[..segment.len() - last.len_utf8()])
        };
        whole(segment).or_else(without_last).ok_or(DamagedLink)
    }

    /// What the table holds instead of the secret.
    pub fn digest(&self) -> Digest {
        Digest::of(&[b"token", self.0.as_bytes()])
    }

    /// The secret itself, for the cookie or link that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A code of six digits that was sent or is shown by an app; stored only as a hash.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Code(String);

impl Code {
    /// Accepts what was typed or pasted, grouped as one likes, with words before or after it; anything that has not one
    /// group of six digits is `None`.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain = crate::base::text::typed::plain(typed);
        let digits = crate::base::text::typed::ungrouped(plain.trim_matches(|c: char| !c.is_ascii_digit()));
        (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(digits))
    }

    /// The code, or what is wrong with what was typed.
    pub fn read(typed: &str) -> Result<Self, Problem> {
        let missing = crate::base::text::typed::plain(typed).is_empty();
        Self::parse(typed).ok_or(if missing { Problem::Missing } else { Problem::NotACode })
    }

    /// The digits, for the message that carries them and for what compares them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl FromPath for Result<Token, DamagedLink> {
    fn from_path(text: &str) -> Option<Self> {
        Some(Token::of_link(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows ASVS 6.5.3.
    #[test]
    fn asvs_6_5_4_codes_have_six_digits_and_keep_their_zeros() {
        let entropy: &dyn Entropy = &SystemEntropy;
        let codes: Vec<String> = (0..10_000).map(|_| entropy.code().expose().to_owned()).collect();
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
        // A thousand of each first digit are expected; 200 away is more than six standard deviations.
        for first in '0'..='9' {
            let count = codes.iter().filter(|code| code.starts_with(first)).count();
            assert!((800..=1200).contains(&count), "{count} begin with {first}");
        }
    }

    /// Shows ASVS 7.2.3; attack 83.
    #[test]
    fn asvs_11_5_1_what_must_not_be_guessed_is_new_every_time() {
        let entropy: &dyn Entropy = &SystemEntropy;
        let now = crate::base::clock::Clock::now(&crate::base::clock::SystemClock);
        let secrets: std::collections::BTreeSet<String> =
            (0..10_000).map(|_| entropy.token().expose().to_owned()).collect();
        assert_eq!(secrets.len(), 10_000);
        // 43 characters of six bits each: 256.
        assert!(secrets.iter().all(|secret| secret.len() == 43));
        // Ids of one moment begin alike, and nothing else about them can be counted up.
        let ids: std::collections::BTreeSet<String> = (0..10_000).map(|_| entropy.id(now).0).collect();
        let tails: std::collections::BTreeSet<&str> = ids.iter().map(|id| &id[id.len() - 12..]).collect();
        assert_eq!((ids.len(), tails.len()), (10_000, 10_000));
    }

    #[test]
    fn a_code_is_typed_with_or_without_a_gap() {
        for typed in [
            " 012 345\n",
            "012-345",
            "\u{200e}012345",
            "０１２３４５",
            "012\u{a0}345",
            "012\u{2011}345.",
            "Code: 012345",
        ] {
            assert_eq!(Code::parse(typed).map(|code| code.expose().to_owned()).as_deref(), Some("012345"), "{typed:?}");
        }
        for bad in ["", "12345", "1234567", "12345a", "123a456", "-12345", "123456 or 123457"] {
            assert_eq!(Code::parse(bad), None, "{bad}");
        }
    }
}
