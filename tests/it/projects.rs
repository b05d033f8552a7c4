//! Projects: who sees them, who makes, changes and deletes them, and who has a role in them.

use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, users};

use super::support::people::encode;
use super::support::{Person, TestApp};

const NO_ROLE: Roles = Roles { owner: false, org_admin: false, org_reader: false, billing_admin: false };
const ADMIN: Roles = Roles { org_admin: true, ..NO_ROLE };
const READER: Roles = Roles { org_reader: true, ..NO_ROLE };

/// Result, reason and details of the events of a kind, in order.
fn recorded(app: &TestApp, event: &str) -> Vec<(String, Option<String>, serde_json::Value)> {
    let rows = audit_events::table.filter(audit_events::event.eq(event)).order(audit_events::id);
    let rows = rows.select((audit_events::result, audit_events::reason, audit_events::details));
    let rows: Vec<(String, Option<String>, String)> = rows.load(&mut app.database.connect()).unwrap();
    rows.into_iter()
        .map(|(result, reason, details)| (result, reason, serde_json::from_str(&details).unwrap()))
        .collect()
}

/// Where the page of a member's role is.
fn role_page(person: &Person<'_>, project: &str, name: &str) -> String {
    person.open(&format!("/iam/projects/{project}"));
    person.page().link(&format!("Change {name}")).expect("a link to the member's role")
}

fn rename(app: &TestApp, email: &str, name: &str) {
    let row = users::table.filter(users::email.eq(email));
    diesel::update(row).set(users::name.eq(name)).execute(&mut app.database.connect()).unwrap();
}

#[test]
fn an_admin_makes_a_project_changes_what_it_is_called_and_deletes_it() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let admin = app.colleague("acme", "admin@acme.example", ADMIN);
    admin.open("/iam/projects").sees("No projects yet").click("New project").is_at("/iam/projects/new");
    admin.fill("Display name", "Web shop").fill("Project ID", " Web-Shop ").fill("Description", "What customers see");
    admin.press("Create project").is_at("/iam/projects/web-shop").sees("The project is created");
    admin.sees("Web shop").sees("What customers see").sees("Nobody has a role here").sees("The project holds nothing");
    admin.open("/iam/projects").sees("1 of 30 projects").sees("web-shop");

    admin.click("Web shop").click("Edit project").sees("The Project ID stays as it is");
    assert_eq!(admin.page().value("Display name").as_deref(), Some("Web shop"));
    admin.fill("Display name", "Market").fill("Description", "").press("Save").is_at("/iam/projects/web-shop");
    admin.sees("The project is saved").sees("Market").sees_no("What customers see");
    admin.post("/iam/projects/web-shop/edit", &[("display_name", "Market"), ("project_id", "other")]);
    admin.open("/iam/projects").sees("web-shop").sees_no("other");

    admin.open("/iam/projects/web-shop").click("Delete project").fill("Type the Project ID to confirm", "Market");
    admin.press("Delete project").gets(422).sees("Type the Project ID exactly as it is shown");
    admin.fill("Type the Project ID to confirm", "web-shop").press("Delete project").is_at("/iam/projects");
    admin.sees("The project web-shop is deleted").sees("No projects yet");
    admin.open("/iam/projects/web-shop").gets(404);

    let created = recorded(&app, "project.created");
    assert_eq!(created[0].2, serde_json::json!({ "name": "Web shop", "description": "What customers see" }));
    let changed = recorded(&app, "project.changed");
    assert_eq!(changed[0].2["name"], serde_json::json!({ "before": "Web shop", "after": "Market" }));
    assert_eq!(recorded(&app, "project.deleted")[0].2["name"], "Market");
}

/// Shows ASVS 2.2.1.
#[test]
fn what_cannot_be_a_project_comes_back_as_typed() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    owner.open("/iam/projects/new").fill("Display name", " ").fill("Project ID", "Web Shop").press("Create project");
    owner.gets(422).sees("Display name: Enter something here").sees("Project ID: “Web Shop” cannot be a Project ID");
    assert_eq!(owner.page().value("Project ID").as_deref(), Some("Web Shop"));
    for (id, problem) in
        [("web-shop", "not available"), ("new", "not available"), ("-ab", "“-ab” cannot be"), ("ab", "“ab” cannot be")]
    {
        owner.fill("Display name", "Another").fill("Project ID", id).press("Create project").gets(422).sees(problem);
        assert_eq!(owner.page().value("Display name").as_deref(), Some("Another"), "{id}");
    }
    owner.fill("Project ID", "").fill("Description", &"x".repeat(201)).press("Create project").gets(422);
    owner.sees("Use at most 200 characters").fill("Description", "").press("Create project");
    let url = owner.page().url.clone();
    assert!(url.starts_with("/iam/projects/project-"), "an id is generated: {url}");
    owner
        .click("Edit project")
        .fill("Display name", "\u{202e}evil")
        .press("Save")
        .gets(422)
        .sees("without line breaks");
    // The same id in another organization is another project.
    let other = app.owner_of("rival", "boss@rival.example");
    other.creates_project("web-shop", "Their shop").sees("Their shop");
    owner.open("/iam/projects/web-shop").sees("Web shop").sees_no("Their shop");
    app.deliver();
}

