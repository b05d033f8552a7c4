//! What stands where (docs/style.md section 2), and what stands nowhere.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::sources::{between, code, document, files, none, quoted, root};

fn source() -> Vec<(String, String)> {
    let all = files("src", &[".rs"]);
    all.into_iter().map(|(path, text)| (path, code(&text))).collect()
}

/// Places of `source` that hold one of `words` and are not among `places`.
fn outside(words: &[&str], places: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in source() {
        if !places.iter().any(|place| path.starts_with(place) || path.ends_with(place)) {
            faults.extend(words.iter().filter(|word| text.contains(**word)).map(|word| format!("{path}: {word}")));
        }
    }
    faults
}

#[test]
fn tables_are_asked_where_queries_live() {
    // Kernel files that keep rows of their own; `preferences` is to get a store.rs.
    const PLACES: &[&str] = &[
        "/store.rs",
        "src/platform/store/",
        "src/features/audit/newer.rs",
        "src/web/interrupted.rs",
        "src/access/decisions/session.rs",
        "src/access/lookup.rs",
        "src/access/project.rs",
        "src/access/session.rs",
        "src/access/session_use.rs",
        "src/platform/throttle/",
        "src/platform/mail/outbox.rs",
        "src/app/preferences/mod.rs",
    ];
    let tables: Vec<String> = {
        let schema = std::fs::read_to_string(root().join("src/platform/store/schema.rs")).unwrap();
        let heads = between(&schema, "diesel::table! {\n", "{").map(|head| head.split('(').next().unwrap_or_default());
        heads.map(|name| format!("{}::table", name.trim())).collect()
    };
    let mut words: Vec<&str> = tables.iter().map(String::as_str).collect();
    words.extend(["schema::", "diesel::insert_into", "diesel::update", "diesel::delete", "sql_query", "_rows::table"]);
    none(outside(&words, PLACES), "queries outside their places");
}

/// What is on record stays so: the log counts what repeats until it is sealed, and retention and erasure remove events and
/// seals, and a rotation of keys signs seals again. Nothing else changes or removes a row of either.
/// Shows attack 82.
#[test]
fn asvs_16_4_2_nothing_rewrites_the_audit_log() {
    const CHANGES: &[(&str, &str, &str)] = &[
        ("src/features/audit/seal/store.rs", "begin_after", "delete audit_seals"),
        ("src/features/audit/seal/store.rs", "begin_after", "update audit_seals"),
        ("src/features/audit/seal/store.rs", "erase", "delete audit_seals"),
        ("src/features/audit/seal/store.rs", "settle", "update audit_events"),
        ("src/features/audit/seal/heads/store.rs", "put_head", "update audit_heads"),
        ("src/features/audit/seal/heads/store.rs", "put_whole", "update audit_progress"),
        ("src/features/audit/seal/heads/store.rs", "remove_head", "delete audit_heads"),
        ("src/features/audit/seal/keys/store.rs", "sign_again", "update audit_seals"),
        ("src/platform/store/record/mod.rs", "again", "update audit_events"),
        ("src/features/audit/retention/store.rs", "erase", "delete audit_events"),
        ("src/features/audit/retention/store.rs", "forget", "delete audit_events"),
    ];
    let mut changing = BTreeSet::new();
    for (path, text) in source() {
        // What is kept prepared changes rows like what is not.
        let text = text.replace("store::update(", "diesel::update(");
        for body in text.split("\nfn ").flat_map(|part| part.split(" fn ")) {
            let name = body.split(['(', '<']).next().unwrap_or_default();
            for statement in body.split("diesel::").skip(1) {
                let Some(what) =
                    ["update", "delete"].into_iter().find(|what| statement.starts_with(&format!("{what}(")))
                else {
                    continue;
                };
                // Rows may have been chosen before, in the same function.
                let rows = statement.split(".execute").next().unwrap_or_default();
                let whole = if rows.contains("::table") || rows.contains("mine()") { rows } else { body };
                for table in ["audit_events", "audit_seals", "audit_heads", "audit_progress"] {
                    if whole.contains(&format!("{table}::")) {
                        changing.insert((path.clone(), name.to_owned(), format!("{what} {table}")));
                    }
                }
            }
        }
    }
    let allowed = CHANGES.iter().map(|(path, name, what)| ((*path).to_owned(), (*name).to_owned(), (*what).to_owned()));
    assert_eq!(changing, allowed.collect(), "what changes or removes events or seals, and what may");
}

