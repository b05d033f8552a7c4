//! Writes an event into the audit log.

mod rows;
mod sharing;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::schema::audit_events;
use super::{StoreError, Work};
use crate::base::digest::Digest;
use crate::base::ids::{EventId, OrganizationId};
use crate::base::moment::Moment;
use crate::platform::events::{ActorKind, Event, Kind, Outcome, Reason};
use crate::platform::store;
use sharing::Destination;

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

impl Work<'_> {
    /// Records what a change brought about besides its own event, which the change returns as [`store::Recorded`].
    pub fn also_record(&mut self, event: Event) -> Result<(), StoreError> {
        write(self, event).map(drop)
    }
}

/// Writes `event` and returns its reference code. One that shares a row which is there already is counted there.
pub(super) fn write(work: &mut Work<'_>, event: Event) -> Result<String, StoreError> {
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
    let (actor_kind, actor_id, actor_name) = match (event.actor, origin.operator, origin.request.is_some()) {
        (Some((kind, id, name)), _, _) => (kind, Some(id), Some(name)),
        (None, true, _) => (ActorKind::Operator, None, None),
        (None, false, true) => (ActorKind::Visitor, None, None),
        (None, false, false) => (ActorKind::System, None, None),
    };
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
        // Another instance has just written the first of this minute.
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
