//! Console access control: the list, the own address, the preview, and every request from outside.

use chrono::Duration;
use vestibule::access::Roles;

use super::super::operator::Operator;
use super::super::support::people::PASSWORD;
use super::super::support::{Person, TestApp};
use super::{ACCESS, ADMIN, SECURITY, recorded};

const OFFICE: &str = "203.0.113.5";
const ELSEWHERE: &str = "198.51.100.9";

fn office(app: &TestApp) -> Person<'_> {
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor().from(OFFICE);
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner
}

fn allow_office(owner: &Person<'_>) {
    owner.open(ACCESS).press("Add my address").gets(200).tick("Used").press("Save").is_at(SECURITY);
}

/// Shows attack 23.
#[test]
fn an_administrator_registers_addresses_and_cannot_leave_out_the_own_one() {
    let app = TestApp::start();
    let owner = office(&app);
    owner.open(SECURITY).click("Control console access").is_at(ACCESS).sees("No address is registered yet");
    owner.fill("Description", "Office Seoul").fill("IP", "203.0.113.6").press("Register").gets(200);
    owner.sees("Office Seoul").sees("1 of 20").sees("Your address 203.0.113.5 is not in the list");
    owner.tick("Used").press("Save").gets(422).sees("you would shut yourself out").sees("Office Seoul");
    owner.press("Add my address").gets(200).sees("You").sees("2 of 20").sees_no("is not in the list. Saving");
    owner.tick("Used").press("Save").is_at(SECURITY).sees("Office Seoul").sees(OFFICE).sees("is in force");
    assert_eq!(recorded(&app, "console_access.changed", "own_address"), 1);
    assert_eq!(recorded(&app, "console_access.changed", ""), 1);
    owner.open(ACCESS).press("Remove 203.0.113.6").gets(200).sees("1 of 20").press("Save").is_at(SECURITY);
    owner
        .sees_no("Office Seoul, ")
        .open(ACCESS)
        .tick("Not used")
        .press("Save")
        .is_at(SECURITY)
        .sees("The list is kept");
    app.visitor().from(ELSEWHERE).log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
}

/// The computer's address is another one tomorrow, or the connection comes by IPv4.
#[test]
fn a_list_with_one_own_ipv6_address_needs_a_second_confirmation_and_has_a_way_back() {
    const OWN: &str = "2001:db8::7";
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let owner = app.visitor().from(OWN);
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.open(ACCESS).press("Add my address").gets(200).sees("single IPv6 addresses only").tick("Used");
    owner.press("Save").gets(422).sees("no recovery code left that would open this list").sees(OWN);
    assert_eq!(recorded(&app, "console_access.changed", "no_way_back"), 1);
    owner.open("/iam/organization/account").click("Make new recovery codes").press("Make new recovery codes");
    let codes = owner.recovery_codes();
    owner.open(ACCESS).press("Add my address").gets(200).sees("has 10 recovery codes left").tick("Used");
    owner.press("Save").gets(422).sees("or tick that this is meant");
    assert_eq!(recorded(&app, "console_access.changed", "not_meant"), 1);
    owner
        .tick("I may lose access when my IP address changes. I have another way to log in.")
        .press("Save")
        .is_at(SECURITY)
        .sees(OWN);
    // From the same /64, and by IPv4, nothing opens; the code leads to the list from anywhere.
    for elsewhere in ["2001:db8::8", ELSEWHERE] {
        let moved = app.visitor().from(elsewhere);
        moved.log_in("acme", "owner@acme.example", PASSWORD).gets(403);
    }
    let back = app.visitor().from(ELSEWHERE);
    back.open("/login/acme").click("Use a recovery code").fill("Organization name", "acme");
    back.fill("Email", "owner@acme.example").fill("Recovery code", &codes[0]).press("Continue");
    back.fill("Password", PASSWORD).press("Confirm").is_at("/repair").click("Control console access");
    back.press("Add my address").gets(200).press("Save").is_at("/repair");
    app.visitor().from(ELSEWHERE).log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    // Who used an IPv4 address of the list lately needs no second confirmation.
    let other = app.visitor().from(ELSEWHERE);
    other.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let third = app.visitor().from(OWN);
    third.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    third.open(ACCESS).sees_no("single IPv6 addresses only").fill("IP", "192.0.2.9").press("Register").press("Save");
    third.is_at(SECURITY);
}

