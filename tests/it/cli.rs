//! The command line, with the real binary.

use std::process::{Command, Output};

use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::secrets::Keyring;

use super::support::database::Database;
use super::support::sink::taking;

fn vestibule(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let folder = std::env::temp_dir().join(format!("vestibule-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).env_clear().env("VESTIBULE_DATA_DIR", &folder).env("VESTIBULE_LOG_FILTER", "error");
    command.env("VESTIBULE_LISTEN", "127.0.0.1:0");
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
    assert_eq!(bad.status.code(), Some(78));
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
    assert_eq!(away.status.code(), Some(78), "RestartPreventExitStatus= of the unit");
    for told in ["VESTIBULE_PUBLIC_URL", "VESTIBULE_SECRET_KEYS", "VESTIBULE_SMTP_URL", "VESTIBULE_MAIL_FROM"] {
        assert!(said(&away).contains(told), "{told}: {}", said(&away));
    }
}

fn empty(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("vestibule-cli-{name}-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Everything below a folder, with modes.
fn holds(folder: &std::path::Path) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        all.push((entry.file_name().to_string_lossy().into_owned(), mode));
        if entry.file_type().unwrap().is_dir() {
            all.extend(holds(&entry.path()));
        }
    }
    all.sort();
    all
}

#[test]
fn check_creates_nothing() {
    let folder = empty("nothing");
    let data = folder.join("data");
    let said_of = |arguments: &[&str]| {
        let output = vestibule(arguments, &[("VESTIBULE_DATA_DIR", data.to_str().unwrap())]);
        (output.status.code(), said(&output))
    };
    let (code, told) = said_of(&["check"]);
    assert!(code == Some(0) && told.contains("Everything can be used"), "{told}");
    assert!(told.contains(data.to_str().unwrap()) && told.contains("pending") && told.contains("0001"), "{told}");
    assert_eq!(holds(&folder), [], "nothing is left");
    // Nor does a command that opens what the server sealed: it needs the server's settings, and says so.
    for arguments in [&["organization", "list"][..], &["audit", "verify"], &["keys", "rotate"], &["backup", "-"]] {
        let (code, told) = said_of(arguments);
        assert!(code != Some(0) && told.contains(data.to_str().unwrap()), "{arguments:?}: {told}");
        assert_eq!(holds(&folder), [], "{arguments:?}");
    }
    let generated = vestibule(&["keys", "generate"], &[("VESTIBULE_PUBLIC_URL", "https://id.example.org")]);
    assert!(generated.status.success(), "needs no settings, being one: {}", said(&generated));
    // An empty database of a server stays one, too.
    let database = Database::create();
    let first = vestibule(&["check"], &[("DATABASE_URL", &database.url())]);
    let again = vestibule(&["check"], &[("DATABASE_URL", &database.url())]);
    assert!(first.status.success() && said(&again).contains("0001"), "{}", said(&again));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn check_fails_for_each_thing_it_names_and_cannot_use() {
    let folder = empty("fails");
    let database = Database::file();
    let url = database.url();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dead = format!("smtp://127.0.0.1:{dead}?tls=none");
    let (missing, junk) = (folder.join("missing.pem").display().to_string(), folder.join("logo.gif"));
    std::fs::write(&junk, "no picture").unwrap();
    let junk = junk.display().to_string();
    let blocked = folder.join("file");
    std::fs::write(&blocked, "").unwrap();
    let blocked = format!("sqlite://{}/v.db", blocked.display());
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("VESTIBULE_LISTEN", &taken)], &taken),
        (&[("VESTIBULE_METRICS_LISTEN", &taken)], &taken),
        (&[("VESTIBULE_SMTP_URL", &dead)], "mail: 127.0.0.1:"),
        (&[("VESTIBULE_SMTP_URL", &dead), ("VESTIBULE_SMTP_CA_FILE", &missing)], &missing),
        (&[("VESTIBULE_LOGO", &junk)], &junk),
        (&[("DATABASE_URL", &blocked)], "database: "),
        (&[("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")], "database: "),
    ];
    for (settings, told) in cases {
        let mut all = vec![("DATABASE_URL", url.as_str()), ("VESTIBULE_LISTEN", "127.0.0.1:0")];
        all.retain(|(name, _)| !settings.iter().any(|(other, _)| other == name));
        all.extend_from_slice(settings);
        let output = vestibule(&["check"], &all);
        assert_eq!(output.status.code(), Some(1), "{settings:?}: {}", said(&output));
        assert!(said(&output).contains(told), "{settings:?}: {}", said(&output));
        assert!(!said(&output).contains("Everything can be used"), "{settings:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn check_fails_at_a_database_that_takes_no_writes() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let database = Database::create();
    let url = database.url();
    assert!(vestibule(&["migrate"], &[("DATABASE_URL", &url)]).status.success());
    assert!(vestibule(&["check"], &[("DATABASE_URL", &url)]).status.success());
    let folder = empty("read-only");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command
        .arg("check")
        .env_clear()
        .env("VESTIBULE_LISTEN", "127.0.0.1:0")
        .env("VESTIBULE_DATA_DIR", folder.join("data"));
    if database.target().file().is_some() {
        let copy = folder.join("copy.db");
        std::fs::copy(database.name(), &copy).unwrap();
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o444)).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        // Root writes whatever the mode says.
        if copy.metadata().unwrap().uid() == 0 {
            std::os::unix::fs::chown(&folder, Some(65_534), None).unwrap();
            command.uid(65_534);
        }
        command.env("DATABASE_URL", format!("sqlite://{}", copy.display()));
    } else {
        database.administer(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name()));
        command.env("DATABASE_URL", &url);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("database: "), "{}", said(&output));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn check_tries_both_listeners_at_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (listen, metrics) = (free.to_string(), format!("0.0.0.0:{}", free.port()));
    let output = vestibule(&["check"], &[("VESTIBULE_LISTEN", &listen), ("VESTIBULE_METRICS_LISTEN", &metrics)]);
    assert!(!output.status.success(), "{}", said(&output));
    assert!(said(&output).contains(&format!("VESTIBULE_METRICS_LISTEN: {metrics}: ")), "{}", said(&output));
}

