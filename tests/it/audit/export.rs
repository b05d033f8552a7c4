//! The log as a file: whole or recognisably broken, row by row, harmless in a spreadsheet.

use std::io::{Read, Write};
use std::net::TcpStream;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::platform::store::schema::audit_events;

use super::{TestApp, flood};
use crate::support::Person;
use crate::support::people::PASSWORD;

fn exported(person: &Person<'_>, format: &str) -> Vec<u8> {
    let answer = person.request("POST", "/audit/export", &[], &format!("format={format}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body
}

/// Header and rows of a CSV.
fn table(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (head, rows.collect())
}

#[test]
fn an_export_holds_every_row_of_the_table_in_both_formats() {
    let app = TestApp::start();
    let owner = app.owner();
    app.owner_of("rival", "boss@rival.example");
    flood(&app, "rival", 30, 1);
    flood_after(&app);
    let csv = owner.open("/audit").click("Export").is_at("/audit/export").press("Export events").response();
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"acme-audit-log-2026-11-22.csv\""),
        "the name is ours"
    );
    assert!(csv.body.starts_with(b"\xEF\xBB\xBF\"time\","), "with a byte order mark");
    let (head, rows) = table(&csv.body);
    assert_eq!((head[0].as_str(), head[16].as_str()), ("time", "details"));
    let mine = audit_events::table
        .filter(audit_events::target_name.ne("boss@rival.example").or(audit_events::target_name.is_null()));
    let stored: Vec<(String, String, String)> = mine
        .filter(audit_events::id.le(&rows[0][1]))
        .filter(audit_events::reference.not_like("OLD-%"))
        .order(audit_events::id.desc())
        .select((audit_events::id, audit_events::reference, audit_events::details))
        .load(&mut app.database.connect())
        .unwrap();
    let written: Vec<(String, String, String)> =
        rows.iter().map(|row| (row[1].clone(), row[2].clone(), row[16].clone())).collect();
    assert!(written.len() > 3_000 && rows[0][3] == "audit.exported", "{} rows, {:?}", written.len(), rows[0]);
    let ours = |rows: &[(String, String, String)]| -> Vec<_> {
        rows.iter().filter(|row| row.1.starts_with("ACME-")).cloned().collect()
    };
    assert_eq!(ours(&written), ours(&stored));
    let lines = String::from_utf8(exported(&owner, "jsonl")).unwrap();
    let ids: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    // The second export is one event more.
    assert_eq!(ids[1..], written.iter().map(|row| row.0.clone()).collect::<Vec<_>>());
    app.deliver();
}

/// Events of acme beside those of the other organization, under other keys.
fn flood_after(app: &TestApp) {
    app.database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3210) \
         INSERT INTO audit_events (id, organization_id, reference, at, event, result, reason, actor_kind, actor_id, \
         actor_name, target_kind, target_id, target_name, details, address, user_agent, request_id, merge_key, count) \
         SELECT '01900000-0001-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), o.id, \
         'ACME-' || CAST(i AS TEXT), '2024-06-10 02:35:18', 'login', 'failed', 'wrong_password', 'visitor', NULL, NULL, \
         'user', 'u', 'mina@acme.example', '{\"number\":' || CAST(i AS TEXT) || '}', '192.0.2.1', 'curl/8', 'r', NULL, 1 \
         FROM n, organizations o WHERE o.name = 'acme'",
    );
}

/// Shows attack 101.
#[test]
fn asvs_1_2_10_hostile_names_stay_one_harmless_cell() {
    let app = TestApp::start();
    let owner = app.owner();
    let long = "=".repeat(10_000);
    let corpus = [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "\n=1",
        "＝1",
        "a,\"=1\"",
        "say \"hi\"",
        "a\r\nb",
        "a\n=b",
        ";=1",
        "\u{1}\u{7f}\u{1b}[31m",
        "박미나, 서울",
        "'quoted'",
        "\"",
        "\"\"",
        "",
        " ",
        "a,b;c\td",
        "=cmd|' /C calc'!A0",
        &long,
    ];
    flood(&app, "acme", corpus.len(), 1);
    for (number, name) in corpus.iter().enumerate() {
        let row = audit_events::table.filter(audit_events::reference.eq(format!("OLD-{}", number + 1)));
        let change = (audit_events::actor_name.eq(name), audit_events::user_agent.eq(name));
        diesel::update(row).set(change).execute(&mut app.database.connect()).unwrap();
    }
    let (head, rows) = table(&exported(&owner, "csv"));
    let column = |name: &str| head.iter().position(|known| known == name).unwrap();
    for (number, name) in corpus.iter().enumerate() {
        let row = rows.iter().find(|row| row[column("reference")] == format!("OLD-{}", number + 1)).unwrap();
        assert_eq!(row.len(), head.len());
        for cell in [&row[column("actor_name")], &row[column("user_agent")]] {
            let bare = cell.strip_prefix('\'').filter(|bare| bare == name).unwrap_or(cell);
            assert_eq!(bare, *name);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{cell:?}");
        }
    }
    let lines = String::from_utf8(exported(&owner, "jsonl")).unwrap();
    let events: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (number, name) in corpus.iter().enumerate() {
        let event = events.iter().find(|event| event["reference"] == format!("OLD-{}", number + 1)).unwrap();
        assert_eq!(event["actor_name"], *name, "JSON keeps what it was given");
    }
    app.deliver();
}

