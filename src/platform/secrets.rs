//! Secrets at rest: sealed with XChaCha20-Poly1305 under a key from the configuration.
//!
//! The key's id stands before the ciphertext, so that keys can be rotated; the row's identity is associated data,
//! so that a sealed value copied into another row does not open (ASVS 11.2.2, 11.3.3).

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

use crate::base::digest::Digest;
use crate::base::entropy::Entropy;

const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

/// The keys of an installation: the first seals, all open.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<([u8; KEY_ID_BYTES], [u8; KEY_BYTES])>,
    /// The installation's own secret, which outlives its keys; without a database, the first key stands in.
    root: Option<[u8; KEY_BYTES]>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

impl Keyring {
    /// Parses `VESTIBULE_SECRET_KEYS`: base64 keys of 32 bytes separated by commas, the newest first.
    pub fn parse(text: &str) -> Result<Self, String> {
        let keys = text.split(',').map(|part| Self::parse_key(part.trim())).collect::<Result<Vec<_>, _>>()?;
        let keys = keys.into_iter().map(|key| (key_id(&key), key)).collect();
        Ok(Self { keys, root: None })
    }

    /// The same keys, with what is derived coming from `root`.
    pub fn rooted_in(self, root: [u8; KEY_BYTES]) -> Self {
        Self { root: Some(root), ..self }
    }

    fn parse_key(text: &str) -> Result<[u8; KEY_BYTES], String> {
        let refusal = || "each key must be 32 random bytes in base64 (openssl rand -base64 32)".to_owned();
        let bytes = BASE64.decode(text.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(text.as_bytes()));
        let key: [u8; KEY_BYTES] = bytes.map_err(|_| refusal())?.try_into().map_err(|_| refusal())?;
        let mut values = key.to_vec();
        values.sort_unstable();
        values.dedup();
        // 32 random bytes hold about 30 different values; a sample or a repeated pattern holds few (ASVS 13.3.1).
        if values.len() < 16 { Err("a key does not look random".to_owned()) } else { Ok(key) }
    }

    /// A new key in the form that [`Keyring::parse`] reads.
    pub fn generate(entropy: &dyn Entropy) -> String {
        BASE64.encode(&entropy.bytes::<KEY_BYTES>())
    }

    /// Seals `plain` for the row named by `identity`.
    pub fn seal(&self, entropy: &dyn Entropy, identity: &[u8], plain: &[u8]) -> Vec<u8> {
        let (id, key) = &self.keys[0];
        let nonce = entropy.bytes::<NONCE_BYTES>();
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: identity })
            .unwrap_or_else(|_| panic!("sealing in memory cannot fail"));
        [id.as_slice(), &nonce, &sealed].concat()
    }

    /// Opens what [`Keyring::seal`] made; `None` for a changed value, another row or an unknown key.
    pub fn open(&self, identity: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_at_checked(KEY_ID_BYTES)?;
        let (nonce, text) = rest.split_at_checked(NONCE_BYTES)?;
        let (_, key) = self.keys.iter().find(|(known, _)| known == id)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        cipher(key).decrypt(&XNonce::from(nonce), Payload { msg: text, aad: identity }).ok()
    }

    /// Seals `plain` for a short time under a key that stays when keys are rotated.
    pub fn seal_by_root(&self, entropy: &dyn Entropy, identity: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = entropy.bytes::<NONCE_BYTES>();
        let sealed = self
            .root_cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: identity })
            .unwrap_or_else(|_| panic!("sealing in memory cannot fail"));
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Keyring::seal_by_root`] made for the same `identity`.
    pub fn open_by_root(&self, identity: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        self.root_cipher().decrypt(&XNonce::from(nonce), Payload { msg: text, aad: identity }).ok()
    }

    fn root_cipher(&self) -> XChaCha20Poly1305 {
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&self.derive("sealed for a short time")[..KEY_BYTES]);
        cipher(&key)
    }

    /// The id of the key under which a value is sealed, for the operator; `None` for what was not sealed.
    pub fn key_of(sealed: &[u8]) -> Option<String> {
        sealed.get(..KEY_ID_BYTES).map(|id| HEXLOWER.encode(id))
    }

    /// A key for one purpose, derived from the installation's own secret: 64 bytes. It stays when keys are rotated.
    pub fn derive(&self, purpose: &str) -> [u8; 64] {
        derived(&self.root.unwrap_or(self.keys[0].1), purpose)
    }

    /// The keys for one purpose that are derived from all configured keys, newest first.
    pub fn derive_all(&self, purpose: &str) -> Vec<[u8; 64]> {
        self.keys.iter().map(|(_, key)| derived(key, purpose)).collect()
    }

    /// A digest that only this installation can compute, for keys of tables that must not be guessable.
    pub fn digest(&self, parts: &[&[u8]]) -> Digest {
        let key = self.derive("digest");
        let mut all = vec![key.as_slice()];
        all.extend_from_slice(parts);
        Digest::of(&all)
    }

    /// The ids of all keys, newest first, for the operator.
    pub fn ids(&self) -> Vec<String> {
        self.keys.iter().map(|(id, _)| HEXLOWER.encode(id)).collect()
    }
}

fn derived(key: &[u8; KEY_BYTES], purpose: &str) -> [u8; 64] {
    use sha2::Digest as _;
    let mut hash = sha2::Sha512::new();
    hash.update(b"vestibule derived key\0");
    hash.update(key);
    hash.update(purpose.as_bytes());
    hash.finalize().into()
}

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn key_id(key: &[u8; KEY_BYTES]) -> [u8; KEY_ID_BYTES] {
    use sha2::Digest as _;
    let hash = sha2::Sha256::new().chain_update(b"vestibule key id\0").chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SystemEntropy;

    fn ring() -> Keyring {
        Keyring::parse(&Keyring::generate(&SystemEntropy)).unwrap()
    }

    #[test]
    fn asvs_11_3_3_a_sealed_value_opens_in_its_own_row_only() {
        let ring = ring();
        let sealed = ring.seal(&SystemEntropy, b"mails/1", b"secret");
        assert_eq!(ring.open(b"mails/1", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(ring.open(b"mails/2", &sealed), None);
        for position in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[position] ^= 1;
            assert_eq!(ring.open(b"mails/1", &bent), None, "bit {position}");
        }
        assert_eq!(ring.open(b"mails/1", b""), None);
    }

    #[test]
    fn asvs_11_2_2_an_older_key_still_opens() {
        let (old, new) = (Keyring::generate(&SystemEntropy), Keyring::generate(&SystemEntropy));
        let sealed = Keyring::parse(&old).unwrap().seal(&SystemEntropy, b"x", b"secret");
        assert!(Keyring::parse(&format!("{new},{old}")).unwrap().open(b"x", &sealed).is_some());
        assert!(Keyring::parse(&new).unwrap().open(b"x", &sealed).is_none());
    }

    /// Shows ASVS 13.2.3.
    #[test]
    fn asvs_13_3_1_short_and_sample_keys_are_refused() {
        for key in ["", "c2hvcnQ=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "changeme"] {
            assert!(Keyring::parse(key).is_err(), "{key}");
        }
    }
}
