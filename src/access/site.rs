//! What the pages have to know of the list of routes, which stands above them: which paths are pages of ours, and the menu.

use actix_web::http::Method;

use super::{Access, Rule};

/// For whom a route answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// People in a browser: forms, cookies, GET and POST.
    Pages,
    /// Programs: JSON, bearer tokens, every method.
    Api,
}

/// One line of the list of routes.
#[derive(Clone, Debug)]
pub struct Line {
    /// For whom it answers.
    pub scope: Scope,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for a variable segment.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
}

/// An entry of the side navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    /// The message with its words.
    pub label: &'static str,
    /// The name of its picture.
    pub icon: &'static str,
    /// Where it leads.
    pub url: &'static str,
    /// Paths that begin so are in it.
    pub prefix: &'static str,
    /// Who may open it.
    pub rule: &'static Rule,
    /// Whether the page is in it.
    pub current: bool,
}

/// The side navigation: headings and entries, in order.
pub type Navigation = &'static [(Option<&'static str>, &'static [NavItem])];

/// The routes and the menu.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Every route.
    pub routes: Vec<Line>,
    /// The menu.
    pub navigation: Navigation,
    /// Pages of people who are logged in that one only passes through.
    pub passing: &'static [&'static str],
}

impl Site {
    fn pages(&self, path: &str) -> impl Iterator<Item = &Line> {
        let pages = self.routes.iter().filter(|line| line.scope == Scope::Pages && line.method == Method::GET);
        pages.filter(move |line| is_of(path, line.path))
    }

    /// Whether `path` is a page that only people who are logged in open, and that can be opened by itself.
    pub fn is_console_page(&self, path: &str) -> bool {
        let mut pages = self.pages(path);
        pages.any(|line| matches!(line.access, Access::Permission(_))) && !self.passing.contains(&path)
    }

    /// Whether `path` is a page that can be gone back to: the secret of a mailed link is in no such address.
    pub fn is_page(&self, path: &str) -> bool {
        self.pages(path).any(|line| !line.path.contains("{token}"))
    }

    /// Whether a GET of `path` is answered by a page of ours, ids in it included.
    pub fn opens(&self, path: &str) -> bool {
        self.pages(path).next().is_some()
    }
}

/// Whether `path` has the pattern of a route; a variable segment takes what ids are written with.
fn is_of(path: &str, pattern: &str) -> bool {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let (mut typed, mut known) = (path.split('/'), pattern.split('/'));
    loop {
        match (typed.next(), known.next()) {
            (None, None) => return true,
            (Some(typed), Some(known)) if typed == known || known.starts_with('{') && is_id(typed) => {}
            _ => return false,
        }
    }
}
