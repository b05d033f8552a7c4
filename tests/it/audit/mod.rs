//! The audit log as people read it.

mod clocks;
mod export;
mod filters;
mod heads;
mod plans;
mod refusals;
mod seal;
mod seal_files;
mod tampering;

use chrono::Duration;
use vestibule::access::Roles;

use super::support::page::words;
use super::support::people::PASSWORD;
use super::support::{Person, TestApp};

/// Events from long ago, as many as asked for, each with a filler of `size` characters.
pub fn flood(app: &TestApp, organization: &str, count: usize, size: usize) {
    let filler = "x".repeat(size);
    app.database.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO audit_events (id, organization_id, reference, at, event, result, reason, actor_kind, actor_id, \
         actor_name, target_kind, target_id, target_name, details, address, user_agent, request_id, merge_key, count) \
         SELECT '01900000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), o.id, \
         'OLD-' || CAST(i AS TEXT), '2024-06-10 02:35:18', 'logout', 'done', NULL, 'user', 'somebody', 'Old Hand', \
         'session', CAST(i AS TEXT), '', '{{\"filler\":\"{filler}\"}}', '192.0.2.1', 'curl/8', 'r', NULL, 1 \
         FROM n, organizations o WHERE o.name = '{organization}'"
    ));
}

/// What the rows of the list say.
fn rows_on(person: &Person<'_>) -> Vec<String> {
    person.page().all("tbody tr").into_iter().map(words).collect()
}

/// The ids of the events on the page that is open, in its order.
fn ids_on(person: &Person<'_>) -> Vec<String> {
    let page = person.page();
    let links = page.all("a[id^='event-']");
    links.iter().filter_map(|link| link.value().attr("id")?.strip_prefix("event-").map(str::to_owned)).collect()
}

#[test]
fn the_log_tells_who_did_what_newest_first() {
    let app = TestApp::start();
    let owner = app.owner();
    app.clock.advance(Duration::minutes(5));
    owner.open("/account").fill("Name", "Mina Lee").press("Save");
    owner.open("/console").click("Audit log").is_at("/audit").sees("Who did what in acme");
    owner.sees("22 Nov 2026, 18:05:00 KST").sees("Organization signed up").sees("5 events on this page");
    let rows = rows_on(&owner);
    assert!(rows[0].contains("Profile changed") && rows[0].contains("Mina Park"), "{rows:?}");
    assert!(rows[1].contains("Login") && rows[1].contains("owner@acme.example"), "{rows:?}");
    app.deliver();
}

/// Shows ASVS 16.2.1.
#[test]
fn an_event_tells_everything_that_is_known() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").fill("Name", "Mina Lee").fill("Nickname", "Minnie").press("Save");
    owner.open("/audit").fill("Event", "profile.changed").press("Search").is_at("/audit");
    let [id] = ids_on(&owner).try_into().unwrap();
    owner.open(&format!("/audit/{id}")).sees("Profile changed").sees("profile.changed");
    owner.sees("NameMina ParkMina Lee").sees("NicknameNothingMinnie").sees_no("Asia/Seoul");
    owner.sees("Chrome, Linux").sees("127.0.0.1").sees("User: owner@acme.example").sees(&id);
    assert_eq!(owner.page().all("[data-copy=reference]").len(), 1);
    // Why something did not end well, in words.
    app.visitor().log_in("acme", "owner@acme.example", "wrong password").gets(422);
    owner.open("/audit?event=login&result=failed");
    let [id] = ids_on(&owner).try_into().unwrap();
    owner.open(&format!("/audit/{id}")).sees("The password was wrong").sees("Known browserNo").sees("Failed");
    app.deliver();
}

/// Shows ASVS 16.3.2.
#[test]
fn a_reference_code_leads_to_its_event_however_it_is_typed() {
    let app = TestApp::start();
    let owner = app.owner();
    let member = app.colleague("acme", "member@acme.example", Roles::default());
    let refused = [(); 2].map(|()| member.request("GET", "/audit", &[], ""));
    let code = refused[0].header("x-reference").unwrap().to_owned();
    assert_eq!(refused[1].header("x-reference"), Some(code.as_str()), "what is equal is counted");
    for typed in [code.to_lowercase(), code.replace('-', ""), format!(" {code} ")] {
        owner.open("/audit").fill("Reference code", &typed).press("Search");
        owner.sees("1 event on this page").sees("Request refused").sees("Colleague").sees("2 times");
    }
    owner.fill("Reference code", "AAAA-AAAA").press("Search").sees("No event matches").click("Clear filters");
    owner.is_at("/audit").sees("Colleague");
    // Another organization's code is like one that never was.
    let outsider = app.owner_of("rival", "boss@rival.example");
    outsider.open(&format!("/audit?reference={code}")).sees("No event matches");
    app.deliver();
}

#[test]
fn the_log_is_walked_page_by_page_and_back() {
    let app = TestApp::start();
    let owner = app.owner();
    flood(&app, "acme", 120, 1);
    let first = ids_on(owner.open("/audit"));
    assert_eq!(first.len(), 50);
    let second = ids_on(owner.click("Next"));
    // What happens meanwhile shifts nothing.
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let third = ids_on(owner.click("Next"));
    assert_eq!(ids_on(owner.click("Previous")), second);
    let all = [first, second, third].concat();
    assert!(all.windows(2).all(|two| two[0] > two[1]), "newest first, none twice");
    assert_eq!(all.len(), 124);
    app.deliver();
}

