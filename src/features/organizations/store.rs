//! Queries on organizations.

use diesel::prelude::*;

use crate::access::ViewOrganization;
use crate::access::decisions::console_access::ConsoleAccess;
use crate::base::ids::{OrganizationId, SignUpId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::{LoginMethod, State};
use crate::base::organization_name::OrganizationName;
use crate::base::person::Phone;
use crate::platform::store::schema::{organizations, users};
use crate::platform::store::{StoreError, Tx, Work};

/// A row to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = organizations, treat_none_as_default_value = false)]
pub struct NewOrganization {
    /// Id.
    pub id: OrganizationId,
    /// Name.
    pub name: OrganizationName,
    /// State.
    pub state: State,
    /// Login method.
    pub login_method: LoginMethod,
    /// The Org Owner, whose row follows in the same transaction.
    pub owner_id: UserId,
    /// Counts writes; touched first by each.
    pub version: i64,
    /// The sign-up it comes from: a second post of the same form finds it taken.
    pub submission: SignUpId,
    /// When.
    pub created_at: Moment,
    /// Until when the owner may claim it.
    pub unclaimed_until: Option<Moment>,
    /// Company name.
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Business registration number.
    pub registration_number: Option<String>,
    /// Representative's name.
    pub representative: String,
    /// E.164.
    pub company_phone: String,
    /// Billing and tax-invoice address.
    pub billing_email: String,
}

/// Inserts an organization; `false` when its name is taken.
pub fn insert(work: &mut Work<'_>, row: &NewOrganization) -> Result<bool, StoreError> {
    let written =
        work.savepoint(|connection| diesel::insert_into(organizations::table).values(row).execute(connection));
    match written {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a name is in use. A sign-up that no owner claimed in time does not hold it.
pub fn is_in_use(work: &mut Work<'_>, name: &OrganizationName) -> Result<bool, StoreError> {
    let now = work.now();
    let until: Option<Option<Moment>> = organizations::table
        .filter(organizations::name.eq(name.clone()))
        .select(organizations::unclaimed_until)
        .first(work.conn())
        .optional()?;
    Ok(until.is_some_and(|until| until.is_none_or(|until| until > now)))
}

/// Whether an organization's time to be claimed is over, and no owner has claimed it.
pub fn is_unclaimed(work: &mut Work<'_>, id: &OrganizationId) -> Result<bool, StoreError> {
    let now = work.now();
    let row = organizations::table
        .filter(organizations::id.eq(id.clone()))
        .filter(organizations::state.eq(State::AwaitingOwner))
        .filter(organizations::unclaimed_until.le(now))
        .select(organizations::id);
    Ok(row.first::<OrganizationId>(work.conn()).optional()?.is_some())
}

/// Organizations whose time to be claimed is over, the name given or all of them.
pub fn unclaimed(
    work: &mut Work<'_>,
    name: Option<&OrganizationName>,
) -> Result<Vec<(OrganizationId, OrganizationName)>, StoreError> {
    let now = work.now();
    let mut rows = organizations::table
        .filter(organizations::state.eq(State::AwaitingOwner))
        .filter(organizations::unclaimed_until.le(now))
        .select((organizations::id, organizations::name))
        .limit(100)
        .into_boxed();
    if let Some(name) = name {
        rows = rows.filter(organizations::name.eq(name.clone()));
    }
    Ok(rows.load(work.conn())?)
}

/// The owner has registered a password: the organization is in use. `false` when it was not waiting.
pub fn claim(work: &mut Work<'_>, id: &OrganizationId) -> Result<bool, StoreError> {
    let row = organizations::table
        .filter(organizations::id.eq(id.clone()))
        .filter(organizations::state.eq(State::AwaitingOwner));
    let change = (organizations::state.eq(State::Active), organizations::unclaimed_until.eq(None::<Moment>));
    Ok(diesel::update(row).set(change).execute(work.conn())? == 1)
}

/// Until when an organization waits for its owner's password; `None` for one that is in use.
pub fn unclaimed_until(work: &mut Work<'_>, id: &OrganizationId) -> Result<Option<Moment>, StoreError> {
    let row = organizations::table.find(id.clone()).select(organizations::unclaimed_until);
    Ok(row.first(work.conn())?)
}

/// Gives the owner more time after a new mail.
pub fn prolong(work: &mut Work<'_>, id: &OrganizationId, until: Moment) -> Result<(), StoreError> {
    let row = organizations::table
        .filter(organizations::id.eq(id.clone()))
        .filter(organizations::state.eq(State::AwaitingOwner));
    diesel::update(row).set(organizations::unclaimed_until.eq(Some(until))).execute(work.conn())?;
    Ok(())
}

/// What login needs to know of an organization.
#[derive(Debug, Clone, Queryable)]
pub struct OrganizationLogin {
    /// Id.
    pub id: OrganizationId,
    /// State.
    pub state: State,
    /// Login method.
    pub method: LoginMethod,
    /// Whether a second factor is asked for.
    pub two_factor: bool,
    /// Until when an identity provider is on trial.
    pub trial_until: Option<Moment>,
    /// From where the console is open, as it is stored.
    pub console_access: Option<String>,
}

impl OrganizationLogin {
    /// Whether the way through new settings of an identity provider is open.
    pub fn is_on_trial(&self, now: Moment) -> bool {
        self.trial_until.is_some_and(|until| until > now)
    }

    /// Whether somebody who comes from an address is kept out, whoever it is.
    pub fn keeps_out(&self, from: Option<std::net::IpAddr>, now: Moment) -> Result<bool, StoreError> {
        let policy = ConsoleAccess::stored(self.console_access.as_deref())?;
        Ok(policy.keeps_out(from, now))
    }
}

/// What an organization is called.
pub fn name(work: &mut Work<'_>, organization: &OrganizationId) -> Result<String, StoreError> {
    Ok(organizations::table.find(organization.clone()).select(organizations::name).first(work.conn())?)
}

/// How the people of an organization log in.
pub fn method(work: &mut Work<'_>, organization: &OrganizationId) -> Result<LoginMethod, StoreError> {
    Ok(organizations::table.find(organization.clone()).select(organizations::login_method).first(work.conn())?)
}

/// The organization of a name as typed, for logins and commands.
pub fn login(work: &mut Work<'_>, typed: &str) -> Result<Option<OrganizationLogin>, StoreError> {
    let row = organizations::table.filter(organizations::name.eq(OrganizationName::sought(typed))).select((
        organizations::id,
        organizations::state,
        organizations::login_method,
        organizations::two_factor,
        organizations::trial_until,
        organizations::console_access,
    ));
    Ok(row.get_result(work.conn()).optional()?)
}

/// What the Account tab shows.
#[derive(Debug, Queryable)]
pub struct Overview {
    /// Id.
    pub id: OrganizationId,
    /// Name.
    pub name: OrganizationName,
    /// State.
    pub state: State,
    /// Login method.
    pub method: LoginMethod,
    /// Whether a second factor is asked for.
    pub two_factor: bool,
    /// When it was signed up.
    pub created_at: Moment,
    /// Company name.
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Business registration number.
    pub registration_number: Option<String>,
    /// Representative's name.
    pub representative: String,
    /// Company phone.
    pub company_phone: Phone,
    /// Billing and tax-invoice address.
    pub billing_email: String,
    /// The owner's name.
    pub owner_name: String,
    /// The owner's address.
    pub owner_email: String,
}

/// The caller's organization.
pub fn overview(tx: &mut Tx<'_, ViewOrganization>) -> Result<Overview, StoreError> {
    let row = tx.users().inner_join(organizations::table.on(organizations::owner_id.eq(users::id))).select((
        organizations::id,
        organizations::name,
        organizations::state,
        organizations::login_method,
        organizations::two_factor,
        organizations::created_at,
        organizations::company_name,
        organizations::country,
        organizations::registration_number,
        organizations::representative,
        organizations::company_phone,
        organizations::billing_email,
        users::name,
        users::email,
    ));
    Ok(row.first(tx.conn())?)
}

/// Since when the operator holds the request for an organization's deletion, if they do; the outer `None` where there is
/// no request.
pub(super) fn deletion_request(
    work: &mut Work<'_>,
    organization: &OrganizationId,
) -> Result<Option<Option<Moment>>, StoreError> {
    let row = organizations::table
        .find(organization.clone())
        .filter(organizations::deletion_requested_at.is_not_null())
        .select(organizations::deletion_held_at);
    Ok(row.first(work.conn()).optional()?)
}

/// Whether a second factor is asked for.
pub fn has_two_factor(work: &mut Work<'_>, organization: &OrganizationId) -> Result<bool, StoreError> {
    Ok(organizations::table.find(organization.clone()).select(organizations::two_factor).first(work.conn())?)
}
