//! Every event gets its seal: soon, once, in the order of time, and never before it is finished.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::base::entropy::SystemEntropy;
use vestibule::features::audit::seal::sealing::Sealer;
use vestibule::features::audit::seal::{Chain, PublicKeys, Wrong, verify};
use vestibule::features::rotation::{COLUMNS, rotate};
use vestibule::platform::secrets::Keyring;
use vestibule::platform::store::Origin;
use vestibule::platform::store::schema::{audit_events, audit_seals};

use super::super::operator::Operator;
use super::super::races::at_once;
use super::{TestApp, flood, ids_on};
use crate::support::people::PASSWORD;

/// What is found in the log of an organization, or in that of the installation.
pub fn verified(app: &TestApp, log: &str) -> verify::Report {
    with_keys(app, log, &PublicKeys::of(app.app.store.keys()))
}

fn with_keys(app: &TestApp, log: &str, keys: &PublicKeys) -> verify::Report {
    let (home, origin) = (&app.app.store, Origin::default());
    let logs = app.wait(verify::logs(home, &origin, None)).unwrap().unwrap();
    let (chain, name) = logs.into_iter().find(|(_, name)| name == log).unwrap();
    app.wait(verify::verify(home, &origin, keys, &chain, name)).unwrap()
}

/// The kinds of what is wrong with a log.
pub fn faults(app: &TestApp, log: &str) -> Vec<Wrong> {
    verified(app, log).wrong.told.into_iter().map(|finding| finding.wrong).collect()
}

/// Numbers and events of a chain, in its order.
fn chain(app: &TestApp, organization: &str) -> Vec<(i64, String)> {
    let id = app.organization_id(organization).unwrap();
    let rows = audit_seals::table.filter(audit_seals::chain.eq(id)).order(audit_seals::number);
    rows.select((audit_seals::number, audit_seals::event_id)).load(&mut app.database.connect()).unwrap()
}

#[test]
fn every_event_is_sealed_in_the_order_of_time_and_pages_show_it() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/audit").sees_no("Sealed up to");
    let ids = ids_on(&owner);
    owner.open(&format!("/audit/{}", ids[0])).sees("Not sealed yet");
    assert_eq!(app.seal(), ids.len());
    assert_eq!(app.seal(), 0, "each once");
    let numbered: Vec<(i64, String)> = (1..).zip(ids.iter().rev().cloned()).collect();
    assert_eq!(chain(&app, "acme"), numbered);
    let report = verified(&app, "acme");
    assert_eq!((report.verified, report.unsealed, report.wrong.count), (ids.len() as u64, 0, 0), "{report:?}");
    let newest = report.newest.unwrap();
    owner.open(&format!("/audit/{}", ids[0])).sees(&format!("Number {}", ids.len())).sees(&newest.hash[..16]);
    let key = PublicKeys::of(app.app.store.keys()).listed().remove(0);
    owner.open("/audit").sees(&format!("Sealed up to number {}", ids.len())).sees(&key.key);
    owner.press("한국어").open("/audit").sees(&format!("{}번까지 봉인되었습니다", ids.len()));
    // What comes now is the tail until its turn.
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    let report = verified(&app, "acme");
    assert_eq!((report.unsealed, report.wrong.count), (1, 0), "{report:?}");
    assert!(report.unsealed_since.is_some());
    app.deliver();
}

#[test]
fn what_belongs_to_no_organization_has_a_chain_of_its_own() {
    let app = TestApp::start();
    app.owner();
    app.owner_of("rival", "boss@rival.example");
    app.visitor().open("/nothing-here");
    app.visitor().log_in("nowhere", "nobody@nowhere.example", "some password");
    app.clock.advance(Duration::minutes(2));
    app.seal();
    let logs = app.wait(verify::logs(&app.app.store, &Origin::default(), None)).unwrap().unwrap();
    let names: Vec<&str> = logs.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["installation", "acme", "rival"]);
    let all: i64 = audit_events::table.count().get_result(&mut app.database.connect()).unwrap();
    let reports: Vec<verify::Report> = names.iter().map(|name| verified(&app, name)).collect();
    assert!(reports.iter().all(|report| report.verified > 0 && report.wrong.count == 0), "{reports:?}");
    assert_eq!(reports.iter().map(|report| report.verified).sum::<u64>(), all as u64);
    assert_eq!(logs[0].0, Chain::Installation);
    app.deliver();
}

