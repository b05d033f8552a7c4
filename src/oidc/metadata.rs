//! What a provider publishes of itself: its metadata and its keys, as far as they are needed.

use data_encoding::BASE64URL_NOPAD;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::Value;

use super::json;
use super::refusal::{Reason, Refused};
use crate::outbound::{Answer, Outbound};

/// What signatures may be made with, whatever a provider offers: asymmetric, and verified by the library (ASVS 9.1.2).
pub(super) const ALGORITHMS: &[(&str, CoreJwsSigningAlgorithm)] = &[
    ("RS256", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
    ("RS384", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384),
    ("RS512", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512),
    ("PS256", CoreJwsSigningAlgorithm::RsaSsaPssSha256),
    ("PS384", CoreJwsSigningAlgorithm::RsaSsaPssSha384),
    ("PS512", CoreJwsSigningAlgorithm::RsaSsaPssSha512),
    ("ES256", CoreJwsSigningAlgorithm::EcdsaP256Sha256),
    ("ES384", CoreJwsSigningAlgorithm::EcdsaP384Sha384),
    ("EdDSA", CoreJwsSigningAlgorithm::EdDsa),
];

/// Fewest and most bits of an RSA key: fewer are weak, more take long to verify.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// The metadata (OpenID Connect Discovery, section 3).
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    #[serde(default)]
    pub response_types_supported: Vec<String>,
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Fetches the metadata from where an issuer publishes them.
pub(super) async fn fetch(outbound: &Outbound, address: &str) -> Result<Metadata, Refused> {
    let answer = outbound.get(address, None).await;
    let answer = answer.map_err(|error| Refused::unasked(Reason::Discovery, error))?;
    found(&answer).ok_or_else(|| Refused::about(Reason::Discovery, address))
}

fn found(answer: &Answer) -> Option<Metadata> {
    if answer.status == 200 { json::parse(&answer.body).ok() } else { None }
}

/// Fetches the keys that may sign.
pub(super) async fn fetch_keys(outbound: &Outbound, address: &str) -> Result<CoreJsonWebKeySet, Refused> {
    let answer = outbound.get(address, None).await;
    let answer = answer.map_err(|error| Refused::unasked(Reason::Keys, error))?;
    let usable = usable(&answer.body);
    let found = answer.status == 200 && !usable.keys().is_empty();
    if found { Ok(usable) } else { Err(Refused::about(Reason::Keys, address)) }
}

/// The keys of a set that can sign and are strong enough; what is not understood is left out.
pub fn usable(body: &[u8]) -> CoreJsonWebKeySet {
    let set = json::value(body).unwrap_or_default();
    let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    let usable = keys.iter().filter(|key| signs(key)).filter_map(|key| serde_json::from_value(key.clone()).ok());
    CoreJsonWebKeySet::new(usable.collect())
}

fn signs(key: &Value) -> bool {
    if !matches!(key["use"].as_str(), None | Some("sig")) {
        return false;
    }
    let bytes = |name: &str| key[name].as_str().and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
    match (key["kty"].as_str(), key["crv"].as_str()) {
        // With the exponent 1 everything is its own signature.
        (Some("RSA"), _) => {
            bytes("n").is_some_and(|n| RSA_BITS.contains(&bits(&n))) && bytes("e").is_some_and(|e| bits(&e) > 1)
        }
        (Some("EC"), Some("P-256" | "P-384")) => bytes("x").is_some() && bytes("y").is_some(),
        (Some("OKP"), Some("Ed25519")) => bytes("x").is_some(),
        _ => false,
    }
}

fn bits(number: &[u8]) -> usize {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows ASVS 11.2.3.
    #[test]
    fn only_strong_keys_that_sign_are_used() {
        let rsa = |bytes: usize, more: &str| {
            let n = BASE64URL_NOPAD.encode(&vec![0xc1; bytes]);
            format!(r#"{{"kty": "RSA", "kid": "a", "n": "{n}", "e": "AQAB"{more}}}"#)
        };
        let count = |keys: &[String]| usable(format!(r#"{{"keys": [{}]}}"#, keys.join(",")).as_bytes()).keys().len();
        assert_eq!(count(&[rsa(256, ""), rsa(512, r#", "use": "sig", "alg": "RS256""#)]), 2);
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
            assert_eq!(count(&[rsa(256, ""), other.clone()]), 1, "{other}");
        }
        assert_eq!(
            [&b"<html>"[..], b"{}", br#"{"keys": 1}"#].map(|body| usable(body).keys().len()).iter().sum::<usize>(),
            0
        );
        assert_eq!(bits(&[0, 0, 1]), 1);
    }
}
