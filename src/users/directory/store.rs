//! Queries of the list of users. Each walks an index of the organization's own rows from the key where the page begins.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Criteria, Shown, Sort, end_of};
use crate::auth::{Role, Roles};
use crate::store::schema::{organizations, throttles, users};
use crate::store::types::{Moment, UserId};
use crate::store::{AnyConnection, StoreError, Tx};
use crate::users::{LISTED_END, Status};
use crate::web::list::{COUNTED, PAGE, Place, Slice, Total};

type Backend = <AnyConnection as Connection>::Backend;
type Rows = users::BoxedQuery<'static, Backend>;

/// A user in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Id.
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Nickname.
    pub nickname: Option<String>,
    /// Status.
    pub status: Shown,
    /// Roles; the designation is not among them.
    pub roles: Roles,
    /// When they last logged in.
    pub last_login: Option<Moment>,
    /// When they were registered.
    pub registered: Moment,
    listed_as: String,
    by_address: bool,
}

type Row =
    ((UserId, String, String, Option<String>, Status), (bool, bool, bool), (Option<Moment>, Moment, String), bool);

impl Listed {
    fn of(row: Row, by_address: bool) -> Self {
        let ((id, email, name, nickname, status), roles, (last_login, registered, listed_as), locked) = row;
        let (org_admin, org_reader, billing_admin) = roles;
        let roles = Roles { owner: false, org_admin, org_reader, billing_admin };
        let status = Shown::of(status, locked);
        Self { id, email, name, nickname, status, roles, last_login, registered, listed_as, by_address }
    }

    fn key(&self, sort: Sort) -> String {
        match sort {
            Sort::Name => self.listed_as.clone(),
            Sort::Email => self.email.clone(),
            Sort::Registered => self.id.to_string(),
        }
    }
}

/// The users that meet the criteria, in no order.
fn narrowed<P>(tx: &Tx<'_, P>, criteria: &Criteria) -> Rows {
    let mut rows: Rows = tx.users().into_boxed();
    rows = match criteria.status {
        None => rows,
        Some(Shown::Invited) => rows.filter(users::status.eq(Status::Invited)),
        Some(Shown::Deactivated) => rows.filter(users::status.eq(Status::Deactivated)),
        Some(Shown::Active) => rows.filter(users::status.eq(Status::Active)),
        Some(Shown::Locked) => {
            let locked = throttles::table
                .filter(throttles::organization_id.eq(Some(tx.organization().clone())))
                .filter(throttles::user_id.is_not_null())
                .filter(throttles::locked_until.gt(Some(tx.now())))
                .select(throttles::user_id.assume_not_null());
            rows.filter(users::status.eq(Status::Active)).filter(users::id.eq_any(locked))
        }
    };
    match criteria.role {
        None => rows,
        // Plain columns, so that the partial indexes serve.
        Some(Role::OrgAdmin) => rows.filter(users::org_admin),
        Some(Role::OrgReader) => rows.filter(users::org_reader),
        Some(Role::BillingAdmin) => rows.filter(users::billing_admin),
        Some(Role::OrgOwner) => {
            let owner = organizations::table.find(tx.organization().clone()).select(organizations::owner_id);
            rows.filter(users::id.eq_any(owner))
        }
    }
}

fn load<P>(tx: &mut Tx<'_, P>, rows: Rows, most: usize, by_address: bool) -> Result<Vec<Listed>, StoreError> {
    let locked = throttles::table
        .filter(throttles::organization_id.eq(users::organization_id.nullable()))
        .filter(throttles::user_id.eq(users::id.nullable()))
        .filter(throttles::locked_until.gt(Some(tx.now())));
    let rows = rows.limit(i64::try_from(most).unwrap_or(i64::MAX)).select((
        (users::id, users::email, users::name, users::nickname, users::status),
        (users::org_admin, users::org_reader, users::billing_admin),
        (users::last_login_at, users::created_at, users::listed_as),
        exists(locked),
    ));
    let rows: Vec<Row> = rows.load(tx.conn())?;
    Ok(rows.into_iter().map(|row| Listed::of(row, by_address)).collect())
}

/// A page of the list.
pub fn page<P>(tx: &mut Tx<'_, P>, criteria: &Criteria, place: &Place) -> Result<Slice<Listed>, StoreError> {
    if let Some(prefix) = criteria.prefix() {
        return search(tx, criteria, prefix, place);
    }
    let sort = criteria.sort();
    let mut rows = narrowed(tx, criteria);
    if let Some(text) = &criteria.search {
        let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let name = users::listed_as.like(format!("%{text}%{LISTED_END}%")).escape('\\');
        rows = rows.filter(name.or(users::email.like(format!("%{text}%")).escape('\\')));
    }
    let upwards = criteria.descending == place.is_backwards();
    rows = match sort {
        Sort::Name => from(rows, users::listed_as, place, upwards),
        Sort::Email => from(rows, users::email, place, upwards),
        Sort::Registered => from(rows, users::id, place, upwards),
    };
    let found = load(tx, rows, PAGE + 1, false)?;
    Ok(Slice::cut(place, PAGE, found, |row| row.key(sort)))
}

