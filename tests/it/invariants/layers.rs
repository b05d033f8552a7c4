//! The layers of `src`: every import goes down, a room's queries are its own, and its pages are named by who lists them
//! (docs/architecture.md).

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Arrow, Imports};
use super::sources::{files, none, part_of_document};

/// The layers with their rooms, from the ground up: a room knows rooms that stand before it, and no other. A layer without
/// rooms is one room itself.
const LAYERS: &[(&str, &[&str])] =
    &[("base", &[]), ("platform", PLATFORM), ("access", &[]), ("web", &[]), ("features", FEATURES), ("app", APP)];

const PLATFORM: &[&str] = &[
    "secrets",
    "files",
    "terminal",
    "outbound",
    "background",
    "oidc",
    "events",
    "metrics",
    "store",
    "config",
    "command",
    "throttle",
    "codes",
    "mail",
];

const FEATURES: &[&str] = &[
    "organizations",
    "users",
    "audit",
    "policies",
    "factors",
    "passwords",
    "links",
    "billing",
    "projects",
    "directory",
    "account",
    "login",
    "idp",
    "two_factor",
    "registration",
    "administration",
    "ownership",
    "deletion",
    "organization_account",
    "export",
    "signup",
    "rotation",
];

const APP: &[&str] =
    &["preferences", "console", "dev", "metrics", "jobs", "operator", "entrance", "routes", "server", "cli"];

/// Rooms that know one which stands after them. What is left of the circle; nothing is added.
const KNOWN: &[(&str, &str)] = &[];

/// Pages that another room than the list of routes names.
const FOREIGN_PAGES: &[(&str, &str)] = &[
    ("app/entrance/confirmation.rs", "features/idp/confirmation/pages.rs"),
    ("app/entrance/name.rs", "features/idp/login/pages.rs"),
    ("app/entrance/name.rs", "features/login/pages/organization.rs"),
];

/// Files of a layer that only list its rooms.
const LISTS: &[&str] = &["lib.rs", "main.rs", "base/mod.rs", "platform/mod.rs", "features/mod.rs", "app/mod.rs"];

fn room(file: &str) -> Option<String> {
    let (layer, rest) = file.split_once('/')?;
    let (_, rooms) = LAYERS.iter().find(|(name, _)| *name == layer)?;
    let name = rest.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    match rooms.is_empty() {
        true => Some(layer.to_owned()),
        false => rooms.contains(&name).then(|| format!("{layer}/{name}")),
    }
}

/// The rooms in their order.
fn order() -> BTreeMap<String, usize> {
    let names = LAYERS.iter().flat_map(|(layer, rooms)| match rooms.is_empty() {
        true => vec![(*layer).to_owned()],
        false => rooms.iter().map(|room| format!("{layer}/{room}")).collect(),
    });
    names.enumerate().map(|(place, name)| (name, place)).collect()
}

/// The layers from the top, each with its rooms, as docs/architecture.md draws them.
#[test]
fn the_picture_of_the_layers_is_the_order_that_is_checked() {
    const WIDTH: usize = 96;
    let edge = format!("+{}+\n", "-".repeat(WIDTH + 14));
    let mut says = String::from("```text\n");
    for (layer, rooms) in LAYERS.iter().rev() {
        let mut lines = vec![String::new()];
        for room in *rooms {
            if lines.last().is_some_and(|line| line.len() + room.len() + 2 > WIDTH) {
                lines.push(String::new());
            }
            let line = lines.last_mut().unwrap();
            line.push_str(if line.is_empty() { "" } else { "  " });
            line.push_str(room);
        }
        says.push_str(&edge);
        for (number, line) in lines.iter().enumerate() {
            let name = if number == 0 { layer } else { "" };
            says.push_str(&format!("| {name:<10}  {line:<WIDTH$} |\n"));
        }
    }
    says.push_str(&edge);
    says.push_str("```\n");
    part_of_document("docs/architecture.md", "layers", &says);
}

fn source() -> Vec<(String, String)> {
    let all = files("src", &[".rs"]);
    all.into_iter().map(|(path, text)| (path.trim_start_matches("src/").to_owned(), text)).collect()
}

