//! The ID token: everything that is checked before a claim of it is believed (OpenID Connect Core 3.1.3.7, ASVS 9).
//!
//! Claims are read one by one from JSON as it came: those that nothing is decided by are never looked at, and one of a wrong
//! type counts as not sent.

use chrono::Duration;
use data_encoding::BASE64URL_NOPAD;
use openidconnect::JsonWebKey as _;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::{Map, Value};

use super::authorize::AuthorizationRequest;
use super::json::{self, JsonError};
use super::keyset::{KeySet, Unsigned};
use super::refusal::{Reason, Refused};
use super::{Claims, Configuration, metadata};
use crate::base::digest::Digest;
use crate::base::moment::Moment;

/// Seconds for which a token counts after it has expired, as clocks differ.
const LEEWAY: i64 = 60;
/// Seconds by which a provider's clock may be ahead: the nonce ties the token to this login.
const AHEAD: i64 = 180;
/// Seconds for which a token counts as just issued; providers are known to date back by five minutes.
const RECENT: i64 = 600;
/// The beginning of 2000 and of 2100: what is outside is no time at which a person logged in.
const PLAUSIBLE: std::ops::Range<i64> = 946_684_800..4_102_444_800;
/// Longest subject, in ASCII characters.
const LONGEST_SUBJECT: usize = 255;
/// Longest claim that is kept of a person, in bytes.
const LONGEST_CLAIM: usize = 1280;
/// The event by which a logout token says what it is (OpenID Connect Back-Channel Logout 2.4).
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the token is held against.
pub struct Expected<'a> {
    /// The provider.
    pub configuration: &'a Configuration,
    /// The login it is to end.
    pub request: &'a AuthorizationRequest,
    /// What came with it, if anything did.
    pub access_token: &'a str,
    /// The time.
    pub now: Moment,
}

/// Verifies a token by the provider's keys; gives what it says.
pub fn verify(raw: &str, expected: &Expected<'_>, keys: &KeySet) -> Result<Claims, Refused> {
    let Expected { configuration, request, access_token, now } = expected;
    let token = Token::read(raw)?;
    let claims = &token.claims;
    let subject = subject(claims)?;
    issuer(claims, configuration)?;
    audience(claims, configuration)?;
    token.signed(keys, access_token)?;
    times(claims, now.utc().timestamp())?;
    let tenant = text(claims, "tid");
    if let (Some(own), Some(tenant)) = (&configuration.tenant, &tenant)
        && !own.eq_ignore_ascii_case(tenant)
    {
        return Err(Refused::about(Reason::Tenant, tenant));
    }
    nonce(claims, request)?;
    Ok(Claims {
        issuer: configuration.issuer.clone(),
        subject,
        tenant,
        object: text(claims, "oid"),
        email: text(claims, "email"),
        email_verified: is_true(claims.get("email_verified")),
        domain_refused: is_false(claims.get("xms_edov")),
        preferred_username: text(claims, "preferred_username"),
        name: text(claims, "name"),
        auth_time: auth_time(claims, request.max_age, *now)?,
    })
}

/// A claim as text, as it came, if it is a short one that can be shown.
pub(super) fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = claims.get(name)?.as_str()?;
    let fits = !text.is_empty() && text.len() <= LONGEST_CLAIM && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// Some providers send it as text.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value == &Value::Bool(true) || value.as_str() == Some("true"))
}

/// Azure's optional claims are booleans, numbers or text.
fn is_false(value: Option<&Value>) -> bool {
    value.is_some_and(|value| {
        value == &Value::Bool(false)
            || value.as_f64() == Some(0.0)
            || value.as_str().is_some_and(|text| text == "0" || text.eq_ignore_ascii_case("false"))
    })
}

/// A token taken apart. Keys and addresses of keys in the header are never looked at.
struct Token<'a> {
    algorithm: CoreJwsSigningAlgorithm,
    key_id: Option<String>,
    claims: Map<String, Value>,
    text: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// What makes it one: its form, no member twice, its kind, and an algorithm of the list.
    fn read(raw: &'a str) -> Result<Self, Refused> {
        let parts: Vec<&str> = raw.split('.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            // Five parts are an encrypted token (RFC 7516).
            return Err(if parts.len() == 5 { Reason::Encrypted } else { Reason::Malformed }.into());
        };
        let (header, claims) = (object(header)?, object(payload)?);
        let named = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm = metadata::algorithm(named).ok_or_else(|| Refused::about(Reason::Algorithm, named))?;
        if let Some(kind) = header.get("typ").and_then(Value::as_str)
            && !["JWT", "application/jwt"].iter().any(|known| kind.eq_ignore_ascii_case(known))
        {
            return Err(Refused::about(Reason::Type, kind));
        }
        // What must be understood is not; logout tokens say what they are by a claim, whatever their header says.
        let is_critical = header.get("crit").is_some_and(|critical| !critical.is_null());
        if is_critical || claims.get("events").is_some_and(|events| events.get(LOGOUT).is_some()) {
            return Err(Reason::Type.into());
        }
        let key_id = header.get("kid").and_then(Value::as_str).map(str::to_owned);
        let text = raw.get(..raw.len() - signature.len() - 1).ok_or(Reason::Malformed)?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| Reason::Malformed)?;
        Ok(Self { algorithm, key_id, claims, text, signature })
    }

    /// A published key signed it, and the access token beside it where the token names one.
    fn signed(&self, keys: &KeySet, access_token: &str) -> Result<(), Refused> {
        let key = keys.verify(self.key_id.as_deref(), &self.algorithm, self.text.as_bytes(), &self.signature);
        let key = key.map_err(|why| match why {
            Unsigned::NoKey => Reason::Key,
            Unsigned::Wrong => Reason::Signature,
        })?;
        let named = self.claims.get("at_hash").and_then(Value::as_str);
        let Some(named) = named.filter(|_| !access_token.is_empty()) else {
            return Ok(());
        };
        let whole = key.hash_bytes(access_token.as_bytes(), &self.algorithm).map_err(|_| Reason::Algorithm)?;
        let half = whole.get(..whole.len() / 2).unwrap_or_default();
        if BASE64URL_NOPAD.encode(half) == named { Ok(()) } else { Err(Reason::AccessTokenHash.into()) }
    }
}

