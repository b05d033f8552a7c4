//! Password expiration and console access control with script: what they would do, then what they do.

use vestibule::access::Roles;

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";
const SECURITY: &str = "/iam/organization/security";
const ADMIN: Roles = Roles { owner: false, org_admin: true, org_reader: false, billing_admin: false };

#[test]
fn passwords_expire_as_the_page_foretold() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    app.clock.advance(chrono::Duration::days(45));
    app.colleague("acme", "jun@acme.example", ADMIN);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL);
    let mina = Window { look: Look::Closely, ..mina };
    mina.go(SECURITY).sees("Passwords do not expire").click("Set password expiration");
    mina.is_at("/iam/organization/security/password");
    // The effect of a choice shows by itself.
    mina.tick("60 days").sees("If passwords expire after 60 days").sees("Your own password will expire on");
    mina.tick("Custom").press("Save").is_refused("Enter something here");
    mina.fill("Days, where custom", "40").press("Show the effect").sees("If passwords expire after 40 days");
    mina.sees("You are among them").press("Show as table").sees("In week 26");
    // As foretold, the next page is the one for a new password, and leads back to where one was going.
    mina.press("Save").is_at("/password/expired").sees("Your password has expired");
    mina.fill("New password", "copper-lantern-58-fjord").fill("New password again", "copper-lantern-58-fjord");
    mina.press("Set new password").is_at(SECURITY).sees("Passwords expire 40 days after they were set");
    mina.go(SECURITY).click("Set password expiration").tick("Not used").press("Save");
    mina.is_at(SECURITY).sees("Passwords do not expire").click("Bring back").sees("If passwords expire after 40 days");
}

#[test]
fn the_forecast_follows_what_is_typed_and_what_is_shown_is_saved() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::open(&app);
    mina.log_in("acme", EMAIL).go("/iam/organization/security/password");
    // A choice without its number is nothing to complain about.
    mina.tick("Custom");
    assert_eq!(mina.run("return document.querySelectorAll('.invalid').length", Vec::new()), 0);
    mina.tick("90 days").sees("If passwords expire after 90 days");
    // Typing makes the choice, and each input shows its effect.
    mina.fill("Days, where custom", "45").sees("If passwords expire after 45 days");
    mina.press("Save").is_at(SECURITY).sees("Passwords expire 45 days after they were set");
    // Another choice empties the field.
    mina.go("/iam/organization/security/password").tick("120 days").sees("If passwords expire after 120 days");
    mina.press("Save").is_at(SECURITY).sees("Passwords expire 120 days after they were set");
}

#[test]
fn the_console_is_open_from_the_listed_addresses_only() {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let far = app.colleague("acme", "far@acme.example", ADMIN);
    far.moves_to("198.51.100.9").open("/console").gets(200);
    app.colleague("acme", "jun@acme.example", ADMIN);
    let mina = Window::open(&app);
    mina.comes_from("192.0.2.10").log_in("acme", EMAIL);
    let mina = Window { look: Look::Closely, ..mina };
    mina.go(SECURITY).click("Control console access").is_at("/iam/organization/security/access");
    mina.sees("No address is registered yet");
    mina.fill("Description", "Office")
        .fill("IP", "203.0.113.0/24")
        .press("Register")
        .is_refused("“203.0.113.0/24” is a mask or a range");
    mina.fill("IP", "203.0.113.5").press("Register").sees("1 of 20");
    // The bar at the top stands over what is scrolled below it.
    mina.run("scrollTo(0, 0)", Vec::new());
    mina.tick("Used").press("Save").is_refused("you would shut yourself out");
    mina.press("Add my address").sees("2 of 20").sees("which gets in");
    mina.fill("Address to test", "198.51.100.9").press("Test").sees("198.51.100.9 does not get in");
    mina.fill("Address to test", "203.0.113.5").press("Test").sees("gets in, as “Office”");
    mina.press("Save").is_at(SECURITY).sees("Console access control is in force").sees("203.0.113.5");
    far.open("/console").gets(403);

    // Somebody in the middle of a form is cut off by their next click when the list leaves their address out.
    let jun = Window::open(&app);
    jun.comes_from("192.0.2.10").log_in("acme", "jun@acme.example");
    let jun = Window { look: Look::Closely, ..jun };
    jun.go("/iam/users/new").fill("Email", "new@acme.example").fill("Name", "Seo-yeon Park");
    let owner = app.visitor().from("203.0.113.5");
    owner.log_in("acme", EMAIL, PASSWORD).is_at("/console");
    owner.open("/iam/organization/security/access").press("Remove 192.0.2.10").press("Save").is_at(SECURITY);
    jun.expects(403).press("Register user").sees("You are not allowed to do this");
    jun.expects(403).go("/iam/users").sees("Your address is not allowed").sees("192.0.2.10").sees("Reference code");
    owner.open("/iam/organization/security/access").tick("Not used").press("Save").is_at(SECURITY);
    jun.go("/iam/users").sees("Register user");
}
