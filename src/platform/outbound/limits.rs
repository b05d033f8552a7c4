//! How long and how much an answer may be.

use std::time::Duration;

/// How long one exchange may take, from the name to the last byte.
pub const LONGEST: Duration = Duration::from_secs(10);

/// How long a name may take that a proxy resolves once more.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// Most bytes of an answer.
pub const LARGEST: usize = 1024 * 1024;
