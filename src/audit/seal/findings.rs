//! What is wrong with a log, in words for the operator and as stable words for scripts.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// Findings of one log that are told; of one that is wrong in every row the first ones say enough.
const TOLD: usize = 100;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Content and seal do not belong together.
    #[error("is not what was sealed: the row or its seal was changed")]
    Edited,
    /// There is a seal, and its event is gone.
    #[error("was removed")]
    Removed,
    /// The seal is that of another event.
    #[error("stands in the place of {0}")]
    Reordered(String),
    /// There is no seal, though everything from its time has one.
    #[error("has no seal, though everything from that time has one: it was put in later, or its seal was removed")]
    Inserted,
    /// It was sealed long after the time it tells.
    #[error("was put in long after the time it tells")]
    Late,
    /// Seals are missing.
    #[error("the seals from number {0} to {1} were removed")]
    Missing(i64, i64),
    /// The signature is not that of the key it names.
    #[error("its signature is wrong")]
    Signature,
    /// The key is not known.
    #[error("it is signed by a key that is not known ({0}); give its public half by --public-key")]
    UnknownKey(String),
    /// The chain says that it was cut, and retention did not do it.
    #[error("the log is said to begin here, and retention did not cut it")]
    Cut,
    /// The seal is said to belong to another organization.
    #[error("the seal is said to belong to another organization")]
    Astray,
    /// A number that the operator has written down is not in the log.
    #[error("the log does not have the seal that was expected")]
    NotThere,
    /// It is, with another hash.
    #[error("the log has another seal of this number than was expected")]
    Differs,
    /// Two lines of a file have one number.
    #[error("another line has the same number")]
    Twice,
    /// Both are signed, and one does not hang on the other.
    #[error("does not hang on the seal before")]
    Unlinked,
    /// A line cannot be read.
    #[error("is no line of an exported log: {0}")]
    Unreadable(String),
}

impl Wrong {
    fn word(&self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Removed => "removed",
            Self::Reordered(_) => "reordered",
            Self::Inserted => "inserted",
            Self::Late => "late",
            Self::Missing(..) => "missing",
            Self::Signature => "signature",
            Self::UnknownKey(_) => "unknown_key",
            Self::Cut => "cut",
            Self::Astray => "astray",
            Self::NotThere => "not_there",
            Self::Differs => "differs",
            Self::Twice => "twice",
            Self::Unlinked => "unlinked",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line of a file.
    pub line: Option<usize>,
    /// The number in the chain.
    pub number: Option<i64>,
    /// The event.
    pub event: Option<String>,
    /// Its reference code, while it is there.
    pub reference: Option<String>,
    /// What it is.
    pub wrong: Wrong,
}

impl Finding {
    /// Of a place in a chain.
    pub fn at(number: i64, wrong: Wrong) -> Self {
        Self { line: None, number: Some(number), event: None, reference: None, wrong }
    }

    /// Of an event.
    pub fn on(event: impl ToString, wrong: Wrong) -> Self {
        Self { line: None, number: None, event: Some(event.to_string()), reference: None, wrong }
    }

    /// With the number in the chain.
    pub fn numbered(self, number: i64) -> Self {
        Self { number: Some(number), ..self }
    }

    /// With the reference code.
    pub fn referred(self, reference: &str) -> Self {
        Self { reference: Some(reference.to_owned()), ..self }
    }

    /// With the line.
    pub fn in_line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = [
            self.line.map(|line| format!("line {line}")),
            self.number.map(|number| format!("number {number}")),
            self.event.as_ref().map(|event| format!("event {event}")),
            self.reference.as_ref().map(|reference| format!("reference code {reference}")),
        ];
        let places: Vec<String> = places.into_iter().flatten().collect();
        write!(f, "{}: {}", places.join(", "), self.wrong)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 6)?;
        object.serialize_field("wrong", self.wrong.word())?;
        object.serialize_field("line", &self.line)?;
        object.serialize_field("number", &self.number)?;
        object.serialize_field("event", &self.event)?;
        object.serialize_field("reference", &self.reference)?;
        object.serialize_field("words", &self.wrong.to_string())?;
        object.end()
    }
}

/// Everything that is wrong with a log: the first findings, and how many there are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub told: Vec<Finding>,
}

impl Findings {
    /// One more.
    pub fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(finding);
        }
    }
}
