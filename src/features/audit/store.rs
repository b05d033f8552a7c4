//! Writing and reading audit rows.

use diesel::prelude::*;

use serde_json::{Map, Value};

use super::{Filter, Tally};
use crate::access::ViewAudit;
use crate::base::email::Email;
use crate::base::ids::{EventId, UserId};
use crate::base::moment::Moment;
use crate::platform::events::{ActorKind, Kind, Outcome};
use crate::platform::store::schema::{audit_events, users};
use crate::platform::store::{HeldBy, StoreError, Tx, Work};
use crate::web::list::{Place, Slice};

/// An event as it is read.
#[derive(Clone, Debug, Queryable)]
pub struct Entry {
    /// Id; also its place in the log.
    pub id: EventId,
    /// Reference code.
    pub reference: String,
    /// When.
    pub at: Moment,
    /// The word of its [`Kind`]; another version of the program may have written one that this one does not know.
    pub event: String,
    /// How it ended.
    pub result: Outcome,
    /// Why it did not end well, as a stable word.
    pub reason: Option<String>,
    /// Who did it.
    pub actor_kind: ActorKind,
    /// Which user.
    pub actor_id: Option<String>,
    /// The user's name at the time.
    pub actor_name: Option<String>,
    /// Kind of what it was done to.
    pub target_kind: Option<String>,
    /// Its id.
    pub target_id: Option<String>,
    /// Its name at the time.
    pub target_name: Option<String>,
    /// More facts, as JSON.
    pub details: String,
    /// From where.
    pub address: Option<String>,
    /// The browser's own words.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// How often within its minute.
    pub count: i64,
}

impl Entry {
    /// One for tests of what is made of it.
    #[cfg(test)]
    pub(super) fn example(details: &str) -> Self {
        let id: EventId = crate::base::entropy::FreshId("0195a3c5-0000-7000-8000-000000000001".to_owned()).into();
        Self {
            id,
            reference: "ABCD-EFGH".to_owned(),
            at: Moment::EPOCH,
            event: Kind::Login.word().to_owned(),
            result: Outcome::Done,
            reason: None,
            actor_kind: ActorKind::User,
            actor_id: None,
            actor_name: None,
            target_kind: None,
            target_id: None,
            target_name: None,
            details: details.to_owned(),
            address: None,
            user_agent: None,
            request_id: None,
            count: 1,
        }
    }

    /// The facts by name.
    pub fn details(&self) -> Map<String, Value> {
        serde_json::from_str(&self.details).unwrap_or_default()
    }
}

pub(super) type Columns = (
    audit_events::id,
    audit_events::reference,
    audit_events::at,
    audit_events::event,
    audit_events::result,
    audit_events::reason,
    audit_events::actor_kind,
    audit_events::actor_id,
    audit_events::actor_name,
    audit_events::target_kind,
    audit_events::target_id,
    audit_events::target_name,
    audit_events::details,
    audit_events::address,
    audit_events::user_agent,
    audit_events::request_id,
    audit_events::count,
);
pub(super) const COLUMNS: Columns = {
    // Every column of the table: a new one does not compile until it is named here, and read or left out on purpose. What is
    // read is sealed: `seal::content` names every field of an entry.
    let (
        id,
        _organization_id,
        reference,
        at,
        event,
        result,
        reason,
        actor_kind,
        actor_id,
        actor_name,
        target_kind,
        target_id,
        target_name,
        details,
        address,
        user_agent,
        request_id,
        _merge_key,
        count,
    ) = audit_events::all_columns;
    (
        id,
        reference,
        at,
        event,
        result,
        reason,
        actor_kind,
        actor_id,
        actor_name,
        target_kind,
        target_id,
        target_name,
        details,
        address,
        user_agent,
        request_id,
        count,
    )
};

/// When the newest event happened.
pub fn newest(work: &mut Work<'_>) -> Result<Option<Moment>, StoreError> {
    let newest = audit_events::table.order(audit_events::id.desc()).select(audit_events::id).limit(1);
    let newest: Option<EventId> = newest.first(work.conn()).optional()?;
    Ok(newest.map(|id| id.moment()))
}

