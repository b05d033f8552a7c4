//! Where a request comes from, in every shape in which it can lie: list, throttle and log agree on one address.

use diesel::prelude::*;
use vestibule::platform::config::Proxies;
use vestibule::platform::store::schema::audit_events;

use super::super::support::TestApp;
use super::super::support::people::{PASSWORD, encode};
use super::{ACCESS, SECURITY};

/// A shape of request, and the address that counts; `None` where none can be read.
struct Shape {
    name: &'static str,
    trusted: &'static [&'static str],
    header: &'static str,
    lines: &'static [(&'static str, &'static str)],
    counts: Option<&'static str>,
}

const XFF: &str = "x-forwarded-for";

/// The peer of every request is 127.0.0.1.
const SHAPES: &[Shape] = &[
    Shape { name: "direct", trusted: &[], header: XFF, lines: &[], counts: Some("127.0.0.1") },
    Shape {
        name: "one proxy",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[(XFF, "203.0.113.5")],
        counts: Some("203.0.113.5"),
    },
    Shape {
        name: "one proxy that appends to a lie",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[(XFF, "198.51.100.9, 203.0.113.5")],
        counts: Some("203.0.113.5"),
    },
    Shape {
        name: "two proxies",
        trusted: &["127.0.0.1/32", "10.0.0.0/8"],
        header: XFF,
        lines: &[(XFF, "198.51.100.9, 203.0.113.5, 10.0.0.7")],
        counts: Some("203.0.113.5"),
    },
    Shape {
        name: "two proxies of which one is not configured",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[(XFF, "203.0.113.5, 10.0.0.7")],
        counts: Some("10.0.0.7"),
    },
    Shape {
        name: "several lines",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[(XFF, "198.51.100.9"), (XFF, "192.0.2.1, 203.0.113.5")],
        counts: Some("203.0.113.5"),
    },
    Shape {
        name: "a peer that is not trusted",
        trusted: &["10.0.0.0/8"],
        header: XFF,
        lines: &[(XFF, "203.0.113.5")],
        counts: Some("127.0.0.1"),
    },
    Shape {
        name: "nothing configured",
        trusted: &[],
        header: XFF,
        lines: &[(XFF, "203.0.113.5"), ("x-real-ip", "203.0.113.5"), ("forwarded", "for=203.0.113.5")],
        counts: Some("127.0.0.1"),
    },
    Shape {
        name: "garbage",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[(XFF, "203.0.113.5, not an address")],
        counts: None,
    },
    Shape {
        name: "other headers are no header",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[("forwarded", "for=198.51.100.9"), ("x-real-ip", "198.51.100.9"), (XFF, "203.0.113.5")],
        counts: Some("203.0.113.5"),
    },
    Shape {
        name: "Forwarded, configured",
        trusted: &["127.0.0.1/32"],
        header: "forwarded",
        lines: &[(XFF, "198.51.100.9"), ("forwarded", "for=198.51.100.9, for=\"[2001:db8::7]:80\"")],
        counts: Some("2001:db8::7"),
    },
    Shape {
        name: "a mapped address",
        trusted: &["127.0.0.1/32"],
        header: XFF,
        lines: &[(XFF, "::ffff:203.0.113.5")],
        counts: Some("203.0.113.5"),
    },
];

fn proxies(trusted: &[&str], header: &str) -> Proxies {
    Proxies { trusted: trusted.iter().map(|network| network.parse().unwrap()).collect(), header: header.into() }
}

