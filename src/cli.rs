//! The command line: `vestibule` is `vestibule serve`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterFn, filter_fn};

use crate::app::App;
use crate::audit::commands::{AuditCommand, audit};
use crate::billing::commands::{self as billing, BillingCommand};
use crate::clock::SystemClock;
use crate::config::{self, Config, Source};
use crate::entropy::SystemEntropy;
use crate::mail::Mailbox;
use crate::operator::commands::{self, AccessControlCommand, OrganizationCommand, TwoFactorCommand, UserCommand};
use crate::operator::mail::{self, MailCommand};
use crate::projects::resources::commands::{ResourceCommand, resource};
use crate::rotation::commands::{self as rotation, KeysCommand};
use crate::server;
use crate::store;

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
        /// The file to write; it must not be there.
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
    if let Some(Command::Audit { command }) = &arguments.command
        && let Some(outcome) = command.offline()
    {
        return outcome.map_or_else(|cause| refuse(&cause), |()| ExitCode::SUCCESS);
    }
    let config = match config::load(Source::process()) {
        Ok(config) => config,
        Err(mistakes) => return refuse(&mistakes.to_string()),
    };
    start_log(&config);
    let outcome = match arguments.command {
        None => serve(config, false),
        Some(Command::Serve { no_migrate }) => serve(config, no_migrate),
        Some(Command::Migrate) => migrate(&config),
        Some(Command::Check) => check(&config),
        Some(Command::Backup { path }) => crate::operator::backup::run(&config, &path),
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

fn refuse(cause: &str) -> ExitCode {
    eprintln!("vestibule: {}", cause.trim_end());
    ExitCode::FAILURE
}

fn start_log(config: &Config) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    // A log that is set already belongs to whoever started us.
    let started = if config.log.json {
        log.json().flatten_event(true).with_writer(std::io::stdout).finish().with(libraries()).try_init()
    } else {
        log.with_writer(std::io::stderr).finish().with(libraries()).try_init()
    };
    drop(started);
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
        config::Mode::Development => Mailbox::in_file(config.data_dir.join("mailbox.jsonl")),
        config::Mode::Production => Mailbox::default(),
    };
    App::start(config, Arc::new(SystemClock), Arc::new(SystemEntropy), mailbox)
}

fn serve(config: Config, no_migrate: bool) -> Result<(), String> {
    if no_migrate {
        store::refuse_unfit(&config.database).map_err(|cause| format!("database: {cause}"))?;
    }
    actix_web::rt::System::new().block_on(async {
        let app = wired(config)?;
        server::serve(app).await.map_err(|cause| cause.to_string())
    })
}

fn migrate(config: &Config) -> Result<(), String> {
    let done = store::migrate(&config.database).map_err(|cause| format!("database: {cause}"))?;
    match done.as_slice() {
        [] => println!("The database is up to date."),
        names => println!("Migrated: {}", names.join(", ")),
    }
    Ok(())
}

/// Settings were read before this runs; what is left is to try what they name.
fn check(config: &Config) -> Result<(), String> {
    println!("mode          {:?}", config.mode);
    println!("public URL    {}", config.public_url.origin());
    println!("listen        {}", config.listen);
    println!("database      {:?}", config.database.engine());
    println!(
        "mail          {}",
        config.mail.server.as_ref().map_or("captured".to_owned(), |server| format!("{server:?}"))
    );
    println!(
        "SMS           {}",
        match &config.sms.gateway {
            Some(gateway) => format!("{gateway:?}"),
            None if config.mode == config::Mode::Development => "captured".to_owned(),
            None => "not set up: mobile numbers cannot be verified".to_owned(),
        }
    );
    println!("secret keys   {}", config.secret_keys.ids().join(", "));
    println!(
        "proxies       {}",
        if config.proxies.trusted.is_empty() { "none".to_owned() } else { format!("{:?}", config.proxies.trusted) }
    );
    println!(
        "outbound      {}",
        config.outbound_proxy.as_ref().map_or("directly".to_owned(), |proxy| format!("through {}", proxy.place()))
    );
    if let Some(name) = config.unused_proxy {
        println!(
            "warning       {name} is set and not used: identity providers and the SMS gateway are asked directly."
        );
        println!("              Where they are reached only through a proxy, set VESTIBULE_OUTBOUND_PROXY.");
    }
    let account = config.account.as_ref().map(|account| format!("{}, {}", account.bank, account.number));
    println!("bank account  {}", account.unwrap_or_else(|| "none: people are told to ask how to pay".to_owned()));
    check_database(config)?;
    if let Some(at) = commands::unknown_proxy(config)? {
        println!(
            "warning       a request came through a proxy that is not configured ({at}): everybody behind it shares its"
        );
        println!("              address, and console access control cannot be turned on. Name it in trusted_proxies.");
    }
    if let config::SignUp::Open = config.sign_up {
        println!("sign-up       open to everybody");
    }
    println!("Everything can be used.");
    Ok(())
}

/// Looks at the database as a start does, and changes nothing.
fn check_database(config: &Config) -> Result<(), String> {
    let findings = store::examine(&config.database).map_err(|cause| format!("database: {cause}"))?;
    if !findings.pending.is_empty() {
        println!("migrations    {} will be run by the next start", findings.pending.join(", "));
    }
    if !findings.newer.is_empty() {
        println!("warning       the database is of a newer version ({}); this one can work", findings.newer.join(", "));
        println!("              with it");
    }
    Ok(())
}
