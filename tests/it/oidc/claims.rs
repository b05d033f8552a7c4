//! Claims as real providers send them: what decides nothing keeps nobody out, in whatever form it comes.

use serde_json::{Value, json};

use super::tokens::{hold, put, shift};
use super::{Desk, mina};

/// Claims of odd kinds that real providers send are no reason to refuse.
#[test]
fn odd_but_harmless_claims_are_let_pass() {
    hold(&[
        ("updated_at as a date", |claims| put(claims, "updated_at", json!("2026-11-22T09:00:00.000Z")), mina()),
        ("email_verified as text", |claims| put(claims, "email_verified", json!("true")), mina()),
        ("unknown members", |claims| put(claims, "https://acme.example/roles", json!(["admin"])), mina()),
        ("amr and acr", |claims| put(claims, "amr", json!(["pwd", "mfa"])), mina()),
    ]);
}

/// One of each type of JSON, and the forms in which providers put one type into another.
fn of_every_type() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-7),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("True"),
        json!("1700000000"),
        json!("Seoul\u{0}\u{7}"),
        json!("x".repeat(5000)),
        json!([]),
        json!(["a", 7, null]),
        json!({}),
        json!({"a": {"b": [1]}}),
    ]
}

/// Signature, issuer, audience, nonce and subject decide, and the times; nothing else does, in whatever type it comes.
#[test]
fn a_claim_of_any_json_type_that_decides_nothing_keeps_nobody_out() {
    let names = [
        "acr",
        "address",
        "amr",
        "at_hash",
        "auth_time",
        "azp",
        "birthdate",
        "c_hash",
        "cnf",
        "email",
        "email_verified",
        "events",
        "family_name",
        "gender",
        "given_name",
        "groups",
        "jti",
        "locale",
        "middle_name",
        "name",
        "name#",
        "name#ko",
        "nbf",
        "nickname",
        "oid",
        "phone_number",
        "phone_number_verified",
        "picture",
        "preferred_username",
        "profile",
        "roles",
        "s_hash",
        "sid",
        "tid",
        "typ",
        "updated_at",
        "upn",
        "ver",
        "website",
        "xms_edov",
        "zoneinfo",
        "#",
        "https://acme.example/roles",
    ];
    let desk = Desk::open();
    let mut faults = Vec::new();
    for name in names {
        for value in of_every_type() {
            // Of what is used, a value of the right type that says something else does decide.
            let decides = match name {
                "azp" | "at_hash" => value.is_string(),
                "nbf" | "auth_time" => value == json!(u64::MAX) && name == "nbf",
                _ => false,
            };
            if decides {
                continue;
            }
            let bent = value.clone();
            desk.change(|tenant| {
                tenant.claims = std::sync::Arc::new(move |claims| put(claims, name, bent.clone()));
            });
            let ended = desk.ended();
            if ended != mina() {
                faults.push(format!("{name}: {value}: {ended:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_used_claim_of_a_wrong_type_counts_as_not_sent() {
    let desk = Desk::open();
    let said = |claims: serde_json::Value| {
        desk.change(|tenant| {
            tenant.claims = std::sync::Arc::new(move |all| all.extend(claims.as_object().unwrap().clone()));
        });
        desk.log_in().unwrap()
    };
    for verified in [json!(1), json!("True"), json!(null), json!(["true"]), json!(false)] {
        let claims = said(json!({"email_verified": verified.clone()}));
        assert!(!claims.email_verified, "{verified}");
    }
    let odd =
        said(json!({"email": ["a@acme.example"], "name": ["a"], "preferred_username": 42, "auth_time": "1700000000"}));
    assert_eq!((odd.email, odd.preferred_username, odd.auth_time), (None, None, None));
    assert_eq!(odd.name.as_deref(), Some("Mina Park"), "as userinfo says");
}

/// Several audiences are usual at some providers, where a project has several applications.
#[test]
fn other_audiences_are_accepted_only_with_our_azp() {
    hold(&[
        (
            "ours",
            |claims| {
                claims.extend(json!({"aud": ["vestibule", "285"], "azp": "vestibule"}).as_object().unwrap().clone())
            },
            mina(),
        ),
        ("without azp", |claims| put(claims, "aud", json!(["vestibule", "285"])), Err("aud")),
        (
            "another azp",
            |claims| claims.extend(json!({"aud": ["vestibule", "285"], "azp": "285"}).as_object().unwrap().clone()),
            Err("azp"),
        ),
        (
            "without us",
            |claims| claims.extend(json!({"aud": ["284", "285"], "azp": "vestibule"}).as_object().unwrap().clone()),
            Err("aud"),
        ),
        ("twice us", |claims| put(claims, "aud", json!(["vestibule", "vestibule"])), mina()),
        ("us and no text", |claims| put(claims, "aud", json!(["vestibule", 285])), Err("aud")),
    ]);
}

/// The nonce ties a token to this login, so a clock that is ahead is no reason to refuse it.
#[test]
fn a_provider_90_s_ahead_logs_in_and_one_280_s_ahead_is_reported_in_seconds() {
    let desk = Desk::open();
    for (seconds, word) in [(90, None), (280, Some("iat")), (-700, Some("iat"))] {
        desk.change(|tenant| {
            tenant.claims = std::sync::Arc::new(move |claims| {
                for name in ["nbf", "auth_time", "iat"] {
                    shift(claims, name, "iat", if name == "iat" { seconds } else { seconds.max(0) });
                }
                shift(claims, "exp", "iat", 3600);
            });
        });
        let refused = desk.log_in().err();
        assert_eq!(refused.as_ref().map(|refused| refused.reason.word()), word, "{seconds}");
        assert_eq!(refused.as_ref().and_then(|refused| refused.clock), word.map(|_| seconds), "{seconds}");
        for text in refused.iter().flat_map(|refused| [refused.for_users(), refused.for_owners()]) {
            let said = text.say(vestibule::base::i18n::Language::English).to_string();
            assert!(said.contains(&seconds.abs().to_string()), "{said}");
            assert_eq!(
                said.starts_with("The clock of the IdP") || said.starts_with("The clock of your"),
                seconds > 0,
                "{said}"
            );
        }
    }
}

#[test]
fn auth_time_0_counts_as_not_sent() {
    let desk = Desk::open();
    for odd in [json!(0), json!(-1), json!(946_684_799), json!(0.0), json!(1_900_000_000_000_i64)] {
        let value = odd.clone();
        desk.change(|tenant| {
            tenant.claims = std::sync::Arc::new(move |claims| put(claims, "auth_time", value.clone()));
        });
        let (address, request) = desk.begin(Some(600));
        let claims = desk.end(&request, &desk.visit(&address)).unwrap();
        assert_eq!(claims.auth_time, None, "{odd}");
    }
}
