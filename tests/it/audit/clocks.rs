//! Clocks that are wrong: such an instance removes nothing, seals nothing and is not ready.

use std::time::Duration as Wait;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::app::jobs;
use vestibule::base::clock::{Clock, SystemClock};
use vestibule::features::audit::seal::sealing::{Sealer, round};
use vestibule::platform::store::Engine;
use vestibule::platform::store::schema::{audit_seals, sessions};

use super::TestApp;

#[test]
fn a_start_with_a_clock_far_ahead_removes_nothing() {
    let app = TestApp::start();
    app.owner();
    app.clock.advance(SystemClock.now().since(app.app.clock().now()));
    app.owner_of("rival", "boss@rival.example");
    app.visitor().sign_up("waits", "owner@waits.example");
    let left = || sessions::table.count().get_result::<i64>(&mut app.database.connect()).unwrap();
    let before = left();
    app.clock.advance(Duration::days(500));
    let ran = app.wait(async { tokio::time::timeout(Wait::from_secs(2), jobs::run(app.app.clone())).await });
    assert!(ran.is_err(), "the jobs go on");
    assert_eq!(left(), before);
    assert!(app.organization_id("waits").is_some(), "unclaimed, and there");
    // By hand it is done: there was something to remove.
    app.clean_up();
    assert_eq!(left(), 0);
    app.deliver();
}

#[test]
fn an_instance_whose_clock_is_wrong_spoils_no_seal_and_is_not_ready() {
    let app = TestApp::start();
    if app.app.store.engine() == Engine::Sqlite {
        return;
    }
    app.clock.advance(SystemClock.now().since(app.app.clock().now()));
    app.owner();
    let visitor = app.visitor();
    let seals = || audit_seals::table.count().get_result::<i64>(&mut app.database.connect()).unwrap();
    app.clock.advance(Duration::minutes(20));
    assert_eq!(app.wait(round(&app.app, &mut Sealer::default())).unwrap(), 0);
    assert_eq!(seals(), 0);
    let answer = visitor.request("GET", "/readyz", &[], "");
    assert_eq!((answer.status, answer.text().as_str()), (503, "clock"));
    // It has written, and its clock is set right.
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    app.clock.advance(Duration::minutes(-20));
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    // All that took its time, on a machine that is busy more than a clock may differ.
    app.clock.advance(SystemClock.now().since(app.app.clock().now()));
    assert!(app.wait(round(&app.app, &mut Sealer::default())).unwrap() > 0);
    assert_eq!(visitor.request("GET", "/readyz", &[], "").status, 200);
    let report = super::seal::verified(&app, "acme");
    assert_eq!((report.wrong.count, report.unsealed), (0, 1), "what is from the future waits: {report:?}");
    app.deliver();
}

#[test]
fn what_is_sealed_never_reaches_beyond_the_newest_event() {
    let app = TestApp::start();
    app.owner();
    app.seal();
    // A clock that was ahead while nothing happened.
    app.clock.advance(Duration::days(3));
    app.seal();
    app.clock.advance(Duration::days(-3) + Duration::minutes(1));
    app.visitor().log_in("acme", "owner@acme.example", "wrong password");
    assert_eq!(app.seal(), 1);
    assert_eq!(super::seal::faults(&app, "acme"), []);
    app.deliver();
}
