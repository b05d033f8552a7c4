//! Writing and reading audit rows.

use diesel::prelude::*;

use serde_json::{Map, Value};

use super::sharing::{self, Destination};
use super::{ActorKind, Event, Filter, Kind, Outcome, Reason, Tally};
use crate::access::ViewAudit;
use crate::base::digest::Digest;
use crate::base::email::Email;
use crate::base::ids::{EventId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::{audit_events, audit_rows, users};
use crate::platform::store::{self, StoreError, Tx, Work};
use crate::web::list::{Place, Slice};

#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
struct Row {
    id: EventId,
    organization_id: Option<OrganizationId>,
    reference: String,
    at: Moment,
    event: Kind,
    result: Outcome,
    reason: Option<&'static str>,
    actor_kind: ActorKind,
    actor_id: Option<String>,
    actor_name: Option<String>,
    target_kind: Option<&'static str>,
    target_id: Option<String>,
    target_name: Option<String>,
    details: String,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    merge_key: Option<Digest>,
    count: i64,
}

/// Writes `event` and returns its reference code. One that shares a row which is there already is counted there.
pub fn write(work: &mut Work<'_>, event: Event) -> Result<String, StoreError> {
    if event.kind == Kind::Login {
        work.login_ended(event.outcome, event.reason);
    }
    let place = sharing::place(work, &event);
    if let Some(reference) = count_again(work, &place, &event)? {
        return Ok(reference);
    }
    let (place, event) = place.limited(work, event)?;
    if event.reason == Some(Reason::More)
        && let Some(reference) = count_again(work, &place, &event)?
    {
        return Ok(reference);
    }
    insert(work, &place, event)
}

fn insert(work: &mut Work<'_>, place: &Destination, event: Event) -> Result<String, StoreError> {
    let example = sharing::example(work, &event);
    let reference = work.entropy().reference();
    let origin = work.origin().clone();
    let merge_key = place.key.clone();
    let actor_kind = match (&event.actor, origin.operator, origin.request.is_some()) {
        (Some(_), _, _) => ActorKind::User,
        (None, true, _) => ActorKind::Operator,
        (None, false, true) => ActorKind::Visitor,
        (None, false, false) => ActorKind::System,
    };
    let (actor_id, actor_name) = event.actor.map(|(id, name)| (id.to_string(), name)).unzip();
    let (target_kind, target_id, target_name) = match event.target {
        Some((kind, id, name)) => (Some(kind), Some(id), Some(name)),
        None => (None, None, None),
    };
    let row = Row {
        id: work.id(),
        organization_id: event.organization,
        reference: reference.clone(),
        at: work.now(),
        event: event.kind,
        result: event.outcome,
        reason: event.reason.map(Reason::word),
        actor_kind,
        actor_id,
        actor_name,
        target_kind,
        target_id,
        target_name,
        details: serde_json::Value::Object(event.details).to_string(),
        address: origin.address.map(|address| address.to_string()),
        user_agent: origin.agent,
        request_id: origin.request,
        merge_key: merge_key.clone(),
        count: 1,
    };
    let new = diesel::insert_into(audit_events::table).values(&row);
    if merge_key.is_none() {
        store::on_engine!(work.conn(), own => new.execute(own))?;
        return Ok(reference);
    };
    match work.savepoint(|connection| new.execute(connection)) {
        Ok(_) => Ok(reference),
        // Another instance wrote the first of this minute meanwhile.
        Err(error) if error.is_duplicate() => Ok(again(work, place, example)?.unwrap_or(reference)),
        Err(error) => Err(error),
    }
}

fn count_again(work: &mut Work<'_>, place: &Destination, event: &Event) -> Result<Option<String>, StoreError> {
    let example = sharing::example(work, event);
    again(work, place, example)
}

fn again(work: &mut Work<'_>, place: &Destination, example: Value) -> Result<Option<String>, StoreError> {
    let Some(key) = &place.key else { return Ok(None) };
    let more = audit_events::count.eq(audit_events::count + 1);
    let counted = store::update(audit_events::table, more, audit_events::merge_key.eq(key.clone()));
    let counted = counted.execute(work.conn())?;
    if counted == 0 {
        return Ok(None);
    }
    let row = audit_events::table.filter(audit_events::merge_key.eq(key.clone()));
    let row = row.select((audit_events::reference, audit_events::count, audit_events::details));
    let (reference, count, details): (String, i64, String) = row.first(work.conn())?;
    if place.has_examples && count <= sharing::EXAMPLES {
        let mut details: Map<String, Value> = serde_json::from_str(&details).unwrap_or_default();
        if let Value::Array(all) = details.entry("examples").or_insert_with(|| Value::Array(Vec::new())) {
            all.push(example);
        }
        let told = audit_events::details.eq(Value::Object(details).to_string());
        store::update(audit_events::table, told, audit_events::merge_key.eq(key.clone())).execute(work.conn())?;
    }
    Ok(Some(reference))
}

#[derive(Insertable)]
#[diesel(table_name = audit_rows, treat_none_as_default_value = false)]
struct Rows {
    key: Digest,
    count: i64,
    expires_at: Moment,
}

/// Counts one more row of a minute; says how many there are.
pub(super) fn count_row(work: &mut Work<'_>, key: &Digest) -> Result<i64, StoreError> {
    let more = || {
        store::update(audit_rows::table, audit_rows::count.eq(audit_rows::count + 1), audit_rows::key.eq(key.clone()))
    };
    if more().execute(work.conn())? == 0 {
        let first = Rows { key: key.clone(), count: 1, expires_at: sharing::over(work.now()) };
        match work.savepoint(|connection| diesel::insert_into(audit_rows::table).values(&first).execute(connection)) {
            Ok(_) => return Ok(1),
            // Another instance counted the first one in between.
            Err(error) if error.is_duplicate() => more().execute(work.conn())?,
            Err(error) => return Err(error),
        };
    }
    Ok(audit_rows::table.find(key.clone()).select(audit_rows::count).first(work.conn())?)
}

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
pub fn page<P>(tx: &mut Tx<'_, P>, filter: &Filter, place: &Place, size: usize) -> Result<Slice<Entry>, StoreError> {
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
fn user_of_address<P>(tx: &mut Tx<'_, P>, typed: &str) -> Result<Option<UserId>, StoreError> {
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
