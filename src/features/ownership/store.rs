//! Queries of the transfer of ownership.

use diesel::prelude::*;

use crate::access::ManageOwnership;
use crate::base::email::Email;
use crate::base::ids::UserId;
use crate::platform::store::schema::{organizations, users};
use crate::platform::store::{StoreError, Tx};

/// The user of an address in the caller's organization.
pub fn of_address(tx: &mut Tx<'_, ManageOwnership>, email: &Email) -> Result<Option<UserId>, StoreError> {
    let row = tx.users().filter(users::email.eq(email.clone())).select(users::id);
    Ok(row.first(tx.conn()).optional()?)
}

/// Hands the designation to a user with the roles that go with it. `false` when the caller no longer has it.
pub fn hand_over(tx: &mut Tx<'_, ManageOwnership>, heir: &UserId) -> Result<bool, StoreError> {
    let (organization, owner) = (tx.organization().clone(), tx.user().clone());
    let mine = organizations::table.find(organization.clone()).filter(organizations::owner_id.eq(owner));
    if diesel::update(mine).set(organizations::owner_id.eq(heir.clone())).execute(tx.conn())? == 0 {
        return Ok(false);
    }
    let row = users::table.filter(users::organization_id.eq(organization)).filter(users::id.eq(heir.clone()));
    let roles = (users::org_admin.eq(true), users::billing_admin.eq(true));
    diesel::update(row).set(roles).execute(tx.conn())?;
    Ok(true)
}
