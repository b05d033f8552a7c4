//! The loops that deliver, one for each channel: woken by a commit that wrote a message, else every few seconds for what
//! was put off or what another instance left. One message that cannot be delivered holds up no other, and a gateway that
//! is slow holds up no mail.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use crate::access::app::App;
use crate::base::cause::words_of;
use crate::base::ids::MailId;
use crate::platform::background::Job;
use crate::platform::mail::outbox::{self, Claimed};
use crate::platform::mail::refusal::{Refusal, Stage};
use crate::platform::mail::{Channel, Content, Ending, Envelope};
use crate::platform::store::{Origin, StoreError};

/// Messages claimed at a time.
const BATCH: i64 = 20;
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// What became of the messages that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the mail server or gateway.
    pub sent: usize,
    /// Refused for good, given up, or no longer worth sending.
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
            if channel == Channel::Mail {
                app.transport.close_idle(false).await;
            }
            // A timeout is no error: it is the time to look for what was put off.
            drop(tokio::time::timeout(LOOK_AGAIN, written.changed()).await);
        }
    };
    app.background.keep(job, app.clock().as_ref(), async || deliver_channel(app, channel).await, rest).await;
    if channel == Channel::Mail {
        app.transport.close_idle(true).await;
    }
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
    let (parallel, limit) = match channel {
        Channel::Mail => (app.config.mail.parallel, app.config.mail.timeout_seconds),
        Channel::Sms => (app.config.sms.parallel, app.config.sms.timeout_seconds),
    };
    let lease = lease(parallel, limit);
    let claimed = app.store.write(Origin::default(), move |tx| {
        let claimed = outbox::claim(tx, channel, BATCH, lease)?;
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", claimed))
    });
    let claimed = claimed.await?;
    let mut delivered = Delivered::default();
    let mut waiting = claimed.into_iter();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < parallel && !app.background.is_ending() {
            let Some(mail) = waiting.next() else { break };
            running.push(deliver(app, channel, mail));
        }
        match running.next().await {
            Some(Ok(Became::Sent)) => delivered.sent += 1,
            Some(Ok(Became::Failed)) => delivered.failed += 1,
            Some(Ok(Became::PutOff)) => delivered.put_off += 1,
            Some(Err(cause)) => tracing::warn!(%cause, "the outcome of a delivery could not be noted"),
            None => break,
        }
    }
    drop(running);
    hand_back(app, waiting.collect()).await?;
    Ok(delivered)
}

/// How long claimed messages belong to their claimant: as long as delivery takes where each one is silent to the end of
/// its time, and then some. Nobody else sends one meanwhile.
fn lease(parallel: usize, limit: u64) -> chrono::Duration {
    let rounds = u64::try_from((BATCH as usize).div_ceil(parallel.max(1))).unwrap_or(1);
    chrono::Duration::seconds(i64::try_from(rounds * limit + 60).unwrap_or(3600))
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

enum Became {
    Sent,
    Failed,
    PutOff,
}

async fn deliver(app: &App, channel: Channel, mail: Claimed) -> Result<Became, StoreError> {
    if let Some(ending) = mail.obsolete {
        return drop_obsolete(app, channel, mail.id, ending).await;
    }
    // One message that cannot even be written without a panic must not end the delivery of the others.
    let outcome = AssertUnwindSafe(attempt(app, &mail)).catch_unwind().await.unwrap_or_else(|panic| {
        let words = words_of(panic.as_ref());
        tracing::error!(message_id = mail.id.as_str(), words, "a delivery panicked");
        Err(Refusal::unanswered(Stage::Write, "the delivery panicked"))
    });
    let (id, refusal) = (mail.id.to_string(), outcome.as_ref().err().cloned());
    let noted = app.store.write(Origin::default(), move |tx| {
        let ended = match &outcome {
            Ok(answer) => outbox::sent(tx, &mail.id, answer).map(|()| None),
            Err(refusal) => outbox::refused(tx, &mail, refusal),
        };
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", ended?))
    });
    let ended = noted.await?;
    let host = match channel {
        Channel::Mail => app.transport.place(),
        Channel::Sms => app.gateway.place(),
    };
    let Some(refusal) = refusal else {
        app.deliveries.sent(channel, &host, &id);
        return Ok(Became::Sent);
    };
    app.deliveries.refused(channel, &host, &id, &refusal, ended);
    Ok(if ended.is_some() { Became::Failed } else { Became::PutOff })
}

async fn drop_obsolete(app: &App, channel: Channel, id: MailId, ending: Ending) -> Result<Became, StoreError> {
    let dropped = id.clone();
    let noted = app.store.write(Origin::default(), move |tx| {
        outbox::drop_obsolete(tx, &dropped, ending)?;
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", ()))
    });
    noted.await?;
    app.deliveries.dropped(channel, id.as_str(), ending);
    Ok(Became::Failed)
}

async fn attempt(app: &App, mail: &Claimed) -> Result<String, Refusal> {
    let now = app.clock().now();
    match &mail.content {
        None => Err(Refusal::unwritable("its key is gone")),
        Some(Content::Letter(message)) => {
            let letter = crate::platform::mail::write(message, mail.language, &mail.time_zone, &app.config)
                .map_err(|cause| Refusal::unanswered(Stage::Write, cause.to_string()))?;
            let reply_to = app.config.brand.support.as_deref();
            let envelope = Envelope { id: mail.id.as_str(), to: &mail.recipient, reply_to, letter: &letter, at: now };
            app.transport.send(&envelope).await
        }
        Some(Content::Short(message)) => {
            let text = message.say(mail.language, &app.config);
            app.gateway.send(mail.id.as_str(), &mail.recipient, text, now).await
        }
    }
}
