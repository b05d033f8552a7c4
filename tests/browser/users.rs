//! IAM > Users with script: register one, register a hundred and watch the invitations go out, search, roles.

use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

fn owner<'a>(app: &'a TestApp) -> Window<'a> {
    app.organization("acme", "owner@acme.example");
    let owner = Window::with(app, "en", "Asia/Seoul", Look::Closely);
    owner.go("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    owner.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/console");
    owner
}

#[test]
fn an_administrator_registers_one_user_and_gives_roles() {
    let app = TestApp::start();
    let owner = owner(&app);
    owner.click("Users").is_at("/iam/users").click("Register user").is_at("/iam/users/new");
    owner.press("Register user").is_refused("Enter something here");
    owner.fill("Email", "jun@acme.example").fill("Name", "Jun Kim").press("Register user");
    owner.is_at("/iam/users").sees("Jun Kim is registered");
    owner.click("Jun Kim").sees("The link works until").look();
    owner.click("Roles").sees("No organization role").look();
    owner.click("Edit roles").tick("Org Reader").look().press("Save").sees("The roles are changed");
    owner.click("Sessions").sees("Not logged in anywhere").look();
    owner.click("Account").press("Send new invitation").sees("A new invitation is on its way");
    owner.click("Delete user").look().press("Delete user").is_refused("Type it exactly").look();
    owner.fill("Type the user’s email address to confirm", "jun@acme.example").press("Delete user");
    owner.is_at("/iam/users").sees("Jun Kim was deleted");
}

#[test]
fn a_hundred_users_are_registered_and_the_page_shows_their_invitations_go_out() {
    let app = TestApp::start();
    let owner = owner(&app);
    let list: String = (1..=100).map(|n| format!("user-{n}@acme.example,User {n}\n")).collect();
    owner.click("Users").click("Register in bulk").is_at("/iam/users/bulk").look();
    owner
        .fill("Users, one on each line", "nobody")
        .press("Register all")
        .is_refused("Correct 1 thing in the list")
        .look();
    owner.fill("Users, one on each line", &list).press("Register all");
    owner.sees("100 users are registered").sees("0 of 100 invitations finished").look();
    while app.deliver().sent > 0 {}
    // The page looks again by itself.
    owner.sees("100 of 100 invitations finished").sees("100 sent, 0 waiting, 0 failed");
    owner
        .click("Users")
        .sees("50 of 101 users")
        .fill("Search by name or email", "user 42")
        .sees("1 of 1 user")
        .sees("user-42@acme.example");
    owner.look();
}
