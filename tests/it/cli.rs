//! The command line, with the real binary.

use std::process::{Command, Output};

use super::support::database::Database;

fn vestibule(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let folder = std::env::temp_dir().join(format!("vestibule-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).env_clear().env("VESTIBULE_DATA_DIR", &folder).env("VESTIBULE_LOG_FILTER", "error");
    command.envs(settings.iter().copied()).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn check_says_what_will_be_used_or_every_mistake() {
    let database = Database::create();
    let url = database.url();
    let good = vestibule(&["check"], &[("DATABASE_URL", &url)]);
    assert!(good.status.success() && said(&good).contains("Everything can be used"), "{}", said(&good));
    let bad = vestibule(
        &["check"],
        &[("VESTIBULE_LISTEN", "x"), ("VESTIBULE_PASSWORDS_MINIMUM", "7"), ("VESTIBULE_NONSENSE", "1")],
    );
    assert_eq!(bad.status.code(), Some(1));
    for told in ["3 mistake(s)", "VESTIBULE_LISTEN", "VESTIBULE_PASSWORDS_MINIMUM", "VESTIBULE_NONSENSE"] {
        assert!(said(&bad).contains(told), "{told}: {}", said(&bad));
    }
    let away = vestibule(&["check"], &[("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")]);
    assert!(!away.status.success() && said(&away).contains("database:"), "{}", said(&away));
}

#[test]
fn migrating_twice_does_nothing_the_second_time() {
    let database = Database::create();
    let url = database.url();
    let first = vestibule(&["migrate"], &[("DATABASE_URL", &url)]);
    assert!(said(&first).contains("Migrated: 0001"), "{}", said(&first));
    assert!(said(&vestibule(&["migrate"], &[("DATABASE_URL", &url)])).contains("up to date"));
}

#[test]
fn a_trial_mail_says_what_became_of_it() {
    let captured = vestibule(&["mail", "test", "operator@example.org"], &[]);
    assert!(said(&captured).contains("Sent to operator@example.org: captured"), "{}", said(&captured));
    let refused = vestibule(&["mail", "test", "nonsense"], &[]);
    assert_eq!(refused.status.code(), Some(1));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!("smtp://127.0.0.1:{port}?tls=none");
    let away = vestibule(&["mail", "test", "operator@example.org"], &[("VESTIBULE_SMTP_URL", &server)]);
    assert!(!away.status.success() && said(&away).contains("refused"), "{}", said(&away));
}

#[test]
fn asvs_12_2_1_the_server_refuses_to_start_unsafe() {
    let away = vestibule(&[], &[("VESTIBULE_PUBLIC_URL", "http://id.example.org")]);
    assert_eq!(away.status.code(), Some(1));
    for told in ["VESTIBULE_PUBLIC_URL", "VESTIBULE_SECRET_KEYS", "VESTIBULE_SMTP_URL", "VESTIBULE_MAIL_FROM"] {
        assert!(said(&away).contains(told), "{told}: {}", said(&away));
    }
}
