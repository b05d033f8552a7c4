//! Deletion of an organization: what has to be gone, the request, time to think again, and then everything gone.

pub mod erasure;
pub mod export;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::audit_events;

use super::operator::Operator;
use super::support::TestApp;
use super::support::deletion::PRECAUTIONS;

const PAGE: &str = "/iam/organization/deletion";
const ACCOUNT: &str = "/iam/organization/account";

/// Shows ASVS 2.3.5; attack 85.
#[test]
fn the_owner_works_a_checklist_off_requests_the_deletion_and_withdraws_it() {
    let app = TestApp::start();
    let owner = app.owner();
    app.colleague("acme", "jun@acme.example", Roles::default());
    owner.creates_project("web-shop", "Shop");
    app.resource("acme", "web-shop", "vm-1", "web-front-1");
    let bill = app.bill("acme", "2611OPENED", "2026-12-20");

    owner.open(ACCOUNT).sees("Not requested").click("Apply for Cloud Organization Deletion").is_at(PAGE);
    owner.sees("1 user is left besides you.").sees("1 project is left, with 1 resource.").sees("1 bill is open.");
    owner.sees("The request can be made once everything above is done.").sees_no("Withdraw request");
    // What the page does not offer is refused, too.
    let all = [("precautions", "everything"), ("precautions", "final"), ("precautions", "withdrawal")];
    let fields: Vec<_> = all.into_iter().chain([("organization", "acme")]).collect();
    owner.post(PAGE, &fields).gets(422).sees("Nothing was requested.");

    let jun = owner.open("/iam/users?q=jun").page().link("Colleague").expect("the colleague");
    owner.open(&format!("{jun}/deletion")).fill("Type the user’s email address to confirm", "jun@acme.example");
    owner.press("Delete user").is_at("/iam/users");
    app.database.execute("DELETE FROM resources");
    owner.post("/iam/projects/web-shop/deletion", &[("project_id", "web-shop")]).is_at("/iam/projects");
    owner.open(PAGE).sees("Nobody else is registered.").sees("There are no projects.").sees("1 bill is open.");
    owner.click("Go to Billing").sees("2611OPENED");
    app.settle(&bill);

    owner.open(PAGE).sees("Nothing is left to do.").press("Request deletion").gets(422);
    owner.sees("Read and tick every precaution").sees("Enter something here");
    for precaution in PRECAUTIONS {
        owner.tick(precaution);
    }
    owner.fill("Organization name", "acme-cloud").press("Request deletion").gets(422);
    owner.sees("Type the name of this organization");
    owner.requests_deletion("Acme").sees("The deletion is requested.").sees("Deletion requested");
    owner.sees("By Mina Park, 22 Nov 2026, 18:00 KST.").sees("Everything is erased on 29 Nov 2026, 18:00 KST.");
    let mail = &app.mail_to("owner@acme.example")[0];
    assert!(mail.subject.contains("deletion of your organization is requested"), "{}", mail.subject);
    assert!(mail.text.contains("29 Nov 2026, 18:00 KST"), "{}", mail.text);

    // Every page says so, and nothing new comes to be.
    owner
        .open("/console")
        .sees("Everything of it is erased on 29 Nov 2026, 18:00 KST at the earliest.")
        .click("See the request");
    let person = [("email", "bea@acme.example"), ("name", "Bea"), ("language", "en")];
    owner.post("/iam/users/new", &person).is_at(ACCOUNT).sees("nothing new can be created");
    owner.open("/iam/users/new").is_at(ACCOUNT).sees("nothing new can be created");
    owner.open("/iam/users/bulk").is_at(ACCOUNT);
    owner.post("/iam/projects/new", &[("display_name", "Shop")]).is_at(ACCOUNT).sees("nothing new can be created");
    owner.open("/iam/projects/new").is_at(ACCOUNT);

    // Logging in stays possible.
    let elsewhere = app.visitor();
    elsewhere.log_in("acme", "owner@acme.example", super::support::people::PASSWORD).is_at("/console");
    elsewhere.open(ACCOUNT).click("See deletion request").press("Withdraw request").is_at(ACCOUNT);
    elsewhere.sees("The request is withdrawn.").sees("Not requested").sees_no("at the earliest");
    assert!(app.mail_to("owner@acme.example")[0].subject.contains("is not deleted"));
    elsewhere.post("/iam/organization/deletion/withdrawal", &[]).sees("No deletion is requested.");
    owner.creates_project("web-shop", "Shop");
    for event in ["organization.deletion_requested", "organization.deletion_withdrawn"] {
        let rows = audit_events::table.filter(audit_events::event.eq(event)).count();
        assert_eq!(rows.get_result::<i64>(&mut app.database.connect()), Ok(1), "{event}");
    }
}

