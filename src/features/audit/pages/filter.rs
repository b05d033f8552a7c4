//! What of the log is asked for, as typed: the same fields above the list and on the form of an export.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;

use super::super::{Filter, days, filter};
use crate::base::moment::Moment;
use crate::base::problem::{Problem, about};
use crate::base::text;
use crate::platform::events::{Kind, Outcome};
use crate::web::Problems;
use crate::web::list::ListUrl;

/// Longest text that is looked for: the longest address there is.
const LONGEST: usize = 254;

/// The filters as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FilterForm {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) actor: String,
    pub(super) event: String,
    pub(super) result: String,
    pub(super) reference: String,
}

impl FilterForm {
    /// What it asks for, with days of the reader's zone; the last day counts whole.
    pub(super) fn parse(&self, zone: Tz) -> Result<Filter, Problems> {
        let mut problems = Problems::default();
        let mut bound = |field, typed: &str, bound: &dyn Fn(NaiveDate) -> Moment| {
            problems
                .take(field, optional(typed, |typed| days::read(typed).ok_or_else(|| about(Problem::NotADay, typed))))
                .flatten()
                .map(bound)
        };
        let from = bound("from", &self.from, &|day| days::beginning(day, zone));
        let until = bound("to", &self.to, &|day| days::beginning(days::after(day), zone));
        let actor = problems.take("actor", optional(&self.actor, |typed| text::line(typed, LONGEST)));
        let event =
            problems.take("event", optional(&self.event, |word| Kind::from_word(word).ok_or(Problem::NotAnEvent)));
        let result =
            problems.take("result", optional(&self.result, |word| Outcome::from_word(word).ok_or(Problem::NotAResult)));
        let code = |typed: &str| text::line(typed, LONGEST).map(|code| filter::reference(&code));
        let reference = problems.take("reference", optional(&self.reference, code));
        match (actor, event, result, reference) {
            (Some(actor), Some(event), Some(result), Some(reference)) if problems.is_empty() => {
                Ok(Filter { from, until, actor, event, result, reference })
            }
            _ => Err(problems),
        }
    }

    /// The page at `path` with these filters.
    pub(super) fn url(&self, path: &'static str) -> ListUrl {
        let state = [
            ("from", &self.from),
            ("to", &self.to),
            ("actor", &self.actor),
            ("event", &self.event),
            ("result", &self.result),
            ("reference", &self.reference),
        ];
        ListUrl::new(path, state.map(|(name, value)| (name, value.clone())))
    }
}

/// Nothing typed asks for nothing.
fn optional<T>(typed: &str, parse: impl FnOnce(&str) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
    match text::typed::plain(typed).is_empty() {
        true => Ok(None),
        false => parse(typed).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_whole_and_in_the_reader_s_zone() {
        let form = FilterForm { from: "2026-11-22".to_owned(), to: "2026-11-22".to_owned(), ..FilterForm::default() };
        let filter = form.parse("Asia/Seoul".parse().unwrap()).unwrap();
        let told = [filter.from, filter.until].map(|at| at.unwrap().to_string());
        assert_eq!(told, ["2026-11-21T15:00:00Z", "2026-11-22T15:00:00Z"]);
    }

    #[test]
    fn everything_unreadable_is_told_at_its_field() {
        let form = FilterForm {
            from: "yesterday".to_owned(),
            to: "2026-02-30".to_owned(),
            actor: "a\0b".to_owned(),
            event: "logins".to_owned(),
            result: "good".to_owned(),
            reference: "AB\u{202e}".to_owned(),
        };
        let problems = form.parse(Tz::UTC).unwrap_err();
        let fields: Vec<&str> = problems.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["from", "to", "actor", "event", "result", "reference"]);
        assert_eq!(FilterForm::default().parse(Tz::UTC), Ok(Filter::default()));
    }
}
