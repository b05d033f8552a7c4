//! Passwords that expire: the preview, the new password from wherever somebody was, reminders.

use chrono::Duration;
use vestibule::access::Roles;

use super::super::support::people::PASSWORD;
use super::super::support::{Person, TestApp};
use super::{ADMIN, EXPIRATION, SECURITY, recorded};

const NEXT: &str = "copper-lantern-58-fjord";

fn comes_in(app: &TestApp) -> Person<'_> {
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    owner
}

fn expire(app: &TestApp, days: &str) {
    let owner = comes_in(app);
    owner.open(EXPIRATION).tick("Custom").fill("Days, where custom", days).press("Show the effect").gets(200);
    owner.press("Save").is_at(SECURITY).sees("Password expiration was changed");
}

fn reminders(app: &TestApp, email: &str) -> usize {
    app.clean_up();
    app.deliver();
    app.mail_to(email).iter().filter(|mail| mail.subject.contains("expires soon")).count()
}

/// Shows attack 106.
#[test]
fn an_administrator_sees_whom_it_hits_before_it_is_in_force() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    app.clock.advance(Duration::days(45));
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    admin.open(SECURITY).sees("Passwords do not expire").click("Set password expiration").is_at(EXPIRATION);
    admin.tick("Custom").fill("Days, where custom", "40").press("Save").gets(200);
    admin.sees("This is what it would do").sees("Users with a password 2");
    admin.sees("Must set a new password at their next request 1").sees("Your own password will expire on");
    admin.open(SECURITY).sees("Passwords do not expire");
    admin.open(EXPIRATION).tick("60 days").press("Show the effect").sees("next request 0").sees("four weeks 1");
    admin.press("Save").is_at(SECURITY).sees("Passwords expire 60 days after they were set");
    app.deliver();
    for email in ["owner@acme.example", "admin@acme.example"] {
        assert!(app.mail_to(email).iter().any(|mail| mail.text.contains("Passwords expire 60 days")), "{email}");
    }
    let reader = app.colleague("acme", "r@acme.example", Roles { org_reader: true, ..Roles::default() });
    reader.open(SECURITY).sees("Passwords expire 60 days").sees("Only the Org Owner and Org Admins can change this");
    reader.open(EXPIRATION).gets(403);
}

/// Shows ASVS 1.4.2, 2.2.1; attack 106.
#[test]
fn only_30_to_180_days_are_taken_and_the_form_comes_back_as_typed() {
    let app = TestApp::start();
    let owner = app.owner();
    for days in ["", "29", "181", "-60", "6e1", "60.0", "99999999999999999999", "sechzig", "６"] {
        owner.open(EXPIRATION).tick("Custom").fill("Days, where custom", days).press("Save").gets(422);
        owner.sees(if days.is_empty() { "Enter something here" } else { "is not a number of days from 30 to 180" });
        assert_eq!(owner.page().value("Days, where custom").as_deref(), Some(days));
    }
    for expires in ["", "61", "0", "never", "60 "] {
        owner.post(EXPIRATION, &[("expires", expires), ("action", "save"), ("version", "0")]).gets(match expires {
            "60 " => 200,
            _ => 422,
        });
    }
    assert_eq!(recorded(&app, "password_expiration.changed", ""), 0);
}

#[test]
fn nothing_is_put_in_force_before_its_effect_was_on_the_page() {
    let app = TestApp::start();
    let owner = app.owner();
    let unseen = [("expires", "60"), ("seen", "90"), ("version", "0"), ("action", "save")];
    owner.post(EXPIRATION, &unseen).gets(200).sees("This is what it would do");
    assert_eq!(recorded(&app, "password_expiration.changed", ""), 0);
}

