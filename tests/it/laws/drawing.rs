//! Every page and piece, in both languages, as everybody sees it: all pages are opened by everybody on the stage, and
//! what the pages let one ask for is asked for.

use std::collections::{BTreeMap, BTreeSet};

use scraper::Html;
use vestibule::config::SignUp;
use vestibule::i18n::{Language, Text, ids};

use super::html::{self, all};
use super::sources::{between, files, none};
use super::walk::{self, asking_for, glance, plausible};
use super::{dump::Looker, stage};
use crate::support::TestApp;
use crate::support::client::Response;
use crate::support::page::words;
use crate::support::people::encode;

/// What came to light: distinct pages and pieces with how they were reached, by language.
#[derive(Default)]
struct Gallery {
    pages: BTreeMap<(Language, String), String>,
    pieces: BTreeMap<(Language, String), String>,
    faults: Vec<String>,
}

impl Gallery {
    fn hang(&mut self, how: String, language: Language, answer: &Response) {
        let html = answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        let text = answer.text();
        if answer.status >= 500 && answer.status != 503 {
            self.faults.push(format!("{how}: {}", answer.status));
        }
        if !html || text.is_empty() {
            return;
        }
        let whole = text.trim_start().starts_with("<!doctype html>");
        let kept = if whole { &mut self.pages } else { &mut self.pieces };
        if kept.contains_key(&(language, text.clone())) {
            return;
        }
        let mut faults = html::faults(&text, whole);
        let drawn = if whole {
            Html::parse_document(&text)
        } else {
            Html::parse_fragment(&text)
        };
        if whole && all(&drawn, &format!("html[lang={}]", language.word())).is_empty() {
            faults.push(format!("the page is not in {}", language.word()));
        }
        if answer.status == 422 {
            faults.extend(refused(&drawn, whole, language));
        }
        self.faults.extend(
            faults
                .into_iter()
                .map(|fault| format!("{how} ({}): {fault}", answer.status)),
        );
        kept.insert((language, text), how);
    }
}

/// A form that comes back says so in the title, and begins with a summary that gets the focus.
fn refused(drawn: &Html, whole: bool, language: Language) -> Vec<String> {
    let mut faults = Vec::new();
    let prefix = Text::new("error-prefix").say(language);
    if whole
        && !all(drawn, "title")
            .iter()
            .any(|title| words(*title).starts_with(&prefix))
    {
        faults.push("the title does not say that something is wrong".to_owned());
    }
    if all(drawn, ".summary[autofocus][tabindex='-1'] [role=alert] h2").len() != 1 {
        faults.push("no summary of what is wrong".to_owned());
    }
    for link in all(drawn, ".summary a[href^='#']") {
        let id = &link.value().attr("href").unwrap_or_default()[1..];
        let field = all(drawn, &format!("[id='{id}']"));
        let marked = field
            .first()
            .is_some_and(|field| field.value().name() != "input" || field.value().attr("aria-invalid") == Some("true"));
        if !marked {
            faults.push(format!(
                "the summary leads to #{id}, which is not a field marked as wrong"
            ));
        }
        if all(drawn, &format!("[id='{id}-e']"))
            .first()
            .map(|told| words(*told).ends_with(&words(link)))
            != Some(true)
        {
            faults.push(format!("the summary and the field {id} say something different"));
        }
    }
    faults
}

