//! The log in words. What programs read (kinds, reasons, names of facts) is a stable word; people read a message.

use serde_json::Value;

use super::store::Entry;
use crate::platform::events::{ActorKind, Kind, Outcome, Reason};

impl Outcome {
    /// Message id of how it ended.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "audit-result-done",
            Self::Failed => "audit-result-failed",
            Self::Refused => "audit-result-refused",
        }
    }

    /// The look of its badge.
    pub(super) fn badge(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Failed => "danger",
            Self::Refused => "warn",
        }
    }
}

impl ActorKind {
    /// Message id of who did it, where no name says more.
    pub fn label(self) -> &'static str {
        match self {
            Self::User => "audit-actor-user",
            Self::Application => "audit-actor-application",
            Self::Machine => "audit-actor-machine",
            Self::Visitor => "audit-actor-visitor",
            Self::Operator => "audit-actor-operator",
            Self::System => "audit-actor-system",
        }
    }
}

/// Message ids of facts.
const FACTS: &[(&str, &str)] = &[
    ("about", "audit-fact-about"),
    ("activated", "audit-fact-activated"),
    ("actor", "audit-fact-actor"),
    ("amount", "audit-fact-amount"),
    ("authenticator", "audit-fact-authenticator"),
    ("bound", "audit-fact-bound"),
    ("client_id", "audit-fact-client-id"),
    ("clock_ahead", "audit-fact-clock-ahead"),
    ("company", "audit-fact-company"),
    ("console_access", "access-title"),
    ("country", "audit-fact-country"),
    ("currency", "audit-fact-currency"),
    ("description", "audit-fact-description"),
    ("due", "audit-fact-due"),
    ("due_on", "audit-fact-due-on"),
    ("email", "audit-fact-email"),
    ("erasure", "audit-fact-erasure"),
    ("event", "audit-fact-event"),
    ("examples", "audit-fact-examples"),
    ("external_id", "audit-fact-external-id"),
    ("filters", "audit-fact-filters"),
    ("finding", "audit-fact-finding"),
    ("format", "audit-fact-format"),
    ("from", "audit-fact-from"),
    ("heads", "audit-fact-heads"),
    ("invited_until", "audit-fact-invited-until"),
    ("issuer", "audit-fact-issuer"),
    ("kept_bindings", "audit-fact-kept-bindings"),
    ("key", "audit-fact-key"),
    ("kind", "audit-fact-kind"),
    ("known_browser", "audit-fact-known-browser"),
    ("language", "audit-fact-language"),
    ("login_method", "audit-fact-login-method"),
    ("mailed", "audit-fact-mailed"),
    ("members", "audit-fact-members"),
    ("method", "audit-fact-method"),
    ("mobile", "audit-fact-mobile"),
    ("name", "audit-fact-name"),
    ("network", "audit-fact-network"),
    ("nickname", "audit-fact-nickname"),
    ("note", "audit-fact-note"),
    ("owner", "audit-fact-owner"),
    ("paid_on", "audit-fact-paid-on"),
    ("password_days", "audit-fact-password-days"),
    ("path", "audit-fact-path"),
    ("period", "audit-fact-period"),
    ("project", "audit-fact-project"),
    ("provider", "audit-fact-provider"),
    ("provider_address", "audit-fact-provider-address"),
    ("provider_error", "audit-fact-provider-error"),
    ("reason", "audit-fact-reason"),
    ("reference", "audit-fact-reference"),
    ("repair", "audit-fact-repair"),
    ("request_method", "audit-fact-request-method"),
    ("result", "audit-fact-result"),
    ("role", "audit-fact-role"),
    ("roles", "audit-fact-roles"),
    ("sealed_until", "audit-fact-sealed-until"),
    ("second_factor", "audit-fact-second-factor"),
    ("sessions", "audit-fact-sessions"),
    ("sessions_ended", "audit-fact-sessions-ended"),
    ("signature", "audit-fact-signature"),
    ("state", "audit-fact-state"),
    ("status", "audit-fact-status"),
    ("tells_auth_time", "audit-fact-tells-auth-time"),
    ("time_zone", "audit-fact-time-zone"),
    ("to", "audit-fact-to"),
    ("total", "audit-fact-total"),
    ("two_factor", "audit-fact-two-factor"),
    ("until", "audit-fact-until"),
    ("wrong", "audit-fact-wrong"),
];

/// Message ids of what things are done to.
const TARGETS: &[(&str, &str)] = &[
    ("bill", "audit-target-bill"),
    ("organization", "audit-target-organization"),
    ("project", "audit-target-project"),
    ("resource", "audit-target-resource"),
    ("session", "audit-target-session"),
    ("user", "audit-target-user"),
];

fn find(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == word).map(|(_, label)| *label)
}

/// A word of the log: the message that says it, or the word itself where another version of the program wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) label: Option<&'static str>,
    pub(super) word: String,
}

/// A value that people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Yes,
    No,
    Nothing,
    Words(String),
}

/// A changed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) name: Word,
    pub(super) before: Shown,
    pub(super) after: Shown,
}

/// A fact that is no change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) name: Word,
    pub(super) value: Shown,
}

