//! Who gets where: nobody, and each role.

use vestibule::access::{Access, Grant, Roles, Rule};
use vestibule::app::console::pages::COLUMNS;
use vestibule::base::urls;

use super::dump::{Looker, changes};
use super::sources::none;
use super::walk::{self, asking_for, glance, plausible};
use crate::support::people::PASSWORD;
use crate::support::{Person, TestApp};

/// Shows ASVS 7.2.1, 8.2.1, 8.3.1.
#[test]
fn nobody_gets_past_the_login() {
    let app = TestApp::start();
    let owner = app.owner();
    let ended = ended_session(&app);
    let forged = app.visitor();
    forged.cookies.borrow_mut().insert("vestibule-session".to_owned(), format!("{}{}", "0".repeat(44), walk::NO_TOKEN));
    let mut looker = Looker::at(&app.database);
    let before = looker.look();
    let ids = walk::ids_of(&before, "acme");
    let form = walk::rich_form();
    let mut faults = Vec::new();
    for (who, person) in [
        ("nobody", &app.visitor()),
        ("somebody whose session ended", &ended),
        ("somebody with a forged cookie", &forged),
    ] {
        for endpoint in walk::guarded() {
            let (method, path) = (endpoint.method.as_str(), plausible(endpoint.path, &ids));
            let body = if method == "POST" { form.as_str() } else { "" };
            let path = if method == "GET" { format!("{path}?held={}", walk::UNKNOWN) } else { path };
            let login = match endpoint.access {
                Access::Repair => urls::RECOVERY.to_owned(),
                _ => urls::login_then(&path),
            };
            // What somebody typed whose session ended is kept, and comes back after the login.
            let keeps = method == "POST" && who == "somebody whose session ended" && endpoint.access != Access::Repair;
            let leads = |to: Option<&str>| match keeps {
                true => to.is_some_and(|to| to.starts_with(&format!("{login}%3Fheld%3D"))),
                false => to == Some(login.as_str()),
            };
            let plain = glance(person, method, &path, &[], body);
            if plain.status != 303 || !leads(plain.header("location")) {
                faults.push(format!("{method} {path} as {who}: {} to {:?}", plain.status, plain.header("location")));
            }
            let swap = glance(person, method, &path, &asking_for("form#form"), body);
            if swap.status != 401 || !leads(swap.header("hx-redirect")) {
                faults.push(format!(
                    "{method} {path} as {who} by htmx: {} to {:?}",
                    swap.status,
                    swap.header("hx-redirect")
                ));
            }
            let found = changes(&before, &looker.look());
            let found = found.iter().filter(|change| change.table != "held_forms");
            faults.extend(found.map(|change| format!("{method} {path} as {who}: {change}")));
        }
    }
    none(faults, "somebody without a session got further than the login");
    owner.open("/account").gets(200);
}

fn ended_session(app: &TestApp) -> Person<'_> {
    let person = app.visitor();
    person.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let cookies = person.cookies.borrow().clone();
    person.post("/logout", &[]).is_at("/login");
    *person.cookies.borrow_mut() = cookies;
    person
}

/// Somebody with one role, who logs in again whenever a change logged them out.
struct Holder<'a> {
    person: Person<'a>,
    email: &'static str,
    column: Option<&'static str>,
}

impl Holder<'_> {
    /// What the table of the roles page grants; without a role, what is granted to everyone.
    fn may(&self, rule: &Rule) -> bool {
        match self.column {
            Some(label) => COLUMNS.iter().find(|column| column.label == label).expect("a column").holds(rule),
            None => rule.grants.contains(&Grant::Everyone),
        }
    }

    fn stays_logged_in(&mut self) {
        if glance(&self.person, "GET", urls::SESSION, &[], "").header("location") != Some(urls::CONSOLE) {
            self.person = self.person.app.visitor();
            self.person.log_in("acme", self.email, PASSWORD).is_at("/console");
        }
    }
}