#[test]
fn pages_ask_no_database_and_rules_know_no_web() {
    let mut faults = Vec::new();
    for (path, text) in source() {
        let page = path.ends_with("/pages.rs") || path.contains("/pages/");
        if page && text.contains("diesel") {
            faults.push(format!("{path} uses diesel"));
        }
        let rules = path.ends_with("/mod.rs") && path.starts_with("src/features/");
        if rules && (text.contains("actix") || text.contains("diesel::") || text.contains("askama")) {
            faults.push(format!("{path} uses actix, askama or diesel"));
        }
        if path.ends_with("/store.rs") && (text.contains("actix") || text.contains("askama")) {
            faults.push(format!("{path} uses actix or askama"));
        }
        if page && (text.contains("HX-") || text.contains("headers()")) {
            faults.push(format!("{path} reads headers"));
        }
    }
    none(faults, "layers");
}

/// Who may change policies comes from a permission or from a repair session: the one constructor that is open has one use.
#[test]
fn what_may_change_policies_is_not_put_together_by_hand() {
    let used = outside(&["SettingsCaller::in_repair("], &["src/features/policies/settings_caller.rs"]);
    assert_eq!(used, ["src/features/idp/repair/caller.rs: SettingsCaller::in_repair("], "callers of settings");
}

/// Shows ASVS 6.5.3.
#[test]
fn time_and_chance_are_arguments() {
    let words =
        ["Utc::now", "Local::now", "SystemTime::now", "thread_rng", "rand::", "OsRng", "getrandom", "new_v4", "now_v7"];
    none(outside(&words, &["src/base/clock.rs", "src/base/entropy.rs"]), "ambient time or chance");
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let mut all = files("src", &[".rs"]);
    all.extend(files("tests", &[".rs"]));
    // A list that grows by the tables, and says nothing else.
    all.retain(|(path, _)| path != "src/platform/store/schema.rs");
    let long = all.iter().map(|(path, text)| (path, text.lines().count())).filter(|(_, lines)| *lines > 400);
    none(long.map(|(path, lines)| format!("{path}: {lines}")), "long files");
}

#[test]
fn templates_are_at_most_120_columns() {
    let mut faults = Vec::new();
    for (path, text) in files("templates", &[".html", ".txt"]) {
        let columns = text.lines().map(|line| line.chars().count());
        let long = (1..).zip(columns).filter(|(_, columns)| *columns > 120);
        faults.extend(long.map(|(line, columns)| format!("{path}:{line}: {columns}")));
    }
    none(faults, "long lines");
}

/// Shows ASVS 1.4.1, 1.4.3.
#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    let mut faults = Vec::new();
    for (path, text) in source() {
        let marks = ["#[allow(", "#![allow(", "unsafe ", "unsafe{", "todo!(", "unimplemented!(", "dbg!("];
        faults.extend(marks.iter().filter(|mark| text.contains(**mark)).map(|mark| format!("{path}: {mark}")));
        let expectations = between(&text, "#[expect(", ")]").chain(between(&text, "#![expect(", ")]"));
        faults.extend(
            expectations.filter(|inner| !inner.contains("reason = \"")).map(|inner| format!("{path}: expect({inner})")),
        );
    }
    none(faults, "source");
}

