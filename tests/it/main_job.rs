//! The main job, without script: sign up, register the password from the mail, log in.

use super::support::TestApp;
use super::support::people::PASSWORD;

#[test]
fn a_company_signs_up_and_its_owner_logs_in() {
    let app = TestApp::start();
    let owner = app.visitor();
    owner
        .sign_up("acme-cloud", "mina@acme.example")
        .is_at("/signup/done")
        .sees("Check your mail")
        .sees("mina@acme.example");
    owner
        .register_password("mina@acme.example", PASSWORD)
        .is_at("/login/acme-cloud")
        .sees("Your password is registered");
    assert_eq!(owner.page().value("Email").as_deref(), Some("mina@acme.example"));
    owner.sees("acme-cloud").fill("Password", PASSWORD).press("Log in").is_at("/console");
    owner.sees("Hello, Mina Park").sees("Org Owner").sees("Org Admin").sees("Billing Admin");
    owner.click("Manage organization").sees("acme-cloud").sees("Cloud account");
}
