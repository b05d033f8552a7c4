//! `docs/security.md` lists the ASVS rows with the tests that show them. The list is made from the tests' names, so it
//! cannot drift: `UPDATE_DOCS=1` writes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- rows: made from the names of the tests -->";
const END: &str = "<!-- end of rows -->";

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

/// Row ids in numerical order, each with its tests.
fn rows() -> BTreeMap<Vec<u32>, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    files.sort();
    let mut rows: BTreeMap<Vec<u32>, Vec<String>> = BTreeMap::new();
    for file in files {
        let place = file.strip_prefix(root).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("async ").unwrap_or(line);
            let Some(name) = line.strip_prefix("fn asvs_").and_then(|rest| rest.split('(').next()) else {
                continue;
            };
            let mut parts = name.splitn(4, '_');
            let id: Vec<u32> = parts.by_ref().take(3).filter_map(|part| part.parse().ok()).collect();
            if let (3, Some(rest)) = (id.len(), name.splitn(4, '_').nth(3)) {
                rows.entry(id).or_default().push(format!("{} (`{place}`)", rest.replace('_', " ")));
            }
        }
    }
    rows
}

#[test]
fn the_security_document_lists_every_row_that_a_test_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let mut table = String::from("| row | shown by |\n|---|---|\n");
    for (id, tests) in rows() {
        let id: Vec<String> = id.iter().map(ToString::to_string).collect();
        table.push_str(&format!("| {} | {} |\n", id.join("."), tests.join("; ")));
    }
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the beginning of the rows");
    let (_, after) = rest.split_once(END).expect("the end of the rows");
    let expected = format!("{before}{BEGIN}\n{table}{END}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(document, expected, "docs/security.md has drifted: run this test with UPDATE_DOCS=1");
    }
}
