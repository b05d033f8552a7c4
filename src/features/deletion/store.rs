//! Queries on the deletion of organizations.

use diesel::prelude::*;
use serde::Serialize;

use crate::access::{ManageOwnership, Permission};
use crate::base::digest::Digest;
use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::base::organization_name::OrganizationName;
use crate::features::billing;
use crate::platform::store::schema::{
    audit_events, bills, erasures, identity_providers, logins_in_progress, mailed_links, mails, organizations,
    projects, repair_sessions, sessions, users,
};
use crate::platform::store::{StoreError, Tx, Work};

/// A request for deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When.
    pub at: Moment,
    /// Who asked; the name at the time.
    pub by: String,
    /// The date of erasure.
    pub due: Moment,
    /// Since when the operator holds it.
    pub held_since: Option<Moment>,
}

type RequestRow = (Option<Moment>, Option<String>, Option<Moment>, Option<Moment>);

type RequestColumns = (
    organizations::deletion_requested_at,
    organizations::deletion_requested_by,
    organizations::deletion_due_at,
    organizations::deletion_held_at,
);
const REQUEST: RequestColumns = (
    organizations::deletion_requested_at,
    organizations::deletion_requested_by,
    organizations::deletion_due_at,
    organizations::deletion_held_at,
);

fn whole((at, by, due, held_since): RequestRow) -> Option<Request> {
    Some(Request { at: at?, by: by?, due: due?, held_since })
}

/// The request that stands for an organization.
pub fn open_request(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Option<Request>, StoreError> {
    let row = organizations::table.find(organization.clone()).select(REQUEST);
    Ok(row.first::<RequestRow>(work.conn()).optional()?.and_then(whole))
}

/// What is left that has to be gone. Counted exactly: it is what somebody works off, and only the owner looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checklist {
    /// Users besides the owner, whatever their status.
    pub users: i64,
    /// Projects.
    pub projects: i64,
    /// What these hold.
    pub resources: i64,
    /// Unpaid bills.
    pub bills: i64,
}

/// What is left in the caller's organization. The caller is its owner.
pub fn checklist<P: Permission>(tx: &mut Tx<'_, P>) -> Result<Checklist, StoreError> {
    let others = tx.users().filter(users::id.ne(tx.user().clone())).count();
    let (projects, resources) = (tx.projects().count(), tx.resources().count());
    let unpaid = tx.bills().filter(bills::status.eq(billing::Status::Open)).count();
    Ok(Checklist {
        users: others.get_result(tx.conn())?,
        projects: projects.get_result(tx.conn())?,
        resources: resources.get_result(tx.conn())?,
        bills: unpaid.get_result(tx.conn())?,
    })
}

/// Notes the request; `false` when the caller no longer owns the organization.
pub(super) fn begin(tx: &mut Tx<'_, ManageOwnership>, by: &str, due: Moment) -> Result<bool, StoreError> {
    let (owner, now) = (tx.user().clone(), tx.now());
    let row = organizations::table
        .find(tx.organization().clone())
        .filter(organizations::owner_id.eq(owner))
        .filter(organizations::state.eq(State::Active));
    let change = (
        organizations::deletion_requested_at.eq(Some(now)),
        organizations::deletion_requested_by.eq(Some(by.to_owned())),
        organizations::deletion_due_at.eq(Some(due)),
    );
    Ok(diesel::update(row).set(change).execute(tx.conn())? == 1)
}

/// Forgets the request; `false` when there is none, or when it is being carried out.
pub(super) fn withdraw(tx: &mut Tx<'_, ManageOwnership>) -> Result<bool, StoreError> {
    let row = organizations::table
        .find(tx.organization().clone())
        .filter(organizations::state.eq(State::Active))
        .filter(organizations::deletion_requested_at.is_not_null());
    let change = (
        organizations::deletion_requested_at.eq(None::<Moment>),
        organizations::deletion_requested_by.eq(None::<String>),
        organizations::deletion_due_at.eq(None::<Moment>),
        organizations::deletion_held_at.eq(None::<Moment>),
        organizations::deletion_reminded_at.eq(None::<Moment>),
    );
    Ok(diesel::update(row).set(change).execute(tx.conn())? == 1)
}

