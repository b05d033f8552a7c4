//! The form of the list. The list itself travels in one hidden field, so that every button works without script.

use std::net::IpAddr;

use serde::Deserialize;

use crate::access::decisions::console_access::{ConsoleAccess, DESCRIPTION, Entry, MOST};
use crate::base::problem::Problem;
use crate::base::text;
use crate::features::policies::access::address;
use crate::web::Problems;

/// The list as it stands on the page, and what is being typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccessForm {
    /// `on` or `off`.
    pub(super) access: String,
    /// The list: an address and its description on each line.
    pub(super) entries: String,
    /// A description being typed.
    pub(super) description: String,
    /// An address being typed.
    pub(super) address: String,
    /// An address to try.
    pub(super) tested: String,
    /// The version that the form was opened on.
    pub(super) version: String,
    /// Whether access may be lost with an IPv6 address, ticked.
    pub(super) is_meant: String,
    /// The button that was pressed.
    pub(super) action: String,
}

/// What a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Put the whole list in force.
    Save,
    /// Would this address get in?
    Test,
    /// Put what was typed into the list.
    Register,
    /// Put an address into the list: one's own, or a suggested one.
    Add(IpAddr),
    /// Take an entry out of the list.
    Remove(IpAddr),
    /// Only show what the choice would do.
    Show,
}

impl AccessForm {
    pub(super) fn of(policy: &ConsoleAccess) -> Self {
        let access = if policy.is_on { "on" } else { "off" }.to_owned();
        Self { access, entries: lines(policy), ..Self::default() }
    }

    pub(super) fn action(&self) -> Action {
        let address = |text: &str| address::parse(text).ok();
        match self.action.split_once(' ') {
            Some(("add", typed)) => address(typed).map_or(Action::Show, Action::Add),
            Some(("remove", typed)) => address(typed).map_or(Action::Show, Action::Remove),
            _ => match self.action.as_str() {
                "save" => Action::Save,
                "test" => Action::Test,
                "register" => Action::Register,
                // Enter was pressed in a field.
                "enter" if is_typed(&self.address) => Action::Register,
                "enter" if is_typed(&self.tested) => Action::Test,
                _ => Action::Show,
            },
        }
    }

    /// The list. It was written by the page, so what cannot be read is left out; what [Save] takes is read strictly.
    pub(super) fn list(&self) -> ConsoleAccess {
        let mut list = ConsoleAccess { is_on: self.access == "on", entries: Vec::new() };
        for entry in self.entries.lines().filter_map(|line| read(line).ok()) {
            // What is there twice, or beyond the last place, is not there.
            list.register(entry).ok();
        }
        list
    }

    pub(super) fn register(&mut self, problems: &mut Problems) {
        let parsed = problems.take("address", address::parse(&self.address));
        let description = problems.take("description", described(&self.description));
        if let (Some(address), Some(description)) = (parsed, description) {
            let mut list = self.list();
            if problems.take("address", list.register(Entry { address, description })).is_some() {
                self.entries = lines(&list);
                (self.address, self.description) = (String::new(), String::new());
            }
        }
    }

    /// Puts an address into the list. What is being typed is about the address in the field beside it, and stays there.
    pub(super) fn add(&mut self, address: IpAddr, problems: &mut Problems) {
        let mut list = self.list();
        if problems.take("address", list.register(Entry { address, description: String::new() })).is_some() {
            self.entries = lines(&list);
        }
    }

    pub(super) fn remove(&mut self, address: IpAddr) {
        let mut list = self.list();
        list.entries.retain(|entry| entry.address != address);
        self.entries = lines(&list);
    }

    /// The policy to put in force, read strictly.
    pub(super) fn wanted(&self) -> Result<ConsoleAccess, Problems> {
        let mut problems = Problems::default();
        let is_on = match self.access.as_str() {
            "on" => true,
            "off" => false,
            _ => return Err(Problems::one("access", Problem::Missing)),
        };
        let mut list = ConsoleAccess { is_on, entries: Vec::new() };
        for line in self.entries.lines() {
            let registered = read(line).and_then(|entry| list.register(entry));
            if problems.take("entries", registered).is_none() {
                return Err(problems);
            }
        }
        if is_on && is_typed(&self.address) {
            // Typed and not in the list: saving without it would surprise.
            problems.add("address", Problem::AddressNotRegistered);
        }
        if is_on && list.entries.is_empty() {
            problems.add("address", Problem::NoAddresses);
        }
        if problems.is_empty() { Ok(list) } else { Err(problems) }
    }
}

/// The list as lines.
fn lines(list: &ConsoleAccess) -> String {
    let line = |entry: &Entry| format!("{} {}", entry.address, entry.description);
    list.entries.iter().take(MOST).map(line).collect::<Vec<_>>().join("\n")
}

fn is_typed(typed: &str) -> bool {
    !text::typed::plain(typed).is_empty()
}

/// A description may be empty.
fn described(typed: &str) -> Result<String, Problem> {
    match text::line(typed, DESCRIPTION) {
        Err(Problem::Missing) => Ok(String::new()),
        described => described,
    }
}

fn read(line: &str) -> Result<Entry, Problem> {
    let (typed, description) = line.split_once(' ').unwrap_or((line, ""));
    let address = address::parse(typed)?;
    Ok(Entry { address, description: described(description)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(entries: &str, access: &str) -> AccessForm {
        AccessForm { entries: entries.to_owned(), access: access.to_owned(), ..AccessForm::default() }
    }

    #[test]
    fn a_list_travels_in_lines() {
        let form = form("203.0.113.5 Office north\r\n2001:db8::7 ", "on");
        let list = form.wanted().unwrap();
        assert_eq!(list.entries.len(), 2);
        assert_eq!((list.entries[0].description.as_str(), list.entries[1].description.as_str()), ("Office north", ""));
        assert_eq!(AccessForm::of(&list).wanted().unwrap(), list);
    }

    #[test]
    fn what_the_page_did_not_write_is_not_saved() {
        for bad in ["203.0.113.0/24 x", "x", "203.0.113.5 a\n::ffff:203.0.113.5 b", "203.0.113.5 \u{202e}"] {
            assert!(form(bad, "on").wanted().is_err(), "{bad:?}");
        }
        let many: String = (1..=21).map(|last| format!("192.0.2.{last} \n")).collect();
        assert_eq!(form(&many, "on").wanted().unwrap_err().of("entries"), Some(&Problem::TooManyAddresses.into()));
        assert_eq!(form(&many, "on").list().entries.len(), MOST);
        assert!(form("", "on").wanted().is_err() && form("", "").wanted().is_err() && form("", "off").wanted().is_ok());
    }

    #[test]
    fn what_was_typed_and_not_registered_is_asked_about() {
        let form = AccessForm { address: "192.0.2.9".to_owned(), ..form("203.0.113.5 ", "on") };
        assert_eq!(form.wanted().unwrap_err().of("address"), Some(&Problem::AddressNotRegistered.into()));
    }
}