/// Opens every page, then asks for what each page can ask for by htmx: its forms emptied, its fields with a letter.
fn visit(app: &TestApp, gallery: &mut Gallery) {
    let people = stage::people(app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    for language in Language::ALL {
        for actor in &people {
            // The languages of those who are logged in are kept with them.
            let switch = encode(&[("language", language.word())]);
            actor.person.request("POST", vestibule::urls::PREFERENCES, &[], &switch);
            let mut askings = BTreeSet::new();
            for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "GET") {
                let path = plausible(endpoint.path, &ids);
                let answer = glance(&actor.person, "GET", &path, &[], "");
                gallery.hang(
                    format!("{path} as {} in {}", actor.who, language.word()),
                    *language,
                    &answer,
                );
                askings.extend(asked_by(&answer));
            }
            for asking in askings {
                for headers in [&[][..], &asking_for(&format!("x#{}", asking.target))] {
                    let (path, body) = match asking.method {
                        "GET" => (format!("{}?{}", asking.path, asking.fields), String::new()),
                        _ => (asking.path.clone(), asking.fields.clone()),
                    };
                    let answer = glance(&actor.person, asking.method, &path, headers, &body);
                    let how = format!(
                        "{} {path} for #{} as {} in {}",
                        asking.method,
                        asking.target,
                        actor.who,
                        language.word()
                    );
                    let piece = Html::parse_fragment(&answer.text());
                    let root = piece
                        .root_element()
                        .child_elements()
                        .next()
                        .and_then(|root| root.value().attr("id").map(str::to_owned));
                    if !headers.is_empty()
                        && answer.status != 303
                        && !answer.body.is_empty()
                        && root.as_deref() != Some(asking.target.as_str())
                    {
                        gallery.faults.push(format!("{how}: the piece is {root:?}"));
                    }
                    gallery.hang(how, *language, &answer);
                }
            }
        }
    }
}

/// What a page can ask for by htmx.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Asking {
    method: &'static str,
    path: String,
    target: String,
    fields: String,
}

fn asked_by(answer: &Response) -> Vec<Asking> {
    if answer.status != 200
        || !answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    {
        return Vec::new();
    }
    let page = Html::parse_document(&answer.text());
    let mut found = Vec::new();
    for (method, attribute) in [("GET", "hx-get"), ("POST", "hx-post")] {
        for element in all(&page, &format!("[{attribute}]")) {
            let value = element.value();
            let target = match value.attr("hx-target").unwrap_or("this") {
                "this" => value.attr("id").unwrap_or_default(),
                target => target.trim_start_matches('#'),
            };
            let fields = match value.attr("name") {
                Some(name) => vec![(name, "x")],
                None => left_in(element),
            };
            let path = value.attr(attribute).unwrap_or_default().to_owned();
            found.push(Asking {
                method,
                path,
                target: target.to_owned(),
                fields: encode(&fields),
            });
        }
    }
    found
}

/// What a form still sends when everything typed was deleted: hidden fields and what is chosen in lists.
fn left_in(form: scraper::ElementRef<'_>) -> Vec<(&str, &str)> {
    let inside = |selector: &str| {
        form.select(&scraper::Selector::parse(selector).unwrap())
            .collect::<Vec<_>>()
    };
    let attribute = |element: &scraper::ElementRef<'_>, name: &str| element.value().attr(name);
    let mut left = Vec::new();
    for field in inside("input[type=hidden][name]") {
        left.extend(attribute(&field, "name").zip(attribute(&field, "value")));
    }
    for option in inside("select[name] option[selected]") {
        let list = option
            .ancestors()
            .filter_map(scraper::ElementRef::wrap)
            .find(|outer| outer.value().name() == "select");
        let value = attribute(&option, "value").or_else(|| option.text().next());
        left.extend(list.and_then(|list| list.value().attr("name")).zip(value));
    }
    left
}

/// Everything there is to see: with sign-up open, closed and by code, and what failures look like.
fn gallery() -> Gallery {
    let mut gallery = Gallery::default();
    let app = TestApp::start();
    visit(&app, &mut gallery);
    for sign_up in [SignUp::Closed, SignUp::Codes(vec!["sesame".to_owned()])] {
        let app = TestApp::start_with(|config| config.sign_up = sign_up);
        for language in Language::ALL {
            for path in ["/", "/signup", "/login", "/dev/mailbox"] {
                let answer = app.visitor().speaking(language.word()).request("GET", path, &[], "");
                gallery.hang(
                    format!("{path} with another sign-up in {}", language.word()),
                    *language,
                    &answer,
                );
            }
        }
    }
    for language in Language::ALL {
        let person = app.visitor().speaking(language.word());
        let big = "x".repeat(70_000);
        let mut fail = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
            let answer = person.request(method, path, headers, body);
            gallery.hang(
                format!("{method} {path} {headers:?} in {}", language.word()),
                *language,
                &answer,
            );
        };
        fail("GET", "/nothing/there", &[], "");
        fail("PUT", "/login", &[("Sec-Fetch-Site", "same-origin")], "");
        fail("POST", "/login", &[("Sec-Fetch-Site", "cross-site")], "");
        fail("POST", "/login", &[("Content-Type", "text/plain")], "x");
        fail("POST", "/login", &[], &big);
        fail("POST", "/login", &[], "next=%zz");
        fail("GET", "/login", &[("X-Forwarded-For", "nonsense")], "");
        fail("GET", "/login", &[("Host", "evil.example")], "");
    }
    gallery
}

