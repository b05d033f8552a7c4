//! Every page and piece is sound in both languages.

use std::collections::{BTreeMap, BTreeSet};

use scraper::Html;
use vestibule::base::i18n::{Language, ids};

use super::gallery::{Gallery, gallery};
use super::html::{self, all};
use super::sources::{between, files, none};
use super::walk;

/// Shows ASVS 1.3.2, 3.6.1, 14.2.3.
#[test]
fn every_page_and_piece_is_sound_in_both_languages() {
    let gallery = gallery();
    let mut faults = gallery.faults.clone();
    faults.extend(foreign_words(&gallery));
    faults.extend(dead_ends(&gallery));
    faults.extend(never_drawn(&gallery));
    none(faults, "pages");
    assert!(
        gallery.pages.len() > 60 && gallery.pieces.len() > 20,
        "{} pages, {} pieces",
        gallery.pages.len(),
        gallery.pieces.len()
    );
}

/// Ids of messages that show, and messages of the other language.
fn foreign_words(gallery: &Gallery) -> Vec<String> {
    let catalogue = |language| ids(language).into_iter().collect::<BTreeMap<String, String>>();
    let (english, korean) = (catalogue(Language::English), catalogue(Language::Korean));
    let mut faults = Vec::new();
    for ((language, text), how) in gallery.pages.iter().chain(&gallery.pieces) {
        let (own, other) = if *language == Language::English { (&english, &korean) } else { (&korean, &english) };
        let strangers: BTreeSet<&str> =
            other.iter().filter(|(id, text)| own.get(*id) != Some(*text)).map(|(_, text)| text.trim()).collect();
        let known: BTreeSet<&str> = own.values().map(|text| text.trim()).collect();
        for said in html::said(&Html::parse_document(text)) {
            if said.contains('-') && english.contains_key(&said) {
                faults.push(format!("{how}: shows the id {said}"));
            }
            if strangers.contains(said.as_str()) && !known.contains(said.as_str()) {
                faults.push(format!("{how}: says {said:?}"));
            }
        }
    }
    faults
}

/// Links and forms that lead nowhere.
fn dead_ends(gallery: &Gallery) -> Vec<String> {
    let routes = walk::all();
    let fits = |pattern: &str, path: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len()
            && pattern
                .iter()
                .zip(&path)
                .all(|(pattern, part)| pattern == part || (pattern.starts_with('{') && !part.is_empty()))
    };
    let symbols = std::fs::read_to_string(super::sources::root().join("static/icons.svg")).unwrap();
    let assets = &*vestibule::web::assets::URLS;
    let files = [assets.css, assets.script, assets.drafts, assets.htmx, assets.icons, assets.favicon];
    let mut faults = BTreeSet::new();
    for ((_, text), how) in gallery.pages.iter().chain(&gallery.pieces) {
        let page = Html::parse_document(text);
        for element in all(&page, "[href], [src], [action], [formaction], [hx-get], [hx-post]") {
            let posts = element.value().attr("method") == Some("post");
            for (attribute, url) in element.value().attrs() {
                let method = match attribute {
                    "href" | "src" | "hx-get" => "GET",
                    "action" if !posts => "GET",
                    "action" | "formaction" | "hx-post" => "POST",
                    _ => continue,
                };
                let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
                let path = url.split('?').next().unwrap_or_default();
                let path = path.strip_prefix("http://localhost:8080").unwrap_or(path);
                let there = path.is_empty() && !fragment.is_empty()
                    || path.starts_with("mailto:")
                    || path.starts_with("otpauth:")
                    // The way out to a provider leads elsewhere, and from no other page.
                    || path.starts_with("http://127.0.0.1:") && how.starts_with("/auth/oidc of")
                    || files.contains(&path)
                    || routes.iter().any(|route| route.method == method && fits(route.path, path));
                if !there {
                    faults.insert(format!("{attribute}={url:?} leads nowhere, first seen at {how}"));
                }
                if path == assets.icons && !symbols.contains(&format!("id=\"{fragment}\"")) {
                    faults.insert(format!("there is no icon {fragment:?}"));
                }
            }
        }
    }
    faults.into_iter().collect()
}

