//! What the forms of pages are about, as a browser carries it: kept beside the cookies, so that a test that copies a browser
//! copies both.

use super::Person;
use super::client::Response;

/// The form token of the console page seen last; with a path behind it that of the page of a visitor.
pub(super) const FORM: &str = ":form";

/// The pages of a sign-up are about one thing, and those of a second factor.
fn key(path: &str) -> String {
    let common = ["/signup", "/login/factor"].into_iter().find(|common| path.starts_with(common));
    format!("{FORM} {}", common.unwrap_or(path))
}

impl Person<'_> {
    /// What a page of a visitor was about when this browser saw it or was led to it last.
    pub fn token_for(&self, path: &str) -> Option<String> {
        let is_waiting =
            ["/login/", "/signup", "/invitation", "/password/", "/repair"].iter().any(|of| path.starts_with(of));
        self.cookies.borrow().get(&key(path)).filter(|_| is_waiting).cloned()
    }

    pub(super) fn keep_tokens(&self, response: &Response, html: &str) {
        let mut kept = self.cookies.borrow_mut();
        if let Some((path, query)) = response.header("location").and_then(|to| to.split_once('?'))
            && let Some((_, token)) = query.split_once("form_token=")
            // The pages of a session are found without it.
            && !["/account", "/iam", "/repair/"].iter().any(|console| path.starts_with(console))
        {
            kept.insert(key(path), token.to_owned());
        }
        if html.contains("action=\"/logout\"") {
            return;
        }
        for form in html.split("<form ").skip(1) {
            let action = form.split_once("action=\"").and_then(|(_, rest)| rest.split('"').next());
            let token = form.split_once("name=\"form_token\" value=\"").and_then(|(_, rest)| rest.split('"').next());
            if let (Some(action), Some(token)) = (action, token) {
                kept.insert(key(action), token.to_owned());
            }
        }
    }

    /// What the forms of the console page seen last carry.
    pub fn token(&self) -> Option<String> {
        self.cookies.borrow().get(FORM).cloned()
    }
}
