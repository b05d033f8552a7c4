//! The algorithms that ID tokens may be signed with.

use openidconnect::core::CoreJwsSigningAlgorithm;

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
    // The name that RFC 9864 gives to EdDSA with this curve.
    ("Ed25519", CoreJwsSigningAlgorithm::EdDsa),
];

/// The algorithm of a name that is accepted.
pub(super) fn algorithm(name: &str) -> Option<CoreJwsSigningAlgorithm> {
    ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| algorithm.clone())
}
