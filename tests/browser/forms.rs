//! Forms with script: refused in place, hints while typing, boxes that stand for others, lost connections.

use serde_json::json;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::Window;

const EMAIL: &str = "mina@acme.example";

/// Marks the document, so that a test can tell a swap from a new page.
fn mark(window: &Window<'_>) {
    window.run("window.marked = true", Vec::new());
}

#[track_caller]
fn is_same_page(window: &Window<'_>) {
    assert_eq!(window.run("return window.marked === true", Vec::new()), true, "the page was loaded anew");
}

#[test]
fn a_refused_form_comes_back_in_place_with_what_was_typed() {
    let app = TestApp::start();
    let mina = Window::open(&app);
    mina.go("/signup").press("Next").is_refused("Agree to every required term");
    mina.tick("Agree to all").press("Next").is_at("/signup/member");
    mark(&mina);
    mina.fill("Company name", "Acme Cloud")
        .fill("Company phone", "12")
        .press("Next")
        .is_refused("“12” is not a phone number");
    is_same_page(&mina);
    assert_eq!((mina.value("Company name").as_str(), mina.value("Company phone").as_str()), ("Acme Cloud", "12"));
    assert!(mina.title().starts_with("Error: "), "{}", mina.title());

    // Each line of the summary leads to its field, and each field says the same by itself.
    mina.click(concat!(
        "“12” is not a phone number of the chosen country. ",
        "Enter one, or one that begins with + and its country code, like +82 10 1234 5678",
    ));
    assert_eq!(mina.focus(), "Company phone");
    let described = "const el = document.activeElement; return [el.ariaInvalid, ...el.getAttribute('aria-describedby').split(' ').map(id => words(document.getElementById(id)))]";
    let described = mina.run(described, Vec::new());
    assert_eq!(described[0], "true");
    assert!(described[1].as_str().unwrap().starts_with("Error: “12” is not a phone number"), "{described}");

    // Refused a second time, the focus comes to the summary again.
    mina.fill("Company phone", "34").press("Next").is_refused("“34” is not a phone number");
    assert_eq!(mina.value("Company phone"), "34");
    is_same_page(&mina);
}

/// Shows attack 65.
#[test]
fn back_shows_whole_pages_and_keeps_what_was_typed() {
    let app = TestApp::start();
    let mina = Window::open(&app);
    mina.go("/").click("Sign up").is_at("/signup").press("Next").is_refused("Agree to every required term");
    // A swap in place is no page of its own.
    mina.back().is_at("/").click("Sign up").is_at("/signup");
    mina.tick("Agree to all").press("Next").is_at("/signup/member");
    mina.fill("Company name", "Acme Cloud")
        .fill("Business registration number", "120-81-47521")
        .fill("Representative’s name", "Mina Park")
        .fill("Company phone", "02-2345-6789")
        .fill("Billing and tax-invoice email", "billing@acme.example")
        .press("Next")
        .is_at("/signup/organization");
    mina.back().is_at("/signup/member").sees("Step 2");
    assert_eq!(mina.value("Company name"), "Acme Cloud");
    mina.back().is_at("/signup").sees("Step 1");
    assert!(mina.is_ticked("Terms of service"), "a browser keeps the boxes");
    mina.press("Next").is_at("/signup/member").press("Next").is_at("/signup/organization");
    mina.fill("Organization name", "acme").press("Back").is_at("/signup/member");
    mina.press("Next").is_at("/signup/organization");
    assert_eq!(mina.value("Organization name"), "acme");
}

/// Shows ASVS 6.2.6.
#[test]
fn a_refused_password_is_not_sent_back() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.go("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    mark(&mina);
    mina.fill("Email", EMAIL).fill("Password", "not-my-password-at-all").press("Show Password");
    mina.press("Log in").is_refused("Organization name, email or password is wrong");
    is_same_page(&mina);
    assert_eq!((mina.value("Email").as_str(), mina.value("Password").as_str()), (EMAIL, ""));
    let kept = mina.run("return document.documentElement.outerHTML.includes('not-my-password')", Vec::new());
    assert_eq!(kept, false);
    mina.fill("Password", PASSWORD).press("Log in").is_at("/console");
}

