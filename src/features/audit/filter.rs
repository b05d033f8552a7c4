//! What of the log is asked for.

use serde_json::{Map, Value};

use crate::base::moment::Moment;
use crate::base::text;
use crate::platform::events::{Kind, Outcome};

/// What events must have; what is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
    /// The address of a user, or a name as the log kept it.
    pub actor: Option<String>,
    /// What happened.
    pub event: Option<Kind>,
    /// How it ended.
    pub result: Option<Outcome>,
    /// The reference code, as it is stored.
    pub reference: Option<String>,
}

impl Filter {
    /// As an export of it is recorded.
    pub(super) fn describe(&self) -> Map<String, Value> {
        let pairs = [
            ("from", self.from.map(|at| at.to_string())),
            ("to", self.until.map(|at| at.to_string())),
            ("actor", self.actor.clone()),
            ("event", self.event.map(|event| event.word().to_owned())),
            ("result", self.result.map(|result| result.word().to_owned())),
            ("reference", self.reference.clone()),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect()
    }
}

/// A reference code as it is stored, from one that was typed or read out: in any case, with or without the hyphen. The
/// digits that look like letters of the code stand for them, as the code has none of these.
pub(super) fn reference(typed: &str) -> String {
    let letter = |c: char| match c.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    let code: Vec<char> = text::typed::ungrouped(typed).chars().map(letter).collect();
    match code.split_at_checked(4) {
        Some((first, rest)) => format!("{}-{}", first.iter().collect::<String>(), rest.iter().collect::<String>()),
        None => code.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_code_is_known_however_it_is_typed() {
        for typed in ["OIB2-ABCD", "oib2abcd", " oib2 - abcd ", "0182-abcd", "O1B2aBcD"] {
            assert_eq!(reference(typed), "OIB2-ABCD", "{typed}");
        }
        assert_eq!(reference("abc"), "ABC", "what is no code is like none");
        assert_eq!(reference("한국어코드"), "한국어코-드");
    }

    #[test]
    fn an_export_tells_what_it_was_narrowed_to() {
        let filter = Filter { event: Some(Kind::Login), actor: Some("Mina".to_owned()), ..Filter::default() };
        assert_eq!(Value::Object(filter.describe()).to_string(), r#"{"actor":"Mina","event":"login"}"#);
    }
}
