//! The ID token: everything that is checked before a claim of it is believed (OpenID Connect Core 3.1.3.7, ASVS 9).

use std::str::FromStr;

use chrono::{DateTime, Duration, Utc};
use data_encoding::BASE64URL_NOPAD;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce, NonceVerifier,
    SignatureVerificationError,
};
use serde_json::{Map, Value};

use super::authorize::Trip;
use super::json::{self, JsonError};
use super::keys::Held;
use super::metadata::ALGORITHMS;
use super::refusal::{Reason, Refused};
use super::{Claims, Configuration};
use crate::store::types::Moment;

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 60;
/// Minutes for which a token counts as just issued; providers are known to date back by five.
const RECENT_MINUTES: i64 = 10;
/// Longest subject, in ASCII characters.
const LONGEST_SUBJECT: usize = 255;
/// Longest claim that is kept of a person.
const LONGEST_CLAIM: usize = 320;

/// What the token is held against.
pub struct Expected<'a> {
    /// The provider.
    pub configuration: &'a Configuration,
    /// The login it is to end.
    pub trip: &'a Trip,
    /// What came with it.
    pub access_token: &'a str,
    /// The time.
    pub now: Moment,
}

/// Verifies a token by the provider's keys; gives what it says.
pub fn verify(raw: &str, expected: &Expected<'_>, keys: &Held) -> Result<Claims, Refused> {
    let claims = structure(raw)?;
    let token = CoreIdToken::from_str(raw).map_err(|_| Reason::Malformed)?;
    let configuration = expected.configuration;
    let issuer = IssuerUrl::new(configuration.issuer.clone()).map_err(|_| Reason::Issuer)?;
    let client = ClientId::new(configuration.client_id.clone());
    let now = expected.now.utc();
    // As a public client the library holds no secret, so that no token can be verified by one.
    let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, keys.as_ref().clone())
        .set_allowed_algs(ALGORITHMS.iter().map(|(_, algorithm)| algorithm.clone()))
        .set_time_fn(move || now - Duration::seconds(LEEWAY))
        .set_issue_time_verifier_fn(move |at| if is_recent(at, now) { Ok(()) } else { Err(ISSUED.to_owned()) });
    // The nonce is looked at last, after all that the library leaves to us.
    let any = |_: Option<&Nonce>| Ok(());
    let verified = token.claims(&verifier, any).map_err(|error| refusal(error, &claims))?;

    authorized_party(&claims, configuration)?;
    if let Some(from) = claims.get("nbf") {
        let valid = from.as_f64().is_some_and(|from| from <= (now.timestamp() + LEEWAY) as f64);
        valid.then_some(()).ok_or(Reason::NotYet)?;
    }
    if let Some(hash) = verified.access_token_hash() {
        let key = token.signing_key(&verifier).map_err(|_| Reason::Key)?;
        let algorithm = token.signing_alg().map_err(|_| Reason::Algorithm)?;
        let own = AccessTokenHash::from_token(&AccessToken::new(expected.access_token.to_owned()), algorithm, key);
        (own.ok().as_ref() == Some(hash)).then_some(()).ok_or(Reason::AccessTokenHash)?;
    }
    let tenant = text(&claims, "tid");
    if let (Some(own), Some(tenant)) = (&configuration.tenant, &tenant)
        && !own.eq_ignore_ascii_case(tenant)
    {
        return Err(Refused::about(Reason::Tenant, tenant));
    }
    let nonce = Nonce::new(expected.trip.nonce.expose().to_owned());
    (&nonce).verify(verified.nonce()).map_err(|_| Reason::Nonce)?;
    let auth_time = auth_time(verified.auth_time(), expected.trip.max_age, now)?;
    Ok(Claims {
        issuer: configuration.issuer.clone(),
        subject: verified.subject().as_str().to_owned(),
        tenant,
        object: text(&claims, "oid"),
        email: text(&claims, "email"),
        email_verified: is_true(claims.get("email_verified")),
        preferred_username: text(&claims, "preferred_username"),
        name: text(&claims, "name"),
        auth_time: auth_time.map(Moment::new),
    })
}

/// A claim as text, if it is a short one that can be shown.
pub(super) fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = claims.get(name)?.as_str()?;
    crate::text::sent_line(text, LONGEST_CLAIM).ok()
}

/// Some providers send it as text.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value == &Value::Bool(true) || value.as_str() == Some("true"))
}

/// Whether a claim is of the right kind.
type Fits = fn(&Value) -> bool;

