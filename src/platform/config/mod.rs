//! Settings, parsed once at start from the environment and an optional file; all mistakes are reported together.

mod account;
mod mail;
mod mode;
mod numbers;
mod reader;
mod settings;
mod sms;
mod whole;

pub use crate::base::public_url::PublicUrl;
pub use account::BankAccount;
pub use mode::Mode;
pub use reader::{Described, Mistakes, Source};
pub use settings::{KeyFile, describe, is_public_host, load, load_for};
pub use sms::{Sms, Twilio};

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use crate::base::i18n::Language;
use crate::platform::outbound::{Allowances, Proxy};
use crate::platform::secrets::Keyring;
use crate::platform::store::{Sizes, Target};

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Development or production.
    pub mode: Mode,
    /// Where to listen.
    pub listen: SocketAddr,
    /// What links in mails and redirects begin with; never taken from a request.
    pub public_url: PublicUrl,
    /// Where the development database, key and mailbox live.
    pub data_dir: PathBuf,
    /// The database.
    pub database: Target,
    /// Threads, queue and deadline of the database.
    pub database_sizes: Sizes,
    /// The keys that seal secrets at rest.
    pub secret_keys: Keyring,
    /// Mail: server and sender.
    pub mail: Mail,
    /// SMS: gateway and sender.
    pub sms: Sms,
    /// What addresses that organizations supply may reach beyond https and the public internet.
    pub outbound: Allowances,
    /// By which the public internet is asked: identity providers and the SMS gateway.
    pub outbound_proxy: Option<Proxy>,
    /// A variable of the environment that names a proxy for other programs, where none is set here.
    pub unused_proxy: Option<&'static str>,
    /// Which peers' forwarding header counts, and which header it is.
    pub proxies: Proxies,
    /// Product name, logo and support address.
    pub brand: Brand,
    /// Where bills are paid to; without it people are told to ask.
    pub account: Option<BankAccount>,
    /// The language of people who have not chosen and whose browser asks for neither.
    pub default_language: Language,
    /// ISO 3166-1 alpha-2; preselected at sign-up.
    pub default_country: String,
    /// Who may sign up.
    pub sign_up: SignUp,
    /// Terms of agreement at sign-up.
    pub terms: Vec<Term>,
    /// Password rules.
    pub passwords: Passwords,
    /// Hash parameters and queue.
    pub hashing: Hashing,
    /// Session limits.
    pub sessions: Sessions,
    /// Throttles and locks.
    pub limits: Limits,
    /// The audit log.
    pub audit: Audit,
    /// Deletion of organizations.
    pub deletion: Deletion,
    /// What the operator's machinery needs.
    pub operations: Operations,
    /// Log format and level.
    pub log: Log,
    /// The file that settings came from, if there was one.
    pub file: Option<PathBuf>,
    /// What is not wrong and yet seldom meant, for the log and `vestibule check`.
    pub warnings: Vec<String>,
}

/// The SQLite file in the data folder, where DATABASE_URL names no database.
const DATABASE_FILE: &str = "vestibule.db";

impl Config {
    /// What is wrong with the database, with the setting that names it.
    pub fn database_fault(&self, cause: impl std::fmt::Display) -> String {
        let is_preset = self.database.file() == Some(&self.data_dir.join(DATABASE_FILE));
        let setting = if is_preset { "VESTIBULE_DATA_DIR" } else { "DATABASE_URL" };
        format!("database: {} (named by {setting})", cause.to_string().trim_end())
    }
}

/// Mail settings.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server; `None` captures mail (development only).
    pub server: Option<SmtpServer>,
    /// The sender.
    pub from: lettre::message::Mailbox,
    /// What we call ourselves to the mail server (EHLO): a host name or an address.
    pub hello: String,
    /// A file of additional certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// Mails sent at a time.
    pub parallel: usize,
    /// Seconds before one delivery is given up and tried later.
    pub timeout_seconds: u64,
}

/// An SMTP server with its way of encryption said explicitly.
#[derive(Clone)]
pub struct SmtpServer {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// User name and password.
    pub login: Option<(String, String)>,
}

impl std::fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpServer({}:{}, {:?})", self.host, self.port, self.encryption)
    }
}

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (`smtps://`).
    Implicit,
    /// STARTTLS, required (`smtp://…?tls=required`, the preset of `smtp://`).
    StartTls,
    /// None at all (`smtp://…?tls=none`); refused beyond loopback unless said twice.
    None,
}

/// Proxies whose forwarding header counts.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Networks of configured proxies.
    pub trusted: Vec<IpNet>,
    /// Lower-case name of the one header that is read.
    pub header: String,
}

impl Proxies {
    /// The header as it is written.
    pub fn header_name(&self) -> &'static str {
        match self.header.as_str() {
            "forwarded" => "Forwarded",
            "x-real-ip" => "X-Real-IP",
            "cf-connecting-ip" => "CF-Connecting-IP",
            "true-client-ip" => "True-Client-IP",
            _ => "X-Forwarded-For",
        }
    }

    /// Whether `peer` is a configured proxy.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&peer))
    }
}

