//! An instance that has told of itself.

use crate::base::moment::Moment;

/// An instance, as a rotation names it.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Instance {
    /// Its host, and where it listens there.
    pub host: String,
    /// The key that it seals with.
    pub key_id: String,
    /// When it was last seen.
    pub seen_at: Moment,
}
