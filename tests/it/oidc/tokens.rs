//! ID tokens with one defect each: no login, no userinfo, and the reason.

use std::net::TcpListener;

use serde_json::{Map, Value, json};

use super::{Desk, Ended, mina};
use crate::support::provider::{Signing, Tenant};
use crate::support::signing::SigningKey;

pub type Bend = fn(&mut Map<String, Value>);

pub fn put(members: &mut Map<String, Value>, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}

fn add_one(members: &mut Map<String, Value>, name: &str) {
    let text = format!("{}1", members[name].as_str().unwrap());
    members.insert(name.to_owned(), text.into());
}

pub fn shift(members: &mut Map<String, Value>, name: &str, from: &str, seconds: i64) {
    let at = members[from].as_i64().unwrap() + seconds;
    members.insert(name.to_owned(), at.into());
}

/// Every case at one provider: how it ends, and that userinfo is asked only after a good token.
#[track_caller]
pub fn hold(cases: &[(&str, Bend, Ended)]) {
    let desk = Desk::open();
    let mut faults = Vec::new();
    for (case, bend, ends) in cases {
        let bend = *bend;
        desk.change(|tenant| tenant.claims = std::sync::Arc::new(bend));
        desk.provider.forget();
        let ended = desk.ended();
        let [authorize, token, _, userinfo] = desk.provider.hits();
        if ended != *ends || [authorize, token, userinfo] != [1, 1, usize::from(ends.is_ok())] {
            faults.push(format!("{case}: {ended:?} instead of {ends:?}, {:?}", desk.provider.hits()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// `test-invalid-iss`, `test-invalid-aud`, `test-missing-aud`, `aud-array-one`, `aud-array-extra`, `azp-foreign`.
/// Shows ASVS 9.2.3, 10.5.4.
#[test]
fn tokens_of_other_issuers_and_for_other_clients_are_refused() {
    hold(&[
        ("invalid-iss", |claims| add_one(claims, "iss"), Err("iss")),
        (
            "iss with a slash",
            |claims| put(claims, "iss", format!("{}/", claims["iss"].as_str().unwrap()).into()),
            Err("iss"),
        ),
        ("missing iss", |claims| drop(claims.remove("iss")), Err("iss")),
        ("invalid-aud", |claims| add_one(claims, "aud"), Err("aud")),
        ("missing-aud", |claims| drop(claims.remove("aud")), Err("aud")),
        ("aud empty", |claims| put(claims, "aud", json!([])), Err("aud")),
        ("aud a number", |claims| put(claims, "aud", json!(7)), Err("aud")),
        ("aud-array-one", |claims| put(claims, "aud", json!(["vestibule"])), mina()),
        ("aud-array-extra", |claims| put(claims, "aud", json!(["vestibule", "other"])), Err("aud")),
        (
            "aud-array-extra with azp",
            |claims| {
                put(claims, "aud", json!(["vestibule", "other"]));
                put(claims, "azp", json!("vestibule"));
            },
            mina(),
        ),
        ("azp our own", |claims| put(claims, "azp", json!("vestibule")), mina()),
        ("azp-foreign", |claims| put(claims, "azp", json!("other")), Err("azp")),
        ("azp not a text", |claims| put(claims, "azp", json!(["vestibule"])), mina()),
    ]);
}

/// `test-missing-sub`, and a subject that is no name.
#[test]
fn tokens_that_name_nobody_are_refused() {
    hold(&[
        ("missing-sub", |claims| drop(claims.remove("sub")), Err("sub")),
        ("sub empty", |claims| put(claims, "sub", json!("")), Err("sub")),
        ("sub of 256", |claims| put(claims, "sub", json!("x".repeat(256))), Err("sub")),
        ("sub not ASCII", |claims| put(claims, "sub", json!("미나")), Err("sub")),
        ("sub a number", |claims| put(claims, "sub", json!(7)), Err("sub")),
    ]);
    let desk = Desk::open();
    let longest = "x".repeat(255);
    let person = json!({"sub": longest});
    desk.change(|tenant| {
        tenant.person = person.as_object().unwrap().clone();
        tenant.userinfo = person.as_object().cloned();
    });
    assert_eq!(desk.ended(), Ok(longest));
}

/// `exp-past`, `test-missing-iat`, `iat-future`, `iat-week-old`, `nbf-future`.
#[test]
fn asvs_9_2_1_tokens_of_another_time_are_refused() {
    hold(&[
        ("exp-past", |claims| shift(claims, "exp", "iat", -301), Err("exp")),
        ("exp -61 s", |claims| shift(claims, "exp", "iat", -61), Err("exp")),
        ("exp -30 s", |claims| shift(claims, "exp", "iat", -30), mina()),
        ("missing exp", |claims| drop(claims.remove("exp")), Err("exp")),
        ("exp a text", |claims| put(claims, "exp", json!("never")), Err("exp")),
        ("missing-iat", |claims| drop(claims.remove("iat")), Err("iat")),
        ("iat-future", |claims| shift(claims, "iat", "iat", 181), Err("iat")),
        ("iat +179 s", |claims| shift(claims, "iat", "iat", 179), mina()),
        ("iat +1 h", |claims| shift(claims, "iat", "iat", 3600), Err("iat")),
        ("iat -5 min", |claims| shift(claims, "iat", "iat", -300), mina()),
        ("iat -11 min", |claims| shift(claims, "iat", "iat", -660), Err("iat")),
        ("iat-week-old", |claims| shift(claims, "iat", "iat", -604_800), Err("iat")),
        ("nbf-future", |claims| shift(claims, "nbf", "iat", 600), Err("nbf")),
        ("nbf +181 s", |claims| shift(claims, "nbf", "iat", 181), Err("nbf")),
        ("nbf +179 s", |claims| shift(claims, "nbf", "iat", 179), mina()),
        ("nbf a text", |claims| put(claims, "nbf", json!("now")), mina()),
    ]);
}

/// `test-nonce-invalid`, `test-invalid-athash`, `test-missing-athash`.
/// Shows ASVS 10.5.1.
#[test]
fn tokens_of_another_login_are_refused() {
    hold(&[
        ("nonce-invalid", |claims| add_one(claims, "nonce"), Err("nonce")),
        ("missing nonce", |claims| drop(claims.remove("nonce")), Err("nonce")),
        ("nonce null", |claims| put(claims, "nonce", Value::Null), Err("nonce")),
        ("invalid-athash", |claims| put(claims, "at_hash", json!("x6yZ4ckvJuXTPTZjgnBG5A")), Err("at_hash")),
        ("right at_hash", |claims| put(claims, "at_hash", json!(at_hash())), mina()),
        ("missing-athash", |_| (), mina()),
    ]);
}

/// Of the access token that the mock provider gives.
fn at_hash() -> String {
    use sha2::Digest as _;
    data_encoding::BASE64URL_NOPAD.encode(&sha2::Sha256::digest("access-token")[..16])
}

/// `test-idtoken-sig-none`, `test-invalid-sig-rs256`, `alg-null`, `alg-alternate`, `alg-hs256-secret`, `alg-hs256-pubkey`,
/// `sig-stripped`.
/// Shows ASVS 6.8.2.
#[test]
fn asvs_9_1_2_only_a_signature_by_the_provider_s_key_counts() {
    let desk = Desk::open();
    for (signing, word) in [
        (Signing::Broken, "signature"),
        (Signing::Stripped, "signature"),
        (Signing::Without("none"), "alg"),
        (Signing::Without("None"), "alg"),
        (Signing::Without("nOnE"), "alg"),
        (Signing::Without(""), "alg"),
        (Signing::Without("ES512"), "alg"),
        (Signing::Without("RS1"), "alg"),
        (Signing::Without("PS256"), "signature"),
        (Signing::Secret, "alg"),
        (Signing::PublicKey, "alg"),
    ] {
        desk.change(|tenant| tenant.signing = signing.clone());
        desk.provider.forget();
        assert_eq!(desk.ended(), Err(word), "{signing:?}");
        let [authorize, token, keys, userinfo] = desk.provider.hits();
        assert_eq!([authorize, token, userinfo], [1, 1, 0], "{signing:?}");
        // Once because none are kept, and once more because a signature was wrong; not again within a minute.
        assert_eq!(keys, if matches!(signing, Signing::Broken) { 2 } else { 0 }, "{signing:?}");
    }
    desk.change(|tenant| {
        tenant.signing = Signing::Right;
        tenant.header = std::sync::Arc::new(|header| put(header, "alg", Value::Null));
    });
    assert_eq!(desk.ended(), Err("alg"), "alg-null");
}

/// `jwk-header`, `jku-header`, `x5u-header`: keys that a token brings itself.
#[test]
fn asvs_9_1_3_keys_in_or_by_the_header_are_never_looked_at() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let place = format!("http://{}/keys", trap.local_addr().unwrap());
    let desk = Desk::open();
    let (right, alien) = (SigningKey::new("RS256", "one"), SigningKey::new("RS256", "one"));
    desk.change(|tenant| {
        tenant.keys = vec![alien.clone()];
        tenant.published = Some(vec![right]);
    });
    for (name, value) in [("jwk", alien.published()), ("jku", json!(place)), ("x5u", json!(place))] {
        desk.change(|tenant| {
            tenant.header = std::sync::Arc::new(move |header| put(header, name, value.clone()));
        });
        desk.provider.forget();
        assert_eq!(desk.ended(), Err("signature"), "{name}");
        assert_eq!(desk.provider.hits()[3], 0, "{name}");
    }
    assert!(trap.accept().is_err(), "somebody called");
}

/// `typ-at-jwt`, `typ-logout-jwt`, `dup-claims`, and tokens that are none.
/// Shows ASVS 1.5.3.
#[test]
fn asvs_9_2_2_only_an_id_token_is_one() {
    type Change = fn(&mut Tenant);
    let cases: &[(&str, Change, Ended)] = &[
        ("typ absent", |tenant| tenant.header = std::sync::Arc::new(|header| drop(header.remove("typ"))), mina()),
        (
            "typ-at-jwt",
            |tenant| tenant.header = std::sync::Arc::new(|header| put(header, "typ", json!("at+jwt"))),
            Err("typ"),
        ),
        (
            "typ-logout-jwt",
            |tenant| tenant.header = std::sync::Arc::new(|header| put(header, "typ", json!("logout+jwt"))),
            Err("typ"),
        ),
        (
            "logout token by its claim",
            |tenant| {
                let event = "http://schemas.openid.net/event/backchannel-logout";
                tenant.claims = std::sync::Arc::new(move |claims| put(claims, "events", json!({event: {}})));
            },
            Err("typ"),
        ),
        (
            "crit",
            |tenant| tenant.header = std::sync::Arc::new(|header| put(header, "crit", json!(["exp"]))),
            Err("typ"),
        ),
        (
            "dup-claims",
            |tenant| {
                tenant.payload =
                    Some(|payload| payload.replacen('{', r#"{"sub":"somebody",""#, 1).replacen(r#""""#, r#"""#, 1))
            },
            Err("duplicate"),
        ),
        ("payload not JSON", |tenant| tenant.payload = Some(|_| "<html>".into()), Err("malformed")),
        ("payload a list", |tenant| tenant.payload = Some(|_| "[]".into()), Err("malformed")),
    ];
    for (case, change, ends) in cases {
        let desk = Desk::open();
        desk.change(change);
        assert_eq!(desk.ended(), *ends, "{case}");
        assert_eq!(desk.provider.hits()[3], usize::from(ends.is_ok()), "{case}");
    }
}

/// Fresh logins: `max_age` is asked for, and `auth_time` held to it where the provider says it.
/// Shows ASVS 6.8.4.
#[test]
fn a_fresh_login_is_one_that_the_provider_says_is_fresh() {
    let cases: [(Bend, Result<bool, &str>); 6] = [
        (|claims| shift(claims, "auth_time", "iat", -30), Ok(true)),
        (|claims| shift(claims, "auth_time", "iat", -630), Ok(true)),
        (|claims| shift(claims, "auth_time", "iat", -700), Err("auth_time")),
        (|claims| shift(claims, "auth_time", "iat", 179), Ok(true)),
        (|claims| shift(claims, "auth_time", "iat", 181), Err("auth_time_ahead")),
        (|_| (), Ok(false)),
    ];
    let desk = Desk::open();
    for (number, (bend, ends)) in cases.into_iter().enumerate() {
        desk.change(|tenant| tenant.claims = std::sync::Arc::new(bend));
        let (address, request) = desk.begin(Some(600));
        assert!(address.contains("prompt=login&max_age=600"), "{address}");
        let ended = desk.end(&request, &desk.visit(&address));
        let said = ended.map(|claims| claims.auth_time.is_some()).map_err(|refused| refused.reason.word());
        assert_eq!(said, ends, "case {number}");
    }
    // Where nothing fresh was asked for, an old login is as good as any.
    desk.change(|tenant| tenant.claims = std::sync::Arc::new(|claims| shift(claims, "auth_time", "iat", -7000)));
    assert_eq!(desk.ended(), mina());
}

/// RFC 9864: the algorithm under the name of its curve.
#[test]
fn ed25519_is_eddsa() {
    let desk = Desk::open_with(|tenant| {
        tenant.keys = vec![SigningKey::new("EdDSA", "one")];
        let usual = tenant.metadata.clone();
        tenant.metadata = std::sync::Arc::new(move |told| {
            usual(told);
            put(told, "id_token_signing_alg_values_supported", json!(["Ed25519"]));
        });
        tenant.header = std::sync::Arc::new(|header| put(header, "alg", json!("Ed25519")));
    });
    assert_eq!(desk.ended(), mina());
}

#[test]
fn encrypted_tokens_are_called_so_and_others_are_not() {
    let desk = Desk::open();
    for (token, word) in [("a.b.c.d.e", "encrypted"), ("a.b", "malformed"), ("a.b.c", "malformed")] {
        desk.change(|tenant| {
            tenant.instead.insert(
                "token",
                std::sync::Arc::new(move || {
                    crate::support::provider::Reply::json(200, &json!({"token_type": "Bearer", "id_token": token}))
                }),
            );
        });
        assert_eq!(desk.ended(), Err(word), "{token}");
    }
}
