//! What happens at the date: the organization is gone for everybody by one transaction, its rows go in batches so that other
//! organizations' writes come in between, and its own row last, together with the closing statement. Who was killed in
//! between left a row that says so, and the next run goes on; two at once do each batch one after the other.

use chrono::Duration;

use super::{NOTICE, store, tell};
use crate::access::app::App;
use crate::base::ids::OrganizationId;
use crate::base::organization::State;
use crate::features::{audit, billing, organizations};
use crate::platform::command::refusal::Refusal;
use crate::platform::config::Deletion;
use crate::platform::mail::{DeletionNews, Message, outbox};
use crate::platform::store::{OpenTx, Origin, Recorded, Store, StoreError};

/// Rows of one table that go in one transaction.
const BATCH: usize = 500;
/// Bills of one transaction, as each has lines.
const BILLS: usize = 50;

/// Reminds, erases what is due, goes on with what was begun, and frees names.
pub async fn carry_out(app: &App) -> Result<(), StoreError> {
    remind(app).await?;
    let settings = app.config.deletion;
    for organization in app.store.read(Origin::default(), |tx| store::due(tx)).await? {
        let begun = app.store.write(Origin::default(), move |tx| begin_due(tx, &organization, &settings));
        begun.await?;
    }
    for organization in app.store.read(Origin::default(), |tx| store::erasing(tx)).await? {
        go_on(&app.store, &Origin::default(), organization).await?;
    }
    // Also for what was erased before: a closing statement that has been delivered since, or a reader that was in the way.
    app.store.tidy().await?;
    let freed = app.store.write(Origin::default(), |tx| {
        store::free_names(tx)?;
        Ok::<_, StoreError>(tx.unrecorded("a name is free at its date whether or not its digest is there", ()))
    });
    freed.await
}

async fn remind(app: &App) -> Result<(), StoreError> {
    let due = app.store.read(Origin::default(), |tx| {
        let until = tx.now() + NOTICE;
        store::to_remind(tx, until)
    });
    for organization in due.await? {
        let told = app.store.write(Origin::default(), move |tx| {
            tx.touch(&organization)?;
            // Whoever asked a day before knows, and once it is due a reminder comes too late.
            if let Some(request) = store::open_request(tx, &organization)?
                && let Some(owner) = store::note_reminder(tx, &organization)?
                && request.due > tx.now()
                && request.due.since(request.at) > NOTICE
            {
                tell(tx, &organization, &owner, DeletionNews::Reminder, request.due)?;
            }
            Ok::<_, StoreError>(tx.unrecorded("a reminder changes nothing", ()))
        });
        told.await?;
    }
    Ok(())
}

/// Begins an erasure whose date has come. While a bill is unpaid it waits: the operator may have added a last one.
fn begin_due(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    settings: &Deletion,
) -> Result<Recorded<()>, StoreError> {
    tx.touch(organization)?;
    let request = store::open_request(tx, organization)?;
    let is_due = request.is_some_and(|request| request.due <= tx.now() && request.held_since.is_none());
    let is_open = store::state(tx, organization)? == Some(State::Active);
    if is_due && is_open && store::unpaid(tx, organization)? == 0 {
        hide(tx, organization, settings)?;
    }
    Ok(tx.unrecorded("the tombstone says what was erased, and when", ()))
}

/// Begins an erasure now, by the operator. The owner must have asked for it, and nothing may be owed.
pub fn begin_now(tx: &mut OpenTx<'_>, name: &str, settings: &Deletion) -> Result<Recorded<OrganizationId>, Refusal> {
    let (organization, name, request) = super::requested(tx, name)?;
    if request.held_since.is_some() {
        return Err(Refusal::Held(name));
    }
    match store::unpaid(tx, &organization)? {
        0 => hide(tx, &organization, settings)?,
        bills => return Err(Refusal::Owes(name, bills)),
    }
    Ok(tx.unrecorded("the tombstone says what was erased, and when", organization))
}

fn hide(tx: &mut OpenTx<'_>, organization: &OrganizationId, settings: &Deletion) -> Result<(), StoreError> {
    let name = organizations::name(tx, organization)?;
    let (counts, request) = (store::counts(tx, organization)?, store::open_request(tx, organization)?);
    if let Some(request) = request
        && store::hide(tx, organization, &name)?
    {
        let until = tx.now() + Duration::days(settings.name_days);
        store::bury(tx, organization, &name, request.at, until, &counts)?;
    }
    Ok(())
}

/// Erases what an erasure that was begun has left, to the end.
pub async fn go_on(home: &Store, origin: &Origin, organization: OrganizationId) -> Result<(), StoreError> {
    loop {
        let id = organization.clone();
        let erased = home.write(origin.clone(), move |tx| {
            let erased = erase_some(tx, &id)?;
            Ok::<_, StoreError>(tx.unrecorded("the tombstone says how much was erased", erased))
        });
        if erased.await? == 0 {
            break;
        }
    }
    let id = organization.clone();
    if home.write(origin.clone(), move |tx| finish(tx, &id)).await? {
        tracing::info!(%organization, "an organization was erased");
    }
    Ok(())
}

/// Erases a batch of what there may be much of; says how many rows. What is left then goes with the organization's row.
fn erase_some(tx: &mut OpenTx<'_>, organization: &OrganizationId) -> Result<usize, StoreError> {
    if !tx.touch(organization)? {
        return Ok(0);
    }
    let erased = audit::retention::erase(tx, organization, BATCH)?;
    let erased = erased + outbox::erase(tx, organization, BATCH)?;
    Ok(erased + billing::erase(tx, organization, BILLS)?)
}

/// Erases the last of it and mails the closing statement; `false` when another instance did.
fn finish(tx: &mut OpenTx<'_>, organization: &OrganizationId) -> Result<Recorded<bool>, StoreError> {
    if !tx.touch(organization)? {
        return Ok(tx.unrecorded("another instance erased it", false));
    }
    let (closing, tombstone) = (store::closing(tx, organization)?, store::tombstone(tx, organization)?);
    let (Some(closing), Some((held_until, requested, counts))) = (closing, tombstone) else {
        return Err(StoreError::Unreadable("an erasure without an owner or a tombstone"));
    };
    store::remove(tx, organization)?;
    store::note_erased(tx, organization)?;
    let message = Message::Erased {
        name: closing.name,
        organization: closing.organization,
        requested,
        at: tx.now(),
        held_until,
        users: counts.users,
        projects: counts.projects,
        bills: counts.bills,
        events: counts.events,
    };
    outbox::post_plain(tx, &closing.email, closing.language, &closing.time_zone, &message)?;
    Ok(tx.unrecorded("the tombstone says what was erased, and when", true))
}
