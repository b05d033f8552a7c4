//! What a policy would do, as its page shows it before it is saved: counts, and what becomes of the reader.

use crate::base::i18n::Text;
use crate::base::moment::Moment;

/// The effect of a policy as pages show it.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// What is counted (a message id), and how many.
    pub counts: Vec<(&'static str, i64)>,
    /// What becomes of the reader.
    pub own: Option<Own>,
}

/// What becomes of the reader.
#[derive(Clone, Debug)]
pub struct Own {
    /// In words.
    pub text: Text,
    /// When.
    pub at: Option<Moment>,
    /// Whether it is something to think about first.
    pub warns: bool,
}

impl Impact {
    /// One more count.
    pub fn count(mut self, label: &'static str, count: impl TryInto<i64>) -> Self {
        self.counts.push((label, count.try_into().unwrap_or(i64::MAX)));
        self
    }

    /// What becomes of the reader, and when.
    pub fn own(mut self, text: Text, at: Option<Moment>) -> Self {
        self.own = Some(Own { text, at, warns: false });
        self
    }

    /// What becomes of the reader, who had better think about it first.
    pub fn warn(mut self, text: Text) -> Self {
        self.own = Some(Own { text, at: None, warns: true });
        self
    }
}