/// Shows attack 88.
#[test]
fn a_form_pressed_twice_makes_one_project() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.open("/iam/projects/new").fill("Display name", "Twice");
    let form = owner.page().button("Create project").unwrap();
    let submission = form.fields.iter().find(|(name, _)| name == "submission").unwrap().1.clone();
    let fields = [("display_name", "Twice"), ("submission", submission.as_str())];
    let first = owner.request("POST", "/iam/projects/new", &[], &encode(&fields));
    let second = owner.request("POST", "/iam/projects/new", &[], &encode(&fields));
    assert_eq!((first.status, first.header("location")), (303, second.header("location")));
    owner.open("/iam/projects").sees("1 of 30 projects");
    // Another organization's submission is nothing to this one.
    let other = app.owner_of("rival", "boss@rival.example");
    other.post("/iam/projects/new", &fields).sees("The project is created");
    other.open("/iam/projects").sees("1 of 30 projects");
    app.deliver();
}

/// Shows ASVS 2.3.2, 8.3.1.
#[test]
fn at_the_limit_the_button_gives_way_to_the_reason() {
    let app = TestApp::start_with(|config| config.limits.projects = 2);
    let owner = app.owner();
    owner.creates_project("one-project", "One").creates_project("two-project", "Two");
    owner.open("/iam/projects").sees("2 of 2 projects").sees("as many as it may have").sees_no("New project");
    owner.open("/iam/projects/new").sees("as many as it may have").sees_no("Create project");
    owner.post("/iam/projects/new", &[("display_name", "Three")]).gets(422).sees("as many as it may have");
    assert_eq!(owner.page().value("Display name").as_deref(), Some("Three"));
    owner.post("/iam/projects/one-project/deletion", &[("project_id", "one-project")]).is_at("/iam/projects");
    owner.click("New project").fill("Display name", "Three").press("Create project").sees("The project is created");
    app.deliver();
}

/// Shows ASVS 8.2.1; attack 80.
#[test]
fn people_see_the_projects_they_belong_to_and_readers_see_all() {
    let app = TestApp::start();
    let owner = app.owner();
    let member = app.colleague("acme", "member@acme.example", NO_ROLE);
    let reader = app.colleague("acme", "reader@acme.example", READER);
    reader.open("/iam/projects").sees("No projects yet").sees("An Org Admin can create one").sees_no("New project");
    member
        .open("/iam/projects")
        .sees("You have no role in a project")
        .sees("member@acme.example")
        .sees_no("New project");
    owner.creates_project("web-shop", "Web shop").creates_project("back-office", "Back office");
    owner.adds_member("web-shop", "member@acme.example", "project_member");

    reader.open("/iam/projects").sees("Web shop").sees("Back office");
    reader.click("Back office").sees("None in this project").sees_no("Add member").sees_no("Edit project");
    member.open("/iam/projects").sees("Web shop").sees("Project Member").sees_no("Back office").sees_no("of 30");
    member.click("Web shop").sees("member@acme.example").sees_no("Add member").sees_no("Delete project");
    member.open("/console").sees("Web shop").sees("Project Member").open("/account").sees("Web shop");
    member.open("/iam/projects/web-shop/edit").gets(403).open("/iam/projects/web-shop/deletion").gets(403);
    member.open("/iam/projects/web-shop/members/new").gets(403);
    // Refused alike, whether there is such a project or not.
    for project in ["back-office", "no-such-project", "Web-Shop", "no..project"] {
        member.open(&format!("/iam/projects/{project}")).gets(403);
    }
    for person in [&owner, &reader] {
        for project in ["no-such-project", "Web-Shop", "no..project"] {
            person.open(&format!("/iam/projects/{project}")).gets(404);
        }
    }
    owner.open("/iam/projects/no-such-project/members/new").gets(404);
    owner.open("/console").sees_no("My projects");
    app.deliver();
}