fn arrows() -> BTreeSet<Arrow> {
    let mut all = Imports::of(&source()).arrows();
    all.retain(|arrow| !LISTS.contains(&arrow.from.as_str()) && !LISTS.contains(&arrow.to.as_str()));
    all
}

#[test]
fn every_file_is_in_a_room() {
    let strangers = source().into_iter().map(|(file, _)| file).filter(|file| !LISTS.contains(&file.as_str()));
    none(strangers.filter(|file| room(file).is_none()), "files in no room");
    let rooms: BTreeSet<String> = source().iter().filter_map(|(file, _)| room(file)).collect();
    none(order().into_keys().filter(|name| !rooms.contains(name)), "rooms without a file");
}

#[test]
fn imports_go_down() {
    let order = order();
    let mut known: BTreeSet<(&str, &str)> = KNOWN.iter().copied().collect();
    let mut faults = Vec::new();
    for arrow in arrows() {
        let (Some(from), Some(to)) = (room(&arrow.from), room(&arrow.to)) else { continue };
        if order[&to] > order[&from] && !known.iter().any(|pair| *pair == (from.as_str(), to.as_str())) {
            faults.push(arrow.to_string());
        }
    }
    for arrow in arrows() {
        if let (Some(from), Some(to)) = (room(&arrow.from), room(&arrow.to)) {
            known.retain(|pair| *pair != (from.as_str(), to.as_str()));
        }
    }
    none(faults, "imports that go up");
    none(known.iter().map(|(from, to)| format!("{from} -> {to}")), "known and not so any more: take it off the list");
}

#[test]
fn pages_are_named_by_who_lists_them() {
    let foreign: BTreeSet<(String, String)> = arrows()
        .into_iter()
        .filter(|arrow| is_page(&arrow.to) && room(&arrow.from) != room(&arrow.to) && arrow.from != "app/routes.rs")
        .map(|arrow| (arrow.from, arrow.to))
        .collect();
    let known: BTreeSet<(String, String)> =
        FOREIGN_PAGES.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    none(foreign.difference(&known).map(|(from, to)| format!("{from} -> {to}")), "pages of another room");
    none(known.difference(&foreign).map(|(from, to)| format!("{from} -> {to}")), "known and not so any more");
}

/// A list of the files of its own folder that passes their names on knows none of them.
fn lists(arrow: &Arrow) -> bool {
    arrow.is_passed_on && arrow.from.strip_suffix("mod.rs").is_some_and(|folder| arrow.to.starts_with(folder))
}

#[test]
fn files_of_a_room_form_a_tree() {
    let mut left: BTreeSet<Arrow> = arrows();
    left.retain(|arrow| room(&arrow.from).is_some() && room(&arrow.from) == room(&arrow.to) && !lists(arrow));
    // Who knows nothing of what is left, and who is known by nothing of it, is in no circle.
    loop {
        let from: BTreeSet<String> = left.iter().map(|arrow| arrow.from.clone()).collect();
        let to: BTreeSet<String> = left.iter().map(|arrow| arrow.to.clone()).collect();
        let before = left.len();
        left.retain(|arrow| to.contains(&arrow.from) && from.contains(&arrow.to));
        if left.len() == before {
            break;
        }
    }
    none(left.iter().map(ToString::to_string), "circles inside a room");
}

/// What a file says of a store by its name. A room hands the queries that others may ask on by names of its own.
fn stores_named() -> impl Iterator<Item = Arrow> {
    arrows().into_iter().filter(|arrow| arrow.to.starts_with("features/") && arrow.what.contains("::store"))
}

#[test]
fn a_store_is_named_by_its_room_alone() {
    none(
        stores_named().filter(|arrow| room(&arrow.from) != room(&arrow.to)).map(|arrow| arrow.to_string()),
        "stores of another room",
    );
}

#[test]
fn pages_name_no_store() {
    none(stores_named().filter(|arrow| is_page(&arrow.from)).map(|arrow| arrow.to_string()), "pages that ask a store");
}

fn is_page(file: &str) -> bool {
    file.ends_with("/pages.rs") || file.contains("/pages/")
}
