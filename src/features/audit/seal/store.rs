//! Queries on seals.

use std::collections::HashMap;

use data_encoding::{BASE64, HEXLOWER};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::super::store::{COLUMNS, Entry};
use super::{Chain, NOTHING, Seal};
use crate::base::digest::Digest;
use crate::base::ids::{EventId, OrganizationId};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::platform::store::schema::{audit_events, audit_sealing, audit_seals, organizations};
use crate::platform::store::{self, HeldBy, StoreError, Tx, Work};

/// The one row that says how far the log is sealed.
const LOG: &str = "log";

/// How far the log is sealed.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Progress {
    /// Counted up by whoever changes seals, so that of two who do so at once one comes first.
    pub version: i64,
    /// Whatever happened before has its seal.
    pub sealed_until: Moment,
}

/// How far the log is sealed.
pub fn progress(work: &mut Work<'_>) -> Result<Progress, StoreError> {
    let row = audit_sealing::table.find(LOG).select((audit_sealing::version, audit_sealing::sealed_until));
    Ok(row.first(work.conn())?)
}

/// Comes first among those who change seals, and notes how far the log is sealed; `false` when somebody else came first.
pub(super) fn advance(work: &mut Work<'_>, version: i64, until: Moment) -> Result<bool, StoreError> {
    let change = (audit_sealing::version.eq(version + 1), audit_sealing::sealed_until.eq(until));
    let row = audit_sealing::id.eq(LOG).and(audit_sealing::version.eq(version));
    Ok(store::update(audit_sealing::table, change, row).execute(work.conn())? == 1)
}

/// Puts those who change seals in a row.
pub(crate) fn hold(work: &mut Work<'_>) -> Result<(), StoreError> {
    let change = audit_sealing::version.eq(audit_sealing::version + 1);
    store::update(audit_sealing::table, change, audit_sealing::id.eq(LOG)).execute(work.conn())?;
    Ok(())
}

/// Events of a span of time that have no seal, the oldest first, and whether equal ones may still be counted in their row.
/// One whose minute is not over is left out.
pub(super) fn unsealed(
    work: &mut Work<'_>,
    from: Moment,
    until: Moment,
    minute: Moment,
    most: usize,
) -> Result<Vec<(EventId, bool)>, StoreError> {
    let seal = audit_seals::table.filter(audit_seals::event_id.eq(audit_events::id));
    let is_finished = audit_events::merge_key.is_null().or(audit_events::id.lt(EventId::beginning(minute)));
    let rows = audit_events::table
        .filter(audit_events::id.ge(EventId::beginning(from)))
        .filter(audit_events::id.lt(EventId::beginning(until)))
        .filter(not(exists(seal)))
        .filter(is_finished)
        .order(audit_events::id)
        .limit(limit(most))
        .select((audit_events::id, audit_events::merge_key.is_not_null()));
    Ok(rows.load(work.conn())?)
}

/// Takes the key by which equal events are counted away from rows that are about to be sealed. Whoever counts one at this
/// moment is waited for, and nobody finds the row afterwards: what comes late gets a row of its own.
pub(super) fn settle(work: &mut Work<'_>, events: Vec<EventId>) -> Result<(), StoreError> {
    let rows = audit_events::table.filter(audit_events::id.eq_any(events));
    diesel::update(rows).set(audit_events::merge_key.eq(None::<Digest>)).execute(work.conn())?;
    Ok(())
}

/// Events with the organization that they belong to, the oldest first.
pub(super) fn events(
    work: &mut Work<'_>,
    ids: Vec<EventId>,
) -> Result<Vec<(Option<OrganizationId>, Entry)>, StoreError> {
    let rows = audit_events::table.filter(audit_events::id.eq_any(ids)).order(audit_events::id);
    Ok(rows.select((audit_events::organization_id, COLUMNS)).load(work.conn())?)
}

/// A seal.
#[derive(Clone, Debug, Queryable)]
pub struct Row {
    /// The place in its chain.
    pub number: i64,
    /// The organization that it goes with when that is erased.
    pub organization_id: Option<OrganizationId>,
    /// The event that it seals.
    pub event_id: EventId,
    /// Its hash.
    pub hash: Digest,
    /// The signature of that.
    pub signature: Vec<u8>,
    /// Which key has signed it.
    pub key_id: String,
    /// Where retention has cut the chain: the signature that says so.
    pub cut: Option<Vec<u8>>,
}

/// A seal as exports carry it and pages show it.
fn seal(chain: &Chain, row: &Row, before: &[u8]) -> Seal {
    Seal {
        chain: chain.word().to_owned(),
        number: row.number,
        before: HEXLOWER.encode(before),
        hash: HEXLOWER.encode(row.hash.as_bytes()),
        signature: BASE64.encode(&row.signature),
        key: row.key_id.clone(),
    }
}

