//! Ways in that nobody thinks of first: from outside the list, beside the provider, before anybody is there.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::users;

use crate::idp::{Company, OWNER};
use crate::login::attempt;
use crate::races::at_once;
use crate::support::TestApp;
use crate::support::people::PASSWORD;

const OUTSIDE: &str = "198.51.100.9";

/// Lets an organization be entered from one address alone.
fn only_from(app: &TestApp, address: &str) {
    let list = format!(r#"{{"is_on":true,"entries":[{{"address":"{address}","description":"Office"}}]}}"#);
    app.database.execute(&format!("UPDATE organizations SET console_access = '{list}' WHERE name = 'acme'"));
}

#[test]
fn asvs_6_3_2_nobody_is_there_from_the_start() {
    let app = TestApp::start();
    assert_eq!(users::table.count().get_result::<i64>(&mut app.database.connect()), Ok(0));
    for name in ["admin", "root", "test", "vestibule", "operator"] {
        for password in [name, "admin", "password", "vestibule", ""] {
            let answer = attempt(&app.visitor(), name, &format!("{name}@example.org"), password);
            assert!(matches!(answer.status, 422 | 429), "{name} {password:?}: {}", answer.status);
        }
    }
}

#[test]
fn asvs_6_2_10_a_password_is_as_good_after_ten_years() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.clock.advance(Duration::days(3653));
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD).is_at("/console").sees_no("expires");
    app.deliver();
}

/// Shows ASVS 8.2.4; attack 22.
#[test]
fn whoever_comes_by_ipv6_is_told_the_address_that_is_not_in_the_list() {
    let app = TestApp::start();
    let owner = app.owner();
    only_from(&app, "127.0.0.1");
    owner.open("/console").gets(200);
    for address in ["2001:db8::1", "64:ff9b::7f00:1", "::1"] {
        owner.moves_to(address).open("/console").gets(403).sees("Your address is not allowed").sees(address);
        app.visitor().from(address).log_in("acme", "owner@acme.example", PASSWORD).gets(403).sees(address);
    }
    owner.moves_to("::ffff:127.0.0.1").open("/console").gets(200);
    app.deliver();
}

/// Links that came by mail work from anywhere, and log nobody in; what logs in looks at the list.
/// Shows ASVS 6.3.4, 8.2.4; attack 25.
#[test]
fn no_other_way_in_passes_the_list_by() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.post("/iam/users/new", &[("email", "jun@acme.example"), ("name", "Jun"), ("language", "en")]);
    only_from(&app, "127.0.0.1");
    let outside = app.visitor().from(OUTSIDE);
    outside
        .open("/password")
        .fill("Organization name", "acme")
        .fill("Email", "owner@acme.example")
        .press("Mail me a link");
    let new = "velvet-harbor-93-tundra";
    outside.open(&app.link_to("owner@acme.example", "new password")).fill("New password", new);
    outside.fill("New password again", new).press("Set new password").is_at("/login/acme");
    outside.log_in("acme", "owner@acme.example", new).gets(403).sees(OUTSIDE);
    let jun = app.visitor().from(OUTSIDE);
    jun.register_password("jun@acme.example", PASSWORD).is_at("/login/acme");
    jun.log_in("acme", "jun@acme.example", PASSWORD).gets(403);
    for person in [&outside, &jun] {
        assert!(!person.cookies.borrow().contains_key("vestibule-session"));
    }
    // Half way when the list came into force: the code is not the way in, either.
    app.database.execute("UPDATE organizations SET console_access = NULL");
    app.two_factor("acme", true);
    jun.log_in("acme", "jun@acme.example", PASSWORD).choose_factor("Email");
    let code = app.mailed_code("jun@acme.example");
    only_from(&app, "127.0.0.1");
    jun.post("/login/factor/code", &[("one_time_code", &code)]);
    jun.open("/console");
    assert!(
        jun.page().url.starts_with("/login") || jun.page().status == 403,
        "{} {}",
        jun.page().url,
        jun.page().status
    );
    app.deliver();
}

/// Shows ASVS 8.2.4; attack 25.
#[test]
fn the_way_back_from_the_provider_looks_at_the_list() {
    let company = Company::open();
    company.goes_over();
    only_from(&company, "127.0.0.1");
    // Begun inside, and gone on from elsewhere while one was at the provider.
    let outside = company.visitor().from("127.0.0.1");
    outside.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
    outside.moves_to(OUTSIDE);
    let before = company.sessions();
    company.travels(&outside);
    outside.gets(403).sees("open from certain addresses only").open("/console").is_at("/login");
    assert_eq!(company.sessions(), before);
    let inside = company.visitor();
    company.logs_in(&inside, "acme");
    inside.is_at("/console");
}

/// Shows attack 57.
#[test]
fn asvs_7_6_1_a_session_from_a_provider_ends_after_twelve_hours_like_any_other() {
    let company = Company::open();
    company.colleague("mate@acme.example");
    company.goes_over();
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    let mate = company.visitor();
    company.logs_in(&mate, "acme");
    mate.is_at("/console");
    // The provider is not asked meanwhile, so its being away changes nothing.
    company.provider.change("acme", |tenant| {
        for endpoint in ["openid-configuration", "keys", "token", "userinfo"] {
            let down = || crate::support::provider::Reply::json(503, &serde_json::json!({}));
            tenant.instead.insert(endpoint, std::sync::Arc::new(down));
        }
    });
    for _ in 0..28 {
        company.advances(25);
        mate.open("/console").is_at("/console");
        mate.settles();
    }
    company.advances(25);
    mate.open("/console").is_at("/login");
    // And a new one needs the provider.
    company.provider.seat("acme", "owner-1", OWNER);
    let late = company.visitor();
    company.logs_in(&late, "acme");
    late.gets(403);
}

/// Shows attack 61.
#[test]
fn many_requests_of_one_session_at_once_leave_it_as_it_was() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(2));
        let cookies = owner.cookies.borrow().clone();
        let paths = ["/console", "/account", "/iam/users", "/audit", "/session"];
        let statuses = at_once(20, |number| {
            let twin = app.visitor();
            *twin.cookies.borrow_mut() = cookies.clone();
            let piece = [("HX-Request", "true"), ("HX-Target", "div#results")];
            let answer = twin.request("GET", paths[number % 5], if number % 2 == 0 { &[] } else { &piece }, "");
            (answer.status, twin.cookies.borrow()["vestibule-session"] == cookies["vestibule-session"])
        });
        assert!(statuses.iter().all(|(status, same)| matches!(status, 200 | 303) && *same), "{statuses:?}");
    }
    owner.open("/account").gets(200).sees("owner@acme.example").sees("Org Owner");
    admin.open("/account").gets(200).sees("admin@acme.example");
    app.deliver();
}
