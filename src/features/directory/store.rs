//! Queries of the list of users. Each walks an index of the organization's own rows from the key where the page begins.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Criteria, LoginKey, Shown, Sort, end_of};
use crate::access::{Role, Roles};
use crate::base::ids::UserId;
use crate::base::moment::Moment;
use crate::base::user::Status;
use crate::features::users::LISTED_END;
use crate::platform::store::schema::{organizations, throttles, users};
use crate::platform::store::{AnyConnection, HeldBy, StoreError, Tx};
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

type Row = ((UserId, String, String, Option<String>, Status), (bool, bool, bool), Times, bool);
type Times = (Option<Moment>, Moment, String, Option<Moment>);

impl Listed {
    fn of(row: Row, by_address: bool, expired_since: Option<Moment>) -> Self {
        let ((id, email, name, nickname, status), roles, times, locked) = row;
        let (last_login, registered, listed_as, changed) = times;
        let (org_admin, org_reader, billing_admin) = roles;
        let roles = Roles { owner: false, org_admin, org_reader, billing_admin };
        let has_expired = changed.zip(expired_since).is_some_and(|(changed, since)| changed <= since);
        let status = Shown::of(status, locked, has_expired);
        Self { id, email, name, nickname, status, roles, last_login, registered, listed_as, by_address }
    }

    fn key(&self, sort: Sort) -> String {
        match sort {
            Sort::Name => self.listed_as.clone(),
            Sort::Email => self.email.clone(),
            Sort::LastLogin => self.login_key().to_string(),
            Sort::Registered => self.id.to_string(),
        }
    }

    fn login_key(&self) -> LoginKey {
        LoginKey { at: self.last_login, id: self.id.to_string() }
    }
}

