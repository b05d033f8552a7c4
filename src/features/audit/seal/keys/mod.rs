//! The keys of seals: Ed25519, one derived from each secret key of the configuration. The newest signs; what it has
//! signed is verified with its public half, which may be given to anybody.

mod kept;
mod store;

pub use store::known_keys;
pub(crate) use store::{Again, Signatures, keep_keys, sign_again, signatures_after};

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::base::digest::Digest;
use crate::platform::secrets::Keyring;
use kept::Kept;

const PURPOSE: &str = "audit seal";

/// Signs seals.
pub struct Signer {
    id: String,
    key: SigningKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.id)
    }
}

impl Signer {
    /// With the newest key of an installation.
    pub fn newest(ring: &Keyring) -> Self {
        let key = signing_key(&ring.derive_all(PURPOSE)[0]);
        Self { id: id(&key.verifying_key()), key }
    }

    /// Which key it is.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Ed25519 over the 32 bytes of a digest.
    pub fn sign(&self, digest: &Digest) -> Vec<u8> {
        self.key.sign(digest.as_bytes()).to_bytes().to_vec()
    }
}

/// A public key as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    /// How seals name it: the beginning of its SHA-256.
    pub id: String,
    /// Its 32 bytes in base64.
    pub key: String,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// The key that it names has signed it.
    Rightly,
    /// It has not.
    Wrongly,
    /// The key that it names is not known.
    Unknown,
}

/// The keys that seals are verified with.
#[derive(Clone, Debug, Default)]
pub struct PublicKeys(Vec<(String, VerifyingKey)>);

impl PublicKeys {
    /// Those of an installation, the one that signs first.
    pub fn of(ring: &Keyring) -> Self {
        let keys = ring.derive_all(PURPOSE).into_iter().map(|derived| signing_key(&derived).verifying_key());
        Self(keys.map(|key| (id(&key), key)).collect())
    }

    /// Adds one that was handed out, in base64. Fails with words for the operator.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let refusal = || format!("{text} is not a public key: it has 32 bytes in base64 (vestibule audit key)");
        let bytes = BASE64.decode(text.trim().as_bytes()).map_err(|_| refusal())?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| refusal())?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| refusal())?;
        self.0.push((id(&key), key));
        Ok(())
    }

    /// Adds one that was kept at a rotation, if a key that is known already vouches for it.
    pub(super) fn add_kept(&mut self, kept: &Kept) {
        let told = <[u8; 32]>::try_from(kept.key.as_slice()).ok().and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let Some(key) = told.filter(|key| id(key) == kept.id && self.0.iter().all(|(known, _)| *known != kept.id))
        else {
            return;
        };
        if self.check(&kept.key_id, vouched(&kept.key).as_bytes(), &kept.signature) == Signed::Rightly {
            self.0.push((id(&key), key));
        }
    }

    /// All of them, as the newest key vouches for them: what a rotation keeps.
    pub(super) fn vouched_by(&self, signer: &Signer) -> Vec<Kept> {
        let old = self.0.iter().filter(|(id, _)| id != signer.id());
        old.map(|(id, key)| {
            let key = key.as_bytes().to_vec();
            let signature = signer.sign(&vouched(&key));
            Kept { id: id.clone(), key, key_id: signer.id().to_owned(), signature }
        })
        .collect()
    }

    /// As they are handed out.
    pub fn listed(&self) -> Vec<PublicKey> {
        let listed =
            |(id, key): &(String, VerifyingKey)| PublicKey { id: id.clone(), key: BASE64.encode(key.as_bytes()) };
        self.0.iter().map(listed).collect()
    }

    /// Whether the key of an id has signed a digest.
    pub fn check(&self, id: &str, digest: &[u8], signature: &[u8]) -> Signed {
        match self.0.iter().find(|(known, _)| known == id) {
            Some((_, key)) if is_signed(key, digest, signature) => Signed::Rightly,
            Some(_) => Signed::Wrongly,
            None => Signed::Unknown,
        }
    }

    /// Whether any of the keys has signed a digest.
    pub fn any_has_signed(&self, digest: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|(_, key)| is_signed(key, digest, signature))
    }
}

/// What is signed of a key that is kept.
fn vouched(key: &[u8]) -> Digest {
    Digest::of(&[b"vestibule audit key 1", key])
}

fn is_signed(key: &VerifyingKey, digest: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(digest, &signature).is_ok())
}

fn signing_key(derived: &[u8; 64]) -> SigningKey {
    let mut seed = [0; 32];
    seed.copy_from_slice(&derived[..32]);
    SigningKey::from_bytes(&seed)
}

/// Of the public half, so that whoever has only that knows which key it is.
fn id(key: &VerifyingKey) -> String {
    HEXLOWER.encode(&Sha256::digest(key.as_bytes())[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SystemEntropy;

    fn ring(keys: &[&String]) -> Keyring {
        Keyring::parse(&keys.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(",")).unwrap()
    }

    #[test]
    fn asvs_11_2_2_after_a_rotation_old_seals_verify_with_the_old_public_key() {
        let (old, new) = (Keyring::generate(&SystemEntropy), Keyring::generate(&SystemEntropy));
        let digest = Digest::of(&[b"seal"]);
        let before = Signer::newest(&ring(&[&old]));
        let after = Signer::newest(&ring(&[&new, &old]));
        let (both, newest) = (PublicKeys::of(&ring(&[&new, &old])), PublicKeys::of(&ring(&[&new])));
        let check = |keys: &PublicKeys, by: &Signer| keys.check(by.id(), digest.as_bytes(), &by.sign(&digest));
        assert_eq!((check(&both, &before), check(&both, &after)), (Signed::Rightly, Signed::Rightly));
        assert_eq!((check(&newest, &before), check(&newest, &after)), (Signed::Unknown, Signed::Rightly));
        // Handed out before the key was dropped, it is known again.
        let mut handed = newest.clone();
        handed.add(&PublicKeys::of(&ring(&[&old])).listed()[0].key).unwrap();
        assert_eq!(check(&handed, &before), Signed::Rightly);
        assert!(handed.any_has_signed(digest.as_bytes(), &before.sign(&digest)));
        assert!(!newest.any_has_signed(digest.as_bytes(), &before.sign(&digest)));
    }

    #[test]
    fn a_bent_signature_or_digest_is_not_signed() {
        let signer = Signer::newest(&ring(&[&Keyring::generate(&SystemEntropy)]));
        let digest = Digest::of(&[b"seal"]);
        let key = signer.key.verifying_key();
        let signature = signer.sign(&digest);
        assert!(is_signed(&key, digest.as_bytes(), &signature));
        assert!(!is_signed(&key, Digest::of(&[b"other"]).as_bytes(), &signature));
        assert!(!is_signed(&key, digest.as_bytes(), &signature[1..]));
        for place in 0..signature.len() {
            let mut bent = signature.clone();
            bent[place] ^= 1;
            assert!(!is_signed(&key, digest.as_bytes(), &bent), "{place}");
        }
        assert!(PublicKeys::default().add("AAAA").is_err() && PublicKeys::default().add("not base64!").is_err());
    }
}
