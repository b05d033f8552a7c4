//! Time is an input: everything that needs the present moment asks a [`Clock`] it was given.

use std::fmt::Debug;

use crate::base::moment::Moment;

/// Where the present moment comes from.
pub trait Clock: Debug + Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Moment {
        Moment::new(chrono::Utc::now())
    }
}
