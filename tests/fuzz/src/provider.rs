//! What an identity provider, or somebody in its place, sends or names.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use vestibule::base::entropy::{Entropy, SystemEntropy};
use vestibule::base::moment::Moment;
use vestibule::platform::oidc::authorize::AuthorizationRequest;
use vestibule::platform::oidc::exchange::Callback;
use vestibule::platform::oidc::token::{Expected, verify};
use vestibule::platform::oidc::{ClientAuthentication, Configuration, Held, KeySet, Provider, Secret, json as strict};
use vestibule::platform::outbound::{Allowances, Outbound, forbidden};

use super::signing::SigningKey;
use super::{seeds, text};

pub fn urls() -> Vec<Vec<u8>> {
    seeds(&[
        "https://login.example.com/oauth2/authorize",
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://good\\@169.254.169.254/",
        "https://good#@evil/",
        "https://user:pass@idp.example.com/",
        "https://idp.example.com:22/",
        "http://idp.example.com/",
        "https://2130706433/",
        "https://localhost./",
        "https://①②⑦.⓪.⓪.①/",
    ])
}

/// What may be asked is https without names of users, and no address that is not public.
pub fn outbound_address(data: &[u8]) {
    static OUTBOUND: LazyLock<Outbound> = LazyLock::new(|| Outbound::new(Allowances::default()));
    let Some(typed) = text(data) else { return };
    if let Ok(url) = OUTBOUND.check(typed) {
        assert_eq!(url.scheme(), "https", "{typed:?}");
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{typed:?}");
        match url.host() {
            Some(url::Host::Ipv4(address)) => assert!(!forbidden(address.into()), "{typed:?}"),
            Some(url::Host::Ipv6(address)) => assert!(!forbidden(address.into()), "{typed:?}"),
            host => assert!(host.is_some(), "{typed:?}"),
        }
        assert!(OUTBOUND.check(url.as_str()).is_ok(), "{typed:?} was taken, what it means is not");
    }
}

pub fn callbacks() -> Vec<Vec<u8>> {
    seeds(&[
        "code=abc&state=xyz",
        "code=abc&state=xyz&iss=https%3A%2F%2Fidp.example.com",
        "error=access_denied&error_description=AADSTS50105%3A+not+assigned&state=xyz",
        "state=a&state=b&code=c",
        "code=%00%ff&state=",
        "code=a&code%00=b",
    ])
}

/// Each parameter once, or refused.
pub fn callback(data: &[u8]) {
    let Some(query) = text(data) else { return };
    if let Ok(callback) = Callback::parse(query) {
        let sent = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state").count();
        assert!(sent <= 1 && callback.state().is_some() == (sent == 1), "{query:?}");
    }
}

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("ES256", "one"));

pub fn key_sets() -> Vec<Vec<u8>> {
    let rsa = SigningKey::new("RS256", "two").published();
    let edwards = SigningKey::new("EdDSA", "three").published();
    let set = json!({ "keys": [KEY.published(), rsa, edwards] }).to_string();
    let mut all = seeds(&[
        &set,
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
        r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQ"}]}"#,
        r#"{"sub":"a","sub":"b"}"#,
        r#"{"keys":[],"keys":[{}]}"#,
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        r#"{"a":1e999,"b":-0.0,"c":18446744073709551616,"d":"\ud800"}"#,
    ]);
    all.push(set.into_bytes());
    all
}

/// JSON is read strictly: what is taken, the usual parser reads as the same. Of keys, only some kinds are used.
pub fn keys(data: &[u8]) {
    if let Ok(value) = strict::value(data) {
        assert_eq!(serde_json::from_slice::<Value>(data).ok(), Some(value));
    }
    let _usable = KeySet::read(data);
}

const ISSUER: &str = "https://idp.example.com";
const NOW: i64 = 1_790_000_000;

struct Signed {
    raw: String,
    request: AuthorizationRequest,
    configuration: Configuration,
    keys: Held,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let entropy: &dyn Entropy = &SystemEntropy;
    let configuration = Configuration {
        provider: Provider::Azure,
        issuer: ISSUER.to_owned(),
        authorization_url: format!("{ISSUER}/authorize"),
        token_url: format!("{ISSUER}/token"),
        jwks_uri: format!("{ISSUER}/keys"),
        userinfo_url: None,
        tenant: None,
        client_id: "vestibule".to_owned(),
        client_authentication: ClientAuthentication::Post,
        own_addresses: true,
        names_itself: false,
    };
    let request = AuthorizationRequest {
        state: entropy.token(),
        nonce: entropy.token(),
        verifier: entropy.token(),
        redirect_uri: "https://login.example.com/auth/oidc/callback".to_owned(),
        fingerprint: configuration.fingerprint(&Secret::new("secret")),
        begun: moment(),
        max_age: None,
    };
    let claims = json!({
        "iss": ISSUER, "sub": "a-subject", "aud": "vestibule", "iat": NOW, "exp": NOW + 300,
        "nonce": request.nonce.expose(), "email": "mina@example.org", "name": "Mina Park",
    });
    let encode = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let body = format!("{}.{}", encode(json!({ "alg": "ES256", "kid": "one", "typ": "JWT" })), encode(claims));
    let raw = format!("{body}.{}", BASE64URL_NOPAD.encode(&KEY.sign(&body)));
    let set = json!({ "keys": [KEY.published()] }).to_string();
    Signed { raw, request, configuration, keys: Arc::new(KeySet::read(set.as_bytes())) }
});

fn moment() -> Moment {
    Moment::new(DateTime::<Utc>::from_timestamp(NOW, 0).unwrap_or_default())
}

pub fn tokens() -> Vec<Vec<u8>> {
    let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let none = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(r#"{"sub":"a"}"#));
    let shared =
        format!("{}.{}.AAAA", encode(r#"{"alg":"HS256","jwk":{}}"#), encode(r#"{"iss":1,"aud":[],"sub":"a"}"#));
    seeds(&[&SIGNED.raw, &none, &shared, "..", "a.b.c", "e30.e30.", "...."])
}

/// Whoever comes in is the one whom the provider signed for.
pub fn token(data: &[u8]) {
    let Some(raw) = text(data) else { return };
    let signed = &*SIGNED;
    let expected = Expected {
        configuration: &signed.configuration,
        request: &signed.request,
        access_token: "opaque",
        now: moment(),
    };
    if let Ok(claims) = verify(raw, &expected, &signed.keys) {
        assert_eq!(claims.subject, "a-subject", "{raw:?}");
        // What was signed is the same; a signature has more than one encoding.
        let body = |token: &str| token.rsplit_once('.').map(|(body, _)| body.to_owned());
        assert_eq!(body(raw), body(&signed.raw), "{raw:?}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_token_that_all_others_are_made_of_is_taken() {
        let signed = &*super::SIGNED;
        let expected = super::Expected {
            configuration: &signed.configuration,
            request: &signed.request,
            access_token: "opaque",
            now: super::moment(),
        };
        let taken = super::verify(&signed.raw, &expected, &signed.keys);
        assert_eq!(taken.map(|claims| claims.subject).ok().as_deref(), Some("a-subject"));
    }
}
