//! A repair session.

use chrono::Duration;

use crate::base::ids::{OrganizationId, RepairId, UserId};
use crate::base::moment::Moment;

/// How long a repair lasts.
pub const LIFETIME: Duration = Duration::minutes(30);

/// What a recovery code opened.
#[derive(Clone, Debug)]
pub struct Repair {
    /// Id.
    pub id: RepairId,
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The owner.
    pub user: UserId,
    /// The owner's address.
    pub email: String,
    /// The owner's name.
    pub name: String,
    /// Whether password or mailed code came too.
    pub is_confirmed: bool,
    /// Until when.
    pub until: Moment,
}
