//! Chance is an input: ids, tokens and salts are made from an [`Entropy`] that was given.

use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicU16, Ordering};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};

use crate::store::types::{Digest, Moment};

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

/// A bearer secret: it exists in a cookie or a mailed link, and is stored only as a hash.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Token(String);

impl Token {
    /// Accepts what a cookie or a link brought; anything that cannot be a token of ours is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shape.then(|| Self(text.to_owned()))
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
