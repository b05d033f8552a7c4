//! Second factors with script: the mobile number by the code of an SMS, the authenticator app by the code it shows.

use crate::support::TestApp;
use crate::support::factors::app_code;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

#[test]
fn a_mobile_number_is_verified() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL);
    let mina = Window { look: Look::Closely, ..mina };
    mina.go("/account").press("Send code").is_at("/account/mobile/verification");
    mina.press("Verify number").is_refused("Enter something here");
    let code = app.sms_code("+821023456789");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for told in ["4 more tries", "3 more tries", "2 more tries", "1 more try"] {
        mina.fill("Code", wrong).press("Verify number").is_refused(told);
    }
    // The last try takes the field away, and the way to a new code comes in its place.
    mina.fill("Code", wrong).press("Verify number").is_refused("No code works any more");
    mina.press("Send code").is_at("/account/mobile/verification").sees("Code sent");
    mina.fill("Code", &app.sms_code("+821023456789")).press("Verify number");
    mina.is_at("/account").sees("Your mobile number is verified");
    mina.go("/dev/mailbox").sees("is your code");
}

#[test]
fn an_authenticator_app_is_set_up() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL);
    let mina = Window { look: Look::Closely, ..mina };
    mina.go("/account").click("Set up authenticator app").is_at("/account/authenticator/setup");
    mina.press("Show QR code").is_at("/account/authenticator/verification");
    let key = mina.run("return document.getElementById('setup-key').innerText", Vec::new());
    let key = key.as_str().unwrap().to_owned();
    mina.press("Verify code").is_refused("Enter something here");
    let now = || app_code(&key, app.app.clock().now());
    mina.fill("Code from the app", &now()).press("Verify code").sees("Keep your recovery codes");
    let shown = mina.run("return document.querySelectorAll('#recovery-codes li').length", Vec::new());
    assert_eq!(shown, 10);
    mina.click("I have kept them").is_at("/account").sees("10 of 10 left");
    mina.click("Manage authenticator app").is_at("/account/authenticator");
    mina.fill("Code from the app", &now()).press("Check code").is_refused("This code was used already");
    mina.later(chrono::Duration::seconds(30));
    mina.fill("Code from the app", &now()).press("Check code").sees("your authenticator app works");
}
