//! The loops that deliver, one for each channel: woken by a commit that wrote a message, else every few seconds for what
//! was put off or what another instance left. One message that cannot be delivered holds up no other, and a gateway that
//! is slow holds up no mail.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::outbox::{self, Claimed};
use super::{Channel, Content, Envelope, Refusal};
use crate::app::App;
use crate::background::Job;
use crate::failure::words_of;
use crate::store::{Origin, StoreError};

/// Messages claimed at a time.
const BATCH: i64 = 20;
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// What became of the messages that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the mail server or gateway.
    pub sent: usize,
    /// Refused for good.
    pub failed: usize,
    /// To be tried again.
    pub put_off: usize,
}

/// Delivers for as long as the server runs.
pub async fn run(app: App) {
    join(run_channel(&app, Channel::Mail), run_channel(&app, Channel::Sms)).await;
}

async fn run_channel(app: &App, channel: Channel) {
    let job = match channel {
        Channel::Mail => Job::Mail,
        Channel::Sms => Job::Sms,
    };
    let mut written = app.store.mail_written();
    let rest = async |delivered: Delivered| {
        if delivered.sent + delivered.failed < BATCH as usize {
            // A timeout is no error: it is the time to look for what was put off.
            drop(tokio::time::timeout(LOOK_AGAIN, written.changed()).await);
        }
    };
    app.background.keep(job, app.clock().as_ref(), async || deliver_channel(app, channel).await, rest).await;
}

/// Delivers what is due now, once, by either channel.
pub async fn deliver_due(app: &App) -> Result<Delivered, StoreError> {
    let (mails, texts) = join(deliver_channel(app, Channel::Mail), deliver_channel(app, Channel::Sms)).await;
    let (mails, texts) = (mails?, texts?);
    Ok(Delivered {
        sent: mails.sent + texts.sent,
        failed: mails.failed + texts.failed,
        put_off: mails.put_off + texts.put_off,
    })
}

async fn deliver_channel(app: &App, channel: Channel) -> Result<Delivered, StoreError> {
    let claimed = app.store.write(Origin::default(), move |tx| {
        let claimed = outbox::claim(tx, channel, BATCH)?;
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", claimed))
    });
    let parallel = match channel {
        Channel::Mail => app.config.mail.parallel,
        Channel::Sms => app.config.sms.parallel,
    };
    let claimed = claimed.await?;
    let mut delivered = Delivered::default();
    let mut waiting = claimed.into_iter();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < parallel && !app.background.is_ending() {
            let Some(mail) = waiting.next() else { break };
            running.push(deliver(app, mail));
        }
        match running.next().await {
            Some(Ok(Ending::Sent)) => delivered.sent += 1,
            Some(Ok(Ending::Failed)) => delivered.failed += 1,
            Some(Ok(Ending::PutOff)) => delivered.put_off += 1,
            Some(Err(cause)) => tracing::warn!(%cause, "the outcome of a delivery could not be noted"),
            None => break,
        }
    }
    drop(running);
    hand_back(app, waiting.collect()).await?;
    Ok(delivered)
}

/// Messages that were claimed and not begun, as the server ends: another instance, or the next start, need not wait for
/// the end of their lease.
async fn hand_back(app: &App, untouched: Vec<Claimed>) -> Result<(), StoreError> {
    if untouched.is_empty() {
        return Ok(());
    }
    let back = app.store.write(Origin::default(), move |tx| {
        for mail in &untouched {
            outbox::hand_back(tx, mail)?;
        }
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", ()))
    });
    back.await
}

enum Ending {
    Sent,
    Failed,
    PutOff,
}

async fn deliver(app: &App, mail: Claimed) -> Result<Ending, StoreError> {
    // One message that cannot even be written without a panic must not end the delivery of the others.
    let outcome = AssertUnwindSafe(attempt(app, &mail)).catch_unwind().await.unwrap_or_else(|panic| {
        let words = words_of(panic.as_ref());
        tracing::error!(message_id = mail.id.as_str(), words, "a delivery panicked");
        Err(Refusal::ForNow("the delivery panicked".to_owned()))
    });
    let id = mail.id.to_string();
    let noted = app.store.write(Origin::default(), move |tx| {
        let ending = match outcome {
            Ok(answer) => outbox::sent(tx, &mail.id, &answer).map(|()| Ending::Sent),
            Err(Refusal::Forever(answer)) => outbox::failed(tx, &mail.id, &answer).map(|()| Ending::Failed),
            Err(Refusal::ForNow(answer)) => outbox::put_off(tx, &mail, &answer).map(|()| Ending::PutOff),
        };
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", ending?))
    });
    let ending = noted.await?;
    match ending {
        Ending::Sent => tracing::info!(message_id = id, "message sent"),
        Ending::Failed => tracing::warn!(message_id = id, "message refused for good"),
        Ending::PutOff => tracing::warn!(message_id = id, "message put off"),
    }
    Ok(ending)
}

async fn attempt(app: &App, mail: &Claimed) -> Result<String, Refusal> {
    let now = app.clock().now();
    match &mail.content {
        None => Err(Refusal::Forever("its key is gone".to_owned())),
        Some(Content::Letter(message)) => {
            let letter = super::write(message, mail.language, &mail.time_zone, &app.config)
                .map_err(|cause| Refusal::ForNow(cause.to_string()))?;
            let envelope = Envelope { id: mail.id.as_str(), to: &mail.recipient, letter: &letter, at: now };
            let limit = Duration::from_secs(app.config.mail.timeout_seconds);
            match tokio::time::timeout(limit, app.transport.send(&envelope)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(Refusal::ForNow("the mail server did not answer in time".to_owned())),
            }
        }
        // A code that came too late would only cost money.
        Some(Content::Short(message)) if message.until() <= now => Err(Refusal::Forever("it came too late".to_owned())),
        Some(Content::Short(message)) => {
            let text = message.say(mail.language, &app.config);
            app.gateway.send(mail.id.as_str(), &mail.recipient, text, now).await
        }
    }
}