#[test]
fn equal_events_are_sealed_when_their_minute_is_over_and_never_counted_up_again() {
    let app = TestApp::start();
    app.owner();
    let member = app.colleague("acme", "member@acme.example", Roles::default());
    app.clock.advance(Duration::seconds(5));
    member.open("/audit").gets(403);
    app.clock.advance(Duration::seconds(20));
    app.seal();
    let of = || -> Vec<(String, i64)> {
        let rows = audit_events::table.filter(audit_events::event.eq("request.refused")).order(audit_events::id);
        rows.select((audit_events::id, audit_events::count)).load(&mut app.database.connect()).unwrap()
    };
    let is_sealed = |id: &str| chain(&app, "acme").iter().any(|(_, event)| event == id);
    let first = of()[0].0.clone();
    assert!(!is_sealed(&first), "its minute runs");
    member.open("/audit").gets(403);
    assert_eq!(of(), [(first.clone(), 2)], "equal ones are counted in one row");
    app.clock.advance(Duration::minutes(2));
    app.seal();
    assert!(is_sealed(&first));
    // Who began in that minute and comes only now finds the row closed.
    app.clock.advance(Duration::minutes(-2));
    member.open("/audit").gets(403);
    let rows = of();
    assert_eq!((rows.len(), rows.iter().find(|row| row.0 == first).unwrap().1), (2, 2), "{rows:?}");
    app.clock.advance(Duration::minutes(2));
    app.seal();
    let report = verified(&app, "acme");
    assert_eq!((report.wrong.count, report.unsealed), (0, 0), "{report:?}");
    app.deliver();
}

#[test]
fn what_becomes_visible_late_gets_a_later_number() {
    let app = TestApp::start();
    app.owner();
    app.seal();
    let before = chain(&app, "acme").len();
    // Another instance's transaction that began five minutes ago.
    app.clock.advance(Duration::minutes(5));
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.seal();
    app.clock.advance(Duration::minutes(-5));
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.clock.advance(Duration::minutes(5));
    let mut sealer = Sealer::default();
    assert_eq!(app.wait(sealer.seal_due(&app.app.store)).unwrap(), 1);
    let chain = chain(&app, "acme");
    assert_eq!(chain.len(), before + 2);
    assert!(chain[before].1 > chain[before + 1].1, "numbered as it came");
    assert_eq!(faults(&app, "acme"), []);
    // The rounds in between look at what is new, and once a minute at everything that may be late.
    app.clock.advance(Duration::minutes(-5));
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.clock.advance(Duration::minutes(5) + Duration::seconds(20));
    assert_eq!(app.wait(sealer.seal_due(&app.app.store)).unwrap(), 0);
    app.clock.advance(Duration::seconds(45));
    assert_eq!(app.wait(sealer.seal_due(&app.app.store)).unwrap(), 1);
    app.deliver();
}

#[test]
fn race_two_sealers_give_each_event_one_seal() {
    let app = TestApp::start();
    app.owner();
    let beside = app.beside();
    for round in 0..super::super::rounds(100) {
        app.clock.advance(Duration::seconds(30));
        let name = format!("org-{}", round % 7);
        app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
        app.visitor().log_in(&name, "owner@acme.example", "not the password");
        let sealed: usize = at_once(2, |place| {
            let home = &[&app, &beside][place].app.store;
            actix_web::rt::System::new().block_on(Sealer::default().seal_due(home)).unwrap()
        })
        .into_iter()
        .sum();
        let seals: i64 = audit_seals::table.count().get_result(&mut app.database.connect()).unwrap();
        assert!(sealed > 0 && seals > 0, "round {round}");
    }
    app.clock.advance(Duration::minutes(3));
    app.seal();
    for log in ["acme", "installation"] {
        let report = verified(&app, log);
        assert_eq!((report.wrong.count, report.unsealed), (0, 0), "{report:?}");
    }
    let count = |app: &TestApp| -> (i64, i64) {
        let connection = &mut app.database.connect();
        (
            audit_events::table.count().get_result(connection).unwrap(),
            audit_seals::table.count().get_result(connection).unwrap(),
        )
    };
    let (events, seals) = count(&app);
    assert_eq!(events, seals);
    app.deliver();
}

#[test]
fn a_batch_that_fails_leaves_no_half_and_the_next_round_does_it() {
    let app = TestApp::start();
    app.owner();
    app.seal();
    let before = chain(&app, "acme");
    for _ in 0..5 {
        app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    }
    // The table cannot be written to.
    app.database.execute("ALTER TABLE audit_seals RENAME COLUMN key_id TO other_id");
    assert!(app.wait(Sealer::default().seal_due(&app.app.store)).is_err());
    app.database.execute("ALTER TABLE audit_seals RENAME COLUMN other_id TO key_id");
    assert_eq!(chain(&app, "acme"), before);
    assert_eq!(app.seal(), 5);
    assert_eq!(faults(&app, "acme"), []);
    app.deliver();
}