#[test]
fn every_page_and_piece_is_sound_in_both_languages() {
    let gallery = gallery();
    let mut faults = gallery.faults.clone();
    faults.extend(foreign_words(&gallery));
    faults.extend(dead_ends(&gallery));
    faults.extend(never_drawn(&gallery));
    if let Some(wanted) = std::env::var_os("SHOW_GALLERY") {
        for ((l, text), how) in gallery.pages.iter().chain(&gallery.pieces) {
            if how.contains(wanted.to_str().unwrap()) {
                eprintln!("{l:?} {how} {}", text.len());
            }
        }
    }
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
        let (own, other) = if *language == Language::English {
            (&english, &korean)
        } else {
            (&korean, &english)
        };
        let strangers: BTreeSet<&str> = other
            .iter()
            .filter(|(id, text)| own.get(*id) != Some(*text))
            .map(|(_, text)| text.trim())
            .collect();
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
    let files = [assets.css, assets.script, assets.htmx, assets.icons, assets.favicon];
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
                    || files.contains(&path)
                    || routes
                        .iter()
                        .any(|route| route.method == method && fits(route.path, path));
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
    let templates: Vec<(String, String)> = files("templates", &[".html"])
        .into_iter()
        .filter(|(path, _)| !path.starts_with("templates/mail/"))
        .collect();
    let english: BTreeMap<String, String> = ids(Language::English).into_iter().collect();
    let marks = |part: &str, path: &str| -> Vec<String> {
        let alone = |needle: &str| {
            !templates
                .iter()
                .any(|(other, text)| other != path && text.contains(needle))
        };
        let mut marks: Vec<String> = Vec::new();
        let literal = part
            .split("{%")
            .flat_map(|piece| piece.split_once("%}").map_or(piece, |(_, rest)| rest).split("{{"));
        let literal = literal
            .map(|piece| piece.split_once("}}").map_or(piece, |(_, rest)| rest))
            .flat_map(str::lines)
            .map(str::trim);
        marks.extend(
            literal
                .filter(|piece| piece.len() > 12 && alone(piece))
                .map(str::to_owned),
        );
        let asked = english.iter().filter(|(id, text)| {
            !text.contains('{') && part.contains(&format!("\"{id}\"")) && alone(&format!("\"{id}\""))
        });
        marks.extend(asked.map(|(_, text)| text.trim().to_owned()));
        marks
    };
    let seen = |marks: &[String], kept: &BTreeMap<(Language, String), String>| {
        kept.keys()
            .any(|(_, text)| marks.iter().any(|mark| text.contains(mark.as_str())))
    };
    let mut faults = Vec::new();
    for (path, text) in &templates {
        let marks_of_whole = marks(text, path);
        if marks_of_whole.is_empty() {
            faults.push(format!("{path} has nothing of its own to be known by"));
        } else if !seen(&marks_of_whole, &gallery.pages) {
            faults.push(format!("{path} was drawn by nobody"));
        }
    }
    for (path, source) in files("src", &[".rs"]) {
        for head in between(&source, "#[template(path = \"", ")]") {
            let Some((template, blocks)) = head.split_once("\", blocks = [") else {
                continue;
            };
            let (file, text) = templates
                .iter()
                .find(|(file, _)| file.ends_with(template))
                .expect("the template");
            for block in super::sources::quoted(blocks.trim_end_matches(']')) {
                let inner = between(text, &format!("{{% block {block} %}}"), "{% endblock")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                if !seen(&marks(&inner, file), &gallery.pieces) {
                    faults.push(format!("{path}: the piece {block} of {template} was drawn by nobody"));
                }
            }
        }
    }
    faults
}

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
        if open > usize::from(path == "src/mail/letter.rs")
            || text.contains("MarkupDisplay")
            || text.contains("filters::Safe")
            || text.contains("HtmlSafe for")
        {
            faults.push(format!("{path}: prints without escaping"));
        }
    }
    none(faults, "templates");
}
