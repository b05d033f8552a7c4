//! Rotation of keys: everything sealed opens under the new one, and nothing that is derived breaks.

use std::collections::BTreeSet;

use vestibule::base::clock::SystemClock;
use vestibule::base::entropy::SystemEntropy;
use vestibule::features::rotation::{COLUMNS, instances, rotate};
use vestibule::platform::mail::Mailbox;
use vestibule::platform::secrets::Keyring;

use super::invariants::providers;
use super::operator::Operator;
use super::support::factors::app_code;
use super::support::people::PASSWORD;
use super::support::{Person, TestApp};

fn keys(text: &str) -> Keyring {
    Keyring::parse(text).unwrap()
}

/// Rotates by the command; what it said.
fn rotates(operator: &Operator, both: &str) -> String {
    let output = operator.command(&["keys", "rotate"]).env("VESTIBULE_SECRET_KEYS", both).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A second instance with other keys, and a browser there with the cookies of one here.
fn beside(app: &TestApp, text: &str) -> TestApp {
    app.beside_with(|config| config.secret_keys = keys(text))
}

fn moved<'a>(to: &'a TestApp, person: &Person<'_>) -> Person<'a> {
    let there = to.visitor();
    there.cookies.borrow_mut().extend(person.cookies.borrow().clone());
    there
}

#[test]
fn asvs_11_2_2_after_a_rotation_the_old_key_may_go_and_nothing_is_lost() {
    let operator = Operator::of_a_server();
    let (app, old) = (&operator.app, &operator.keys);
    let owner = app.owner();
    let seed = owner.set_up_authenticator();
    providers::set_up(app, "acme");
    let erased = app.visitor();
    app.organization("gone", "owner@gone.example");
    erased.log_in("gone", "owner@gone.example", PASSWORD).is_at("/console").requests_deletion("gone");
    app.clock.advance(chrono::Duration::days(8));
    app.clean_up();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    // A mail that waits, and an account that is locked.
    app.deliver();
    app.visitor().sign_up("later", "owner@later.example");
    app.colleague("acme", "mate@acme.example", Default::default());
    let stranger = app.visitor();
    for _ in 0..5 {
        stranger.log_in("acme", "mate@acme.example", "not the password at all");
    }

    let new = Keyring::generate(&SystemEntropy);
    // First every instance knows the new key, then they use it: no instance meets a value that it cannot open.
    let knows = beside(app, &format!("{old},{new}"));
    let both = format!("{new},{old}");
    let uses = beside(app, &both);
    for instance in [&knows, &uses] {
        moved(instance, &owner).open("/console").is_at("/console");
    }
    let said = rotates(&operator, &both);
    let [old_id, new_id] = [old, &new].map(|text| keys(text).ids().remove(0));
    assert!(said.contains(&format!("key {old_id}: 0 values; it may go")), "{said}");
    assert!(said.contains(&format!("key {new_id}: ")) && !said.contains(&format!("key {new_id}: 0 ")), "{said}");
    for column in COLUMNS {
        let again = app.wait(rotate(&uses.app.store, column)).unwrap();
        assert!(again.current > 0, "{column:?} has nothing to show it by");
        assert_eq!((again.renewed, again.closed), (0, 0), "{column:?} was done");
    }

    let after = beside(app, &new);
    let kept = moved(&after, &owner);
    kept.open("/console").is_at("/console");
    let again = after.visitor();
    again.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    app.two_factor("acme", true);
    let second = after.visitor();
    second.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Authenticator app");
    app.clock.advance(chrono::Duration::seconds(60));
    second.type_factor(&app_code(&seed, after.app.clock().now())).is_at("/console");
    app.two_factor("acme", false);
    let late = after.visitor();
    late.register_password("owner@later.example", PASSWORD);
    late.log_in("later", "owner@later.example", PASSWORD).is_at("/console");
    after.visitor().log_in("acme", "mate@acme.example", PASSWORD).is_at("/login/acme");
    after.visitor().reach_last_step().fill_last_step("gone", "other@gone.example").press("Complete").gets(422);

    let mut config = after.app.config.clone();
    config.secret_keys = keys(old);
    let refused = vestibule::app::start(
        config,
        std::sync::Arc::new(SystemClock),
        std::sync::Arc::new(SystemEntropy),
        Mailbox::default(),
    );
    assert!(refused.unwrap_err().contains("none of these keys opens this database"));
}

#[test]
fn two_rotations_at_once_seal_each_value_once() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    for number in 0..20 {
        app.visitor().sign_up(&format!("acme-{number}"), &format!("owner@acme-{number}.example"));
    }
    let both = format!("{},{}", Keyring::generate(&SystemEntropy), operator.keys);
    let (one, other) = (beside(app, &both), beside(app, &both));
    let column = COLUMNS.iter().find(|column| column.table == "mails").unwrap();
    let done = app.wait(async {
        let (one, other) = tokio::join!(rotate(&one.app.store, column), rotate(&other.app.store, column));
        one.unwrap().renewed + other.unwrap().renewed
    });
    assert_eq!(done, 20);
    assert_eq!(one.deliver().sent, 20);
}

