//! Two-factor authentication as a policy: turned on by a code that arrived, acting at once, turned off.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, mails, organizations, sessions};

use super::operator::Operator;
use super::support::people::PASSWORD;
use super::support::{Person, TestApp};

const EMAIL: &str = "owner@acme.example";
const EDIT: &str = "/iam/organization/account/edit";

fn is_on(app: &TestApp) -> bool {
    organizations::table.select(organizations::two_factor).first(&mut app.database.connect()).unwrap()
}

fn changes(app: &TestApp) -> Vec<(String, Option<String>, String)> {
    let rows = audit_events::table.filter(audit_events::event.eq("two_factor.changed")).order(audit_events::id);
    let rows = rows.select((audit_events::result, audit_events::reason, audit_events::details));
    rows.load(&mut app.database.connect()).unwrap()
}

fn turn_on(app: &TestApp, owner: &Person<'_>) {
    owner.open(EDIT).tick("Active").press("Save").is_at(EDIT);
    owner.fill("Code", &app.mailed_code(EMAIL)).press("Save").is_at("/iam/organization/account");
}

fn save_sends_the_code_and_asks_for_it_on_the_same_page(owner: &Person<'_>) {
    owner.open(EDIT).tick("Active").press("Save").gets(200).is_at(EDIT);
    owner.sees("A code is on its way to owner@acme.example");
    let page = owner.page();
    let focused: Vec<_> = page.all("main [autofocus]").iter().map(|field| field.value().attr("name")).collect();
    assert_eq!(focused, [Some("one_time_code")]);
}

/// Two tabs: what one has changed, the other does not change without a word.
#[test]
fn a_save_of_two_factor_authentication_on_an_older_version_changes_nothing() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open(EDIT).tick("Active").press("Save");
    let code = app.mailed_code(EMAIL);
    let version = owner.page().all("input[name=version]")[0].value().attr("value").unwrap().to_owned();
    owner.fill("Code", &code).press("Save").is_at("/iam/organization/account");
    owner.open("/iam/organization/account/edit/deactivation").press("Turn off two-factor authentication");
    owner.open(EDIT).tick("Active").press("Save");
    let late = [("two_factor", "active"), ("one_time_code", &app.mailed_code(EMAIL)), ("version", &version)];
    owner.post(EDIT, &late).gets(422).sees("since you opened the page");
    assert!(!is_on(&app));
    app.deliver();
}

#[test]
fn the_owner_sees_what_it_does_and_turns_it_on_by_a_code_that_arrived() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
    admin.set_up_authenticator();
    owner.open("/iam/organization/account").sees("Inactive").click("Modify account").is_at(EDIT);
    owner.sees("Users who may log in 2").sees("With an authenticator app 1").sees("With email alone 1");
    owner.sees("Sessions asked at their next request 1").sees("Save mails a code to owner@acme.example");
    owner.post(EDIT, &[("two_factor", "active"), ("one_time_code", "123456")]).gets(422).sees("No code works any more");
    owner.post(EDIT, &[]).gets(422);
    save_sends_the_code_and_asks_for_it_on_the_same_page(&owner);
    let code = app.mailed_code(EMAIL);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    owner.tick("Active").fill("Code", wrong).press("Save").gets(422).sees("You have 4 more tries");
    assert!(!is_on(&app));
    owner.tick("Active").fill("Code", &code).press("Save").is_at("/iam/organization/account");
    owner.sees("Two-factor authentication is active for everybody").sees("Active");
    assert!(is_on(&app));
    // The code that came by mail is the owner's second factor.
    owner.open("/console").is_at("/console");
    for reader in [EMAIL, "admin@acme.example"] {
        let mails = app.mail_to(reader);
        let told = mails.iter().find(|mail| mail.subject.contains("security setting")).expect("a mail");
        assert!(told.text.contains("Mina Park <owner@acme.example>"), "{}", told.text);
    }
    let recorded = changes(&app);
    let told: Vec<_> = recorded.iter().map(|(result, reason, _)| (result.as_str(), reason.as_deref())).collect();
    assert_eq!(told, [("failed", Some("spent_code")), ("failed", Some("wrong_code")), ("done", None)]);
    assert!(
        recorded[2].2.contains(r#""after":true"#) && recorded[2].2.contains(r#""before":false"#),
        "{}",
        recorded[2].2
    );
    admin.open("/iam/users").is_at("/login/again");
}

/// Shows ASVS 6.3.3, 8.3.2; attack 34.
#[test]
fn an_open_session_is_asked_at_its_next_request_and_goes_on_where_it_was() {
    let app = TestApp::start();
    let owner = app.owner();
    let mate = app.colleague("acme", "mate@acme.example", Roles { org_admin: true, ..Roles::default() });
    app.clock.advance(Duration::minutes(5));
    turn_on(&app, &owner);
    // Whatever the session asks for, it gets nothing.
    for path in ["/console", "/account", "/iam/users", "/confirmation"] {
        mate.open(path).is_at("/login/again").sees("Two-factor authentication was turned on in acme");
    }
    let swap = mate.request("GET", "/account", &[("HX-Request", "true"), ("HX-Target", "form#form")], "");
    assert_eq!((swap.status, swap.header("hx-redirect")), (401, Some("/login/again?next=%2Faccount")));
    mate.post("/account", &[("name", "Changed")]).is_at("/login/again");
    mate.open("/iam/users?status=active").press("Continue").is_at("/login/factor");
    assert!(!mate.cookies.borrow().contains_key("vestibule-session"), "the session ended");
    mate.choose_factor("Email").type_factor(&app.mailed_code("mate@acme.example")).is_at("/iam/users");
    assert_eq!(mate.page().url, "/iam/users?status=active");
    mate.open("/account").sees_no("Changed");
    // As old and as fresh as it was before: the password is six minutes old.
    app.clock.advance(Duration::minutes(6));
    mate.open("/account/password").is_at("/confirmation").fill("Password", PASSWORD).press("Confirm");
    mate.is_at("/account/password");
    let kept: Vec<Option<String>> =
        sessions::table.select(sessions::second_factor).load(&mut app.database.connect()).unwrap();
    assert_eq!(kept, [Some("email".to_owned()), Some("email".to_owned())], "a confirmation keeps it");
    app.deliver();
}