/// Shows ASVS 6.2.3, 6.2.10; attack 105.
#[test]
fn a_password_expires_to_the_minute_and_a_form_on_its_way_comes_back_as_typed() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(30) - Duration::minutes(21));
    let owner = comes_in(&app);
    // Well within the session; the clock stands at the minute before the end.
    app.clock.advance(Duration::minutes(20));
    owner.open("/iam/projects/new").gets(200);
    app.clock.advance(Duration::minutes(2));
    owner.fill("Project ID", "web-shop").fill("Display name", "Shop of all shops").press("Create project");
    owner.is_at("/password/expired").sees("Your password has expired").sees("it comes back as typed");
    // Nothing else opens, whatever is asked for.
    for path in ["/console", "/account", "/iam/users", "/audit", "/session", SECURITY] {
        owner.open(path).is_at("/password/expired");
    }
    let piece = owner.request("GET", "/iam/users", &[("HX-Request", "true"), ("HX-Target", "div#results")], "");
    assert_eq!((piece.status, piece.header("HX-Redirect")), (401, Some("/password/expired?next=%2Fiam%2Fusers")));
    owner.open("/iam/projects/new").is_at("/password/expired");
    owner.fill("New password", NEXT).fill("New password again", NEXT);
    owner.press("Set new password").gets(422).sees("Enter something here");
    owner.fill("Current password", "not the password").fill("New password", NEXT).fill("New password again", NEXT);
    owner.press("Set new password").gets(422).sees("The password is wrong");
    owner.fill("Current password", PASSWORD).fill("New password", PASSWORD).fill("New password again", PASSWORD);
    owner.press("Set new password").gets(422).sees("not among your last three passwords");
    owner.fill("Current password", PASSWORD).fill("New password", NEXT).fill("New password again", NEXT);
    owner.press("Set new password").is_at("/iam/projects/new").sees("Your new password is set");
    app.deliver();
    assert!(app.mail_to("owner@acme.example").iter().any(|mail| mail.subject.contains("password was changed")));
}

#[test]
fn the_form_that_came_too_late_waits_behind_the_new_password() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(30) - Duration::minutes(5));
    let owner = comes_in(&app);
    owner.open("/iam/projects/new").gets(200);
    let people = "new@acme.example,Mina Park";
    let bulk = comes_in(&app);
    bulk.open("/iam/users/bulk").gets(200);
    app.clock.advance(Duration::minutes(5));
    owner.fill("Project ID", "web-shop").fill("Display name", "Shop of all shops").press("Create project");
    owner.is_at("/password/expired").fill("New password", NEXT).fill("New password again", NEXT);
    bulk.fill("Users, one on each line", people).press("Register all").is_at("/password/expired");
    owner.press("Set new password").is_at("/iam/projects/new");
    assert_eq!(owner.page().value("Display name").as_deref(), Some("Shop of all shops"));
    assert_eq!(owner.page().value("Project ID").as_deref(), Some("web-shop"));
    owner.press("Create project").sees("Shop of all shops");
    // The other session ended with the old password.
    bulk.open("/console").is_at("/login");
}

#[test]
fn text_of_a_form_with_a_file_comes_back_too() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(30) - Duration::minutes(5));
    let owner = comes_in(&app);
    owner.open("/iam/users/bulk").gets(200);
    app.clock.advance(Duration::minutes(5));
    owner.fill("Users, one on each line", "new@acme.example,Mina Park").press("Register all");
    owner.is_at("/password/expired").fill("New password", NEXT).fill("New password again", NEXT);
    owner.press("Set new password").is_at("/iam/users/bulk");
    assert_eq!(owner.page().value("Users, one on each line").as_deref(), Some("new@acme.example,Mina Park"));
}

#[test]
fn whoever_logs_in_with_a_password_that_expired_sets_a_new_one_and_goes_on() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(31));
    let owner = app.visitor();
    owner.open("/iam/users").is_at("/login").fill("Organization name", "acme").press("Next");
    owner.fill("Email", "owner@acme.example").fill("Password", PASSWORD).press("Log in").is_at("/password/expired");
    owner.fill("New password", NEXT).fill("New password again", NEXT).press("Set new password").is_at("/iam/users");
    owner.sees("Your new password is set");
    app.visitor().log_in("acme", "owner@acme.example", PASSWORD).is_at("/login/acme");
    // A reset by mail is as good as that.
    app.clock.advance(Duration::days(31));
    let other = app.visitor();
    other.open("/password").fill("Organization name", "acme").fill("Email", "owner@acme.example");
    other.press("Mail me a link");
    app.deliver();
    other.open(&app.link_to("owner@acme.example", "password"));
    other.fill("New password", "velvet-orchard-53-lamp").fill("New password again", "velvet-orchard-53-lamp");
    other.press("Set new password").is_at("/login/acme");
    other.log_in("acme", "owner@acme.example", "velvet-orchard-53-lamp").is_at("/console");
}

