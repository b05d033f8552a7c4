//! The route list as requests.

use std::collections::BTreeMap;

use vestibule::access::Access;
use vestibule::app::routes::routes;
use vestibule::platform::config::Mode;
use vestibule::web::guard::Endpoint;

use super::dump::Dump;
use crate::support::Person;
use crate::support::client::Response;
use crate::support::people::PASSWORD;

/// An id that never was.
pub const UNKNOWN: &str = "0195a3c5-0000-7000-8000-000000000000";
/// An id that nobody chose.
pub const UNCHOSEN: &str = "no-such-thing";
/// A mailed secret that never was.
pub const NO_TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Every route of either mode.
pub fn all() -> Vec<Endpoint> {
    let all = routes(Mode::Development);
    assert!(all.len() > 30, "the route list is short");
    all
}

/// Every route that asks who calls.
pub fn guarded() -> Vec<Endpoint> {
    let all: Vec<Endpoint> = all().into_iter().filter(|endpoint| endpoint.access != Access::Visitor).collect();
    assert!(all.len() > 10, "few routes ask who calls");
    all
}

/// Whether the path has a variable segment.
pub fn is_variable(endpoint: &Endpoint) -> bool {
    endpoint.path.contains('{')
}

/// The path with its variables filled by their names.
pub fn fill(path: &str, value: impl Fn(&str) -> String) -> String {
    let segment = |segment: &str| match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        Some(name) => value(name),
        None => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The path with plausible values: for `{session}` the id of a row of `sessions`, for `{token}` what looks like a secret.
pub fn plausible(path: &str, ids: &BTreeMap<String, Vec<String>>) -> String {
    fill(path, |name| match name {
        "token" => NO_TOKEN.to_owned(),
        "organization" => "acme".to_owned(),
        "event" => ids.get("audit_events").and_then(|ids| ids.first()).map_or(UNKNOWN, String::as_str).to_owned(),
        name => ids.get(&format!("{name}s")).and_then(|ids| ids.first()).map_or(UNKNOWN, String::as_str).to_owned(),
    })
}

/// The path with each of up to six plausible values of its first variable: for `{bill}` every bill there is.
pub fn each_plausible(path: &str, ids: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let variable = path.split(['{', '}']).nth(1).unwrap_or_default();
    // In addresses an organization has its name.
    if variable == "organization" {
        return vec![plausible(path, ids)];
    }
    let mine = ids.get(&format!("{variable}s")).map(Vec::as_slice).unwrap_or_default();
    let with = |id: &String| plausible(&path.replacen(&format!("{{{variable}}}"), id, 1), ids);
    if mine.is_empty() { vec![plausible(path, ids)] } else { mine.iter().take(6).map(with).collect() }
}

/// Ids of the rows that belong to an organization, by table.
pub fn ids_of(dump: &Dump, organization: &str) -> BTreeMap<String, Vec<String>> {
    let home =
        dump["organizations"].iter().find(|row| row["name"] == organization).expect("the organization")["id"].clone();
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, rows) in dump {
        let mut rows: Vec<_> = rows.iter().collect();
        // What invariant tests do to a user is done to one who need not log in.
        rows.sort_by_key(|row| !row.get("email").is_some_and(|email| email.starts_with("guest@")));
        let mine = rows.into_iter().filter(|row| row.get("organization_id").or(row.get("id")) == Some(&home));
        ids.insert(table.clone(), mine.filter_map(|row| row.get("id").cloned()).collect());
    }
    ids
}

/// A form with every field name there is, filled with what could be right.
pub fn rich_form() -> String {
    let names = super::sources::field_names();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), plausible_value(name))).collect();
    crate::support::people::encode(&fields)
}

/// The same form with another value in one field.
pub fn rich_form_with(other: &str, value: &str) -> String {
    let names = super::sources::field_names();
    let fields: Vec<(&str, &str)> =
        names.iter().map(|name| (name.as_str(), if name == other { value } else { plausible_value(name) })).collect();
    crate::support::people::encode(&fields)
}

fn plausible_value(name: &str) -> &'static str {
    match name {
        "organization" => "acme",
        "email" | "username" | "billing_email" => "owner@acme.example",
        "password" => PASSWORD,
        "new_password" | "password_again" => "lantern-orchard-53-velvet",
        "country" | "mobile_country" => "KR",
        "mobile" | "phone" => "010-2345-6789",
        "registration_number" => "120-81-47521",
        "language" => "ko",
        "time_zone" | "zone" => "Europe/Berlin",
        "one_time_code" => "123456",
        "factor" => "email",
        "two_factor" => "active",
        "recovery_code" => "abcdef-ghijkl-mnopqr-stuvwx",
        "theme" => "dark",
        "all" => "on",
        "go" => "next",
        "next" | "here" => "/account",
        "submission" => UNKNOWN,
        "terms" => "service",
        "roles" => "org_reader",
        "confirmation" => "nobody@acme.example",
        "lines" => "new@acme.example,Mina Park",
        "precautions" => "everything",
        "project_id" => "acme-shop",
        "role" => "project_reader",
        "from" | "to" => "2026-11-22",
        "event" => "login",
        "result" => "done",
        "format" => "csv",
        "reference" => "ABCD-EFGH",
        _ => "Mina Park",
    }
}

/// Sends a request with a person's cookies and leaves the person as they are.
pub fn glance(person: &Person<'_>, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let double = person.app.visitor();
    *double.cookies.borrow_mut() = person.cookies.borrow().clone();
    double.request(method, path, headers, body)
}

/// What htmx sends when it asks for the element with an id.
pub fn asking_for(target: &str) -> [(&str, &str); 2] {
    [("HX-Request", "true"), ("HX-Target", target)]
}
