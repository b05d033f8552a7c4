//! A log of any length is read by ranges of indexes: nothing is read whole, nothing is sorted.

use super::{TestApp, ids_on};
use crate::support::people::encode;
use crate::support::plans;

#[test]
fn every_filter_reads_a_range_of_an_index() {
    plans::watch();
    let app = TestApp::start();
    let owner = app.owner();
    super::flood(&app, "acme", 3_000, 1);
    let last = ids_on(owner.open("/audit")).pop().unwrap();
    let choices: [&[(&str, &str)]; 6] = [
        &[("", ""), ("from", "2024-01-01"), ("to", "2026-12-31")],
        &[("", ""), ("actor", "owner@acme.example"), ("actor", "Old Hand")],
        &[("", ""), ("event", "logout")],
        &[("", ""), ("result", "done"), ("result", "failed"), ("result", "refused")],
        &[("", ""), ("reference", "OLD-7")],
        &[("", ""), ("after", &last), ("before", &last)],
    ];
    // Every filter with every other, at the beginning, after and before an event.
    let mut queries: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
    for choice in choices {
        let mut more = Vec::new();
        for query in &queries {
            for one in choice {
                let whole = query.iter().chain([one]).filter(|(name, _)| !name.is_empty()).copied();
                more.push(whole.collect::<Vec<_>>());
            }
        }
        queries = more;
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut faults = Vec::new();
    for query in &queries {
        plans::caught();
        owner.open(&format!("/audit?{}", encode(query))).gets(200);
        for sql in plans::caught() {
            if seen.insert(sql.clone()) {
                faults.extend(plans::faults(&app.database, &sql, "audit_events"));
            }
        }
    }
    plans::caught();
    owner.open("/audit/logins").gets(200);
    owner.open(&format!("/audit/{last}")).gets(200);
    owner.post("/audit/export", &[("format", "csv")]).gets(200);
    app.clean_up();
    let rest = plans::caught();
    assert!(rest.iter().any(|sql| sql.contains("COUNT(*)")), "the logins of a day are counted: {rest:?}");
    // What failed among many logins is counted by the index of what failed.
    let failed = rest.iter().find(|sql| sql.contains("COUNT(*)") && sql.contains("IS NOT NULL")).unwrap();
    let plan = plans::plan(&app.database, failed).join("; ");
    assert!(app.database.url().starts_with("postgres") || plan.contains("audit_events_by_result"), "{plan}");
    faults.extend(rest.iter().flat_map(|sql| plans::faults(&app.database, sql, "audit_events")));
    assert!(faults.is_empty(), "{} statements: {}", seen.len(), faults.join("\n"));
    assert!(seen.iter().filter(|sql| sql.contains("audit_events")).count() > 40, "{}", seen.len());
    app.deliver();
}

/// The check itself is seen to fail.
#[test]
fn a_page_without_an_index_would_be_noticed() {
    let app = TestApp::start();
    app.owner();
    super::flood(&app, "acme", 3_000, 1);
    for sql in [
        "SELECT id FROM audit_events WHERE user_agent = 'x'",
        "SELECT id FROM audit_events WHERE organization_id = 'x' ORDER BY address LIMIT 50",
    ] {
        assert!(!plans::faults(&app.database, sql, "audit_events").is_empty(), "{sql}");
    }
    app.deliver();
}
