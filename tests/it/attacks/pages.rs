//! What pages let browsers and password managers do, and what the pages' own script never does.

use scraper::Html;
use vestibule::base::urls;

use crate::invariants::dump::Looker;
use crate::invariants::html::all;
use crate::invariants::sources::{between, code, field_names, files, none, root};
use crate::invariants::walk;
use crate::support::people::PASSWORD;
use crate::support::{Person, TestApp};

/// The hints for password managers on a page, in its order.
fn hints(person: &Person<'_>) -> Vec<String> {
    let page = person.page();
    let fields = page.all("main input[autocomplete]");
    let hint = |field: &scraper::ElementRef<'_>| field.value().attr("autocomplete").unwrap_or_default().to_owned();
    fields.iter().map(hint).filter(|hint| hint != "off").collect()
}

#[test]
fn asvs_6_2_7_password_managers_know_every_field() {
    let app = TestApp::start();
    let visitor = app.visitor();
    visitor.sign_up("acme", "owner@acme.example");
    visitor.open(&app.link_to("owner@acme.example", "Invitation"));
    assert_eq!(hints(&visitor), ["username", "new-password", "new-password"]);
    visitor.fill("New password", PASSWORD).fill("New password again", PASSWORD).press("Register password");
    visitor.is_at("/login/acme");
    assert_eq!(hints(&visitor), ["username", "current-password"]);
    visitor.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/console");
    visitor.open("/account/password");
    assert_eq!(hints(&visitor), ["username", "new-password", "new-password"]);
    app.clock.advance(chrono::Duration::minutes(11));
    visitor.open("/account/password").is_at("/confirmation");
    assert_eq!(hints(&visitor), ["username", "current-password"]);
    app.two_factor("acme", true);
    let person = app.visitor();
    person.log_in("acme", "owner@acme.example", PASSWORD).choose_factor("Email");
    assert_eq!(hints(&person), ["one-time-code"]);
    app.deliver();
}

#[test]
fn asvs_7_4_4_every_page_lets_people_log_out() {
    let app = TestApp::start();
    let owner = app.owner();
    let ids = walk::ids_of(&Looker::at(&app.database).look(), "acme");
    let (mut faults, mut seen) = (Vec::new(), 0);
    for endpoint in walk::guarded().iter().filter(|endpoint| endpoint.method == "GET") {
        let path = walk::plausible(endpoint.path, &ids);
        let answer = walk::glance(&owner, "GET", &path, &[], "");
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if answer.status != 200 || !is_page {
            continue;
        }
        seen += 1;
        let page = Html::parse_document(&answer.text());
        if all(&page, &format!("form[method=post][action='{}'] button", urls::LOGOUT)).is_empty() {
            faults.push(path);
        }
    }
    none(faults, "pages without a way out");
    assert!(seen > 30, "{seen}");
}

#[test]
fn asvs_6_4_2_nobody_is_asked_a_secret_question() {
    let schema = std::fs::read_to_string(root().join("src/platform/store/schema.rs")).unwrap();
    let asked = field_names().into_iter().chain(between(&schema, "        ", " -> ").map(str::to_owned));
    none(
        asked.filter(|name| name.contains("question") || name.contains("hint") || name.contains("maiden")),
        "questions",
    );
}

/// The script of our own, and what it could do by a slip.
/// Shows ASVS 1.3.2, 6.2.7, 14.3.3.
#[test]
fn asvs_3_2_2_our_script_writes_text_and_keeps_nothing() {
    let script = std::fs::read_to_string(root().join("static/app.js")).unwrap();
    let never = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "setTimeout('",
        "setTimeout(\"",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "postMessage(JSON",
        "'paste'",
        "'copy'",
        "__proto__",
        "Object.assign(window",
        "import(",
        "XMLHttpRequest",
        "WebSocket",
        "http://",
        "https://",
    ];
    none(never.into_iter().filter(|word| script.contains(word)).map(str::to_owned), "static/app.js");
    assert!(script.contains("textContent"));
}

/// Shows ASVS 1.3.2, 14.3.3; attacks 64, 65.
#[test]
fn htmx_evaluates_nothing_keeps_nothing_and_asks_nobody_else() {
    let app = TestApp::start();
    for path in ["/", "/login", "/signup", "/nowhere"] {
        let visitor = app.visitor();
        visitor.open(path);
        let page = visitor.page();
        let metas = page.all("meta[name=htmx-config]");
        let said: serde_json::Value = serde_json::from_str(metas[0].value().attr("content").unwrap()).unwrap();
        assert_eq!(metas.len(), 1, "{path}");
        assert_eq!((&said["mode"], &said["history"]), (&"same-origin".into(), &"reload".into()), "{path}");
        assert_eq!(said["includeIndicatorCSS"], false, "{path}");
        // Without eval in the policy, htmx has none either, whatever an attribute says.
        let policy = visitor.response().header("content-security-policy").unwrap().to_owned();
        assert!(!policy.contains("unsafe") && policy.contains("script-src 'self'"), "{path}: {policy}");
    }
}

#[test]
fn asvs_15_2_3_time_and_chance_of_tests_are_not_in_the_binary() {
    let mut clocks = Vec::new();
    for (path, text) in files("src", &[".rs"]) {
        let built = code(&text);
        clocks.extend(
            built
                .lines()
                .filter(|line| line.contains("impl Clock for") || line.contains("impl Entropy for"))
                .map(|line| (path.clone(), line.trim().to_owned())),
        );
        for word in ["ManualClock", "SeededEntropy", "MockProvider", "faketime"] {
            assert!(!built.contains(word), "{path}: {word}");
        }
    }
    let told: Vec<&str> = clocks.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(told, ["impl Clock for SystemClock {", "impl Entropy for SystemEntropy {"], "{clocks:?}");
    // Nor does a setting move the one or seed the other.
    let settings = vestibule::platform::config::describe().into_iter().map(|setting| setting.variable.to_lowercase());
    none(
        settings.filter(|name| name.contains("clock") || name.contains("seed") || name.contains("entropy")),
        "settings",
    );
}
