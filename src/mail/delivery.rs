//! The loop that delivers: woken by a commit that wrote mail, else every few seconds for what was put off or what
//! another instance left. One letter that cannot be delivered holds up no other.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::outbox::{self, Claimed};
use super::{Envelope, Refusal};
use crate::app::App;
use crate::store::{Origin, StoreError};

/// Mails claimed at a time.
const BATCH: i64 = 20;
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// What became of the mails that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the mail server.
    pub sent: usize,
    /// Refused for good.
    pub failed: usize,
    /// To be tried again.
    pub put_off: usize,
}

/// Delivers for as long as the server runs.
pub async fn run(app: App) {
    loop {
        match deliver_due(&app).await {
            Ok(delivered) if delivered.sent + delivered.failed == BATCH as usize => continue,
            Ok(_) => {}
            Err(cause) => tracing::warn!(%cause, "mail could not be claimed"),
        }
        // A timeout is no error: it is the time to look for what was put off.
        drop(tokio::time::timeout(LOOK_AGAIN, app.store.mail_waits()).await);
    }
}

/// Delivers what is due now, once.
pub async fn deliver_due(app: &App) -> Result<Delivered, StoreError> {
    let claimed = app.store.write(Origin::default(), |tx| {
        let claimed = outbox::claim(tx, BATCH)?;
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the mail's own row", claimed))
    });
    let claimed = claimed.await?;
    let mut delivered = Delivered::default();
    let mut waiting = claimed.into_iter();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < app.config.mail.parallel {
            let Some(mail) = waiting.next() else { break };
            running.push(deliver(app, mail));
        }
        match running.next().await {
            Some(Ok(Ending::Sent)) => delivered.sent += 1,
            Some(Ok(Ending::Failed)) => delivered.failed += 1,
            Some(Ok(Ending::PutOff)) => delivered.put_off += 1,
            Some(Err(cause)) => tracing::warn!(%cause, "the outcome of a delivery could not be noted"),
            None => return Ok(delivered),
        }
    }
}

enum Ending {
    Sent,
    Failed,
    PutOff,
}

async fn deliver(app: &App, mail: Claimed) -> Result<Ending, StoreError> {
    let outcome = attempt(app, &mail).await;
    let id = mail.id.to_string();
    let noted = app.store.write(Origin::default(), move |tx| {
        let ending = match outcome {
            Ok(answer) => outbox::sent(tx, &mail.id, &answer).map(|()| Ending::Sent),
            Err(Refusal::Forever(answer)) => outbox::failed(tx, &mail.id, &answer).map(|()| Ending::Failed),
            Err(Refusal::ForNow(answer)) => outbox::put_off(tx, &mail, &answer).map(|()| Ending::PutOff),
        };
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the mail's own row", ending?))
    });
    let ending = noted.await?;
    match ending {
        Ending::Sent => tracing::info!(mail = id, "mail sent"),
        Ending::Failed => tracing::warn!(mail = id, "mail refused for good"),
        Ending::PutOff => tracing::warn!(mail = id, "mail put off"),
    }
    Ok(ending)
}

async fn attempt(app: &App, mail: &Claimed) -> Result<String, Refusal> {
    let message = mail.message.as_ref().ok_or_else(|| Refusal::Forever("its key is gone".to_owned()))?;
    let letter = super::write(message, mail.language, &mail.time_zone, &app.config)
        .map_err(|cause| Refusal::ForNow(cause.to_string()))?;
    let envelope =
        Envelope { id: mail.id.as_str(), to: mail.recipient.as_str(), letter: &letter, at: app.clock().now() };
    let limit = Duration::from_secs(app.config.mail.timeout_seconds);
    match tokio::time::timeout(limit, app.transport.send(&envelope)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Refusal::ForNow("the mail server did not answer in time".to_owned())),
    }
}
