//! E-mail addresses: the ID for logging in.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::problem::{Problem, about};
use crate::base::text::typed;

/// An address: ASCII local part, domain in its ASCII form, both in lower case. Two spellings of one address are equal.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = Text)]
pub struct Email(String);
crate::text_column!(Email);

impl Email {
    /// Parses an address as people type it, and as programs copy it: `mailto:a@b`, `Name <a@b>`.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let plain = typed::plain(typed);
        if plain.is_empty() {
            return Err(Problem::Missing);
        }
        let several = plain.split([',', ';']).filter(|part| part.contains('@')).count() > 1;
        Self::read(bare(&plain)).ok_or_else(|| match several {
            true => Problem::SeveralEmails,
            false => about(Problem::NotAnEmail, &plain),
        })
    }

    /// An address as a machine sends it: compared as it came, but for the case of ASCII letters. Nothing else is folded,
    /// so that no two that differ are the same.
    pub fn sent(sent: &str) -> Result<Self, Problem> {
        let read = Self::read(sent).filter(|address| address.0.eq_ignore_ascii_case(sent));
        read.ok_or_else(|| about(Problem::NotAnEmail, sent))
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

/// The address in what a program made of it. A name in front must not hold another address: which of them is meant would
/// not be clear.
fn bare(plain: &str) -> &str {
    let around = |c: char| {
        matches!(c, ' ' | '"' | '\'' | '“' | '”' | '‘' | '’' | '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | '.')
    };
    let inner = match plain.split_once('<') {
        Some((name, rest)) => match rest.split_once('>') {
            Some((address, after))
                if after.chars().all(around)
                    && (!name.contains('@') || name.trim_matches(around).eq_ignore_ascii_case(address)) =>
            {
                address
            }
            _ => return plain,
        },
        None => plain,
    };
    // A dot ends a sentence; none stands before an address.
    let inner = inner.trim_start_matches(|c| around(c) && c != '.').trim_end_matches(around);
    match inner.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            inner[7..].split('?').next().unwrap_or_default().trim()
        }
        _ => inner,
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
            ("Mina Park <mina@acme.example>", "mina@acme.example"),
            ("\"Kim, Mina\" <mina@acme.example>; ", "mina@acme.example"),
            ("mina@acme.example <mina@acme.example>", "mina@acme.example"),
            ("<a@example.org>", "a@example.org"),
            ("a@example.org.", "a@example.org"),
            ("(a@example.org)", "a@example.org"),
            ("\u{200b}mailto:mina@acme.example?subject=x", "mina@acme.example"),
            ("ｍｉｎａ＠acme。example\u{a0}", "mina@acme.example"),
            ("a\u{2024}b@example.org", "a.b@example.org"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), stored);
        }
    }

    #[test]
    fn what_a_machine_sends_is_compared_as_it_came() {
        for sent in ["Mina.Park@Example.ORG", "a+tag@example.org", "a@xn--mnchen-3ya.example"] {
            assert_eq!(Email::sent(sent).unwrap().as_str(), sent.to_ascii_lowercase());
        }
        for other in [
            "\u{212A}case@acme.example",
            "a@ＡＣＭＥ.example",
            "a@m\u{FC}nchen.example",
            " a@acme.example",
            "a@acme.example\n",
            "Case <a@acme.example>",
        ] {
            assert!(Email::sent(other).is_err(), "{other:?}");
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
            "a.@example.org",
            ".a@example.org",
            "<.a@example.org>",
            "a..b@example.org",
            "ä@example.org",
            "a@-example.org",
            "b@example.org <a@example.org>",
            "<a@example.org> b",
            "a\0@example.org",
        ] {
            assert!(matches!(Email::parse(bad), Err(Problem::NotAnEmail(_))), "{bad:?}");
            assert!(Email::sent(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Email::parse(" "), Err(Problem::Missing));
        assert_eq!(Email::parse("a@b.example; c@d.example"), Err(Problem::SeveralEmails));
        assert!(matches!(Email::parse(&format!("{}@example.org", "a".repeat(65))), Err(Problem::NotAnEmail(_))));
    }

    #[test]
    fn what_a_machine_sends_is_not_folded() {
        assert!(Email::sent("Mina@acme.example").is_ok());
        for bad in [
            " mina@acme.example",
            "ｍina@acme.example",
            "\u{212a}case@acme.example",
            "Mina <mina@acme.example>",
            "\u{200b}a@b.example",
        ] {
            assert!(Email::sent(bad).is_err(), "{bad:?}");
        }
    }
}
