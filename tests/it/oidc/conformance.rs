//! The basic plan of the suite: what a correct provider does works, and is asked for correctly.

use std::collections::BTreeMap;

use serde_json::json;
use vestibule::platform::oidc::{ClientAuthentication, Reason};

use super::{Desk, draft, mina, try_out};
use crate::support::signing::SigningKey;

/// `test`, `test-idtoken-sig-rs256`, `test-nonce-unless-code-flow`, `test-scope-userinfo-claims`, `test-userinfo-bearer-header`.
/// Shows ASVS 10.2.1, 10.2.3, 11.5.1.
#[test]
fn a_login_asks_each_endpoint_once_and_says_what_it_must() {
    let desk = Desk::open();
    let claims = desk.log_in().unwrap();
    assert_eq!((claims.subject.as_str(), claims.issuer), ("248289761001", desk.configuration.borrow().issuer.clone()));
    assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("mina@acme.example"), true));
    assert_eq!(claims.name.as_deref(), Some("Mina Park"), "from userinfo");
    assert_eq!(desk.provider.hits(), [1, 1, 1, 1]);
    let seen = desk.provider.seen();
    let at = |endpoint: &str| seen.iter().find(|seen| seen.endpoint == endpoint).unwrap();
    let asked = &at("authorize").query;
    for (name, value) in [
        ("response_type", "code"),
        ("response_mode", "query"),
        ("client_id", "vestibule"),
        ("redirect_uri", "https://id.example.org/auth/oidc/callback"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    assert_eq!([asked["state"].len(), asked["nonce"].len(), asked["code_challenge"].len()], [43; 3]);
    assert_eq!(asked.len(), 9, "nothing else is asked: {asked:?}");
    assert_eq!(at("token").form["redirect_uri"], asked["redirect_uri"]);
    assert!(at("userinfo").query.is_empty() && at("userinfo").form.is_empty(), "the token is in the header alone");
    assert_eq!(at("userinfo").headers["authorization"], "Bearer access-token");
    desk.provider.forget();
    assert!(desk.log_in().is_ok());
    let again = desk.provider.seen();
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(again[0].query[name], asked[name], "{name} is new each time");
    }
    assert_eq!(desk.provider.hits(), [1, 1, 0, 1], "the keys are kept");
}

/// `test-client-secret-basic`, and the variant `client_secret_post`: a secret with every awkward character survives both,
/// and the two are never sent together.
#[test]
fn both_ways_of_client_authentication_carry_any_secret() {
    for basic in [false, true] {
        let desk = Desk::open_with(|_| {});
        desk.change(|tenant| tenant.basic = basic);
        let mut draft = draft(&desk.provider, "acme");
        let (mine, other) = if basic {
            (ClientAuthentication::Basic, ClientAuthentication::Post)
        } else {
            (ClientAuthentication::Post, ClientAuthentication::Basic)
        };
        draft.client_authentication = other;
        assert_eq!(try_out(&draft).unwrap_err().reason, Reason::AuthenticationMethod);
        draft.client_authentication = mine;
        desk.configuration.replace(try_out(&draft).unwrap());
        desk.provider.forget();
        assert_eq!(desk.ended(), mina());
        let seen = desk.provider.seen();
        let token = seen.iter().find(|seen| seen.endpoint == "token").unwrap();
        assert_eq!(token.headers.contains_key("authorization"), basic);
        assert_eq!(token.form.contains_key("client_secret"), !basic);
    }
}

/// `test-idtoken-sig-rs256`, and every other algorithm that providers use: accepted, and refused when the signature is
/// broken (`test-invalid-sig-rs256`, `test-invalid-sig-es256`).
/// Shows ASVS 6.8.2, 9.1.2.
#[test]
fn every_algorithm_of_the_list_is_verified() {
    for algorithm in ["RS256", "RS512", "PS256", "ES256", "EdDSA"] {
        let desk = Desk::open_with(|tenant| tenant.keys = vec![SigningKey::new(algorithm, "one")]);
        assert_eq!(desk.ended(), mina(), "{algorithm}");
        desk.change(|tenant| tenant.signing = crate::support::provider::Signing::Broken);
        desk.provider.forget();
        assert_eq!(desk.ended(), Err("signature"), "{algorithm}");
        assert_eq!(desk.provider.hits(), [1, 1, 1, 0], "{algorithm}: no userinfo, and keys once more");
    }
}

