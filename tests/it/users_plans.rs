//! How the database finds the users of one organization among those of all: by an index, from the key where a page begins.

use crate::support::people::encode;
use crate::support::{TestApp, plans};

#[test]
fn every_page_of_the_list_is_the_range_of_an_index() {
    plans::watch();
    let app = TestApp::start();
    let owner = app.owner();
    let list: String = (1..=60).map(|n| format!("user-{n}@acme.example,User {n}\n")).collect();
    owner.open("/iam/users/bulk").fill("Users, one on each line", &list).press("Register all").gets(200);
    let (mut faults, mut by_last_login, mut of_projects) = (Vec::new(), 0, 0);
    let (statuses, roles) =
        (["", "invited", "active", "deactivated", "locked"], ["", "org_admin", "org_reader", "billing_admin"]);
    let mut states: Vec<Vec<(&str, &str)>> = Vec::new();
    for sort in ["", "email", "-email", "registered", "-registered", "-name"] {
        states.push(vec![("sort", sort)]);
    }
    for sort in ["last_login", "-last_login"] {
        for status in statuses {
            states.extend(roles.map(|role| vec![("sort", sort), ("status", status), ("role", role)]));
            states.push(vec![("sort", sort), ("q", "ser 4"), ("anywhere", "1"), ("status", status)]);
        }
        states.push(vec![("sort", sort), ("role", "org_owner")]);
    }
    for status in statuses {
        states.extend(roles.map(|role| vec![("status", status), ("role", role)]));
        states.push(vec![("q", "user"), ("status", status)]);
        states.push(vec![("q", "ser 4"), ("anywhere", "1"), ("status", status)]);
    }
    for state in states {
        let url = format!("/iam/users?{}", encode(&state));
        plans::caught();
        owner.open(&url).gets(200);
        let next = owner.page().link("Next");
        if let Some(next) = next {
            owner.open(&next).gets(200);
            let back = owner.page().link("Previous").expect("the way back");
            owner.open(&back).gets(200);
        }
        for sql in plans::caught() {
            if sql.contains("\"users\".\"listed_as\"") || sql.contains("`users`.`listed_as`") {
                faults.extend(plans::faults(&app.database, &sql, "users"));
                by_last_login +=
                    usize::from(sql.contains("last_login_at` DESC") || sql.contains("last_login_at\" DESC"));
            }
            for table in ["project_members", "projects", "theirs"].into_iter().filter(|_| sql.contains("theirs")) {
                faults.extend(plans::faults(&app.database, &sql, table));
                of_projects += 1;
            }
        }
    }
    assert!(by_last_login > 20 && of_projects > 20, "{by_last_login} by last login, {of_projects} of projects");
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