#[test]
fn a_day_is_a_day_of_the_reader_s_zone() {
    let app = TestApp::start();
    let owner = app.owner();
    // 01:00 of the next day in Seoul, still the same day in London.
    app.clock.advance(Duration::hours(7));
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.open("/audit").fill("From", "2026-11-23").fill("To", "2026-11-23").press("Search");
    owner.sees("1 event on this page").sees("23 Nov 2026, 01:00:00 KST").sees("time zone Asia/Seoul");
    owner.open("/account").fill("Time zone", "Europe/London").press("Save");
    owner.open("/audit?from=2026-11-23&to=2026-11-23").sees("No event matches");
    owner.open("/audit?to=2026-11-22&event=login").sees("2 events on this page").sees("16:00:00 GMT");
    app.deliver();
}

/// Shows ASVS 2.2.1.
#[test]
fn what_cannot_be_read_is_told_at_its_field_and_shows_nothing() {
    let app = TestApp::start();
    let owner = app.owner();
    owner
        .open("/audit?from=yesterday&actor=Mina")
        .gets(422)
        .sees("“yesterday” is not a day of the calendar")
        .sees("No events");
    assert_eq!(owner.page().value("Done by").as_deref(), Some("Mina"));
    owner.open("/audit?event=nonsense").gets(422).sees("Choose an event from the list");
    owner.open("/audit?result=good").gets(422).sees("Choose a result from the list");
    owner.open("/audit?actor=a%00b").gets(422).sees("without line breaks");
    owner.open("/audit?from=9999-12-31&to=0001-01-01").gets(200).sees("No event matches");
    app.deliver();
}

/// Shows attack 82.
#[test]
fn only_owner_and_org_admin_read_the_log() {
    let app = TestApp::start();
    let owner = app.owner();
    let event = ids_on(owner.open("/audit")).remove(0);
    let no = Roles::default();
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..no });
    admin.open(&format!("/audit/{event}")).gets(200);
    admin.open("/audit/export").gets(200);
    let others = [
        app.colleague("acme", "reader@acme.example", Roles { org_reader: true, ..no }),
        app.colleague("acme", "billing@acme.example", Roles { billing_admin: true, ..no }),
        app.colleague("acme", "member@acme.example", no),
    ];
    for person in &others {
        for path in ["/audit", "/audit/logins", "/audit/export", &format!("/audit/{event}")] {
            person.open(path).gets(403);
        }
        person.post("/audit/export", &[("format", "csv")]).gets(403);
        person.open("/console").sees_no("Audit log");
    }
    let outsider = app.owner_of("rival", "boss@rival.example");
    outsider.open(&format!("/audit/{event}")).gets(404);
    app.deliver();
}

#[test]
fn logins_are_counted_by_day_and_tries_that_were_merged_count_each() {
    let app = TestApp::start();
    let owner = app.owner();
    let stranger = app.visitor().from("198.51.100.7");
    for _ in 0..8 {
        // Five are looked at, the rest are turned away in one row.
        stranger.log_in("acme", "owner@acme.example", "a wrong password");
    }
    app.clock.advance(Duration::days(1));
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.open("/audit/logins").sees("2 logins and 8 failed tries in the last 14 days; most failed on 22 Nov 2026: 8");
    assert_eq!(owner.page().all("svg[role=img] rect.ok").len(), 2);
    assert_eq!(owner.page().all("svg[role=img] rect.bad").len(), 1);
    owner.click("Show as table").sees("22 Nov 202618").sees("23 Nov 202610").sees("10 Nov 202600");
    assert_eq!(owner.page().all("tbody tr").len(), 14);
    owner.click("Show as chart").sees("Show as table");
    app.clock.advance(Duration::days(14));
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.open("/audit/logins").sees("1 login in the last 14 days, and no try failed");
    app.deliver();
}

#[test]
fn the_log_speaks_korean_too() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.press("한국어").open("/audit").sees("감사 로그").sees("2026년 11월 22일 18:00:00 KST").sees("조직 가입");
    owner.open("/audit/logins").sees("최근 14일 동안 로그인 1건, 실패한 시도 없음");
    app.deliver();
}

#[test]
fn asvs_14_2_7_events_are_forgotten_when_their_time_is_over() {
    let app = TestApp::start();
    let owner = app.owner();
    flood(&app, "acme", 1_203, 1);
    app.seal();
    // Two instances at once.
    let other = app.beside();
    std::thread::scope(|scope| {
        scope.spawn(|| other.clean_up());
        app.clean_up();
    });
    owner.open("/audit").sees("4 events on this page").sees_no("Old Hand");
    assert!(rows_on(&owner)[3].contains("Organization signed up"));
    app.clock.advance(Duration::days(399));
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    app.clean_up();
    owner.open("/audit").sees("5 events on this page");
    app.clock.advance(Duration::days(2));
    app.seal();
    app.clean_up();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner.open("/audit").sees("2 events on this page");
    app.deliver();
}
