//! What cannot be added to an organization whose deletion is requested.

use super::store;
use crate::base::ids::OrganizationId;
use crate::platform::store::{StoreError, Work};

/// What comes to be in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum New {
    /// A user.
    User,
    /// A project.
    Project,
    /// A resource in a project.
    Resource,
    /// A bill.
    Bill,
}

impl New {
    /// Whether it cannot be added once deletion is requested. The operator holds a request to add a last bill.
    fn is_over(self, is_held: bool) -> bool {
        self != Self::Bill || !is_held
    }
}

/// Whether an organization is closed to something new, as its deletion is requested. Asked by each write that registers,
/// makes or charges something, after it has touched the organization's row: the request does so too, so one of both is
/// first, and the other sees it.
pub fn is_closed_to(work: &mut Work<'_>, organization: &OrganizationId, new: New) -> Result<bool, StoreError> {
    Ok(store::deletion_request(work, organization)?.is_some_and(|held_since| new.is_over(held_since.is_some())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_closes_to_everything_and_held_to_all_but_a_last_bill() {
        for new in [New::User, New::Project, New::Resource, New::Bill] {
            assert!(new.is_over(false), "{new:?}");
            assert_eq!(new.is_over(true), new != New::Bill, "{new:?}");
        }
    }
}