/// Shows ASVS 2.2.1; attack 21.
#[test]
fn what_is_no_single_address_is_refused_in_words() {
    let app = TestApp::start();
    let owner = office(&app);
    for (typed, words) in [
        ("203.0.113.0/24", "is a mask or a range"),
        ("203.0.113.1-9", "is a mask or a range"),
        ("203.0.113.005", "is not an IP address"),
        ("0xcb007105", "is not an IP address"),
        ("http://203.0.113.5/", "“http://203.0.113.5/” is a web address. Enter 203.0.113.5"),
        ("203.0.113.5/", "is not an IP address"),
        ("office-1.acme.example", "is not an IP address"),
        ("fe80::1%eth0", "without a zone"),
        ("[2001:db8::7]:443", "has a port"),
        ("203.0.113.5:443", "“203.0.113.5:443” has a port"),
        ("0.0.0.0", "Nobody can come from this address"),
        ("", "Enter something here"),
    ] {
        owner.open(ACCESS).fill("Description", "kept").fill("IP", typed).press("Register").gets(422).sees(words);
        assert_eq!(owner.page().value("IP").as_deref(), Some(typed));
        assert_eq!(owner.page().value("Description").as_deref(), Some("kept"));
    }
    owner.open(ACCESS).fill("IP", OFFICE).press("Register").gets(200);
    owner.fill("IP", "::ffff:203.0.113.5").press("Register").gets(422).sees("in the list already");
    owner.open(ACCESS).fill("IP", "2001:db8::7").press("Register").sees("change their IPv6 address daily");
    owner.fill("Description", &"x".repeat(61)).fill("IP", "192.0.2.1").press("Register").gets(422).sees("60");
    owner.open(ACCESS).fill("IP", "192.0.2.1").tick("Used").press("Save").gets(422).sees("not in the list yet");
    owner.open(ACCESS).tick("Used").press("Save").gets(422).sees("an empty list would let nobody in");
}

/// Shows ASVS 2.3.2.
#[test]
fn the_list_is_full_at_twenty() {
    let app = TestApp::start();
    let owner = office(&app);
    owner.open(ACCESS).press("Add my address");
    for last in 1..=19 {
        owner.fill("IP", &format!("192.0.2.{last}")).press("Register").gets(200);
    }
    owner.sees("20 of 20").sees("The list is full");
    assert!(owner.page().button("Register").is_none());
    let entries: String = (1..=21).map(|last| format!("192.0.2.{last} \n")).collect();
    let whole = [("access", "on"), ("entries", entries.as_str()), ("version", "0"), ("action", "save")];
    owner.post(ACCESS, &whole).gets(422).sees("The list is full");
    assert_eq!(recorded(&app, "console_access.changed", ""), 0);
}

/// Shows attack 24.
#[test]
fn asvs_8_2_4_every_request_from_elsewhere_is_refused_and_the_session_goes_on_from_inside() {
    let app = TestApp::start();
    let owner = office(&app);
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    admin.moves_to(ELSEWHERE).open("/iam/users/new").gets(200);
    allow_office(&owner);
    // In the middle of a form.
    admin.fill("Email", "new@acme.example").fill("Name", "Mina").press("Register user").gets(403);
    admin.sees("Your address is not allowed").sees(ELSEWHERE).sees("Reference code");
    let reference = admin.response().header("X-Reference").unwrap().to_owned();
    for path in ["/console", "/iam/users", "/account", SECURITY, ACCESS, "/session", "/billing", "/audit/logins"] {
        admin.open(path).gets(403).sees(ELSEWHERE);
    }
    let piece = admin.request("GET", "/iam/users", &[("HX-Request", "true"), ("HX-Target", "div#results")], "");
    assert_eq!(piece.status, 403);
    assert_eq!(admin.request("POST", "/audit/export", &[], "format=csv").status, 403);
    // Public pages stay public, and do not know who is there.
    admin.open("/").gets(200).sees_no("admin@acme.example");
    admin.open("/login").gets(200);
    owner.open(&format!("/audit?reference={reference}")).sees("Request refused");
    admin.moves_to(OFFICE).open("/iam/users").gets(200);
    admin.moves_to("::ffff:203.0.113.5").open("/iam/users").gets(200);
    admin.moves_to(ELSEWHERE).open("/logout");
    admin.post("/logout", &[]).is_at("/login");
    admin.moves_to(OFFICE).open("/console").is_at("/login");
}

/// Shows ASVS 8.2.4; attack 26.
#[test]
fn a_login_from_elsewhere_is_refused_before_the_password_is_looked_at() {
    let app = TestApp::start();
    let owner = office(&app);
    allow_office(&owner);
    let outside = app.visitor().from(ELSEWHERE);
    for password in [PASSWORD, "not the password"] {
        outside.log_in("acme", "owner@acme.example", password).gets(403).is_at("/login/acme");
        outside.sees(ELSEWHERE).sees("tell an Org Admin");
    }
    outside.log_in("acme", "nobody@acme.example", PASSWORD).gets(403);
    assert_eq!(recorded(&app, "login", "outside"), 1, "one event a minute for one network");
    assert_eq!(recorded(&app, "login", "wrong_password"), 0);
    app.visitor().from(OFFICE).log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    // Another organization has nothing to do with it.
    app.organization("rival", "boss@rival.example");
    app.visitor().from(ELSEWHERE).log_in("rival", "boss@rival.example", PASSWORD).is_at("/console");
}

