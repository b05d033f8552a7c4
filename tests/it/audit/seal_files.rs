//! An export carries its seals, and whoever has the public key verifies it without us.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use vestibule::features::audit::seal::{PublicKeys, Wrong, file};

use super::super::deletion::export::{archive, lines};
use super::{TestApp, flood};
use crate::support::Person;
use crate::support::people::PASSWORD;

fn exported(person: &Person<'_>, form: &str) -> String {
    let answer = person.request("POST", "/audit/export", &[], form);
    assert_eq!(answer.status, 200, "{}", answer.text());
    String::from_utf8(answer.body).unwrap()
}

fn keys(app: &TestApp) -> PublicKeys {
    PublicKeys::of(app.app.store.keys())
}

fn wrong(text: &[u8], keys: &PublicKeys) -> Vec<Wrong> {
    let report = file::verify(text, keys).unwrap();
    report.wrong.told.into_iter().map(|finding| finding.wrong).collect()
}

/// A log with hostile names in it, sealed but for its newest events.
fn app_with_log() -> TestApp {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").fill("Name", "=cmd|' /C \"calc\"'!A0 한국").press("Save");
    app.visitor().log_in("acme", "owner@acme.example", "wrong \u{1f511}");
    flood(&app, "acme", 20, 30);
    app.clock.advance(chrono::Duration::minutes(2));
    app.seal();
    app.deliver();
    app
}

#[test]
fn asvs_16_4_2_an_export_is_verified_line_by_line_with_the_public_key_alone() {
    let app = app_with_log();
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let text = exported(&owner, "format=jsonl");
    let report = file::verify(text.as_bytes(), &keys(&app)).unwrap();
    assert_eq!((report.verified, report.unsealed, report.wrong.count), (26, 2, 0), "{report:?}");
    let [part] = &report.parts[..] else { panic!("{report:?}") };
    assert_eq!((part.first, part.newest.number, part.gaps), (1, 26, 0));
    assert_eq!(part.chain, app.organization_id("acme").unwrap());
    // Narrowed by filters, it verifies as well, and says what is not in it.
    let narrow = exported(&owner, "format=jsonl&event=login");
    let report = file::verify(narrow.as_bytes(), &keys(&app)).unwrap();
    assert!(report.verified >= 2 && report.wrong.count == 0 && report.parts[0].gaps > 0, "{report:?}");
    // A line that was taken out is a gap, one that stands twice is told.
    let all: Vec<&str> = text.lines().collect();
    let without = [&all[..5], &all[6..]].concat().join("\n");
    let report = file::verify(without.as_bytes(), &keys(&app)).unwrap();
    assert_eq!((report.wrong.count, report.parts[0].gaps), (0, 1));
    let number = serde_json::from_str::<Value>(all[5]).unwrap()["seal"]["number"].as_i64().unwrap();
    assert_eq!(report.parts[0].missing, [(number, number)]);
    assert_eq!(wrong([&all[..], &all[9..10]].concat().join("\n").as_bytes(), &keys(&app)), [Wrong::Twice]);
    // Another installation's key is not the one.
    let other = keys(&TestApp::start());
    assert!(wrong(text.as_bytes(), &other).iter().all(|wrong| matches!(wrong, Wrong::UnknownKey(_))));
    app.deliver();
}

#[test]
fn every_flipped_byte_of_a_file_is_found() {
    let app = app_with_log();
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let text = exported(&owner, "format=jsonl");
    let hostile = text.lines().find(|line| line.contains("=cmd") && line.contains("\"seal\":{")).unwrap();
    let failed = text.lines().find(|line| line.contains("wrong_password")).unwrap();
    for line in [hostile, failed] {
        assert_eq!(wrong(line.as_bytes(), &keys(&app)), []);
        for place in 0..line.len() {
            let mut bent = line.as_bytes().to_vec();
            bent[place] ^= 1;
            let found = wrong(&bent, &keys(&app));
            assert!(!found.is_empty(), "byte {place}: {}", String::from_utf8_lossy(&bent));
        }
    }
    // A seal that is taken away makes a line of the past one that nothing vouches for.
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let oldest = lines.last_mut().unwrap();
    oldest["seal"] = Value::Null;
    let bare: Vec<String> = lines.iter().map(Value::to_string).collect();
    let report = file::verify(bare.join("\n").as_bytes(), &keys(&app)).unwrap();
    assert!(report.wrong.told.iter().any(|finding| finding.wrong == Wrong::Inserted), "{report:?}");
    app.deliver();
}