/// `test-kid-absent-single-jwks`, `test-kid-absent-multiple-jwks`: of several keys each is tried.
#[test]
fn a_token_without_a_key_id_is_verified_by_whichever_key_signed_it() {
    let desk = Desk::open();
    let key = SigningKey::new("RS256", "one").named(None);
    desk.change(|tenant| tenant.keys = vec![key.clone()]);
    assert_eq!(desk.ended(), mina());
    let desk = Desk::open_with(|tenant| tenant.keys = vec![key.clone(), SigningKey::new("RS256", "two")]);
    assert_eq!(desk.ended(), mina());
    assert_eq!(desk.provider.hits(), [1, 1, 1, 1]);
    let desk = Desk::open_with(|tenant| {
        let others = vec![SigningKey::new("RS256", "two"), SigningKey::new("ES256", "three")];
        (tenant.keys, tenant.published) = (vec![key], Some(others));
    });
    assert_eq!(desk.ended(), Err("signature"), "none of them signed");
}

/// `test-userinfo-invalid-sub`: somebody else's, nobody's, and answers that are none.
#[test]
fn userinfo_is_believed_about_the_same_person_alone_and_needed_by_nobody() {
    let desk = Desk::open();
    let object = |value: serde_json::Value| value.as_object().unwrap().clone();
    desk.change(|tenant| tenant.userinfo = Some(object(json!({"sub": "248289761001invalid"}))));
    assert_eq!(desk.ended(), Err("userinfo_sub"));
    assert_eq!(desk.provider.hits()[3], 1);
    // Where it does not say whom it is about, nothing of it is used.
    for told in [json!({"name": "Boss"}), json!({"sub": 7, "name": "Boss"}), json!({"sub": null, "name": "Boss"})] {
        desk.change(|tenant| tenant.userinfo = Some(object(told.clone())));
        let claims = desk.log_in().unwrap();
        assert_eq!((claims.subject.as_str(), claims.name.as_deref()), ("248289761001", None), "{told}");
    }
    desk.change(|tenant| tenant.userinfo = None);
    assert_eq!(desk.ended(), mina(), "401 there keeps nobody out");
}

/// What userinfo says fills gaps: an address comes with its own `email_verified`, never with the ID token's.
#[test]
fn an_address_and_its_verification_come_from_one_place() {
    let desk = Desk::open();
    let object = |value: serde_json::Value| value.as_object().unwrap().clone();
    desk.change(|tenant| {
        tenant.person = object(json!({"sub": "248289761001", "email_verified": true}));
        tenant.userinfo = Some(object(json!({"sub": "248289761001", "email": "mina@acme.example"})));
    });
    let claims = desk.log_in().unwrap();
    assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("mina@acme.example"), false));
    desk.change(|tenant| {
        tenant.person = object(json!({"sub": "248289761001", "email": "mina@acme.example"}));
        let told = json!({"sub": "248289761001", "email": "boss@acme.example", "email_verified": "true"});
        tenant.userinfo = Some(object(told));
    });
    let claims = desk.log_in().unwrap();
    assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("mina@acme.example"), false));
}

/// `test-aggregated-claims`, `test-distributed-claims`: ignored, and nobody is asked.
/// Shows attack 43.
#[test]
fn claims_that_lie_elsewhere_are_not_fetched() {
    let desk = Desk::open();
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let place = format!("http://{}/claims", trap.local_addr().unwrap());
    let elsewhere = json!({"far": {"endpoint": place, "access_token": "x"}, "near": {"JWT": "a.b.c"}});
    desk.change(|tenant| {
        for told in [&mut tenant.person, tenant.userinfo.as_mut().unwrap()] {
            told.insert("_claim_names".into(), json!({"email": "far", "name": "near"}));
            told.insert("_claim_sources".into(), elsewhere.clone());
        }
    });
    assert_eq!(desk.ended(), mina());
    assert!(trap.accept().is_err(), "somebody called");
}

/// Nothing that a browser, a page or a log could show holds a secret of the login.
#[test]
fn asvs_10_1_1_a_trip_and_a_secret_are_not_printed() {
    let desk = Desk::open();
    let (address, request) = desk.begin(None);
    let url = url::Url::parse(&address).unwrap();
    let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let printed = format!("{request:?} {:?}", desk.secret);
    assert!(!printed.contains(&asked["state"]) && !printed.contains(&asked["nonce"]) && !printed.contains("a+b%"));
    assert!(!address.contains(request.verifier.expose()), "the verifier stays here");
    // What is kept of a request is the request.
    let kept: vestibule::platform::oidc::authorize::AuthorizationRequest =
        serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
    let query = desk.visit(&address);
    assert!(desk.end(&kept, &query).is_ok());
}
