//! Setting a provider up: what it publishes must hold together, before anybody is sent there.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use vestibule::platform::oidc::discovery::Draft;
use vestibule::platform::outbound::{Forbidden, OutboundError};

use super::{draft, outbound, runtime, try_out};
use crate::support::provider::{MockProvider, Reply};
use crate::support::signing::SigningKey;

fn provider() -> (MockProvider, Draft) {
    let provider = MockProvider::start();
    provider.add("acme");
    let typed = draft(&provider, "acme");
    (provider, typed)
}

fn reason(typed: &Draft) -> Result<String, &'static str> {
    try_out(typed).map(|found| found.issuer).map_err(|refused| refused.reason.word())
}

/// `test-discovery-openid-config`: what is published is what is used.
#[test]
fn a_provider_is_set_up_from_what_it_publishes() {
    let (provider, typed) = provider();
    let found = try_out(&typed).unwrap();
    let base = format!("{}/acme", provider.origin());
    assert_eq!(found.jwks_uri, format!("{base}/keys"));
    assert_eq!(found.userinfo_url, Some(format!("{base}/userinfo")));
    assert_eq!((found.tenant, found.names_itself), (None, false));
    assert_eq!(provider.hits(), [0, 0, 1, 0]);
    // Without an issuer the likeliest is tried.
    let unnamed = Draft { issuer: None, ..typed.clone() };
    assert_eq!(reason(&unnamed), Ok(base));
    let unlike = Draft { authorization_url: format!("{}/acme/enter", provider.origin()), ..unnamed };
    assert_eq!(reason(&unlike), Err("issuer_needed"));
}

/// `test-discovery-issuer-mismatch`, `test-invalid-sig-hs256`, and every part that does not fit.
/// Shows ASVS 2.2.3; attack 43.
#[test]
fn asvs_10_5_3_metadata_that_do_not_fit_are_refused_before_anybody_is_sent_there() {
    type Bend = fn(&mut Map<String, Value>);
    let cases: &[(&str, Bend, &str)] = &[
        (
            "another issuer",
            |told| drop(told.insert("issuer".into(), json!("https://evil.example"))),
            "discovery_issuer",
        ),
        (
            "a letter more",
            |told| {
                let more = format!("{}1", told["issuer"].as_str().unwrap());
                told.insert("issuer".into(), more.into());
            },
            "discovery_issuer",
        ),
        ("no issuer", |told| drop(told.remove("issuer")), "discovery"),
        ("no keys", |told| drop(told.remove("jwks_uri")), "discovery"),
        (
            "another authorization endpoint",
            |told| drop(told.insert("authorization_endpoint".into(), json!("https://evil.example/authorize"))),
            "authorization_endpoint",
        ),
        (
            "another token endpoint",
            |told| drop(told.insert("token_endpoint".into(), json!("https://evil.example/token"))),
            "token_endpoint",
        ),
        ("no code flow", |told| drop(told.insert("response_types_supported".into(), json!(["id_token"]))), "code_flow"),
        (
            "HS256 alone",
            |told| drop(told.insert("id_token_signing_alg_values_supported".into(), json!(["HS256", "none"]))),
            "algorithms",
        ),
        (
            "only signed client authentication",
            |told| drop(told.insert("token_endpoint_auth_methods_supported".into(), json!(["private_key_jwt"]))),
            "authentication_method",
        ),
        (
            "Basic where nothing is said",
            |told| drop(told.remove("token_endpoint_auth_methods_supported")),
            "authentication_method",
        ),
        ("keys in private", |told| drop(told.insert("jwks_uri".into(), json!("http://10.0.0.1/keys"))), "keys"),
        (
            "userinfo in private",
            |told| drop(told.insert("userinfo_endpoint".into(), json!("http://169.254.169.254/latest"))),
            "discovery",
        ),
    ];
    for (case, bend, word) in cases {
        let (provider, typed) = provider();
        let (usual, bend) = (Arc::new(std::sync::Mutex::new(None)), *bend);
        provider.change("acme", |tenant| *usual.lock().unwrap() = Some(tenant.metadata.clone()));
        let usual = usual.lock().unwrap().take().unwrap();
        provider.change("acme", |tenant| {
            tenant.metadata = Arc::new(move |told| {
                usual(told);
                bend(told);
            });
        });
        assert_eq!(reason(&typed), Err(*word), "{case}");
        assert_eq!(provider.hits(), [0, 0, 0, 0], "{case}");
    }
}

