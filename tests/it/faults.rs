//! Faults of what Vestibule stands on: what people see meanwhile, that nothing accepted is lost, and that it is well again
//! by itself. `docs/reliability.md` lists them all; those of mail, SMS and identity providers are in their own tests.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use vestibule::platform::store::schema::{organizations, users};
use vestibule::platform::store::{AnyConnection, Engine, Sizes};

use super::crash::sign_up;
use super::process::Settings;
use super::support::client::{self, Response};
use super::support::database::Database;
use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

/// The organizations that are there.
fn names(database: &Database) -> BTreeSet<String> {
    let names = organizations::table.select(organizations::name).load::<String>(&mut database.connect());
    names.unwrap().into_iter().collect()
}

/// A page that says to come again, for people and for programs.
fn asks_to_come_again(answer: &Response) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some(), "when to come again");
    let page = answer.text();
    assert!(page.contains("<h1") && page.to_lowercase().contains("again"), "{page}");
    for inner in ["sqlite", "postgres", "diesel", "SELECT", "INSERT", "src/"] {
        assert!(!page.contains(inner), "{inner} on {page}");
    }
}

#[test]
fn a_full_disk_refuses_changes_in_words_and_keeps_what_was_accepted() {
    let database = Database::file();
    let folder = std::env::temp_dir().join(format!("vestibule-full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // No file may grow beyond three MiB: for the program that is what a full disk is.
    let settings = Settings::new(&database, &folder).with("VESTIBULE_LIMITS_SIGN_UPS", 100_000);
    let server = settings.clone().after("trap '' XFSZ; ulimit -S -f 3072").start();
    let mut accepted = BTreeSet::new();
    let mut refused = None;
    for number in 0..2_000 {
        let name = format!("full-{number}");
        match sign_up(server.address, &name) {
            Ok(Ok(())) => drop(accepted.insert(name)),
            Ok(Err(answer)) => {
                refused = Some(answer);
                break;
            }
            Err(cause) => panic!("no answer at all: {cause}"),
        }
    }
    asks_to_come_again(&refused.expect("the disk is full at last"));
    assert!(accepted.len() > 10, "only {} fitted in", accepted.len());
    // Whoever only reads goes on.
    let page = client::send(server.address, "GET", "/login", &[("Host", "localhost")], b"");
    assert_eq!(page.status, 200);
    assert_eq!(names(&database), accepted);

    let process = server.number().to_string();
    assert!(Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"]).status().unwrap().success());
    assert!(sign_up(server.address, "there-is-room").unwrap().is_ok(), "well again by itself");
    accepted.insert("there-is-room".to_owned());
    drop(server);
    assert_eq!(names(&database), accepted);
    let server = settings.start();
    assert!(sign_up(server.address, "after-a-start").unwrap().is_ok());
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Keeps everybody from writing until it is let go.
struct Standstill(AnyConnection);

impl Standstill {
    fn of(app: &TestApp) -> Self {
        let mut connection = app.database.connect();
        match &mut connection {
            AnyConnection::Sqlite(connection) => connection.batch_execute("BEGIN IMMEDIATE").unwrap(),
            AnyConnection::Postgres(connection) => {
                connection.batch_execute("BEGIN; LOCK TABLE sign_ups IN ACCESS EXCLUSIVE MODE").unwrap();
            }
        }
        Self(connection)
    }

    fn end(mut self) {
        match &mut self.0 {
            AnyConnection::Sqlite(connection) => connection.batch_execute("ROLLBACK").unwrap(),
            AnyConnection::Postgres(connection) => connection.batch_execute("ROLLBACK").unwrap(),
        }
    }
}

fn agree(person: &Person<'_>) -> Response {
    person.request("POST", "/signup", &[], &encode(&[("all", "on")]))
}

#[test]
fn a_full_queue_turns_people_away_at_once_and_serves_those_who_wait() {
    let app = TestApp::start_with(|config| {
        config.database_sizes = Sizes { threads: 1, queue: 2, deadline: Duration::from_secs(20) };
    });
    let standstill = Standstill::of(&app);
    let (told, answers) = channel();
    std::thread::scope(|scope| {
        for _ in 0..10 {
            let (app, told) = (&app, told.clone());
            scope.spawn(move || told.send(agree(&app.visitor())).unwrap());
        }
        // One is at work and two wait; the others are told at once, while everything stands still.
        let away: Vec<Response> = (0..7).map(|_| answers.recv_timeout(Duration::from_secs(4)).unwrap()).collect();
        away.iter().for_each(asks_to_come_again);
        standstill.end();
        for _ in 0..3 {
            let answer = answers.recv_timeout(Duration::from_secs(20)).unwrap();
            assert_eq!(answer.status, 303, "{}", answer.text());
        }
    });
    assert_eq!(agree(&app.visitor()).status, 303);
}

#[test]
fn a_database_that_goes_away_is_told_and_found_again() {
    let app = TestApp::start();
    let Engine::Postgres = app.app.store.engine() else { return };
    let owner = app.owner();
    let name = app.database.url().rsplit_once('/').unwrap().1.split('?').next().unwrap().to_owned();
    let admin = vestibule::platform::store::Target::parse(&std::env::var("TEST_DATABASE").unwrap()).unwrap();
    let mut admin = admin.open(vestibule::platform::store::Use::Writing).unwrap();
    let mut tell = |sql: &str| match &mut admin {
        AnyConnection::Postgres(connection) => connection.batch_execute(sql).unwrap(),
        AnyConnection::Sqlite(_) => unreachable!("the cluster is PostgreSQL"),
    };
    for round in 0..3 {
        // As a restart does it: connections end, and for a while there are no new ones.
        tell(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        tell(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
        let began = Instant::now();
        let mut away = 0;
        while began.elapsed() < Duration::from_millis(500) {
            let answer = owner.request("GET", "/console", &[], "");
            asks_to_come_again(&answer);
            // Of one network only some sign-ups begin in a minute.
            asks_to_come_again(&agree(&app.visitor().from(&format!("198.51.100.{}", away % 250))));
            away += 1;
        }
        assert!(away > 0);
        tell(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
        let came_back = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            owner.request("GET", "/console", &[], "").status == 200
        });
        assert!(came_back, "round {round}");
    }
    // Who was logged in still is, and nobody else.
    owner.open("/account").is_at("/account");
    assert_eq!(names(&app.database), BTreeSet::from(["acme".to_owned()]));
}

#[test]
fn a_clock_that_jumps_lets_nobody_in_for_longer_and_loses_nobody() {
    let app = TestApp::start();
    let owner = app.owner();
    let count = |app: &TestApp| users::table.count().get_result::<i64>(&mut app.database.connect()).unwrap();
    let before = count(&app);
    // Back by a day: whoever is logged in stays so, and no longer than before.
    app.clock.advance(chrono::Duration::days(-1));
    owner.open("/console").is_at("/console");
    app.clean_up();
    let person = app.visitor();
    person.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    // On by two days: everybody's session is over, and a login works as ever.
    app.clock.advance(chrono::Duration::days(2));
    for gone in [&owner, &person] {
        gone.open("/console").is_at("/login");
    }
    app.clean_up();
    person.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    person.open("/audit").is_at("/audit").gets(200);
    assert_eq!(count(&app), before);
}

/// What `/readyz` says, as its status.
fn readiness(address: std::net::SocketAddr) -> u16 {
    client::send(address, "GET", "/readyz", &[], b"").status
}

#[test]
fn a_server_that_became_read_only_is_503_and_heals() {
    let app = TestApp::start();
    let Engine::Postgres = app.app.store.engine() else { return };
    let owner = app.owner();
    assert_eq!(readiness(app.address), 200);
    let name = app.database.name();
    // As after a failover, each connection that is open now stays read-only for as long as it lives.
    app.database.administer(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    app.database
        .administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    for _ in 0..3 {
        asks_to_come_again(&agree(&app.visitor()));
        assert_eq!(readiness(app.address), 503);
    }
    assert_eq!(client::send(app.address, "GET", "/healthz", &[], b"").status, 200);
    app.database.administer(&format!("ALTER DATABASE {name} RESET default_transaction_read_only"));
    let began = Instant::now();
    while readiness(app.address) != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "it stays read-only");
        std::thread::sleep(Duration::from_millis(50));
    }
    for _ in 0..8 {
        let answer = agree(&app.visitor());
        assert!(answer.status == 303 || answer.status == 503, "{}", answer.text());
    }
    assert_eq!(agree(&app.visitor()).status, 303, "each connection was opened again");
    owner.open("/account").is_at("/account");
}

#[test]
fn a_table_that_another_client_locks_is_503_and_heals() {
    let app = TestApp::start();
    let owner = app.owner();
    let mut connection = app.database.connect();
    let mut tell = |postgres: &str, sqlite: &str| match &mut connection {
        AnyConnection::Postgres(connection) => connection.batch_execute(postgres).unwrap(),
        AnyConnection::Sqlite(connection) => connection.batch_execute(sqlite).unwrap(),
    };
    tell("BEGIN; LOCK TABLE organizations IN ACCESS EXCLUSIVE MODE", "BEGIN IMMEDIATE");
    assert_eq!(readiness(app.address), 503);
    let answer = agree(&app.visitor());
    match app.app.store.engine() {
        Engine::Postgres => asks_to_come_again(&owner.request("GET", "/iam/users", &[], "")),
        Engine::Sqlite => asks_to_come_again(&answer),
    }
    tell("ROLLBACK", "ROLLBACK");
    let began = Instant::now();
    while readiness(app.address) != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "it does not heal");
    }
    owner.open("/iam/users").is_at("/iam/users");
    assert_eq!(agree(&app.visitor()).status, 303);
}

#[test]
fn a_database_file_that_is_read_only_is_503_and_heals() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let database = Database::file();
    let folder = std::env::temp_dir().join(format!("vestibule-readonly-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    vestibule::platform::store::migrate(&database.target()).unwrap();
    let mode = |mode: u32| std::fs::set_permissions(database.name(), std::fs::Permissions::from_mode(mode)).unwrap();
    let mut settings = Settings::new(&database, &folder);
    assert!(sign_up(settings.start().address, "before").unwrap().is_ok());
    if std::fs::metadata(database.name()).unwrap().uid() == 0 {
        // Root writes to every file unless it gives that right up.
        settings = settings.after(
            "exec setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search \"$0\" \"$@\"",
        );
    }
    mode(0o400);
    let server = settings.start();
    for _ in 0..3 {
        asks_to_come_again(&sign_up(server.address, "refused").unwrap().unwrap_err());
        assert_eq!(readiness(server.address), 503);
    }
    mode(0o600);
    let began = Instant::now();
    while readiness(server.address) != 200 {
        assert!(began.elapsed() < Duration::from_secs(10), "it stays read-only");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(sign_up(server.address, "after").unwrap().is_ok());
    drop(server);
    assert_eq!(names(&database), BTreeSet::from(["before".to_owned(), "after".to_owned()]));
    std::fs::remove_dir_all(folder).unwrap();
}
