//! IAM > Users: the list, searched, filtered, sorted, paged by key (docs/rules.md section 9).
//!
//! A search looks at how names and addresses begin, which two indexes answer: first the names, then the addresses of
//! those whose names do not match. "Anywhere" walks the organization's own rows. By last login the list has two parts as
//! well: those who never logged in come before all who did.

pub mod pages;
mod store;

pub use store::{Listed, page, total};

use crate::access::Role;
use crate::base::moment::Moment;
use crate::base::text;

words! {
    /// What the list is sorted by.
    Sort {
        /// Name.
        Name = "name",
        /// Address.
        Email = "email",
        /// When they last logged in.
        LastLogin = "last_login",
        /// When they were registered.
        Registered = "registered",
    }
}

words! {
    /// A status as lists show and filter it.
    Shown {
        /// Has not set a password yet.
        Invited = "invited",
        /// May log in.
        Active = "active",
        /// Active, but locked after wrong passwords.
        Locked = "locked",
        /// Active, but the password has expired.
        Expired = "expired",
        /// May not log in.
        Deactivated = "deactivated",
    }
}

impl Shown {
    /// What a row shows.
    pub fn of(status: crate::base::user::Status, locked: bool, expired: bool) -> Self {
        match status {
            crate::base::user::Status::Invited => Self::Invited,
            crate::base::user::Status::Active if locked => Self::Locked,
            crate::base::user::Status::Active if expired => Self::Expired,
            crate::base::user::Status::Active => Self::Active,
            crate::base::user::Status::Deactivated => Self::Deactivated,
        }
    }

    /// Message id.
    pub fn label(self) -> &'static str {
        match self {
            Self::Invited => "status-invited",
            Self::Active => "status-active",
            Self::Locked => "status-locked",
            Self::Expired => "status-expired",
            Self::Deactivated => "status-deactivated",
        }
    }

    /// Class of its badge.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Invited => "warn",
            Self::Active => "ok",
            Self::Locked => "danger",
            Self::Expired => "warn",
            Self::Deactivated => "",
        }
    }
}

/// What a list is narrowed to and sorted by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Folded text to search for.
    pub search: Option<String>,
    /// Whether it may stand anywhere in a name or address, not only at the beginning.
    pub anywhere: bool,
    /// The last change by which a password has expired now, where passwords do.
    pub expired_since: Option<Moment>,
    /// Only users with this status.
    pub status: Option<Shown>,
    /// Only users with this role.
    pub role: Option<Role>,
    /// Sorted by.
    pub sort: Option<Sort>,
    /// From the end.
    pub descending: bool,
}

/// What is searched for: cleaned as names are kept.
fn searched(typed: &str) -> String {
    text::typed::visible(typed).unwrap_or_else(|_| text::typed::plain(typed))
}

impl Criteria {
    /// Reads what a URL says; what cannot be read narrows nothing.
    pub fn read(search: &str, anywhere: bool, status: &str, role: &str, sort: &str) -> Self {
        // As names are kept: some keyboards and clipboards send Hangul in pieces.
        let whole = searched(search);
        let folded: String = whole.to_lowercase().chars().filter(|c| !c.is_control()).take(100).collect();
        Self {
            search: Some(folded).filter(|text| !text.is_empty()),
            anywhere,
            expired_since: None,
            status: Shown::from_word(status),
            role: Role::from_word(role),
            sort: Sort::from_word(sort.trim_start_matches('-')),
            descending: sort.starts_with('-'),
        }
    }

    /// What the rows are sorted by.
    pub fn sort(&self) -> Sort {
        self.sort.unwrap_or(Sort::Name)
    }

    /// The beginning to search for, when the search is one by beginnings.
    pub fn prefix(&self) -> Option<&str> {
        self.search.as_deref().filter(|_| !self.anywhere)
    }
}

/// The first text after all that begin with `prefix`: what is between is the range of an index. `None` when there is none.
pub fn end_of(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // Past the surrogates, which are no characters.
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// Where somebody stands in the list by last login: the moment, if there is one, and the id, which makes it unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoginKey {
    /// When they last logged in.
    pub at: Option<Moment>,
    /// Who.
    pub id: String,
}

impl LoginKey {
    /// The key as a URL says it; `None` for what no row has.
    pub fn parse(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('.')?;
        let at = match micros {
            "" => None,
            micros => Some(Moment::from_micros(micros.parse().ok()?)?),
        };
        Some(Self { at, id: id.to_owned() })
    }
}

impl std::fmt::Display for LoginKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}.{}", at.micros(), self.id),
            None => write!(f, ".{}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_by_last_login_is_one_text() {
        let at = Moment::from_micros(1_790_000_000_000_001);
        for key in [LoginKey { at, id: "b".to_owned() }, LoginKey { at: None, id: "a".to_owned() }] {
            assert_eq!(LoginKey::parse(&key.to_string()), Some(key));
        }
        for text in ["", "b", "x.b", "-1.b", "1e3.b", "9223372036854775807.b", "18446744073709551616.b"] {
            assert_eq!(LoginKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn whoever_never_logged_in_comes_before_all_who_did() {
        let key =
            |micros: Option<u64>, id: &str| LoginKey { at: micros.and_then(Moment::from_micros), id: id.to_owned() };
        let sorted = [key(None, "a"), key(None, "z"), key(Some(1), "y"), key(Some(2), "b"), key(Some(2), "c")];
        assert!(sorted.is_sorted());
    }

    #[test]
    fn the_range_of_a_prefix_ends_after_its_last_text() {
        assert_eq!(end_of("kim").as_deref(), Some("kin"));
        assert_eq!(end_of("박"), Some("밖".to_owned()));
        assert_eq!(end_of("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(end_of("\u{10ffff}"), None);
        for text in ["kim", "kim ", "kim\u{10ffff}", "kimz"] {
            assert!(text >= "kim" && text < end_of("kim").unwrap().as_str(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_narrows_nothing() {
        let criteria = Criteria::read(" \0 ", false, "asleep", "emperor", "-shoe size");
        assert_eq!(criteria, Criteria { descending: true, ..Criteria::default() });
        assert_eq!(Criteria::read(" Kim\u{1f}", false, "", "", "").search.as_deref(), Some("kim"));
        let in_pieces = "\u{1100}\u{1175}\u{11b7}";
        assert_eq!(Criteria::read(in_pieces, false, "", "", "").search.as_deref(), Some("김"));
    }
}
