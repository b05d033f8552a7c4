//! Forms whose body comes after their sender has lost the right to send them: the head was judged when it came, and the
//! transaction judges again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diesel::prelude::*;
use vestibule::access::{Access, Roles};
use vestibule::base::urls;
use vestibule::platform::store::schema::{audit_events, users};

use super::invariants::dump::{Change, Looker, changes};
use super::invariants::sources::none;
use super::invariants::walk;
use super::support::people::encode;
use super::support::{Person, TestApp};

/// A form whose head and first byte have come.
struct Late {
    stream: TcpStream,
    rest: String,
}

impl Late {
    fn begin(person: &Person<'_>, path: &str, body: &str) -> Self {
        let body = format!("{body}&form_token={}", person.token().expect("a console page was seen"));
        let cookies = person.cookies.borrow();
        let cookies = cookies.iter().filter(|(name, _)| name.starts_with("vestibule-"));
        let cookies: Vec<String> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(person.app.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let before = person.app.app.metrics.requests_in_flight();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
            cookies.join("; "),
            body.len(),
            &body[..1]
        )
        .unwrap();
        while person.app.app.metrics.requests_in_flight() == before {
            std::thread::sleep(Duration::from_millis(1));
        }
        // The session is looked up by its head: a statement later the request waits for its body.
        std::thread::sleep(Duration::from_millis(60));
        Self { stream, rest: body[1..].to_owned() }
    }

    /// Sends what is left, and gives the status and where the answer leads.
    fn end(mut self) -> (u16, String) {
        self.stream.write_all(self.rest.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let location = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        (status, location.unwrap_or_default())
    }
}

/// What a refused form may leave: itself, to come back as typed, and what is recorded of the refusal.
fn is_trace(change: &Change) -> bool {
    ["held_forms", "audit_events", "audit_rows"].contains(&change.table.as_str())
}

fn admin() -> Roles {
    Roles { org_admin: true, ..Roles::default() }
}

/// Begins the form, lets `between` happen, ends it: nothing but traces is in the tables afterwards.
fn late(person: &Person<'_>, path: &str, fields: &[(&str, &str)], between: impl FnOnce()) -> (u16, String) {
    let mut looker = Looker::at(&person.app.database);
    let form = Late::begin(person, path, &encode(fields));
    between();
    let before = looker.look();
    let answer = form.end();
    let found = changes(&before, &looker.look());
    none(found.iter().filter(|change| !is_trace(change)).map(ToString::to_string), "a late form changed");
    answer
}

fn id_of(app: &TestApp, email: &str) -> String {
    let row = users::table.filter(users::email.eq(email)).select(users::id);
    let id: vestibule::base::ids::UserId = row.first(&mut app.database.connect()).unwrap();
    id.to_string()
}

/// Shows ASVS 8.3.2.
#[test]
fn a_body_that_arrives_after_its_sender_was_deactivated_demoted_or_logged_out_changes_nothing() {
    let app = TestApp::start();
    let owner = app.owner();
    app.colleague("acme", "reader@acme.example", Roles { org_reader: true, ..Roles::default() });
    let path = format!("/iam/users/{}/roles/edit", id_of(&app, "reader@acme.example"));
    let fields = [("org_admin", "on"), ("billing_admin", "on")];
    let admins = ["first", "second", "third", "fourth"].map(|name| format!("{name}@acme.example"));
    for email in &admins {
        app.colleague("acme", email, admin());
    }
    let row = |email: &str| format!("organization_id IS NOT NULL AND email = '{email}'");
    let cases: [(&str, String, u16, &str); 4] = [
        ("deactivated", format!("UPDATE users SET status = 'deactivated' WHERE {}", row(&admins[0])), 303, urls::LOGIN),
        ("demoted", format!("UPDATE users SET org_admin = FALSE WHERE {}", row(&admins[1])), 403, ""),
        (
            "logged out",
            format!("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE {})", row(&admins[2])),
            303,
            urls::LOGIN,
        ),
        ("suspended", "UPDATE organizations SET state = 'suspended'".to_owned(), 303, urls::LOGIN),
    ];
    for ((case, sql, status, leads), email) in cases.iter().zip(&admins) {
        let person = app.visitor();
        person.log_in("acme", email, super::support::people::PASSWORD).is_at("/console");
        let (was, location) = late(&person, &path, &fields, || app.database.execute(sql));
        assert_eq!(was, *status, "{case}");
        assert!(location.starts_with(leads), "{case}: {location}");
    }
    app.database.execute("UPDATE organizations SET state = 'active'");
    owner.open("/console").gets(200);
    let refused = audit_events::table.filter(audit_events::reason.eq("forbidden")).count();
    let refused: i64 = refused.get_result(&mut app.database.connect()).unwrap();
    assert_eq!(refused, 1, "the demoted sender's form is on record");
    app.deliver();
}

#[test]
fn a_removed_project_admin_s_late_form_adds_nobody() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    let member = app.colleague("acme", "lead@acme.example", Roles::default());
    app.colleague("acme", "guest@acme.example", Roles::default());
    owner.adds_member("web-shop", "lead@acme.example", "project_admin");
    member.open("/iam/projects/web-shop/members/new").gets(200);
    let fields = [("email", "guest@acme.example"), ("role", "project_admin")];
    let (status, _) = late(&member, "/iam/projects/web-shop/members/new", &fields, || {
        app.database.execute("DELETE FROM project_members");
    });
    assert_eq!(status, 403);
    app.deliver();
}