/// The users that meet the criteria, in no order.
fn narrowed<P: HeldBy>(tx: &Tx<'_, P>, criteria: &Criteria) -> Rows {
    let of = |rows: Rows, status: Status| match criteria.role {
        None | Some(Role::OrgOwner) => rows.filter(users::status.eq(status)),
        // The range to walk is the role's, so the status is asked for in words that no index answers.
        Some(_) => {
            let others = Status::ALL.iter().copied().filter(|other| *other != status);
            others.fold(rows, |rows, other| rows.filter(users::status.ne(other)))
        }
    };
    let rows: Rows = tx.users().into_boxed();
    let rows = match criteria.status {
        None => rows,
        Some(Shown::Invited) => of(rows, Status::Invited),
        Some(Shown::Deactivated) => of(rows, Status::Deactivated),
        Some(Shown::Active) => of(rows, Status::Active),
        Some(Shown::Expired) => match criteria.expired_since {
            Some(since) => of(rows, Status::Active).filter(users::password_changed_at.le(since)),
            None => of(rows, Status::Active).filter(users::id.is_null()),
        },
        Some(Shown::Locked) => {
            let locked = throttles::table
                .filter(throttles::organization_id.eq(Some(tx.organization().clone())))
                .filter(throttles::user_id.is_not_null())
                .filter(throttles::locked_until.gt(Some(tx.now())))
                .select(throttles::user_id.assume_not_null());
            of(rows, Status::Active).filter(users::id.eq_any(locked))
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

fn load<P: HeldBy>(
    tx: &mut Tx<'_, P>,
    criteria: &Criteria,
    rows: Rows,
    most: usize,
    by_address: bool,
) -> Result<Vec<Listed>, StoreError> {
    let locked = throttles::table
        .filter(throttles::organization_id.eq(users::organization_id.nullable()))
        .filter(throttles::user_id.eq(users::id.nullable()))
        .filter(throttles::locked_until.gt(Some(tx.now())));
    let rows = rows.limit(i64::try_from(most).unwrap_or(i64::MAX)).select((
        (users::id, users::email, users::name, users::nickname, users::status),
        (users::org_admin, users::org_reader, users::billing_admin),
        (users::last_login_at, users::created_at, users::listed_as, users::password_changed_at),
        exists(locked),
    ));
    let rows: Vec<Row> = rows.load(tx.conn())?;
    Ok(rows.into_iter().map(|row| Listed::of(row, by_address, criteria.expired_since)).collect())
}

/// The users that meet the criteria, with what is searched for anywhere in their names and addresses.
fn matching<P: HeldBy>(tx: &Tx<'_, P>, criteria: &Criteria) -> Rows {
    let rows = narrowed(tx, criteria);
    let Some(text) = &criteria.search else { return rows };
    let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let name = users::listed_as.like(format!("%{text}%{LISTED_END}%")).escape('\\');
    rows.filter(name.or(users::email.like(format!("%{text}%")).escape('\\')))
}

/// A page of the list.
pub fn page<P: HeldBy>(tx: &mut Tx<'_, P>, criteria: &Criteria, place: &Place) -> Result<Slice<Listed>, StoreError> {
    if let Some(prefix) = criteria.prefix() {
        return search(tx, criteria, prefix, place);
    }
    let sort = criteria.sort();
    let upwards = criteria.descending == place.is_backwards();
    let rows = matching(tx, criteria);
    let rows = match sort {
        Sort::Name => from(rows, users::listed_as, place, upwards),
        Sort::Email => from(rows, users::email, place, upwards),
        Sort::LastLogin => return by_last_login(tx, criteria, place),
        Sort::Registered => from(rows, users::id, place, upwards),
    };
    let found = load(tx, criteria, rows, PAGE + 1, false)?;
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

/// A page of the list by last login. The engines disagree about where nulls stand, so whoever never logged in is a part
/// by itself. In each part the index has a range for every status, and those of all are merged where none is asked for.
fn by_last_login<P: HeldBy>(
    tx: &mut Tx<'_, P>,
    criteria: &Criteria,
    place: &Place,
) -> Result<Slice<Listed>, StoreError> {
    let (key, place) = match place {
        Place::After(text) | Place::Before(text) => match LoginKey::parse(text) {
            Some(key) => (Some(key), place),
            // What no key can be is the beginning.
            None => (None, &Place::Start),
        },
        Place::Start => (None, place),
    };
    let upwards = criteria.descending == place.is_backwards();
    let parts = if upwards { [false, true] } else { [true, false] };
    let mut found = Vec::new();
    for has_logged_in in parts {
        let within = key.as_ref().filter(|key| key.at.is_some() == has_logged_in);
        // A key among the second part's rows leaves nothing of the first part.
        let is_past = key.is_some() && within.is_none() && has_logged_in == parts[0];
        if is_past || found.len() > PAGE {
            continue;
        }
        let missing = PAGE + 1 - found.len();
        for range in ranges(criteria) {
            let rows = of_last_logins(matching(tx, &range), has_logged_in, within, upwards);
            found.extend(load(tx, criteria, rows, missing, false)?);
        }
    }
    found.sort_by_cached_key(Listed::login_key);
    if !upwards {
        found.reverse();
    }
    Ok(Slice::cut(place, PAGE, found, |row| row.key(Sort::LastLogin)))
}

/// The criteria that the ranges of an index by last login answer.
fn ranges(criteria: &Criteria) -> Vec<Criteria> {
    match (criteria.status, criteria.role) {
        (None, None | Some(Role::OrgOwner)) => [Shown::Invited, Shown::Active, Shown::Deactivated]
            .map(|status| Criteria { status: Some(status), ..criteria.clone() })
            .into(),
        _ => vec![criteria.clone()],
    }
}

/// Those of the rows who have logged in or those who never did, after the key in one direction.
fn of_last_logins(rows: Rows, has_logged_in: bool, key: Option<&LoginKey>, upwards: bool) -> Rows {
    let rows = match has_logged_in {
        true => rows.filter(users::last_login_at.is_not_null()),
        false => rows.filter(users::last_login_at.is_null()),
    };
    let rows = match (key.map(|key| (key.at, key.id.clone())), upwards) {
        (None, _) => rows,
        (Some((None, id)), true) => rows.filter(users::id.gt(id)),
        (Some((None, id)), false) => rows.filter(users::id.lt(id)),
        // The first half is where the range of the index begins, the second leaves out those of the same moment.
        (Some((at, id)), true) => {
            rows.filter(users::last_login_at.ge(at)).filter(users::last_login_at.gt(at).or(users::id.nullable().gt(id)))
        }
        (Some((at, id)), false) => {
            rows.filter(users::last_login_at.le(at)).filter(users::last_login_at.lt(at).or(users::id.nullable().lt(id)))
        }
    };
    // The column that is null throughout is named too, as PostgreSQL takes no order from an index otherwise.
    match upwards {
        true => rows.order((users::last_login_at.asc(), users::id.asc())),
        false => rows.order((users::last_login_at.desc(), users::id.desc())),
    }
}

/// Where a search by beginnings stands: names come first, then addresses.
const BY_NAME: char = 'n';
const BY_ADDRESS: char = 'a';

fn search<P: HeldBy>(
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
fn beginning<P: HeldBy>(tx: &Tx<'_, P>, criteria: &Criteria, prefix: &str, phase: char) -> Rows {
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

fn begins<P: HeldBy>(
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
    load(tx, criteria, rows, most, phase == BY_ADDRESS)
}

/// How many users meet the criteria, counted up to [`COUNTED`]. Not for a search anywhere, which would walk all rows twice.
pub fn total<P: HeldBy>(tx: &mut Tx<'_, P>, criteria: &Criteria) -> Result<Option<Total>, StoreError> {
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
fn counted<P: HeldBy>(tx: &mut Tx<'_, P>, rows: impl Fn(&Tx<'_, P>) -> Rows) -> Result<i64, StoreError> {
    let beyond = rows(tx).offset(COUNTED).limit(1).select(users::id);
    if beyond.first::<UserId>(tx.conn()).optional()?.is_some() {
        return Ok(COUNTED + 1);
    }
    Ok(rows(tx).count().get_result(tx.conn())?)
}