/// Shows ASVS 1.3.2; attack 64.
#[test]
fn htmx_is_spoken_as_in_version_four() {
    let old = [
        "hx-disabled-elt",
        "hx-vars",
        "hx-params",
        "hx-boost",
        "hx-on",
        "hx-ext",
        "hx-prompt",
        "hx-history",
        "htmx:afterSwap",
        "htmx:beforeSwap",
        "htmx:configRequest",
        "htmx:afterRequest",
        "htmx:beforeRequest",
        "htmx:responseError",
        "htmx:sendError",
        "js:",
        "javascript:",
    ];
    let mut all = files("templates", &[".html"]);
    for script in ["static/app.js", "static/drafts.js"] {
        all.push((script.to_owned(), std::fs::read_to_string(root().join(script)).unwrap()));
    }
    let mut faults = Vec::new();
    for (path, text) in all {
        faults.extend(old.iter().filter(|name| text.contains(**name)).map(|name| format!("{path}: {name}")));
        for trigger in between(&text, "hx-trigger=\"", "\"").filter(|trigger| trigger.contains('[')) {
            faults.push(format!("{path}: {trigger}"));
        }
        for form in between(&text, "<form", ">").filter(|form| form.contains("hx-post=")) {
            let value = |name: &str| between(form, name, "\"").next().map(str::to_owned);
            let whole = value(" action=\"").is_some() && value(" action=\"") == value("hx-post=\"");
            if !whole || !form.contains("method=\"post\"") || !form.contains("hx-status:422=\"swap:outerHTML\"") {
                faults.push(format!("{path}: does not work alone, or does not swap what is refused: {form}"));
            }
        }
    }
    none(faults, "htmx");
}

#[test]
fn what_is_typed_into_a_password_field_is_never_kept() {
    let text = std::fs::read_to_string(root().join("src/web/interrupted.rs")).unwrap();
    let list = between(&text, "SECRET_FIELDS: &[&str] =", "];").next().expect("the list of secret fields");
    let secret: BTreeSet<&str> = quoted(list).collect();
    let mut faults = Vec::new();
    for (path, text) in files("templates", &[".html"]) {
        let named = |input: &str| between(input, " name=\"", "\"").next().map(str::to_owned);
        let hidden = |input: &&str| {
            input.contains("type=\"password\"") || input.contains("one-time-code") || input.contains("type=\"file\"")
        };
        let mut names: Vec<String> = between(&text, "<input", ">").filter(hidden).filter_map(named).collect();
        names.extend(
            between(&text, "::password(", "%}")
                .chain(between(&text, "call password(", "%}"))
                .filter_map(|call| quoted(call).next())
                .map(str::to_owned),
        );
        let open = names.into_iter().filter(|name| !name.contains('{') && !secret.contains(name.as_str()));
        faults.extend(open.map(|name| format!("{path}: {name}")));
    }
    none(faults, "secrets that a late form would keep: add them to SECRET_FIELDS");
}

#[test]
fn every_write_without_an_event_is_on_record_with_its_reason() {
    let mut says = "# Writes without an event\n\nMade from the code, and compared with it by an invariant test: `UPDATE_DOCS=1 cargo nextest run -E 'test(invariants)'`. \
                    Every other write is recorded in the audit log, or does not compile.\n\n| where | why there is no event |\n|---|---|\n"
        .to_owned();
    for (path, text) in source().iter().filter(|(path, _)| path != "src/platform/store/tx.rs") {
        for call in text.split(".unrecorded(").skip(1) {
            let reason = quoted_first(call).unwrap_or_else(|| panic!("{path}: a reason that is not written out"));
            writeln!(says, "| `{path}` | {reason} |").unwrap();
        }
    }
    document("docs/unrecorded.md", &says);
}

/// Without it an absent value changes the statement's text, and it is parsed and planned anew each time.
#[test]
fn inserted_rows_keep_their_statement() {
    let mut seen = 0;
    for (path, text) in source() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, _) in
            lines.iter().enumerate().filter(|(_, line)| line.contains("derive(") && line.contains("Insertable"))
        {
            let kept = lines[at..].iter().take_while(|line| line.starts_with("#["));
            let kept = kept.into_iter().any(|line| line.contains("treat_none_as_default_value = false"));
            assert!(kept, "{path}: an Insertable without treat_none_as_default_value = false");
            seen += 1;
        }
    }
    assert!(seen > 0, "no row is inserted anywhere");
}

/// The text that a call begins with.
fn quoted_first(call: &str) -> Option<&str> {
    call.trim_start().strip_prefix('"')?.split_once('"').map(|(text, _)| text)
}