#[test]
fn an_export_is_on_record_with_its_filters() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/audit/export").fill("Event", "login").tick("JSON Lines").press("Export events").gets(200);
    owner.open("/audit?event=audit.exported").sees("1 event on this page");
    let id = super::ids_on(&owner).remove(0);
    owner.open(&format!("/audit/{id}")).sees("Audit log exported").sees("FormatjsonlEventlogin");
    owner.post("/audit/export", &[("format", "xlsx"), ("from", "now")]).gets(422);
    owner.sees("Choose a format").sees("is not a day of the calendar");
    owner.open("/audit?event=audit.exported").sees("1 event on this page");
    app.deliver();
}

/// Shows ASVS 7.5.3.
#[test]
fn asvs_7_5_1_an_export_asks_who_is_there_and_comes_back_with_what_was_chosen() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(11));
    owner.open("/audit?event=login&actor=owner%40acme.example").click("Export").is_at("/confirmation");
    owner.fill("Password", PASSWORD).press("Confirm").is_at("/audit/export");
    assert_eq!(owner.page().value("Event").as_deref(), Some("login"));
    assert_eq!(owner.page().value("Done by").as_deref(), Some("owner@acme.example"));
    app.clock.advance(Duration::minutes(11));
    owner.tick("JSON Lines").fill("Result", "done").press("Export events").is_at("/confirmation");
    owner.fill("Password", PASSWORD).press("Confirm").is_at("/audit/export");
    assert_eq!(owner.page().value("Result").as_deref(), Some("done"));
    assert_eq!(owner.page().all("input[value=jsonl][checked]").len(), 1);
    owner.press("Export events").gets(200);
    assert!(owner.response().text().lines().count() == 1, "{}", owner.response().text());
    app.deliver();
}

/// An export of some thirty megabytes that has begun and is not being read: more than any buffer on its way holds.
fn stalled(app: &TestApp, owner: &Person<'_>) -> TcpStream {
    flood(app, "acme", 6_000, 5_000);
    let cookies: Vec<String> = owner.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = format!("format=jsonl&form_token={}", owner.open("/audit/export").token().unwrap());
    let mut stream = TcpStream::connect(app.address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    write!(
        stream,
        "POST /audit/export HTTP/1.1\r\nHost: localhost:8080\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        cookies.join("; "),
        body.len()
    )
    .unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    settles(app);
    stream
}

/// Waits until nothing is read from the database any more; says how much was read in all.
fn settles(app: &TestApp) -> u64 {
    let mut before = app.clock.asked();
    loop {
        std::thread::sleep(std::time::Duration::from_millis(500));
        match app.clock.asked() {
            now if now == before => return now,
            now => before = now,
        }
    }
}

fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A connection that was cut may end in an error; what came until then counts.
    drop(stream.read_to_end(&mut bytes));
    bytes
}

/// Shows ASVS 15.2.2; attack 97.
#[test]
fn a_client_that_is_slow_holds_neither_memory_nor_the_database() {
    let app = TestApp::start();
    let owner = app.owner();
    let stream = stalled(&app, &owner);
    // The oldest are read last; the table can be written to meanwhile.
    app.database.execute("DELETE FROM audit_events WHERE id < '01900000-0000-7000-8000-000000002001'");
    let text = String::from_utf8_lossy(&rest(stream)).into_owned();
    assert!(text.ends_with("0\r\n\r\n"), "a whole file ends as one");
    let old = text.matches("\"reference\":\"OLD-").count();
    assert_eq!(old, 4_000, "what nobody had asked for yet was not read");
    app.deliver();
}

#[test]
fn an_export_that_breaks_off_cannot_pass_for_a_whole_one() {
    let app = TestApp::start();
    let owner = app.owner();
    let stream = stalled(&app, &owner);
    app.database.execute("DROP TABLE audit_events");
    let bytes = rest(stream);
    assert!(bytes.len() > 100_000, "it had begun: {}", bytes.len());
    assert!(!bytes.ends_with(b"0\r\n\r\n"), "the connection is cut in the middle of the answer");
}

/// Shows attack 97.
#[test]
fn a_client_that_goes_away_ends_the_reading() {
    let app = TestApp::start();
    let owner = app.owner();
    let stream = stalled(&app, &owner);
    let before = app.clock.asked();
    drop(stream);
    let more = settles(&app) - before;
    assert!(more <= 2, "{more} more reads after the client went away");
    owner.open("/console").is_at("/console");
    app.deliver();
}