type Columns = (
    audit_seals::number,
    audit_seals::organization_id,
    audit_seals::event_id,
    audit_seals::hash,
    audit_seals::signature,
    audit_seals::key_id,
    audit_seals::cut,
);
const ROW: Columns = (
    audit_seals::number,
    audit_seals::organization_id,
    audit_seals::event_id,
    audit_seals::hash,
    audit_seals::signature,
    audit_seals::key_id,
    audit_seals::cut,
);

/// A seal that is to be written.
#[derive(Insertable)]
#[diesel(table_name = audit_seals, treat_none_as_default_value = false)]
pub(super) struct NewSeal {
    pub(super) chain: String,
    pub(super) number: i64,
    pub(super) organization_id: Option<OrganizationId>,
    pub(super) event_id: EventId,
    pub(super) hash: Digest,
    pub(super) signature: Vec<u8>,
    pub(super) key_id: String,
    pub(super) cut: Option<Vec<u8>>,
}

/// Writes a seal. The key of the table takes one of each place.
pub(super) fn insert(work: &mut Work<'_>, seal: &NewSeal) -> Result<(), StoreError> {
    let new = diesel::insert_into(audit_seals::table).values(seal);
    store::on_engine!(work.conn(), own => new.execute(own))?;
    Ok(())
}

/// The newest seal of a chain.
pub fn newest(work: &mut Work<'_>, chain: &Chain) -> Result<Option<Row>, StoreError> {
    newest_of(work, chain.word())
}

/// The newest seal of a chain by its name.
pub(super) fn newest_of(work: &mut Work<'_>, chain: &str) -> Result<Option<Row>, StoreError> {
    let rows = audit_seals::table.filter(audit_seals::chain.eq(chain.to_owned()));
    let last = rows.order(audit_seals::number.desc()).select(ROW).limit(1);
    Ok(store::on_engine!(work.conn(), own => last.get_result(own)).optional()?)
}

/// The oldest seal of a chain.
pub(super) fn oldest(work: &mut Work<'_>, chain: &Chain) -> Result<Option<Row>, StoreError> {
    let rows = audit_seals::table.filter(audit_seals::chain.eq(chain.word().to_owned()));
    Ok(rows.order(audit_seals::number).select(ROW).first(work.conn()).optional()?)
}

/// Seals of a chain after a place, in its order.
pub(crate) fn after(work: &mut Work<'_>, chain: &Chain, number: i64, most: usize) -> Result<Vec<Row>, StoreError> {
    let rows = audit_seals::table.filter(audit_seals::chain.eq(chain.word().to_owned()));
    let rows = rows.filter(audit_seals::number.gt(number)).order(audit_seals::number).limit(limit(most));
    Ok(rows.select(ROW).load(work.conn())?)
}

/// One seal of a chain.
pub(super) fn at(work: &mut Work<'_>, chain: &str, number: i64) -> Result<Option<Row>, StoreError> {
    let row = audit_seals::table.find((chain.to_owned(), number)).select(ROW);
    Ok(row.first(work.conn()).optional()?)
}

/// Ids of a chain's events after one, in order.
pub(super) fn ids_after(
    work: &mut Work<'_>,
    chain: &Chain,
    last: &str,
    most: usize,
) -> Result<Vec<EventId>, StoreError> {
    let mut rows = audit_events::table.select(audit_events::id).into_boxed();
    rows = match chain.organization() {
        Some(organization) => rows.filter(audit_events::organization_id.eq(organization.clone())),
        None => rows.filter(audit_events::organization_id.is_null()),
    };
    rows = rows.filter(audit_events::id.gt(last.to_owned())).order(audit_events::id).limit(limit(most));
    Ok(rows.load(work.conn())?)
}

/// An event without a seal in its chain.
#[derive(Debug)]
pub(super) struct Bare {
    pub(super) id: EventId,
    pub(super) reference: String,
    /// Whether its seal says that it belongs to another chain.
    pub(super) is_sealed_elsewhere: bool,
}