fn object(part: &str) -> Result<Map<String, Value>, Refused> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Reason::Malformed)?;
    match json::value(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) | Err(JsonError::Malformed) => Err(Reason::Malformed.into()),
        Err(JsonError::Twice) => Err(Reason::Duplicate.into()),
    }
}

fn subject(claims: &Map<String, Value>) -> Result<String, Refused> {
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.is_ascii() {
        return Err(Reason::Subject.into());
    }
    Ok(subject.to_owned())
}

/// Byte for byte.
fn issuer(claims: &Map<String, Value>, configuration: &Configuration) -> Result<(), Refused> {
    match claims.get("iss").and_then(Value::as_str) {
        Some(issuer) if issuer == configuration.issuer => Ok(()),
        _ => Err(found(Reason::Issuer, claims, "iss")),
    }
}

/// We are among the audiences. A token for others, too, must name us as the party that it was issued to, and one that names
/// another party is none for us (OpenID Connect Core 3.1.3.7, steps 3 to 5).
fn audience(claims: &Map<String, Value>, configuration: &Configuration) -> Result<(), Refused> {
    let own = |value: &Value| value.as_str() == Some(configuration.client_id.as_str());
    let (is_ours, has_others) = match claims.get("aud") {
        Some(Value::Array(all)) => (all.iter().any(own), !all.iter().all(own)),
        Some(one) => (own(one), false),
        None => (false, false),
    };
    let party = claims.get("azp").filter(|party| party.is_string());
    match party {
        _ if !is_ours => Err(found(Reason::Audience, claims, "aud")),
        Some(party) if !own(party) => Err(found(Reason::AuthorizedParty, claims, "azp")),
        None if has_others => Err(found(Reason::Audience, claims, "aud")),
        _ => Ok(()),
    }
}

/// Seconds since 1970; whole or not.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    #[expect(clippy::cast_possible_truncation, reason = "a number beyond the range becomes its end")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

fn times(claims: &Map<String, Value>, now: i64) -> Result<(), Refused> {
    let issued = seconds(claims, "iat");
    let expires = seconds(claims, "exp").ok_or(Reason::Expired)?;
    let issued_at = issued.ok_or(Reason::IssuedAt)?;
    // The token was made for this login, within the last minutes: what it says beyond that is how far its clock is off.
    let ahead = issued_at.saturating_sub(now);
    if expires < now.saturating_sub(LEEWAY) {
        let refused = found(Reason::Expired, claims, "exp");
        return Err(if ahead < -LEEWAY { refused.by_clock(ahead) } else { refused });
    }
    if !(-RECENT..=AHEAD).contains(&ahead) {
        return Err(found(Reason::IssuedAt, claims, "iat").by_clock(ahead));
    }
    match seconds(claims, "nbf").map(|from| from.saturating_sub(now)) {
        Some(ahead) if ahead > AHEAD => Err(found(Reason::NotYet, claims, "nbf").by_clock(ahead)),
        _ => Ok(()),
    }
}

fn nonce(claims: &Map<String, Value>, request: &AuthorizationRequest) -> Result<(), Refused> {
    let came = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
    // Compared as digests: how long it takes says nothing of the nonce.
    let same = Digest::of(&[came.as_bytes()]) == Digest::of(&[request.nonce.expose().as_bytes()]);
    same.then_some(()).ok_or_else(|| Reason::Nonce.into())
}

/// When the person logged in at the provider, where it says so. A login that was to be fresh is refused when it is not; where
/// nothing usable is said, the caller asks otherwise.
fn auth_time(claims: &Map<String, Value>, max_age: Option<i64>, now: Moment) -> Result<Option<Moment>, Refused> {
    let Some(at) = seconds(claims, "auth_time").filter(|at| PLAUSIBLE.contains(at)) else {
        return Ok(None);
    };
    let ahead = at - now.utc().timestamp();
    if ahead > AHEAD {
        return Err(found(Reason::AuthTimeAhead, claims, "auth_time").by_clock(ahead));
    }
    if max_age.is_some_and(|age| -ahead > age + LEEWAY) {
        return Err(Reason::AuthTime.into());
    }
    Ok(Some(now + Duration::seconds(ahead)))
}

/// A reason with the value that was found.
fn found(reason: Reason, claims: &Map<String, Value>, name: &str) -> Refused {
    match claims.get(name) {
        Some(Value::String(text)) => Refused::about(reason, text),
        Some(value) => Refused::about(reason, value.to_string()),
        None => reason.into(),
    }
}
