//! Languages and messages. A message is named by its id in templates (`{{ "login-title"|t }}`) and in code ([`Text`]);
//! the words stand in `locales/`, one Fluent file per feature and language. An invariant test compares both languages.

mod catalogue;
pub mod filters;
mod language;
mod moments;

pub use catalogue::{FILES, ids};
pub use language::Language;
pub use moments::{absolute, date, day, month, relative, short_date};

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};

/// A message by its id, with its arguments, in no language yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    id: Cow<'static, str>,
    arguments: Vec<(Cow<'static, str>, Value)>,
}

/// What stands in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number, which a message may count by.
    Number(i64),
    /// Words.
    Words(String),
}

impl Text {
    /// The message `id`.
    pub fn new(id: &'static str) -> Self {
        Self { id: Cow::Borrowed(id), arguments: Vec::new() }
    }

    /// The same message with one more argument.
    pub fn with(mut self, name: &'static str, value: impl Argument) -> Self {
        self.arguments.push((Cow::Borrowed(name), value.value()));
        self
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The message in `language`.
    pub fn say(&self, language: Language) -> String {
        Said { language, text: Cow::Borrowed(self) }.to_string()
    }
}

/// No message, for a field of a template without a complaint.
pub const NO_TEXT: Option<&Text> = None;

/// A message in a language, ready to be printed.
#[derive(Debug)]
pub struct Said<'a> {
    language: Language,
    text: Cow<'a, Text>,
}

impl Said<'_> {
    /// The same message with one more argument.
    pub fn with(&self, name: &'static str, value: impl Argument) -> Said<'static> {
        Said { language: self.language, text: Cow::Owned(self.text.as_ref().clone().with(name, value)) }
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.arguments.is_empty()
            && let Some(plain) = catalogue::plain(self.language, &self.text.id)
        {
            return f.write_str(plain);
        }
        let mut arguments = FluentArgs::new();
        for (name, value) in &self.text.arguments {
            match value {
                Value::Number(number) => arguments.set(name.as_ref(), *number),
                Value::Words(words) => arguments.set(name.as_ref(), words.as_str()),
            }
        }
        match catalogue::format(self.language, &self.text.id, &arguments) {
            Some(words) => f.write_str(&words),
            // An invariant test keeps this from happening; a page with an id on it is better than none.
            None => f.write_str(&self.text.id),
        }
    }
}

/// What can stand in a message.
pub trait Argument {
    /// As it is kept.
    fn value(&self) -> Value;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> Value {
        (**self).value()
    }
}

impl Argument for str {
    fn value(&self) -> Value {
        Value::Words(self.to_owned())
    }
}

impl Argument for String {
    fn value(&self) -> Value {
        self.as_str().value()
    }
}

macro_rules! number_arguments {
    ($($number:ty)*) => { $(
        impl Argument for $number {
            fn value(&self) -> Value {
                Value::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )* };
}

number_arguments! { i32 i64 u32 u64 usize }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_s_order_of_languages_counts() {
        assert_eq!(Language::accepted("ko-KR,ko;q=0.9,en;q=0.8"), Some(Language::Korean));
        assert_eq!(Language::accepted("de, en;q=0.5, ko;q=0.7"), Some(Language::Korean));
        assert_eq!(Language::accepted("en;q=0, ko;q=0.1"), Some(Language::Korean));
        for nonsense in ["", "de", ";;;", "en;q=0", "*", "한국어"] {
            assert_eq!(Language::accepted(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_sentence_after_a_name_that_ends_with_a_dot_has_one() {
        let said = |product: &str| Text::new("mail-test-text").with("product", product).say(Language::English);
        assert_eq!(said("Acme Inc."), "This is a trial mail of Acme Inc. Mail is delivered.");
        assert_eq!(said("Acme"), "This is a trial mail of Acme. Mail is delivered.");
    }
}
