//! The way back: from the parameters that the browser brings to a verified login. Nothing is asked before the state fits,
//! nothing is asked twice.

use std::collections::HashSet;

use data_encoding::BASE64;
use serde_json::Value;

use super::authorize::AuthorizationRequest;
use super::refusal::{Reason, Refused, Said};
use super::token::{self, Expected};
use super::{Claims, ClientAuthentication, Configuration, Held, Keys, Secret, json, userinfo};
use crate::base::clock::Clock;
use crate::base::digest::Digest;
use crate::base::moment::Moment;
use crate::platform::outbound::{Outbound, OutboundError};

/// Minutes that a request may take.
pub const TRIP_MINUTES: i64 = 10;
/// Longest query that is read, in bytes.
const LONGEST_QUERY: usize = 16 * 1024;

/// The parameters with which a browser comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    code: Option<String>,
    state: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Callback {
    /// Reads a query; a parameter that stands twice refuses it (RFC 6749 section 3.1).
    pub fn parse(query: &str) -> Result<Self, Refused> {
        if query.len() > LONGEST_QUERY {
            return Err(Reason::Parameters.into());
        }
        let mut seen = HashSet::new();
        let mut callback = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
            let place = match name.as_str() {
                "code" => Some(&mut callback.code),
                "state" => Some(&mut callback.state),
                "iss" => Some(&mut callback.issuer),
                "error" => Some(&mut callback.error),
                "error_description" => Some(&mut callback.description),
                _ => None,
            };
            if let Some(place) = place {
                *place = Some(value);
            }
            if !seen.insert(name) {
                return Err(Reason::Parameters.into());
            }
        }
        Ok(callback)
    }

    /// By what the request is found; a caller that keeps requests by the digest of their state looks here.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// Everything that a login at a provider stands on.
#[derive(Clone, Copy, Debug)]
pub struct Party<'a> {
    /// Who is asked.
    pub outbound: &'a Outbound,
    /// The providers' keys.
    pub keys: &'a Keys,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The provider.
    pub configuration: &'a Configuration,
    /// What shows who we are.
    pub secret: &'a Secret,
}

/// Ends a login that `request` began: checks what came back, redeems the code, verifies the ID token, and asks for userinfo. The
/// caller has taken the request out of its place before, so that it serves once.
pub async fn login(party: Party<'_>, request: &AuthorizationRequest, callback: &Callback) -> Result<Claims, Refused> {
    let now = party.clock.now();
    belongs(callback, request, now)?;
    if party.configuration.fingerprint(party.secret) != request.fingerprint {
        return Err(Reason::Changed.into());
    }
    let code = code(callback, party.configuration)?;
    let tokens = redeem(party, request, code).await?;
    let claims = verified(party, request, &tokens).await?;
    if !tokens.bearer || tokens.access_token.is_empty() {
        return Ok(claims);
    }
    userinfo::complete(party.outbound, party.configuration, &tokens.access_token, claims).await
}

fn belongs(callback: &Callback, request: &AuthorizationRequest, now: Moment) -> Result<(), Refused> {
    let came = callback.state.as_deref().unwrap_or_default();
    // Compared as digests: how long it takes says nothing of the state.
    if Digest::of(&[came.as_bytes()]) != Digest::of(&[request.state.expose().as_bytes()]) {
        return Err(Reason::State.into());
    }
    let age = now.since(request.begun);
    if age > chrono::Duration::minutes(TRIP_MINUTES) { Err(Reason::Late.into()) } else { Ok(()) }
}

fn code<'a>(callback: &'a Callback, configuration: &Configuration) -> Result<&'a str, Refused> {
    match &callback.issuer {
        Some(issuer) if *issuer != configuration.issuer => return Err(Refused::about(Reason::AnswerIssuer, issuer)),
        None if configuration.names_itself => return Err(Reason::AnswerIssuer.into()),
        _ => {}
    }
    if let Some(error) = &callback.error {
        let reason = if error == "access_denied" { Reason::Denied } else { Reason::ProviderError };
        return Err(Refused::saying(reason, Said::by_browser(error, callback.description.as_deref())));
    }
    callback.code.as_deref().filter(|code| !code.is_empty()).ok_or_else(|| Reason::NoCode.into())
}

