//! What became of deliveries: counted for the operator, and told in the log with stage and codes, never with an address
//! or the words of an answer, which may repeat it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Channel, Ending, Refusal};

/// The counters, and which channels are in trouble.
#[derive(Debug, Default)]
pub struct Deliveries {
    counts: Mutex<BTreeMap<[&'static str; 3], u64>>,
    refuses_us: [AtomicBool; Channel::ALL.len()],
}

impl Deliveries {
    /// Counts one try of a message: channel, result and stage.
    pub(crate) fn count(&self, channel: Channel, result: &'static str, stage: &'static str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry([channel.word(), result, stage]).or_default() += 1;
    }

    /// Everything counted, by channel, result and stage.
    pub fn all(&self) -> BTreeMap<[&'static str; 3], u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A message was taken.
    pub(crate) fn sent(&self, channel: Channel, host: &str, message_id: &str) {
        self.count(channel, "sent", "");
        tracing::info!(message_id, channel = channel.word(), "message sent");
        if self.refuses_us[channel as usize].swap(false, Ordering::Relaxed) {
            tracing::info!(host, channel = channel.word(), "the server takes our messages again");
        }
    }

    /// A message was refused: for good, after days, or until the next try.
    pub(crate) fn refused(
        &self,
        channel: Channel,
        host: &str,
        message_id: &str,
        refusal: &Refusal,
        ended: Option<Ending>,
    ) {
        let (stage, code) = (refusal.stage.word(), refusal.code);
        let enhanced = refusal.enhanced.map(|enhanced| enhanced.to_string());
        // Without a code the words are the system's or ours.
        let cause = refusal.code.is_none().then_some(refusal.words.as_str());
        self.count(channel, ended.map_or("put_off", Ending::word), stage);
        let channel_word = channel.word();
        match ended {
            Some(ending) => tracing::warn!(
                message_id,
                channel = channel_word,
                host,
                stage,
                code,
                enhanced,
                cause,
                result = ending.word(),
                "message not sent"
            ),
            None => tracing::info!(
                message_id,
                channel = channel_word,
                host,
                stage,
                code,
                enhanced,
                cause,
                "message put off"
            ),
        }
        // Said once, however many messages wait for it to pass.
        if refusal.is_about_us() && !self.refuses_us[channel as usize].swap(true, Ordering::Relaxed) {
            tracing::warn!(
                host,
                channel = channel_word,
                stage,
                code,
                enhanced,
                cause,
                "the server refuses us: messages wait until it takes them"
            );
        }
    }

    /// A message was not worth sending any more.
    pub(crate) fn dropped(&self, channel: Channel, message_id: &str, ending: Ending) {
        self.count(channel, ending.word(), "");
        tracing::info!(message_id, channel = channel.word(), result = ending.word(), "message not sent");
    }
}
