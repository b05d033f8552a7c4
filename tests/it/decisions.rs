//! What is decided of values in code and of rows in statements is decided alike.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::decisions::session::{is_active, is_alive, is_open, live, may_log_in};
use vestibule::base::moment::Moment;
use vestibule::base::organization::State;
use vestibule::base::user::Status;
use vestibule::platform::store::schema::{organizations, sessions, users};
use vestibule::platform::store::{AnyConnection, StoreError};

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::two_factor::EMAIL;

fn rows<T: Send + 'static>(app: &TestApp, query: impl FnOnce(&mut AnyConnection) -> T + Send + 'static) -> T {
    app.wait(app.app.store.statement(move |connection| Ok::<_, StoreError>(query(connection)))).unwrap()
}

/// Every state of an organization with every status of a user: by the function, by the rows, and at the login page.
#[test]
fn who_may_log_in_is_decided_alike_by_code_rows_and_login() {
    let app = TestApp::start();
    app.owner();
    for state in State::ALL {
        for status in Status::ALL {
            let (state_word, status_word) = (state.word(), status.word());
            app.database.execute(&format!("UPDATE organizations SET state = '{state_word}'"));
            app.database.execute(&format!("UPDATE users SET status = '{status_word}'"));
            let found: i64 = rows(&app, |connection| {
                let own =
                    organizations::table.inner_join(users::table.on(users::organization_id.eq(organizations::id)));
                own.filter(is_open()).filter(is_active()).count().get_result(connection).unwrap()
            });
            let may = may_log_in(*state, *status);
            assert_eq!(found == 1, may, "{state_word}, {status_word}");
            let person = app.visitor();
            person.log_in("acme", EMAIL, PASSWORD);
            let opened = person.request("GET", "/console", &[], "");
            assert_eq!(opened.status == 200, may, "{state_word}, {status_word}");
        }
    }
}

/// Sessions around both limits: by the function, by the rows, and at the guard.
#[test]
fn whether_a_session_is_alive_is_decided_alike_by_code_rows_and_guard() {
    let app = TestApp::start();
    let owner = app.owner();
    let limits = app.app.config.sessions;
    let now = app.app.clock().now();
    let around = |limit: Duration| [-1, 0, 1].map(|seconds| now - limit - Duration::seconds(seconds));
    let begun = around(Duration::hours(limits.absolute_hours));
    let used = around(Duration::minutes(limits.idle_minutes));
    let mut alive = 0;
    for begun in begun.into_iter().chain([now]) {
        for used in used.into_iter().chain([now]) {
            set(&app, begun, used);
            let by_code = is_alive(begun, used, now, &limits);
            let by_rows: i64 = rows(&app, move |connection| {
                sessions::table.filter(live(now, &limits)).count().get_result(connection).unwrap()
            });
            assert_eq!(by_rows == 1, by_code, "begun {begun}, used {used}");
            // What refreshes itself is no use of the session, which would be noted some time later.
            let opened = owner.request("GET", "/console", &[("HX-Source", "div#refreshing")], "");
            assert_eq!(opened.status == 200, by_code, "begun {begun}, used {used}");
            alive += usize::from(by_code);
        }
    }
    assert_eq!(alive, 4, "of sixteen sessions those within both limits");
}

fn set(app: &TestApp, begun: Moment, used: Moment) {
    let times = (sessions::created_at.eq(begun), sessions::last_seen_at.eq(used));
    let changed = diesel::update(sessions::table).set(times).execute(&mut app.database.connect()).unwrap();
    assert_eq!(changed, 1);
}