/// Shows ASVS 6.2.6.
#[test]
fn a_password_can_be_shown_and_is_hidden_when_sent() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.go("/login").fill("Organization name", "acme").press("Next").fill("Email", EMAIL).fill("Password", "visible");
    let kind = || mina.run("return field('Password').type", Vec::new());
    assert_eq!(kind(), "password");
    mina.press("Show Password");
    assert_eq!(kind(), "text");
    mina.press("Hide Password");
    assert_eq!(kind(), "password");
    mina.press("Show Password");
    // Sent as a password, or the browser would offer it as an old entry of a text field.
    mina.run("addEventListener('submit', () => { window.sentAs = field('Password').type })", Vec::new());
    mina.press("Log in").is_refused("is wrong");
    assert_eq!(mina.run("return window.sentAs", Vec::new()), "password");
}

#[test]
fn the_name_of_the_organization_is_judged_while_typing() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.go("/signup").tick("Agree to all").press("Next").is_at("/signup/member");
    mina.fill("Company name", "Acme Cloud")
        .fill("Business registration number", "120-81-47521")
        .fill("Representative’s name", "Mina Park")
        .fill("Company phone", "02-2345-6789")
        .fill("Billing and tax-invoice email", "billing@acme.example")
        .press("Next")
        .is_at("/signup/organization");
    let field = "Organization name";
    mina.fill(field, "Acme-Cloud").sees("“acme-cloud” is available");
    assert_eq!(mina.focus(), field, "the hint leaves the focus where it is");
    mina.fill(field, "acme").sees("This name is not available. Choose another");
    mina.fill(field, "admin").sees("This name is not available. Choose another");
    mina.fill(field, "a--b").sees("“a--b” cannot be an organization name");
    assert_eq!(mina.value(field), "a--b");
    // Told to those who do not see it, too.
    assert_eq!(mina.run("return document.querySelector('#availability').role", Vec::new()), "status");
    assert_eq!(mina.path(), "/signup/organization");
}

#[test]
fn the_strength_of_a_password_shows_while_typing() {
    let app = TestApp::start();
    let visitor = app.visitor();
    visitor.sign_up("acme-cloud", EMAIL);
    let mina = Window::open(&app);
    mina.go(&app.link_to(EMAIL, "Invitation")).is_at("/invitation");
    let field = "New password";
    for (typed, told) in [
        ("short", "Use at least 12 characters"),
        ("passwordpassword", "This is easy to guess"),
        ("mina-park-acme-cloud", "Apart from “acme-cloud”"),
        (PASSWORD, "Strong"),
    ] {
        mina.fill(field, typed).sees(told);
        assert_eq!(mina.focus(), field, "the hint leaves the focus where it is");
    }
    mina.fill("New password again", "something else")
        .press("Register password")
        .is_refused("Enter the same password in both fields");
    assert_eq!(mina.value(field), "");
}

#[test]
fn a_field_shows_one_judgement() {
    let app = TestApp::start();
    app.visitor().sign_up("acme-cloud", EMAIL);
    let mina = Window::open(&app);
    // What complains and what praises, of what can be seen beside a field.
    let shown = |field: &str| {
        let script = "const box = field(arguments[0]).closest('.field'); return [...box.querySelectorAll('.error, #strength, #availability')].filter(el => el.checkVisibility() && words(el)).length";
        mina.run(script, vec![json!(field)])
    };
    mina.go(&app.link_to(EMAIL, "Invitation")).is_at("/invitation");
    mina.fill("New password", "passwordpassword").press("Register password").is_refused("This is easy to guess");
    assert_eq!(shown("New password"), 1);
    mina.fill("New password", PASSWORD).sees("Strong");
    assert_eq!(shown("New password"), 1, "the hint alone");
    let marked = "return getComputedStyle(field('New password').closest('.field')).borderInlineStartStyle";
    assert_eq!(mina.run(marked, Vec::new()), "none", "nothing is wrong with what is typed now");

    mina.go("/signup").tick("Agree to all").press("Next").is_at("/signup/member");
    mina.fill("Company name", "Acme Cloud")
        .fill("Business registration number", "120-81-47521")
        .fill("Representative’s name", "Mina Park")
        .fill("Company phone", "02-2345-6789")
        .fill("Billing and tax-invoice email", "billing@acme.example")
        .press("Next")
        .is_at("/signup/organization");
    mina.fill("Organization name", "a--b").press("Complete").is_refused("“a--b” cannot be an organization name");
    assert_eq!(shown("Organization name"), 1);
    mina.fill("Organization name", "another").sees("“another” is available");
    assert_eq!(shown("Organization name"), 1, "the hint alone");
}