/// Holds a request, or lets it go, with its date of erasure. A date that moves is reminded of again.
pub(super) fn hold(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    since: Option<Moment>,
    due: Moment,
) -> Result<(), StoreError> {
    let row = organizations::table.find(organization.clone());
    let moved = row.clone().filter(organizations::deletion_due_at.ne(Some(due)));
    diesel::update(moved).set(organizations::deletion_reminded_at.eq(None::<Moment>)).execute(work.conn())?;
    let change = (organizations::deletion_held_at.eq(since), organizations::deletion_due_at.eq(Some(due)));
    diesel::update(row).set(change).execute(work.conn())?;
    Ok(())
}

/// Organizations whose erasure is not later than a moment and not held, and whose owners have not been reminded.
pub(super) fn to_remind(work: &mut Work<'_>, until: Moment) -> Result<Vec<OrganizationId>, StoreError> {
    let rows = organizations::table
        .filter(organizations::deletion_due_at.le(Some(until)))
        .filter(organizations::deletion_held_at.is_null())
        .filter(organizations::deletion_reminded_at.is_null())
        .filter(organizations::state.eq(State::Active))
        .order(organizations::deletion_due_at)
        .limit(100)
        .select(organizations::id);
    Ok(rows.load(work.conn())?)
}

/// Notes that the owner is reminded; `None` when that was done, or is no longer to be.
pub(super) fn note_reminder(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Option<UserId>, StoreError> {
    let now = work.now();
    let row = organizations::table
        .find(organization.clone())
        .filter(organizations::deletion_due_at.is_not_null())
        .filter(organizations::deletion_held_at.is_null())
        .filter(organizations::deletion_reminded_at.is_null())
        .filter(organizations::state.eq(State::Active));
    if diesel::update(row).set(organizations::deletion_reminded_at.eq(Some(now))).execute(work.conn())? == 0 {
        return Ok(None);
    }
    let row = organizations::table.find(organization.clone()).select(organizations::owner_id);
    Ok(row.first(work.conn()).optional()?)
}

/// A request in the operator's list. The names of the fields are what scripts read.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The organization's name.
    pub name: String,
    /// Who asked.
    pub requested_by: String,
    /// When, RFC 3339 in UTC.
    pub requested_at: String,
    /// The date of erasure, RFC 3339 in UTC.
    pub erasure_at: String,
    /// Why it would not be erased at that date, as a word; `due` when nothing is in the way.
    pub state: &'static str,
    /// Bills that are not paid.
    pub unpaid_bills: i64,
}

/// All requests, the nearest erasure first.
pub(super) fn requests(work: &mut Work<'_>) -> Result<Vec<Listed>, StoreError> {
    let unpaid = bills::table
        .filter(bills::organization_id.eq(organizations::id))
        .filter(bills::status.eq(billing::Status::Open))
        .count();
    let rows = organizations::table
        .filter(organizations::deletion_due_at.is_not_null())
        .order((organizations::deletion_due_at, organizations::name))
        .select((organizations::name, organizations::state, REQUEST, unpaid.single_value().assume_not_null()));
    let rows: Vec<(String, State, RequestRow, i64)> = rows.load(work.conn())?;
    let listed = |(name, state, request, unpaid_bills): (String, State, RequestRow, i64)| {
        let request = whole(request)?;
        let state = match state {
            State::Erasing => "erasing",
            State::Suspended => "suspended",
            _ if request.held_since.is_some() => "held",
            _ if unpaid_bills > 0 => "unpaid",
            _ => "due",
        };
        let (requested_at, erasure_at) = (request.at.to_string(), request.due.to_string());
        Some(Listed { name, requested_by: request.by, requested_at, erasure_at, state, unpaid_bills })
    };
    Ok(rows.into_iter().filter_map(listed).collect())
}

// --- Erasure ---

