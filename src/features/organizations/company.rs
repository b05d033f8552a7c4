//! The company behind an organization, as step 2 of the sign-up asks for it.

use crate::base::countries::{self, Country};
use crate::base::problem::{Problem, about};
use crate::base::text::{self, typed};

/// A company's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyName(String);

impl CompanyName {
    /// At most 100 characters.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        text::line(typed, 100).map(Self)
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A country of the list.
pub fn parse_country(typed: &str) -> Result<&'static Country, Problem> {
    countries::find(&typed::plain(typed)).ok_or(Problem::NotACountry)
}

/// A business registration number, validated for KR by its check digit; free text elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationNumber(String);

impl RegistrationNumber {
    /// `Ok(None)` where none was typed and the country does not ask for one.
    pub fn parse(typed: &str, country: Option<&Country>) -> Result<Option<Self>, Problem> {
        let korean = country.is_some_and(|country| country.code == "KR");
        match text::line(&typed::plain(typed), 40) {
            Err(Problem::Missing) if !korean => Ok(None),
            Ok(number) if korean => {
                let digits = typed::ungrouped(&number);
                if is_korean(&digits) {
                    Ok(Some(Self(format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..]))))
                } else {
                    Err(about(Problem::NotARegistrationNumber, &number))
                }
            }
            Ok(number) => Ok(Some(Self(number))),
            Err(problem) => Err(problem),
        }
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Ten digits of which the last checks the others: the tax office weighs them 1 3 7 1 3 7 1 3 5 and adds the tens of
/// the ninth product.
fn is_korean(number: &str) -> bool {
    const WEIGHTS: [u32; 9] = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.is_ascii().then(|| c.to_digit(10)).flatten()).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 10) else {
        return false;
    };
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    (sum + digits[8] * 5 / 10 + digits[9]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_numbers_are_checked_by_their_digit() {
        let korea = countries::find("KR");
        for good in
            ["120-81-47521", "1208147521", "220 81 62517", "１２０-81-47521", "120–81–47521", "120.81.47521\u{200b}"]
        {
            assert!(RegistrationNumber::parse(good, korea).is_ok(), "{good}");
        }
        for bad in ["120-81-47522", "12081475211", "120-81-4752", "abc"] {
            assert_eq!(
                RegistrationNumber::parse(bad, korea),
                Err(Problem::NotARegistrationNumber(bad.to_owned())),
                "{bad}"
            );
        }
        assert_eq!(RegistrationNumber::parse("", korea), Err(Problem::Missing));
        assert_eq!(RegistrationNumber::parse("", countries::find("DE")), Ok(None));
    }
}
