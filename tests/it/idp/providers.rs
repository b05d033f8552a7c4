//! Providers as there are that exist: each ends in a login, or in words that name the cause and the next step.

use serde_json::json;

use super::refusals::{Change, claims, company, put, says, shift};
use crate::support::provider::Reply;
use crate::support::signing::SigningKey;

#[test]
fn what_good_providers_do_logs_in() {
    let cases: [(&str, Change); 15] = [
        ("rotated keys", |tenant| tenant.keys = vec![SigningKey::new("RS256", "newer")]),
        ("rotated once more", |tenant| tenant.keys = vec![SigningKey::new("RS256", "newest")]),
        ("ES256", |tenant| tenant.keys = vec![SigningKey::new("ES256", "curve")]),
        ("PS256", |tenant| tenant.keys = vec![SigningKey::new("PS256", "pss")]),
        ("no kid, one key", |tenant| tenant.keys = vec![SigningKey::new("RS256", "only").named(None)]),
        ("aud as a list of one", |tenant| claims(tenant, |claims| put(claims, "aud", json!(["vestibule"])))),
        ("azp our own", |tenant| claims(tenant, |claims| put(claims, "azp", json!("vestibule")))),
        ("clock back by five minutes", |tenant| claims(tenant, |claims| shift(claims, "iat", -300))),
        ("userinfo away", |tenant| says(tenant, "userinfo", || Reply::text(0, "", String::new()))),
        ("aud with others and azp our own", |tenant| {
            claims(tenant, |claims| {
                put(claims, "aud", json!(["vestibule", "285"]));
                put(claims, "azp", json!("vestibule"));
            });
        }),
        ("clock ahead by 90 seconds", |tenant| {
            claims(tenant, |claims| ["nbf", "auth_time", "iat"].iter().for_each(|name| shift(claims, name, 90)));
        }),
        ("auth_time of 0", |tenant| claims(tenant, |claims| put(claims, "auth_time", json!(0)))),
        ("odd types of what decides nothing", |tenant| {
            claims(tenant, |claims| {
                let odd = json!({"amr": "pwd", "acr": 1, "email": ["a"], "address": "Seoul", "azp": null, "name#": 7});
                claims.extend(odd.as_object().unwrap().clone());
            });
        }),
        ("a key by its name", |tenant| tenant.keys = vec![SigningKey::new("RS256", "same")]),
        ("another key under that name", |tenant| tenant.keys = vec![SigningKey::new("RS256", "same")]),
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
