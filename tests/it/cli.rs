//! The command line, with the real binary.

use std::process::{Command, Output};

use vestibule::entropy::SystemEntropy;
use vestibule::secrets::Keyring;

use super::support::database::Database;
use super::support::sink::taking;

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
fn mail_test_ends_within_its_limit_at_every_stage() {
    let sink = taking();
    let plain = format!("smtp://mailer:pass@127.0.0.1:{}?tls=none", sink.port);
    let mut cases: Vec<(&str, String)> = Vec::new();
    for stage in ["greeting", "ehlo", "auth", "mail", "rcpt", "data", "content"] {
        cases.push((stage, plain.clone()));
    }
    cases.push(("tls", format!("smtps://127.0.0.1:{}", sink.port)));
    // STARTTLS where the server offers none, as at the port of smtps.
    cases.push(("starttls", format!("smtp://127.0.0.1:{}", sink.port)));
    for (stage, server) in cases {
        match stage {
            "tls" => sink.bend_at("greeting", ""),
            stage => sink.bend_at(stage, ""),
        }
        let settings = [("VESTIBULE_SMTP_URL", server.as_str()), ("VESTIBULE_MAIL_TIMEOUT_SECONDS", "1")];
        let began = std::time::Instant::now();
        let ended = vestibule(&["mail", "test", "operator@example.org"], &settings);
        // The command itself takes a moment; without a limit it would take minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "{stage}");
        let told = said(&ended);
        assert!(!ended.status.success() && told.contains(&format!("at stage {stage}: ")), "{stage}: {told}");
        assert!(told.contains(&format!("127.0.0.1:{}", sink.port)) && !told.contains("pass"), "{stage}: {told}");
    }
}

#[test]
fn one_mistake_gives_one_message() {
    let keys = Keyring::generate(&SystemEntropy);
    let production = [
        ("VESTIBULE_PUBLIC_URL", "https://id.example.org"),
        ("VESTIBULE_SECRET_KEYS", keys.as_str()),
        ("VESTIBULE_SMTP_URL", "smtps://mail.example.org"),
        ("VESTIBULE_MAIL_FROM", "no-reply@example.org"),
    ];
    for (name, value, words) in [
        ("VESTIBULE_MAIL_FROM", "a@example.org, b@example.org", "more than one address"),
        ("VESTIBULE_MAIL_FROM", "bücher@example.org", "before the @"),
        ("VESTIBULE_SMTP_URL", "mail.example.org", "smtps://USER:PASSWORD@HOST"),
        ("VESTIBULE_SMTP_URL", "smtp://u:s3cr@et%zz@mail.example.org:x", "percent-encoded"),
        ("VESTIBULE_MAIL_HELLO", "two words", "two words"),
        ("VESTIBULE_SECRET_KEYS", "short", "VESTIBULE_SECRET_KEYS"),
    ] {
        let mut settings = production.to_vec();
        settings.retain(|(other, _)| *other != name);
        settings.push((name, value));
        let told = said(&vestibule(&["check"], &settings));
        assert!(told.contains("1 mistake(s)") && told.contains(name) && told.contains(words), "{value}: {told}");
        assert!(!told.contains("must be set") && !told.contains("s3cr"), "{value}: {told}");
    }
}

#[test]
fn asvs_12_2_1_the_server_refuses_to_start_unsafe() {
    let away = vestibule(&[], &[("VESTIBULE_PUBLIC_URL", "http://id.example.org")]);
    assert_eq!(away.status.code(), Some(1));
    for told in ["VESTIBULE_PUBLIC_URL", "VESTIBULE_SECRET_KEYS", "VESTIBULE_SMTP_URL", "VESTIBULE_MAIL_FROM"] {
        assert!(said(&away).contains(told), "{told}: {}", said(&away));
    }
}
