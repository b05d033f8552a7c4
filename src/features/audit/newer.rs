//! Records that keep no history of their own: a digest of their values is their version. A form carries the version that it
//! was opened with, and a save on an older one changes nothing and is shown what was saved since, when and by whom.

use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::moment::Moment;
use crate::platform::events::{Kind, Outcome};
use crate::platform::store::schema::audit_events;
use crate::platform::store::{HeldBy, StoreError, Tx};

/// The version of a record with these values.
pub fn version(values: &[&str]) -> String {
    let parts: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
    data_encoding::HEXLOWER.encode(&Digest::of(&parts).as_bytes()[..8])
}

/// Whether a form was opened on another version than the one that holds now. Pages of the release before this one carry
/// none.
pub fn is_older(opened: &str, now: &str) -> bool {
    !opened.is_empty() && opened != now
}

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// As it was typed.
    Typed(String),
    /// Message ids.
    Words(Vec<&'static str>),
}

/// What was saved since a form was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    /// Who saved it last, where that is on record.
    pub by: Option<String>,
    /// When.
    pub at: Option<Moment>,
    /// Message id of each field with the value that holds now.
    pub values: Vec<(&'static str, Value)>,
}

impl Newer {
    /// The values that hold now, with the last change that is on record.
    pub fn find<P: HeldBy>(
        tx: &mut Tx<'_, P>,
        kinds: &[Kind],
        target: &str,
        values: Vec<(&'static str, Value)>,
    ) -> Result<Self, StoreError> {
        let last = tx
            .audit_events()
            .filter(audit_events::target_id.eq(target.to_owned()))
            .filter(audit_events::event.eq_any(kinds.to_vec()))
            .filter(audit_events::result.eq(Outcome::Done))
            .order(audit_events::id.desc())
            .select((audit_events::actor_name, audit_events::at));
        let last: Option<(Option<String>, Moment)> = last.first(tx.conn()).optional()?;
        let (by, at) = last.map_or((None, None), |(by, at)| (by, Some(at)));
        Ok(Self { by, at, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_values_apart_wherever_they_are_cut() {
        assert_eq!(version(&["a", "b"]), version(&["a", "b"]));
        assert_ne!(version(&["a", "b"]), version(&["ab", ""]));
        assert!(is_older("1", "2") && !is_older("2", "2") && !is_older("", "2"));
    }
}