#[test]
fn check_ends_within_its_limit_at_a_silent_mail_server() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("smtp://{}?tls=none", silent.local_addr().unwrap());
    let settings = [
        ("VESTIBULE_SMTP_URL", server.as_str()),
        ("VESTIBULE_MAIL_TIMEOUT_SECONDS", "1"),
        ("VESTIBULE_LISTEN", "127.0.0.1:0"),
    ];
    let output = vestibule(&["check"], &settings);
    assert!(!output.status.success() && said(&output).contains("mail: 127.0.0.1:"), "{}", said(&output));
}

#[test]
fn no_byte_of_a_database_password_is_printed_for_any_slip() {
    for slip in [
        "v:s3cr@et%zz@127.0.0.1/v",
        "v:s3cr%zz@127.0.0.1/v",
        "v:s3/cr@127.0.0.1/v",
        "v:s3?cr@127.0.0.1/v",
        "v:5#s3cr@[x]/v",
    ] {
        for command in ["check", "migrate", "serve"] {
            let output = vestibule(&[command], &[("DATABASE_URL", &format!("postgres://{slip}"))]);
            let told = said(&output);
            assert!(!output.status.success() && told.contains("DATABASE_URL"), "{slip}: {told}");
            assert!(!told.contains("s3") && !told.contains("zz") && !told.contains("et%"), "{slip}: {told}");
        }
    }
}

#[test]
fn a_start_up_error_names_path_or_port() {
    let folder = empty("start");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let data = folder.join("data").display().to_string();
    let port = vestibule(&["serve"], &[("VESTIBULE_DATA_DIR", &data), ("VESTIBULE_LISTEN", &taken)]);
    assert!(
        !port.status.success() && said(&port).contains(&taken) && said(&port).contains("VESTIBULE_LISTEN"),
        "{}",
        said(&port)
    );
    let metrics = [
        ("VESTIBULE_DATA_DIR", data.as_str()),
        ("VESTIBULE_LISTEN", "127.0.0.1:0"),
        ("VESTIBULE_METRICS_LISTEN", taken.as_str()),
    ];
    let metrics = vestibule(&["serve"], &metrics);
    assert!(!metrics.status.success() && said(&metrics).contains(&taken), "{}", said(&metrics));
    let file = folder.join("a-file");
    std::fs::write(&file, "").unwrap();
    let file = file.join("data").display().to_string();
    let path = vestibule(&["serve"], &[("VESTIBULE_DATA_DIR", &file)]);
    assert!(!path.status.success() && said(&path).contains(&file), "{}", said(&path));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_and_folder_are_for_their_owner_only_under_umask_022() {
    let folder = empty("modes");
    let data = folder.join("data");
    let port = super::process::free_port();
    let script = format!(
        "umask 022; \"$0\" serve & server=$!; for i in $(seq 200); do (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; \
         sleep 0.05; done; \"$0\" mail test operator@example.org; kill -TERM $server; wait $server"
    );
    let mut command = Command::new("/bin/bash");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_vestibule")]).env_clear().env("PATH", "/usr/bin:/bin");
    command.env("VESTIBULE_DATA_DIR", &data).env("VESTIBULE_LISTEN", format!("127.0.0.1:{port}"));
    let output = command.env("VESTIBULE_LOG_FILTER", "info").output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let made = holds(&folder);
    for name in ["data", "development.key", "mailbox.jsonl", "vestibule.db"] {
        assert!(made.iter().any(|(known, _)| known == name), "{name}: {made:?}");
    }
    for (name, mode) in &made {
        assert_eq!(*mode, if name == "data" { 0o700 } else { 0o600 }, "{name}");
    }
    assert!(!said(&output).contains("is open to other users"), "{}", said(&output));
    // What was made wide before is named, with what to do.
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(data.join("vestibule.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let checked = vestibule(&["check"], &[("VESTIBULE_DATA_DIR", data.to_str().unwrap())]);
    for told in ["chmod 0700", "chmod 0600", "vestibule.db is open to other users"] {
        assert!(said(&checked).contains(told), "{told}: {}", said(&checked));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_log_outside_a_terminal_has_no_colours() {
    let folder = empty("colours");
    // It says what it does, and ends, as something else listens there.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = folder.join("data").display().to_string();
    let settings =
        [("VESTIBULE_DATA_DIR", data.as_str()), ("VESTIBULE_LOG_FILTER", "info"), ("VESTIBULE_LISTEN", &address)];
    let output = vestibule(&["serve"], &settings);
    assert!(said(&output).contains("INFO") && !said(&output).contains('\u{1b}'), "{}", said(&output));
    std::fs::remove_dir_all(folder).unwrap();
}
