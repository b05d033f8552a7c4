//! How a letter leaves: to a mail server by SMTP, or into the development mailbox.

use std::sync::Arc;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue, MessageId};
use lettre::message::{Mailbox as Address, MultiPart, SinglePart};

use super::refusal::{Refusal, Stage};
use super::smtp::{MailServer, Outgoing};
use super::{Channel, Letter, Mailbox};
use crate::base::moment::Moment;
use crate::platform::config::Mail;

/// A letter with its recipient and identity.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// Left part of the Message-ID: the same at every attempt.
    pub id: &'a str,
    /// Recipient.
    pub to: &'a str,
    /// Where an answer goes instead of to the sender.
    pub reply_to: Option<&'a str>,
    /// The letter.
    pub letter: &'a Letter,
    /// Now.
    pub at: Moment,
}

/// How letters leave.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp {
        /// The server.
        server: Arc<MailServer>,
        /// Sender.
        from: Address,
    },
    /// Into the development mailbox.
    Captured(Mailbox),
}

impl Transport {
    /// As configured; captures when there is no server.
    pub fn new(settings: &Mail, mailbox: Mailbox) -> Result<Self, String> {
        let Some(server) = &settings.server else {
            return Ok(Self::Captured(mailbox));
        };
        Ok(Self::Smtp { server: Arc::new(MailServer::new(settings, server)?), from: settings.from.clone() })
    }

    /// Connects as a delivery does (greeting, TLS, login) and sends nothing.
    pub async fn try_connection(&self) -> Result<(), Refusal> {
        match self {
            Self::Captured(_) => Ok(()),
            Self::Smtp { server, .. } => server.try_connection().await,
        }
    }

    /// Sends a letter; returns the server's answer.
    pub async fn send(&self, envelope: &Envelope<'_>) -> Result<String, Refusal> {
        match self {
            Self::Captured(mailbox) => {
                let taken = mailbox.take(Channel::Mail, envelope.id, envelope.to, envelope.letter, envelope.at);
                taken
                    .map(|()| "captured".to_owned())
                    .map_err(|cause| Refusal::unanswered(Stage::Write, cause.to_string()))
            }
            Self::Smtp { server, from } => {
                let to: lettre::Address =
                    envelope.to.parse().map_err(|_| Refusal::unwritable("the recipient is no address"))?;
                let bytes = message(from, &to, envelope).map_err(Refusal::unwritable)?.formatted();
                server.send(&Outgoing { from: &from.email, to: &to, bytes: &bytes }).await
            }
        }
    }

    /// Host and port of the mail server.
    pub fn place(&self) -> String {
        match self {
            Self::Smtp { server, .. } => server.place(),
            Self::Captured(_) => "the mailbox".to_owned(),
        }
    }

    /// Closes connections that had nothing to do for a while, or all of them.
    pub async fn close_idle(&self, all: bool) {
        if let Self::Smtp { server, .. } = self {
            server.close_idle(all).await;
        }
    }
}

/// A header that says the same in every letter.
macro_rules! constant_header {
    ($name:ident, $header:literal, $value:literal) => {
        #[derive(Clone)]
        struct $name;

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($header)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self)
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), $value.to_owned())
            }
        }
    };
}
// Absence notes and other machines do not answer what no person wrote (RFC 3834; the second one is Exchange's).
constant_header!(AutoSubmitted, "Auto-Submitted", "auto-generated");
constant_header!(SuppressAnswers, "X-Auto-Response-Suppress", "All");

fn message(from: &Address, to: &lettre::Address, envelope: &Envelope<'_>) -> Result<lettre::Message, String> {
    let id = format!("<{}@{}>", envelope.id, from.email.domain());
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(envelope.letter.text.clone()))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(envelope.letter.html.clone()));
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .to(Address::new(None, to.clone()))
        .subject(envelope.letter.subject.clone())
        .header(MessageId::from(id))
        .header(AutoSubmitted)
        .header(SuppressAnswers)
        .date(std::time::SystemTime::from(envelope.at.utc()));
    // The support address may also be a page or a number.
    if let Some(support) = envelope.reply_to.and_then(|support| support.parse::<lettre::Address>().ok()) {
        builder = builder.reply_to(Address::new(None, support));
    }
    builder.multipart(parts).map_err(|cause| cause.to_string())
}
