//! Versions of policies: numbered, told, compared when two people save, and brought back.

use super::super::support::TestApp;
use super::{ACCESS, ADMIN, EXPIRATION, SECURITY, recorded};

#[test]
fn each_change_is_a_version_that_can_be_brought_back() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.moves_to("203.0.113.5").open(SECURITY).sees("This was never changed");
    for choice in ["60 days", "90 days"] {
        owner.open(EXPIRATION).tick(choice).press("Show the effect").press("Save").is_at(SECURITY);
    }
    owner.sees("Passwords expire 60 days after").sees("Passwords expire 90 days after").sees("In force");
    owner.click("Bring back 1").sees("If passwords expire after 60 days").press("Save").is_at(SECURITY);
    owner.sees("Passwords expire 60 days after they were set");
    assert_eq!(recorded(&app, "password_expiration.changed", ""), 3);
    owner.open(ACCESS).press("Add my address").tick("Used").press("Save").is_at(SECURITY);
    owner.open(ACCESS).fill("Description", "Second").fill("IP", "192.0.2.7").press("Register").press("Save");
    owner.is_at(SECURITY).sees("192.0.2.7");
    owner.open(&format!("{ACCESS}?version=1")).sees("1 of 20").press("Save").is_at(SECURITY);
    owner.open(ACCESS).sees("1 of 20");
    owner.open(&format!("{ACCESS}?version=999")).gets(200).sees("1 of 20");
    owner.open(&format!("{ACCESS}?version=x")).gets(200);
}

#[test]
fn an_older_list_without_the_own_address_is_refused_like_a_new_one() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.moves_to("203.0.113.5").open(ACCESS).press("Add my address").tick("Used").press("Save").is_at(SECURITY);
    owner.open(ACCESS).fill("IP", "192.0.2.7").press("Register").press("Save").is_at(SECURITY);
    owner.moves_to("192.0.2.7").open(&format!("{ACCESS}?version=1")).press("Save").gets(422);
    owner.sees("you would shut yourself out");
}

#[test]
fn whoever_saves_on_an_older_version_is_shown_the_newer_one() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    owner.moves_to("203.0.113.5");
    admin.moves_to("203.0.113.5").open(EXPIRATION).tick("90 days").press("Show the effect").gets(200);
    owner.open(EXPIRATION).tick("60 days").press("Show the effect").press("Save").is_at(SECURITY);
    admin.press("Save").gets(422).sees("Somebody saved this setting since").sees("Passwords expire 60 days after");
    admin.press("Save").is_at(SECURITY).sees("Passwords expire 90 days after they were set");
    admin.open(ACCESS).press("Add my address").tick("Used").gets(200);
    owner.open(ACCESS).press("Add my address").fill("IP", "192.0.2.7").press("Register").tick("Used").press("Save");
    admin.press("Save").gets(422).sees("Somebody saved this setting since").sees("192.0.2.7");
    assert_eq!(recorded(&app, "console_access.changed", "older_version"), 1);
}

#[test]
fn two_factor_authentication_has_its_versions_on_the_account_tab() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/organization/account/edit").tick("Active").press("Save");
    let code = app.mailed_code("owner@acme.example");
    owner.fill("Code", &code).press("Save").is_at("/iam/organization/account");
    owner.click("Modify account").tick("Inactive").press("Save").press("Turn off two-factor authentication");
    owner.is_at("/iam/organization/account").sees("History: Two-factor authentication");
    // Bringing it back goes through the same preview and the same code.
    owner.click("Bring back 1").is_at("/iam/organization/account/edit").sees("Users who may log in");
    owner.press("Save").is_at("/iam/organization/account/edit").sees("A code is on its way");
}
