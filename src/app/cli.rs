//! The command line: `vestibule` is `vestibule serve`.

use crate::app::operator::data_folder;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterFn, filter_fn};

use crate::access::app::App;
use crate::app::operator::commands::{self, AccessControlCommand, OrganizationCommand, TwoFactorCommand, UserCommand};
use crate::app::operator::mail::{self, MailCommand};
use crate::app::server;
use crate::base::clock::SystemClock;
use crate::base::entropy::SystemEntropy;
use crate::features::audit::commands::{AuditCommand, audit};
use crate::features::billing::commands as billing;
use crate::features::billing::commands::BillingCommand;
use crate::features::projects::resources::commands::{ResourceCommand, resource};
use crate::features::rotation::commands as rotation;
use crate::features::rotation::commands::KeysCommand;
use crate::platform::config::{self, Config, KeyFile, Source};
use crate::platform::mail::Mailbox;
use crate::platform::{files, store};

/// The front door of a multi-tenant product.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `vestibule` alone does).
    Serve {
        /// Leave the database's tables as they are; refuse to start where some are missing.
        #[arg(long)]
        no_migrate: bool,
    },
    /// Bring the database up to this version.
    Migrate,
    /// Read the configuration and try what it names: prints every mistake, or what will be used.
    Check,
    /// Copy the SQLite database while the server runs.
    Backup {
        /// The file to write, which must not be there; - is standard output.
        path: std::path::PathBuf,
    },
    /// The keys that seal secrets at rest.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Mail and SMS.
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Organizations.
    Organization {
        #[command(subcommand)]
        command: OrganizationCommand,
    },
    /// Users.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Two-factor authentication.
    TwoFactor {
        #[command(subcommand)]
        command: TwoFactorCommand,
    },
    /// Console access control.
    AccessControl {
        #[command(subcommand)]
        command: AccessControlCommand,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Bills.
    Billing {
        #[command(subcommand)]
        command: BillingCommand,
    },
    /// Resources that your systems keep in projects.
    Resource {
        #[command(subcommand)]
        command: ResourceCommand,
    },
}

/// Only the server makes the development key, and only commands that open nothing do without.
fn key_file(command: Option<&Command>) -> KeyFile {
    match command {
        None | Some(Command::Serve { .. }) => KeyFile::Create,
        Some(Command::Check) => KeyFile::Try,
        Some(Command::Migrate | Command::Mail { command: MailCommand::Test { .. } }) => KeyFile::Spare,
        Some(_) => KeyFile::Need,
    }
}

/// Every command as it is typed, for the documentation.
pub fn command_names() -> Vec<String> {
    fn gather(command: &clap::Command, before: &str, names: &mut Vec<String>) {
        for inner in command.get_subcommands() {
            let name = format!("{before} {}", inner.get_name());
            match inner.has_subcommands() {
                true => gather(inner, &name, names),
                false => names.push(name),
            }
        }
    }
    let mut names = Vec::new();
    gather(&Arguments::command(), "vestibule", &mut names);
    names
}

/// Runs the command of the process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    files::keep_to_owner();
    if let Some(Command::Audit { command }) = &arguments.command
        && let Some(outcome) = command.offline()
    {
        return outcome.map_or_else(|cause| refuse(&cause), |()| ExitCode::SUCCESS);
    }
    // Needs no settings, and is how one of them is made.
    if let Some(Command::Keys { command: KeysCommand::Generate }) = &arguments.command {
        rotation::generate();
        return ExitCode::SUCCESS;
    }
    let config = match config::load_for(Source::process(), key_file(arguments.command.as_ref())) {
        Ok(config) => config,
        Err(mistakes) => {
            refuse(&mistakes.to_string());
            return ExitCode::from(MISCONFIGURED);
        }
    };
    start_log(&config);
    let outcome = match arguments.command {
        None => serve(config, false),
        Some(Command::Serve { no_migrate }) => serve(config, no_migrate),
        Some(Command::Migrate) => migrate(&config),
        Some(Command::Check) => crate::app::operator::check::run(&config),
        Some(Command::Backup { path }) => crate::app::operator::backup::run(&config, &path),
        Some(Command::Keys { command }) => rotation::keys(&config, command),
        Some(Command::Mail { command }) => mail::mail(&config, command),
        Some(Command::Organization { command }) => commands::organization(&config, command),
        Some(Command::User { command }) => commands::user(&config, command),
        Some(Command::TwoFactor { command }) => commands::two_factor(&config, command),
        Some(Command::AccessControl { command }) => commands::access_control(&config, command),
        Some(Command::Audit { command }) => audit(&config, command),
        Some(Command::Billing { command }) => billing::run(&config, command),
        Some(Command::Resource { command }) => resource(&config, command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => refuse(&cause),
    }
}