/// One event of the caller's organization.
pub fn find(tx: &mut Tx<'_, ViewAudit>, id: &EventId) -> Result<Option<Entry>, StoreError> {
    let row = tx.audit_events().filter(audit_events::id.eq(id.clone())).select(COLUMNS);
    Ok(row.first(tx.conn()).optional()?)
}

/// A page of what a filter lets through, newest first.
pub fn page<P: HeldBy>(
    tx: &mut Tx<'_, P>,
    filter: &Filter,
    place: &Place,
    size: usize,
) -> Result<Slice<Entry>, StoreError> {
    let mut rows = tx.audit_events().select(COLUMNS).into_boxed();
    if let Some(from) = filter.from {
        rows = rows.filter(audit_events::id.ge(EventId::beginning(from)));
    }
    if let Some(until) = filter.until {
        rows = rows.filter(audit_events::id.lt(EventId::beginning(until)));
    }
    if let Some(event) = filter.event {
        rows = rows.filter(audit_events::event.eq(event));
    }
    rows = match filter.result {
        None => rows,
        Some(Outcome::Done) => rows.filter(audit_events::result.eq(Outcome::Done)),
        // That there is a reason is what the index of these is kept by.
        Some(bad) => rows.filter(audit_events::result.eq(bad)).filter(audit_events::reason.is_not_null()),
    };
    if let Some(typed) = &filter.actor {
        rows = match user_of_address(tx, typed)? {
            Some(user) => rows.filter(audit_events::actor_id.eq(user.to_string())),
            None => rows.filter(audit_events::actor_name.eq(typed.clone())),
        };
    }
    match place {
        Place::Start => {}
        Place::After(key) => rows = rows.filter(audit_events::id.lt(key.clone())),
        Place::Before(key) => rows = rows.filter(audit_events::id.gt(key.clone())),
    }
    if let Some(reference) = &filter.reference {
        // There is at most one, so there is nothing to sort.
        let found = rows.filter(audit_events::reference.eq(reference.clone())).load(tx.conn())?;
        return Ok(Slice::cut(&Place::Start, size, found, key_of));
    }
    rows = match place.is_backwards() {
        true => rows.order(audit_events::id.asc()),
        false => rows.order(audit_events::id.desc()),
    };
    let found = rows.limit(i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)).load(tx.conn())?;
    Ok(Slice::cut(place, size, found, key_of))
}

fn key_of(entry: &Entry) -> String {
    entry.id.to_string()
}

/// The user that is registered with an address, if an address was typed and it is somebody's now.
fn user_of_address<P: HeldBy>(tx: &mut Tx<'_, P>, typed: &str) -> Result<Option<UserId>, StoreError> {
    let Ok(email) = Email::parse(typed) else {
        return Ok(None);
    };
    let user = tx.users().filter(users::email.eq(email)).select(users::id);
    Ok(user.first(tx.conn()).optional()?)
}

/// Logins of a span of time. What worked is counted in an index; what did not has rows that stand for several tries.
pub fn logins(tx: &mut Tx<'_, ViewAudit>, [from, until]: [Moment; 2]) -> Result<Tally, StoreError> {
    let within = tx
        .audit_events()
        .filter(audit_events::event.eq(Kind::Login))
        .filter(audit_events::id.ge(EventId::beginning(from)))
        .filter(audit_events::id.lt(EventId::beginning(until)));
    let all: i64 = within.clone().count().get_result(tx.conn())?;
    let (mut rows, mut tries) = (0, 0);
    for bad in [Outcome::Failed, Outcome::Refused] {
        let bad = within.clone().filter(audit_events::result.eq(bad)).filter(audit_events::reason.is_not_null());
        rows += bad.clone().count().get_result::<i64>(tx.conn())?;
        let merged: Vec<i64> = bad.filter(audit_events::count.gt(1)).select(audit_events::count).load(tx.conn())?;
        tries += merged.iter().map(|count| count - 1).sum::<i64>();
    }
    Ok(Tally { done: all - rows, failed: rows + tries })
}
