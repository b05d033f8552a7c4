//! Two administrators who save the same policy at once: one wins, the other is shown the newer one. `RACE_ROUNDS` says how
//! often.

use vestibule::access::decisions::console_access::ConsoleAccess;
use vestibule::platform::store::schema::organizations;

use super::races::at_once;
use super::support::TestApp;
use super::support::people::encode;

/// Shows ASVS 2.3.4; attack 88.
#[test]
fn race_for_the_last_place_of_the_list() {
    use diesel::prelude::*;
    let app = TestApp::start_with(|config| config.sessions.fresh_minutes = 100_000);
    let owner = app.owner();
    let cookies = owner.cookies.borrow().clone();
    let others: String = (1..=18).map(|last| format!("192.0.2.{last} \n")).collect();
    let mut version = 0;
    for _ in 0..super::rounds(100) {
        let nineteen = format!("203.0.113.5 Here\n{others}");
        let save = |entries: &str, version: i64| {
            let version = version.to_string();
            let fields = [("access", "on"), ("entries", entries), ("version", &version), ("action", "save")];
            let double = app.visitor().from("203.0.113.5");
            *double.cookies.borrow_mut() = cookies.clone();
            double.request("POST", "/iam/organization/security/access", &[], &encode(&fields))
        };
        assert_eq!(save(&nineteen, version).status, 303);
        version += 1;
        let ends = at_once(2, |number| {
            let answer = save(&format!("{nineteen}198.51.100.{number} Last"), version);
            (answer.status, answer.text().contains("Somebody saved this setting since"))
        });
        version += 1;
        assert_eq!(ends.iter().filter(|(status, _)| *status == 303).count(), 1, "{ends:?}");
        assert_eq!(ends.iter().filter(|end| **end == (422, true)).count(), 1, "{ends:?}");
        let stored: Option<String> =
            organizations::table.select(organizations::console_access).first(&mut app.database.connect()).unwrap();
        let list: ConsoleAccess = serde_json::from_str(&stored.unwrap()).unwrap();
        assert_eq!(list.entries.len(), 20);
    }
}