#[test]
fn a_provider_needs_a_strong_key_and_answers_that_can_be_read() {
    let (provider, typed) = provider();
    for (case, endpoint, reply, word) in [
        ("html", "openid-configuration", Reply::text(200, "text/html", "<html>".into()), "discovery"),
        ("404", "openid-configuration", Reply::json(404, &json!({})), "discovery"),
        ("moved", "openid-configuration", Reply::to(301, "https://elsewhere.example/".into()), "discovery"),
        ("no keys", "keys", Reply::json(200, &json!({"keys": []})), "keys"),
        ("keys gone", "keys", Reply::json(500, &json!({})), "keys"),
        ("a secret", "keys", Reply::json(200, &json!({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]})), "keys"),
    ] {
        provider.change("acme", |tenant| {
            tenant.instead.clear();
            tenant.instead.insert(endpoint, Arc::new(move || reply.clone()));
        });
        assert_eq!(reason(&typed), Err(word), "{case}");
    }
    let encryption = {
        let mut key = SigningKey::new("RS256", "one").published();
        key["use"] = "enc".into();
        json!({"keys": [key]})
    };
    provider.change("acme", |tenant| {
        tenant.instead.insert("keys", Arc::new(move || Reply::json(200, &encryption)));
    });
    assert_eq!(reason(&typed), Err("keys"), "a key for encryption alone");
}

/// What is typed is looked at before anything is asked.
/// Shows ASVS 1.2.2, 1.3.6, 1.5.3; attack 40.
#[test]
fn addresses_that_may_not_be_asked_are_refused_at_their_field() {
    let (provider, typed) = provider();
    let forbidden = |why| Some(OutboundError::Refused(why));
    for (change, word, network) in [
        (("authorization_url", "http://1.1.1.1/authorize"), "authorization_url", forbidden(Forbidden::NotHttps)),
        (("authorization_url", "nonsense"), "authorization_url", forbidden(Forbidden::NotAnAddress)),
        (("token_url", "https://user@idp.example/token"), "token_url", forbidden(Forbidden::UserInfo)),
        (("token_url", "https://10.0.0.1/token"), "token_url", forbidden(Forbidden::NotPublic)),
        (("token_url", "https://idp.example/#x"), "token_url", forbidden(Forbidden::Fragment)),
        (("issuer", "https://[::1]/"), "issuer_url", forbidden(Forbidden::NotPublic)),
        (("issuer", "https://idp.example:25"), "issuer_url", forbidden(Forbidden::Port)),
    ] {
        let mut typed = typed.clone();
        match change {
            ("authorization_url", value) => typed.authorization_url = value.into(),
            ("token_url", value) => typed.token_url = value.into(),
            (_, value) => typed.issuer = Some(value.into()),
        }
        let refused =
            runtime().block_on(vestibule::platform::oidc::discovery::set_up(&outbound(), &typed)).unwrap_err();
        assert_eq!((refused.reason.word(), refused.network), (word, network), "{change:?}");
    }
    let long = Draft { token_url: format!("https://idp.example/{}", "x".repeat(512)), ..typed };
    assert_eq!(reason(&long), Err("token_url"));
    assert!(provider.seen().is_empty());
}

/// People copy issuers from elsewhere; the one that is published is the one that counts from there on.
#[test]
fn any_spelling_of_the_issuer_fills_in_the_published_one() {
    let provider = crate::support::provider::MockProvider::start();
    provider.add("acme");
    let published = format!("{}/acme", provider.origin());
    let outbound = super::outbound();
    let well_known = format!("{published}/.well-known/openid-configuration");
    for typed in
        [&published, &format!("{published}/"), &format!("{published}//"), &well_known, &format!("{well_known}/")]
    {
        let typed = typed.replace("http://", "HTTP://");
        let found =
            super::runtime().block_on(vestibule::platform::oidc::discovery::look_up(&outbound, &typed)).unwrap();
        assert_eq!(found.issuer, published, "{typed}");
        let draft = vestibule::platform::oidc::discovery::Draft {
            issuer: Some(typed.clone()),
            authorization_url: format!("{}/", found.authorization_url),
            ..super::draft(&provider, "acme")
        };
        let set_up = super::try_out(&draft).unwrap();
        assert_eq!((set_up.issuer, set_up.authorization_url), (published.clone(), found.authorization_url), "{typed}");
    }
    let other =
        super::runtime().block_on(vestibule::platform::oidc::discovery::look_up(&outbound, &format!("{published}x")));
    assert!(other.is_err());
}