#[test]
fn agree_to_all_stands_for_every_box() {
    let app = TestApp::start();
    let mina = Window::open(&app);
    mina.go("/signup");
    let boxes = || {
        let script = "const all = field('Agree to all'), own = [...document.querySelectorAll('[name=terms]')]; return [all.checked, all.indeterminate, own.filter(b => b.checked).length, own.length]";
        let found = mina.run(script, Vec::new());
        (found[0] == true, found[1] == true, found[2].as_u64().unwrap(), found[3].as_u64().unwrap())
    };
    let (_, _, none, count) = boxes();
    assert_eq!(none, 0);
    mina.tick("Agree to all");
    assert_eq!(boxes(), (true, false, count, count));
    mina.tick("Terms of service");
    assert_eq!(boxes(), (false, true, count - 1, count));
    mina.tick("Terms of service");
    assert_eq!(boxes(), (true, false, count, count));
    mina.tick("Agree to all");
    assert_eq!(boxes(), (false, false, 0, count));
    mina.tick("Agree to all").press("Next").is_at("/signup/member");
}

/// Shows attack 88.
#[test]
fn a_second_press_sends_nothing_twice() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.go("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    mina.fill("Email", EMAIL).fill("Password", "not-my-password-at-all");
    let script = "const go = button('Log in'); go.click(); go.click(); go.click();";
    mina.run(script, Vec::new());
    mina.is_refused("is wrong");
    let sent = mina.run(
        "return performance.getEntriesByType('resource').filter(r => r.initiatorType === 'fetch').length",
        Vec::new(),
    );
    assert_eq!(sent, 1);
    // The next try is a new one.
    mina.fill("Password", PASSWORD).press("Log in").is_at("/console");
}

#[test]
fn a_lost_connection_is_told_and_the_form_stays() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/account").is_at("/account");
    let offline = |is: bool| {
        let how = json!({ "offline": is, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        mina.driver.devtools("Network.emulateNetworkConditions", how);
    };
    mina.driver.devtools("Network.enable", json!({}));
    offline(true);
    mina.fill("Nickname", "Minnie").press("Save");
    let told = mina.until(|| mina.text().contains("The request did not reach the server"));
    assert!(told, "{}", mina.text());
    assert_eq!(mina.value("Nickname"), "Minnie");
    // The browser and htmx each say so; nothing else does.
    let heard = mina.hears();
    assert!(
        heard.iter().all(|line| line.contains("ERR_INTERNET_DISCONNECTED") || line.contains("Failed to fetch")),
        "{heard:?}"
    );
    mina.look();
    mina.press("Dismiss").sees_no("did not reach the server");
    offline(false);
    mina.press("Save").sees("Your profile is saved").sees("Minnie");
}

#[test]
fn an_answer_that_is_no_form_is_told_and_the_form_stays() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/account").is_at("/account").expects(413);
    mark(&mina);
    mina.run("field('Nickname').value = 'x'.repeat(70000)", Vec::new());
    mina.press("Save").sees("This did not work");
    is_same_page(&mina);
    assert_eq!(mina.value("Nickname").len(), 70_000);
    mina.fill("Nickname", "Minnie").press("Save").sees("Your profile is saved");
}
