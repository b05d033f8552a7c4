//! A provider's key set (RFC 7517): each key with what it is published for. What is not understood is left out.

use data_encoding::BASE64URL_NOPAD;
use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonCurveType, CoreJsonWebKey, CoreJwsSigningAlgorithm};
use serde_json::Value;

use super::json;
use super::metadata::algorithm;

/// Fewest and most bits of an RSA key: fewer are weak, more take long to verify.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// Most keys of a set that are kept.
const MOST_KEYS: usize = 64;
/// Longest key id that is kept, in bytes.
const LONGEST_ID: usize = 512;

/// A public key.
#[derive(Clone, Debug)]
struct PublishedKey {
    id: Option<String>,
    /// The only algorithm that it is published for, where one is named.
    only: Option<CoreJwsSigningAlgorithm>,
    kind: Kind,
    key: CoreJsonWebKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Kind {
    fn signs(self, algorithm: &CoreJwsSigningAlgorithm) -> bool {
        use CoreJwsSigningAlgorithm as Algorithm;
        self == match algorithm {
            Algorithm::EcdsaP256Sha256 => Self::P256,
            Algorithm::EcdsaP384Sha384 => Self::P384,
            Algorithm::EdDsa => Self::Ed25519,
            _ => Self::Rsa,
        }
    }
}

/// The keys that may sign ID tokens.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<PublishedKey>,
    /// Whether an RSA key was left out for its size alone.
    has_rsa_of_other_size: bool,
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// No key is published that could have signed.
    NoKey,
    /// None of the keys that could have signed did.
    Wrong,
}

impl KeySet {
    /// The keys of a set that can sign and are strong enough.
    pub fn read(body: &[u8]) -> Self {
        let set = json::value(body).unwrap_or_default();
        let mut read = Self::default();
        for key in set["keys"].as_array().map(Vec::as_slice).unwrap_or_default() {
            match published(key) {
                Ok(key) if read.keys.len() < MOST_KEYS => read.keys.push(key),
                Ok(_) | Err(Unusable::Other) => {}
                Err(Unusable::RsaSize) => read.has_rsa_of_other_size = true,
            }
        }
        read
    }

    /// Whether it holds no key that can be used.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether an RSA key was left out for its size.
    pub(super) fn has_rsa_of_other_size(&self) -> bool {
        self.has_rsa_of_other_size
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let key = |key: &PublishedKey| {
            let material = if key.kind == Kind::Rsa { RSA_BITS.end() / 8 } else { 96 };
            size_of::<PublishedKey>() + material + key.id.as_ref().map_or(0, String::len)
        };
        self.keys.iter().map(key).sum()
    }

    /// Verifies a signature by each key that may have made it: those of the named id, those without an id, and where no id
    /// is named all. Neither the id nor the algorithm of a token is believed: the algorithm is one that the key is for.
    pub(super) fn verify(
        &self,
        id: Option<&str>,
        algorithm: &CoreJwsSigningAlgorithm,
        text: &[u8],
        signature: &[u8],
    ) -> Result<&CoreJsonWebKey, Unsigned> {
        let mut tried = false;
        for known in &self.keys {
            let named = id.is_none() || known.id.is_none() || known.id.as_deref() == id;
            let fits = known.kind.signs(algorithm) && known.only.as_ref().is_none_or(|only| only == algorithm);
            if named && fits {
                tried = true;
                if known.key.verify_signature(algorithm, text, signature).is_ok() {
                    return Ok(&known.key);
                }
            }
        }
        Err(if tried { Unsigned::Wrong } else { Unsigned::NoKey })
    }
}

enum Unusable {
    RsaSize,
    Other,
}

/// A key as it is published. A member of a wrong type counts as not there, unless the key cannot do without it.
fn published(key: &Value) -> Result<PublishedKey, Unusable> {
    if key["use"].as_str().is_some_and(|purpose| purpose != "sig") || !may_verify(&key["key_ops"]) {
        return Err(Unusable::Other);
    }
    let only = match key["alg"].as_str() {
        None => None,
        Some(name) => Some(algorithm(name).ok_or(Unusable::Other)?),
    };
    let id = key["kid"].as_str().filter(|id| id.len() <= LONGEST_ID).map(str::to_owned);
    let (kind, key) = material(key)?;
    Ok(PublishedKey { id, only, kind, key })
}

/// RFC 7517 section 4.3: a list of operations that does not name "verify" is of a key for something else.
fn may_verify(operations: &Value) -> bool {
    operations.as_array().is_none_or(|all| all.iter().any(|one| one == "verify"))
}

