//! The request for deletion against everything new: one of both, never both. `RACE_ROUNDS` says how often.

use std::time::Duration;

use diesel::prelude::*;
use vestibule::features::deletion::erasure::carry_out;
use vestibule::platform::store::schema::{bills, organizations, projects, users};

use super::operator::Operator;
use super::races::{at_once, complete, ready};
use super::support::people::encode;
use super::support::{Person, TestApp};

const REQUEST: &[(&str, &str)] =
    &[("precautions", "everything"), ("precautions", "final"), ("precautions", "withdrawal"), ("organization", "acme")];

/// A request with the cookies of a session, which several threads may send.
fn post(app: &TestApp, cookies: &[(String, String)], path: &str, fields: &[(&str, &str)]) -> u16 {
    let double = app.visitor();
    double.cookies.borrow_mut().extend(cookies.iter().cloned());
    double.request("POST", path, &[], &encode(fields)).status
}

fn cookies(person: &Person<'_>) -> Vec<(String, String)> {
    person.cookies.borrow().clone().into_iter().collect()
}

fn generous() -> TestApp {
    TestApp::start_with(|config| {
        config.limits.invitation_mails = 100_000;
        config.limits.invitation_mails_of_address = 100_000;
        config.limits.organization_invitations = 100_000;
        config.sessions.fresh_minutes = 100_000;
    })
}

fn is_requested(app: &TestApp) -> bool {
    let row = organizations::table.select(organizations::deletion_requested_at.is_not_null());
    row.first(&mut app.database.connect()).unwrap()
}

/// Neither both nor, as somebody is first, none; then everything is as it was before.
fn one_of_both(app: &TestApp, owner: &[(String, String)], made: i64, clear: &str) -> bool {
    let requested = is_requested(app);
    assert_eq!(i64::from(requested) + made, 1, "both, or none");
    app.database.execute(clear);
    if requested {
        assert_eq!(post(app, owner, "/iam/organization/deletion/withdrawal", &[]), 303);
    }
    requested
}

/// Shows ASVS 15.4.2; attack 84.
#[test]
fn race_a_registration_against_the_request() {
    let app = generous();
    let session = cookies(&app.owner());
    for round in 0..super::rounds(60) {
        let email = format!("user-{round}@acme.example");
        let ends = at_once(2, |number| match number {
            0 => post(&app, &session, "/iam/organization/deletion", REQUEST),
            _ => post(&app, &session, "/iam/users/new", &[("email", &email), ("name", "Bea"), ("language", "en")]),
        });
        assert!(matches!(ends[0], 303 | 422) && ends[1] == 303, "{ends:?}");
        let people: i64 = users::table.count().get_result(&mut app.database.connect()).unwrap();
        one_of_both(&app, &session, people - 1, "DELETE FROM users WHERE email LIKE 'user-%'");
    }
    app.deliver();
}

/// Shows ASVS 15.4.2; attack 84.
#[test]
fn race_a_new_project_against_the_request() {
    let app = generous();
    let session = cookies(&app.owner());
    for round in 0..super::rounds(60) {
        let id = format!("shop-{round}");
        let ends = at_once(2, |number| match number {
            0 => post(&app, &session, "/iam/organization/deletion", REQUEST),
            _ => post(&app, &session, "/iam/projects/new", &[("display_name", "Shop"), ("project_id", &id)]),
        });
        assert!(matches!(ends[0], 303 | 422) && ends[1] == 303, "{ends:?}");
        let made: i64 = projects::table.count().get_result(&mut app.database.connect()).unwrap();
        one_of_both(&app, &session, made, "DELETE FROM projects");
    }
    app.deliver();
}

/// Shows ASVS 15.4.2; attack 84.
#[test]
fn race_a_new_charge_against_the_request() {
    let operator = Operator::of_a_server_with(|config| config.sessions.fresh_minutes = 100_000);
    let app = &operator.app;
    let session = cookies(&app.owner());
    let charge = ["billing", "add", "acme", "--period", "2026-11", "--currency", "KRW", "--due", "2030-01-31"];
    let charge = [charge.as_slice(), &["--line", "Servers;1;1000"]].concat();
    let mut requests = 0;
    // A command takes a while to start: the request is put off for longer and longer, then less again.
    let mut wait = Duration::ZERO;
    let rounds = super::rounds(24);
    for _ in 0..rounds {
        let ends = at_once(2, |number| match number {
            0 => {
                std::thread::sleep(wait);
                post(app, &session, "/iam/organization/deletion", REQUEST) == 303
            }
            _ => operator.run(&charge).status.success(),
        });
        let made: i64 = bills::table.count().get_result(&mut app.database.connect()).unwrap();
        assert_eq!(ends, [made == 0, made == 1]);
        let requested = one_of_both(app, &session, made, "DELETE FROM bills");
        requests += usize::from(requested);
        // Towards the moment at which either may be first.
        wait = if requested { wait + Duration::from_millis(3) } else { wait.saturating_sub(Duration::from_millis(2)) };
    }
    assert!(rounds < 20 || requests > 0, "the request was never first");
    app.deliver();
}

/// Shows attack 86.
#[test]
fn race_a_sign_up_against_the_erasure_that_frees_its_name() {
    let app = generous();
    for round in 0..super::rounds(20) {
        let (name, email) = (format!("acme-{round}"), format!("owner@acme-{round}.example"));
        app.owner_of(&name, &email).requests_deletion(&name);
        app.clock.advance(chrono::Duration::days(7));
        let (address, cookie) = ready(&app, round % 200);
        let ends = at_once(2, |number| match number {
            0 => actix_web::rt::System::new().block_on(carry_out(&app.app)).map_or(500, |()| 200),
            _ => complete(&app, &address, &cookie, &name, &email),
        });
        // Before it is in use, afterwards it is held.
        assert_eq!(ends, [200, 422]);
        assert_eq!(app.organization_id(&name), None);
    }
    app.deliver();
}