#[test]
fn the_preview_names_people_and_the_tester_answers() {
    let app = TestApp::start();
    let owner = office(&app);
    let shut_out = app.colleague("acme", "far@acme.example", Roles::default());
    shut_out.moves_to(ELSEWHERE).open("/console").gets(200);
    app.clock.advance(Duration::minutes(2));
    shut_out.open("/console").settles();
    owner.open(ACCESS).press("Add my address").gets(200);
    owner.sees("People who used an address outside the list 1").sees("far@acme.example").sees("Would be shut out");
    owner.sees("Open sessions refused at their next request 1").sees("which gets in");
    owner.sees("Addresses of recent logins").sees(ELSEWHERE);
    owner.fill("Address to test", ELSEWHERE).press("Test").gets(200).sees("198.51.100.9 does not get in");
    owner.fill("Address to test", "203.0.113.5").press("Test").gets(200).sees("203.0.113.5 gets in");
    owner.fill("Address to test", "203.0.113.0/24").press("Test").gets(422).sees("is a mask or a range");
    owner.press("Add 198.51.100.9").sees("outside the list 1").sees("Also came from an address that gets in");
    owner.press("Add 127.0.0.1").sees("outside the list 0").tick("Used").press("Save").is_at(SECURITY);
    shut_out.open("/console").gets(200);
    app.clock.advance(Duration::days(31));
    let owner = app.visitor().from(OFFICE);
    owner.log_in("acme", "owner@acme.example", PASSWORD).open(ACCESS).sees("Not in the last 30 days");
}

#[test]
fn the_operator_opens_the_console_again() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    let owner = office(app);
    allow_office(&owner);
    let out = operator.does(&["access-control", "off", "acme"]);
    assert!(out.contains("open from every address"), "{out}");
    app.visitor().from(ELSEWHERE).log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    assert!(operator.is_refused(&["access-control", "off", "acme"]).contains("off already"));
    assert!(operator.is_refused(&["access-control", "off", "nowhere"]).contains("no organization named"));
    app.clock.advance(Duration::minutes(1));
    app.deliver();
    let mails = app.mail_to("owner@acme.example");
    assert!(mails.iter().any(|mail| mail.text.contains("The operator of the service")), "{mails:?}");
    owner.open(SECURITY).sees("The list is kept").sees("The operator");
}

/// Shows ASVS 8.3.2.
#[test]
fn a_change_is_in_force_on_the_next_request_at_another_instance() {
    let app = TestApp::start();
    let two = app.beside();
    let owner = office(&app);
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    let there = two.visitor().from(ELSEWHERE);
    *there.cookies.borrow_mut() = admin.cookies.borrow().clone();
    there.open("/console").gets(200);
    allow_office(&owner);
    there.open("/console").gets(403);
    owner.open(ACCESS).tick("Not used").press("Save").is_at(SECURITY);
    there.open("/console").gets(200);
    let days = [("expires", "60"), ("seen", "60"), ("version", "0"), ("action", "save")];
    owner.post(super::EXPIRATION, &days).is_at(SECURITY);
    app.clock.advance(Duration::days(61));
    two.clock.advance(Duration::days(61));
    let back = two.visitor();
    back.log_in("acme", "admin@acme.example", PASSWORD).is_at("/password/expired");
}

/// What is being typed is about the address beside it, and belongs to no other row.
#[test]
fn the_own_address_is_added_beside_what_is_being_typed() {
    let app = TestApp::start();
    let owner = office(&app);
    owner.open(ACCESS).fill("Description", "Branch Busan").fill("IP", "203.0.113.6;").press("Add my address").gets(200);
    owner.sees("1 of 20").sees(OFFICE);
    let typed = |label: &str| owner.page().value(label);
    assert_eq!(typed("Description").as_deref(), Some("Branch Busan"));
    assert_eq!(typed("IP").as_deref(), Some("203.0.113.6;"));
    let rows: Vec<String> = owner.page().all("tbody tr").into_iter().map(super::super::support::page::words).collect();
    assert!(rows[0].contains(OFFICE) && !rows[0].contains("Busan"), "{rows:?}");
    // The semicolon of a list that it was copied from is no part of an address.
    owner.press("Register").gets(200).sees("2 of 20");
    let rows: Vec<String> = owner.page().all("tbody tr").into_iter().map(super::super::support::page::words).collect();
    assert!(rows[1].contains("203.0.113.6") && rows[1].contains("Branch Busan"), "{rows:?}");
    assert_eq!(typed("Description").unwrap_or_default(), "");
}
