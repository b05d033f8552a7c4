//! Paths that mean a page to somebody and are none, and addresses that others have and this product has not.

use crate::invariants::sources::none;
use crate::invariants::walk::{self, glance};
use crate::support::TestApp;

/// Shows ASVS 14.2.5; attacks 70, 108.
#[test]
fn a_path_that_is_only_like_a_page_is_nothing() {
    let app = TestApp::start();
    let owner = app.owner();
    let (visitor, mut faults, mut tried) = (app.visitor(), Vec::new(), 0);
    for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "GET" && endpoint.path.len() > 1) {
        let path = walk::fill(endpoint.path, |_| walk::UNKNOWN.to_owned());
        let tail = path.rsplit('/').next().unwrap_or_default();
        let encoded = format!("%{:02X}{}", path.as_bytes()[1], &path[2..]);
        for odd in [
            format!("/{path}"),
            format!("{path}/"),
            format!("{path}//"),
            format!("/.{path}"),
            format!("/%2e{path}"),
            format!("/x/..{path}"),
            format!("{path}/../{tail}"),
            format!("{path};a=b"),
            format!("{path};.css"),
            format!("{path}%00"),
            format!("{path}%0a.css"),
            format!("{path}%2f"),
            format!("{path}%3f"),
            format!("{path}/x.css"),
            format!("{path}.json"),
            format!("\\{}", &path[1..]).replacen('\\', "/%5c", 1),
        ] {
            for (who, person) in [("the owner", &owner), ("a visitor", &visitor)] {
                tried += 1;
                let answer = glance(person, "GET", &odd, &[], "");
                // Behind a variable segment an odd id leads to the login, like any other.
                let led = who == "a visitor" && answer.header("location").is_some_and(|to| to.starts_with("/login"));
                let nothing = matches!(answer.status, 404 | 410) || led || odd == "/dev/mailbox.json";
                if !nothing || answer.header("cache-control") != Some("no-store") {
                    faults.push(format!("{odd} as {who}: {} {:?}", answer.status, answer.header("cache-control")));
                }
            }
        }
        // An escape that need not be one is the page itself, or nothing: never something in between.
        let answer = glance(&visitor, "GET", &format!("/{encoded}"), &[], "");
        let plain = glance(&visitor, "GET", &path, &[], "");
        if answer.status != 404
            && (answer.status, answer.header("location").is_some())
                != (plain.status, plain.header("location").is_some())
        {
            faults.push(format!("/{encoded}: {} instead of {}", answer.status, plain.status));
        }
    }
    none(faults, "paths that are only like a page");
    assert!(tried > 1000, "{tried}");
}

/// What the operator does is done by commands: there is no address for it, and none that tells of the inside.
/// Shows ASVS 8.4.2, 13.4.1, 13.4.5.
#[test]
fn there_is_no_address_for_the_operator_or_of_the_inside() {
    let app = TestApp::start();
    let owner = app.owner();
    for path in [
        "/operator",
        "/admin",
        "/admin/organizations",
        "/organizations",
        "/api",
        "/api/v1/users",
        "/graphql",
        "/metrics",
        "/health/full",
        "/debug",
        "/debug/pprof",
        "/server-status",
        "/actuator",
        "/actuator/env",
        "/.git/config",
        "/.env",
        "/config.toml",
        "/vestibule.toml",
        "/data/vestibule.db",
        "/backup.zip",
        "/swagger",
        "/openapi.json",
        "/console.php",
    ] {
        for person in [&owner, &app.visitor()] {
            assert_eq!(glance(person, "GET", path, &[], "").status, 404, "{path}");
            assert_eq!(glance(person, "POST", path, &[], "").status, 404, "{path}");
        }
    }
}