#[test]
fn a_project_admin_adds_changes_and_removes_members() {
    let app = TestApp::start();
    let owner = app.owner();
    let lead = app.colleague("acme", "lead@acme.example", NO_ROLE);
    let mate = app.colleague("acme", "mate@acme.example", NO_ROLE);
    rename(&app, "mate@acme.example", "Jisoo Kim");
    owner.creates_project("web-shop", "Web shop").adds_member("web-shop", "lead@acme.example", "project_admin");

    lead.open("/iam/projects/web-shop").click("Add member");
    assert_eq!(lead.page().value("Project role").as_deref(), Some("project_member"));
    lead.fill("Email", " Mate@ACME.example ").fill("Project role", "project_reader").press("Add member");
    lead.is_at("/iam/projects/web-shop").sees("Jisoo Kim has a role").sees("2 people").sees("Project Reader");
    mate.open("/iam/projects/web-shop").gets(200).open("/iam/projects/web-shop/members").sees("Jisoo Kim");

    // A role acts on the next request.
    mate.open("/iam/projects/web-shop/members/new").gets(403);
    let page = role_page(&lead, "web-shop", "Jisoo Kim");
    lead.open(&page).fill("Project role", "project_admin").press("Save").sees("The role is changed");
    mate.open("/iam/projects/web-shop/members/new").gets(200);
    lead.open(&page).click("Remove from project").sees("Jisoo Kim loses the role").press("Remove from project");
    lead.is_at("/iam/projects/web-shop").sees("has no role in the project any more").sees("1 person");
    mate.open("/iam/projects/web-shop").gets(403).open("/iam/projects").sees("You have no role in a project");
    lead.open(&page).gets(404);

    let added = recorded(&app, "project.member_added");
    assert_eq!(added[1].2, serde_json::json!({ "project": "web-shop", "role": "project_reader" }));
    let changed = recorded(&app, "project.role_changed");
    assert_eq!(changed[0].2["role"], serde_json::json!({ "before": "project_reader", "after": "project_admin" }));
    assert_eq!(recorded(&app, "project.member_removed")[0].2["role"], "project_admin");
}

/// Shows attack 79.
#[test]
fn asvs_8_3_2_a_project_role_that_was_taken_is_gone_at_the_next_request() {
    let app = TestApp::start();
    let owner = app.owner();
    let lead = app.colleague("acme", "lead@acme.example", NO_ROLE);
    app.colleague("acme", "mate@acme.example", NO_ROLE);
    rename(&app, "lead@acme.example", "Lena");
    owner.creates_project("web-shop", "Web shop").adds_member("web-shop", "lead@acme.example", "project_admin");
    lead.open("/iam/projects/web-shop/members/new").fill("Email", "mate@acme.example");
    let page = role_page(&owner, "web-shop", "Lena");
    owner.open(&page).fill("Project role", "project_reader").press("Save");
    // The form that was open meanwhile does nothing, either.
    lead.press("Add member").gets(403).open("/iam/projects/web-shop").gets(200).sees_no("mate@acme.example");
    owner.post(&format!("{page}/removal"), &[]);
    lead.open("/iam/projects/web-shop").gets(403);
    app.deliver();
}

#[test]
fn who_cannot_be_added_is_told_why_and_the_try_is_recorded() {
    let app = TestApp::start();
    let owner = app.owner();
    app.organization("rival", "boss@rival.example");
    let lead = app.colleague("acme", "lead@acme.example", NO_ROLE);
    app.colleague("acme", "gone@acme.example", NO_ROLE);
    app.database.execute("UPDATE users SET status = 'deactivated' WHERE email = 'gone@acme.example'");
    owner.creates_project("web-shop", "Web shop").adds_member("web-shop", "lead@acme.example", "project_admin");
    lead.open("/iam/projects/web-shop/members/new").fill("Email", "lead@").fill("Project role", "org_admin");
    lead.press("Add member").gets(422).sees("“lead@” is not an email address").sees("Choose a role from the list");
    for (email, problem) in [
        ("nobody@acme.example", "Nobody with this address is registered"),
        ("boss@rival.example", "Nobody with this address is registered"),
        ("gone@acme.example", "This user is deactivated"),
        ("lead@acme.example", "has a role in the project already"),
    ] {
        lead.open("/iam/projects/web-shop/members/new")
            .fill("Email", email)
            .press("Add member")
            .gets(422)
            .sees(problem);
        assert_eq!(lead.page().value("Email").as_deref(), Some(email));
    }
    let tried: Vec<_> = recorded(&app, "project.member_added").into_iter().map(|(_, reason, _)| reason).collect();
    let reasons = ["unknown_address", "unknown_address", "deactivated", "is_member"].map(|word| Some(word.to_owned()));
    assert_eq!(tried[1..], reasons);
    app.deliver();
}

