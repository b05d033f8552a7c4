//! Documents that are cited are in the repository, with the section that is named.

use super::sources::{files, none, root};

/// Each document that a text cites, by its path from the root, with the numbers of the sections that are named.
fn cited(text: &str) -> Vec<(String, Vec<String>)> {
    let words: Vec<&str> =
        text.split(|letter: char| letter.is_whitespace() || "\"'`()[]|<>".contains(letter)).collect();
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let name = word.trim_end_matches([',', '.', ':', ';']);
        let Some(name) = name.split('#').next().filter(|name| name.ends_with(".md") && !name.contains("://")) else {
            continue;
        };
        let mut after = words[place + 1..].iter().map(|word| word.trim_end_matches([',', '.', ':', ';']));
        let sections = match after.next() {
            Some("section" | "sections") => after
                .take_while(|word| *word == "and" || word.parse::<u8>().is_ok())
                .filter(|word| *word != "and")
                .collect(),
            _ => Vec::new(),
        };
        found.push((name.to_owned(), sections.into_iter().map(str::to_owned).collect()));
    }
    found
}

/// The path of a document as a file cites it: from the root, or beside the file.
fn read(file: &str, name: &str) -> Option<String> {
    let folder = root().join(file);
    let name = name.trim_start_matches('/');
    let places = [root().join(name), folder.parent()?.join(name)];
    places.into_iter().find_map(|place| std::fs::read_to_string(place).ok())
}

#[test]
fn every_document_that_is_cited_is_there_with_its_sections() {
    let mut all = files("src", &[".rs"]);
    all.extend(files("tests", &[".rs", ".toml"]));
    all.extend(files("migrations", &[".sql"]));
    all.extend(files("docs", &[".md"]));
    all.extend(files("scripts", &[""]));
    for name in
        ["README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "Cargo.toml", ".cargo/config.toml"]
    {
        all.push((name.to_owned(), std::fs::read_to_string(root().join(name)).unwrap()));
    }
    // The examples below are no citations.
    all.retain(|(file, _)| !file.ends_with("invariants/citations.rs"));
    let mut dead = Vec::new();
    for (file, text) in &all {
        for (name, sections) in cited(&text.replace("\n//! ", " ").replace("/// ", " ")) {
            match read(file, &name) {
                None => dead.push(format!("{file}: {name}")),
                Some(document) => dead.extend(
                    sections
                        .iter()
                        .filter(|number| !document.contains(&format!("\n## {number}. ")))
                        .map(|number| format!("{file}: {name} has no section {number}")),
                ),
            }
        }
    }
    none(dead, "citations of what is not there");
}

#[test]
fn citations_are_found_however_they_stand() {
    for (text, name, sections) in [
        ("a rule (docs/rules.md section 8).", "docs/rules.md", vec!["8"]),
        ("see docs/rules.md sections 2 and 9, and more", "docs/rules.md", vec!["2", "9"]),
        ("[style](style.md#words)", "style.md", vec![]),
        ("`UPDATE.md`: new", "UPDATE.md", vec![]),
    ] {
        let sections: Vec<String> = sections.into_iter().map(str::to_owned).collect();
        assert_eq!(cited(text), [(name.to_owned(), sections)], "{text}");
    }
    assert!(cited("https://example.com/a.md and .md files").iter().all(|(name, _)| name == ".md"));
}
