//! `docs/security.md` says of every row of OWASP ASVS at levels 1 and 2, and of every attack on this product, which tests
//! show it or why none does. The rows stand in `rows.tsv`, reasons in `reasons.tsv`, and what a test shows stands at the
//! test: in its name (`asvs_6_2_1_…`) or in its comment, as `/// Shows ASVS 3.4.1, 3.4.4; attacks 12, 64.`
//!
//! `UPDATE_DOCS=1 cargo nextest run -E 'test(security_document)'` writes the document anew.

mod claims;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use claims::claims;
use rows::{Reason, Row, RowId};

const BEGIN: &str = "<!-- rows: made from the tests -->";
const END: &str = "<!-- end of rows -->";

const CHAPTERS: [&str; 17] = [
    "Encoding and sanitization",
    "Validation and business logic",
    "Web frontend",
    "Web service",
    "Files",
    "Authentication",
    "Sessions",
    "Authorization",
    "Self-contained tokens",
    "OAuth and OpenID Connect",
    "Cryptography",
    "Secure communication",
    "Configuration",
    "Data protection",
    "Secure coding and architecture",
    "Logging and errors",
    "WebRTC",
];

/// Tests by the row that they show.
type Shown = BTreeMap<RowId, Vec<String>>;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// What all tests show, and what is wrong with how they say it.
fn shown() -> (Shown, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests/it", "tests/browser"] {
        sources(&root.join(folder), &mut files);
    }
    files.sort();
    let (mut shown, mut faults) = (Shown::new(), Vec::new());
    for file in files {
        let place = file.strip_prefix(root).unwrap().display().to_string();
        let (mine, wrong) = claims(&std::fs::read_to_string(&file).unwrap());
        for claim in mine {
            for row in claim.rows {
                shown.entry(row).or_default().push(format!("{} (`{place}`)", claim.sentence));
            }
        }
        faults.extend(wrong.into_iter().map(|fault| format!("{place}: {fault}")));
    }
    (shown, faults)
}

/// Rows that are unknown, that are shown and excused, or that are neither.
fn judge(rows: &[Row], reasons: &[Reason], shown: &Shown) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for row in rows {
        if !known.insert(&row.id) {
            faults.push(format!("{} stands twice", row.id));
        }
        if row.title.split_whitespace().count() > 12 {
            faults.push(format!("{} has a long title", row.id));
        }
    }
    let mut excused = BTreeSet::new();
    for reason in reasons {
        if !known.contains(&reason.id) {
            faults.push(format!("{} has a reason and is no row", reason.id));
        }
        if !excused.insert(&reason.id) {
            faults.push(format!("{} has two reasons", reason.id));
        }
    }
    for (id, tests) in shown {
        if !known.contains(id) {
            faults.push(format!("{id} is no row, and yet shown by {}", tests.join("; ")));
        }
    }
    for row in rows {
        match (shown.get(&row.id), excused.contains(&row.id)) {
            (None, false) => faults.push(format!("{} ({}) is not shown, and has no reason", row.id, row.title)),
            (Some(tests), true) => {
                faults.push(format!("{} is shown by {}: take its reason away", row.id, tests.join("; ")));
            }
            _ => {}
        }
    }
    faults
}

