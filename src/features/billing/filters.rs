//! Filters of the billing pages, beside those of every page.

use std::borrow::Borrow;

use askama::{Values, get_value};

use super::Money;
use super::money::grouped;
use crate::base::calendar::{Day, Period};
use crate::base::i18n::{self, Language};

pub use crate::base::i18n::filters::*;

/// `{{ bill.total()|money }}`: in the reader's way of writing.
#[askama::filter_fn]
pub fn money(money: impl Borrow<Money>, values: &dyn Values) -> askama::Result<String> {
    Ok(money.borrow().say(*get_value::<Language>(values, "language")?))
}

/// `{{ line.quantity|count }}`: a whole number, grouped as both languages group it.
#[askama::filter_fn]
pub fn count(number: &i64, _: &dyn Values) -> askama::Result<String> {
    Ok(grouped(&number.to_string()))
}

/// `{{ bill.period|month }}`: "November 2026".
#[askama::filter_fn]
pub fn month(period: &Period, values: &dyn Values) -> askama::Result<String> {
    let language = *get_value::<Language>(values, "language")?;
    Ok(period.first_day().noon().map_or_else(|| period.to_string(), |noon| i18n::month(noon, language)))
}

/// `{{ bill.due_on|date }}`: "20 Dec 2026".
#[askama::filter_fn]
pub fn date(day: &Day, values: &dyn Values) -> askama::Result<String> {
    let language = *get_value::<Language>(values, "language")?;
    Ok(day.noon().map_or_else(|| day.to_string(), |noon| i18n::day(noon, chrono_tz::Tz::UTC, language)))
}