#[test]
fn a_log_from_before_is_sealed_in_batches() {
    let app = TestApp::start();
    app.owner();
    flood(&app, "acme", 1_700, 1);
    assert_eq!(app.seal(), 1_700 + 4);
    let report = verified(&app, "acme");
    assert_eq!((report.verified, report.wrong.count), (1_704, 0), "{report:?}");
    app.deliver();
}

#[test]
fn retention_cuts_the_beginning_and_what_is_left_still_verifies() {
    let app = TestApp::start();
    app.owner();
    flood(&app, "acme", 1_203, 1);
    app.clean_up();
    let events =
        |app: &TestApp| -> i64 { audit_events::table.count().get_result(&mut app.database.connect()).unwrap() };
    assert_eq!(events(&app), 1_207, "what has no seal is not forgotten");
    app.seal();
    app.clean_up();
    assert_eq!(events(&app), 4);
    let report = verified(&app, "acme");
    assert_eq!((report.verified, report.cut, report.wrong.count), (4, Some(1_203), 0), "{report:?}");
    assert_eq!(chain(&app, "acme").len(), 5, "the seal at the cut stays");
    // Time passes, and it is cut again.
    app.clock.advance(Duration::days(401));
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    app.seal();
    app.clean_up();
    let report = verified(&app, "acme");
    assert_eq!((report.verified, report.cut, report.wrong.count), (1, Some(1_207), 0), "{report:?}");
    // Nobody but retention cuts: a beginning that is not signed as one is told.
    app.database.execute("DELETE FROM audit_seals WHERE number = 1207");
    assert_eq!(faults(&app, "acme"), [Wrong::Missing(1, 1_207)]);
    app.deliver();
}

#[test]
fn asvs_11_2_2_after_a_rotation_of_keys_the_log_hangs_on_the_newest() {
    let [older, newer] = [0, 1].map(|_| Keyring::generate(&SystemEntropy));
    let app = TestApp::start_with(|config| config.secret_keys = Keyring::parse(&older).unwrap());
    app.owner();
    app.seal();
    let old = PublicKeys::of(app.app.store.keys());
    let both = app.beside_with(|config| config.secret_keys = Keyring::parse(&format!("{newer},{older}")).unwrap());
    for column in COLUMNS {
        app.wait(rotate(&both.app.store, column)).unwrap();
    }
    let fresh = app.beside_with(|config| config.secret_keys = Keyring::parse(&newer).unwrap());
    let found = faults(&fresh, "acme");
    assert!(found.iter().all(|wrong| matches!(wrong, Wrong::UnknownKey(_))), "nothing newer is signed yet: {found:?}");
    fresh.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    fresh.visitor().log_in("acme", "owner@acme.example", PASSWORD);
    fresh.seal();
    let report = verified(&fresh, "acme");
    // What was signed of the newest seal, the rotation's command would have signed again.
    assert_eq!((report.verified, report.older_keys, report.wrong.count), (6, 4, 1), "{report:?}");
    assert!(matches!(report.wrong.told[0].wrong, Wrong::UnknownKey(_)));
    // With the old public key everything is known again.
    let mut both = PublicKeys::of(fresh.app.store.keys());
    both.add(&old.listed()[0].key).unwrap();
    assert_eq!(with_keys(&fresh, "acme", &both).older_keys, 0);
    fresh.deliver();
}

#[test]
fn kill_9_in_the_middle_of_sealing_leaves_no_half() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    app.owner();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    flood(app, "acme", 9_000, 1);
    let seals = || -> i64 { audit_seals::table.count().get_result(&mut app.database.connect()).unwrap() };
    for round in 1..=super::super::rounds(3).min(6) {
        let before = seals();
        let mut server = operator.command(&["serve"]);
        let server = server
            .env("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"))
            .env("VESTIBULE_AUDIT_DAYS", "3650")
            .stdout(std::process::Stdio::null());
        let mut running = server.stderr(std::process::Stdio::null()).spawn().unwrap();
        for _ in 0..3_000 {
            if seals() > before {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        std::thread::sleep(std::time::Duration::from_millis(7 * round as u64));
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(seals() > before, "it had begun to seal");
        assert_eq!(faults(app, "acme"), []);
    }
    assert!(seals() < 9_000, "it was killed in the middle");
    app.seal();
    let report = verified(app, "acme");
    assert_eq!((report.unsealed, report.wrong.count), (0, 0), "{report:?}");
    assert!(operator.does(&["audit", "verify"]).contains("acme"));
}
