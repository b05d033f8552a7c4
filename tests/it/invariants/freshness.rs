//! What can change who gets in needs a fresh login; a form that comes too late is kept, not done (docs/rules.md section 2).

use std::collections::BTreeMap;

use chrono::Duration;
use scraper::{ElementRef, Html};
use vestibule::base::urls;

use super::dump::{Looker, changes};
use super::html::all;
use super::sources::none;
use super::walk::{self, asking_for, glance, plausible};
use crate::support::people::{PASSWORD, encode};
use crate::support::{Person, TestApp};

/// Fields of the form that a page sends to itself, with something typed into each that takes text.
fn typed(page: &Html, path: &str) -> BTreeMap<String, (String, bool)> {
    let mut fields = BTreeMap::new();
    for form in all(page, "form[method=post]").into_iter().filter(|form| form.value().attr("action") == Some(path)) {
        for field in form.select(
            &scraper::Selector::parse("input[name]:not([readonly]):not([type=hidden]), textarea[name]").unwrap(),
        ) {
            let kind = field.value().attr("type").unwrap_or("text");
            if !matches!(kind, "checkbox" | "radio" | "submit") {
                let name = field.value().attr("name").unwrap_or_default().to_owned();
                let is_code = field.value().attr("autocomplete") == Some("one-time-code");
                fields.insert(name, ("typed before".to_owned(), kind == "password" || is_code));
            }
        }
    }
    fields
}

fn shown<'a>(page: &'a Html, name: &str) -> Option<ElementRef<'a>> {
    all(page, &format!("[name='{name}']")).into_iter().next()
}

/// The address that a stale request is led to, and where that leads back.
fn confirmation(place: Option<&str>) -> Option<String> {
    let query = place?.strip_prefix(urls::CONFIRMATION)?.strip_prefix('?')?;
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.into_iter().find(|(name, _)| name == "next").map(|(_, next)| next)
}

/// Shows ASVS 7.5.1, 7.5.3.
#[test]
fn a_login_that_grew_old_confirms_who_it_is_and_comes_back_as_typed() {
    let app = TestApp::start();
    let mut faults = Vec::new();
    let fresh: Vec<_> = walk::guarded().into_iter().filter(|endpoint| endpoint.access.is_fresh()).collect();
    assert!(!fresh.is_empty(), "no route needs a fresh login");
    app.organization("acme", "owner@acme.example");
    app.colleague("acme", "guest@acme.example", vestibule::access::Roles::default());
    let mut looker = Looker::at(&app.database);
    for endpoint in fresh {
        let owner = app.visitor();
        owner.log_in("acme", "owner@acme.example", PASSWORD).is_at(urls::CONSOLE);
        let ids = walk::ids_of(&looker.look(), "acme");
        let (method, path) = (endpoint.method.as_str(), plausible(endpoint.path, &ids));
        let what = format!("{method} {path}");
        let page = glance(&owner, "GET", &path, &[], "");
        let fields = typed(&Html::parse_document(&page.text()), &path);
        let pairs: Vec<(&str, &str)> =
            fields.iter().map(|(name, (value, _))| (name.as_str(), value.as_str())).collect();
        let body = if method == "POST" { encode(&pairs) } else { String::new() };
        app.clock.advance(Duration::minutes(11));

        let before = looker.look();
        let answer = glance(&owner, method, &path, &[], &body);
        let swap = glance(&owner, method, &path, &asking_for("form#form"), &body);
        let found = changes(&before, &looker.look());
        let kept = |table: &str| method == "POST" && table == "held_forms";
        faults.extend(
            found.iter().filter(|change| !kept(&change.table)).map(|change| format!("{what} too late: {change}")),
        );
        if method == "POST" && !found.iter().any(|change| kept(&change.table)) {
            faults.push(format!("{what} too late: what was typed is not kept"));
        }
        if swap.status != 401 || confirmation(swap.header("hx-redirect")).is_none() {
            faults.push(format!("{what} too late by htmx: {} to {:?}", swap.status, swap.header("hx-redirect")));
        }
        let next = confirmation(answer.header("location"));
        let Some(next) = next.filter(|next| answer.status == 303 && next.split('?').next() == Some(path.as_str()))
        else {
            faults.push(format!("{what} too late: {} to {:?}", answer.status, answer.header("location")));
            continue;
        };
        // htmx sent the form once more, so it is that one that is kept.
        let next = if method == "POST" { confirmation(swap.header("hx-redirect")).unwrap_or(next) } else { next };
        confirm(&owner, &next);
        if owner.page().url != next || owner.page().status != 200 {
            faults.push(format!(
                "{what}: confirmed, and led to {} ({}) instead of {next}",
                owner.page().url,
                owner.page().status
            ));
            continue;
        }
        let back = Html::parse_document(&owner.response().text());
        for (name, (value, secret)) in fields.iter().filter(|_| method == "POST") {
            let drawn = shown(&back, name).map(|field| field.value().attr("value").unwrap_or_default().to_owned());
            let wanted = if *secret { "" } else { value.as_str() };
            if drawn.as_deref() != Some(wanted) {
                faults.push(format!("{what}: {name} came back as {drawn:?} instead of {wanted:?}"));
            }
        }
    }
    none(faults, "fresh logins");
}

fn confirm(owner: &Person<'_>, next: &str) {
    owner.open(&urls::confirmation(next)).is_at(urls::CONFIRMATION);
    owner.fill("Password", PASSWORD).press("Confirm");
}
