//! What is written in the repository: source, templates, migrations, documents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` whose name ends in one of `endings`, with its text, by its path from the root.
pub fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    gather(&root().join(folder), endings, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no files in {folder}");
    found
}

fn gather(folder: &Path, endings: &[&str], found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, endings, found);
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Source without its unit tests and without comments: what is built into the binary.
pub fn code(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // The item that follows ends with a brace at its own depth, or on its first line.
            let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let first = lines.next().unwrap_or_default();
            if !first.ends_with(';') && !first.ends_with('}') {
                lines.by_ref().find(|line| *line == end);
            }
        } else if !line.trim_start().starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Texts in double quotes, without escapes.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// What stands between `before` and `after`, as often as it occurs.
pub fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split_once(after)).map(|(inner, _)| inner)
}

/// Names of form fields in the templates: written out, or given to a macro of `components/form.html`.
pub fn field_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in files("templates", &[".html"]) {
        names.extend(between(&text, " name=\"", "\"").filter(|name| !name.contains('{')).map(str::to_owned));
        for (call, position) in [("::field(", 1), ("::password(", 0)] {
            names.extend(between(&text, call, "%}").filter_map(|call| quoted(call).nth(position)).map(str::to_owned));
        }
    }
    assert!(names.contains("email") && names.contains("password"), "{names:?}");
    names.remove("viewport");
    names.remove("htmx-config");
    names
}

/// Compares a document with what the code says.
pub fn document(path: &str, says: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, says).unwrap();
        return;
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    let (mut old, mut new) = (stands.lines(), says.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (old.next(), new.next()) {
            (None, None) => return,
            (old, new) if old == new => {}
            (old, new) => panic!(
                "{path} does not say what the code does; line {line}:\n  document {old:?}\n  code     {new:?}\n\
                 Look whether that is meant, then: UPDATE_DOCS=1 cargo nextest run -E 'test(invariants)'"
            ),
        }
    }
}

/// Compares the part of a document between `<!-- name -->` and `<!-- /name -->` with what the code says.
pub fn part_of_document(path: &str, name: &str, says: &str) {
    let whole = std::fs::read_to_string(root().join(path)).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (head, rest) = whole.split_once(&begin).unwrap_or_else(|| panic!("{path} has no part {name}"));
    let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("the part {name} of {path} has no end"));
    document(path, &format!("{head}{begin}{says}{end}{tail}"));
}

/// Fails with all faults at once.
#[track_caller]
pub fn none(faults: impl IntoIterator<Item = String>, what: &str) {
    let faults: BTreeSet<String> = faults.into_iter().collect();
    let count = faults.len();
    let told = faults.into_iter().take(60).collect::<Vec<_>>().join("\n  ");
    assert!(count == 0, "{what} ({count}):\n  {told}");
}
