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

const AGAIN: &str = "Logging in with your company account did not work";
const SETTINGS: &str = "Logging in with your company account does not work at the moment";
const AWAY: &str = "Your company's login cannot be reached at the moment";
const DENIED: &str = "Your company's login did not let you in, or you cancelled";
const LATE: &str = "This login was begun too long ago or the settings have changed";

type Change = fn(&mut Tenant);
/// What is wrong, the word of the reason, and what the person reads.
type Case = (&'static str, Change, &'static str, &'static str);

/// Words of the provider that no person may read.
const GOSSIP: &str = "gossip";

fn claims(tenant: &mut Tenant, bend: fn(&mut Map<String, Value>)) {
    tenant.claims = Arc::new(bend);
}

fn put(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

fn add_one(claims: &mut Map<String, Value>, name: &str) {
    let text = format!("{}1", claims[name].as_str().unwrap());
    put(claims, name, text.into());
}

fn shift(claims: &mut Map<String, Value>, name: &str, seconds: i64) {
    let at = claims["iat"].as_i64().unwrap() + seconds;
    put(claims, name, at.into());
}

fn says(tenant: &mut Tenant, endpoint: &'static str, reply: fn() -> Reply) {
    tenant.instead.insert(endpoint, Arc::new(reply));
}

/// A company in which somebody is bound, so that nothing but the fault of a case keeps them out.
fn company() -> Company {
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
fn is_refused(company: &Company, person: &Person<'_>, case: &str, kind: &str, reason: &str, text: &str) {
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
    assert!(!person.cookies.borrow().contains_key("__Host-session"), "{case}");
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
        ("iat in the future", |tenant| claims(tenant, |claims| shift(claims, "iat", 61)), "iat", AGAIN),
        ("iat a week old", |tenant| claims(tenant, |claims| shift(claims, "iat", -604_800)), "iat", AGAIN),
        ("no iat", |tenant| claims(tenant, |claims| drop(claims.remove("iat"))), "iat", AGAIN),
        ("nbf", |tenant| claims(tenant, |claims| shift(claims, "nbf", 600)), "nbf", AGAIN),
        ("no sub", |tenant| claims(tenant, |claims| drop(claims.remove("sub"))), "sub", AGAIN),
        (
            "at_hash",
            |tenant| claims(tenant, |claims| put(claims, "at_hash", json!("x6yZ4ckvJuXTPTZjgnBG5A"))),
            "at_hash",
            AGAIN,
        ),
        ("logout token", |tenant| claims(tenant, |claims| put(claims, "events", json!({"gossip": {}}))), "typ", AGAIN),
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
            "no kid, several keys",
            |tenant| {
                tenant.keys = vec![SigningKey::new("RS256", "one").named(None), SigningKey::new("RS256", "two")];
            },
            "ambiguous_key",
            SETTINGS,
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
            AWAY,
        ),
        (
            "huge",
            |tenant| says(tenant, "token", || Reply::text(200, "application/json", " ".repeat(2 * 1024 * 1024))),
            "network",
            AWAY,
        ),
        (
            "a page",
            |tenant| says(tenant, "token", || Reply::text(200, "text/html", "<b>no gossip</b>".into())),
            "token_answer",
            SETTINGS,
        ),
        ("failing", |tenant| says(tenant, "token", || Reply::json(500, &json!({}))), "token_answer", SETTINGS),
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
    is_refused(&company, &person, "no keys", "login", "keys", SETTINGS);
}

/// Shows ASVS 7.6.2, 10.1.2, 10.2.2; attacks 47, 48, 49.
#[test]
fn asvs_10_2_1_nobody_comes_in_by_an_answer_that_is_not_theirs() {
    let company = company();
    let without = |back: &str, name: &str| {
        let (path, query) = back.split_once('?').unwrap();
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        format!("{path}?{}", kept.join("&"))
    };
    let begins = |person: &Person<'_>| {
        person.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
        company.back(&person.page().link("Continue").unwrap())
    };
    let comes = |case: &str, back: &dyn Fn(&str) -> String, kind: &str, reason: &str, text: &str| {
        company.advances(1);
        let person = company.visitor();
        let right = begins(&person);
        let (sessions, logins) = (company.sessions(), company.newest("login").0);
        company.provider.forget();
        person.open(&back(&right));
        is_refused(&company, &person, case, kind, reason, text);
        assert_eq!((company.sessions(), &company.provider.hits()[1..]), (sessions, &[0; 3][..]), "{case}");
        assert_eq!(company.newest("login").0, logins + usize::from(kind == "login"), "{case}");
    };
    comes("no state", &|back| without(back, "state"), "request.refused", "state", AGAIN);
    comes("another state", &|back| format!("{back}1"), "request.refused", "state", AGAIN);
    comes("state twice", &|back| format!("{back}&state=x"), "request.refused", "parameters", AGAIN);
    comes("nothing", &|_| "/auth/oidc/callback".into(), "request.refused", "state", AGAIN);
    comes("other browser's", &|_| begins(&company.visitor()), "request.refused", "state", AGAIN);
    comes("no code", &|back| without(back, "code"), "login", "code_missing", AGAIN);
    let late = |back: &str| {
        company.advances(10);
        company.clock.advance(chrono::Duration::seconds(1));
        back.to_owned()
    };
    comes("eleven minutes", &late, "login", "late", LATE);
    // Values edited, confirmed and in force while somebody was away.
    let person = company.visitor();
    let back = begins(&person);
    company.provider.seat("acme", "owner-1", super::OWNER);
    let owner = company.visitor();
    company.logs_in(&owner, "acme");
    company.starts_trial(&owner, "acme", "acme");
    owner.press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console");
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    let sessions = company.sessions();
    person.open(&back);
    is_refused(&company, &person, "edited", "login", "changed", LATE);
    assert_eq!(company.sessions(), sessions);
    // Answers by a form come without the cookies, or from elsewhere; they end no trip.
    let person = company.visitor();
    let right = begins(&person);
    let (path, query) = right.split_once('?').unwrap();
    for more in [&[][..], &[("Sec-Fetch-Site", "cross-site")]] {
        let answer = person.request("POST", path, more, query);
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
    person.open(&right).is_at("/console");
    // Replayed: in the same browser and in another one.
    company.advances(1);
    let person = company.visitor();
    let back = begins(&person);
    person.open(&back).is_at("/console");
    let (sessions, logins) = (company.sessions(), company.newest("login").0);
    person.open("/logout").press("Log out");
    for again in [&person, &company.visitor()] {
        company.advances(1);
        again.open(&back);
        is_refused(&company, again, "replayed", "request.refused", "state", AGAIN);
    }
    assert_eq!((company.sessions(), company.newest("login").0), (sessions - 1, logins));
    // Errors of one's own making fill no log: equal ones of a minute are one event.
    company.advances(1);
    for _ in 0..5 {
        let person = company.visitor();
        let back = without(&begins(&person), "code");
        person.open(&format!("{back}&error=access_denied"));
        is_refused(&company, &person, "denied", "login", "access_denied", DENIED);
    }
    assert_eq!(company.newest("login").0, logins + 1);
}

#[test]
fn what_good_providers_do_logs_in() {
    let cases: [(&str, Change); 9] = [
        ("rotated keys", |tenant| tenant.keys = vec![SigningKey::new("RS256", "newer")]),
        ("rotated once more", |tenant| tenant.keys = vec![SigningKey::new("RS256", "newest")]),
        ("ES256", |tenant| tenant.keys = vec![SigningKey::new("ES256", "curve")]),
        ("PS256", |tenant| tenant.keys = vec![SigningKey::new("PS256", "pss")]),
        ("no kid, one key", |tenant| tenant.keys = vec![SigningKey::new("RS256", "only").named(None)]),
        ("aud as a list of one", |tenant| claims(tenant, |claims| put(claims, "aud", json!(["vestibule"])))),
        ("azp our own", |tenant| claims(tenant, |claims| put(claims, "azp", json!("vestibule")))),
        ("clock back by five minutes", |tenant| claims(tenant, |claims| shift(claims, "iat", -300))),
        ("userinfo away", |tenant| says(tenant, "userinfo", || Reply::text(0, "", String::new()))),
    ];
    let company = company();
    for (case, change) in cases {
        company.provider.change("acme", change);
        // A key that nobody knew yet is looked for once a minute.
        company.clock.advance(chrono::Duration::seconds(61));
        let (person, sessions) = (company.visitor(), company.sessions());
        company.logs_in(&person, "acme");
        assert_eq!((person.page().url.as_str(), company.sessions()), ("/console", sessions + 1), "{case}");
    }
}
