//! Forms that edit a record carry its version: a save on an older one changes nothing and shows what was saved since.

use vestibule::access::Roles;

use super::support::people::PASSWORD;
use super::support::{Person, TestApp};

/// The same user in another tab.
fn tab<'a>(person: &Person<'a>) -> Person<'a> {
    let tab = person.app.visitor();
    *tab.cookies.borrow_mut() = person.cookies.borrow().clone();
    tab
}

const CHANGED: &str = "This was changed since you opened the page";

#[test]
fn a_form_of_an_older_version_changes_nothing_and_shows_both_values() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    let other = tab(&owner);

    // A project, then one's own profile.
    for (page, label, shown, button, saved) in [
        ("/iam/projects/web-shop/edit", "Display name", "/iam/projects/web-shop", "Save", "Market"),
        ("/account", "Name", "/account", "Save", "Mina Lee"),
    ] {
        owner.open(page).fill(label, "Second");
        other.open(page).fill(label, saved).press(button).is_at(shown);
        owner.press(button).gets(422).sees(CHANGED).sees(saved).sees("Changed by");
        assert_eq!(owner.page().value(label).as_deref(), Some("Second"), "{page}");
        other.open(page);
        assert_eq!(other.page().value(label).as_deref(), Some(saved), "{page}");
        // Whoever has seen both may save.
        owner.press(button).is_at(shown);
        other.open(page);
        assert_eq!(other.page().value(label).as_deref(), Some("Second"), "{page}");
    }
    app.deliver();
}

#[test]
fn roles_of_an_older_version_are_not_given() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    app.colleague("acme", "guest@acme.example", Roles::default());
    owner.adds_member("web-shop", "guest@acme.example", "project_reader");
    let other = tab(&owner);
    let edit = format!("/iam/users/{}/roles/edit", id(&app));
    owner.open(&edit).tick("Org Admin");
    other.open(&edit).tick("Billing Admin").press("Save").sees("Billing Admin");
    owner.press("Save").gets(422).sees(CHANGED).sees("Roles Billing Admin");
    // A form that waits for a confirmation keeps the version that it was opened on.
    app.clock.advance(chrono::Duration::minutes(11));
    owner.press("Save").is_at("/confirmation").fill("Password", PASSWORD).press("Confirm").is_at(&edit);
    owner.press("Save").sees("Org Admin");
    *other.cookies.borrow_mut() = owner.cookies.borrow().clone();

    let role = format!("/iam/projects/web-shop/members/{}", id(&app));
    owner.open(&role).fill("Project role", "project_admin");
    other.open(&role).fill("Project role", "project_member").press("Save");
    owner.press("Save").gets(422).sees(CHANGED).sees("Project Member");
    app.deliver();
}

fn id(app: &TestApp) -> String {
    use diesel::prelude::*;
    use vestibule::platform::store::schema::users;
    let row = users::table.filter(users::email.eq("guest@acme.example")).select(users::id);
    let id: vestibule::base::ids::UserId = row.first(&mut app.database.connect()).unwrap();
    id.to_string()
}

#[test]
fn a_policy_keeps_the_version_it_was_opened_on_whatever_is_pressed() {
    let app = TestApp::start_with(|config| config.sessions.fresh_minutes = 100_000);
    let owner = app.owner();
    let other = tab(&owner);
    for person in [&owner, &other] {
        person.moves_to("203.0.113.5");
    }
    let access = "/iam/organization/security/access";
    let add = |person: &Person<'_>, address: &str| {
        person.fill("IP", address).press("Register").sees(address);
    };
    owner.open(access).tick("Used");
    other.open(access).tick("Used");
    add(&other, "203.0.113.5");
    add(&other, "198.51.100.7");
    other.press("Save").is_at("/iam/organization/security");
    add(&owner, "203.0.113.5");
    add(&owner, "198.51.100.8");
    owner.press("Save").gets(422).sees("198.51.100.7");
    owner.open("/iam/organization/security").sees("198.51.100.7").sees_no("198.51.100.8");

    let expiration = "/iam/organization/security/password";
    owner.open(expiration).tick("90 days").press("Show the effect");
    other.open(expiration).tick("120 days").press("Show the effect").press("Save");
    owner.press("Show the effect").press("Save").gets(422).sees("120 days");
    app.deliver();
}
