//! Whom activating the settings of a provider affects.

use crate::features::policies::impact;

/// Whom activating the settings affects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Users who may log in and are matched at their first login through the provider.
    pub matched: i64,
    /// Of all users, those who stay bound.
    pub bound: i64,
    /// Open invitations, which need no password any more.
    pub invited: i64,
    /// Sessions that end.
    pub sessions: i64,
    /// Whether two-factor authentication ends.
    pub ends_two_factor: bool,
    /// Whether people stay bound.
    pub keeps_bindings: bool,
}

impl Impact {
    /// As the page shows it.
    pub fn shown(&self) -> impact::Impact {
        let shown = impact::Impact::default().count("idp-impact-matched", self.matched);
        let shown = if self.keeps_bindings { shown.count("idp-impact-bound", self.bound) } else { shown };
        shown.count("idp-impact-invited", self.invited).count("idp-impact-sessions", self.sessions)
    }
}
