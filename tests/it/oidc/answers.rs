//! Bad answers of the token endpoint: a clear reason, in time, and nothing followed.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use vestibule::platform::oidc::Reason;
use vestibule::platform::outbound::OutboundError;

use super::{Desk, mina};
use crate::support::provider::Reply;

fn token_says(desk: &Desk, reply: impl Fn() -> Reply + Send + Sync + 'static) {
    desk.change(|tenant| {
        tenant.instead.insert("token", Arc::new(reply));
    });
    desk.provider.forget();
}

/// `token-html`, `token-500`, and answers without what was asked for.
#[test]
fn an_answer_without_tokens_is_no_login() {
    let desk = Desk::open();
    let replies: Vec<(&str, Reply, &str)> = vec![
        ("token-html", Reply::text(200, "text/html", "<html>Log in</html>".into()), "token_answer"),
        ("token-500", Reply::text(500, "text/plain", "oops".into()), "network"),
        ("500 in JSON", Reply::json(500, &json!({"message": "oops"})), "network"),
        ("empty", Reply::json(200, &json!({})), "token_answer"),
        ("no id_token", Reply::json(200, &json!({"token_type": "Bearer", "access_token": "x"})), "token_answer"),
        (
            "no access_token, and no token",
            Reply::json(200, &json!({"token_type": "Bearer", "id_token": "a.b.c"})),
            "malformed",
        ),
        (
            "another token type, and no token",
            Reply::json(200, &json!({"token_type": "mac", "access_token": "x", "id_token": "a.b.c"})),
            "malformed",
        ),
        ("a list", Reply::json(200, &json!(["x"])), "token_answer"),
        (
            "an access token twice",
            Reply::text(200, "application/json", r#"{"access_token": "a", "access_token": "b"}"#.into()),
            "token_answer",
        ),
        (
            "not a token",
            Reply::json(200, &json!({"token_type": "Bearer", "access_token": "x", "id_token": "a.b"})),
            "malformed",
        ),
        (
            "encrypted",
            Reply::json(200, &json!({"token_type": "bearer", "access_token": "x", "id_token": "a.b.c.d.e"})),
            "encrypted",
        ),
        ("an error with 200", Reply::json(200, &json!({"error": "invalid_grant"})), "invalid_grant"),
        ("another error", Reply::json(400, &json!({"error": "invalid_request"})), "token_error"),
    ];
    for (case, reply, word) in replies {
        token_says(&desk, move || reply.clone());
        assert_eq!(desk.ended(), Err(word), "{case}");
        let [authorize, token, _, userinfo] = desk.provider.hits();
        assert_eq!([authorize, token, userinfo], [1, 1, 0], "{case}");
    }
}

/// `token-302`, `token-2MiB`, `token-hang`.
/// Shows ASVS 15.3.2; attacks 42, 46.
#[test]
fn asvs_13_2_6_an_answer_has_limits_and_leads_nowhere() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let place = format!("http://{}/token", trap.local_addr().unwrap());
    let desk = Desk::open();
    for status in [301, 302, 303, 307, 308] {
        let place = place.clone();
        token_says(&desk, move || Reply::to(status, place.clone()));
        let refused = desk.log_in().unwrap_err();
        assert_eq!((refused.reason, refused.network), (Reason::Network, Some(OutboundError::Redirected)), "{status}");
    }
    assert!(trap.accept().is_err(), "a redirect was followed");
    token_says(&desk, || Reply::text(200, "application/json", " ".repeat(2 * 1024 * 1024)));
    assert_eq!(desk.log_in().unwrap_err().network, Some(OutboundError::TooLarge));
    token_says(&desk, || Reply { after: Duration::from_secs(8), ..Reply::json(200, &json!({})) });
    let began = Instant::now();
    assert_eq!(desk.log_in().unwrap_err().network, Some(OutboundError::TooSlow));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(desk.provider.hits()[1], 1, "a token request is never sent twice");
}

/// `invalid_client`, and what Azure says beside it.
#[test]
fn a_wrong_secret_is_a_hint_for_owners() {
    let desk = Desk::open();
    desk.change(|tenant| tenant.secret = "another".into());
    let refused = desk.log_in().unwrap_err();
    assert_eq!((refused.reason.word(), refused.code().as_deref()), ("invalid_client", Some("invalid_client")));
    assert_eq!(desk.provider.hits(), [1, 1, 0, 0]);
    let said = json!({
        "error": "invalid_client",
        "error_description": "AADSTS7000222: The provided client secret keys are expired. Trace ID: 0a1b Timestamp: 2026",
        "error_codes": [7000222],
        "trace_id": "0a1b",
    });
    token_says(&desk, move || Reply::json(401, &said));
    let refused = desk.log_in().unwrap_err();
    assert_eq!(refused.code().as_deref(), Some("AADSTS7000222"));
    let english = |text: vestibule::base::i18n::Text| text.say(vestibule::base::i18n::Language::English);
    assert!(english(refused.for_owners()).contains("has expired"), "{}", english(refused.for_owners()));
    assert!(!english(refused.for_users()).contains("secret"));
    let unknown = json!({"error": "invalid_grant", "error_codes": [999_999]});
    token_says(&desk, move || Reply::json(400, &unknown));
    let refused = desk.log_in().unwrap_err();
    assert_eq!((refused.reason.word(), refused.code().as_deref()), ("invalid_grant", Some("AADSTS999999")));
}

/// `test-userinfo-signed`, and a userinfo endpoint that does not answer: the login counts without it.
#[test]
fn userinfo_that_cannot_be_read_is_done_without() {
    let desk = Desk::open();
    let replies: Vec<fn() -> Reply> = vec![
        || Reply::text(200, "application/jwt", "a.b.c".into()),
        || Reply::text(500, "text/html", "oops".into()),
        || Reply::to(302, "http://127.0.0.1:1/".into()),
        || Reply::text(200, "application/json", " ".repeat(2 * 1024 * 1024)),
        || Reply { after: Duration::from_secs(8), ..Reply::json(200, &json!({})) },
    ];
    for (number, reply) in replies.into_iter().enumerate() {
        desk.change(|tenant| {
            tenant.instead.insert("userinfo", Arc::new(reply));
        });
        desk.provider.forget();
        let claims = desk.log_in();
        assert!(claims.as_ref().is_ok_and(|claims| claims.name.is_none()), "{number}: {claims:?}");
        assert_eq!(desk.provider.hits()[3], 1, "{number}");
    }
    desk.change(|tenant| {
        tenant.instead.clear();
    });
    assert_eq!(desk.ended(), mina());
}