/// Organizations that are to be erased by now. Nobody can withdraw the request of a suspended one, so it stays.
pub(super) fn due(work: &mut Work<'_>) -> Result<Vec<OrganizationId>, StoreError> {
    let now = work.now();
    let rows = organizations::table
        .filter(organizations::deletion_due_at.le(Some(now)))
        .filter(organizations::deletion_held_at.is_null())
        .filter(organizations::state.eq(State::Active))
        .order(organizations::deletion_due_at)
        .limit(100)
        .select(organizations::id);
    Ok(rows.load(work.conn())?)
}

/// Organizations whose erasure has begun.
pub(super) fn erasing(work: &mut Work<'_>) -> Result<Vec<OrganizationId>, StoreError> {
    let rows = organizations::table.filter(organizations::state.eq(State::Erasing)).select(organizations::id);
    Ok(rows.limit(100).load(work.conn())?)
}

/// Where an organization stands in its life.
pub(super) fn state(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Option<State>, StoreError> {
    let row = organizations::table.find(organization.clone()).select(organizations::state);
    Ok(row.first(work.conn()).optional()?)
}

/// Unpaid bills of an organization.
pub(super) fn unpaid(work: &mut Work<'_>, organization: &OrganizationId) -> Result<i64, StoreError> {
    let mine = bills::table.filter(bills::organization_id.eq(organization.clone()));
    Ok(mine.filter(bills::status.eq(billing::Status::Open)).count().get_result(work.conn())?)
}

/// What is to be erased, as the closing statement counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct Counts {
    /// Users, the owner among them.
    pub users: i64,
    /// Projects.
    pub projects: i64,
    /// Bills.
    pub bills: i64,
    /// Events of the audit log.
    pub events: i64,
}

/// Counts what is there.
pub(super) fn counts(work: &mut Work<'_>, id: &OrganizationId) -> Result<Counts, StoreError> {
    let connection = work.conn();
    Ok(Counts {
        users: users::table.filter(users::organization_id.eq(id.clone())).count().get_result(connection)?,
        projects: projects::table.filter(projects::organization_id.eq(id.clone())).count().get_result(connection)?,
        bills: bills::table.filter(bills::organization_id.eq(id.clone())).count().get_result(connection)?,
        events: audit_events::table
            .filter(audit_events::organization_id.eq(id.clone()))
            .count()
            .get_result(connection)?,
    })
}

/// From here on the organization is gone for everybody: nothing finds it by its name, nothing of it lets anybody in, and
/// nothing more is mailed to its people. `false` when it is gone already.
pub(super) fn hide(work: &mut Work<'_>, id: &OrganizationId, name: &str) -> Result<bool, StoreError> {
    let row = organizations::table.find(id.clone()).filter(organizations::state.ne(State::Erasing));
    let change = (organizations::state.eq(State::Erasing), organizations::name.eq(hidden(name, id)));
    let connection = work.conn();
    if diesel::update(row).set(change).execute(connection)? == 0 {
        return Ok(false);
    }
    diesel::delete(sessions::table.filter(sessions::organization_id.eq(id.clone()))).execute(connection)?;
    diesel::delete(repair_sessions::table.filter(repair_sessions::organization_id.eq(id.clone())))
        .execute(connection)?;
    diesel::delete(logins_in_progress::table.filter(logins_in_progress::organization_id.eq(id.clone())))
        .execute(connection)?;
    diesel::delete(mailed_links::table.filter(mailed_links::organization_id.eq(id.clone()))).execute(connection)?;
    diesel::delete(identity_providers::table.filter(identity_providers::organization_id.eq(id.clone())))
        .execute(connection)?;
    let waiting = mails::table.filter(mails::organization_id.eq(id.clone()));
    diesel::delete(waiting.filter(mails::state.eq(crate::platform::mail::State::Queued))).execute(connection)?;
    Ok(true)
}

/// What nobody can type as a name, and the name can be read from for the closing statement.
fn hidden(name: &str, id: &OrganizationId) -> String {
    format!("{name} ({id})")
}

/// An erasure that goes on: whom the closing statement goes to, and the name it was.
#[derive(Clone, Debug)]
pub(super) struct Closing {
    pub(super) organization: String,
    pub(super) name: String,
    pub(super) email: Email,
    pub(super) language: Language,
    pub(super) time_zone: String,
}