fn material(key: &Value) -> Result<(Kind, CoreJsonWebKey), Unusable> {
    let bytes = |name: &str| {
        let text = key[name].as_str().map(|text| text.trim_end_matches('='));
        text.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok()).ok_or(Unusable::Other)
    };
    // Some providers leave leading zeros out.
    let coordinate = |name: &str, length: usize| {
        let found = bytes(name)?;
        let missing = length.checked_sub(found.len()).ok_or(Unusable::Other)?;
        Ok([vec![0; missing], found].concat())
    };
    match (key["kty"].as_str(), key["crv"].as_str()) {
        (Some("RSA"), _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            // With the exponent 1 everything is its own signature.
            if bits(&e) <= 1 {
                return Err(Unusable::Other);
            }
            if !RSA_BITS.contains(&bits(&n)) {
                return Err(Unusable::RsaSize);
            }
            Ok((Kind::Rsa, CoreJsonWebKey::new_rsa(n, e, None)))
        }
        (Some("EC"), Some("P-256")) => {
            let (x, y) = (coordinate("x", 32)?, coordinate("y", 32)?);
            Ok((Kind::P256, CoreJsonWebKey::new_ec(x, y, CoreJsonCurveType::P256, None)))
        }
        (Some("EC"), Some("P-384")) => {
            let (x, y) = (coordinate("x", 48)?, coordinate("y", 48)?);
            Ok((Kind::P384, CoreJsonWebKey::new_ec(x, y, CoreJsonCurveType::P384, None)))
        }
        (Some("OKP"), Some("Ed25519")) => {
            Ok((Kind::Ed25519, CoreJsonWebKey::new_okp(bytes("x")?, CoreJsonCurveType::Ed25519, None)))
        }
        _ => Err(Unusable::Other),
    }
}

fn bits(number: &[u8]) -> usize {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rsa(bytes: usize, more: &str) -> String {
        let n = BASE64URL_NOPAD.encode(&vec![0xc1; bytes]);
        format!(r#"{{"kty": "RSA", "kid": "a", "n": "{n}", "e": "AQAB"{more}}}"#)
    }

    fn read(keys: &[String]) -> KeySet {
        KeySet::read(format!(r#"{{"keys": [{}]}}"#, keys.join(",")).as_bytes())
    }

    /// Shows ASVS 11.2.3.
    #[test]
    fn only_strong_keys_that_sign_are_used() {
        assert_eq!(read(&[rsa(256, ""), rsa(512, r#", "use": "sig", "alg": "RS256""#)]).len(), 2);
        let x = BASE64URL_NOPAD.encode(&[7; 32]);
        for other in [
            rsa(128, ""),
            rsa(255, ""),
            rsa(513, ""),
            rsa(256, r#", "use": "enc""#),
            rsa(256, r#", "alg": "XX99""#),
            rsa(256, "").replace("AQAB", "AQ"),
            rsa(256, "").replace("AQAB", "AAAB"),
            format!(r#"{{"kty": "oct", "k": "{x}"}}"#),
            format!(r#"{{"kty": "OKP", "crv": "X25519", "x": "{x}"}}"#),
            r#"{"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}"#.to_owned(),
            "7".to_owned(),
        ] {
            assert_eq!(read(&[rsa(256, ""), other.clone()]).len(), 1, "{other}");
        }
        assert!([&b"<html>"[..], b"{}", br#"{"keys": 1}"#].iter().all(|body| KeySet::read(body).is_empty()));
        assert_eq!(bits(&[0, 0, 1]), 1);
        assert!(read(&[rsa(128, "")]).has_rsa_of_other_size() && !read(&[]).has_rsa_of_other_size());
    }

    #[test]
    fn a_key_serves_only_what_it_is_published_for() {
        for (more, count) in [
            (r#", "key_ops": ["encrypt"]"#, 0),
            (r#", "key_ops": ["sign"]"#, 0),
            (r#", "key_ops": []"#, 0),
            (r#", "key_ops": ["verify"]"#, 1),
            (r#", "key_ops": ["sign", "verify"], "use": "sig""#, 1),
            (r#", "key_ops": ["verify"], "use": "enc""#, 0),
            // What is of a wrong type is not said.
            (r#", "key_ops": "encrypt""#, 1),
            (r#", "use": 7, "alg": null, "x5c": 7"#, 1),
        ] {
            assert_eq!(read(&[rsa(256, more)]).len(), count, "{more}");
        }
    }

    #[test]
    fn a_set_holds_a_bounded_number_of_keys() {
        let many = read(&vec![rsa(256, ""); 500]);
        assert_eq!(many.len(), MOST_KEYS);
        assert!(many.bytes() < 128 * 1024, "{}", many.bytes());
    }
}
