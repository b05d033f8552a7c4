//! The conversation with the mail server, command by command through the mail library, so that of every refusal the
//! stage is known. Connections are kept between messages of one delivery and closed while nothing is to be sent.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail as MailFrom, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter, ServerInfo};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::error::Elapsed;
use tokio_native_tls::{TlsConnector, native_tls};

use super::refusal::{Refusal, Stage};
use super::wire::Wire;
use crate::base::cause::chain;
use crate::platform::config::{Encryption, Mail, SmtpServer};

/// How long a connection is kept without a message to send.
const KEPT: Duration = Duration::from_secs(60);
/// How long a server is given to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// Challenges of one login that are answered.
const CHALLENGES: usize = 4;

/// The configured mail server.
#[derive(Debug)]
pub struct MailServer {
    settings: SmtpServer,
    tls: TlsConnector,
    hello: ClientId,
    limit: Duration,
    idle: Mutex<Vec<Idle>>,
}

/// A connection on which the next message can be sent.
struct Idle {
    connection: AsyncSmtpConnection,
    features: ServerInfo,
    since: Instant,
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Idle(…)")
    }
}

/// A message on its way: the envelope and the bytes.
pub(super) struct Outgoing<'a> {
    pub(super) from: &'a Address,
    pub(super) to: &'a Address,
    pub(super) bytes: &'a [u8],
}

impl MailServer {
    /// As configured. Fails where the file of certificate authorities cannot be used.
    pub fn new(settings: &Mail, server: &SmtpServer) -> Result<Self, String> {
        let mut tls = native_tls::TlsConnector::builder();
        tls.min_protocol_version(Some(native_tls::Protocol::Tlsv12));
        if let Some(file) = &settings.ca_file {
            let pem = std::fs::read(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
            let authority = native_tls::Certificate::from_pem(&pem);
            tls.add_root_certificate(authority.map_err(|cause| format!("{}: {cause}", file.display()))?);
        }
        let tls = tls.build().map_err(|cause| chain(&cause))?;
        let hello = match settings.hello.parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(settings.hello.clone()),
        };
        let limit = Duration::from_secs(settings.timeout_seconds);
        Ok(Self { settings: server.clone(), tls: tls.into(), hello, limit, idle: Mutex::default() })
    }

    /// Host and port.
    pub fn place(&self) -> String {
        let (host, port) = (&self.settings.host, self.settings.port);
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Sends a message within the time that a delivery may take; returns the server's answer.
    pub(super) async fn send(&self, message: &Outgoing<'_>) -> Result<String, Refusal> {
        let mut stage = Stage::Connect;
        let outcome = tokio::time::timeout(self.limit, self.deliver(&mut stage, message)).await;
        let answer = self.within(stage, outcome)?;
        Ok(format!("{} {}", answer.code(), joined(&answer)))
    }

    /// Connects as for a message, within the same time, and says goodbye.
    pub(super) async fn try_connection(&self) -> Result<(), Refusal> {
        let mut stage = Stage::Connect;
        let outcome = tokio::time::timeout(self.limit, self.connect(&mut stage)).await;
        let (mut connection, _) = self.within(stage, outcome)?;
        drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
        Ok(())
    }

    fn within<T>(&self, stage: Stage, outcome: Result<Result<T, Trouble>, Elapsed>) -> Result<T, Refusal> {
        match outcome {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Trouble::Refused(refusal))) => Err(refusal),
            Ok(Err(Trouble::Failed(words))) => Err(Refusal::unanswered(stage, words)),
            Err(_) => Err(Refusal::unanswered(stage, format!("no answer within {} seconds", self.limit.as_secs()))),
        }
    }

    /// Closes connections that had nothing to do for a while, or all of them.
    pub async fn close_idle(&self, all: bool) {
        let old: Vec<Idle> = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.extract_if(.., |kept| all || kept.since.elapsed() > KEPT).collect()
        };
        let goodbyes = old.into_iter().map(|mut kept| async move {
            // The connection ends with or without the server's goodbye.
            drop(tokio::time::timeout(GOODBYE, kept.connection.quit()).await);
        });
        futures_util::future::join_all(goodbyes).await;
    }

    async fn deliver(&self, stage: &mut Stage, message: &Outgoing<'_>) -> Result<Response, Trouble> {
        let (mut connection, features) = self.connection(stage).await?;
        let outcome = hand_over(&mut connection, &features, stage, message).await;
        // After an answer the connection can be used again, unless the server says that it closes it.
        let usable = match &outcome {
            Ok(_) => true,
            Err(Trouble::Refused(refusal)) => refusal.code.is_some_and(|code| code != 421),
            Err(Trouble::Failed(_)) => false,
        };
        if usable {
            let kept = Idle { connection, features, since: Instant::now() };
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        }
        outcome
    }

    /// A kept connection that still works, or a new one.
    async fn connection(&self, stage: &mut Stage) -> Result<(AsyncSmtpConnection, ServerInfo), Trouble> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut kept) = kept else { break };
            if kept.since.elapsed() <= KEPT && kept.connection.command(Rset).await.is_ok() {
                return Ok((kept.connection, kept.features));
            }
        }
        self.connect(stage).await
    }

    async fn connect(&self, stage: &mut Stage) -> Result<(AsyncSmtpConnection, ServerInfo), Trouble> {
        *stage = Stage::Connect;
        let SmtpServer { host, port, encryption, .. } = &self.settings;
        let wire = Wire::new(TcpStream::connect((host.as_str(), *port)).await?)?;
        if *encryption == Encryption::Implicit {
            *stage = Stage::Tls;
            wire.encrypt(&self.tls, host).await?;
        }
        *stage = Stage::Greeting;
        let mut greet = pin!(AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &self.hello));
        // One call waits for the greeting and says EHLO; as soon as we have spoken it is about the latter.
        let greeted = poll_fn(|context| {
            let greeted = greet.as_mut().poll(context);
            if wire.spoke() {
                *stage = Stage::Hello;
            }
            greeted
        });
        let greeted = greeted.await;
        let mut connection = greeted.map_err(|error| trouble(*stage, &error))?;
        let mut features = connection.server_info().clone();
        if *encryption == Encryption::StartTls {
            features = self.start_tls(&mut connection, &features, &wire, stage).await?;
        }
        if let Some((user, password)) = &self.settings.login {
            *stage = Stage::Auth;
            let credentials = Credentials::new(user.clone(), password.clone());
            log_in(&mut connection, &features, credentials).await?;
        }
        Ok((connection, features))
    }

    async fn start_tls(
        &self,
        connection: &mut AsyncSmtpConnection,
        features: &ServerInfo,
        wire: &Wire,
        stage: &mut Stage,
    ) -> Result<ServerInfo, Trouble> {
        *stage = Stage::StartTls;
        if !features.supports_feature(Extension::StartTls) {
            return Err(Trouble::Failed("the server does not offer STARTTLS".to_owned()));
        }
        connection.command(Starttls).await.map_err(|error| trouble(*stage, &error))?;
        *stage = Stage::Tls;
        wire.encrypt(&self.tls, &self.settings.host).await?;
        // What was said before encryption counts no more (RFC 3207 section 4.2).
        *stage = Stage::Hello;
        let answer = connection.command(Ehlo::new(self.hello.clone())).await;
        let answer = answer.map_err(|error| trouble(*stage, &error))?;
        ServerInfo::from_response(&answer).map_err(|error| trouble(*stage, &error))
    }
}