#[test]
fn a_former_owner_s_late_form_changes_no_setting() {
    let app = TestApp::start();
    let owner = app.owner();
    app.colleague("acme", "next@acme.example", admin());
    owner.open("/iam/organization/deletion").gets(200);
    let fields = [("organization", "acme"), ("erased", "on"), ("final", "on"), ("withdrawable", "on")];
    let (status, _) = late(&owner, "/iam/organization/ownership", &[("email", "next@acme.example")], || {
        app.database
            .execute("UPDATE organizations SET owner_id = (SELECT id FROM users WHERE email = 'next@acme.example')");
    });
    assert_eq!(status, 403);
    app.database
        .execute("UPDATE organizations SET owner_id = (SELECT id FROM users WHERE email = 'owner@acme.example')");
    let (status, location) = late(&owner, "/iam/organization/deletion", &fields, || {
        app.clock.advance(chrono::Duration::minutes(11));
    });
    assert_eq!(status, 303);
    assert!(location.starts_with("/confirmation?next="), "{location}");
    app.deliver();
}

#[test]
fn a_late_form_is_judged_by_the_policies_of_its_end() {
    let app = TestApp::start();
    let owner = app.owner();
    let profile = [("name", "Mina Lee"), ("language", "en"), ("time_zone", "Asia/Seoul")];
    let list = r#"{"is_on":true,"entries":[{"address":"198.51.100.7","description":"Office"}]}"#;
    let cases = [
        ("two_factor = TRUE", "two_factor = FALSE", 303, "/login/again"),
        ("password_days = 30", "password_days = NULL", 303, "/password/expired"),
    ];
    for (on, off, wanted, leads) in cases {
        if on.starts_with("password") {
            app.database.execute("UPDATE users SET password_changed_at = '2026-01-01 00:00:00'");
        }
        let (status, location) = late(&owner, "/account", &profile, || {
            app.database.execute(&format!("UPDATE organizations SET {on}"));
        });
        assert_eq!(status, wanted, "{on}");
        assert!(location.starts_with(leads), "{on}: {location}");
        app.database.execute(&format!("UPDATE organizations SET {off}"));
    }
    let (status, _) = late(&owner, "/account", &profile, || {
        app.database.execute(&format!("UPDATE organizations SET console_access = '{list}'"));
    });
    assert_eq!(status, 403);
    app.deliver();
}

/// Every route of the console that changes something, by the owner whose session ends between head and body.
#[test]
fn every_permission_is_read_again_inside_the_write() {
    let app = TestApp::start();
    super::invariants::stage::live_in(&app, "acme", "owner@acme.example");
    let mut looker = Looker::at(&app.database);
    let ids = walk::ids_of(&looker.look(), "acme");
    let form = walk::rich_form();
    let mut faults = Vec::new();
    let mut tried = 0;
    for endpoint in walk::guarded() {
        if endpoint.method != "POST" || endpoint.access == Access::Repair {
            continue;
        }
        let person = app.visitor();
        person.log_in("acme", "owner@acme.example", super::invariants::stage::CHANGED).is_at("/console");
        let path = walk::plausible(endpoint.path, &ids);
        let late = Late::begin(&person, &path, &form);
        app.database.execute("DELETE FROM sessions");
        let before = looker.look();
        let (status, location) = late.end();
        let found = changes(&before, &looker.look());
        faults.extend(found.iter().filter(|change| !is_trace(change)).map(|change| format!("{path}: {change}")));
        if status >= 500 || status == 303 && !location.starts_with(urls::LOGIN) && found.iter().any(|c| !is_trace(c)) {
            faults.push(format!("{path}: {status} to {location}"));
        }
        tried += 1;
    }
    none(faults, "what a session that has ended still did");
    assert!(tried > 30, "{tried} routes");
    app.deliver();
}

#[test]
fn an_export_stops_when_its_session_ends() {
    let app = TestApp::start();
    let owner = app.owner();
    super::audit::flood(&app, "acme", 6_000, 5_000);
    owner.open("/audit/export").gets(200);
    let mut form = Late::begin(&owner, "/audit/export", "format=jsonl");
    form.stream.write_all(form.rest.as_bytes()).unwrap();
    let mut start = [0; 4096];
    form.stream.read_exact(&mut start).unwrap();
    assert!(start.starts_with(b"HTTP/1.1 200"));
    app.database.execute("DELETE FROM sessions");
    let mut rest = Vec::new();
    // Cut off, so that half a file cannot pass for a whole one.
    drop(form.stream.read_to_end(&mut rest));
    let ended = rest.ends_with(b"0\r\n\r\n");
    assert!(!ended && rest.len() < 6_000 * 5_000, "{} bytes, ended: {ended}", rest.len());
}
