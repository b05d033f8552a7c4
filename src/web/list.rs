//! Lists that are read by key, never by offset: a page begins after (or ends before) the key of a row, so that the
//! thousandth page costs what the first one does, and rows that come or go meanwhile shift nothing.
//!
//! A key is the text of one unique column of the organization's rows: the column the list is sorted by. The whole state
//! of a list (search, filters, sort, place) is its URL.

use std::borrow::Cow;

use serde::Deserialize;

/// Rows of a page.
pub const PAGE: usize = 50;

/// Totals are counted up to here; past it a page says "more than".
pub const COUNTED: i64 = 1000;

/// Where a page begins or ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// At the beginning.
    #[default]
    Start,
    /// After the row with this key.
    After(String),
    /// Before the row with this key.
    Before(String),
}

impl Place {
    /// Whether the rows are to be read from the end: the caller turns the order of its query around, and [`Slice::cut`]
    /// turns the rows back.
    pub fn is_backwards(&self) -> bool {
        matches!(self, Self::Before(_))
    }
}

/// The place in a list as the URL says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Cursor {
    after: String,
    before: String,
}

impl Cursor {
    /// The place; what no key can be (PostgreSQL takes no NUL) is the beginning.
    pub fn place(&self) -> Place {
        let is_key = |key: &str| !key.is_empty() && key.len() <= 1000 && !key.contains('\0');
        match (is_key(&self.after), is_key(&self.before)) {
            (true, _) => Place::After(self.after.clone()),
            (_, true) => Place::Before(self.before.clone()),
            _ => Place::Start,
        }
    }
}

/// A page of rows, with the keys of the places before and after it.
#[derive(Debug)]
pub struct Slice<T> {
    /// The rows, in the list's order.
    pub rows: Vec<T>,
    /// Key that the page before ends before.
    pub previous: Option<String>,
    /// Key that the page after begins after.
    pub next: Option<String>,
}

impl<T> Default for Slice<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), previous: None, next: None }
    }
}

impl<T> Slice<T> {
    /// Cuts what a query found in the direction of `place` to `size` rows. The query asks for one row more than that, so
    /// that it is known whether another page follows.
    pub fn cut(place: &Place, size: usize, mut found: Vec<T>, key: impl Fn(&T) -> String) -> Self {
        let more = found.len() > size;
        found.truncate(size);
        if place.is_backwards() {
            found.reverse();
        }
        let (first, last) = (found.first().map(&key), found.last().map(&key));
        let (before, after) = match place {
            Place::Start => (false, more),
            Place::After(_) => (true, more),
            Place::Before(_) => (more, true),
        };
        Self { rows: found, previous: first.filter(|_| before), next: last.filter(|_| after) }
    }
}

/// The URLs of a list: its path and what it is searched, filtered and sorted by, without the place.
#[derive(Clone, Debug)]
pub struct ListUrl {
    path: Cow<'static, str>,
    state: Vec<(&'static str, String)>,
}

impl ListUrl {
    /// Of the list at `path`; empty values are left out.
    pub fn new(path: impl Into<Cow<'static, str>>, state: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { path: path.into(), state: state.into_iter().filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// The list with one value changed, from its beginning.
    pub fn with(&self, name: &'static str, value: &str) -> String {
        let mut state = self.state.clone();
        state.retain(|(known, _)| *known != name);
        state.push((name, value.to_owned()));
        Self::new(self.path.clone(), state).to_string()
    }

    /// The page after a key.
    pub fn after(&self, key: &str) -> String {
        self.with("after", key)
    }

    /// The page before a key.
    pub fn before(&self, key: &str) -> String {
        self.with("before", key)
    }

    /// Whether anything is searched or filtered by: a list that is empty then says so differently.
    pub fn is_narrowed(&self) -> bool {
        self.state.iter().any(|(name, _)| *name != "sort")
    }

    /// The list as it is, without search, filter and sort.
    pub fn plain(&self) -> &str {
        &self.path
    }
}

impl std::fmt::Display for ListUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.state.is_empty() {
            return f.write_str(&self.path);
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.state).finish();
        write!(f, "{}?{query}", self.path)
    }
}

/// How many rows there are, counted up to [`COUNTED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total(pub i64);

impl Total {
    /// Whether there are more than were counted.
    pub fn is_more(self) -> bool {
        self.0 > COUNTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of a list of the numbers below 25, as a query would find it.
    fn page(place: &Place) -> Slice<u32> {
        let key = |number: &u32| format!("{number:02}");
        let all = 0..25;
        let found: Vec<u32> = match place {
            Place::Start => all.take(11).collect(),
            Place::After(from) => all.filter(|number| key(number) > *from).take(11).collect(),
            Place::Before(to) => all.rev().filter(|number| key(number) < *to).take(11).collect(),
        };
        Slice::cut(place, 10, found, key)
    }

    #[test]
    fn a_list_is_walked_to_its_end_and_back() {
        let first = page(&Place::Start);
        assert_eq!((first.rows.len(), first.previous), (10, None));
        let second = page(&Place::After(first.next.expect("a second page")));
        assert_eq!(second.rows, (10..20).collect::<Vec<_>>());
        let third = page(&Place::After(second.next.expect("a third page")));
        assert_eq!((third.rows, third.next), ((20..25).collect(), None));
        let back = page(&Place::Before(third.previous.expect("the page before")));
        assert_eq!(back.rows, (10..20).collect::<Vec<_>>());
        let start = page(&Place::Before(back.previous.expect("the first page")));
        assert_eq!((start.rows, start.previous), ((0..10).collect(), None));
    }

    #[test]
    fn what_is_no_key_is_the_beginning() {
        for (after, before) in [("", ""), ("a\0b", ""), ("", "\0")] {
            assert_eq!(Cursor { after: after.to_owned(), before: before.to_owned() }.place(), Place::Start);
        }
        assert_eq!(Cursor { after: "x".repeat(1001), before: String::new() }.place(), Place::Start);
    }

    #[test]
    fn the_url_of_a_list_is_its_state() {
        let url = ListUrl::new("/iam/users", [("q", "a&b".to_owned()), ("status", String::new())]);
        assert_eq!(url.to_string(), "/iam/users?q=a%26b");
        assert_eq!(url.after("k\u{1f}1"), "/iam/users?q=a%26b&after=k%1F1");
        assert_eq!(url.with("q", ""), "/iam/users");
        assert!(url.is_narrowed());
    }
}
