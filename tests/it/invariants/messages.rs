//! Messages: there in both languages, with the same arguments, and used.

use std::collections::{BTreeMap, BTreeSet};

use vestibule::base::i18n::{FILES, Language, Text, ids};

use super::sources::{between, code, files, none, quoted};

fn catalogue(language: Language) -> BTreeMap<String, String> {
    ids(language).into_iter().collect()
}

/// Names of the arguments, `{ $name }`.
fn arguments(text: &str) -> BTreeSet<&str> {
    text.split('$')
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default())
        .collect()
}

/// Templates and source without tests, by path.
fn writings() -> Vec<(String, String)> {
    let mut all = files("templates", &[".html", ".txt"]);
    all.extend(files("src", &[".rs"]).into_iter().map(|(path, text)| (path, code(&text))));
    all
}

#[test]
fn every_message_stands_in_both_languages_with_the_same_arguments() {
    let (english, korean) = (catalogue(Language::English), catalogue(Language::Korean));
    let mut faults = Vec::new();
    for language in Language::ALL {
        let list = ids(*language);
        let mut seen = BTreeSet::new();
        faults.extend(
            list.iter()
                .filter(|(id, _)| !seen.insert(id))
                .map(|(id, _)| format!("{id} stands twice in {}", language.word())),
        );
    }
    let both: BTreeSet<&String> = english.keys().chain(korean.keys()).collect();
    for id in both {
        match (english.get(id), korean.get(id)) {
            (Some(one), Some(other)) if arguments(one) != arguments(other) => {
                faults.push(format!("{id} has {:?} in English and {:?} in Korean", arguments(one), arguments(other)));
            }
            (Some(_), Some(_)) => {}
            (one, _) => faults.push(format!("{id} is missing in {}", if one.is_none() { "English" } else { "Korean" })),
        }
    }
    none(faults, "the languages differ");
}

#[test]
fn every_file_of_a_catalogue_is_built_in() {
    for language in Language::ALL {
        let folder = format!("locales/{}", language.word());
        let there: BTreeSet<String> = files(&folder, &[".ftl"]).into_iter().map(|(path, _)| path).collect();
        let built: BTreeSet<String> = FILES.iter().map(|(name, _)| format!("{folder}/{name}.ftl")).collect();
        assert_eq!(there, built);
    }
}

#[test]
fn what_is_said_in_korean_is_korean() {
    let english = catalogue(Language::English);
    // Names of roles and of the area are the product's and stand in both languages (docs/rules.md section 1), as do the names that the
    // reference and the providers give to their settings.
    const NAMES: &[&str] = &[
        "nav-iam",
        "audit-fact-client-id",
        "audit-fact-provider",
        "idp-authorization-url",
        "idp-client-id",
        "idp-client-secret",
        "idp-issuer",
        "idp-method-basic",
        "idp-method-post",
        "idp-protocol-oidc",
        "idp-provider-azure",
        "idp-token-url",
    ];
    let name = |id: &str| id.starts_with("role-") || NAMES.contains(&id);
    let letters = |text: &str| text.split(['{', '}']).step_by(2).any(|part| part.chars().any(char::is_alphabetic));
    let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    let mut faults = Vec::new();
    for (id, text) in ids(Language::Korean) {
        if !name(&id) && english.get(&id).is_some_and(|text| letters(text)) && !hangul(&text) {
            faults.push(format!("{id}: {text}"));
        }
    }
    faults.extend(
        english.iter().filter(|(_, text)| hangul(text)).map(|(id, text)| format!("Korean in English: {id}: {text}")),
    );
    none(faults, "messages in the wrong language");
}

#[test]
fn every_message_that_is_asked_for_exists() {
    let known = catalogue(Language::English);
    let families: BTreeSet<&str> = known.keys().filter_map(|id| id.split_once('-')).map(|(family, _)| family).collect();
    let mut faults = Vec::new();
    let mut asked = 0;
    for (path, text) in writings() {
        let mut wanted: Vec<String> = Vec::new();
        wanted.extend(between(&text, "Text::new(\"", "\"").map(str::to_owned));
        wanted.extend(before_filter(&text, "|t"));
        for call in between(&text, "::field(", "%}").chain(between(&text, "::password(", "%}")) {
            let skip = usize::from(call.trim_start().starts_with("frame.assets, \"") && call.matches('"').count() > 8);
            wanted.extend(
                quoted(call)
                    .skip(1 + skip)
                    .take(2 - usize::from(skip == 0))
                    .filter(|id| id.contains('-'))
                    .map(str::to_owned),
            );
        }
        // In code whatever looks like a message of a known family is one.
        if path.ends_with(".rs") {
            let looks = |text: &&str| {
                text.split_once('-').is_some_and(|(family, rest)| families.contains(family) && !rest.is_empty())
            };
            let plain = |text: &&str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            let icons = ["log-in", "log-out"];
            wanted
                .extend(quoted(&text).filter(plain).filter(looks).filter(|id| !icons.contains(id)).map(str::to_owned));
        }
        asked += wanted.len();
        faults.extend(
            wanted.into_iter().filter(|id| !known.contains_key(id)).map(|id| format!("{path} asks for {id:?}")),
        );
    }
    none(faults, "messages that do not exist");
    assert!(asked > 200, "only {asked} messages are asked for");
}

/// Texts in quotes right before a filter, also in parentheses.
fn before_filter(text: &str, filter: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices(filter) {
        let after = text[place + filter.len()..].chars().next();
        let before = text[..place].trim_end_matches([')', ' ']);
        if after.is_some_and(|c| c.is_alphanumeric()) || !before.ends_with('"') {
            continue;
        }
        found.extend(before[..before.len() - 1].rsplit('"').next().map(str::to_owned));
    }
    found
}

#[test]
fn every_message_is_used_somewhere() {
    let writings = writings();
    let written = |id: &String| writings.iter().any(|(_, text)| text.contains(&format!("\"{id}\"")));
    let unused = catalogue(Language::English).into_keys().filter(|id| !written(id));
    none(unused, "messages that nothing asks for");
}

#[test]
fn every_message_can_be_said() {
    let mut faults = Vec::new();
    for language in Language::ALL {
        for (id, raw) in ids(*language) {
            let id: &'static str = Box::leak(id.into_boxed_str());
            for number in [0_i64, 1, 2, 5] {
                let mut text = Text::new(id);
                for name in arguments(&raw) {
                    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
                    // A number chooses between forms; everything else is text.
                    let counts = raw.contains(&format!("${name} ->"));
                    text = if counts { text.with(name, number) } else { text.with(name, "Mina") };
                }
                let said = text.say(*language);
                if said == id || said.contains(['{', '}', '$']) || said.trim().is_empty() {
                    faults.push(format!("{id} in {}: {said:?}", language.word()));
                }
            }
        }
    }
    none(faults, "messages that cannot be formatted");
}
