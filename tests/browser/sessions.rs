//! Sessions as a person sees them: the warning before the end, what Back shows afterwards, mailed links.

use chrono::Duration;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

#[test]
fn the_warning_comes_two_minutes_before_the_end_and_can_be_answered() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::with(&app, "en", "Asia/Seoul", Look::Closely);
    mina.log_in("acme", EMAIL).go("/account").is_at("/account").fill("Nickname", "Minnie");
    mina.later(Duration::minutes(27));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    mina.sees_no("Your session is about to end");

    mina.later(Duration::seconds(70)).sees("Your session is about to end").sees("Time left: 01:");
    assert_eq!(mina.focus(), "Stay logged in");
    mina.press("Stay logged in");
    mina.waits_for("the end of the warning", "!document.querySelector('dialog:modal')");
    assert_eq!(mina.value("Nickname"), "Minnie", "what was typed stays");

    // The warning is armed again, for the new end.
    mina.later(Duration::minutes(27));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    mina.sees_no("Your session is about to end");
    mina.later(Duration::seconds(70)).sees("Your session is about to end");

    // At the end the login page comes, and after it the page one was at.
    mina.later(Duration::minutes(2)).is_at("/login").sees("Log in to go on where you were");
    mina.press("Next")
        .is_at("/login/acme")
        .fill("Email", EMAIL)
        .fill("Password", PASSWORD)
        .press("Log in")
        .is_at("/account");
}

#[test]
fn one_can_log_out_from_the_warning() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).later(Duration::minutes(29)).sees("Your session is about to end");
    mina.press("Log out").is_at("/login").sees("You are logged out");
    mina.go("/console").is_at("/login");
}

#[test]
fn use_in_one_tab_ends_the_warning_in_another() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL);
    let session = mina.driver.session();
    let first = mina.driver.wait(session.window()).unwrap();
    mina.later(Duration::minutes(29)).sees("Your session is about to end");
    let second = mina.driver.wait(session.new_tab()).unwrap();
    mina.driver.wait(session.switch_to_window(second)).unwrap();
    mina.go("/account").is_at("/account");
    mina.driver.wait(session.switch_to_window(first)).unwrap();
    mina.waits_for("the end of the warning", "!document.querySelector('dialog:modal')");
}

/// Shows ASVS 14.3.1; attack 69.
#[test]
fn after_logout_back_shows_nothing() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).click("Account settings").is_at("/account").sees(EMAIL);
    mina.press("Mina Park").press("Log out").is_at("/login").sees("You are logged out");
    mina.back().is_at("/login").sees_no(EMAIL).sees_no("Mina Park");
    mina.back().is_at("/login").sees_no(EMAIL).sees_no("Mina Park");
}

/// Shows attack 66.
#[test]
fn a_session_that_ended_leads_to_the_login_as_a_whole_page() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/account").is_at("/account").expects(401);
    // Ended elsewhere, so that the page does not know.
    app.clock.advance(Duration::minutes(31));
    mina.fill("Nickname", "Minnie").press("Save").is_at("/login").sees("Log in to go on where you were");
    let whole = "return [document.querySelectorAll('h1').length, document.querySelectorAll('main').length, !!document.querySelector('.topbar')]";
    assert_eq!(mina.run(whole, Vec::new()), serde_json::json!([1, 1, false]));
    mina.press("Next")
        .is_at("/login/acme")
        .fill("Email", EMAIL)
        .fill("Password", PASSWORD)
        .press("Log in")
        .is_at("/account");
}

#[test]
fn the_browsers_time_zone_is_taken_over() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::with(&app, "en", "Europe/Berlin", Look::Once);
    mina.log_in("acme", EMAIL);
    // Sent by the script after the page came; the next page knows it.
    let known = mina.until(|| mina.go("/account").value("Time zone") == "Europe/Berlin");
    assert!(known, "{}", mina.value("Time zone"));
    // Once chosen, it is the person's.
    mina.choose("Time zone", "Asia/Tokyo").press("Save").sees("Your profile is saved");
    mina.go("/console").go("/account");
    assert_eq!(mina.value("Time zone"), "Asia/Tokyo");
}

/// Shows attack 10.
#[test]
fn an_invitation_opened_by_a_scanner_still_works() {
    let app = TestApp::start();
    let visitor = app.visitor();
    visitor.sign_up("acme-cloud", EMAIL);
    let link = app.link_to(EMAIL, "Invitation");
    // A real browser, which runs the scripts of the page and waits for what they do.
    let scanner = Window::open(&app);
    scanner.go(&link).is_at("/invitation").sees("acme-cloud");
    std::thread::sleep(std::time::Duration::from_secs(3));
    scanner.is_at("/invitation");
    let mina = Window::open(&app);
    mina.go(&link).is_at("/invitation").fill("New password", PASSWORD).fill("New password again", PASSWORD);
    mina.press("Register password").is_at("/login/acme-cloud").sees("Your password is registered");
    // And now it is spent, for whoever had it open.
    scanner.expects(410);
    scanner
        .fill("New password", PASSWORD)
        .fill("New password again", PASSWORD)
        .press("Register password")
        .sees("This link was used already");
}