pub(super) fn closing(work: &mut Work<'_>, id: &OrganizationId) -> Result<Option<Closing>, StoreError> {
    let row = organizations::table
        .inner_join(
            users::table.on(users::organization_id.eq(organizations::id).and(users::id.eq(organizations::owner_id))),
        )
        .filter(organizations::id.eq(id.clone()))
        .select((organizations::name, users::name, users::email, users::language, users::time_zone));
    let found: Option<(String, String, Email, Language, String)> = row.first(work.conn()).optional()?;
    Ok(found.map(|(hidden, name, email, language, time_zone)| {
        let organization = hidden.split_once(' ').map_or(hidden.as_str(), |(name, _)| name).to_owned();
        Closing { organization, name, email, language, time_zone }
    }))
}

/// Removes an organization with everything that is left of it: each table refers to it, and its rows go with it.
pub fn remove(work: &mut Work<'_>, id: &OrganizationId) -> Result<(), StoreError> {
    crate::features::audit::seal::heads::end(work, id)?;
    diesel::delete(organizations::table.find(id.clone())).execute(work.conn())?;
    work.erased_for_good();
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = erasures, treat_none_as_default_value = false)]
struct NewErasure<'a> {
    id: &'a OrganizationId,
    name_hash: Option<Digest>,
    held_until: Moment,
    requested_at: Moment,
    begun_at: Moment,
    erased_at: Option<Moment>,
    users: i64,
    projects: i64,
    bills: i64,
    events: i64,
}

/// Sets the tombstone, which holds the name.
pub(super) fn bury(
    work: &mut Work<'_>,
    id: &OrganizationId,
    name: &str,
    requested_at: Moment,
    held_until: Moment,
    counts: &Counts,
) -> Result<(), StoreError> {
    let row = NewErasure {
        id,
        name_hash: Some(digest(name)),
        held_until,
        requested_at,
        begun_at: work.now(),
        erased_at: None,
        users: counts.users,
        projects: counts.projects,
        bills: counts.bills,
        events: counts.events,
    };
    diesel::insert_into(erasures::table).values(&row).execute(work.conn())?;
    Ok(())
}

/// A name is no secret, only nobody's business: a digest without a key outlives the installation's keys.
fn digest(name: &str) -> Digest {
    Digest::of(&[b"organization name", name.as_bytes()])
}

/// What the tombstone says: until when the name is held, when the deletion was requested, and what there was.
pub(super) fn tombstone(
    work: &mut Work<'_>,
    id: &OrganizationId,
) -> Result<Option<(Moment, Moment, Counts)>, StoreError> {
    let row = erasures::table.find(id.clone()).select((
        erasures::held_until,
        erasures::requested_at,
        (erasures::users, erasures::projects, erasures::bills, erasures::events),
    ));
    Ok(row.first(work.conn()).optional()?)
}

/// Notes that nothing is left.
pub(super) fn note_erased(work: &mut Work<'_>, id: &OrganizationId) -> Result<(), StoreError> {
    let now = work.now();
    diesel::update(erasures::table.find(id.clone())).set(erasures::erased_at.eq(Some(now))).execute(work.conn())?;
    Ok(())
}

/// Whether the name is still that of an organization that was erased.
pub fn holds(work: &mut Work<'_>, name: &OrganizationName) -> Result<bool, StoreError> {
    let held = erasures::table
        .filter(erasures::name_hash.eq(Some(digest(name.as_str()))))
        .filter(erasures::held_until.gt(work.now()));
    Ok(diesel::select(diesel::dsl::exists(held)).get_result(work.conn())?)
}

/// Forgets the names that are free again.
pub(super) fn free_names(work: &mut Work<'_>) -> Result<(), StoreError> {
    let over = erasures::table.filter(erasures::name_hash.is_not_null()).filter(erasures::held_until.le(work.now()));
    diesel::update(over).set(erasures::name_hash.eq(None::<Digest>)).execute(work.conn())?;
    Ok(())
}