/// Shows attack 88.
#[test]
fn the_form_pressed_twice_requests_it_once() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.requests_deletion("acme");
    app.clock.advance(Duration::minutes(1));
    let all = [("precautions", "everything"), ("precautions", "final"), ("precautions", "withdrawal")];
    let fields: Vec<_> = all.into_iter().chain([("organization", "acme")]).collect();
    owner.post(PAGE, &fields).is_at(ACCOUNT).sees("By Mina Park, 22 Nov 2026, 18:00 KST.");
    let mails = app.mail_to("owner@acme.example");
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("is requested")).count(), 1);
}

#[test]
fn looking_at_the_checklist_again_and_again_is_no_use_of_the_session() {
    let app = TestApp::start();
    let owner = app.owner();
    app.colleague("acme", "jun@acme.example", Roles::default());
    let page = owner.open(PAGE).response().text();
    assert!(page.contains("hx-get=\"/iam/organization/deletion/checklist\""), "{page}");
    let by_itself = [("HX-Request", "true"), ("HX-Target", "section#refreshing"), ("HX-Source", "section#refreshing")];
    // The login is not fresh for long, and the list is looked at for as long as it takes.
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(9));
        let answer = owner.request("GET", "/iam/organization/deletion/checklist", &by_itself, "");
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("1 user is left besides you.") && answer.text().contains("hx-get"));
    }
    app.database.execute("DELETE FROM users WHERE email = 'jun@acme.example'");
    let answer = owner.request("GET", "/iam/organization/deletion/checklist", &by_itself, "");
    assert!(!answer.text().contains("hx-get") && answer.text().contains("Continue"), "{}", answer.text());
    app.clock.advance(Duration::minutes(4));
    let answer = owner.request("GET", "/iam/organization/deletion/checklist", &by_itself, "");
    assert_eq!((answer.status, answer.header("hx-redirect").is_some()), (401, true), "the session is over");
}

#[test]
fn the_operator_sees_requests_and_holds_one_to_add_a_last_bill() {
    let operator = Operator::of_a_server();
    assert_eq!(operator.does(&["organization", "requests"]), "No organization has asked for its deletion.\n");
    let owner = operator.app.owner();
    assert!(operator.is_refused(&["organization", "hold", "acme"]).contains("has not asked for its deletion"));
    owner.requests_deletion("acme");
    let table = operator.does(&["organization", "requests"]);
    let row: Vec<&str> = table.lines().nth(1).expect("a row").split_whitespace().collect();
    assert_eq!((row[0], row[2], row[5], row[6]), ("acme", "Mina", "due", "0"), "{table}");

    let charge = ["billing", "add", "acme", "--period", "2026-11", "--due", "2030-01-31", "--line", "Servers;1;1000"];
    let charge = |currency: &[&'static str]| [charge.as_slice(), currency].concat();
    let told = operator.is_refused(&charge(&["--currency", "KRW"]));
    assert!(told.contains("hold it to add a last bill"), "{told}");
    operator.does(&["organization", "hold", "acme"]);
    owner.open(ACCOUNT).sees("Held by the operator");
    assert!(operator.is_refused(&["organization", "hold", "acme"]).contains("is held"));
    operator.does(&charge(&["--currency", "KRW"]));
    // Nothing else comes to be, held or not.
    owner.open("/iam/projects/new").is_at(ACCOUNT);

    let json: serde_json::Value =
        serde_json::from_str(&operator.does(&["organization", "requests", "--json"])).unwrap();
    assert_eq!((&json["state"], &json["unpaid_bills"]), (&"held".into(), &1.into()));
    assert!(operator.is_refused(&["organization", "delete", "acme", "--now"]).contains("is held: release it first"));
    operator.does(&["organization", "hold", "acme", "--release"]);
    assert!(operator.is_refused(&["organization", "hold", "acme", "--release"]).contains("is not held"));
    assert!(operator.is_refused(&["organization", "delete", "acme", "--now"]).contains("1 unpaid bills"));
    owner.open(PAGE).sees("1 bill is open. Nothing is erased before it is paid.");
    assert_eq!(operator.recorded("organization.deletion_held").len(), 1);
    assert_eq!(operator.recorded("organization.deletion_released")[0].0, "operator");
}
