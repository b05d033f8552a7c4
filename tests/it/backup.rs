//! A backup made while the server works, and what is played back from it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::prelude::*;
use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::secrets::Keyring;
use vestibule::platform::store::schema::{mails, organizations};
use vestibule::platform::store::{Engine, Target, Use};

use super::crash;
use super::invariants::dump::tables;
use super::operator::Operator;
use super::support::factors::app_code;
use super::support::people::PASSWORD;

fn server() -> Operator {
    Operator::of_a_server_with(|config| config.limits.sign_ups = 100_000)
}

fn scratch(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("vestibule-backup-{name}-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn organizations_in(target: &Target) -> Vec<String> {
    organizations::table.select(organizations::name).load(&mut target.open(Use::Writing).unwrap()).unwrap()
}

#[test]
fn a_backup_made_under_writes_is_whole_and_people_log_in_to_what_is_played_back() {
    let operator = server();
    let app = &operator.app;
    if app.app.store.engine() == Engine::Postgres {
        let told = operator.is_refused(&["backup", "/tmp/never-written"]);
        assert!(told.contains("pg_dump --format=custom"), "{told}");
        return;
    }
    let owner = app.owner();
    let key = owner.set_up_authenticator();
    app.two_factor("acme", true);
    let (folder, stop) = (scratch("made"), AtomicBool::new(false));
    let path = folder.join("copy.db");
    let copy = path.to_str().unwrap();
    let (before, after) = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (address, stop) = (app.address, &stop);
                scope.spawn(move || {
                    let mut done = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        let name = format!("writer-{writer}-{}", done.len());
                        assert!(crash::sign_up(address, &name).unwrap().is_ok(), "a backup keeps nobody from writing");
                        done.push(name);
                    }
                    done
                })
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(300));
        let before = organizations_in(&app.app.config.database);
        let said = operator.does(&["backup", copy]);
        assert!(said.contains("found it sound") && said.contains("secret keys"), "{said}");
        stop.store(true, Ordering::Relaxed);
        (before, writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect::<Vec<_>>())
    });
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(&folder), ["copy.db"], "nothing is left beside it");
    let target = Target::parse(&format!("sqlite://{copy}")).unwrap();
    let held = organizations_in(&target);
    assert!(before.len() > 2 && before.iter().all(|name| held.contains(name)), "{before:?} before, {held:?} held");
    assert!(held.len() <= after.len() + 1, "what was not acknowledged yet may be missing");
    let told = operator.is_refused(&["backup", copy]);
    assert!(told.contains("is there already"), "{told}");

    // Played back: the same keys, a fresh folder.
    let fresh = scratch("fresh");
    let place = fresh.join("vestibule.db");
    std::fs::copy(&path, &place).unwrap();
    let played = Target::parse(&format!("sqlite://{}", place.display())).unwrap();
    let waiting = |target: &Target| {
        let queued = mails::table.filter(mails::state.eq("queued")).count();
        queued.get_result::<i64>(&mut target.open(Use::Writing).unwrap()).unwrap()
    };
    assert!(waiting(&played) > 0, "mail that waited then comes back");
    let restored = app.beside_with(|config| config.database = played.clone());
    let person = restored.visitor();
    person.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Authenticator app");
    app.clock.advance(chrono::Duration::seconds(60));
    person.type_factor(&app_code(&key, app.app.clock().now())).is_at("/console");
    // One round takes no more than it can do in time.
    while restored.deliver().sent > 0 {}
    assert_eq!(waiting(&played), 0, "and is delivered");

    // Without the keys nothing starts, and it is said why.
    let other = Keyring::generate(&SystemEntropy);
    let mut command = operator.command(&["organization", "list"]);
    command.env("DATABASE_URL", format!("sqlite://{}", place.display())).env("VESTIBULE_SECRET_KEYS", other);
    let away = command.output().unwrap();
    let said = String::from_utf8_lossy(&away.stderr).into_owned();
    assert!(!away.status.success() && said.contains("none of these keys opens this database"), "{said}");
    drop(restored);
    for folder in [folder, fresh] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_backup_of_a_server_at_rest_has_every_row() {
    let operator = server();
    let app = &operator.app;
    if app.app.store.engine() == Engine::Postgres {
        return;
    }
    app.owner();
    app.visitor().sign_up("later", "owner@later.example");
    let folder = scratch("rest");
    let path = folder.join("copy.db");
    operator.does(&["backup", path.to_str().unwrap()]);
    let copy = Target::parse(&format!("sqlite://{}", path.display())).unwrap();
    let counts = |target: &Target| {
        let mut connection = target.open(Use::Writing).unwrap();
        let all = tables(&mut connection);
        let count = |table: &String| {
            super::invariants::dump::lines(
                &mut target.open(Use::Writing).unwrap(),
                &format!("SELECT CAST(count(*) AS TEXT) AS line FROM \"{table}\""),
            )
        };
        all.iter().map(|table| (table.clone(), count(table))).collect::<Vec<_>>()
    };
    assert_eq!(counts(&copy), counts(&app.app.config.database));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_backup_that_cannot_be_written_leaves_nothing() {
    let operator = server();
    if operator.app.app.store.engine() == Engine::Postgres {
        return;
    }
    let folder = scratch("nowhere");
    let missing = folder.join("no/such/folder/copy.db");
    let told = operator.is_refused(&["backup", missing.to_str().unwrap()]);
    assert!(told.contains(missing.to_str().unwrap()) && !told.contains(".part"), "{told}");
    // A file system that is full.
    let full = operator.is_refused(&["backup", "/dev/full/copy.db"]);
    assert!(full.contains("/dev/full/copy.db") && !full.contains(".part"), "{full}");
    let taken = folder.join("taken");
    std::fs::write(&taken, "somebody's own").unwrap();
    operator.is_refused(&["backup", taken.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "somebody's own");
    let mut command = operator.command(&["backup", folder.join("copy.db").to_str().unwrap()]);
    let away = command.env("DATABASE_URL", format!("sqlite://{}/none.db", folder.display())).output().unwrap();
    assert!(String::from_utf8_lossy(&away.stderr).contains("there is no database"));
    assert_eq!(names(&folder), ["taken"]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_backup_to_standard_output_is_whole_and_leaves_no_file() {
    let operator = server();
    if operator.app.app.store.engine() == Engine::Postgres {
        return;
    }
    operator.app.owner();
    let folder = scratch("output");
    let beside = names(operator.app.app.config.database.file().unwrap().parent().unwrap());
    let output = operator.command(&["backup", "-"]).current_dir(&folder).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("secret keys"), "{told}");
    assert_eq!(names(&folder), Vec::<String>::new(), "no file named -");
    let left = names(operator.app.app.config.database.file().unwrap().parent().unwrap());
    assert!(left.iter().all(|name| beside.contains(name) || !name.contains("copy")), "{left:?}");
    let copy = folder.join("copy.db");
    std::fs::write(&copy, output.stdout).unwrap();
    let target = Target::parse(&format!("sqlite://{}", copy.display())).unwrap();
    assert_eq!(organizations_in(&target), ["acme"]);
    std::fs::remove_dir_all(folder).unwrap();
}

/// The commands of the manual, with another folder in the place of `/var/lib`.
#[test]
fn a_restore_by_the_manual_opens() {
    use std::os::unix::fs::MetadataExt;
    let operator = server();
    if operator.app.app.store.engine() == Engine::Postgres {
        return;
    }
    operator.app.owner();
    let root = scratch("restore");
    // As systemd makes it for DynamicUser: the folder is below `private`, of a user of its own, and linked to.
    let private = root.join("private/vestibule");
    std::fs::create_dir_all(&private).unwrap();
    std::os::unix::fs::symlink("private/vestibule", root.join("vestibule")).unwrap();
    let is_root = std::fs::metadata(&root).unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(&private, Some(61_184), Some(61_184)).unwrap();
    }
    for old in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"] {
        std::fs::write(private.join(old), "of the database before").unwrap();
    }
    operator.does(&["backup", root.join("backup.db").to_str().unwrap()]);
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md")).unwrap();
    let (_, restore) = manual.split_once("\n## Restore\n").unwrap();
    let lines =
        restore.lines().skip_while(|line| !line.starts_with("       ")).take_while(|line| line.starts_with("       "));
    let script = lines.collect::<Vec<_>>().join("\n").replace("/var/lib", root.to_str().unwrap());
    assert!(script.contains("install") && script.contains("rm"), "{script}");
    let ran = std::process::Command::new("/bin/sh").args(["-euc", &script]).current_dir(&root).status().unwrap();
    assert!(ran.success(), "{script}");
    let place = private.join("vestibule.db");
    let (file, folder) = (std::fs::metadata(&place).unwrap(), std::fs::metadata(&private).unwrap());
    assert_eq!((file.uid(), file.gid(), file.mode() & 0o777), (folder.uid(), folder.gid(), 0o600));
    assert_eq!(names(&private), ["vestibule.db"]);
    let through = Target::parse(&format!("sqlite://{}", root.join("vestibule/vestibule.db").display())).unwrap();
    assert_eq!(organizations_in(&through), ["acme"]);
    std::fs::remove_dir_all(root).unwrap();
}

/// An SQLite file keeps the room of what was removed, for what comes; its copy does not.
#[test]
fn a_backup_is_as_small_as_what_is_in_it_and_the_manual_says_so() {
    let operator = server();
    let app = &operator.app;
    if app.app.store.engine() == Engine::Postgres {
        return;
    }
    app.owner();
    let id = app.organization_id("acme").unwrap();
    super::deletion::erasure::fill_log(app, &id, 1);
    let length = |path: &Path| std::fs::metadata(path).unwrap().len();
    app.wait(app.app.store.tidy()).unwrap();
    let place = std::path::PathBuf::from(app.database.name());
    let full = length(&place);
    app.database.execute("DELETE FROM audit_events");
    app.wait(app.app.store.tidy()).unwrap();
    assert_eq!(length(&place), full, "the room is kept");
    let folder = scratch("small");
    let copy = folder.join("copy.db");
    operator.does(&["backup", copy.to_str().unwrap()]);
    assert!(length(&copy) * 2 < full, "{} of {full}", length(&copy));
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md")).unwrap();
    assert!(manual.contains("does not become smaller"));
    std::fs::remove_dir_all(folder).unwrap();
}
