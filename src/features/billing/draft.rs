//! A bill as the operator's system writes it, and what makes it one that can be owed.

use serde::Deserialize;

use super::{Charge, Currency, Money, NewBill};
use crate::base::calendar::{Day, Period};
use crate::base::problem::Problem;
use crate::base::text;

/// Most lines of a bill.
const LINES: usize = 200;
/// Most characters of a description, a note or a reason.
pub const WORDS: usize = 200;
/// Most characters of an external id.
const ID: usize = 100;

/// A bill before it is looked at: one line of an import. Amounts are whole minor units.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The operator's own id for it, unique in the organization: sending it again changes nothing.
    #[serde(deserialize_with = "present")]
    pub id: Option<String>,
    /// Organization name.
    pub organization: String,
    /// The month it is for.
    pub period: String,
    /// ISO 4217.
    pub currency: String,
    /// The day it is due.
    pub due: String,
    /// Tax on all lines.
    pub tax: i64,
    /// What lines and tax come to, where the sender wants that compared.
    #[serde(default)]
    pub total: Option<i64>,
    /// What is charged.
    pub lines: Vec<DraftLine>,
}

/// A line of a bill before it is looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftLine {
    /// What it is.
    pub description: String,
    /// How much of it.
    pub quantity: i64,
    /// What one of it costs; less than nothing for a credit.
    pub unit_amount: i64,
}

/// In a file the id must stand: without one a repeated import would charge twice.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// Why a draft is not a bill.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Not an id.
    #[error("id must have 1 to {ID} characters that can be seen, on one line")]
    Id,
    /// Not a month.
    #[error("period must be a month from 2000-01 to 2099-12, such as 2026-11")]
    Period,
    /// Not a currency in use.
    #[error("currency must be the code of a currency in use (ISO 4217), such as KRW")]
    Currency,
    /// Not a day.
    #[error("due must be a day such as 2026-12-20")]
    Due,
    /// Due before it could be owed.
    #[error("due must not be before the month that is billed")]
    DueBefore,
    /// None or too many.
    #[error("lines must be 1 to {LINES}")]
    Lines,
    /// A line says nothing that can be read.
    #[error("lines[{0}].description must have 1 to {WORDS} characters that can be seen, on one line")]
    Description(usize),
    /// Nothing, or less.
    #[error("lines[{0}].quantity must be 1 or more")]
    Quantity(usize),
    /// An amount past [`Money::MOST`].
    #[error("{0} comes to more than {most} minor units", most = Money::MOST)]
    TooMuch(String),
    /// Less than nothing.
    #[error("tax must be 0 or more")]
    Tax,
    /// Nobody can pay it.
    #[error("lines and tax must come to more than 0")]
    Nothing,
    /// The sender reckons otherwise.
    #[error("total is {0}, but lines and tax come to {1}")]
    Total(i64, i64),
}

impl Draft {
    /// The bill. Only the organization's name is not looked at: whether there is one, the database knows.
    pub fn draw_up(&self) -> Result<NewBill, DraftError> {
        let external_id =
            self.id.as_deref().map(|id| text::sent_line(id, ID)).transpose().map_err(|_| DraftError::Id)?;
        let period = Period::parse(&self.period).ok_or(DraftError::Period)?;
        let currency =
            Currency::find(&text::typed::plain(&self.currency).to_uppercase()).ok_or(DraftError::Currency)?;
        let due_on = Day::parse(&self.due).ok_or(DraftError::Due)?;
        if due_on < period.first_day() {
            return Err(DraftError::DueBefore);
        }
        if self.lines.is_empty() || self.lines.len() > LINES {
            return Err(DraftError::Lines);
        }
        let lines = self.lines.iter().enumerate().map(|(at, line)| line.draw_up(at, currency));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        if self.tax < 0 {
            return Err(DraftError::Tax);
        }
        let tax = sane(Some(Money::new(self.tax, currency)), || "tax".to_owned())?;
        let sum = lines.iter().try_fold(tax, |sum, line| sum.plus(line.amount));
        let total = sane(sum, || "the total".to_owned())?;
        if total.minor() <= 0 {
            return Err(DraftError::Nothing);
        }
        match self.total {
            Some(says) if says != total.minor() => Err(DraftError::Total(says, total.minor())),
            _ => Ok(NewBill { external_id, period, due_on, lines, tax, total }),
        }
    }
}

