//! The database servers that Vestibule is put on: poolers, roles with few rights, encodings, other versions, other servers
//! on the same file. Each works, or is named before any harm.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use vestibule::platform::store::schema::organizations;
use vestibule::platform::store::{AnyConnection, Engine, Target, Use, migrate, migrate_within};

use super::crash::sign_up;
use super::process::{Settings, free_port};
use super::support::client::send;
use super::support::database::Database;

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("vestibule-surroundings-{name}-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Looks at something again and again until it holds.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Debian's PgBouncer before a database of the cluster under test.
struct Pooler {
    child: Child,
    url: String,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Pooler {
    fn start(database: &Database, folder: &Path, mode: &str) -> Self {
        let cluster = PathBuf::from(std::env::var("TEST_CLUSTER").expect("scripts/postgres sets it"));
        let (port, name) = (free_port(), database.name());
        let text = format!(
            "[databases]\n{name} = host={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = 40\n",
            cluster.display()
        );
        let file = folder.join(format!("{mode}.ini"));
        std::fs::write(&file, text).unwrap();
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|path| Path::new(path).exists());
        let mut command = Command::new(program.expect("no PgBouncer: run scripts/tools"));
        // It does not run as root, and the cluster's socket is open to its owner alone.
        let owner = std::fs::metadata(&cluster).unwrap().uid();
        if std::fs::metadata(&file).unwrap().uid() != owner {
            let user = Command::new("id").args(["-nu", &owner.to_string()]).output().unwrap();
            command.args(["-u", String::from_utf8_lossy(&user.stdout).trim()]);
        }
        let log = std::fs::File::create(folder.join(format!("{mode}.log"))).unwrap();
        let child = command.arg(&file).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let pooler = Self { child, url: format!("postgres://postgres@127.0.0.1:{port}/{name}?sslmode=disable") };
        eventually("PgBouncer listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        pooler
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// What another client of the pooler reads.
fn read_as_another(url: &str, sql: &str) -> String {
    let mut connection = PgConnection::establish(url).unwrap();
    sql_query(sql).get_result::<Line>(&mut connection).unwrap().line
}

#[test]
fn two_instances_start_behind_session_pooling_and_check_says_why_not_behind_transaction_pooling() {
    let Some(database) = Database::in_cluster("") else { return };
    let folder = scratch("pooler");
    let sharing = Pooler::start(&database, &folder, "transaction");
    let settings = Settings::new(&database, &folder).with("DATABASE_URL", &sharing.url);
    for arguments in [&["serve"][..], &["check"], &["migrate"], &["organization", "list"], &["serve"]] {
        let (code, told) = settings.run(arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {told}");
        assert!(told.contains("pool_mode=transaction") && told.contains("pool_mode=session"), "{arguments:?}: {told}");
    }
    // Nothing was left behind: no tables, and no settings in the connections that others get.
    let limit = "SELECT current_setting('statement_timeout') || current_setting('lock_timeout') AS line";
    assert_eq!(read_as_another(&sharing.url, limit), "00");
    let tables = "SELECT count(*)::text AS line FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(read_as_another(&database.url(), tables), "0");

    let own = Pooler::start(&database, &folder, "session");
    let instances = ["one", "two"].map(|name| {
        let settings = Settings::new(&database, &folder).with("DATABASE_URL", &own.url);
        assert_eq!(settings.run(&["check"]).0, Some(0));
        let server = settings.start();
        assert!(sign_up(server.address, &format!("pooled-{name}")).unwrap().is_ok());
        server
    });
    for server in &instances {
        for number in 0..10 {
            let name = format!("pooled-{}-{number}", server.number());
            assert!(sign_up(server.address, &name).unwrap().is_ok(), "{name}");
        }
        assert_eq!(send(server.address, "GET", "/readyz", &[], b"").status, 200);
    }
    drop(instances);
    assert_eq!(read_as_another(&own.url, limit), "00", "the pooler gives a clean connection to the next client");
    drop((sharing, own));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_start_that_waits_says_for_what() {
    let Some(database) = Database::in_cluster("") else { return };
    let AnyConnection::Postgres(mut migrating) = database.connect() else { unreachable!("a cluster") };
    migrating.batch_execute(&format!("SELECT pg_advisory_lock({})", 0x5645_5354_4942_i64)).unwrap();
    let told = migrate_within(&database.target(), Duration::from_millis(400)).unwrap_err();
    assert!(told.contains("of PostgreSQL") && told.contains("still migrates"), "{told}");

    let folder = scratch("waits");
    let log = folder.join("log");
    let settings = Settings::new(&database, &folder)
        .with("VESTIBULE_LOG_FILTER", "warn")
        .with("VESTIBULE_LOG_FORMAT", "json")
        .logging_to(&log);
    std::thread::scope(|scope| {
        let starts = scope.spawn(|| settings.start());
        let waits = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("waiting for another instance"));
        eventually("it says for what it waits", waits);
        drop(migrating);
        let server = starts.join().unwrap();
        assert!(sign_up(server.address, "waited").unwrap().is_ok());
    });
    // A start on a database that is up to date does not wait for the lock.
    let AnyConnection::Postgres(mut migrating) = database.connect() else { unreachable!("a cluster") };
    migrating.batch_execute(&format!("SELECT pg_advisory_lock({})", 0x5645_5354_4942_i64)).unwrap();
    assert_eq!(migrate_within(&database.target(), Duration::ZERO), Ok(Vec::new()));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_database_that_is_not_utf_8_is_refused() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let options = format!("ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        let Some(database) = Database::in_cluster(&options) else { return };
        let folder = scratch("encoding");
        let settings = Settings::new(&database, &folder);
        for command in ["serve", "check", "migrate"] {
            let (code, told) = settings.run(&[command]);
            assert_eq!(code, Some(1), "{command}: {told}");
            assert!(told.contains(encoding) && told.contains("ENCODING 'UTF8'"), "{command}: {told}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}

/// A role that may log in and nothing else, gone with the value.
struct Role<'a> {
    database: &'a Database,
    name: String,
}

impl<'a> Role<'a> {
    fn make(database: &'a Database, options: &str) -> Self {
        let name = format!("role_{}", database.name());
        database.administer(&format!("CREATE ROLE {name} LOGIN {options}"));
        database.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC");
        Self { database, name }
    }

    fn may_work(&self) {
        let name = &self.name;
        self.database.execute(&format!(
            "GRANT USAGE ON SCHEMA public TO {name}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
        ));
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        self.database.execute(&format!("DROP OWNED BY {}", self.name));
        self.database.administer(&format!("DROP ROLE {}", self.name));
    }
}

#[test]
fn a_role_without_create_can_serve() {
    let Some(database) = Database::in_cluster("") else { return };
    let (folder, role) = (scratch("role"), Role::make(&database, ""));
    let settings = Settings::new(&database, &folder).with("DATABASE_URL", database.url_of(&role.name));
    database.execute(&format!("GRANT USAGE ON SCHEMA public TO {}", role.name));
    let (code, told) = settings.run(&["serve"]);
    assert_eq!(code, Some(1), "{told}");
    for words in [&format!("GRANT USAGE, CREATE ON SCHEMA public TO {}", role.name), "--no-migrate"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let (code, told) = settings.run(&["serve", "--no-migrate"]);
    assert!(code == Some(1) && told.contains("run `vestibule migrate` first"), "{told}");

    migrate(&database.target()).unwrap();
    role.may_work();
    for (number, arguments) in [&["serve", "--no-migrate"][..], &["serve"], &[]].into_iter().enumerate() {
        let server = settings.clone().called_with(arguments).start();
        assert!(sign_up(server.address, &format!("granted-{number}")).unwrap().is_ok(), "{arguments:?}");
        assert_eq!(send(server.address, "GET", "/readyz", &[], b"").text(), "ready");
    }
    assert_eq!(settings.run(&["organization", "list"]), (Some(0), String::new()));
    assert_eq!(settings.run(&["check"]).0, Some(0));
    drop(role);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_server_that_is_not_to_migrate_makes_nothing() {
    let database = Database::create();
    let folder = scratch("no-migrate");
    let settings = Settings::new(&database, &folder);
    let (code, told) = settings.run(&["serve", "--no-migrate"]);
    assert!(code == Some(1) && told.contains("run `vestibule migrate` first"), "{told}");
    if database.target().engine() == Engine::Sqlite {
        assert!(!Path::new(&database.name()).exists(), "not even the file");
    }
    assert_eq!(settings.run(&["migrate"]).0, Some(0));
    let server = settings.called_with(&["serve", "--no-migrate"]).start();
    assert!(sign_up(server.address, "migrated").unwrap().is_ok());
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_newer_breaking_database_is_refused_and_another_one_is_named() {
    let database = Database::create();
    let (folder, insert) = (scratch("newer"), "INSERT INTO __diesel_schema_migrations (version) VALUES");
    migrate(&database.target()).unwrap();
    database.execute(&format!("{insert} ('9998')"));
    let log = folder.join("log");
    let settings = Settings::new(&database, &folder)
        .with("VESTIBULE_LOG_FILTER", "warn")
        .with("VESTIBULE_LOG_FORMAT", "json")
        .logging_to(&log);
    let server = settings.start();
    let told = std::fs::read_to_string(&log).unwrap();
    assert!(told.contains("newer version") && told.contains("9998"), "{told}");
    assert!(sign_up(server.address, "older").unwrap().is_ok());
    // While it runs, a newer one makes a change that it cannot live with.
    database.execute(&format!("{insert} ('9999breaking')"));
    assert_eq!(send(server.address, "GET", "/readyz", &[], b"").status, 503);
    drop(server);
    for arguments in [&["serve"][..], &["serve", "--no-migrate"], &["check"], &["migrate"], &["organization", "list"]] {
        let (code, told) = settings.run(arguments);
        assert_eq!(code, Some(1), "{arguments:?}");
        assert!(told.contains("newer version") && told.contains("9999breaking"), "{arguments:?}: {told}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_thread_without_a_connection_takes_no_job() {
    let Some(database) = Database::in_cluster("") else { return };
    migrate(&database.target()).unwrap();
    let (folder, role) = (scratch("limit"), Role::make(&database, "CONNECTION LIMIT 2"));
    role.may_work();
    let server = Settings::new(&database, &folder)
        .with("DATABASE_URL", database.url_of(&role.name))
        .with("VESTIBULE_DATABASE_THREADS", 4)
        .with("VESTIBULE_LIMITS_SIGN_UPS", 1000)
        .start();
    eventually("it has connections", || send(server.address, "GET", "/readyz", &[], b"").status == 200);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                for number in 0..10 {
                    let name = format!("limited-{writer}-{number}");
                    let outcome = sign_up(server.address, &name).unwrap();
                    assert!(outcome.is_ok(), "{name}: {:?}", outcome.map_err(|answer| answer.status));
                }
            });
        }
    });
    let there = organizations::table.count().get_result::<i64>(&mut database.connect());
    assert_eq!(there, Ok(40));
    drop((server, role));
    std::fs::remove_dir_all(folder).unwrap();
}

fn names_in(path: &Path) -> Vec<String> {
    let target = Target::parse(&format!("sqlite://{}", path.display())).unwrap();
    let names = organizations::table.select(organizations::name).order(organizations::name);
    names.load(&mut target.open(Use::Reading).unwrap()).unwrap()
}

#[test]
fn the_database_file_is_complete_after_a_stop_and_after_a_command() {
    let database = Database::file();
    let folder = scratch("complete");
    let settings = Settings::new(&database, &folder).with("VESTIBULE_DRAIN_SECONDS", 0);
    let server = settings.start();
    for name in ["alpha", "beta"] {
        assert!(sign_up(server.address, name).unwrap().is_ok());
    }
    server.signal("TERM");
    assert_eq!(server.ends(), Some(0));
    let file = PathBuf::from(database.name());
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", file.display()));
    let copy = folder.join("copy.db");
    std::fs::copy(&file, &copy).unwrap();
    assert_eq!(names_in(&copy), ["alpha", "beta"]);
    assert!(!beside("-wal").exists() && !beside("-shm").exists(), "nothing is left beside it");

    let before = std::fs::read(&file).unwrap();
    assert_eq!(settings.run(&["user", "reset-password", "alpha", "owner@alpha.example", "--print"]).0, Some(0));
    assert!(!beside("-wal").exists(), "a command leaves it as complete");
    assert_ne!(before, std::fs::read(&file).unwrap());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_second_server_on_one_sqlite_file_is_warned_of_once_and_serves() {
    let database = Database::file();
    let folder = scratch("second");
    let start = |name: &str| {
        let log = folder.join(name);
        let settings = Settings::new(&database, &folder)
            .with("VESTIBULE_LOG_FILTER", "warn")
            .with("VESTIBULE_LOG_FORMAT", "json")
            .logging_to(&log);
        (settings.start(), log)
    };
    let warnings = |log: &Path| std::fs::read_to_string(log).unwrap().matches("another server uses").count();
    let (first, first_log) = start("first");
    assert_eq!(warnings(&first_log), 0);
    let (second, second_log) = start("second");
    for (number, server) in [&first, &second].into_iter().enumerate() {
        assert!(sign_up(server.address, &format!("shared-{number}")).unwrap().is_ok());
    }
    assert_eq!((warnings(&first_log), warnings(&second_log)), (0, 1));
    // The one that is left is still seen by the next.
    drop(first);
    let (third, third_log) = start("third");
    assert_eq!(warnings(&third_log), 1);
    drop((second, third));
    let (_alone, log) = start("alone");
    assert_eq!(warnings(&log), 0);
    std::fs::remove_dir_all(folder).unwrap();
}
