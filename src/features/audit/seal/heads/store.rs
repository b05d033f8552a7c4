//! Queries on heads and on how far the log is sealed.

use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::ids::{EventId, OrganizationId};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::platform::events::Kind;
use crate::platform::store::schema::{audit_events, audit_heads, audit_progress, audit_seals, organizations};
use crate::platform::store::{self, StoreError, Work};

/// The one row.
const LOG: &str = "log";

/// How far the log is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct WholeHead {
    /// Counted up whenever it is signed.
    pub version: i64,
    /// What happened before has its seal, or gets none.
    pub sealed_until: Moment,
    /// The sum of the numbers of all heads.
    pub total: i64,
    /// Which key has signed it.
    pub key_id: String,
    /// Its signature.
    pub signature: Vec<u8>,
}

/// The newest seal of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = audit_heads, treat_none_as_default_value = false)]
pub struct Head {
    /// Whose log.
    pub chain: String,
    /// The number of the seal.
    pub number: i64,
    /// Its hash.
    pub hash: Digest,
    /// The version of [`WholeHead`] that it was signed with.
    pub version: i64,
    /// Which key has signed it.
    pub key_id: String,
    /// Its signature.
    pub signature: Vec<u8>,
}

/// How far the log is sealed, as it was signed.
pub(super) fn whole_head(work: &mut Work<'_>) -> Result<Option<WholeHead>, StoreError> {
    let row = audit_progress::table.find(LOG).select((
        audit_progress::version,
        audit_progress::sealed_until,
        audit_progress::total,
        audit_progress::key_id,
        audit_progress::signature,
    ));
    Ok(row.first(work.conn()).optional()?)
}

/// Puts what is signed now in the place of what was.
pub(super) fn put_whole(work: &mut Work<'_>, new: &WholeHead) -> Result<(), StoreError> {
    let change = (
        audit_progress::version.eq(new.version),
        audit_progress::sealed_until.eq(new.sealed_until),
        audit_progress::total.eq(new.total),
        audit_progress::key_id.eq(new.key_id.clone()),
        audit_progress::signature.eq(new.signature.clone()),
    );
    let row = audit_progress::id.eq(LOG);
    if store::update(audit_progress::table, change, row).execute(work.conn())? == 0 {
        let first = First {
            id: LOG,
            version: new.version,
            sealed_until: new.sealed_until,
            total: new.total,
            key_id: new.key_id.clone(),
            signature: new.signature.clone(),
        };
        diesel::insert_into(audit_progress::table).values(&first).execute(work.conn())?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = audit_progress, treat_none_as_default_value = false)]
struct First {
    id: &'static str,
    version: i64,
    sealed_until: Moment,
    total: i64,
    key_id: String,
    signature: Vec<u8>,
}

type Columns = (
    audit_heads::chain,
    audit_heads::number,
    audit_heads::hash,
    audit_heads::version,
    audit_heads::key_id,
    audit_heads::signature,
);
const HEAD: Columns = (
    audit_heads::chain,
    audit_heads::number,
    audit_heads::hash,
    audit_heads::version,
    audit_heads::key_id,
    audit_heads::signature,
);

/// The head of a chain.
pub(super) fn head(work: &mut Work<'_>, chain: &str) -> Result<Option<Head>, StoreError> {
    Ok(audit_heads::table.find(chain.to_owned()).select(HEAD).first(work.conn()).optional()?)
}

/// Heads of chains after one, in order.
pub(super) fn heads_after(work: &mut Work<'_>, chain: &str, most: i64) -> Result<Vec<Head>, StoreError> {
    let rows = audit_heads::table.filter(audit_heads::chain.gt(chain.to_owned())).order(audit_heads::chain);
    Ok(rows.limit(most).select(HEAD).load(work.conn())?)
}

/// Heads that were signed after a version, in the order of chains.
pub(super) fn heads_since(work: &mut Work<'_>, version: i64, chain: &str, most: i64) -> Result<Vec<Head>, StoreError> {
    let rows = audit_heads::table.filter(audit_heads::version.gt(version));
    let rows = rows.filter(audit_heads::chain.gt(chain.to_owned())).order(audit_heads::chain);
    Ok(rows.limit(most).select(HEAD).load(work.conn())?)
}

/// Puts a head in the place of the one before.
pub(super) fn put_head(work: &mut Work<'_>, head: &Head) -> Result<(), StoreError> {
    let change = (
        audit_heads::number.eq(head.number),
        audit_heads::hash.eq(head.hash.clone()),
        audit_heads::version.eq(head.version),
        audit_heads::key_id.eq(head.key_id.clone()),
        audit_heads::signature.eq(head.signature.clone()),
    );
    let row = audit_heads::chain.eq(head.chain.clone());
    if store::update(audit_heads::table, change, row).execute(work.conn())? == 0 {
        diesel::insert_into(audit_heads::table).values(head).execute(work.conn())?;
    }
    Ok(())
}

/// Removes the head of a chain.
pub(super) fn remove_head(work: &mut Work<'_>, chain: &str) -> Result<(), StoreError> {
    diesel::delete(audit_heads::table.find(chain.to_owned())).execute(work.conn())?;
    Ok(())
}

/// The next chain that has seals.
pub(super) fn chain_after(work: &mut Work<'_>, chain: &str) -> Result<Option<String>, StoreError> {
    let rows = audit_seals::table.filter(audit_seals::chain.gt(chain.to_owned())).order(audit_seals::chain);
    Ok(rows.select(audit_seals::chain).first(work.conn()).optional()?)
}

/// Whether nothing has ever happened here: there is neither an organization nor an event.
pub(super) fn is_untouched(work: &mut Work<'_>) -> Result<bool, StoreError> {
    let organization: Option<String> =
        organizations::table.select(organizations::name).first(work.conn()).optional()?;
    let event: Option<EventId> = audit_events::table.select(audit_events::id).first(work.conn()).optional()?;
    Ok(organization.is_none() && event.is_none())
}

/// Whether there is an organization of this id, and whether it is being erased.
pub(super) fn organization(work: &mut Work<'_>, id: &str) -> Result<Option<State>, StoreError> {
    let row = organizations::table.filter(organizations::id.eq(id.to_owned())).select(organizations::state);
    Ok(row.first(work.conn()).optional()?)
}

/// The newest event that has a seal and does not claim to be from later than a moment.
pub(super) fn newest_sealed(work: &mut Work<'_>, until: Moment) -> Result<Option<EventId>, StoreError> {
    let rows = audit_events::table
        .inner_join(audit_seals::table.on(audit_seals::event_id.eq(audit_events::id)))
        .filter(audit_events::id.le(EventId::beginning(until)))
        .order(audit_events::id.desc());
    Ok(rows.select(audit_events::id).first(work.conn()).optional()?)
}

/// The facts of events by which findings of a log were acknowledged.
pub(crate) fn acknowledgements(
    work: &mut Work<'_>,
    organization: Option<&OrganizationId>,
) -> Result<Vec<String>, StoreError> {
    let mut rows = audit_events::table.select(audit_events::details).into_boxed();
    rows = match organization {
        Some(organization) => rows.filter(audit_events::organization_id.eq(organization.clone())),
        None => rows.filter(audit_events::organization_id.is_null()),
    };
    Ok(rows.filter(audit_events::event.eq(Kind::AuditFindingAcknowledged)).load(work.conn())?)
}
