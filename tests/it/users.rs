//! IAM > Users: the list, one user, what administrators do.

use vestibule::access::Roles;

use crate::support::people::{PASSWORD, encode};
use crate::support::{Person, TestApp};

const NOBODY: Roles = Roles { owner: false, org_admin: false, org_reader: false, billing_admin: false };
const ADMIN: Roles = Roles { org_admin: true, ..NOBODY };

fn register<'a>(admin: &'a Person<'a>, name: &str, email: &str) -> &'a Person<'a> {
    admin.open("/iam/users").click("Register user").fill("Email", email).fill("Name", name).press("Register user")
}

/// The submission id of the form on the page.
fn submission(person: &Person<'_>) -> String {
    let page = person.page();
    let field = page.all("input[name=submission]");
    field.first().and_then(|field| field.value().attr("value")).expect("a submission id").to_owned()
}

/// How many mails to an address are about something.
fn mails_about(app: &TestApp, address: &str, what: &str) -> usize {
    app.mail_to(address).iter().filter(|mail| mail.subject.to_lowercase().contains(what)).count()
}

#[test]
fn an_administrator_registers_a_user_who_sets_a_password_and_logs_in() {
    let app = TestApp::start();
    let owner = app.owner();
    owner
        .open("/console")
        .click("Users")
        .click("Register user")
        .fill("Email", "Jun.Kim@Acme.example")
        .fill("Name", "김준")
        .fill("Nickname (optional)", "Jun")
        .fill("Mobile (optional)", "010-1234-5678")
        .tick("Org Reader")
        .press("Register user")
        .is_at("/iam/users")
        .sees("김준 is registered. The invitation is on its way.")
        .sees("2 of 2 users")
        .sees("Invited");
    owner.click("김준").sees("jun.kim@acme.example").sees("+82 10-1234-5678").sees("Waiting");
    let jun = app.visitor();
    jun.register_password("jun.kim@acme.example", PASSWORD).is_at("/login/acme");
    let page = owner.page().url.clone();
    owner.open(&page).sees("Active").sees("Sent");
    jun.log_in("acme", "jun.kim@acme.example", PASSWORD).is_at("/console").sees("Org Reader");
    jun.open("/iam/users").sees("김준").sees_no("Register user");
    jun.open("/iam/users/new").gets(403);
}

/// Shows attack 76.
#[test]
fn a_refused_registration_comes_back_as_typed_with_what_to_correct() {
    let app = TestApp::start();
    let owner = app.owner();
    register(&owner, "", "owner@acme").gets(422).sees("Enter");
    assert_eq!(owner.page().value("Email").as_deref(), Some("owner@acme"));
    register(&owner, "Second", "OWNER@acme.example")
        .gets(422)
        .sees("Enter an address that is not registered in this organization yet");
    let form = encode(&[("email", "new@acme.example"), ("name", "New"), ("language", "en"), ("roles", "org_owner")]);
    assert_eq!(owner.request("POST", "/iam/users/new", &[], &form).status, 422);
    owner.open("/iam/users").sees("1 of 1 user");
}

/// Shows attack 88.
#[test]
fn the_same_form_sent_twice_registers_once() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/users/new");
    let submission = submission(&owner);
    let form =
        [("submission", submission.as_str()), ("email", "jun@acme.example"), ("name", "Jun"), ("language", "en")];
    owner.post("/iam/users/new", &form).is_at("/iam/users").sees("2 of 2 users");
    owner.post("/iam/users/new", &form).is_at("/iam/users").sees("2 of 2 users");
    app.deliver();
    assert_eq!(app.mail_to("jun@acme.example").len(), 1);
}