#[test]
fn a_session_that_lacks_its_second_factor_can_be_left() {
    let app = TestApp::start();
    let owner = app.owner();
    app.two_factor("acme", true);
    owner.open("/console").is_at("/login/again").press("Log out").is_at("/login");
    owner.open("/login/again").is_at("/login");
    let count: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
    assert_eq!(count, 0);
    app.deliver();
}

#[test]
fn while_mail_is_not_delivered_nothing_is_turned_on() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open(EDIT).tick("Active").press("Save");
    let code = app.mailed_code(EMAIL);
    let set = |kind: &str, state: &str| {
        let row = mails::table.filter(mails::kind.eq(kind));
        diesel::update(row).set(mails::state.eq(state)).execute(&mut app.database.connect()).unwrap();
    };
    set("two_factor_code", "failed");
    owner.open(EDIT).sees("The mail with the code could not be delivered");
    owner.tick("Active").fill("Code", &code).press("Save").gets(422).sees("Nothing was changed");
    set("two_factor_code", "sent");
    // As if the mail server had taken nothing since the invitation.
    set("invitation", "queued");
    owner.open(EDIT).sees("Waiting for less than a minute");
    app.clock.advance(Duration::minutes(9));
    owner.open("/console").press("Log out").is_at("/login");
    owner.log_in("acme", EMAIL, PASSWORD).is_at("/console");
    owner.open(EDIT).tick("Active").press("Save").sees("Waiting for 9 minutes").sees_no("Mail is not being delivered");
    set("invitation", "sent");
    let code = app.mailed_code(EMAIL);
    set("invitation", "queued");
    app.clock.advance(Duration::minutes(1));
    owner.open(EDIT).sees("Mail is not being delivered");
    owner.tick("Active").fill("Code", &code).press("Save").gets(422).sees("Nothing was changed");
    assert!(!is_on(&app));
    let refused = changes(&app);
    assert!(refused.iter().all(|(_, reason, _)| reason.as_deref() == Some("mail_waits")) && refused.len() == 2);
    // Mail arrives again: the code was not used up.
    set("invitation", "sent");
    owner.open(EDIT).tick("Active").fill("Code", &code).press("Save").is_at("/iam/organization/account");
    assert!(is_on(&app));
    app.deliver();
}

#[test]
fn the_owner_turns_it_off_after_a_look_at_what_that_means() {
    let app = TestApp::start();
    let owner = app.owner();
    let mate = app.colleague("acme", "mate@acme.example", Roles::default());
    turn_on(&app, &owner);
    mate.open("/console").is_at("/login/again");
    owner.open(EDIT).tick("Active").press("Save").is_at("/iam/organization/account").sees("Nothing was changed");
    owner.open(EDIT).tick("Inactive").press("Save").is_at(&format!("{EDIT}/deactivation"));
    assert!(is_on(&app), "nothing was changed yet");
    owner.press("Turn off two-factor authentication").is_at("/iam/organization/account").sees("is inactive");
    mate.open("/console").is_at("/console");
    assert!(!is_on(&app) && changes(&app).len() == 2);
    owner.post(&format!("{EDIT}/deactivation"), &[]).is_at("/iam/organization/account").sees("Nothing was changed");
    owner.open(&format!("{EDIT}/deactivation")).sees("If you turn on two-factor authentication");
    app.deliver();
}

/// Shows ASVS 7.5.3.
#[test]
fn only_the_owner_may_and_everybody_who_sees_the_settings_sees_it() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
    admin.open("/iam/organization/account").sees("Inactive").sees("Only the Org Owner can change this");
    admin.open(EDIT).gets(403);
    admin.post(EDIT, &[("two_factor", "active")]).gets(403);
    admin.post(&format!("{EDIT}/code"), &[]).gets(403);
    app.clock.advance(Duration::minutes(11));
    owner.open(EDIT).is_at("/confirmation");
    owner.post(&format!("{EDIT}/deactivation"), &[]).is_at("/confirmation");
    app.deliver();
}

#[test]
fn the_operator_turns_it_off_and_that_acts_on_the_next_request() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner();
    operator.app.two_factor("acme", true);
    owner.open("/console").is_at("/login/again");
    let shown = operator.does(&["organization", "show", "acme", "--json"]);
    assert!(shown.contains(r#""two_factor":true"#), "{shown}");
    let said = operator.does(&["two-factor", "off", "acme"]);
    assert!(said.contains("Two-factor authentication of acme is off"), "{said}");
    owner.open("/console").is_at("/console");
    assert!(operator.is_refused(&["two-factor", "off", "acme"]).contains("is off already"));
    assert!(operator.is_refused(&["two-factor", "off", "nowhere"]).contains("no organization named nowhere"));
    let recorded = operator.recorded("two_factor.changed");
    assert!(recorded.len() == 1 && recorded[0].0 == "operator", "{recorded:?}");
    // The command went by the clock of the system.
    operator.app.clock.advance(Duration::minutes(1));
    let mails = operator.app.mail_to(EMAIL);
    let told = mails.iter().find(|mail| mail.subject.contains("security setting")).expect("a mail");
    assert!(told.text.contains("The operator of the service"), "{}", told.text);
}