/// Those of some events of a chain that have no seal in it.
pub(super) fn without_seal(work: &mut Work<'_>, chain: &Chain, ids: Vec<EventId>) -> Result<Vec<Bare>, StoreError> {
    let mine = audit_seals::table.filter(audit_seals::chain.eq(chain.word().to_owned()));
    let mine = mine.filter(audit_seals::event_id.eq(audit_events::id));
    let rows = audit_events::table.filter(audit_events::id.eq_any(ids)).filter(not(exists(mine)));
    let rows = rows.order(audit_events::id).select((audit_events::id, audit_events::reference));
    let rows: Vec<(EventId, String)> = rows.load(work.conn())?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<EventId> = rows.iter().map(|(id, _)| id.clone()).collect();
    let elsewhere = audit_seals::table
        .filter(audit_seals::chain.ne(chain.word().to_owned()))
        .filter(audit_seals::event_id.eq_any(ids))
        .select(audit_seals::event_id);
    let elsewhere: Vec<EventId> = elsewhere.load(work.conn())?;
    let bare = |(id, reference): (EventId, String)| {
        let is_sealed_elsewhere = elsewhere.contains(&id);
        Bare { id, reference, is_sealed_elsewhere }
    };
    Ok(rows.into_iter().map(bare).collect())
}

/// Chains of organizations after a name, by name, and those names. What is being erased is left out: its log goes in
/// pieces.
pub(super) fn chains_after(
    work: &mut Work<'_>,
    name: &str,
    most: usize,
) -> Result<Vec<(OrganizationId, String)>, StoreError> {
    let rows = organizations::table
        .filter(organizations::name.gt(name.to_owned()))
        .filter(organizations::state.ne(State::Erasing))
        .order(organizations::name)
        .limit(limit(most));
    Ok(rows.select((organizations::id, organizations::name)).load(work.conn())?)
}

/// The seals of some events of the caller's organization.
pub fn of_events<P: HeldBy>(tx: &mut Tx<'_, P>, events: &[Entry]) -> Result<HashMap<EventId, Seal>, StoreError> {
    let ids: Vec<EventId> = events.iter().map(|entry| entry.id.clone()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let chain = Chain::Of(tx.organization().clone());
    let rows = tx.audit_seals().filter(audit_seals::event_id.eq_any(ids)).select(ROW);
    let rows: Vec<Row> = rows.load(tx.conn())?;
    let places: Vec<i64> = rows.iter().map(|row| row.number - 1).collect();
    let before = tx.audit_seals().filter(audit_seals::number.eq_any(places));
    let before: Vec<(i64, Digest)> = before.select((audit_seals::number, audit_seals::hash)).load(tx.conn())?;
    let before: HashMap<i64, Digest> = before.into_iter().collect();
    let seal = |row: Row| {
        let before = before.get(&(row.number - 1)).map_or(NOTHING.as_slice(), Digest::as_bytes);
        (row.event_id.clone(), seal(&chain, &row, before))
    };
    Ok(rows.into_iter().map(seal).collect())
}

/// The chains of the oldest events that have a seal and are from before a moment, without those that were passed over.
pub(crate) fn chains_with_old(
    work: &mut Work<'_>,
    before: Moment,
    passed: &[String],
    most: usize,
) -> Result<Vec<(String, Option<OrganizationId>)>, StoreError> {
    let rows = audit_events::table
        .inner_join(audit_seals::table.on(audit_seals::event_id.eq(audit_events::id)))
        .filter(audit_events::id.lt(EventId::beginning(before)))
        .filter(audit_seals::chain.ne_all(passed.to_vec()))
        .order(audit_events::id)
        .limit(limit(most))
        .select((audit_seals::chain, audit_seals::organization_id));
    let mut found: Vec<(String, Option<OrganizationId>)> = Vec::new();
    for row in rows.load::<(String, Option<OrganizationId>)>(work.conn())? {
        if !found.contains(&row) {
            found.push(row);
        }
    }
    Ok(found)
}

/// Begins a chain after one of its seals, which stays and is signed as the cut; those before go.
pub(crate) fn begin_after(work: &mut Work<'_>, chain: &Chain, number: i64, cut: Vec<u8>) -> Result<(), StoreError> {
    let mine = audit_seals::chain.eq(chain.word().to_owned());
    diesel::delete(audit_seals::table.filter(mine.clone()).filter(audit_seals::number.lt(number)))
        .execute(work.conn())?;
    let last = audit_seals::table.filter(mine).filter(audit_seals::number.eq(number));
    diesel::update(last).set(audit_seals::cut.eq(Some(cut))).execute(work.conn())?;
    Ok(())
}

/// Removes seals of an organization that is being erased, at most as many as asked for; says how many those were.
pub(crate) fn erase(work: &mut Work<'_>, organization: &OrganizationId, most: usize) -> Result<usize, StoreError> {
    let mine = || audit_seals::table.filter(audit_seals::organization_id.eq(organization.clone()));
    let first = mine().order(audit_seals::number).limit(limit(most)).select(audit_seals::number);
    let first: Vec<i64> = first.load(work.conn())?;
    if let Some(last) = first.last() {
        diesel::delete(mine().filter(audit_seals::number.le(*last))).execute(work.conn())?;
    }
    Ok(first.len())
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