#[test]
fn a_value_that_no_key_opens_is_told_and_left() {
    let operator = Operator::of_a_server();
    operator.app.visitor().sign_up("acme", "owner@acme.example");
    operator.app.database.execute("UPDATE mails SET sealed = root.sealed FROM root_secrets AS root");
    let both = format!("{},{}", Keyring::generate(&SystemEntropy), operator.keys);
    let output = operator.command(&["keys", "rotate"]).env("VESTIBULE_SECRET_KEYS", &both).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("1 values are opened by none"), "{told}");
    operator.app.database.execute("UPDATE mails SET sealed = NULL, state = 'failed'");
}

#[test]
fn generated_keys_are_taken_and_differ() {
    let operator = Operator::of_a_server();
    let keys: BTreeSet<String> = (0..3).map(|_| operator.does(&["keys", "generate"])).collect();
    assert_eq!(keys.len(), 3);
    for key in keys {
        assert!(Keyring::parse(key.trim()).is_ok());
    }
}

/// Every column of bytes is either sealed, and then rotated, or a digest or signature by its name.
#[test]
fn no_sealed_column_can_be_forgotten() {
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/platform/store/schema.rs")).unwrap();
    let mut sealed = BTreeSet::new();
    for table in schema.split("diesel::table! {").skip(1) {
        let name = table.trim_start().split([' ', '(']).next().unwrap();
        let bytes = table.lines().filter(|line| line.contains("Binary") && line.contains("->"));
        let columns = bytes.map(|line| line.trim().split(' ').next().unwrap());
        let digest = |column: &&str| {
            column.ends_with("_hash")
                || column.ends_with("_key")
                || matches!(*column, "key" | "hash" | "signature" | "cut")
        };
        sealed.extend(columns.filter(|column| !digest(column)).map(|column| format!("{name}.{column}")));
    }
    let rotated: BTreeSet<String> = COLUMNS.iter().map(|column| format!("{column:?}")).collect();
    assert_eq!(sealed, rotated);
}

#[test]
fn verify_ends_with_0_after_a_rotation() {
    let operator = Operator::of_a_server();
    let (app, old) = (&operator.app, &operator.keys);
    let owner = app.owner();
    app.seal();
    let exported = owner.post("/audit/export", &[("format", "jsonl")]).response();
    assert_eq!(exported.status, 200);
    let exported = exported.text();
    let new = Keyring::generate(&SystemEntropy);
    // A seal that was changed is not signed again: the new key vouches for nothing that the old one did not.
    app.database.execute("CREATE TABLE kept_seals AS SELECT * FROM audit_seals");
    app.database.execute("UPDATE audit_seals SET signature = hash WHERE number = 2");
    let both = format!("{new},{old}");
    let output = operator.command(&["keys", "rotate"]).env("VESTIBULE_SECRET_KEYS", &both).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("1 seal of the audit log"), "{told}");
    app.database.execute("DELETE FROM audit_seals");
    app.database.execute("INSERT INTO audit_seals SELECT * FROM kept_seals");
    rotates(&operator, &both);
    let with_new = |arguments: &[&str]| {
        let output = operator.command(arguments).env("VESTIBULE_SECRET_KEYS", &new).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = with_new(&["audit", "verify"]);
    assert!(code == Some(0) && !said.contains("not known any more"), "{said}");
    // What was exported before is verified by the old public key, which is still told.
    let (_, keys) = with_new(&["audit", "key"]);
    assert_eq!(keys.lines().count(), 2, "{keys}");
    if !exported.is_empty() {
        let file = std::env::temp_dir().join(format!("vestibule-exported-{}.jsonl", std::process::id()));
        std::fs::write(&file, exported).unwrap();
        let key = keys.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned();
        let (code, said) = with_new(&["audit", "verify", "--file", file.to_str().unwrap(), "--public-key", &key]);
        assert_eq!(code, Some(0), "{said}");
        std::fs::remove_file(file).unwrap();
    }
    // No other key is taken for one that was kept.
    app.database.execute("UPDATE audit_keys SET signature = key");
    assert_eq!(with_new(&["audit", "key"]).1.lines().count(), 1);
}

#[test]
fn rotate_refuses_while_an_instance_seals_with_the_old_key() {
    let operator = Operator::of_a_server();
    let (app, old) = (&operator.app, &operator.keys);
    // The server notes by itself that it runs, for as long as it does.
    let second = std::time::Duration::from_secs(1);
    let ran = app.wait(async { tokio::time::timeout(second, instances::run(app.app.clone())).await });
    assert!(ran.is_err());
    let both = format!("{},{old}", Keyring::generate(&SystemEntropy));
    let refused = || {
        let output = operator.command(&["keys", "rotate"]).env("VESTIBULE_SECRET_KEYS", &both).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refused();
    let (id, listen) = (keys(old).ids().remove(0), app.app.config.listen.to_string());
    assert!(told.contains(&listen) && told.contains(&id) && told.contains("last seen 20"), "{told}");
    // One that uses the new key is not in the way, and neither is one that fell silent.
    let fresh = beside(app, &both);
    app.wait(instances::note(&fresh.app.store, "another", "web2 (127.0.0.1:1)")).unwrap();
    assert!(!refused().contains("web2"));
    app.database.execute("UPDATE instances SET seen_at = '2026-01-01 00:00:00' WHERE id <> 'another'");
    rotates(&operator, &both);
    app.deliver();
}