/// Shows ASVS 6.4.1; attack 14.
#[test]
fn an_invitation_is_sent_again_and_revoked() {
    let app = TestApp::start();
    let owner = app.owner();
    register(&owner, "Jun", "jun@acme.example");
    app.deliver();
    let first = app.link_to("jun@acme.example", "Invitation");
    owner.click("Jun").press("Send new invitation").sees("A new invitation is on its way");
    app.deliver();
    let second = app.link_to("jun@acme.example", "Invitation");
    let jun = app.visitor();
    jun.open(&first).sees("This link no longer works");
    jun.open(&second).sees("Register password");
    owner.press("Revoke invitation").sees("The invitation is revoked").sees("There is no link that works");
    jun.open(&second).sees_no("Register password");
    // Opened before, sent after: it is checked again.
    jun.post("/invitation", &[("new_password", PASSWORD), ("password_again", PASSWORD)]);
    app.visitor().log_in("acme", "jun@acme.example", PASSWORD).is_at("/login/acme");
    owner.press("Send new invitation").sees("A new invitation is on its way");
    owner.press("Revoke invitation").sees("Taken back before it was sent");
    app.deliver();
    assert_eq!(app.mail_to("jun@acme.example").len(), 2);
}

/// Shows ASVS 7.4.2.
#[test]
fn deactivation_acts_on_the_next_click_and_can_be_undone() {
    let app = TestApp::start();
    let owner = app.owner();
    let jun = app.colleague("acme", "jun@acme.example", NOBODY);
    jun.open("/account").gets(200);
    owner.open("/iam/users").click("Colleague").press("Deactivate user").sees("logged out everywhere");
    jun.open("/account").is_at("/login");
    jun.log_in("acme", "jun@acme.example", PASSWORD).is_at("/login/acme").sees("is wrong");
    owner.press("Reactivate user").sees("The user can log in again");
    jun.log_in("acme", "jun@acme.example", PASSWORD).is_at("/console");
}

/// Shows ASVS 8.3.2; attack 79.
#[test]
fn roles_are_edited_and_act_on_the_next_click() {
    let app = TestApp::start();
    let owner = app.owner();
    let jun = app.colleague("acme", "jun@acme.example", NOBODY);
    jun.open("/iam/users").gets(403);
    owner.open("/iam/users").click("Colleague").click("Roles").sees("No organization role").click("Edit roles");
    owner.tick("Org Admin").press("Save").sees("The roles are changed").sees("Manages users, projects and security");
    jun.open("/iam/users").gets(200).click("Register user").gets(200);
    owner.click("Edit roles").untick("Org Admin").press("Save").sees("No organization role");
    jun.open("/iam/users").gets(403);
}

/// Shows ASVS 6.3.1, 7.4.5.
#[test]
fn a_lock_is_lifted_and_sessions_are_ended() {
    let app = TestApp::start();
    let owner = app.owner();
    let jun = app.colleague("acme", "jun@acme.example", NOBODY);
    let stranger = app.visitor().from("203.0.113.9");
    for _ in 0..5 {
        stranger.log_in("acme", "jun@acme.example", "not the password");
    }
    owner.open("/iam/users?status=locked").sees("1 of 1 user").click("Colleague").sees("Locked after wrong passwords");
    owner.press("Lift lock").sees("The lock is lifted").sees_no("Locked after wrong passwords");
    app.visitor().from("203.0.113.9").log_in("acme", "jun@acme.example", PASSWORD).is_at("/console");
    owner.click("Sessions").sees("Browsers in which this user is logged in");
    owner.press("End all sessions").sees("2 sessions were ended").sees("Not logged in anywhere");
    jun.open("/account").is_at("/login");
}

