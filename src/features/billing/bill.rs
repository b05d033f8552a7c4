//! What stands on a bill, and where it stands.

use super::money::Money;
use crate::base::calendar::{Day, Period};

words! {
    /// Where a bill stands.
    Status {
        /// Owed.
        Open = "open",
        /// The operator has seen the money.
        Paid = "paid",
        /// Not owed any more, and never paid.
        Void = "void",
    }
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What it is.
    pub description: String,
    /// How much of it.
    pub quantity: i64,
    /// What one of it costs.
    pub unit: Money,
    /// What all of it costs.
    pub amount: Money,
}

/// A bill that can be owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBill {
    /// The operator's own id for it.
    pub external_id: Option<String>,
    /// The month it is for.
    pub period: Period,
    /// The day it is due.
    pub due_on: Day,
    /// What is charged.
    pub lines: Vec<Charge>,
    /// Tax on all lines.
    pub tax: Money,
    /// What lines and tax come to.
    pub total: Money,
}

impl NewBill {
    /// The first thing in which another bill differs, by the name of its field.
    pub(super) fn difference(&self, other: &Self) -> Option<&'static str> {
        let currencies = [self.total.currency(), other.total.currency()];
        let same = [
            ("period", self.period == other.period),
            ("currency", currencies[0] == currencies[1]),
            ("due", self.due_on == other.due_on),
            ("tax", self.tax == other.tax),
            ("lines", self.lines == other.lines),
            ("total", self.total == other.total),
        ];
        same.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
    }
}
