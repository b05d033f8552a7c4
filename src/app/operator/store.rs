//! Queries of operator commands, over all organizations.

use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use serde::Serialize;

use crate::access::Method;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::{LoginMethod, State};
use crate::base::organization_name::OrganizationName;
use crate::base::user::Status;
use crate::platform::config::Proxies;
use crate::platform::store::schema::{audit_events, organizations, sessions, users};
use crate::platform::store::{StoreError, Work};

/// Rows of a list that are read at once.
const CHUNK: i64 = 500;

/// Of the newest events, the last one that came with the address of a configured proxy as its client's, and when.
pub fn came_as_a_proxy(work: &mut Work<'_>, proxies: &Proxies) -> Result<Option<(String, Moment)>, StoreError> {
    let rows = audit_events::table.order(audit_events::id.desc()).limit(CHUNK);
    let rows: Vec<(Option<String>, Moment)> =
        rows.select((audit_events::address, audit_events::at)).load(work.conn())?;
    let of_proxy = |address: &String| address.parse().is_ok_and(|address| proxies.trusts(address));
    Ok(rows.into_iter().find_map(|(address, at)| address.filter(of_proxy).map(|address| (address, at))))
}

/// An organization in the list. The names of the fields are what scripts read.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Name.
    pub name: String,
    /// State, as a word.
    pub state: &'static str,
    /// Login method, as a word.
    pub login_method: &'static str,
    /// The owner's address.
    pub owner: String,
    /// When it was signed up, RFC 3339 in UTC.
    pub created_at: String,
}

/// One organization.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// As in the list.
    #[serde(flatten)]
    pub listed: Listed,
    /// Id.
    pub id: String,
    /// Whether a second factor is asked for at login.
    pub two_factor: bool,
    /// Company name.
    pub company_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Billing and tax-invoice address.
    pub billing_email: String,
    /// How many people, by status.
    pub people: People,
    /// The last login of anybody, RFC 3339 in UTC.
    pub last_login_at: Option<String>,
}

/// How many people, by status.
#[derive(Debug, Default, Serialize)]
pub struct People {
    /// May log in.
    pub active: i64,
    /// Have no password yet.
    pub invited: i64,
    /// May not log in.
    pub deactivated: i64,
}

type ListedRow = (String, State, LoginMethod, String, Moment);

type ShownRow = (OrganizationId, bool, String, String, String);

impl From<ListedRow> for Listed {
    fn from((name, state, method, owner, created): ListedRow) -> Self {
        let (state, login_method) = (state.word(), method.word());
        Self { name, state, login_method, owner, created_at: created.to_string() }
    }
}

type Columns =
    (organizations::name, organizations::state, organizations::login_method, users::email, organizations::created_at);
const COLUMNS: Columns =
    (organizations::name, organizations::state, organizations::login_method, users::email, organizations::created_at);

#[diesel::dsl::auto_type(no_type_alias)]
fn with_owner() -> _ {
    let owner = users::organization_id.eq(organizations::id).and(users::id.eq(organizations::owner_id));
    organizations::table.inner_join(users::table.on(owner))
}

/// The next organizations after a name, by name.
pub fn organizations_after(work: &mut Work<'_>, name: &str) -> Result<Vec<Listed>, StoreError> {
    let rows = with_owner()
        .filter(organizations::name.gt(name.to_owned()))
        .order(organizations::name)
        .limit(CHUNK)
        .select(COLUMNS);
    Ok(rows.load::<ListedRow>(work.conn())?.into_iter().map(Listed::from).collect())
}

/// The organization of a name as typed.
pub fn organization(work: &mut Work<'_>, typed: &str) -> Result<Option<Shown>, StoreError> {
    let row = with_owner().filter(organizations::name.eq(OrganizationName::sought(typed))).select((
        COLUMNS,
        (
            organizations::id,
            organizations::two_factor,
            organizations::company_name,
            organizations::country,
            organizations::billing_email,
        ),
    ));
    let found: Option<(ListedRow, ShownRow)> = row.first(work.conn()).optional()?;
    let Some((listed, (id, two_factor, company_name, country, billing_email))) = found else {
        return Ok(None);
    };
    let mine = users::table.filter(users::organization_id.eq(id.clone()));
    let counts: Vec<(Status, i64)> =
        mine.clone().group_by(users::status).select((users::status, count_star())).load(work.conn())?;
    let count = |status| counts.iter().find(|(of, _)| *of == status).map_or(0, |(_, count)| *count);
    let people = People {
        active: count(Status::Active),
        invited: count(Status::Invited),
        deactivated: count(Status::Deactivated),
    };
    let last_login: Option<Moment> = mine.select(max(users::last_login_at)).first(work.conn())?;
    Ok(Some(Shown {
        listed: listed.into(),
        id: id.to_string(),
        two_factor,
        company_name,
        country,
        billing_email,
        people,
        last_login_at: last_login.map(|at| at.to_string()),
    }))
}

/// Takes an organization from one state to another; `false` when it is not in the first.
pub fn turn(work: &mut Work<'_>, id: &OrganizationId, from: State, to: State) -> Result<bool, StoreError> {
    let row = organizations::table.filter(organizations::id.eq(id.clone())).filter(organizations::state.eq(from));
    Ok(diesel::update(row).set(organizations::state.eq(to)).execute(work.conn())? == 1)
}

/// Makes a user the owner, with the roles that go with it.
pub fn set_owner(work: &mut Work<'_>, organization: &OrganizationId, heir: &UserId) -> Result<(), StoreError> {
    let row = organizations::table.find(organization.clone());
    diesel::update(row).set(organizations::owner_id.eq(heir.clone())).execute(work.conn())?;
    let row = users::table.filter(users::organization_id.eq(organization.clone())).filter(users::id.eq(heir.clone()));
    diesel::update(row).set((users::org_admin.eq(true), users::billing_admin.eq(true))).execute(work.conn())?;
    Ok(())
}

/// Ends the sessions that rest on an identity provider.
pub fn end_idp_sessions(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    let rows = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::method.eq(Method::Idp));
    diesel::delete(rows).execute(work.conn())?;
    Ok(())
}