/// Shows ASVS 7.4.2.
#[test]
fn a_user_is_deleted_and_the_address_starts_as_a_new_person() {
    let app = TestApp::start();
    let owner = app.owner();
    let jun = app.colleague("acme", "jun@acme.example", ADMIN);
    owner.open("/iam/users").click("Colleague").click("Delete user");
    owner
        .fill("Type the user’s email address to confirm", "jun")
        .press("Delete user")
        .gets(422)
        .sees("Type it exactly");
    owner.fill("Type the user’s email address to confirm", "Jun@acme.example").press("Delete user");
    owner.is_at("/iam/users").sees("Colleague was deleted").sees("1 of 1 user");
    jun.open("/account").is_at("/login");
    register(&owner, "Jun again", "jun@acme.example").sees("2 of 2 users");
    let again = app.visitor();
    again.log_in("acme", "jun@acme.example", PASSWORD).is_at("/login/acme");
    again.register_password("jun@acme.example", "copper-lantern-58-fjord").is_at("/login/acme");
    again.log_in("acme", "jun@acme.example", "copper-lantern-58-fjord").is_at("/console").sees_no("Org Admin");
    assert_eq!(mails_about(&app, "jun@acme.example", "new device"), 0);
}

/// Shows attacks 76, 77, 78.
#[test]
fn nobody_touches_the_owner_or_themselves() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    let (owner_page, admin_page) = (link(&admin, "Mina Park"), link(&admin, "Colleague"));
    for (page, why) in [(&owner_page, "This is the Org Owner"), (&admin_page, "This is you")] {
        admin.open(page).sees(why).sees_no("Deactivate user").sees_no("Delete user");
        admin.open(&format!("{page}/roles")).sees_no("Edit roles");
        for change in
            ["deactivation", "sessions/logout", "unlock", "invitation", "invitation/revocation", "reactivation"]
        {
            admin.post(&format!("{page}/{change}"), &[]).sees(why);
            let told = admin.page().all("#flash .note.warn").len();
            assert_eq!(told, 1, "{change} is refused, and not told like something done");
        }
        admin.post(&format!("{page}/roles/edit"), &[("roles", "org_reader")]).sees(why);
        admin.post(&format!("{page}/deletion"), &[("confirmation", "owner@acme.example")]).sees(why);
        admin.post(&format!("{page}/deletion"), &[("confirmation", "admin@acme.example")]).sees(why);
    }
    owner.open(&owner_page).sees("This is you");
    owner.open("/iam/users").sees("2 of 2 users").sees("Org Owner");
    admin.open("/iam/users").gets(200);
}

fn link(person: &Person<'_>, name: &str) -> String {
    person.open("/iam/users").click(name);
    person.page().url.clone()
}

#[test]
fn ownership_goes_to_an_active_user_and_the_former_owner_keeps_the_other_roles() {
    let app = TestApp::start();
    let owner = app.owner();
    let jun = app.colleague("acme", "jun@acme.example", NOBODY);
    register(&owner, "Guest", "guest@acme.example");
    owner.open("/iam/organization/account").click("Transfer ownership");
    for wrong in ["guest@acme.example", "owner@acme.example", "nobody@acme.example", "jun"] {
        owner.fill("Email", wrong).press("Transfer ownership").gets(422);
    }
    owner.fill("Email", "jun@acme.example").press("Transfer ownership").is_at("/console").sees("was transferred");
    owner.sees("Org Admin").sees("Billing Admin").sees_no("Org Owner");
    owner.open("/iam/organization/ownership").gets(403);
    jun.open("/console").sees("Org Owner").sees("Org Admin").sees("Billing Admin");
    jun.open("/iam/organization/ownership").gets(200);
    app.deliver();
    for reader in ["owner@acme.example", "jun@acme.example"] {
        assert_eq!(mails_about(&app, reader, "ownership"), 1, "{reader} is not told");
    }
}

/// Shows ASVS 6.4.4.
#[test]
fn somebody_who_lost_the_phone_gets_the_second_factors_reset() {
    let app = TestApp::start();
    let owner = app.owner();
    let jun = app.colleague("acme", "jun@acme.example", NOBODY);
    jun.set_up_authenticator();
    jun.open("/account").sees_no("No authenticator app");
    owner.open("/iam/users").click("Colleague").click("Reset authenticator and mobile number");
    owner.press("Reset authenticator and mobile number").sees("The user is told by mail");
    jun.open("/account/authenticator").sees_no("recovery codes left");
    assert_eq!(mails_about(&app, "jun@acme.example", "authenticator"), 1);
}