/// What the settings say is wrong stays wrong however often one starts: supervisors are told by a code of its own
/// (`EX_CONFIG` of sysexits).
const MISCONFIGURED: u8 = 78;

fn refuse(cause: &str) -> ExitCode {
    crate::platform::terminal::complain(format_args!("vestibule: {}", cause.trim_end()));
    ExitCode::FAILURE
}

fn start_log(config: &Config) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = without_web_server(&config.log.filter, filter);
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(colours);
    // A log that is set already belongs to whoever started us.
    let started = if config.log.json {
        log.json().flatten_event(true).with_writer(std::io::stdout).finish().with(libraries()).try_init()
    } else {
        log.with_writer(std::io::stderr).finish().with(libraries()).try_init()
    };
    drop(started);
}

/// Garbage on the port is no fault of ours, and the web server's own account of its start says nothing new. Both are told
/// where the filter names `actix`.
fn without_web_server(said: &str, filter: EnvFilter) -> EnvFilter {
    let is_named = said.contains("actix");
    let tells_more = ["info", "debug", "trace"].iter().any(|level| said.contains(level));
    let quiet = [("actix_http=off", !is_named), ("actix_server=warn", !is_named && tells_more)];
    let quiet = quiet.into_iter().filter(|(_, wanted)| *wanted).filter_map(|(quiet, _)| quiet.parse().ok());
    quiet.fold(filter, EnvFilter::add_directive)
}

/// Whatever the filter says, libraries tell no more than at info: below, they write down what they send, and that holds
/// passwords, links and codes (ASVS 16.2.5).
fn libraries() -> FilterFn {
    filter_fn(|told| {
        *told.level() <= Level::INFO || told.target() == "vestibule" || told.target().starts_with("vestibule::")
    })
}

fn wired(config: Config) -> Result<App, String> {
    let mailbox = match config.mode {
        config::Mode::Development => Mailbox::in_file(data_folder::mailbox(&config)),
        config::Mode::Production => Mailbox::default(),
    };
    super::start(config, Arc::new(SystemClock), Arc::new(SystemEntropy), mailbox)
}

fn serve(config: Config, no_migrate: bool) -> Result<(), String> {
    if no_migrate {
        store::refuse_unfit(&config.database).map_err(|cause| config.database_fault(cause))?;
    }
    actix_web::rt::System::new().block_on(async {
        server::ignore_signals().map_err(|cause| cause.to_string())?;
        warn(&config);
        data_folder::refuse_unusable(&config).map_err(|cause| format!("VESTIBULE_DATA_DIR: {cause}"))?;
        let app = wired(config)?;
        server::serve(app).await.map_err(|cause| cause.to_string())
    })
}

/// What is worth a word before any harm.
fn warn(config: &Config) {
    for warning in config.warnings.iter().cloned().chain(data_folder::wide(config)) {
        tracing::warn!("{warning}");
    }
}

fn migrate(config: &Config) -> Result<(), String> {
    let done = store::migrate(&config.database).map_err(|cause| config.database_fault(cause))?;
    match done.as_slice() {
        [] => crate::platform::terminal::say!("The database is up to date."),
        names => crate::platform::terminal::say!("Migrated: {}", names.join(", ")),
    }
    // Who made the tables signs what was in the log before; later it could be a forgery. A new database has none.
    if done.is_empty() || !store::has_root(&config.database)? {
        return Ok(());
    }
    let keys = store::rooted(&config.database, &config.secret_keys, &SystemClock, &SystemEntropy)?;
    crate::features::audit::seal::heads::begin_at(&config.database, &keys, &SystemClock, &SystemEntropy, &done)?;
    Ok(())
}