#[test]
fn a_spreadsheet_has_number_hash_and_signature() {
    let app = app_with_log();
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let (csv, lines) = (exported(&owner, "format=csv"), exported(&owner, "format=jsonl"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(head[17..], ["seal_number", "seal_hash", "seal_signature", "seal_key"]);
    let last = reader.records().map(Result::unwrap).last().unwrap();
    let line: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(&last[1], line["id"].as_str().unwrap());
    assert_eq!(last[17], line["seal"]["number"].to_string());
    let told =
        [&line["seal"]["hash"], &line["seal"]["signature"], &line["seal"]["key"]].map(|told| told.as_str().unwrap());
    assert_eq!([&last[18], &last[19], &last[20]], told);
    app.deliver();
}

#[test]
fn the_archive_of_the_organization_has_seals_and_public_keys() {
    let app = app_with_log();
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let (_, files) = archive(&owner);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let key = manifest["audit_keys"][0]["key"].as_str().unwrap();
    let mut keys = PublicKeys::default();
    keys.add(key).unwrap();
    let report = file::verify(&files["audit_log.jsonl"][..], &keys).unwrap();
    assert_eq!((report.verified, report.wrong.count), (26, 0), "{report:?}");
    assert_eq!(lines(&files, "audit_log.jsonl").len() as u64, report.verified + report.unsealed);
    app.deliver();
}

/// The command with nothing of the installation: no settings, no database, nowhere to write.
fn offline(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(["audit", "verify"]).args(arguments).env_clear().env("VESTIBULE_LISTEN", "nonsense").current_dir("/");
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(std::io::Write::write_all(&mut running.stdin.take().unwrap(), input));
    running.wait_with_output().unwrap()
}

#[test]
fn the_command_verifies_a_file_without_database_or_configuration() {
    let app = app_with_log();
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let text = exported(&owner, "format=jsonl");
    let key = keys(&app).listed().remove(0).key;
    let output = offline(&["--file", "-", "--public-key", &key], text.as_bytes());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("26 lines verified, 2 not sealed yet") && said.contains("numbers 1 to 26"), "{said}");
    let bent = text.replace("wrong_password", "wrong_passwort");
    let output = offline(&["--file", "-", "--public-key", &key, "--json"], bent.as_bytes());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["wrong"]["count"]), (Some(1), &1.into()), "{told}");
    assert_eq!(told["wrong"]["told"][0]["wrong"], "edited");
    let path = std::env::temp_dir().join(format!("vestibule-sealed-{}.jsonl", std::process::id()));
    std::fs::write(&path, &text).unwrap();
    assert!(offline(&["--file", path.to_str().unwrap(), "--public-key", &key], b"").status.success());
    std::fs::remove_file(path).unwrap();
    // A file without a key, or with something that is none, is not verified.
    assert_eq!(offline(&["--file", "-"], b"").status.code(), Some(2));
    assert_eq!(offline(&["--file", "-", "--public-key", "AAAA"], b"").status.code(), Some(1));
    assert_eq!(offline(&["--file", "/nowhere", "--public-key", &key], b"").status.code(), Some(1));
    app.deliver();
}

#[test]
fn a_file_without_a_sealed_line_ends_with_1() {
    let app = app_with_log();
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let text = exported(&owner, "format=jsonl");
    let bare = |chosen: fn(usize) -> bool| -> String {
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (place, line) in lines.iter_mut().enumerate() {
            if chosen(place) {
                line["seal"] = Value::Null;
            }
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    };
    let key = keys(&app).listed().remove(0).key;
    let ends = |text: &str| {
        let output = offline(&["--file", "-", "--public-key", &key], text.as_bytes());
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = ends(&bare(|_| true));
    assert!(code == Some(1) && said.contains("no line of this file has a seal"), "{said}");
    // One line of the past among others.
    let (code, said) = ends(&bare(|place| place == 20));
    assert!(code == Some(1) && said.contains("has no seal, though everything from that time has one"), "{said}");
    assert_eq!(ends("").0, Some(1), "an empty file vouches for nothing");
    app.deliver();
}
