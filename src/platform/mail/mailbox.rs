//! The development mailbox: captured messages, newest first, kept in a file of the data directory so that a restart
//! loses none.

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Channel, Letter};
use crate::base::moment::Moment;

/// Messages kept; older ones are dropped.
const KEPT: usize = 500;

/// A captured message, as `/dev/mailbox.json` gives it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Captured {
    /// Id: the Message-ID's left part.
    pub id: String,
    /// `mail` or `sms`.
    pub kind: String,
    /// Recipient.
    pub to: String,
    /// Subject; an SMS has none.
    pub subject: String,
    /// Text part.
    pub text: String,
    /// HTML part; an SMS has none.
    pub html: String,
    /// Links of the text part, in order.
    pub links: Vec<String>,
    /// When, RFC 3339.
    pub at: String,
}

/// Captured messages. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    messages: Arc<Mutex<VecDeque<Captured>>>,
    file: Option<PathBuf>,
}

impl Mailbox {
    /// Kept in `file`; what an earlier run captured is read again.
    pub fn in_file(file: PathBuf) -> Self {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let mut messages: VecDeque<Captured> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        while messages.len() > KEPT {
            messages.pop_front();
        }
        Self { messages: Arc::new(Mutex::new(messages)), file: Some(file) }
    }

    /// Takes a letter or a short message, which is a letter of nothing but text.
    pub fn take(&self, channel: Channel, id: &str, to: &str, letter: &Letter, at: Moment) -> std::io::Result<()> {
        let captured = Captured {
            id: id.to_owned(),
            kind: channel.word().to_owned(),
            to: to.to_owned(),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            html: letter.html.clone(),
            links: links(&letter.text),
            at: at.to_string(),
        };
        if let Some(file) = &self.file {
            let mut line = serde_json::to_string(&captured)?;
            line.push('\n');
            crate::platform::files::append_to(file)?.write_all(line.as_bytes())?;
        }
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_back(captured);
        if messages.len() > KEPT {
            messages.pop_front();
        }
        Ok(())
    }

    /// Everything captured, newest first.
    pub fn all(&self) -> Vec<Captured> {
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().rev().cloned().collect()
    }
}

fn links(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}