impl Word {
    fn of(table: &[(&str, &'static str)], word: &str) -> Self {
        Self { label: find(table, word), word: word.to_owned() }
    }
}

impl Shown {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(true) => Self::Yes,
            Value::Bool(false) => Self::No,
            Value::String(text) if text.is_empty() => Self::Nothing,
            Value::String(text) => Self::Words(text.clone()),
            // Examples of what one row stands for: each on its own, with its facts in a row.
            Value::Array(all) => Self::Words(all.iter().map(listed).collect::<Vec<_>>().join("; ")),
            other => Self::Words(other.to_string()),
        }
    }
}

fn listed(example: &Value) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match example {
        Value::Object(facts) => facts.values().map(plain).collect::<Vec<_>>().join(" · "),
        other => plain(other),
    }
}

impl Entry {
    /// What happened.
    pub(super) fn what(&self) -> Word {
        Word { label: Kind::from_word(&self.event).map(Kind::label), word: self.event.clone() }
    }

    /// Why it did not end well.
    pub(super) fn why(&self) -> Option<Word> {
        self.reason
            .as_deref()
            .map(|reason| Word { label: Reason::from_word(reason).map(Reason::label), word: reason.to_owned() })
    }

    /// What kind of thing it was done to.
    pub(super) fn target(&self) -> Option<Word> {
        self.target_kind.as_deref().map(|kind| Word::of(TARGETS, kind))
    }

    /// The name of what it was done to; the beginning of its id where it has none.
    pub(super) fn target_called(&self) -> &str {
        let id = self.target_id.as_deref().unwrap_or_default();
        let name = self.target_name.as_deref().filter(|name| !name.is_empty());
        name.unwrap_or_else(|| id.get(..13).unwrap_or(id))
    }

    /// The facts, changes apart: those have a value before and one after.
    pub(super) fn facts(&self) -> (Vec<Change>, Vec<Fact>) {
        let (mut changes, mut facts) = (Vec::new(), Vec::new());
        for (name, value) in self.details() {
            match &value {
                Value::Object(pair) if pair.len() == 2 && pair.contains_key("before") && pair.contains_key("after") => {
                    let (before, after) = (Shown::of(&pair["before"]), Shown::of(&pair["after"]));
                    changes.push(Change { name: Word::of(FACTS, &name), before, after });
                }
                // What a fact is made of is told one by one.
                Value::Object(parts) => facts.extend(
                    parts.iter().map(|(name, value)| Fact { name: Word::of(FACTS, name), value: Shown::of(value) }),
                ),
                value => facts.push(Fact { name: Word::of(FACTS, &name), value: Shown::of(value) }),
            }
        }
        (changes, facts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Source of everything that records events, without tests.
    fn sources(folder: &std::path::Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.push_str(text.split("#[cfg(test)]").next().unwrap());
                }
            }
        }
    }

    /// The texts in quotes that follow `mark` before `end`, where only `between` stands in front of them.
    fn written(text: &str, mark: &str) -> BTreeSet<String> {
        let word = |rest: &str| {
            let rest = rest.trim_start().strip_prefix('"')?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        text.split(mark).skip(1).filter_map(word).collect()
    }

    #[test]
    fn every_fact_and_target_that_is_recorded_has_its_words() {
        let mut text = String::new();
        sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        let mut facts = written(&text, ".changed(");
        // What events are told with, and nothing else that has a method of that name: texts and problems.
        let of_event = |statement: &&str| {
            ["Event::", "event.with(", "event("].iter().any(|mark| statement.contains(mark))
                && !["Text::new", "Said", "Problem"].iter().any(|mark| statement.contains(mark))
        };
        for statement in text.split(';').filter(of_event) {
            facts.extend(written(statement, ".with("));
        }
        facts.retain(|name| !name.is_empty());
        assert!(facts.contains("nickname") && facts.contains("state") && facts.contains("known_browser"), "{facts:?}");
        let unsaid: Vec<&String> = facts.iter().filter(|word| find(FACTS, word).is_none()).collect();
        assert!(unsaid.is_empty(), "facts without words: {unsaid:?}");
        let targets = written(&text, ".on(");
        assert!(targets.contains("user"), "{targets:?}");
        let unsaid: Vec<&String> = targets.iter().filter(|word| find(TARGETS, word).is_none()).collect();
        assert!(unsaid.is_empty(), "targets without words: {unsaid:?}");
        for (_, label) in FACTS.iter().chain(TARGETS) {
            for language in crate::base::i18n::Language::ALL {
                let words = crate::base::i18n::Text::new(label).say(*language);
                assert!(!words.is_empty() && !words.contains(label), "{label} in {language:?}: {words}");
            }
        }
    }

    #[test]
    fn changes_are_told_apart_from_other_facts() {
        let details = serde_json::json!({
            "name": { "before": "Mina", "after": null },
            "known_browser": true,
            "filters": { "event": "login" },
            "sessions": 2,
        });
        let entry = crate::features::audit::store::Entry::example(&details.to_string());
        let (changes, facts) = entry.facts();
        let name = Word { label: Some("audit-fact-name"), word: "name".to_owned() };
        assert_eq!(changes, [Change { name, before: Shown::Words("Mina".to_owned()), after: Shown::Nothing }]);
        let told: Vec<(&str, &Shown)> = facts.iter().map(|fact| (fact.name.word.as_str(), &fact.value)).collect();
        let (login, two) = (Shown::Words("login".to_owned()), Shown::Words("2".to_owned()));
        assert_eq!(told, [("known_browser", &Shown::Yes), ("event", &login), ("sessions", &two)]);
    }
}
