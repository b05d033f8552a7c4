//! Searches, orders and places that would like to be part of a query.

use crate::support::page::words;
use crate::support::people::encode;
use crate::support::{Person, TestApp};

fn found(person: &Person<'_>, query: &[(&str, &str)]) -> Vec<String> {
    person.open(&format!("/iam/users?{}", encode(query))).gets(200);
    let page = person.page();
    page.all("tbody th[scope=row] a").into_iter().map(words).collect()
}

/// Shows ASVS 1.1.1; attack 90.
#[test]
fn asvs_1_2_4_what_is_searched_for_is_text() {
    let app = TestApp::start();
    let owner = app.owner();
    for (number, name) in
        ["Per 100% Cent", "Under_Score", "Back\\Slash", "O'Brien Quote", "Plain Name", "%61dmin Percent"]
            .into_iter()
            .enumerate()
    {
        let email = format!("user-{number}@acme.example");
        owner.post("/iam/users/new", &[("email", &email), ("name", name), ("language", "en")]).is_at("/iam/users");
    }
    for (searched, names) in [
        ("%", &["%61dmin Percent", "Per 100% Cent"][..]),
        ("_", &["Under_Score"]),
        ("\\", &["Back\\Slash"]),
        ("'", &["O'Brien Quote"]),
        ("%%", &[]),
        ("r_s", &["Under_Score"]),
        ("n_m", &[]),
        ("' OR 1=1--", &[]),
        ("'; DROP TABLE users;--", &[]),
        ("\" OR \"\"=\"", &[]),
        (") UNION SELECT password_hash FROM users--", &[]),
        ("PLAIN NAME", &["Plain Name"]),
    ] {
        let mut hits = found(&owner, &[("q", searched), ("anywhere", "1")]);
        hits.sort();
        assert_eq!(hits, names, "{searched}");
    }
    // Decoded once: what is typed as an escape stays one.
    owner.open("/iam/users?q=%2561dmin").gets(200);
    assert_eq!(owner.page().all("input[name=q]")[0].value().attr("value"), Some("%61dmin"));
    assert_eq!(owner.page().all("tbody tr").len(), 1);
    // What is no order, filter or place is none.
    let all = found(&owner, &[]);
    for (name, value) in [
        ("sort", "name;drop"),
        ("sort", "(SELECT 1)"),
        ("sort", "password_hash"),
        ("after", "' OR 1=1--"),
        ("before", "\\"),
        ("status", "active' OR '1'='1"),
        ("role", "org_owner)--"),
    ] {
        owner.open(&format!("/iam/users?{}", encode(&[(name, value)])));
        assert!(matches!(owner.page().status, 200 | 422), "{name}={value}: {}", owner.page().status);
        assert!(!owner.response().text().contains("argon2"), "{name}={value}");
    }
    for path in ["/iam/users?q=%00", "/iam/projects?after=%00", "/audit?actor=%00&event=login", "/billing?after=%00"] {
        owner.open(path);
        assert!(matches!(owner.page().status, 200 | 422), "{path}: {}", owner.page().status);
    }
    assert_eq!(found(&owner, &[]), all, "everybody is there still");
    app.deliver();
}
