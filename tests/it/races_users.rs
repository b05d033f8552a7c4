//! Two administrators at once: the organization keeps one owner, and nothing is half done. `RACE_ROUNDS` says how often.

use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{mailed_links, organizations, users};

use super::races::at_once;
use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

const ADMIN: Roles = Roles { owner: false, org_admin: true, org_reader: false, billing_admin: false };

/// The id of a user by address.
fn id_of(app: &TestApp, email: &str) -> Option<String> {
    let row = users::table.filter(users::email.eq(email)).select(users::id);
    row.first(&mut app.database.connect()).optional().unwrap()
}

fn register(admin: &Person<'_>, email: &str) -> String {
    let fields = [("email", email), ("name", "Somebody"), ("language", "en")];
    assert_eq!(admin.request("POST", "/iam/users/new", &[], &encode(&fields)).status, 303);
    id_of(admin.app, email).expect("the new user")
}

/// A request with the cookies of a session, which several threads may send.
fn post(
    app: &TestApp,
    cookies: &std::collections::BTreeMap<String, String>,
    path: &str,
    fields: &[(&str, &str)],
) -> u16 {
    let double = app.visitor();
    *double.cookies.borrow_mut() = cookies.clone();
    double.request("POST", path, &[], &encode(fields)).status
}

fn cookies(person: &Person<'_>) -> std::collections::BTreeMap<String, String> {
    person.cookies.borrow().clone()
}

fn generous() -> TestApp {
    TestApp::start_with(|config| {
        config.limits.invitation_mails = 100_000;
        config.limits.invitation_mails_of_address = 100_000;
        config.limits.organization_invitations = 100_000;
        config.sessions.fresh_minutes = 100_000;
    })
}

#[test]
fn race_a_change_of_roles_against_a_deletion() {
    let app = generous();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    let sessions = [cookies(&owner), cookies(&admin)];
    for round in 0..super::rounds(100) {
        let email = format!("user-{round}@acme.example");
        let id = register(&owner, &email);
        let ends = at_once(2, |number| match number {
            0 => post(&app, &sessions[0], &format!("/iam/users/{id}/roles/edit"), &[("roles", "org_admin")]),
            _ => post(&app, &sessions[1], &format!("/iam/users/{id}/deletion"), &[("confirmation", &email)]),
        });
        assert!(matches!(ends[0], 303 | 404), "{ends:?}");
        assert_eq!(ends[1], 303);
        assert_eq!(id_of(&app, &email), None);
    }
    app.deliver();
}

/// Shows attack 78.
#[test]
fn race_a_transfer_of_ownership_against_a_demotion_of_the_heir() {
    let app = generous();
    let people = [app.owner(), app.colleague("acme", "jun@acme.example", ADMIN)];
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    let emails = ["owner@acme.example", "jun@acme.example"];
    for round in 0..super::rounds(100) {
        let (from, to) = (round % 2, (round + 1) % 2);
        let heir = id_of(&app, emails[to]).unwrap();
        let (owner, other) = (cookies(&people[from]), cookies(&admin));
        let ends = at_once(2, |number| match number {
            0 => post(&app, &owner, "/iam/organization/ownership", &[("email", emails[to])]),
            _ => post(&app, &other, &format!("/iam/users/{heir}/roles/edit"), &[("roles", "org_reader")]),
        });
        assert_eq!(ends, [303, 303]);
        let (owner, roles): (String, (bool, bool)) = organizations::table
            .inner_join(users::table.on(users::id.eq(organizations::owner_id)))
            .select((users::id, (users::org_admin, users::billing_admin)))
            .first(&mut app.database.connect())
            .unwrap();
        assert_eq!((owner, roles), (heir, (true, true)));
    }
    app.deliver();
}

/// Shows ASVS 2.3.4; attack 78.
#[test]
fn race_two_transfers_make_one_owner() {
    let app = generous();
    let emails = ["owner@acme.example", "jun@acme.example", "bea@acme.example"];
    let people = [app.owner(), app.colleague("acme", emails[1], ADMIN), app.colleague("acme", emails[2], ADMIN)];
    for _ in 0..super::rounds(100) {
        let owner: String = organizations::table
            .inner_join(users::table.on(users::id.eq(organizations::owner_id)))
            .select(users::email)
            .first(&mut app.database.connect())
            .unwrap();
        let from = emails.iter().position(|email| *email == owner).unwrap();
        let session = cookies(&people[from]);
        let ends = at_once(2, |number| {
            post(&app, &session, "/iam/organization/ownership", &[("email", emails[(from + 1 + number) % 3])])
        });
        let mut sorted = ends.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [303, 403], "{ends:?}");
    }
    app.deliver();
}

/// Shows attack 14.
#[test]
fn race_two_resends_leave_one_link_that_works() {
    let app = generous();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    let sessions = [cookies(&owner), cookies(&admin)];
    let id = register(&owner, "jun@acme.example");
    for _ in 0..super::rounds(100) {
        let ends = at_once(2, |number| post(&app, &sessions[number], &format!("/iam/users/{id}/invitation"), &[]));
        assert_eq!(ends, [303, 303]);
        let open: i64 = mailed_links::table
            .filter(mailed_links::user_id.eq(&id))
            .filter(mailed_links::replaced_at.is_null())
            .count()
            .get_result(&mut app.database.connect())
            .unwrap();
        assert_eq!(open, 1);
    }
    app.deliver();
    let link = app.link_to("jun@acme.example", "Invitation");
    app.visitor().open(&link).sees("Register password");
}

/// Shows ASVS 15.4.2.
#[test]
fn race_a_deactivation_against_the_acceptance_of_the_invitation() {
    let app = generous();
    let owner = app.owner();
    let session = cookies(&owner);
    for round in 0..super::rounds(100) {
        let email = format!("user-{round}@acme.example");
        let id = register(&owner, &email);
        let link = app.link_to(&email, "Invitation");
        let ends = at_once(2, |number| {
            if number == 0 {
                return post(&app, &session, &format!("/iam/users/{id}/deactivation"), &[]);
            }
            let person = app.visitor();
            person.request("GET", &link, &[], "");
            let fields = [("new_password", PASSWORD), ("password_again", PASSWORD)];
            person.request("POST", "/invitation", &[], &encode(&fields)).status
        });
        assert_eq!(ends[0], 303);
        assert!(matches!(ends[1], 303 | 410), "{ends:?}");
        let status: String = users::table.find(&id).select(users::status).first(&mut app.database.connect()).unwrap();
        assert_eq!(status, "deactivated");
    }
}
