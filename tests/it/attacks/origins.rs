//! What other sites can make a browser do: no change, no reading, and no redirect to elsewhere.

use vestibule::base::urls;

use crate::invariants::dump::{Looker, changes};
use crate::invariants::sources::none;
use crate::invariants::walk::{self, asking_for, glance};
use crate::support::people::PASSWORD;
use crate::support::{TestApp, client};

/// Every change there is, in every shape in which it can come from elsewhere.
/// Shows attack 62.
#[test]
fn asvs_3_5_1_no_change_is_made_for_another_site() {
    let app = TestApp::start();
    let owner = app.owner();
    app.deliver();
    let cookies: Vec<String> = owner.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let shapes: [&[(&str, &str)]; 15] = [
        &[],
        &[("Origin", "null")],
        &[("Origin", "http://evil.test")],
        &[("Origin", "http://localhost:8080.evil.test")],
        &[("Origin", "https://localhost:8080")],
        &[("Referer", "http://localhost:8080.evil.test/account")],
        &[("Referer", "http://evil.test/http://localhost:8080/")],
        &[("Referer", "http://localhost:8080@evil.test/")],
        &[("Referer", "")],
        &[("Origin", ""), ("Referer", "http://localhost:8080/account")],
        &[("Origin", "null"), ("Referer", "http://localhost:8080/account")],
        &[("Sec-Fetch-Site", "cross-site"), ("Referer", "http://localhost:8080/account")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost:8080")],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", "http://localhost:8080")],
        &[("Sec-Fetch-Site", "SAME-ORIGIN, cross-site")],
    ];
    let (mut looker, form) = (Looker::at(&app.database), walk::rich_form());
    let before = looker.look();
    let ids = walk::ids_of(&before, "acme");
    let (mut faults, mut tried) = (Vec::new(), 0);
    for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "POST") {
        let path = walk::plausible(endpoint.path, &ids);
        for shape in shapes {
            let mut headers = vec![("Cookie", cookies.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
            headers.extend_from_slice(shape);
            let answer = client::send(app.address, "POST", &path, &headers, form.as_bytes());
            tried += 1;
            if answer.status != 403 || !answer.headers("set-cookie").is_empty() {
                faults.push(format!("POST {path} with {shape:?}: {}", answer.status));
            }
        }
    }
    // Refusals are recorded, and the rows that they take counted.
    let beside = ["audit_events", "audit_rows", "sessions"];
    let mine = |change: &&crate::invariants::dump::Change| !beside.contains(&change.table.as_str());
    faults.extend(changes(&before, &looker.look()).iter().filter(mine).map(ToString::to_string));
    none(faults, "changes from elsewhere");
    assert!(tried > 500, "{tried}");
    owner.open("/console").is_at("/console");
}

/// Shows ASVS 3.4.2.
#[test]
fn no_answer_is_for_another_origin_to_read() {
    let app = TestApp::start();
    let owner = app.owner();
    let mut faults = Vec::new();
    for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "GET") {
        let path = walk::fill(endpoint.path, |_| walk::UNKNOWN.to_owned());
        for origin in ["http://evil.test", "null", "http://localhost:8080"] {
            let asked =
                [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Sec-Fetch-Site", "same-origin")];
            for method in ["GET", "OPTIONS"] {
                let answer = glance(&owner, method, &path, &asked, "");
                let told = answer.headers.iter().filter(|(name, _)| name.to_lowercase().starts_with("access-control"));
                faults.extend(told.map(|(name, value)| format!("{method} {path} for {origin}: {name}: {value}")));
                if method == "OPTIONS" && answer.status != 405 {
                    faults.push(format!("OPTIONS {path}: {}", answer.status));
                }
            }
        }
    }
    none(faults, "answers for other origins");
}

/// Shows ASVS 3.7.2; attack 67.
#[test]
fn nobody_is_led_anywhere_but_to_pages_of_ours() {
    let app = TestApp::start();
    let owner = app.owner();
    for evil in [
        "//evil.test",
        "/\\evil.test",
        "/%09/evil.test",
        "\t//evil.test",
        "https:evil.test",
        "https://evil.test",
        "http://localhost:8080@evil.test",
        "javascript:alert(1)",
        "/account\r\nLocation: https://evil.test",
        "/../..//evil.test",
        "evil.test",
    ] {
        let place = |answer: &client::Response| {
            let to = answer.header("location").or(answer.header("hx-redirect")).unwrap_or("/").to_owned();
            assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{evil:?} leads to {to:?}");
            assert!(!to.contains("://") && !to.contains("evil.test/"), "{evil:?} leads to {to:?}");
            to
        };
        let typed = crate::support::people::encode(&[("next", evil), ("here", evil), ("language", "en")]);
        for headers in [&[][..], &asking_for("form#form")] {
            let visitor = app.visitor();
            let to = place(&visitor.request("POST", urls::PREFERENCES, headers, &typed));
            assert!(matches!(to.as_str(), "/" | "/console"), "{evil:?} leads to {to:?}");
            place(&glance(&owner, "POST", urls::CONFIRMATION, headers, &format!("{typed}&password={PASSWORD}")));
            place(&glance(&owner, "GET", &format!("{}?{typed}", urls::CONFIRMATION), headers, ""));
            place(&visitor.request("GET", &format!("/login/again?{typed}"), headers, ""));
        }
        let visitor = app.visitor();
        visitor.open(&format!("/login?{typed}")).fill("Organization name", "acme").press("Next");
        visitor.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/console");
    }
    app.deliver();
}
