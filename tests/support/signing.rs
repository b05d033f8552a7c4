//! Keys of the mock provider, made in the test: nothing secret lies in the repository.

use data_encoding::BASE64URL_NOPAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::{Value, json};

/// A key that signs.
#[derive(Clone)]
pub struct SigningKey {
    /// What it signs with.
    pub algorithm: &'static str,
    /// Its id, in the token and in the set.
    pub id: Option<String>,
    key: PKey<Private>,
}

impl SigningKey {
    /// A new key.
    pub fn new(algorithm: &'static str, id: &str) -> Self {
        let key = match algorithm {
            "ES256" => PKey::from_ec_key(EcKey::generate(&p256()).unwrap()).unwrap(),
            "EdDSA" => PKey::generate_ed25519().unwrap(),
            _ => PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        };
        Self { algorithm, id: Some(id.to_owned()), key }
    }

    /// The same key under another id or none.
    pub fn named(&self, id: Option<&str>) -> Self {
        Self { id: id.map(str::to_owned), ..self.clone() }
    }

    /// As it is published.
    pub fn published(&self) -> Value {
        let mut key = self.public();
        key["use"] = "sig".into();
        if let Some(id) = &self.id {
            key["kid"] = id.as_str().into();
        }
        key
    }

    /// Its public part.
    pub fn public(&self) -> Value {
        let base64 = |bytes: Vec<u8>| BASE64URL_NOPAD.encode(&bytes);
        match self.algorithm {
            "ES256" => {
                let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
                let key = self.key.ec_key().unwrap();
                let mut context = BigNumContext::new().unwrap();
                key.public_key().affine_coordinates(&p256(), &mut x, &mut y, &mut context).unwrap();
                let (x, y) = (x.to_vec_padded(32).unwrap(), y.to_vec_padded(32).unwrap());
                json!({"kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y)})
            }
            "EdDSA" => json!({"kty": "OKP", "crv": "Ed25519", "x": base64(self.key.raw_public_key().unwrap())}),
            _ => {
                let key = self.key.rsa().unwrap();
                json!({"kty": "RSA", "n": base64(key.n().to_vec()), "e": base64(key.e().to_vec())})
            }
        }
    }

    /// Its public part in the form that a confused verifier would take for a shared secret.
    pub fn pem(&self) -> Vec<u8> {
        self.key.public_key_to_pem().unwrap()
    }

    /// Signs.
    pub fn sign(&self, text: &str) -> Vec<u8> {
        match self.algorithm {
            "EdDSA" => Signer::new_without_digest(&self.key).unwrap().sign_oneshot_to_vec(text.as_bytes()).unwrap(),
            "ES256" => {
                let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
                let der = signer.sign_oneshot_to_vec(text.as_bytes()).unwrap();
                let pair = EcdsaSig::from_der(&der).unwrap();
                [pair.r().to_vec_padded(32).unwrap(), pair.s().to_vec_padded(32).unwrap()].concat()
            }
            algorithm => {
                let digest = if algorithm.ends_with("512") { MessageDigest::sha512() } else { MessageDigest::sha256() };
                let mut signer = Signer::new(digest, &self.key).unwrap();
                if algorithm.starts_with("PS") {
                    signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
                    signer.set_rsa_mgf1_md(digest).unwrap();
                    signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
                }
                signer.sign_oneshot_to_vec(text.as_bytes()).unwrap()
            }
        }
    }
}

/// Signs with a secret that both sides know.
pub fn hmac(secret: &[u8], text: &str) -> Vec<u8> {
    let key = PKey::hmac(secret).unwrap();
    Signer::new(MessageDigest::sha256(), &key).unwrap().sign_oneshot_to_vec(text.as_bytes()).unwrap()
}

fn p256() -> EcGroup {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()
}
