//! Until when to wait.

use crate::base::i18n::Text;
use crate::base::moment::Moment;

/// The words that say until when to wait, in whole minutes, and the seconds for `Retry-After`.
pub fn waiting(id: &'static str, until: Moment, now: Moment) -> (Text, i64) {
    let seconds = until.since(now).num_seconds().max(1);
    (Text::new(id).with("minutes", (seconds + 59) / 60), seconds)
}
