//! E-mail addresses: the ID for logging in.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::problem::Problem;

/// An address: ASCII local part, domain in its ASCII form, both in lower case. Two spellings of one address are equal.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct Email(String);
crate::text_column!(Email);

impl Email {
    /// Parses an address as typed.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Problem::Missing);
        }
        Self::read(typed).ok_or(Problem::NotAnEmail)
    }

    fn read(typed: &str) -> Option<Self> {
        let (local, domain) = typed.split_once('@')?;
        let atom = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        };
        if local.len() > 64 || !local.split('.').all(atom) {
            return None;
        }
        let url::Host::Domain(domain) = url::Host::parse(domain).ok()? else {
            return None;
        };
        let label = |part: &str| {
            (1..=63).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        };
        if !domain.contains('.') || !domain.split('.').all(label) {
            return None;
        }
        let address = format!("{}@{}", local.to_ascii_lowercase(), domain.to_ascii_lowercase());
        // The mail library's own rules hold as well: what is stored can be sent to.
        (address.len() <= 254 && address.parse::<lettre::Address>().is_ok()).then_some(Self(address))
    }

    /// The part before the @.
    pub fn local(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows attack 100.
    #[test]
    fn addresses_are_folded_to_one_spelling() {
        for (typed, stored) in [
            ("Mina.Park@Example.ORG", "mina.park@example.org"),
            (" a+tag@example.org ", "a+tag@example.org"),
            ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), stored);
        }
    }

    /// Shows ASVS 1.3.11; attacks 18, 100.
    #[test]
    fn what_cannot_be_mailed_to_is_refused() {
        for bad in [
            "plain",
            "a@b",
            "@example.org",
            "a@",
            "a@@example.org",
            "a b@example.org",
            "a@exa mple.org",
            "\"q\"@example.org",
            "a@example.org\r\nBcc: b@example.org",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@example..org",
            ".a@example.org",
            "a.@example.org",
            "a..b@example.org",
            "ä@example.org",
            "a\u{2024}b@example.org",
            "a@-example.org",
            "a@example.org.",
            "<a@example.org>",
            "a\0@example.org",
        ] {
            assert_eq!(Email::parse(bad), Err(Problem::NotAnEmail), "{bad:?}");
        }
        assert_eq!(Email::parse(" "), Err(Problem::Missing));
        assert_eq!(Email::parse(&format!("{}@example.org", "a".repeat(65))), Err(Problem::NotAnEmail));
    }
}