/// Shows ASVS 4.1.3, 15.3.4; attack 20.
#[test]
fn list_throttle_and_log_agree_on_the_address() {
    for shape in SHAPES {
        let app = TestApp::start_with(|config| {
            config.proxies = proxies(shape.trusted, shape.header);
            config.limits.network_wrong_passwords = 1;
        });
        app.organization("acme", "owner@acme.example");
        let app = app.beside_with(|config| {
            config.proxies = proxies(shape.trusted, shape.header);
            config.limits.network_wrong_passwords = 1;
        });
        let visitor = app.visitor();
        let step = visitor.request("GET", "/login/acme", shape.lines, "");
        let Some(counts) = shape.counts else {
            assert_eq!(step.status, 400, "{}", shape.name);
            continue;
        };
        // The log.
        let wrong = encode(&[("email", "owner@acme.example"), ("password", "not the password")]);
        visitor.request("POST", "/login/acme", shape.lines, &wrong);
        let logged: Option<String> = audit_events::table
            .filter(audit_events::event.eq("login"))
            .filter(audit_events::reason.eq("wrong_password"))
            .select(audit_events::address)
            .first(&mut app.database.connect())
            .unwrap();
        assert_eq!(logged.as_deref(), Some(counts), "{}", shape.name);
        // The throttle: the network of this address is paused now, and no other one is.
        let right = encode(&[("email", "owner@acme.example"), ("password", PASSWORD)]);
        assert_eq!(
            visitor.request("POST", "/login/acme", shape.lines, &right).status,
            429,
            "{}: the network is paused",
            shape.name
        );
        // The list: this address gets in, and nobody else.
        for (listed, status) in [(counts, 429), ("192.0.2.77", 403)] {
            let json = format!(r#"{{"is_on":true,"entries":[{{"address":"{listed}","description":""}}]}}"#);
            app.database.execute(&format!("UPDATE organizations SET console_access = '{json}'"));
            let seen = visitor.request("POST", "/login/acme", shape.lines, &right);
            assert_eq!(seen.status, status, "{} with {listed} in the list", shape.name);
            if status == 403 {
                assert!(seen.text().contains(counts), "{}: the page names {counts}", shape.name);
            }
        }
    }
}

/// Shows ASVS 4.1.3.
#[test]
fn behind_a_proxy_that_nobody_configured_the_control_cannot_be_turned_on() {
    let operator = super::super::operator::Operator::of_a_server_with(|config| config.proxies = proxies(&[], XFF));
    let app = &operator.app;
    let owner = app.owner();
    for header in [XFF, "forwarded", "x-real-ip"] {
        let page = owner.request("GET", ACCESS, &[(header, "203.0.113.5")], "");
        assert!(page.text().contains("a proxy that is not configured here"), "{header}");
    }
    let on = [("access", "on"), ("entries", "127.0.0.1 Here"), ("version", "0"), ("action", "save")];
    let refused = owner.request("POST", ACCESS, &[(XFF, "203.0.113.5")], &encode(&on));
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Ask the operator"));
    assert_eq!(super::recorded(app, "console_access.changed", "unknown_proxy"), 1);
    let checked = operator.does(&["check"]);
    assert!(checked.contains("a proxy that is not configured"), "{checked}");
    // Without the proxy it is as usual, and switching it off always is.
    owner.post(ACCESS, &on).is_at(SECURITY);
    let off = [("access", "off"), ("entries", "127.0.0.1 Here"), ("version", "1"), ("action", "save")];
    assert_eq!(owner.request("POST", ACCESS, &[(XFF, "203.0.113.5")], &encode(&off)).status, 303);
}

/// Shows ASVS 4.1.3.
#[test]
fn access_control_cannot_be_turned_on_while_clients_share_a_proxys_address() {
    let operator = super::super::operator::Operator::of_a_server_with(|config| {
        config.proxies = proxies(&["127.0.0.0/8"], "x-real-ip");
    });
    let app = &operator.app;
    let owner = app.owner();
    // The proxy sends another header than the one that is read.
    let sent = [(XFF, "203.0.113.5")];
    let page = owner.request("GET", ACCESS, &sent, "").text();
    assert!(page.contains("a configured proxy that names no client in the header x-real-ip"), "{page}");
    assert!(!page.contains("Add 127.0.0.1") && !page.contains("id=\"add-own\""), "{page}");
    let on = [("access", "on"), ("entries", "127.0.0.1 Here"), ("version", "0"), ("action", "save")];
    let refused = owner.request("POST", ACCESS, &sent, &encode(&on));
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("everybody seems to come from 127.0.0.1"));
    assert_eq!(super::recorded(app, "console_access.changed", "unknown_proxy"), 1);
    let right = [("x-real-ip", "127.0.0.9, 203.0.113.5")];
    let on = [("access", "on"), ("entries", "203.0.113.5 Here"), ("version", "0"), ("action", "save")];
    assert_eq!(owner.request("POST", ACCESS, &right, &encode(&on)).status, 303);
}