/// Shows attack 105.
#[test]
fn a_session_of_a_password_that_expired_can_only_log_out() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(31));
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).is_at("/password/expired").press("Log out").is_at("/login");
    owner.open("/password/expired").is_at("/login");
    let nobody = app.visitor();
    nobody.post("/password/expired", &[("new_password", NEXT), ("password_again", NEXT)]).is_at("/login");
}

/// Shows ASVS 6.2.3.
#[test]
fn wrong_current_passwords_lock_like_at_login() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(30) - Duration::minutes(1));
    let owner = comes_in(&app);
    app.clock.advance(Duration::minutes(11));
    owner.open("/console").is_at("/password/expired");
    let wrong = [("password", "not the password"), ("new_password", NEXT), ("password_again", NEXT)];
    for _ in 0..4 {
        owner.post("/password/expired", &wrong).gets(422);
    }
    owner.post("/password/expired", &wrong).gets(429);
    let right = [("password", PASSWORD), ("new_password", NEXT), ("password_again", NEXT)];
    owner.post("/password/expired", &right).gets(429);
    app.clock.advance(Duration::minutes(16));
    owner.post("/password/expired", &right).is_at("/console");
}

/// Shows ASVS 6.4.5.
#[test]
fn people_are_reminded_once_each_also_over_a_downtime() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    let email = "owner@acme.example";
    app.clock.advance(Duration::days(16) - Duration::minutes(1));
    assert_eq!(reminders(&app, email), 0);
    app.clock.advance(Duration::minutes(2));
    assert_eq!((reminders(&app, email), reminders(&app, email)), (1, 1));
    let owner = comes_in(&app);
    owner.open("/console").sees("Your password expires in 13 days");
    // The server was down over the seventh day, and on the day before the end it tells once.
    app.clock.advance(Duration::days(13));
    assert_eq!((reminders(&app, email), reminders(&app, email)), (2, 2));
    app.visitor().log_in("acme", email, PASSWORD).sees("Your password expires today");
    app.clock.advance(Duration::days(2));
    assert_eq!(reminders(&app, email), 2);
    // A new password is another end.
    let owner = app.visitor();
    owner.log_in("acme", email, PASSWORD).fill("New password", NEXT).fill("New password again", NEXT);
    owner.press("Set new password").is_at("/console").sees_no("Your password expires");
    app.clock.advance(Duration::days(24));
    assert_eq!(reminders(&app, email), 3);
}

#[test]
fn another_policy_is_another_end_to_be_told_of() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    expire(&app, "30");
    app.clock.advance(Duration::days(24));
    assert_eq!(reminders(&app, "owner@acme.example"), 1);
    expire(&app, "37");
    assert_eq!(reminders(&app, "owner@acme.example"), 2, "13 days are left now");
    let two = app.beside();
    two.clean_up();
    assert_eq!(reminders(&app, "owner@acme.example"), 2, "not once by each instance");
}

#[test]
fn lists_of_users_say_whose_password_has_expired() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let late: Person<'_> = app.colleague("acme", "late@acme.example", Roles::default());
    late.open("/console").gets(200);
    expire(&app, "30");
    app.clock.advance(Duration::days(31));
    app.colleague("acme", "new@acme.example", Roles::default());
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", PASSWORD).fill("New password", NEXT).fill("New password again", NEXT);
    owner.press("Set new password");
    owner.open("/iam/users?status=expired").sees("late@acme.example").sees("Expired").sees_no("new@acme.example");
    let link = owner.page().link("Colleague").expect("the user's page");
    owner.open(&link).sees("Expired");
}

/// Without script a number beside another choice is not guessed at.
#[test]
fn a_number_of_days_beside_another_choice_is_not_saved() {
    let app = TestApp::start();
    let owner = app.owner();
    let page = "/iam/organization/security/password";
    owner.open(page).fill("Days, where custom", "45").tick("90 days").press("Save");
    owner.gets(422).sees("Choose Custom to use this number, or empty the field");
    owner.open(page).tick("Custom").press("Show the effect").gets(200).sees_no("There is a problem");
    owner.press("Save").gets(422).sees("Enter something here");
}
