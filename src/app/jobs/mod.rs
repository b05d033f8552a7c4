//! What is to be done from time to time: removing what has expired. Safe on several instances, as each step is one
//! conditional statement or one transaction per organization. Each step is a job by itself: one that fails keeps no other
//! from running.

pub mod delivery;
mod pace;
mod store;

use std::time::{Duration, Instant};

use futures_util::future::{LocalBoxFuture, join_all};

use crate::access::agreement;
use crate::access::app::App;
use crate::features::{audit, deletion, organizations};
use crate::platform::background::Job;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{Engine, Origin, StoreError};

const EVERY: Duration = Duration::from_secs(300);

type Step = for<'a> fn(&'a App) -> LocalBoxFuture<'a, Result<(), StoreError>>;

/// The steps, in the order in which one clean-up does them. Each removes something, ends it or mails somebody because of the
/// time: none is done by a clock that cannot be believed.
const STEPS: &[(Job, Step)] = &[
    (Job::Expired, |app| Box::pin(forget_expired(app))),
    (Job::Unclaimed, |app| Box::pin(remove_unclaimed(app))),
    (Job::Erasures, |app| Box::pin(deletion::erasure::carry_out(app))),
    (Job::Trials, |app| Box::pin(crate::features::idp::trial::settle_all(app))),
    (Job::SecretReminders, |app| Box::pin(crate::features::idp::reminders::remind(app))),
    (Job::PasswordReminders, |app| Box::pin(crate::features::policies::expiration::reminders::remind(app))),
    (Job::Events, |app| Box::pin(forget_old_events(app))),
];

/// Cleans up for as long as the server runs.
pub async fn run(app: App) {
    let clock = app.clock().as_ref();
    let keep = |(job, step): &(Job, Step)| {
        let (job, step) = (*job, *step);
        let app = &app;
        let mut pace = pace::Pace::default();
        async move {
            let turn = async || match is_believed(app, &mut pace).await? {
                true => step(app).await,
                false => Ok(()),
            };
            app.background.keep(job, clock, turn, async |()| tokio::time::sleep(EVERY).await).await;
        }
    };
    join_all(STEPS.iter().map(keep)).await;
}

/// Whether the clock is believed: it agrees with the database's, does not jump, and did not while nothing ran.
async fn is_believed(app: &App, pace: &mut pace::Pace) -> Result<bool, StoreError> {
    if !agreement::agrees(app).await? {
        return Ok(false);
    }
    // Where the database has no clock of its own, the newest event tells when this installation was last in use.
    let known = match (app.store.engine(), pace.is_new()) {
        (Engine::Sqlite, true) => app.store.read(Origin::default(), |tx| audit::newest(tx)).await?,
        _ => None,
    };
    Ok(pace.is_steady(app.clock().now(), Instant::now(), known))
}

/// Does every step once, whatever becomes of the others, and says what went wrong first.
pub async fn clean_up(app: &App) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for (_, step) in STEPS {
        outcome = outcome.and(step(app).await);
    }
    outcome
}

async fn forget_expired(app: &App) -> Result<(), StoreError> {
    let limits = app.config.sessions;
    let forget = app.store.write(Origin::default(), move |tx| {
        store::forget_expired(tx, &limits)?;
        Ok::<_, StoreError>(tx.unrecorded("what has expired was dead already", ()))
    });
    forget.await
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
            let forgotten = audit::retention::forget(tx, before, BATCH, known)?;
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
    let unclaimed = app.store.read(Origin::default(), |tx| organizations::unclaimed(tx, None)).await?;
    for (id, name) in unclaimed {
        let removed = app.store.write(Origin::default(), move |tx| {
            tx.touch(&id)?;
            if !deletion::remove_unclaimed(tx, &id)? {
                return Ok::<_, StoreError>(tx.unrecorded("somebody claimed it meanwhile", ()));
            }
            tx.record(Event::done(Kind::OrganizationUnclaimed).on("organization", &id, &name), ())
        });
        removed.await?;
    }
    Ok(())
}