/// Templates and their blocks of which nothing was seen. What is looked for is what stands in one template alone.
fn never_drawn(gallery: &Gallery) -> Vec<String> {
    let templates: Vec<(String, String)> =
        files("templates", &[".html"]).into_iter().filter(|(path, _)| !path.starts_with("templates/mail/")).collect();
    // Where lines are broken says nothing of what was drawn.
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let squeezed: Vec<(&String, String)> = templates.iter().map(|(path, text)| (path, squeeze(text))).collect();
    let english: BTreeMap<String, String> =
        ids(Language::English).into_iter().map(|(id, text)| (id, squeeze(&text))).collect();
    let marks = |part: &str, path: &str| -> Vec<String> {
        let alone = |needle: &str| !squeezed.iter().any(|(other, text)| *other != path && text.contains(needle));
        let mut marks: Vec<String> = Vec::new();
        let literal =
            part.split("{%").flat_map(|piece| piece.split_once("%}").map_or(piece, |(_, rest)| rest).split("{{"));
        let literal = literal.map(|piece| piece.split_once("}}").map_or(piece, |(_, rest)| rest));
        // Whole, and by its lines, as the token of a form stands between two of them.
        let literal = literal.flat_map(|piece| std::iter::once(piece).chain(piece.lines())).map(squeeze);
        marks.extend(literal.filter(|piece| piece.len() > 12 && alone(piece)));
        let asked = english.iter().filter(|(id, text)| {
            !text.contains('{') && part.contains(&format!("\"{id}\"")) && alone(&format!("\"{id}\""))
        });
        marks.extend(asked.map(|(_, text)| text.clone()));
        marks
    };
    let drawn = |kept: &BTreeMap<(Language, String), String>| -> Vec<String> {
        kept.keys().map(|(_, text)| squeeze(text)).collect()
    };
    let (pages, pieces) = (drawn(&gallery.pages), drawn(&gallery.pieces));
    let seen = |marks: &[String], drawn: &[String]| {
        drawn.iter().any(|text| marks.iter().any(|mark| text.contains(mark.as_str())))
    };
    let mut faults = Vec::new();
    for (path, text) in &templates {
        let marks_of_whole = marks(text, path);
        if marks_of_whole.is_empty() {
            faults.push(format!("{path} has nothing of its own to be known by"));
        } else if !seen(&marks_of_whole, &pages) {
            faults.push(format!("{path} was drawn by nobody"));
        }
    }
    for (path, source) in files("src", &[".rs"]) {
        for head in between(&source, "#[template(path = \"", ")]") {
            let Some((template, blocks)) = head.split_once("\", blocks = [") else {
                continue;
            };
            let (file, text) = templates.iter().find(|(file, _)| file.ends_with(template)).expect("the template");
            for block in super::sources::quoted(blocks.trim_end_matches(']')) {
                let inner = between(text, &format!("{{% block {block} %}}"), "{% endblock")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                if !seen(&marks(&inner, file), &pieces) {
                    faults.push(format!("{path}: the piece {block} of {template} was drawn by nobody"));
                }
            }
        }
    }
    faults
}

/// Shows ASVS 1.2.1; attack 73.
#[test]
fn no_template_trusts_what_it_prints() {
    let mut faults = Vec::new();
    for (path, text) in files("templates", &[".html", ".txt"]) {
        for word in ["|safe", "| safe", "|escape(\"none", "{% autoescape", "{% filter"] {
            if text.contains(word) {
                faults.push(format!("{path}: {word}"));
            }
        }
    }
    for (path, text) in files("src", &[".rs"]) {
        let open = text.matches("escape = \"none\"").count();
        if open > usize::from(path == "src/platform/mail/letter.rs")
            || text.contains("MarkupDisplay")
            || text.contains("filters::Safe")
            || text.contains("HtmlSafe for")
        {
            faults.push(format!("{path}: prints without escaping"));
        }
    }
    none(faults, "templates");
}
