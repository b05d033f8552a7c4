//! Queries on users.

use crate::platform::mail::addressee::Addressee;
use diesel::prelude::*;

use crate::access::PasswordHash;
use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::ids::{OrganizationId, PastPasswordId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::base::organization_name::OrganizationName;
use crate::base::person::{PersonName, Phone};
use crate::base::user::Status;
use crate::platform::store::schema::{organizations, past_passwords, users};
use crate::platform::store::{StoreError, Work};

/// A user to register.
#[derive(Debug, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct NewUser {
    /// Id.
    pub id: UserId,
    /// The organization, for good.
    pub organization_id: OrganizationId,
    /// The ID for logging in.
    pub email: Email,
    /// Name.
    pub name: PersonName,
    /// Nickname.
    pub nickname: Option<PersonName>,
    /// Mobile number, unverified.
    pub mobile: Option<Phone>,
    /// Language of pages and mails.
    pub language: Language,
    /// Time zone by name.
    pub time_zone: String,
    /// Whether the user chose it.
    pub time_zone_chosen: bool,
    /// Status.
    pub status: Status,
    /// Org Admin.
    pub org_admin: bool,
    /// Org Reader.
    pub org_reader: bool,
    /// Billing Admin.
    pub billing_admin: bool,
    /// When.
    pub created_at: Moment,
    /// What lists sort and search by: see [`super::listed_as`].
    pub listed_as: String,
}

/// Registers a user; `false` when the address is registered in this organization already.
pub fn insert(work: &mut Work<'_>, user: &NewUser) -> Result<bool, StoreError> {
    let written = work.savepoint(|connection| diesel::insert_into(users::table).values(user).execute(connection));
    match written {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate() => Ok(false),
        Err(error) => Err(error),
    }
}

type AddresseeColumns = (
    users::id,
    organizations::id,
    organizations::name,
    users::email,
    users::name,
    users::language,
    users::time_zone,
    users::status,
);
const ADDRESSEE: AddresseeColumns = (
    users::id,
    organizations::id,
    organizations::name,
    users::email,
    users::name,
    users::language,
    users::time_zone,
    users::status,
);

/// A user of an organization, for a mail.
pub fn addressee(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Addressee>, StoreError> {
    let row = users::table
        .inner_join(organizations::table.on(organizations::id.eq(users::organization_id)))
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::id.eq(user.clone()))
        .select(ADDRESSEE);
    Ok(row.first(work.conn()).optional()?)
}

/// The user of an organization name and an address as typed.
pub fn addressee_by_names(
    work: &mut Work<'_>,
    organization: &str,
    email: &str,
) -> Result<Option<Addressee>, StoreError> {
    let row = users::table
        .inner_join(organizations::table.on(organizations::id.eq(users::organization_id)))
        .filter(organizations::name.eq(OrganizationName::sought(organization)))
        .filter(users::email.eq(email.to_owned()))
        .select(ADDRESSEE);
    Ok(row.first(work.conn()).optional()?)
}

/// Every user with an address, in whichever organization.
pub fn addressees_by_email(work: &mut Work<'_>, email: &Email) -> Result<Vec<Addressee>, StoreError> {
    let rows = users::table
        .inner_join(organizations::table.on(organizations::id.eq(users::organization_id)))
        .filter(users::email.eq(email.clone()))
        .filter(organizations::state.ne(State::Erasing))
        .order(organizations::name)
        .limit(100)
        .select(ADDRESSEE);
    Ok(rows.load(work.conn())?)
}

/// The current password and the ones before it: a new one must differ from the last three.
pub fn last_passwords(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Vec<PasswordHash>, StoreError> {
    let current: Option<Option<String>> = users::table
        .filter(users::organization_id.eq(organization.clone()))
        .filter(users::id.eq(user.clone()))
        .select(users::password_hash)
        .first(work.conn())
        .optional()?;
    let mut hashes: Vec<String> = current.flatten().into_iter().collect();
    let past = past_passwords::table
        .filter(past_passwords::organization_id.eq(organization.clone()))
        .filter(past_passwords::user_id.eq(user.clone()))
        .order(past_passwords::id.desc())
        .limit(2)
        .select(past_passwords::password_hash);
    hashes.extend(past.load::<String>(work.conn())?);
    Ok(hashes.into_iter().map(PasswordHash::stored).collect())
}

/// Sets a new password and keeps the one it replaces among the past ones. `false` when the user may not have one.
pub fn set_password(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    hash: &PasswordHash,
) -> Result<bool, StoreError> {
    let now = work.now();
    let mine = users::table.filter(users::organization_id.eq(organization.clone())).filter(users::id.eq(user.clone()));
    let old: Option<Option<String>> = mine.clone().select(users::password_hash).first(work.conn()).optional()?;
    if let Some(old) = old.flatten() {
        let id: PastPasswordId = work.id();
        let row = (
            past_passwords::id.eq(id),
            past_passwords::organization_id.eq(organization.clone()),
            past_passwords::user_id.eq(user.clone()),
            past_passwords::password_hash.eq(old),
        );
        diesel::insert_into(past_passwords::table).values(row).execute(work.conn())?;
        forget_older_passwords(work, organization, user)?;
    }
    let allowed = mine.filter(users::status.ne(Status::Deactivated));
    let change = (
        users::password_hash.eq(Some(hash.expose().to_owned())),
        users::password_changed_at.eq(Some(now)),
        users::status.eq(Status::Active),
    );
    Ok(diesel::update(allowed).set(change).execute(work.conn())? == 1)
}

fn forget_older_passwords(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<(), StoreError> {
    let mine = past_passwords::table
        .filter(past_passwords::organization_id.eq(organization.clone()))
        .filter(past_passwords::user_id.eq(user.clone()));
    let kept: Vec<PastPasswordId> =
        mine.clone().order(past_passwords::id.desc()).limit(2).select(past_passwords::id).load(work.conn())?;
    diesel::delete(mine.filter(past_passwords::id.ne_all(kept))).execute(work.conn())?;
    Ok(())
}

/// The same password under new hash parameters, if it has not changed meanwhile.
pub fn rehash(work: &mut Work<'_>, user: &UserId, old: &PasswordHash, new: &PasswordHash) -> Result<(), StoreError> {
    let row = users::table.filter(users::id.eq(user.clone())).filter(users::password_hash.eq(old.expose().to_owned()));
    diesel::update(row).set(users::password_hash.eq(Some(new.expose().to_owned()))).execute(work.conn())?;
    Ok(())
}
