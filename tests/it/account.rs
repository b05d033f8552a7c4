//! One's own profile, and the language and zone of pages.

use super::support::TestApp;

#[test]
fn the_profile_is_changed_and_recorded() {
    let app = TestApp::start();
    let owner = app.owner();
    owner
        .open("/account")
        .fill("Name", "Mina Lee")
        .fill("Nickname", "Mina")
        .fill("Language", "ko")
        .fill("Time zone", "Asia/Seoul");
    owner.press("Save").is_at("/account").sees("프로필을 저장했습니다").sees("계정 설정");
    owner.open("/console").sees("Mina 님, 안녕하세요");
    app.deliver();
}

/// Shows ASVS 1.3.3, 2.2.1; attack 17.
#[test]
fn a_refused_profile_comes_back_as_typed() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/account").fill("Name", "http://evil.test").fill("Nickname", "Mi\u{202e}na").press("Save").gets(422);
    owner.sees("Enter a name without links").sees("without line breaks");
    assert_eq!(owner.page().value("Name").as_deref(), Some("http://evil.test"));
    owner.post("/account", &[("name", "Mina"), ("language", "xx"), ("time_zone", "Mars/Base")]).gets(422);
    owner.sees("Choose a language from the list").sees("Choose a time zone from the list");
    app.deliver();
}

#[test]
fn the_browser_s_zone_is_taken_over_until_one_is_chosen() {
    let app = TestApp::start();
    let owner = app.owner();
    assert_eq!(
        owner.open("/account").page().value("Time zone").as_deref(),
        Some("Asia/Seoul"),
        "the country's at first"
    );
    assert_eq!(owner.request("POST", "/account/zone", &[], "zone=Europe%2FBerlin").status, 204);
    assert_eq!(owner.open("/account").page().value("Time zone").as_deref(), Some("Europe/Berlin"));
    owner.fill("Time zone", "America/New_York").press("Save");
    owner.request("POST", "/account/zone", &[], "zone=Europe%2FBerlin");
    assert_eq!(owner.open("/account").page().value("Time zone").as_deref(), Some("America/New_York"));
    assert_eq!(owner.request("POST", "/account/zone", &[], "zone=nonsense").status, 422);
    app.deliver();
}

/// Shows ASVS 3.7.2; attack 67.
#[test]
fn a_visitor_s_language_follows_the_browser_and_the_switch() {
    let app = TestApp::start();
    let person = app.visitor().speaking("ko-KR,ko;q=0.9");
    person.open("/login").sees("로그인").press("English").is_at("/login").sees("Log in");
    person.open("/signup").sees("Terms of agreement");
    person.post("/preferences", &[("language", "ko"), ("here", "//evil.test")]).is_at("/");
    person.post("/preferences", &[("theme", "dark"), ("here", "/login")]).is_at("/login");
    assert_eq!(person.page().all("html[data-theme=dark]").len(), 1);
}
