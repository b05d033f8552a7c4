//! Fields that no form has, and names of files that somebody would like to choose.

use std::collections::BTreeSet;

use crate::invariants::dump::Looker;
use crate::invariants::sources::{between, field_names, none, root};
use crate::invariants::{stage, walk};
use crate::support::TestApp;
use crate::support::people::{PASSWORD, encode};

/// Every column there is, sent with every form: nothing of it is kept, but what the form is for.
/// Shows ASVS 15.3.3; attack 75.
#[test]
fn asvs_8_2_3_a_form_sets_only_what_it_is_for() {
    let app = TestApp::start();
    stage::live_in(&app, stage::OTHER, "boss@rival.example");
    let owner = app.owner();
    let schema = std::fs::read_to_string(root().join("src/platform/store/schema.rs")).unwrap();
    let fields = field_names();
    let columns: BTreeSet<&str> =
        between(&schema, "        ", " -> ").map(str::trim).filter(|name| !name.contains(' ')).collect();
    let unasked: Vec<&str> = columns.into_iter().filter(|name| !fields.contains(*name)).collect();
    assert!(
        unasked.len() > 60 && unasked.contains(&"organization_id") && unasked.contains(&"password_hash"),
        "{unasked:?}"
    );
    let mut looker = Looker::at(&app.database);
    let ids = walk::ids_of(&looker.look(), "acme");
    let mut tried = 0;
    for canary in ["planted0canary", "1", "true", "2001-02-03 04:05:06"] {
        let mut pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(walk::rich_form().as_bytes()).into_owned().collect();
        pairs.extend(unasked.iter().map(|name| ((*name).to_owned(), canary.to_owned())));
        let body = encode(&pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>());
        for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "POST") {
            // What would end the session, or lock its owner out, says nothing more here.
            if ["logout", "password", "confirmation", "{organization}"].iter().any(|word| endpoint.path.contains(word))
            {
                continue;
            }
            tried += 1;
            let answer = walk::glance(&owner, "POST", &walk::plausible(endpoint.path, &ids), &[], &body);
            assert!(answer.status < 500, "{}: {}", endpoint.path, answer.status);
        }
    }
    let mut kept = Vec::new();
    for (table, rows) in looker.look() {
        for (column, value) in rows.iter().flatten() {
            if value.contains("planted0canary") || value.contains("2001-02-03") {
                kept.push(format!("{table}.{column}: {value}"));
            }
        }
    }
    none(kept, "columns that a form set unasked");
    assert!(tried > 150, "{tried}");
}

/// Shows ASVS 6.3.4.
#[test]
fn asvs_6_4_6_nobody_sets_a_password_for_somebody_else() {
    let app = TestApp::start();
    let owner = app.owner();
    let chosen = [
        ("email", "jun@acme.example"),
        ("name", "Jun"),
        ("language", "en"),
        ("status", "active"),
        ("password", PASSWORD),
        ("new_password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    owner.post("/iam/users/new", &chosen).is_at("/iam/users");
    let page = owner.page().link("Jun").expect("the new user");
    for path in ["roles/edit", "invitation", "factors", "unlock", "reactivation"] {
        owner.post(&format!("{page}/{path}"), &chosen);
    }
    app.visitor().log_in("acme", "jun@acme.example", PASSWORD).is_at("/login/acme").gets(422);
    // Nor is there a page on which to.
    for path in [page.clone(), format!("{page}/roles/edit"), format!("{page}/factors"), "/iam/users/new".to_owned()] {
        owner.open(&path);
        assert_eq!(owner.page().all("input[type=password]").len(), 0, "{path}");
    }
    app.deliver();
}

/// Shows ASVS 3.2.1, 5.4.2.
#[test]
fn asvs_5_4_1_a_download_has_a_name_of_ours() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/bulk").fill("Users, one on each line", "a@acme.example,Ann").press("Register all").gets(200);
    let report = format!("{}/report", owner.page().url.clone());
    owner.set_up_authenticator();
    let codes = owner.recovery_codes().join(" ");
    let evil = "filename=..%2F..%2Fx.html&name=a%22%3B%0D%0ASet-Cookie%3Ax%3D1";
    let recovery = encode(&[("codes", codes.as_str())]);
    for (method, path, body) in [
        ("POST", "/audit/export", "format=csv"),
        ("POST", "/audit/export", "format=jsonl"),
        ("POST", "/iam/organization/deletion/export", ""),
        ("POST", "/account/authenticator/recovery-codes/file", recovery.as_str()),
        ("GET", report.as_str(), ""),
    ] {
        let sent = if body.is_empty() { evil.to_owned() } else { format!("{body}&{evil}") };
        let sent = if method == "GET" { String::new() } else { sent };
        let answer = owner.request(method, &format!("{path}?{evil}"), &[], &sent);
        assert_eq!(answer.status, 200, "{path}");
        let named = answer.header("content-disposition").unwrap_or_default();
        let name = named.strip_prefix("attachment; filename=\"").and_then(|name| name.strip_suffix('"'));
        let name = name.unwrap_or_else(|| panic!("{path}: {named:?}"));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        assert!(name.chars().all(plain) && !name.contains("..") && !name.ends_with("html"), "{path}: {name}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(!answer.headers("set-cookie").iter().any(|cookie| cookie.starts_with("x=")), "{path}");
    }
    app.deliver();
}
