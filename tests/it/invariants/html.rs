//! What is wrong with a page or a piece of one.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Selector};

use crate::support::page::words;

/// Elements of a CSS selector.
pub fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

/// Everything wrong with a page or, when `whole` is false, a piece of one.
pub fn faults(text: &str, whole: bool) -> Vec<String> {
    let html = if whole { Html::parse_document(text) } else { Html::parse_fragment(text) };
    let mut faults = nesting(text);
    faults.extend(inline(&html));
    faults.extend(headings(&html, whole));
    faults.extend(names(&html));
    faults.extend(references(&html, whole));
    faults.extend(subjects(&html));
    if whole {
        let title = all(&html, "head > title").first().map(|title| words(*title)).unwrap_or_default();
        if title.starts_with('–') || title.is_empty() || title.ends_with("– ") {
            faults.push(format!("the title is {title:?}"));
        }
        for (selector, count) in [
            ("main#main", 1),
            ("h1", 1),
            ("a.skip[href='#main']", 1),
            ("#live[role=status]", 1),
            ("#flash[role=status]", 1),
        ] {
            if all(&html, selector).len() != count {
                faults.push(format!("{} of {selector} instead of {count}", all(&html, selector).len()));
            }
        }
    }
    faults
}

/// Where forms lead that name what they are about in a field that people fill in, or change nothing but this browser.
const NAMED_BY_FIELDS: &[&str] =
    &["/login", "/login/organizations", "/login/recovery", "/password", "/preferences", "/signup"];

/// Forms that change something and do not say for whom their page was drawn.
fn subjects(html: &Html) -> Vec<String> {
    let silent = |form: &ElementRef<'_>| {
        let names = |field: &ElementRef<'_>| field.value().attr("name") == Some("form_token");
        let named = form.select(&Selector::parse("input[type=hidden]").unwrap()).any(|field| names(&field));
        !named && !NAMED_BY_FIELDS.contains(&form.value().attr("action").unwrap_or_default())
    };
    let forms = all(html, "form[method=post]").into_iter().filter(silent);
    forms.map(|form| format!("the form to {:?} does not say what it is about", form.value().attr("action"))).collect()
}

const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "dialog",
    "div",
    "dl",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// Tags that do not match, and elements where the standard does not allow them (parsers move those elsewhere).
