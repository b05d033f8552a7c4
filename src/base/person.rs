//! Names and phone numbers of people.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::problem::{Problem, about};
use crate::base::text::{self, typed};

/// A person's name or nickname. Mails carry it, so it cannot hold a link or markup.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct PersonName(String);
crate::text_column!(PersonName);

impl PersonName {
    /// At most 60 characters.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let name = text::line(typed, 60)?;
        let lower = name.to_lowercase();
        let link = ["://", "www.", "<", ">", "@", "http:"].iter().any(|part| lower.contains(part));
        if link || text::looks_like_a_link(&name) { Err(Problem::NotAName) } else { Ok(Self(name)) }
    }

    /// `Ok(None)` where nothing was typed.
    pub fn parse_optional(typed: &str) -> Result<Option<Self>, Problem> {
        match Self::parse(typed) {
            Err(Problem::Missing) => Ok(None),
            parsed => parsed.map(Some),
        }
    }
}

/// A phone number in E.164.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Phone(String);
crate::text_column!(Phone);

impl Phone {
    /// As people read it: "+82 10-2345-6789".
    pub fn international(&self) -> String {
        let parsed = phonenumber::parse(None, &self.0);
        parsed.map_or_else(
            |_| self.0.clone(),
            |number| number.format().mode(phonenumber::Mode::International).to_string(),
        )
    }

    /// The country whose number it is (ISO 3166-1 alpha-2), as far as the number tells.
    pub fn country(&self) -> Option<String> {
        let parsed = phonenumber::parse(None, &self.0).ok()?;
        parsed.country().id().map(|id| id.as_ref().to_owned())
    }

    /// Whether it may be a mobile number: not premium, satellite, fixed line or anything else to which an SMS costs more or
    /// does not come.
    pub fn may_be_mobile(&self) -> bool {
        use phonenumber::Type;
        let parsed = phonenumber::parse(None, &self.0);
        parsed.is_ok_and(|number| {
            let kind = number.number_type(&phonenumber::metadata::DATABASE);
            // A code without a country is a satellite's or a service's.
            number.country().id().is_some() && matches!(kind, Type::Mobile | Type::FixedLineOrMobile)
        })
    }

    /// Parses a number as people of `country` (ISO 3166-1 alpha-2) write it, or with its own country code.
    pub fn parse(typed: &str, country: &str) -> Result<Self, Problem> {
        let plain = typed::plain(typed);
        if plain.is_empty() {
            return Err(Problem::Missing);
        }
        Self::read(&plain, country).ok_or_else(|| about(Problem::NotAPhone, &plain))
    }

    fn read(plain: &str, country: &str) -> Option<Self> {
        // Links begin with a scheme; spreadsheets keep a number as text by an apostrophe in front.
        let bare = plain.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map_or(plain, |_| &plain[4..]);
        let bare = bare.trim_matches(['\'', '"', '=', ' ']).trim_end_matches([',', ';']);
        let digits = bare.chars().all(|c| c.is_ascii_digit() || "+-. ()/·".contains(c));
        let bare = match bare.strip_prefix("00") {
            Some(abroad) if !abroad.starts_with('0') => [bare.to_owned(), format!("+{abroad}")],
            _ => [bare.to_owned(), bare.to_owned()],
        };
        if !digits || bare[0].len() > 40 {
            return None;
        }
        let country = country.parse().ok();
        let valid = bare.iter().find_map(|number| {
            // The nought in brackets is not dialled from abroad.
            let number = if number.starts_with('+') { number.replace("(0)", "") } else { number.clone() };
            phonenumber::parse(country, number).ok().filter(phonenumber::is_valid)
        })?;
        Some(Self(valid.format().mode(phonenumber::Mode::E164).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_stored_in_e164() {
        assert_eq!(Phone::parse("010-1234-5678", "KR").unwrap().as_str(), "+821012345678");
        assert_eq!(Phone::parse("010-1234-5678", "KR").unwrap().international(), "+82 10-1234-5678");
        assert_eq!(Phone::parse("+49 30 901820", "KR").unwrap().country().as_deref(), Some("DE"));
        assert_eq!(Phone::parse("+49 30 901820", "KR").unwrap().as_str(), "+4930901820");
        for typed in [
            "tel:010-1234-5678",
            "０１０-1234-5678",
            "010\u{a0}1234\u{a0}5678",
            "010\u{2011}1234–5678",
            "\u{202a}+82 10-1234-5678\u{202c}",
            "'+82 10 1234 5678",
            "tel:+82-10-1234-5678",
            "1012345678",
            "+82 (0)10 1234 5678",
            "0082 10 1234 5678",
            " ０１０ー１２３４ー５６７８\u{200b}",
        ] {
            assert_eq!(Phone::parse(typed, "KR").as_ref().map(Phone::as_str), Ok("+821012345678"), "{typed:?}");
        }
        for bad in ["010-12", "abc", "0101234567890123", "+1 555 0100", "010-1234-5678 ext 3", "8.21E+11"] {
            assert_eq!(Phone::parse(bad, "KR"), Err(Problem::NotAPhone(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn numbers_to_which_sms_go_are_told_from_others() {
        for good in ["+821023456789", "+16137827274", "+447912345678", "+4915123456789", "+15208782491"] {
            assert!(Phone::parse(good, "KR").unwrap().may_be_mobile(), "{good}");
        }
        for bad in ["+19002345678", "+449098790000", "+82602001234", "+881612345678", "+8225551234", "+4930901820"] {
            assert!(!Phone::parse(bad, "KR").is_ok_and(|number| number.may_be_mobile()), "{bad}");
        }
    }

    /// Shows attack 17.
    #[test]
    fn names_carry_no_links() {
        for bad in [
            "<a href=x>",
            "http://evil.test",
            "see www.evil.test",
            "a@b.c",
            "go evil.com",
            "evil\u{FF0E}com",
            "홍.길동",
        ] {
            assert_eq!(PersonName::parse(bad), Err(Problem::NotAName), "{bad}");
        }
        for good in [
            "박미나",
            "Mina Park",
            "{{7*7}}${7*7}<%=7*7%>".replace(['<', '>'], "").as_str(),
            "O'Neil, Jr.",
            "J.R.R. Tolkien",
            "St. John",
            "Ann 2.0",
        ] {
            assert!(PersonName::parse(good).is_ok(), "{good}");
        }
    }
}
