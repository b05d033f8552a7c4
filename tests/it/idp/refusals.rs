//! Every bad case of a login through a provider, as a person meets it: refused on a calm page with a reference code and
//! nothing of what the provider said, no session, and the event of that code in the audit log. And the good ones log in.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Company;
use crate::support::Person;
use crate::support::page::words;
use crate::support::provider::{Reply, Signing, Tenant};
use crate::support::signing::SigningKey;

pub const AGAIN: &str = "Logging in with your company account did not work";
const SETTINGS: &str = "Logging in with your company account does not work at the moment";
const AWAY: &str = "Your company's login cannot be reached at the moment";
pub const DENIED: &str = "Your company's login did not let you in, or you cancelled";
pub const LATE: &str = "This login was begun too long ago or the settings have changed";

pub type Change = fn(&mut Tenant);
/// What is wrong, the word of the reason, and what the person reads.
type Case = (&'static str, Change, &'static str, &'static str);

/// Words of the provider that no person may read.
const GOSSIP: &str = "gossip";

pub fn claims(tenant: &mut Tenant, bend: fn(&mut Map<String, Value>)) {
    tenant.claims = Arc::new(bend);
}

pub fn put(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

fn add_one(claims: &mut Map<String, Value>, name: &str) {
    let text = format!("{}1", claims[name].as_str().unwrap());
    put(claims, name, text.into());
}

pub fn shift(claims: &mut Map<String, Value>, name: &str, seconds: i64) {
    let at = claims["iat"].as_i64().unwrap() + seconds;
    put(claims, name, at.into());
}

pub fn says(tenant: &mut Tenant, endpoint: &'static str, reply: fn() -> Reply) {
    tenant.instead.insert(endpoint, Arc::new(reply));
}

/// A company in which somebody is bound, so that nothing but the fault of a case keeps them out.
pub fn company() -> Company {
    let company = Company::open();
    company.colleague("mate@acme.example");
    company.goes_over();
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    company.provider.change("acme", |tenant| put(&mut tenant.person, "name", GOSSIP.into()));
    let mate = company.visitor();
    company.logs_in(&mate, "acme");
    mate.is_at("/console");
    company
}

/// The person is at a refusal whose reference code is that of the newest event of a kind.
#[track_caller]
pub fn is_refused(company: &Company, person: &Person<'_>, case: &str, kind: &str, reason: &str, text: &str) {
    let (_, result, word, reference) = company.newest(kind);
    assert!(result != "done" && word == reason, "{case}: {result} {word}");
    let page = person.page();
    assert!((400..500).contains(&page.status), "{case}: {}", page.status);
    assert!(
        page.text().contains("You could not be logged in") && page.text().contains(text),
        "{case}: {}",
        page.text()
    );
    let codes: Vec<String> = page.all(".ref code").into_iter().map(words).collect();
    assert_eq!(codes, [reference], "{case}");
    let html = person.response().text();
    for said in [GOSSIP, "AADSTS", "server_error", "invalid_", &company.provider.origin()] {
        assert!(!html.contains(said), "{case}: {said}");
    }
    assert!(!person.cookies.borrow().contains_key("vestibule-session"), "{case}");
}

#[track_caller]
fn hold(cases: &[Case]) {
    let company = company();
    let mut sound = None;
    company.provider.change("acme", |tenant| sound = Some(tenant.clone()));
    let sound = sound.unwrap();
    for (case, change, reason, text) in cases {
        // Later, so that the keys are asked for anew and no event is counted with another.
        company.advances(61);
        company.provider.change("acme", |tenant| {
            *tenant = sound.clone();
            change(tenant);
        });
        company.provider.forget();
        let (sessions, (events, ..)) = (company.sessions(), company.newest("login"));
        let person = company.visitor();
        company.logs_in(&person, "acme");
        is_refused(&company, &person, case, "login", reason, text);
        assert_eq!((company.sessions(), company.newest("login").0), (sessions, events + 1), "{case}");
        assert!(company.provider.hits()[1] <= 1, "{case}: a code is sent once");
        assert_eq!(company.provider.hits()[3], usize::from(*reason == "userinfo_sub"), "{case}: userinfo");
        company.provider.change("acme", |tenant| *tenant = sound.clone());
        person.click("Back to login").press("Continue to your IdP");
        company.advances(2);
        company.travels(&person);
        person.is_at("/console");
    }
}

/// Shows ASVS 1.5.3, 9.2.1, 9.2.2, 9.2.3, 10.5.4.
#[test]
fn asvs_10_5_1_nobody_comes_in_by_a_token_of_another_issuer_client_login_or_time() {
    hold(&[
        ("iss", |tenant| claims(tenant, |claims| add_one(claims, "iss")), "iss", SETTINGS),
        ("aud", |tenant| claims(tenant, |claims| add_one(claims, "aud")), "aud", SETTINGS),
        ("no aud", |tenant| claims(tenant, |claims| drop(claims.remove("aud"))), "aud", SETTINGS),
        (
            "aud extra",
            |tenant| claims(tenant, |claims| put(claims, "aud", json!(["vestibule", "other"]))),
            "aud",
            SETTINGS,
        ),
        ("azp", |tenant| claims(tenant, |claims| put(claims, "azp", json!("other"))), "azp", SETTINGS),
        ("nonce", |tenant| claims(tenant, |claims| add_one(claims, "nonce")), "nonce", AGAIN),
        ("no nonce", |tenant| claims(tenant, |claims| drop(claims.remove("nonce"))), "nonce", AGAIN),
        ("expired", |tenant| claims(tenant, |claims| shift(claims, "exp", -61)), "exp", AGAIN),
        (
            "iat in the future",
            |tenant| claims(tenant, |claims| shift(claims, "iat", 181)),
            "iat",
            "The clock of your company's login is 181 seconds ahead of ours",
        ),
        (
            "iat a week old",
            |tenant| claims(tenant, |claims| shift(claims, "iat", -604_800)),
            "iat",
            "Our clock is 604800 seconds ahead of the one of your company's login",
        ),
        ("no iat", |tenant| claims(tenant, |claims| drop(claims.remove("iat"))), "iat", AGAIN),
        (
            "nbf",
            |tenant| claims(tenant, |claims| shift(claims, "nbf", 600)),
            "nbf",
            "The clock of your company's login is 600 seconds ahead of ours",
        ),
        ("no sub", |tenant| claims(tenant, |claims| drop(claims.remove("sub"))), "sub", AGAIN),
        (
            "at_hash",
            |tenant| claims(tenant, |claims| put(claims, "at_hash", json!("x6yZ4ckvJuXTPTZjgnBG5A"))),
            "at_hash",
            AGAIN,
        ),
        (
            "logout token",
            |tenant| {
                claims(tenant, |claims| {
                    put(claims, "events", json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
                });
            },
            "typ",
            AGAIN,
        ),
        ("typ", |tenant| tenant.header = Arc::new(|header| put(header, "typ", json!("at+jwt"))), "typ", AGAIN),
        (
            "sub twice",
            |tenant| tenant.payload = Some(|payload| payload.replacen('{', r#"{"sub":"owner-1","#, 1)),
            "duplicate",
            AGAIN,
        ),
        ("no JSON", |tenant| tenant.payload = Some(|_| "<html>gossip</html>".into()), "malformed", AGAIN),
    ]);
}

/// Shows ASVS 6.8.2, 9.1.2, 9.1.3.
#[test]
fn asvs_9_1_1_nobody_comes_in_by_a_token_that_the_provider_did_not_sign() {
    hold(&[
        ("bad signature", |tenant| tenant.signing = Signing::Broken, "signature", AGAIN),
        ("no signature", |tenant| tenant.signing = Signing::Stripped, "signature", AGAIN),
        ("alg none", |tenant| tenant.signing = Signing::Without("none"), "alg", SETTINGS),
        ("HS256 with the secret", |tenant| tenant.signing = Signing::Secret, "alg", SETTINGS),
        ("HS256 with the public key", |tenant| tenant.signing = Signing::PublicKey, "alg", SETTINGS),
        (
            "bad signature by a curve",
            |tenant| {
                tenant.keys = vec![SigningKey::new("ES256", "curve")];
                tenant.signing = Signing::Broken;
            },
            "signature",
            AGAIN,
        ),
        (
            "no kid, and none of several keys",
            |tenant| {
                tenant.keys = vec![SigningKey::new("RS256", "alien").named(None)];
                tenant.published = Some(vec![SigningKey::new("RS256", "one"), SigningKey::new("RS256", "two")]);
            },
            "signature",
            AGAIN,
        ),
        (
            "a key that nobody publishes",
            |tenant| {
                let published = std::mem::replace(&mut tenant.keys, vec![SigningKey::new("RS256", "alien")]);
                tenant.published = Some(published);
            },
            "key",
            AGAIN,
        ),
        (
            "a key of its own header",
            |tenant| {
                let alien = SigningKey::new("RS256", "one");
                let brought = alien.published();
                tenant.published = Some(std::mem::replace(&mut tenant.keys, vec![alien]));
                tenant.header = Arc::new(move |header| put(header, "jwk", brought.clone()));
            },
            "signature",
            AGAIN,
        ),
    ]);
}

/// Shows ASVS 15.3.2; attacks 42, 44, 46.
#[test]
fn asvs_13_2_6_nobody_comes_in_while_the_provider_answers_badly_or_not_at_all() {
    hold(&[
        ("down", |tenant| says(tenant, "token", || Reply::text(0, "", String::new())), "network", AWAY),
        (
            "redirecting",
            |tenant| says(tenant, "token", || Reply::to(302, "https://gossip.example/".into())),
            "network",
            SETTINGS,
        ),
        (
            "huge",
            |tenant| says(tenant, "token", || Reply::text(200, "application/json", " ".repeat(2 * 1024 * 1024))),
            "network",
            SETTINGS,
        ),
        (
            "a page",
            |tenant| says(tenant, "token", || Reply::text(200, "text/html", "<b>no gossip</b>".into())),
            "token_answer",
            SETTINGS,
        ),
        ("failing", |tenant| says(tenant, "token", || Reply::json(500, &json!({}))), "network", AWAY),
        ("another secret", |tenant| tenant.secret = GOSSIP.into(), "invalid_client", SETTINGS),
        (
            "another error",
            |tenant| {
                says(tenant, "token", || {
                    Reply::json(400, &json!({"error": "invalid_request", "error_description": "AADSTS90014: gossip"}))
                });
            },
            "token_error",
            AGAIN,
        ),
        (
            "code spent",
            |tenant| says(tenant, "token", || Reply::json(400, &json!({"error": "invalid_grant"}))),
            "invalid_grant",
            AGAIN,
        ),
        (
            "userinfo of another",
            |tenant| tenant.userinfo = json!({"sub": "gossip"}).as_object().cloned(),
            "userinfo_sub",
            AGAIN,
        ),
        (
            "declined",
            |tenant| {
                let said = "AADSTS65004: <b>no gossip</b>".to_owned();
                tenant.back = vec![("error", "access_denied".into()), ("error_description", said)];
            },
            "access_denied",
            DENIED,
        ),
        (
            "error",
            |tenant| tenant.back = vec![("error", "server_error".into()), ("error_description", "gossip".into())],
            "provider_error",
            AGAIN,
        ),
        (
            "answer of another issuer",
            |tenant| tenant.back = vec![("iss", "https://gossip.example".into())],
            "answer_iss",
            AGAIN,
        ),
    ]);
}

/// Shows ASVS 13.2.6; attack 46.
#[test]
fn nobody_waits_longer_than_ten_seconds_and_keys_of_yesterday_serve_nobody() {
    let company = company();
    let sound = Arc::new(|| Reply { after: Duration::from_secs(12), ..Reply::json(200, &json!({})) });
    company.provider.change("acme", |tenant| drop(tenant.instead.insert("token", sound)));
    let person = company.visitor();
    let began = std::time::Instant::now();
    company.logs_in(&person, "acme");
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    is_refused(&company, &person, "slow", "login", "network", AWAY);
    // Without keys there is nothing to verify by.
    company.advances(25 * 60);
    company.provider.change("acme", |tenant| {
        tenant.instead.clear();
        says(tenant, "keys", || Reply::json(503, &json!({"error": "gossip"})));
    });
    company.logs_in(&person, "acme");
    is_refused(&company, &person, "no keys", "login", "keys", AWAY);
}
