//! Filters that templates use. Language, zone and moment come from the page's runtime values, so a page struct holds
//! only its own data.
#![expect(missing_docs, reason = "the filter macro makes items without documentation")]

use std::borrow::Cow;

use askama::{Values, get_value};
use chrono_tz::Tz;

use super::{Language, Said, Text, moments};
use crate::base::moment::Moment;

/// `{{ "login-title"|t }}`: the message in the page's language; `("x"|t).with("name", value)` adds arguments.
#[askama::filter_fn]
pub fn t(id: &'static str, values: &dyn Values) -> askama::Result<Said<'static>> {
    let language = *get_value::<Language>(values, "language")?;
    Ok(Said { language, text: Cow::Owned(Text::new(id)) })
}

/// `{{ text|say }}`: a [`Text`] made in code, in the page's language.
#[askama::filter_fn]
pub fn say(text: &Text, values: &dyn Values) -> askama::Result<String> {
    Ok(text.say(*get_value::<Language>(values, "language")?))
}

/// `{{ moment|when }}`: day, time and zone.
#[askama::filter_fn]
pub fn when(moment: &Moment, values: &dyn Values) -> askama::Result<String> {
    let (zone, language) = (get_value::<Tz>(values, "zone")?, get_value::<Language>(values, "language")?);
    Ok(moments::absolute(*moment, *zone, *language))
}

/// `{{ moment|exactly }}`: day, time to the second, and zone.
#[askama::filter_fn]
pub fn exactly(moment: &Moment, values: &dyn Values) -> askama::Result<String> {
    let (zone, language) = (get_value::<Tz>(values, "zone")?, get_value::<Language>(values, "language")?);
    Ok(moments::exact(*moment, *zone, *language))
}

/// `{{ moment|ago }}`: relative to the moment at which the page was drawn.
#[askama::filter_fn]
pub fn ago(moment: &Moment, values: &dyn Values) -> askama::Result<String> {
    let (now, language) = (get_value::<Moment>(values, "now")?, get_value::<Language>(values, "language")?);
    Ok(moments::relative(*moment, *now).say(*language))
}