/// Why a conversation ended: an answer, or no answer.
enum Trouble {
    Refused(Refusal),
    Failed(String),
}

impl From<std::io::Error> for Trouble {
    fn from(cause: std::io::Error) -> Self {
        Self::Failed(cause.to_string())
    }
}

fn trouble(stage: Stage, error: &Error) -> Trouble {
    let words = std::error::Error::source(error).map_or_else(|| error.to_string(), chain);
    match error.status() {
        Some(code) => Trouble::Refused(Refusal::answered(stage, code.into(), &words)),
        None => Trouble::Failed(words),
    }
}

fn joined(answer: &Response) -> String {
    answer.message().collect::<Vec<_>>().join(" ")
}

async fn log_in(
    connection: &mut AsyncSmtpConnection,
    features: &ServerInfo,
    credentials: Credentials,
) -> Result<(), Trouble> {
    let failed = |error: &Error| trouble(Stage::Auth, error);
    let Some(mechanism) = features.get_auth_mechanism(DEFAULT_MECHANISMS) else {
        return Err(Trouble::Failed("the server offers no way to log in that is known here (PLAIN, LOGIN)".to_owned()));
    };
    let begin = Auth::new(mechanism, credentials.clone(), None).map_err(|error| failed(&error))?;
    let mut answer = connection.command(begin).await.map_err(|error| failed(&error))?;
    for _ in 0..CHALLENGES {
        if !answer.has_code(334) {
            return Ok(());
        }
        let next = Auth::new_from_response(mechanism, credentials.clone(), &answer).map_err(|error| failed(&error))?;
        answer = connection.command(next).await.map_err(|error| failed(&error))?;
    }
    Err(Trouble::Failed("the login does not end".to_owned()))
}

/// Names sender and recipient and sends the message.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    features: &ServerInfo,
    stage: &mut Stage,
    message: &Outgoing<'_>,
) -> Result<Response, Trouble> {
    *stage = Stage::Mail;
    let mut parameters = Vec::new();
    if !message.bytes.is_ascii() {
        if !features.supports_feature(Extension::EightBitMime) {
            return Err(Trouble::Failed("the server takes no message beyond ASCII (8BITMIME)".to_owned()));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = MailFrom::new(Some(message.from.clone()), parameters);
    connection.command(from).await.map_err(|error| trouble(*stage, &error))?;
    *stage = Stage::Rcpt;
    let to = Rcpt::new(message.to.clone(), Vec::new());
    connection.command(to).await.map_err(|error| trouble(*stage, &error))?;
    *stage = Stage::Data;
    connection.command(Data).await.map_err(|error| trouble(*stage, &error))?;
    *stage = Stage::Content;
    connection.message(message.bytes).await.map_err(|error| trouble(*stage, &error))
}