impl DraftLine {
    fn draw_up(&self, at: usize, currency: Currency) -> Result<Charge, DraftError> {
        let description = text::line(&self.description, WORDS).map_err(|_| DraftError::Description(at))?;
        if self.quantity < 1 {
            return Err(DraftError::Quantity(at));
        }
        let unit = sane(Some(Money::new(self.unit_amount, currency)), || format!("lines[{at}].unit_amount"))?;
        let amount = sane(unit.times(self.quantity), || format!("lines[{at}]"))?;
        Ok(Charge { description, quantity: self.quantity, unit, amount })
    }
}

fn sane(money: Option<Money>, what: impl Fn() -> String) -> Result<Money, DraftError> {
    money.filter(|money| money.is_sane()).ok_or_else(|| DraftError::TooMuch(what()))
}

/// Words for the record, as an operator types them.
pub fn words(typed: &str) -> Result<String, String> {
    text::line(typed, WORDS).map_err(|problem| match problem {
        Problem::Missing => "must not be empty".to_owned(),
        Problem::TooLong(most) => format!("must have at most {most} characters"),
        _ => "must be characters that can be seen, on one line".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let line = |description: &str, quantity, unit_amount| {
            let description = description.to_owned();
            DraftLine { description, quantity, unit_amount }
        };
        Draft {
            id: Some("inv-1".to_owned()),
            organization: "acme".to_owned(),
            period: "2026-11".to_owned(),
            currency: "KRW".to_owned(),
            due: "2026-12-20".to_owned(),
            tax: 33_000,
            total: None,
            lines: vec![line("Virtual machines", 3, 120_000), line("Credit", 1, -30_000)],
        }
    }

    fn refused(change: impl FnOnce(&mut Draft)) -> DraftError {
        let mut draft = draft();
        change(&mut draft);
        draft.draw_up().unwrap_err()
    }

    #[test]
    fn a_bill_comes_to_its_lines_and_tax() {
        let bill = draft().draw_up().unwrap();
        assert_eq!(
            (bill.total.minor(), bill.lines[0].amount.minor(), bill.lines[1].amount.minor()),
            (363_000, 360_000, -30_000)
        );
        assert!(Draft { total: Some(363_000), ..draft() }.draw_up().is_ok());
        assert_eq!(refused(|draft| draft.total = Some(363_001)), DraftError::Total(363_001, 363_000));
    }

    #[test]
    fn what_cannot_be_owed_is_refused() {
        assert_eq!(refused(|draft| draft.id = Some(String::new())), DraftError::Id);
        assert_eq!(refused(|draft| draft.period = "2026-13".to_owned()), DraftError::Period);
        assert_eq!(refused(|draft| draft.currency = "won".to_owned()), DraftError::Currency);
        assert_eq!(refused(|draft| draft.due = "tomorrow".to_owned()), DraftError::Due);
        assert_eq!(refused(|draft| draft.due = "2026-10-31".to_owned()), DraftError::DueBefore);
        assert_eq!(refused(|draft| draft.lines.clear()), DraftError::Lines);
        assert_eq!(refused(|draft| draft.lines[1].description = "a\u{202E}b".to_owned()), DraftError::Description(1));
        assert_eq!(refused(|draft| draft.lines[0].quantity = 0), DraftError::Quantity(0));
        assert_eq!(refused(|draft| draft.lines[0].quantity = -1), DraftError::Quantity(0));
        assert_eq!(refused(|draft| draft.tax = -1), DraftError::Tax);
        assert_eq!(refused(|draft| draft.lines[1].unit_amount = -400_000), DraftError::Nothing);
    }

    /// Shows ASVS 1.4.2.
    #[test]
    fn amounts_that_overflow_are_refused_not_wrapped() {
        let too_much = |what: &str| DraftError::TooMuch(what.to_owned());
        assert_eq!(refused(|draft| draft.lines[0].quantity = i64::MAX), too_much("lines[0]"));
        assert_eq!(refused(|draft| draft.lines[0].unit_amount = i64::MIN), too_much("lines[0].unit_amount"));
        assert_eq!(refused(|draft| draft.lines[0].unit_amount = Money::MOST), too_much("lines[0]"));
        assert_eq!(refused(|draft| draft.tax = i64::MAX), too_much("tax"));
        assert_eq!(refused(|draft| draft.tax = Money::MOST), too_much("the total"));
    }
}