/// Shows ASVS 8.1.1, 8.2.1, 8.3.1, 16.3.2; attacks 76, 81.
#[test]
fn each_role_gets_exactly_where_the_permission_table_lets_it() {
    let app = TestApp::start();
    let owner = app.owner();
    app.leave_only_the_designation("acme");
    let mate = |email, roles| app.colleague("acme", email, roles);
    let (no, yes) = (Roles::default(), true);
    let cast = [
        Holder { person: owner, email: "owner@acme.example", column: Some("role-org-owner") },
        Holder {
            person: mate("a@acme.example", Roles { org_admin: yes, ..no }),
            email: "a@acme.example",
            column: Some("role-org-admin"),
        },
        Holder {
            person: mate("r@acme.example", Roles { org_reader: yes, ..no }),
            email: "r@acme.example",
            column: Some("role-org-reader"),
        },
        Holder {
            person: mate("b@acme.example", Roles { billing_admin: yes, ..no }),
            email: "b@acme.example",
            column: Some("role-billing-admin"),
        },
        Holder { person: mate("m@acme.example", no), email: "m@acme.example", column: None },
    ];
    mate("guest@acme.example", no);
    // Roles in the project that the paths name, and a project in which nobody has one.
    let project = in_a_project(&app, &cast[0].person);
    let cast = cast.into_iter().chain(project);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), "acme");
    let mut faults = Vec::new();
    let mut refused = 0;
    for mut holder in cast {
        for endpoint in walk::all() {
            let (method, path) = (endpoint.method.as_str(), plausible(endpoint.path, &ids));
            let may = match endpoint.access {
                // Whoever has no recovery code is led to where one is asked for.
                Access::Visitor | Access::Repair | Access::Bearer => true,
                Access::Permission(rule) => holder.may(rule),
            };
            holder.stays_logged_in();
            let answer = holder.person.request(method, &path, &[], "");
            let place = answer.header("location").unwrap_or_default();
            let what = format!("{method} {path} for {}: {} {place}", holder.column.unwrap_or("no role"), answer.status);
            if (answer.status != 403) != may || answer.status >= 500 {
                faults.push(format!("{what}, though the table {}", if may { "grants it" } else { "denies it" }));
            }
            if endpoint.access == Access::Repair && place != urls::RECOVERY {
                faults.push(format!("{what}, though only a recovery code opens it"));
            }
            if matches!(endpoint.access, Access::Permission(_)) && place.starts_with(urls::LOGIN) {
                faults.push(format!("{what}, though they are logged in"));
            }
            if answer.status == 403 {
                refused += 1;
                let code = answer.header("x-reference").unwrap_or("no code");
                if !answer.text().contains(code) {
                    faults.push(format!("{what}: the page does not name {code}"));
                }
            }
        }
    }
    none(faults, "the routes do not follow the permission table");
    assert!(refused > 0, "nothing was refused to anybody");
}

/// People with a role in the first of two projects, made by the owner.
fn in_a_project<'a>(app: &'a TestApp, owner: &Person<'_>) -> Vec<Holder<'a>> {
    owner.creates_project("acme-shop", "Shop").creates_project("acme-vault", "Vault");
    let roles = [
        ("pa@acme.example", "project_admin", "role-project-admin"),
        ("pm@acme.example", "project_member", "role-project-member"),
        ("pr@acme.example", "project_reader", "role-project-reader"),
    ];
    let holder = |(email, word, label)| {
        let person = app.colleague("acme", email, Roles::default());
        owner.adds_member("acme-shop", email, word);
        Holder { person, email, column: Some(label) }
    };
    roles.into_iter().map(holder).collect()
}

#[test]
fn asvs_8_2_1_a_role_in_one_project_is_none_in_another() {
    let app = TestApp::start();
    let owner = app.owner();
    let holders = in_a_project(&app, &owner);
    let owner = Holder { person: owner, email: "owner@acme.example", column: Some("role-org-owner") };
    let reader = app.colleague("acme", "r@acme.example", Roles { org_reader: true, ..Roles::default() });
    let reader = Holder { person: reader, email: "r@acme.example", column: Some("role-org-reader") };
    let mut faults = Vec::new();
    let mut tried = 0;
    for endpoint in walk::all().iter().filter(|endpoint| endpoint.path.contains("{project}")) {
        let Access::Permission(rule) = endpoint.access else { panic!("{} is open to anybody", endpoint.path) };
        let method = endpoint.method.as_str();
        let at = |project: &str| {
            walk::fill(endpoint.path, |name| if name == "project" { project } else { walk::UNKNOWN }.to_owned())
        };
        for project in ["acme-vault", "no-such-project", "Acme-Shop", "x", walk::UNKNOWN] {
            for holder in &holders {
                tried += 1;
                let answer = glance(&holder.person, method, &at(project), &[], "");
                if answer.status != 403 {
                    faults.push(format!("{method} {} for {}: {}", at(project), holder.email, answer.status));
                }
            }
            for holder in [&owner, &reader].into_iter().filter(|_| project != "acme-vault") {
                let answer = glance(&holder.person, method, &at(project), &[], "");
                let expected = if holder.may(rule) { 404 } else { 403 };
                if answer.status != expected {
                    faults.push(format!("{method} {} for {:?}: {}", at(project), holder.column, answer.status));
                }
            }
        }
    }
    none(faults, "project roles reach beyond their project");
    assert!(tried > 100, "few routes are in a project");
}

#[test]
fn a_project_permission_is_asked_for_where_the_path_names_the_project() {
    let lost = walk::all().into_iter().filter(|endpoint| match endpoint.access {
        Access::Permission(rule) => rule.is_of_projects() && !endpoint.path.contains("/{project}"),
        Access::Visitor | Access::Repair | Access::Bearer => false,
    });
    none(
        lost.map(|endpoint| format!("{} {}", endpoint.method, endpoint.path)),
        "project permissions without a project",
    );
}