fn nesting(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for tag in tags(text) {
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() || VOID.contains(&name.as_str()) {
            continue;
        }
        if tag.starts_with('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => faults.push(format!("</{name}> closes {last:?}")),
            }
            continue;
        }
        let inside = |outer: &str| open.iter().any(|element| element == outer);
        let parent = open.last().map_or("", String::as_str);
        let wrong = match name.as_str() {
            "a" | "button" | "select" | "textarea" => inside("a") || inside("button"),
            "form" | "label" => inside(&name),
            "li" => !matches!(parent, "ul" | "ol" | "menu"),
            "dt" | "dd" => !matches!(parent, "dl" | "div"),
            "tr" => !matches!(parent, "thead" | "tbody" | "tfoot"),
            "td" | "th" => parent != "tr",
            "legend" => parent != "fieldset",
            "option" => !matches!(parent, "select" | "datalist" | "optgroup"),
            _ => false,
        };
        if wrong
            || (BLOCKS.contains(&name.as_str()) && (inside("p") || inside("h1") || inside("h2")))
            || matches!(parent, "ul" | "ol") && name != "li"
        {
            faults.push(format!("<{name}> inside {open:?}"));
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    if !open.is_empty() {
        faults.push(format!("not closed: {open:?}"));
    }
    faults
}

/// What stands between `<` and `>`, quotes respected, comments left out.
fn tags(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let mut quote = None;
        let end = rest.char_indices().find(|(_, c)| match quote {
            Some(q) => {
                if *c == q {
                    quote = None;
                }
                false
            }
            None if matches!(c, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            None => *c == '>',
        });
        let end = end.map_or(rest.len(), |(end, _)| end);
        if !rest.starts_with('!') {
            found.push(&rest[..end]);
        }
        rest = &rest[end..];
    }
    found
}

/// No script, style or handler in the page itself: the policy forbids them.
fn inline(html: &Html) -> Vec<String> {
    let mut faults = Vec::new();
    for element in all(html, "*") {
        let name = element.value().name();
        for (attribute, value) in element.value().attrs() {
            let handler = attribute.starts_with("on") || attribute == "style" || attribute.starts_with("hx-on");
            if handler || value.trim_start().to_ascii_lowercase().starts_with("javascript:") {
                faults.push(format!("<{name} {attribute}={value:?}>"));
            }
        }
        if name == "style"
            || (name == "script" && (element.value().attr("src").is_none() || !words(element).is_empty()))
        {
            faults.push(format!("<{name}> with content"));
        }
        if name == "input"
            && element.value().attr("type") == Some("password")
            && element.value().attr("value").is_some()
        {
            faults.push("a password is sent back".to_owned());
        }
    }
    faults
}

fn headings(html: &Html, whole: bool) -> Vec<String> {
    let levels: Vec<u32> = all(html, "h1, h2, h3, h4, h5, h6")
        .iter()
        .filter_map(|heading| heading.value().name()[1..].parse().ok())
        .collect();
    let start = if whole { 0 } else { 6 };
    let before = std::iter::once(start).chain(levels.iter().copied());
    let skips = before.zip(&levels).filter(|(before, level)| **level > before + 1);
    skips.map(|(before, level)| format!("h{level} after h{before}")).collect()
}

/// Fields have labels, buttons and links have words, and so have groups and landmarks of one kind.
fn names(html: &Html) -> Vec<String> {
    let mut faults = Vec::new();
    let labelled: BTreeSet<&str> = all(html, "label[for]")
        .iter()
        .filter(|label| !words(**label).is_empty())
        .filter_map(|label| label.value().attr("for"))
        .collect();
    let named = |element: &ElementRef<'_>| {
        element.value().attr("aria-label").is_some_and(|label| !label.trim().is_empty())
            || element.value().attr("aria-labelledby").is_some()
    };
    for field in all(html, "input, select, textarea") {
        let element = field.value();
        let hidden = element.attr("type") == Some("hidden") || element.attr("aria-hidden") == Some("true");
        let within = field
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|outer| outer.value().name() == "label" && !words(outer).is_empty());
        let pointed = element.attr("id").is_some_and(|id| labelled.contains(id));
        if !hidden && !within && !pointed && !named(&field) {
            faults.push(format!("no label: {}", field.html()));
        }
        let typed = element.name() == "input"
            && matches!(element.attr("type").unwrap_or("text"), "text" | "email" | "tel" | "password");
        if typed && !hidden && element.attr("autocomplete").is_none() && element.attr("id").is_some() {
            faults.push(format!("no autocomplete: {}", field.html()));
        }
    }
    for element in all(html, "button, a, summary, legend, caption, h1, h2, h3, th, option") {
        let pictures = element.select(&Selector::parse("img[alt]:not([alt=''])").unwrap()).count();
        if words(element).is_empty() && !named(&element) && pictures == 0 {
            faults.push(format!("no words: {}", element.html()));
        }
    }
    for element in all(html, "nav, dialog, meter, progress, [role=region], [role=group], fieldset") {
        let legend = element.select(&Selector::parse("legend").unwrap()).count();
        if !named(&element) && legend == 0 {
            faults.push(format!("no name: <{}>", element.value().name()));
        }
    }
    faults.extend(all(html, "img:not([alt])").iter().map(|image| format!("no alt: {}", image.html())));
    faults.extend(
        all(html, "svg:not([aria-hidden]):not([role=img])")
            .iter()
            .map(|picture| format!("seen by nobody: {}", picture.html())),
    );
    faults
}

/// Attributes whose value is the id of another element.
const REFERENCES: &[&str] = &["for", "popovertarget", "data-copy", "data-open"];

/// Ids are unique, and what refers to an id finds it. A piece may refer to what stands around it.
fn references(html: &Html, whole: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for element in all(html, "[id]") {
        *ids.entry(element.value().attr("id").unwrap_or_default()).or_default() += 1;
    }
    faults.extend(
        ids.iter()
            .filter(|(id, count)| **count > 1 || id.is_empty())
            .map(|(id, count)| format!("the id {id:?} stands {count} times")),
    );
    for element in all(html, "*") {
        for (attribute, value) in element.value().attrs() {
            let wanted: Vec<&str> = match attribute {
                name if REFERENCES.contains(&name) => vec![value],
                "aria-describedby" | "aria-labelledby" | "aria-controls" => value.split_whitespace().collect(),
                "href" | "hx-target" if value.starts_with('#') => vec![&value[1..]],
                _ => continue,
            };
            let missing = wanted.into_iter().filter(|id| !ids.contains_key(id) && whole);
            faults.extend(missing.map(|id| format!("{attribute} refers to #{id}, which is not there")));
        }
    }
    faults
}

/// Text nodes, and attributes that are read out or shown.
pub fn said(html: &Html) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    for element in all(html, "*") {
        let name = element.value().name();
        if !matches!(name, "script" | "style" | "option") {
            said.extend(
                element.children().filter_map(|child| child.value().as_text().map(|text| text.trim().to_owned())),
            );
        }
        let shown = |attribute: &str| {
            let words = matches!(attribute, "aria-label" | "alt" | "title" | "placeholder");
            words || (attribute.starts_with("data-") && !REFERENCES.contains(&attribute))
        };
        said.extend(
            element.value().attrs().filter(|(attribute, _)| shown(attribute)).map(|(_, value)| value.trim().to_owned()),
        );
    }
    said.remove("");
    said
}