/// Shows attack 76.
#[test]
fn nobody_changes_their_own_role_but_by_an_organization_role() {
    let app = TestApp::start();
    let owner = app.owner();
    let lead = app.colleague("acme", "lead@acme.example", READER);
    rename(&app, "lead@acme.example", "Lena");
    owner.creates_project("web-shop", "Web shop").adds_member("web-shop", "lead@acme.example", "project_admin");
    let page = role_page(&owner, "web-shop", "Lena");
    lead.open("/iam/projects/web-shop").sees("Your own role");
    assert_eq!(lead.page().link("Change Lena"), None);
    lead.open(&page).sees("Nobody changes their own role").sees_no("Save");
    lead.post(&page, &[("role", "project_reader")]).gets(422).sees("Nobody changes their own role");
    lead.open(&format!("{page}/removal")).sees("Nobody changes their own role");
    lead.post(&format!("{page}/removal"), &[]).gets(422).open("/iam/projects/web-shop").sees("Project Admin");
    owner.post(&page, &[("role", "nonsense")]).gets(422).sees("Choose a role from the list");

    // Whoever manages every project takes part in one and leaves it.
    owner.adds_member("web-shop", "owner@acme.example", "project_member");
    let own = role_page(&owner, "web-shop", "Mina Park");
    owner.open(&own).fill("Project role", "project_reader").press("Save").sees("Project Reader");
    owner.open(&own).click("Remove from project").press("Remove from project").sees_no("owner@acme.example ");
    app.deliver();
}

#[test]
fn a_project_that_holds_resources_is_not_deleted_and_says_which() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    app.resource("acme", "web-shop", "vm-1", "web-front-1");
    owner.open("/iam/projects/web-shop").sees("1 resource").sees("web-front-1").sees("Virtual machine").sees("vm-1");
    owner.click("Delete project").sees("still holds 1 resource").sees("web-front-1").sees_no("Type the Project ID");
    owner.post("/iam/projects/web-shop/deletion", &[("project_id", "web-shop")]).gets(422).sees("web-front-1");
    owner.open("/iam/projects/web-shop").gets(200);
    app.database.execute("DELETE FROM resources");
    owner.post("/iam/projects/web-shop/deletion", &[("project_id", "web-shop")]).is_at("/iam/projects");
    app.deliver();
}

#[test]
fn long_lists_are_read_page_by_page() {
    let app = TestApp::start_with(|config| config.limits.projects = 100);
    let owner = app.owner();
    for number in 0..51 {
        let id = format!("project-{number:02}");
        owner.request("POST", "/iam/projects/new", &[], &encode(&[("display_name", "P"), ("project_id", &id)]));
    }
    owner.open("/iam/projects").sees("51 of 100").sees("project-49").sees_no("project-50").click("Next");
    owner.sees("project-50").sees_no("project-49").click("Previous").sees("project-00").sees_no("project-50");
    for number in 0..51 {
        app.resource("acme", "project-00", &format!("vm-{number:02}"), &format!("machine-{number:02}"));
    }
    owner.open("/iam/projects/project-00").sees("51 resources").sees_no("machine-50").click("Show all resources");
    owner
        .sees("machine-49")
        .click("Next")
        .sees("machine-50")
        .sees_no("machine-49")
        .click("Previous")
        .sees("machine-00");
    app.deliver();
}

/// Shows ASVS 1.2.1, 2.2.2; attack 73.
#[test]
fn hostile_values_in_every_field_of_a_project_are_the_page_again() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("web-shop", "Web shop");
    let long = "x".repeat(10_000);
    let corpus =
        ["\0", "a\0b", "\u{202e}evil", "' OR 1=1--", "<script>alert(1)</script>", "%", "../..", "💣", "-1", &long];
    for (path, fields) in [
        ("/iam/projects/new", &["display_name", "project_id", "description", "submission"][..]),
        ("/iam/projects/web-shop/edit", &["display_name", "description"]),
        ("/iam/projects/web-shop/deletion", &["project_id"]),
        ("/iam/projects/web-shop/members/new", &["email", "role"]),
    ] {
        for field in fields {
            for value in corpus {
                let answer = owner.request("POST", path, &[], &encode(&[(field, value)]));
                // What is no more than odd may well be what somebody calls a project.
                let saved = answer.status == 303 && (path.ends_with("/edit") || *field == "display_name");
                assert!(answer.status == 422 || saved, "{path} {field}={value:?}: {}", answer.status);
                assert!(!answer.text().contains("<script>alert(1)"), "{path} {field}");
            }
        }
    }
    let list = owner.request("GET", "/iam/projects", &[], "").text();
    assert!(list.contains("OR 1=1--") && list.contains("&#60;script") && !list.contains("<script>alert(1)"), "{list}");
    for query in ["after=%00", "before=%00", "after=x%1F", "after=%F0%9F%92%A3", "before=project"] {
        for page in ["/iam/projects", "/iam/projects/web-shop/members", "/iam/projects/web-shop/resources"] {
            assert_eq!(owner.request("GET", &format!("{page}?{query}"), &[], "").status, 200, "{page}?{query}");
        }
    }
    app.deliver();
}
