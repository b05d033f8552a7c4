//! From which addresses the console is open (docs/rules.md section 8).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Decides;
use crate::base::moment::Moment;
use crate::base::problem::Problem;
use crate::platform::store::StoreError;

/// Most entries of a list (the source's limit).
pub const MOST: usize = 20;
/// Most characters of a description.
pub const DESCRIPTION: usize = 60;
/// An address that gets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The address; a mapped one is the IPv4 address that it means.
    pub address: IpAddr,
    /// What it is, in the administrator's words.
    pub description: String,
}

/// From where the console is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleAccess {
    /// Whether only the list gets in. The list is kept while it does not count.
    pub is_on: bool,
    /// The list, in the order of its registration.
    pub entries: Vec<Entry>,
}

/// What is decided about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// There is no control: everybody gets in.
    Open,
    /// It gets in by this entry.
    By(usize),
    /// It does not.
    Outside,
}

impl Decides for ConsoleAccess {
    type Facts = IpAddr;
    type Decision = Decision;

    fn decide(&self, from: &IpAddr, _: Moment) -> Decision {
        if !self.is_on {
            return Decision::Open;
        }
        self.place(*from).map_or(Decision::Outside, Decision::By)
    }
}

impl ConsoleAccess {
    /// Whether a person is kept out, by every way in. An address that cannot be determined is outside.
    pub fn keeps_out(&self, from: Option<IpAddr>, now: Moment) -> bool {
        match from {
            Some(address) => self.decide(&address, now) == Decision::Outside,
            None => self.is_on,
        }
    }

    /// As the table holds it: JSON, or nothing where none was ever saved.
    pub(crate) fn stored(json: Option<&str>) -> Result<Self, StoreError> {
        let read =
            |json| serde_json::from_str(json).map_err(|_| StoreError::Unreadable("the list of allowed addresses"));
        json.map_or_else(|| Ok(Self::default()), read)
    }

    /// Where in the list an address stands.
    pub fn place(&self, address: IpAddr) -> Option<usize> {
        let address = address.to_canonical();
        self.entries.iter().position(|entry| entry.address == address)
    }

    /// Puts an entry into the list.
    pub fn register(&mut self, entry: Entry) -> Result<(), Problem> {
        if self.place(entry.address).is_some() {
            return Err(Problem::AddressListed);
        }
        if self.entries.len() >= MOST {
            return Err(Problem::TooManyAddresses);
        }
        self.entries.push(entry);
        Ok(())
    }

    /// In words, for the audit log.
    pub fn describe(&self) -> String {
        let entry = |entry: &Entry| match entry.description.as_str() {
            "" => entry.address.to_string(),
            description => format!("{} ({description})", entry.address),
        };
        let list: Vec<String> = self.entries.iter().map(entry).collect();
        format!("{}: {}", if self.is_on { "on" } else { "off" }, list.join(", "))
    }
}
