//! Statements that remove events.

use diesel::prelude::*;

use crate::base::ids::{EventId, OrganizationId};
use crate::base::moment::Moment;
use crate::features::audit::seal::{self, Chain, Signer};
use crate::platform::store::schema::audit_events;
use crate::platform::store::{StoreError, Work};

/// What one step of forgetting did.
#[derive(Debug, Default)]
pub struct Forgotten {
    /// How many events it removed.
    pub events: usize,
    /// Chains that begin with an event that is not old enough: they are come back to another time.
    pub passed: Vec<String>,
}

/// Removes events from before a moment, about as many as asked for at most: of each chain of seals its beginning, so that
/// what is left hangs on the seal that it began after, which stays and is signed as the cut. What has no seal stays, too.
pub fn forget(
    work: &mut Work<'_>,
    before: Moment,
    most: usize,
    mut passed: Vec<String>,
) -> Result<Forgotten, StoreError> {
    seal::hold(work)?;
    let (signer, end) = (Signer::newest(work.keys()), EventId::beginning(before));
    let mut events = 0;
    for (word, organization) in seal::chains_with_old(work, before, &passed, most)? {
        let chain = Chain::of(organization.as_ref());
        // One more than asked for, as the first may be that of an earlier cut.
        let seals = seal::after(work, &chain, 0, most + 1)?;
        let old: Vec<_> = seals.into_iter().take_while(|seal| seal.event_id < end).collect();
        let ids: Vec<EventId> = old.iter().map(|seal| seal.event_id.clone()).collect();
        let removed = diesel::delete(audit_events::table.filter(audit_events::id.eq_any(ids))).execute(work.conn())?;
        match old.last() {
            Some(last) if removed > 0 => {
                let cut = signer.sign(&seal::cut(chain.word(), last.number, &last.hash));
                seal::begin_after(work, &chain, last.number, cut)?;
            }
            _ => passed.push(word),
        }
        events += removed;
        if events >= most {
            break;
        }
    }
    Ok(Forgotten { events, passed })
}

/// Removes events of an organization that is being erased, and then their seals, at most as many as asked for of each; says
/// how many those were.
pub fn erase(work: &mut Work<'_>, organization: &OrganizationId, most: usize) -> Result<usize, StoreError> {
    let mine = audit_events::table.filter(audit_events::organization_id.eq(organization.clone()));
    let first = mine.order(audit_events::id).limit(i64::try_from(most).unwrap_or(i64::MAX));
    let first: Vec<EventId> = first.select(audit_events::id).load(work.conn())?;
    if let Some(last) = first.last() {
        diesel::delete(
            audit_events::table
                .filter(audit_events::organization_id.eq(organization.clone()))
                .filter(audit_events::id.le(last.clone())),
        )
        .execute(work.conn())?;
    }
    Ok(first.len() + seal::erase(work, organization, most)?)
}
