//! Documents that are made from the code, so that a change of either shows in review.

use std::collections::BTreeSet;
use std::fmt::Write;

use vestibule::access::{Grant, Roles, TABLE};
use vestibule::app::console::pages::COLUMNS;
use vestibule::app::routes::{api_routes, routes};
use vestibule::base::i18n::{Language, Text};
use vestibule::base::project_role::ProjectRole;
use vestibule::platform::config::Mode;
use vestibule::web::{api, probes};

use super::sources::{document, files, none, root};

const MADE: &str = "Made from the code, and compared with it by an invariant test: `UPDATE_DOCS=1 cargo nextest run -E 'test(invariants)'`.";

/// Shows ASVS 8.1.1.
#[test]
fn every_route_is_on_record_with_who_may_call_it() {
    let production: BTreeSet<(String, &str)> =
        routes(Mode::Production).iter().map(|route| (route.method.to_string(), route.path)).collect();
    let mut says = format!("# Routes\n\n{MADE}\n\n| method | path | who may call |\n|---|---|---|\n");
    for route in routes(Mode::Development) {
        let only =
            if production.contains(&(route.method.to_string(), route.path)) { "" } else { " (development mode only)" };
        writeln!(says, "| {} | `{}` | {}{only} |", route.method, route.path, route.access.describe()).unwrap();
    }
    says.push_str("\nFor programs, with JSON, a bearer token and no cookies:\n\n| method | path | who may call |\n|---|---|---|\n");
    for route in api_routes() {
        writeln!(says, "| {} | `{}{}` | {} |", route.method, api::PREFIX, route.path, route.access.describe()).unwrap();
    }
    if api_routes().is_empty() {
        says.push_str("| | none yet | |\n");
    }
    says.push_str("\nBeside the pages, without a session and by whatever host name:\n\n| method | path | who may call |\n|---|---|---|\n");
    for path in probes::PATHS.into_iter().chain(["/static/{file}"]) {
        writeln!(says, "| GET | `{path}` | anybody |").unwrap();
    }
    document("docs/routes.md", &says);
}

/// A document that names a test as `module::name` names one that there is.
#[test]
fn every_test_that_the_table_of_faults_names_is_there() {
    let table = std::fs::read_to_string(root().join("docs/reliability.md")).unwrap();
    let named = table.split('`').filter(|words| words.contains("::") && !words.contains(' '));
    let named: BTreeSet<&str> = named.filter_map(|path| path.rsplit("::").next()).collect();
    assert!(named.len() > 5, "{named:?}");
    let all: String =
        [files("src", &[".rs"]), files("tests/it", &[".rs"])].concat().into_iter().map(|(_, text)| text).collect();
    let missing = named.into_iter().filter(|name| !all.contains(&format!("fn {name}(")));
    none(missing.map(str::to_owned), "tests that are named and not there");
}

#[test]
fn every_path_that_takes_a_post_opens_as_a_page_too() {
    let all = routes(Mode::Development);
    let opens = |path: &str| all.iter().any(|route| route.path == path && route.method == "GET");
    none(all.iter().filter(|route| !opens(route.path)).map(|route| route.path.to_owned()), "paths without GET");
}

/// Shows ASVS 8.1.1.
#[test]
fn who_may_do_what_is_on_record() {
    let say = |id: &'static str| Text::new(id).say(Language::English);
    let heads: Vec<String> = COLUMNS.iter().map(|column| say(column.label)).collect();
    let mut says = format!(
        "# Permissions\n\n{MADE}\n\nFresh: the login must be younger than ten minutes, else the page asks for the password again.\n\n"
    );
    writeln!(
        says,
        "| permission | in code | {} | fresh |\n|---|---|{}---|",
        heads.join(" | "),
        "---|".repeat(heads.len())
    )
    .unwrap();
    for rule in TABLE {
        let cells: Vec<&str> = COLUMNS.iter().map(|column| if column.holds(rule) { "yes" } else { "" }).collect();
        writeln!(
            says,
            "| {} | `{}` | {} | {} |",
            say(rule.label),
            rule.name,
            cells.join(" | "),
            if rule.fresh { "yes" } else { "" }
        )
        .unwrap();
    }
    document("docs/permissions.md", &says);
}

#[test]
fn the_roles_page_and_the_check_agree_on_every_permission() {
    let none_at_all = Roles::default();
    let roles = [
        ("role-org-owner", Roles { owner: true, ..none_at_all }),
        ("role-org-admin", Roles { org_admin: true, ..none_at_all }),
        ("role-org-reader", Roles { org_reader: true, ..none_at_all }),
        ("role-billing-admin", Roles { billing_admin: true, ..none_at_all }),
    ];
    let mut faults = Vec::new();
    for rule in TABLE {
        for (label, roles) in roles {
            let column = COLUMNS.iter().find(|column| column.label == label).expect("a column of the roles page");
            if column.holds(rule) != roles.hold(rule) {
                faults.push(format!("{} for {label}", rule.name));
            }
        }
        for role in ProjectRole::ALL {
            let column =
                COLUMNS.iter().find(|column| column.label == role.label()).expect("a column of the roles page");
            if column.holds(rule) != (rule.grants.contains(&Grant::Everyone) || rule.is_granted_to(*role)) {
                faults.push(format!("{} for {}", rule.name, role.label()));
            }
        }
        // The owner always has everything that an Org Admin has.
        if roles[1].1.hold(rule) && !roles[0].1.hold(rule) {
            faults.push(format!("{} is kept from the owner", rule.name));
        }
    }
    none(faults, "the roles page says something else than the check");
}

/// Shows ASVS 2.1.3, 6.1.1.
#[test]
fn every_setting_is_on_record() {
    let mut says = format!(
        "# Configuration\n\n{MADE}\n\nSettings come from the environment or from the TOML file that `VESTIBULE_CONFIG` names; the environment \
         wins. Every mistake is told at start, and `vestibule check` tries what the settings name.\n\n\
         | environment | file | unless set | what it is |\n|---|---|---|---|\n"
    );
    for setting in vestibule::platform::config::describe() {
        let key = if setting.key.is_empty() { String::new() } else { format!("`{}`", setting.key) };
        let about = setting.about.replace('|', "\\|");
        writeln!(says, "| `{}` | {key} | {} | {about} |", setting.variable, setting.preset.replace('|', "\\|"))
            .unwrap();
    }
    document("docs/configuration.md", &says);
}
