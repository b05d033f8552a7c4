//! Two-factor authentication with script: turned on in the console by the mailed code, then three ways to log in.

use crate::support::TestApp;
use crate::support::factors::app_code;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

#[test]
fn it_is_turned_on_and_people_log_in_by_mail_by_the_app_and_by_a_recovery_code() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mate = app.colleague("acme", "jun@acme.example", vestibule::access::Roles::default());
    let key = mate.set_up_authenticator();
    let recovery = mate.recovery_codes();
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL);
    let mina = Window { look: Look::Closely, ..mina };
    mina.go("/iam/organization/account").click("Modify account").is_at("/iam/organization/account/edit");
    mina.sees("Users who may log in").tick("Active").press("Save").sees("A code is on its way");
    assert_eq!(mina.focus(), "Code");
    mina.press("Save").is_refused("Enter something here");
    mina.fill("Code", &app.mailed_code(EMAIL)).press("Save").is_at("/iam/organization/account");
    mina.sees("Two-factor authentication is active for everybody");

    let jun = Window::open(&app);
    let jun = Window { look: Look::Closely, ..jun };
    let pending_login = |window: &Window<'_>| {
        window.go("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
        window.fill("Email", "jun@acme.example").fill("Password", crate::support::people::PASSWORD);
        window.press("Log in").is_at("/login/factor");
    };
    pending_login(&jun);
    jun.tick("Email").press("Next").is_at("/login/factor/code").press("Log in").is_refused("Enter something here");
    jun.fill("Code", &app.mailed_code("jun@acme.example")).press("Log in").is_at("/console");
    jun.go("/account").later(chrono::Duration::seconds(30));
    let by_app = Window::open(&app);
    pending_login(&by_app);
    by_app.tick("Authenticator app").press("Next").is_at("/login/factor/code");
    by_app.fill("Code", &app_code(&key, app.app.clock().now())).press("Log in").is_at("/console");
    let lost = Window { look: Look::Closely, ..Window::open(&app) };
    pending_login(&lost);
    lost.click("Use a recovery code").is_at("/login/factor/recovery");
    lost.fill("Recovery code", "not one").press("Log in").is_refused("all 24 letters");
    lost.fill("Recovery code", &recovery[0]).press("Log in").is_at("/console");
}
