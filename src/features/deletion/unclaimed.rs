//! Names that cannot be had, and organizations that no owner claimed.

use super::store;
use crate::base::ids::OrganizationId;
use crate::base::organization_name::OrganizationName;
use crate::features::organizations;
use crate::platform::store::{StoreError, Work};

/// Whether a name is not to be had now: it is in use, or was until lately. A sign-up that no owner claimed in time does not
/// hold its name.
pub fn is_taken(work: &mut Work<'_>, name: &OrganizationName) -> Result<bool, StoreError> {
    Ok(organizations::is_in_use(work, name)? || store::holds(work, name)?)
}

/// Removes an organization with everything that belongs to it, without holding its name. Only one that still awaits its
/// owner. Its row must have been touched, so that no owner claims it in between.
pub fn remove_unclaimed(work: &mut Work<'_>, id: &OrganizationId) -> Result<bool, StoreError> {
    let is_unclaimed = organizations::is_unclaimed(work, id)?;
    if is_unclaimed {
        store::remove(work, id)?;
    }
    Ok(is_unclaimed)
}
