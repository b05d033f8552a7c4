//! Organization names: what everyone types first when logging in.

use std::sync::LazyLock;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::from_path::FromPath;
use crate::base::problem::{Problem, about};
use crate::base::text::{self, typed};

/// An organization name: 3 to 30 of a-z, 0-9 and single inner hyphens (docs/rules.md section 3).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct OrganizationName(String);
crate::text_column!(OrganizationName);

impl OrganizationName {
    /// The name of an organization that may exist, folded as the tables hold it.
    pub fn read(typed: &str) -> Result<String, Problem> {
        let plain = typed::plain(typed);
        if typed::bare(&plain).is_empty() {
            return Err(Problem::Missing);
        }
        text::handle(&plain).ok_or_else(|| about(Problem::NotAnOrganizationName, &plain))
    }

    /// Parses the name of a new organization; case is folded. Reserved names are `NameUnavailable`, like taken ones.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let name = Self::read(typed)?;
        if RESERVED.binary_search(&name.as_str()).is_ok() {
            return Err(Problem::NameUnavailable);
        }
        Ok(Self(name))
    }

    /// The name as it is looked for, of one that may be reserved or of none: of what cannot be a name, the beginning of its
    /// spelling.
    pub fn sought(typed: &str) -> String {
        const MOST: usize = 100;
        let plain = typed::plain(typed);
        text::handle(&plain).unwrap_or_else(|| plain.to_lowercase().chars().take(MOST).collect())
    }
}

/// An organization name in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameInPath {
    /// As the tables hold it.
    Folded(String),
    /// In another spelling; this is the folded name.
    ToFold(String),
}

impl FromPath for NameInPath {
    fn from_path(text: &str) -> Option<Self> {
        let name = text::handle(text).filter(|name| !is_login_word(name))?;
        Some(if name == text { Self::Folded(name) } else { Self::ToFold(name) })
    }
}

/// Words that follow `/login/` in addresses of our own: no organization can be called so.
pub const LOGIN_WORDS: [&str; 7] = ["again", "factor", "idp", "organizations", "passkey", "password", "recovery"];

/// Whether the login URL of an organization with this name would be another page.
pub fn is_login_word(name: &str) -> bool {
    LOGIN_WORDS.contains(&name)
}

/// Names that would be mistaken for the product, its parts, its people, or addresses of its own.
static RESERVED: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut names: Vec<&str> = "about abuse account accounts admin administrator api app apps assets audit auth billing \
        blog callback cdn cloud company console contact dashboard dev developer docs domain download email example ftp \
        guest healthz help hostmaster iam imap info internal invitation invoice legal localhost login logout mail \
        mailer-daemon mailbox marketing me metrics mobile monitor news noreply no-reply ns1 ns2 null oauth oidc operator \
        org organization organizations owner password payment pop postmaster privacy production project projects public \
        readyz register root sales security self service session settings shop signin signup smtp sso staff staging \
        static status store support sysadmin system team terms test undefined unknown user users vestibule webmaster \
        www you"
        .split_whitespace()
        .collect();
    names.extend(LOGIN_WORDS);
    names.sort_unstable();
    names.dedup();
    names
});

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows attack 99.
    #[test]
    fn names_are_folded_and_bounded() {
        for good in [
            "acme",
            "ACME",
            "ａｃｍｅ",
            "acme\u{2011}cloud",
            "\u{200b}acme\u{a0}",
            " acme-cloud ",
            "a1b",
            "x".repeat(30).as_str(),
            "9-to-5",
            "acme/",
            "\"acme\"",
            "acme.",
            "‘acme’;",
        ] {
            assert!(OrganizationName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "ab",
            "-acme",
            "acme-",
            "ac--me",
            "xn--80ak6aa92e",
            "acme cloud",
            "acme_cloud",
            "аcme",
            "acmé",
            "ac\0me",
            "a.b.c",
            "ac/me",
            "x".repeat(31).as_str(),
        ] {
            assert!(matches!(OrganizationName::parse(bad), Err(Problem::NotAnOrganizationName(_))), "{bad}");
        }
        assert_eq!(OrganizationName::parse(""), Err(Problem::Missing));
    }

    /// Shows attack 99.
    #[test]
    fn reserved_names_are_refused_like_taken_ones() {
        for reserved in ["admin", "Root", "www", "vestibule", "no-reply"] {
            assert_eq!(OrganizationName::parse(reserved), Err(Problem::NameUnavailable), "{reserved}");
        }
    }
}