/// What the library does not look at: members that stand twice, kinds of token, and what must be there at all. Keys and
/// addresses of keys in the header are never looked at.
fn structure(raw: &str) -> Result<Map<String, Value>, Refused> {
    let parts: Vec<&str> = raw.split('.').collect();
    let [header, payload, _] = parts.as_slice() else {
        return Err(Reason::Malformed.into());
    };
    let (header, claims) = (object(header)?, object(payload)?);
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    if !ALGORITHMS.iter().any(|(name, _)| *name == algorithm) {
        return Err(Refused::about(Reason::Algorithm, algorithm));
    }
    if let Some(kind) = header.get("typ") {
        let kind = kind.as_str().unwrap_or_default();
        if !kind.eq_ignore_ascii_case("JWT") {
            return Err(Refused::about(Reason::Type, kind));
        }
    }
    // Logout tokens say what they are by this claim, whatever their header says.
    if header.contains_key("crit") || header.contains_key("cty") || claims.contains_key("events") {
        return Err(Reason::Type.into());
    }
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.is_ascii() {
        return Err(Reason::Subject.into());
    }
    let needed: [(&str, Fits, Reason); 4] = [
        ("iss", Value::is_string, Reason::Issuer),
        ("aud", |aud| aud.is_string() || aud.is_array(), Reason::Audience),
        ("exp", Value::is_number, Reason::Expired),
        ("iat", Value::is_number, Reason::IssuedAt),
    ];
    for (name, fits, reason) in needed {
        claims.get(name).is_some_and(fits).then_some(()).ok_or(reason)?;
    }
    Ok(claims)
}

/// Whether a token says which key signed it.
pub(super) fn names_key(raw: &str) -> bool {
    raw.split('.').next().and_then(|header| object(header).ok()).is_some_and(|header| header.contains_key("kid"))
}

fn object(part: &str) -> Result<Map<String, Value>, Refused> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Reason::Malformed)?;
    match json::value(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) | Err(JsonError::Malformed) => Err(Reason::Malformed.into()),
        Err(JsonError::Twice) => Err(Reason::Duplicate.into()),
    }
}

const ISSUED: &str = "iat";

fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at <= now + Duration::seconds(LEEWAY) && at >= now - Duration::minutes(RECENT_MINUTES)
}

/// The party a token was issued to is us, where it is named.
fn authorized_party(claims: &Map<String, Value>, configuration: &Configuration) -> Result<(), Refused> {
    match claims.get("azp") {
        None => Ok(()),
        Some(azp) if azp.as_str() == Some(configuration.client_id.as_str()) => Ok(()),
        Some(azp) => Err(Refused::about(Reason::AuthorizedParty, azp.as_str().unwrap_or_default())),
    }
}

/// A login that was to be fresh is so, where the provider says when it was; where it does not, the caller asks otherwise.
fn auth_time(
    at: Option<DateTime<Utc>>,
    max_age: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Refused> {
    let Some(at) = at else {
        return Ok(None);
    };
    let leeway = Duration::seconds(LEEWAY);
    let stale = max_age.is_some_and(|age| now - at > Duration::seconds(age) + leeway);
    if stale || at > now + leeway { Err(Reason::AuthTime.into()) } else { Ok(Some(at)) }
}

/// The library's answer as a reason, with the value it stumbled over.
fn refusal(error: ClaimsVerificationError, claims: &Map<String, Value>) -> Refused {
    let found = |reason, name: &str| match claims.get(name) {
        Some(Value::String(text)) => Refused::about(reason, text),
        Some(value) => Refused::about(reason, value.to_string()),
        None => reason.into(),
    };
    match error {
        ClaimsVerificationError::Expired(told) if told == ISSUED => found(Reason::IssuedAt, "iat"),
        ClaimsVerificationError::Expired(_) => found(Reason::Expired, "exp"),
        ClaimsVerificationError::InvalidAudience(_) => found(Reason::Audience, "aud"),
        ClaimsVerificationError::InvalidIssuer(_) => found(Reason::Issuer, "iss"),
        ClaimsVerificationError::InvalidNonce(_) => Reason::Nonce.into(),
        ClaimsVerificationError::InvalidSubject(_) => Reason::Subject.into(),
        ClaimsVerificationError::InvalidAuthTime(_) => Reason::AuthTime.into(),
        ClaimsVerificationError::SignatureVerification(cause) => match cause {
            SignatureVerificationError::AmbiguousKeyId(_) => Reason::AmbiguousKey.into(),
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::InvalidKey(_) => Reason::Key.into(),
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::NoSignature
            | SignatureVerificationError::UnsupportedAlg(_) => Reason::Algorithm.into(),
            _ => Reason::Signature.into(),
        },
        ClaimsVerificationError::Unsupported(_) => Reason::Type.into(),
        _ => Reason::Malformed.into(),
    }
}
