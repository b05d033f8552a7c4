//! Where people return to after a login or a confirmation.

use crate::access::app::App;
use crate::access::site::Site;
use crate::base::urls::CONSOLE;
use serde::Deserialize;

/// Where to return to after the confirmation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    /// The path, with its query.
    pub next: String,
}

/// An address that fits into a form token: of a long one the path.
pub fn short(address: &str) -> &str {
    const LONGEST: usize = 400;
    let path = address.split('?').next().unwrap_or_default();
    match (address.len() > LONGEST, path.len() > LONGEST) {
        (false, _) => address,
        (true, false) => path,
        (true, true) => CONSOLE,
    }
}

/// Where to go after login: a page of ours that is meant to be opened by itself, else the console. Nothing else is
/// followed (ASVS 3.7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a typed address; anything that is not a page of the console becomes the console.
    pub fn parse(app: &App, typed: &str) -> Self {
        Self::of(&app.site, typed)
    }

    /// The same by a list of routes.
    pub fn of(site: &Site, typed: &str) -> Self {
        let path = typed.split('?').next().unwrap_or_default();
        let plain = typed.len() <= 1000 && typed.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let ours = plain && typed.starts_with('/') && !typed.starts_with("//") && site.is_console_page(path);
        Self(if ours { typed.to_owned() } else { CONSOLE.to_owned() })
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What addresses say of it: nothing of the console's home.
    pub fn next(&self) -> &str {
        if self.is_elsewhere() { &self.0 } else { "" }
    }

    /// Whether it is more than the console's home.
    pub fn is_elsewhere(&self) -> bool {
        self.0 != CONSOLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::Mode;

    /// Shows attack 67.
    #[test]
    fn asvs_3_7_2_only_pages_of_the_console_are_returned_to() {
        let site = crate::app::routes::site(Mode::Production);
        for own in
            ["/account", "/iam/organization/account", "/account/password?held=1", "/account/sessions/0a-1/logout"]
        {
            assert_eq!(ReturnTo::of(&site, own).as_str(), own);
        }
        for evil in [
            "//evil",
            "/\\evil",
            "/%09/evil",
            "https:evil",
            "https://own.evil",
            "",
            "account",
            "/account\\@evil",
            "/ac count",
            "/logout",
            "/account\r\nX: y",
            "/login",
            "/nowhere",
            "javascript:alert(1)",
            "/account/../..//evil",
            "/account/sessions//logout",
            "/account/sessions/a.b/logout",
            "/account/sessions/%2f/logout",
        ] {
            assert_eq!(ReturnTo::of(&site, evil).as_str(), CONSOLE, "{evil}");
        }
    }
}
