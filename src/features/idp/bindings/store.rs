//! Queries on bindings.

use diesel::prelude::*;

use super::Binding;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::oidc::Key;
use crate::platform::store::schema::idp_bindings;
use crate::platform::store::{StoreError, Work};

#[derive(Insertable)]
#[diesel(table_name = idp_bindings, treat_none_as_default_value = false)]
struct NewBinding<'a> {
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    subject: String,
    address: &'a str,
    bound_at: Moment,
}

fn text(key: &Key) -> Result<String, StoreError> {
    serde_json::to_string(key).map_err(|_| StoreError::Unreadable("a subject cannot be written as JSON"))
}

/// The user of a person at the provider.
pub fn of_subject(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    subject: &Key,
) -> Result<Option<UserId>, StoreError> {
    let row = idp_bindings::table
        .filter(idp_bindings::organization_id.eq(organization.clone()))
        .filter(idp_bindings::subject.eq(text(subject)?))
        .select(idp_bindings::user_id);
    Ok(row.first(work.conn()).optional()?)
}

/// The person at the provider who is a user.
pub fn of_user(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Binding>, StoreError> {
    let row = idp_bindings::table.find((organization.clone(), user.clone())).select((
        idp_bindings::subject,
        idp_bindings::address,
        idp_bindings::bound_at,
    ));
    let found: Option<(String, String, Moment)> = row.first(work.conn()).optional()?;
    found
        .map(|(subject, address, at)| {
            let subject =
                serde_json::from_str(&subject).map_err(|_| StoreError::Unreadable("the subject of a binding"))?;
            Ok(Binding { subject, address, at })
        })
        .transpose()
}

/// Binds a user to a person at the provider; `false` when one of both is bound already.
pub fn insert(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    subject: &Key,
    address: &str,
) -> Result<bool, StoreError> {
    let row = NewBinding {
        organization_id: organization,
        user_id: user,
        subject: text(subject)?,
        address,
        bound_at: work.now(),
    };
    match work.savepoint(|connection| diesel::insert_into(idp_bindings::table).values(&row).execute(connection)) {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Releases one user; `false` when there was no binding.
pub fn remove(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<bool, StoreError> {
    let row = idp_bindings::table.find((organization.clone(), user.clone()));
    Ok(diesel::delete(row).execute(work.conn())? == 1)
}

/// Releases everybody.
pub fn remove_all(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    let rows = idp_bindings::table.filter(idp_bindings::organization_id.eq(organization.clone()));
    diesel::delete(rows).execute(work.conn())?;
    Ok(())
}
