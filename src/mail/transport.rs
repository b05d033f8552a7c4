//! How a letter leaves: to a mail server by SMTP, or into the development mailbox.

use std::time::Duration;

use lettre::message::header::{ContentType, MessageId};
use lettre::message::{Mailbox as Address, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Channel, Letter, Mailbox};
use crate::config::{Encryption, Mail};
use crate::store::types::Moment;

/// A letter with its recipient and identity.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// Left part of the Message-ID: the same at every attempt.
    pub id: &'a str,
    /// Recipient.
    pub to: &'a str,
    /// The letter.
    pub letter: &'a Letter,
    /// Now.
    pub at: Moment,
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// This letter will never be taken: the address or the letter is refused.
    #[error("{0}")]
    Forever(String),
    /// Not now: the server is away, slow, or refuses us and not the letter.
    #[error("{0}")]
    ForNow(String),
}

/// How letters leave.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp {
        /// The connection pool.
        server: Box<AsyncSmtpTransport<Tokio1Executor>>,
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
        let mut parameters = TlsParameters::builder(server.host.clone());
        if let Some(file) = &settings.ca_file {
            let pem = std::fs::read(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
            let authority = Certificate::from_pem(&pem).map_err(|cause| format!("{}: {cause}", file.display()))?;
            parameters = parameters.add_root_certificate(authority);
        }
        let parameters = parameters.build().map_err(|cause| cause.to_string())?;
        let tls = match server.encryption {
            Encryption::Implicit => Tls::Wrapper(parameters),
            Encryption::StartTls => Tls::Required(parameters),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.clone())
            .port(server.port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(settings.timeout_seconds)))
            .pool_config(PoolConfig::new().max_size(u32::try_from(settings.parallel).unwrap_or(4)));
        if let Some((user, password)) = &server.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self::Smtp { server: Box::new(builder.build()), from: settings.from.clone() })
    }

    /// Sends a letter; returns the server's answer.
    pub async fn send(&self, envelope: &Envelope<'_>) -> Result<String, Refusal> {
        match self {
            Self::Captured(mailbox) => {
                let taken = mailbox.take(Channel::Mail, envelope.id, envelope.to, envelope.letter, envelope.at);
                taken.map(|()| "captured".to_owned()).map_err(|cause| Refusal::ForNow(cause.to_string()))
            }
            Self::Smtp { server, from } => {
                let message = message(from, envelope).map_err(Refusal::Forever)?;
                match server.send(message).await {
                    Ok(answer) => Ok(format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "))),
                    Err(error) => Err(refusal(&error)),
                }
            }
        }
    }
}

fn message(from: &Address, envelope: &Envelope<'_>) -> Result<lettre::Message, String> {
    let to: lettre::Address = envelope.to.parse().map_err(|cause| format!("{cause}"))?;
    let id = format!("<{}@{}>", envelope.id, from.email.domain());
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(envelope.letter.text.clone()))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(envelope.letter.html.clone()));
    lettre::Message::builder()
        .from(from.clone())
        .to(Address::new(None, to))
        .subject(envelope.letter.subject.clone())
        .header(MessageId::from(id))
        .date(std::time::SystemTime::from(envelope.at.utc()))
        .multipart(parts)
        .map_err(|cause| cause.to_string())
}

/// Only an answer about the recipient or the letter ends its delivery; everything else may pass.
fn refusal(error: &lettre::transport::smtp::Error) -> Refusal {
    let words = crate::failure::chain(error);
    match error.status().map(u16::from) {
        Some(550..=554) if error.is_permanent() => Refusal::Forever(words),
        _ => Refusal::ForNow(words),
    }
}