/// The rows after the place in one direction of a unique column.
fn from<C>(rows: Rows, column: C, place: &Place, upwards: bool) -> Rows
where
    C: Expression<SqlType = diesel::sql_types::Text>
        + Copy
        + Send
        + diesel::expression::BoxableExpression<users::table, Backend, SqlType = diesel::sql_types::Text>
        + diesel::expression::ValidGrouping<(), IsAggregate = diesel::expression::is_aggregate::No>
        + diesel::query_builder::QueryId
        + diesel::query_builder::QueryFragment<Backend>
        + SelectableExpression<users::table>
        + 'static,
{
    let rows = match place {
        Place::Start => rows,
        Place::After(key) | Place::Before(key) if upwards => rows.filter(column.gt(key.clone())),
        Place::After(key) | Place::Before(key) => rows.filter(column.lt(key.clone())),
    };
    if upwards { rows.order(column.asc()) } else { rows.order(column.desc()) }
}

/// Where a search by beginnings stands: names come first, then addresses.
const BY_NAME: char = 'n';
const BY_ADDRESS: char = 'a';

fn search<P>(
    tx: &mut Tx<'_, P>,
    criteria: &Criteria,
    prefix: &str,
    place: &Place,
) -> Result<Slice<Listed>, StoreError> {
    let (after, before) = match place {
        Place::Start => (None, None),
        Place::After(key) => (Some(key.as_str()), None),
        Place::Before(key) => (None, Some(key.as_str())),
    };
    let key_of = |key: Option<&str>, kind: char| key.and_then(|key| key.strip_prefix(kind)).map(str::to_owned);
    let mut found = Vec::new();
    let phases = if place.is_backwards() { [BY_ADDRESS, BY_NAME] } else { [BY_NAME, BY_ADDRESS] };
    // A key among the second phase's rows leaves nothing of the first phase.
    let key = after.or(before);
    let skips_first = key.is_some_and(|key| !key.starts_with(phases[0]));
    for (number, phase) in phases.into_iter().enumerate() {
        if number == 0 && skips_first || found.len() > PAGE {
            continue;
        }
        let missing = PAGE + 1 - found.len();
        found.extend(begins(tx, criteria, prefix, phase, key_of(key, phase), place.is_backwards(), missing)?);
    }
    Ok(Slice::cut(place, PAGE, found, |row| match row.by_address {
        false => format!("{BY_NAME}{}", row.listed_as),
        true => format!("{BY_ADDRESS}{}", row.email),
    }))
}

/// The users whose names begin with a text, or those whose addresses do and whose names do not.
fn beginning<P>(tx: &Tx<'_, P>, criteria: &Criteria, prefix: &str, phase: char) -> Rows {
    let (prefix, end) = (prefix.to_owned(), end_of(prefix));
    let rows = narrowed(tx, criteria);
    match (phase, end) {
        (BY_NAME, Some(end)) => rows.filter(users::listed_as.ge(prefix)).filter(users::listed_as.lt(end)),
        (BY_NAME, None) => rows.filter(users::listed_as.ge(prefix)),
        (_, Some(end)) => rows
            .filter(users::email.ge(prefix.clone()))
            .filter(users::email.lt(end.clone()))
            .filter(users::listed_as.lt(prefix).or(users::listed_as.ge(end))),
        (_, None) => rows.filter(users::email.ge(prefix.clone())).filter(users::listed_as.lt(prefix)),
    }
}

fn begins<P>(
    tx: &mut Tx<'_, P>,
    criteria: &Criteria,
    prefix: &str,
    phase: char,
    key: Option<String>,
    backwards: bool,
    most: usize,
) -> Result<Vec<Listed>, StoreError> {
    let place = key.map_or(Place::Start, Place::After);
    let rows = beginning(tx, criteria, prefix, phase);
    let rows = match phase {
        BY_NAME => from(rows, users::listed_as, &place, !backwards),
        _ => from(rows, users::email, &place, !backwards),
    };
    load(tx, rows, most, phase == BY_ADDRESS)
}

/// How many users meet the criteria, counted up to [`COUNTED`]. Not for a search anywhere, which would walk all rows twice.
pub fn total<P>(tx: &mut Tx<'_, P>, criteria: &Criteria) -> Result<Option<Total>, StoreError> {
    if criteria.search.is_some() && criteria.anywhere {
        return Ok(None);
    }
    let Some(prefix) = criteria.prefix() else {
        return Ok(Some(Total(counted(tx, |tx| narrowed(tx, criteria))?)));
    };
    let mut sum = 0;
    for phase in [BY_NAME, BY_ADDRESS] {
        if sum <= COUNTED {
            sum += counted(tx, |tx| beginning(tx, criteria, prefix, phase))?;
        }
    }
    Ok(Some(Total(sum)))
}

/// Looks first whether there are more than are counted, which walks no further than that.
fn counted<P>(tx: &mut Tx<'_, P>, rows: impl Fn(&Tx<'_, P>) -> Rows) -> Result<i64, StoreError> {
    let beyond = rows(tx).offset(COUNTED).limit(1).select(users::id);
    if beyond.first::<UserId>(tx.conn()).optional()?.is_some() {
        return Ok(COUNTED + 1);
    }
    Ok(rows(tx).count().get_result(tx.conn())?)
}