/// What pages and mails show of the operator.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Product name.
    pub product: String,
    /// A file with the logo (SVG or PNG); the built-in mark when absent.
    pub logo: Option<PathBuf>,
    /// Where people turn for help.
    pub support: Option<String>,
}

/// Who may sign up.
#[derive(Clone, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    Open,
    /// Whoever knows one of these codes.
    Codes(Vec<String>),
    /// Nobody.
    Closed,
}

impl std::fmt::Debug for SignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Codes(_) => "Codes(…)",
            Self::Closed => "Closed",
        })
    }
}

/// Terms to agree to at sign-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Stable id, stored with the consent.
    pub id: String,
    /// Version, stored with the consent.
    pub version: String,
    /// Whether sign-up needs it.
    pub required: bool,
    /// Title in English and Korean.
    pub title: [String; 2],
    /// Text in English and Korean.
    pub text: [String; 2],
}

impl Term {
    /// The title in `language`.
    pub fn title(&self, language: Language) -> &str {
        &self.title[language as usize]
    }

    /// The text in `language`.
    pub fn text(&self, language: Language) -> &str {
        &self.text[language as usize]
    }
}

/// Password rules (docs/rules.md section 5).
#[derive(Clone, Copy, Debug)]
pub struct Passwords {
    /// Fewest characters.
    pub minimum: usize,
    /// Lowest score of the strength estimator, 2 to 4.
    pub strength: u8,
}

/// Argon2id parameters and the bounded queue before it.
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Threads, each with one work buffer.
    pub threads: usize,
    /// Hashes that may wait; past that 503.
    pub queue: usize,
}

/// Session limits.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// Minutes without use after which a session ends.
    pub idle_minutes: i64,
    /// Hours after login after which a session ends.
    pub absolute_hours: i64,
    /// Minutes for which a login counts as fresh.
    pub fresh_minutes: i64,
}

/// Throttles, locks (docs/rules.md section 6) and how many there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wrong passwords in a row that lock an account.
    pub wrong_passwords: i64,
    /// Minutes of the first lock; each further lock doubles it.
    pub lock_minutes: i64,
    /// Hours that no lock exceeds.
    pub lock_hours_longest: i64,
    /// Wrong passwords from one network within the window that pause its unknown browsers.
    pub network_wrong_passwords: i64,
    /// The same from one IPv6 /48.
    pub wide_network_wrong_passwords: i64,
    /// Minutes of that window, and of the pause.
    pub network_minutes: i64,
    /// New passwords of one user that are compared with the former ones, an hour.
    pub new_passwords: i64,
    /// Completed sign-ups an hour and network.
    pub sign_ups: i64,
    /// Password reset mails an hour, account and network; four times as many over all.
    pub reset_mails: i64,
    /// "My organizations" mails a day, address and network; four times as many over all.
    pub organizations_mails: i64,
    /// Invitation mails a day, organization and address.
    pub invitation_mails: i64,
    /// Invitation mails a day and address over all organizations.
    pub invitation_mails_of_address: i64,
    /// Invitation mails a day and organization.
    pub organization_invitations: i64,
    /// Days for which an invitation works.
    pub invitation_days: i64,
    /// Minutes for which a password reset works.
    pub reset_minutes: i64,
    /// Minutes for which a code that was sent works.
    pub code_minutes: i64,
    /// Wrong tries that one code takes.
    pub code_tries: i64,
    /// Codes sent to one account within the window.
    pub code_sends: i64,
    /// Minutes of that window.
    pub code_send_minutes: i64,
    /// Wrong codes a day and account, of whatever kind.
    pub wrong_codes: i64,
    /// SMS a day and number.
    pub sms_number: i64,
    /// SMS a day and network that asks for them.
    pub sms_network: i64,
    /// SMS a day and organization.
    pub sms_organization: i64,
    /// SMS a day over all.
    pub sms_installation: i64,
    /// New mails a sign-up may ask for before its owner registers a password.
    pub sign_up_mails: i32,
    /// Projects of an organization.
    pub projects: i64,
}

/// The audit log.
#[derive(Clone, Copy, Debug)]
pub struct Audit {
    /// Days for which events are kept.
    pub days: i64,
}

/// Deletion of organizations (docs/rules.md section 12).
#[derive(Clone, Copy, Debug)]
pub struct Deletion {
    /// Days from the request to the erasure.
    pub days: i64,
    /// Days after the erasure for which nobody can have the name.
    pub name_days: i64,
}

/// What the operator's machinery needs: load balancers and metrics.
#[derive(Clone, Copy, Debug)]
pub struct Operations {
    /// Seconds for which the server answers on after it was told to stop, so that load balancers see it.
    pub drain_seconds: u64,
    /// Where metrics are told; nowhere unless set.
    pub metrics_listen: Option<SocketAddr>,
    /// Whether browsers are told to use https for every host below the public one, too.
    pub hsts_subdomains: bool,
}

/// Log output.
#[derive(Clone, Debug)]
pub struct Log {
    /// JSON lines instead of text.
    pub json: bool,
    /// Filter in the `tracing` form, for example `info,vestibule=debug`.
    pub filter: String,
}
