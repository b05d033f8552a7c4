//! The audit log: filtered in place, its chart fetched when it is shown, and exported into a file.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

#[test]
fn audit_pages() {
    pages("en");
}

#[test]
fn audit_pages_in_korean() {
    pages("ko");
}

fn pages(language: &'static str) {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let other = app.visitor();
    other.log_in("acme", EMAIL, "wrong").log_in("acme", EMAIL, PASSWORD);
    let mina = Window::with(&app, language, "Asia/Seoul", Look::Once);
    mina.log_in("acme", EMAIL);
    if language == "ko" {
        mina.press("한국어").sees("안녕하세요");
    }
    app.seal();
    let mina = Window { look: Look::Closely, ..mina };
    mina.click(("Audit log", "감사 로그")).is_at("/audit").sees(("Show as table", "표로 보기"));
    mina.sees(("Sealed up to number", "번까지 봉인되었습니다"));
    mina.run("document.querySelector('#seal-key').closest('details').open = true", Vec::new());
    mina.sees(("With it anybody can verify", "누구나")).look();
    mina.click(("Show as table", "표로 보기")).is_at("/audit/logins").sees(("Show as chart", "차트로 보기"));
    mina.go("/audit/logins").sees(("Failed 1", "실패 1")).look();
    mina.go("/audit?event=login&result=failed").look();
    mina.run("document.querySelector(\"a[id^='event-']\").click()", Vec::new());
    mina.sees(("The password was wrong", "비밀번호가 틀렸습니다")).sees(("Number", "번"));
    mina.go("/audit?actor=nobody").sees(("No event matches", "일치하는 이벤트가 없습니다"));
    mina.go("/audit/export").is_at("/audit/export");
    mina.run(
        "field(arguments[0]).value = 'a\\u202eb'",
        vec![json!(if language == "ko" { "행위자" } else { "Done by" })],
    );
    mina.press(("Export events", "이벤트 내보내기")).sees(("There is a problem", "확인이 필요합니다"));
    mina.expects(422)
        .go("/audit?from=yesterday")
        .sees(("“yesterday” is not a day of the calendar", "“yesterday”은(는) 달력에 없는 날짜입니다"));
}

/// A second press of the same form sends nothing; other values are another form.
#[test]
fn two_different_exports_within_a_second_are_two_files() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/audit/export").is_at("/audit/export");
    let count = "window.sent = 0; document.addEventListener('submit', e => { window.sent++; e.preventDefault(); });";
    mina.run(count, Vec::new());
    let sent = |script: &str| mina.run(&format!("{script} return window.sent"), Vec::new());
    let press = "button('Export events').click();";
    assert_eq!(sent(press), 1);
    assert_eq!(sent(press), 1, "the same once more");
    assert_eq!(sent(&format!("document.querySelector('[value=jsonl]').checked = true; {press}")), 2);
}

#[test]
fn the_log_is_filtered_in_place_and_exported_into_a_file() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    app.visitor().log_in("acme", EMAIL, "wrong");
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/audit").is_at("/audit").sees("5 events on this page").sees("Failed 1");
    mina.run("window.samePage = true", Vec::new());
    let search = || mina.run("return location.search", Vec::new()).as_str().unwrap_or_default().to_owned();
    mina.choose("Result", "Failed").sees("1 event on this page");
    assert!(search().contains("result=failed"), "{}", search());
    assert_eq!(mina.focus(), "Result", "filtering leaves the focus where it is");
    mina.fill("Done by", "nobody").sees("No event matches");
    mina.waits_for("the count, for those who hear it", "document.querySelector('#live').textContent === 'No events'");
    assert_eq!(mina.focus(), "Done by");
    // The driver empties a field without a word to the page; keys do not.
    for _ in "nobody".chars() {
        mina.keys(thirtyfour::Key::Backspace);
    }
    mina.sees("1 event on this page");
    assert_eq!(mina.run("return window.samePage", Vec::new()), true, "the page was not loaded again");
    mina.back().is_at("/audit");
    mina.go("/audit?event=login").sees("2 events on this page").click("Export").is_at("/audit/export");
    assert_eq!(mina.value("Event"), "login");

    let folder = std::env::temp_dir().join(format!("vestibule-download-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let allow = json!({ "behavior": "allow", "downloadPath": folder.display().to_string() });
    mina.driver.devtools("Browser.setDownloadBehavior", allow);
    mina.tick("JSON Lines").press("Export events");
    let text = downloaded(&mina, &folder.join("acme-audit-log-2026-11-22.jsonl"));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let results: Vec<&str> = events.iter().filter_map(|event| event["result"].as_str()).collect();
    assert_eq!(results, ["done", "failed"]);
    mina.go("/audit/export?event=login").tick("CSV").press("Export events");
    let text = downloaded(&mina, &folder.join("acme-audit-log-2026-11-22.csv"));
    assert!(text.starts_with("\u{feff}\"time\",") && text.matches("\r\n").count() == 3, "{text}");
    drop(std::fs::remove_dir_all(folder));
}

fn downloaded(mina: &Window<'_>, file: &Path) -> String {
    assert!(mina.until(|| file.is_file()), "{} was not downloaded", file.display());
    std::fs::read_to_string(file).unwrap()
}
