//! The embedded Fluent catalogues.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::Language;

macro_rules! files {
    ($($name:literal)*) => {
        /// Name and text of every catalogue file, in English and Korean.
        pub const FILES: &[(&str, [&str; 2])] = &[$(
            ($name, [
                include_str!(concat!("../../../locales/en/", $name, ".ftl")),
                include_str!(concat!("../../../locales/ko/", $name, ".ftl")),
            ]),
        )*];
    };
}
files! { "common" "public" "signup" "login" "passwords" "console" "account" "factors" "organization" "deletion" "policies" "users" "billing" "projects" "audit" "mails" "oidc" "idp" "problems" "failures" "dev" }

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, formatted once: most of a page is made of them.
    plain: HashMap<String, String>,
}

static CATALOGUES: LazyLock<[Catalogue; 2]> = LazyLock::new(|| [Language::English, Language::Korean].map(build));

fn build(language: Language) -> Catalogue {
    let tag: LanguageIdentifier = language.word().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks around arguments would end up in copied text; names are short and pages say their direction.
    bundle.set_use_isolating(false);
    for (name, texts) in FILES {
        let resource = FluentResource::try_new(texts[language as usize].to_owned())
            .unwrap_or_else(|(_, problems)| panic!("locales/{}/{name}.ftl: {problems:?}", language.word()));
        bundle
            .add_resource(resource)
            .unwrap_or_else(|problems| panic!("locales/{}/{name}.ftl: {problems:?}", language.word()));
    }
    let plain = all_ids(language)
        .filter(|(_, text)| !text.contains('{'))
        .filter_map(|(id, _)| {
            let pattern = bundle.get_message(&id)?.value()?;
            Some((id, bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned()))
        })
        .collect();
    Catalogue { bundle, plain }
}

/// Ids with the raw text of their entry.
fn all_ids(language: Language) -> impl Iterator<Item = (String, String)> {
    FILES.iter().flat_map(move |(_, texts)| {
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in texts[language as usize].lines() {
            let starts = line.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
            match line.split_once('=') {
                Some((id, text)) if starts => entries.push((id.trim().to_owned(), text.to_owned())),
                _ if line.starts_with([' ', '}']) => {
                    if let Some((_, text)) = entries.last_mut() {
                        text.push_str(line);
                    }
                }
                _ => {}
            }
        }
        entries
    })
}

/// Every message id of a language with its raw text, for the invariant test that compares languages.
pub fn ids(language: Language) -> Vec<(String, String)> {
    all_ids(language).collect()
}

pub(super) fn plain(language: Language, id: &str) -> Option<&'static str> {
    CATALOGUES[language as usize].plain.get(id).map(String::as_str)
}

pub(super) fn format(language: Language, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
    let catalogue = &CATALOGUES[language as usize];
    let pattern = catalogue.bundle.get_message(id)?.value()?;
    let mut problems = Vec::new();
    let words = catalogue.bundle.format_pattern(pattern, Some(arguments), &mut problems).into_owned();
    if !problems.is_empty() {
        tracing::error!(id, ?problems, "a message could not be formatted");
    }
    Some(with_one_dot(words, arguments))
}

/// A sentence that ends with a value, such as a company's name, has one dot where that value ends with one, too.
fn with_one_dot(words: String, arguments: &FluentArgs<'_>) -> String {
    arguments.iter().fold(words, |words, (_, value)| match value {
        FluentValue::String(text) if text.ends_with('.') => words.replace(&format!("{text}."), text),
        _ => words,
    })
}