/// The tables of the document.
fn tables(rows: &[Row], reasons: &[Reason], shown: &Shown) -> String {
    let count = |kept: &dyn Fn(&Row) -> bool| {
        let all: Vec<&Row> = rows.iter().filter(|row| kept(row)).collect();
        (all.iter().filter(|row| shown.contains_key(&row.id)).count(), all.len())
    };
    let mut says = String::from("| rows | shown by tests | not shown, with the reason |\n|---|---|---|\n");
    for (what, kept) in [
        ("ASVS level 1", &(|row: &Row| row.level == "L1") as &dyn Fn(&Row) -> bool),
        ("ASVS level 2", &|row: &Row| row.level == "L2"),
        ("ASVS level 3, those taken up", &|row: &Row| row.level == "L3"),
        ("Attacks", &|row: &Row| row.level.is_empty()),
    ] {
        let (mine, all) = count(kept);
        writeln!(says, "| {what} | {mine} of {all} | {} |", all - mine).unwrap();
    }
    let table = |says: &mut String, heading: &str, kept: &dyn Fn(&RowId) -> bool| {
        let mine: Vec<&Row> = rows.iter().filter(|row| kept(&row.id) && shown.contains_key(&row.id)).collect();
        if mine.is_empty() {
            return;
        }
        write!(says, "\n### {heading}\n\n| row | level | what it asks for | shown by |\n|---|---|---|---|\n").unwrap();
        for row in mine {
            let tests = shown[&row.id].join("; ");
            writeln!(says, "| {} | {} | {} | {tests} |", row.id.number(), row.level, row.title).unwrap();
        }
    };
    for (number, name) in (1..).zip(CHAPTERS) {
        table(&mut says, &format!("V{number} {name}"), &|id| id.chapter() == Some(number));
    }
    table(&mut says, "Attacks on this product", &|id| id.chapter().is_none());
    says.push_str("\n### Not shown by a test\n\n| row | level | what it asks for | why |\n|---|---|---|---|\n");
    for row in rows {
        if let Some(reason) = reasons.iter().find(|reason| reason.id == row.id) {
            writeln!(says, "| {} | {} | {} | {} |", row.id, row.level, row.title, reason.text).unwrap();
        }
    }
    says
}

#[test]
fn the_security_document_says_of_every_row_what_shows_it_or_why_nothing_does() {
    let (rows, mut faults) = rows::read_rows(include_str!("rows.tsv"));
    let (reasons, wrong) = rows::read_reasons(include_str!("reasons.tsv"));
    let (shown, misspelt) = shown();
    faults.extend(wrong.into_iter().chain(misspelt));
    faults.extend(judge(&rows, &reasons, &shown));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the beginning of the rows");
    let (_, after) = rest.split_once(END).expect("the end of the rows");
    let expected = format!("{before}{BEGIN}\n{}{END}{after}", tables(&rows, &reasons, &shown));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert!(document == expected, "docs/security.md has drifted: run this test with UPDATE_DOCS=1");
    }
}

#[test]
fn a_row_that_is_shown_and_excused_or_neither_is_a_fault() {
    let rows = |text: &str| rows::read_rows(text).0;
    let reasons = |text: &str| rows::read_reasons(text).0;
    let shown = |ids: &[&str]| -> Shown {
        ids.iter().map(|id| (RowId::parse("asvs", id).unwrap(), vec!["a test".to_owned()])).collect()
    };
    let two = rows("asvs\t1.1.1\tL2\tOne\nattack\t7\t\tTwo\n");
    let why = "attack\t7\tbecause\n";
    assert_eq!(judge(&two, &reasons(why), &shown(&["1.1.1"])), Vec::<String>::new());
    for (case, faults) in [
        ("neither", judge(&two, &[], &shown(&["1.1.1"]))),
        ("both", judge(&two, &reasons(&format!("{why}asvs\t1.1.1\tbecause\n")), &shown(&["1.1.1"]))),
        ("an unknown row is shown", judge(&two, &reasons(why), &shown(&["1.1.1", "99.1.1"]))),
        ("an unknown row is excused", judge(&two, &reasons(&format!("{why}attack\t8\tno\n")), &shown(&["1.1.1"]))),
        ("excused twice", judge(&two, &reasons(&format!("{why}{why}")), &shown(&["1.1.1"]))),
        ("a row twice", judge(&rows("attack\t7\t\tTwo\nattack\t7\t\tTwo\n"), &reasons(why), &shown(&[]))),
    ] {
        assert_eq!(faults.len(), 1, "{case}: {faults:?}");
    }
}
