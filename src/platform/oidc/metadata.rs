//! What a provider publishes of itself: its metadata and its keys, as far as they are needed.

pub(super) use super::algorithms::algorithm;

use serde_json::{Map, Value};

use super::json;
use super::keyset::KeySet;
use super::refusal::{Reason, Refused};
use crate::platform::outbound::{Outbound, OutboundError};

/// The metadata (OpenID Connect Discovery, section 3). What is of a wrong type counts as not there.
#[derive(Debug)]
pub(super) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    pub response_types_supported: Option<Vec<String>>,
    pub id_token_signing_alg_values_supported: Option<Vec<String>>,
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    fn read(told: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| {
            let items = told.get(name)?.as_array()?.iter();
            Some(items.filter_map(Value::as_str).map(str::to_owned).collect())
        };
        Some(Self {
            issuer: text("issuer")?,
            authorization_endpoint: text("authorization_endpoint")?,
            token_endpoint: text("token_endpoint")?,
            jwks_uri: text("jwks_uri")?,
            userinfo_endpoint: text("userinfo_endpoint"),
            response_types_supported: list("response_types_supported"),
            id_token_signing_alg_values_supported: list("id_token_signing_alg_values_supported"),
            token_endpoint_auth_methods_supported: list("token_endpoint_auth_methods_supported"),
            authorization_response_iss_parameter_supported: told.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }
}

/// Fetches the metadata from where an issuer publishes them.
pub(super) async fn fetch(outbound: &Outbound, address: &str) -> Result<Metadata, Refused> {
    let answer = outbound.get(address, None).await.and_then(OutboundError::unless_failing);
    let answer = answer.map_err(|error| Refused::unasked(Reason::Discovery, error))?;
    let found = match json::value(&answer.body) {
        Ok(Value::Object(told)) if answer.status == 200 => Metadata::read(&told),
        _ => None,
    };
    found.ok_or_else(|| Refused::about(Reason::Discovery, address))
}

/// Fetches the keys that may sign.
pub(super) async fn fetch_keys(outbound: &Outbound, address: &str) -> Result<KeySet, Refused> {
    let answer = outbound.get(address, None).await.and_then(OutboundError::unless_failing);
    let answer = answer.map_err(|error| Refused::unasked(Reason::Keys, error))?;
    if answer.status != 200 {
        return Err(Refused::about(Reason::Keys, address));
    }
    let keys = KeySet::read(&answer.body);
    match keys.is_empty() {
        false => Ok(keys),
        true if keys.has_rsa_of_other_size() => Err(Refused::about(Reason::KeySize, address)),
        true => Err(Refused::about(Reason::Keys, address)),
    }
}
