//! Queries on authorization requests that came back.

use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::platform::store::schema::idp_returns;
use crate::platform::store::{StoreError, Work};

/// Notes that an authorization request came back; `false` when it had before.
pub(super) fn spend(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    state: &Digest,
    until: Moment,
) -> Result<bool, StoreError> {
    let row = (
        idp_returns::state_hash.eq(state.clone()),
        idp_returns::organization_id.eq(organization.clone()),
        idp_returns::expires_at.eq(until),
    );
    match work.savepoint(|connection| diesel::insert_into(idp_returns::table).values(row).execute(connection)) {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate() => Ok(false),
        Err(error) => Err(error),
    }
}
