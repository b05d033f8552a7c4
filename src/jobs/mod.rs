//! What is to be done from time to time: removing what has expired. Safe on several instances, as each step is one
//! conditional statement or one transaction per organization.

mod store;

use std::time::Duration;

use crate::app::App;
use crate::audit::{self, Event, Kind};
use crate::organizations::{self, deletion};
use crate::store::{Origin, StoreError};

const EVERY: Duration = Duration::from_secs(300);

/// Cleans up for as long as the server runs.
pub async fn run(app: App) {
    loop {
        if let Err(cause) = clean_up(&app).await {
            tracing::warn!(%cause, "cleaning up failed");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Removes what has expired, once.
pub async fn clean_up(app: &App) -> Result<(), StoreError> {
    let limits = app.config.sessions;
    let forget = app.store.write(Origin::default(), move |tx| {
        store::forget_expired(tx, &limits)?;
        Ok::<_, StoreError>(tx.unrecorded("what has expired was dead already", ()))
    });
    forget.await?;
    remove_unclaimed(app).await?;
    deletion::erasure::carry_out(app).await?;
    crate::idp::trial::settle_all(app).await?;
    crate::idp::reminders::remind(app).await?;
    crate::policies::expiration::reminders::remind(app).await?;
    forget_old_events(app).await
}

/// Removes audit events past their time, a batch at a time, so that other writes come in between. Another instance that
/// does the same meanwhile finds them gone.
async fn forget_old_events(app: &App) -> Result<(), StoreError> {
    const BATCH: usize = 500;
    let days = chrono::Duration::days(app.config.audit.days);
    let mut passed = Vec::new();
    loop {
        let known = passed.clone();
        let forgotten = app.store.write(Origin::default(), move |tx| {
            let before = tx.now() - days;
            let forgotten = audit::store::forget(tx, before, BATCH, known)?;
            Ok::<_, StoreError>(tx.unrecorded("the log keeps events for as long as the settings say", forgotten))
        });
        let forgotten = forgotten.await?;
        if forgotten.events < BATCH && forgotten.passed.len() == passed.len() {
            return Ok(());
        }
        passed = forgotten.passed;
    }
}

/// Removes organizations whose owner never registered a password; their names are free again.
async fn remove_unclaimed(app: &App) -> Result<(), StoreError> {
    let unclaimed = app.store.read(Origin::default(), |tx| organizations::store::unclaimed(tx, None)).await?;
    for (id, name) in unclaimed {
        let removed = app.store.write(Origin::default(), move |tx| {
            tx.touch(&id)?;
            if !organizations::store::remove_unclaimed(tx, &id)? {
                return Ok::<_, StoreError>(tx.unrecorded("somebody claimed it meanwhile", ()));
            }
            tx.record(Event::done(Kind::OrganizationUnclaimed).on("organization", &id, &name), ())
        });
        removed.await?;
    }
    Ok(())
}
