//! What is wrong with a log, in words for the operator and as stable words for scripts.

use std::collections::HashSet;
use std::fmt;

use data_encoding::HEXLOWER;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::Chain;
use crate::base::digest::Digest;

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
    /// A file has no line with a seal.
    #[error("no line of this file has a seal, so nothing vouches for any of them")]
    Nothing,
    /// An organization has neither events nor seals.
    #[error("the log is empty, though every organization has events from its sign-up on")]
    Empty,
    /// How far the log is sealed is signed nowhere.
    #[error("nothing says how many seals there are: what was signed of it was removed (`audit rewind` signs again)")]
    Unsigned,
    /// It is signed wrongly.
    #[error("what is said of how far the log is sealed has a wrong signature (`audit rewind` signs again)")]
    Progress,
    /// The signed newest seals are not those that were counted.
    #[error("the newest seals of all logs do not add up: {0} seals more were signed than these logs have")]
    Sum(i64),
    /// An older state was put back.
    #[error("a log was signed in version {0}, and all logs together in version {1}: an older state was put back")]
    PlayedBack(i64, i64),
    /// There is the signed newest seal of an organization that is not there.
    #[error("the organization {0} is gone, and was not erased by this program")]
    Gone(String),
    /// The signature of the newest seal that is on record is wrong.
    #[error("what is said of the newest seal has a wrong signature")]
    Head,
    /// The seal is another than the one that was signed as the newest.
    #[error("is not the seal that was signed as the newest")]
    Headed,
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
            Self::Nothing => "nothing",
            Self::Empty => "empty",
            Self::Unsigned => "unsigned",
            Self::Progress => "progress",
            Self::Sum(_) => "sum",
            Self::PlayedBack(..) => "played_back",
            Self::Gone(_) => "gone",
            Self::Head => "head",
            Self::Headed => "headed",
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
    /// What was found in the place of what was sealed: another change of the same row is another finding.
    found: Option<Digest>,
    /// How it is named when it is acknowledged. What is found in a file has no name.
    pub id: Option<String>,
}

impl Finding {
    /// Of a place in a chain.
    pub fn at(number: i64, wrong: Wrong) -> Self {
        Self { number: Some(number), ..Self::whole(wrong) }
    }

    /// Of an event.
    pub fn on(event: impl ToString, wrong: Wrong) -> Self {
        Self { event: Some(event.to_string()), ..Self::whole(wrong) }
    }

    /// Of a log as a whole.
    pub fn whole(wrong: Wrong) -> Self {
        Self { line: None, number: None, event: None, reference: None, wrong, found: None, id: None }
    }

    /// With what was found.
    pub fn showing(self, found: Digest) -> Self {
        Self { found: Some(found), ..self }
    }

    /// Its name in a log: of everything that it says, so that what is acknowledged is this and nothing else.
    fn named(self, chain: &str) -> Self {
        let number = self.number.unwrap_or(-1).to_be_bytes();
        let event = self.event.clone().unwrap_or_default();
        let words = self.wrong.to_string();
        let found = self.found.as_ref().map_or(b"".as_slice(), Digest::as_bytes);
        let parts: [&[u8]; 7] = [
            b"vestibule audit finding 1",
            chain.as_bytes(),
            self.wrong.word().as_bytes(),
            &number,
            event.as_bytes(),
            words.as_bytes(),
            found,
        ];
        let id = HEXLOWER.encode(&Digest::of(&parts).as_bytes()[..8]);
        Self { id: Some(id), ..self }
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
        match places.is_empty() {
            true => write!(f, "{}", self.wrong)?,
            false => write!(f, "{}: {}", places.join(", "), self.wrong)?,
        }
        match &self.id {
            Some(id) => write!(f, " (finding {id})"),
            None => Ok(()),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 7)?;
        object.serialize_field("finding", &self.id)?;
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
    /// How many, without those that were acknowledged.
    pub count: usize,
    /// How many were acknowledged.
    pub acknowledged: usize,
    /// The first of those that were not.
    pub told: Vec<Finding>,
    #[serde(skip)]
    of: Option<(Chain, HashSet<String>)>,
}

impl Findings {
    /// Those of a log, and the names of those that were acknowledged.
    pub fn of(chain: &Chain, acknowledged: HashSet<String>) -> Self {
        Self { of: Some((chain.clone(), acknowledged)), ..Self::default() }
    }

    /// One more.
    pub fn add(&mut self, finding: Finding) {
        let finding = match &self.of {
            Some((chain, acknowledged)) => {
                let finding = finding.named(chain.word());
                if finding.id.as_ref().is_some_and(|id| acknowledged.contains(id)) {
                    self.acknowledged += 1;
                    return;
                }
                finding
            }
            None => finding,
        };
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_acknowledged_is_one_finding_and_no_other() {
        let chain = Chain::Installation;
        let edited = |number| Finding::at(number, Wrong::Edited).showing(Digest::of(&[b"one"]));
        let name = edited(3).named(chain.word()).id.unwrap();
        let mut findings = Findings::of(&chain, HashSet::from([name.clone()]));
        findings.add(edited(3));
        assert_eq!((findings.count, findings.acknowledged), (0, 1));
        for other in [
            edited(4),
            Finding::at(3, Wrong::Edited).showing(Digest::of(&[b"two"])),
            Finding::at(3, Wrong::Removed).showing(Digest::of(&[b"one"])),
        ] {
            findings.add(other);
        }
        assert_eq!((findings.count, findings.acknowledged), (3, 1));
        assert_ne!(edited(3).named("another").id.unwrap(), name, "another log");
    }
}
