//! Writing and reading audit rows.

use diesel::prelude::*;

use super::{ActorKind, Event, Kind, Outcome};
use crate::store::schema::audit_events;
use crate::store::types::{Digest, EventId, Moment, OrganizationId};
use crate::store::{StoreError, Work};

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

/// Writes `event` and returns its reference code. An event with a merge key that is already there is counted there.
pub fn write(work: &mut Work<'_>, event: Event) -> Result<String, StoreError> {
    if let Some(key) = &event.merge_key
        && let Some(reference) = count_again(work, key)?
    {
        return Ok(reference);
    }
    let reference = work.entropy().reference();
    let origin = work.origin().clone();
    let merge_key = event.merge_key.clone();
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
        reason: event.reason,
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
    let Some(key) = merge_key else {
        new.execute(work.conn())?;
        return Ok(reference);
    };
    match work.savepoint(|connection| new.execute(connection)) {
        Ok(_) => Ok(reference),
        // Another instance wrote the first of this minute meanwhile.
        Err(error) if error.is_duplicate() => Ok(count_again(work, &key)?.unwrap_or(reference)),
        Err(error) => Err(error),
    }
}

fn count_again(work: &mut Work<'_>, key: &Digest) -> Result<Option<String>, StoreError> {
    let row = audit_events::table.filter(audit_events::merge_key.eq(key.clone()));
    let counted = diesel::update(row).set(audit_events::count.eq(audit_events::count + 1)).execute(work.conn())?;
    if counted == 0 {
        return Ok(None);
    }
    let row = audit_events::table.filter(audit_events::merge_key.eq(key.clone()));
    Ok(Some(row.select(audit_events::reference).first(work.conn())?))
}
