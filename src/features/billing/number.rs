//! The number of a bill: what the payer writes into the transfer, and what the operator settles by.

use data_encoding::BASE32_NOPAD;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::base::calendar::Period;
use crate::base::entropy::Entropy;

/// Characters of a number: as many as the tightest field for a sender's words takes (Korean banks' ten).
const LENGTH: usize = 10;

/// Year and month in four digits, then six characters of chance without look-alikes: `2611K7QM2X`. Unique in the
/// installation, so that a bank statement alone says whose transfer it is; numbers sort by month.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Number(String);
crate::text_column!(Number);

impl Number {
    /// A number for a new bill. It may be taken: then another is drawn.
    pub fn draw(period: &Period, entropy: &dyn Entropy) -> Self {
        let mut text = period.digits();
        text.push_str(&BASE32_NOPAD.encode(&entropy.bytes::<5>()));
        text.truncate(LENGTH);
        Self(text)
    }

    /// Reads a number as somebody typed it from a bank statement: in either case, with spaces or hyphens.
    pub fn parse(typed: &str) -> Option<Self> {
        let text = crate::base::text::typed::ungrouped(typed).to_ascii_uppercase();
        let (month, rest) = text.split_at_checked(4)?;
        let shape = text.len() == LENGTH
            && month.bytes().all(|b| b.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
        shape.then_some(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SystemEntropy;

    #[test]
    fn numbers_begin_with_their_month_and_are_read_back_however_typed() {
        let number = Number::draw(&Period::parse("2026-11").unwrap(), &SystemEntropy);
        assert!(number.as_str().starts_with("2611") && number.as_str().len() == LENGTH, "{number}");
        let (head, tail) = number.as_str().split_at(4);
        for typed in [number.to_string(), format!(" {head}-{tail} "), format!("{head} {}", tail.to_lowercase())] {
            assert_eq!(Number::parse(&typed).as_ref(), Some(&number), "{typed}");
        }
        for bad in ["", "2611", "2611K7QM2", "2611K7QM2XX", "2611K7QM21", "26X1K7QM2X", "2611K7QM2é", "é611K7QM2"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }
}