struct Tokens {
    id_token: String,
    access_token: String,
    bearer: bool,
}

/// Redeems the code, once: a code that may have been used is not tried again.
async fn redeem(party: Party<'_>, request: &AuthorizationRequest, code: &str) -> Result<Tokens, Refused> {
    let configuration = party.configuration;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &request.redirect_uri)
        .append_pair("code_verifier", request.verifier.expose());
    let authorization = match configuration.client_authentication {
        ClientAuthentication::Post => {
            form.append_pair("client_id", &configuration.client_id).append_pair("client_secret", party.secret.expose());
            None
        }
        ClientAuthentication::Basic => Some(basic(&configuration.client_id, party.secret)),
    };
    let answer = party.outbound.post(&configuration.token_url, authorization, form.finish()).await?;
    let told = json::value(&answer.body).unwrap_or_default();
    // What is wrong with the client is told with odd statuses, too; without such words a failing server is one.
    if let Some(error) = told["error"].as_str() {
        return Err(token_error(error, &told));
    }
    let answer = OutboundError::unless_failing(answer)?;
    let field = |name: &str| told[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    match field("id_token").filter(|_| answer.status == 200) {
        // The access token is for userinfo alone, and only as a bearer token is it of use there.
        Some(id_token) => {
            let bearer = told["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
            Ok(Tokens { id_token, access_token: field("access_token").unwrap_or_default(), bearer })
        }
        None => Err(Refused::about(Reason::TokenAnswer, answer.status.to_string())),
    }
}

/// Both are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose()));
    format!("Basic {}", BASE64.encode(pair.as_bytes()))
}

fn token_error(error: &str, told: &Value) -> Refused {
    let number = told["error_codes"][0].as_u64().and_then(|number| u32::try_from(number).ok());
    let reason = match error {
        "invalid_client" | "unauthorized_client" => Reason::InvalidClient,
        "invalid_grant" => Reason::InvalidGrant,
        _ => Reason::TokenError,
    };
    Refused::saying(reason, Said::new(Some(error), told["error_description"].as_str(), number))
}

/// Verifies by the keys that are held; where none of them signed, by newer ones, once: a key may be new, nameless, or
/// another under a name that is known.
async fn verified(party: Party<'_>, request: &AuthorizationRequest, tokens: &Tokens) -> Result<Claims, Refused> {
    let Party { outbound, keys, clock, configuration, .. } = party;
    let held = keys.current(outbound, clock, configuration).await?;
    let check = |held: &Held| {
        let expected = Expected { configuration, request, access_token: &tokens.access_token, now: clock.now() };
        token::verify(&tokens.id_token, &expected, held)
    };
    match check(&held) {
        Err(refused) if matches!(refused.reason, Reason::Key | Reason::Signature) => {
            match keys.renewed(outbound, clock, configuration, &held).await {
                Some(newer) => check(&newer),
                None => Err(refused),
            }
        }
        verdict => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_stands_twice_refuses_the_answer() {
        for query in ["state=a&state=b", "code=a&state=s&code=a", "iss=x&iss=x", "session_state=1&session_state=2"] {
            assert_eq!(Callback::parse(query).unwrap_err().reason, Reason::Parameters, "{query}");
        }
        assert_eq!(Callback::parse(&"x".repeat(20_000)).unwrap_err().reason, Reason::Parameters);
        let fine = Callback::parse("code=a%2Bb&state=s&session_state=1").unwrap();
        assert_eq!((fine.code.as_deref(), fine.state()), (Some("a+b"), Some("s")));
    }

    #[test]
    fn id_and_secret_are_form_encoded_for_basic() {
        let header = basic("id:1", &Secret::new("a+b%:c/"));
        let pair = BASE64.decode(header.strip_prefix("Basic ").unwrap().as_bytes()).unwrap();
        assert_eq!(String::from_utf8(pair).unwrap(), "id%3A1:a%2Bb%25%3Ac%2F");
    }
}
