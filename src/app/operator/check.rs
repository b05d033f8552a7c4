//! `vestibule check`: reads the settings and tries what they name. It changes nothing: what it writes it takes back, what
//! is missing it does not make, and no mail is sent.

use super::data_folder;
use crate::platform::command;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::commands;
use crate::platform::config::{self, Config};
use crate::platform::files;
use crate::platform::mail::{Gateway, Mailbox, Transport};
use crate::platform::store::{self, Findings};

/// How long the listener of a running server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Prints what will be used and what is wrong with it. Fails with everything that cannot be used.
pub fn run(config: &Config) -> Result<(), String> {
    describe(config);
    let mut faults = Vec::new();
    let mut warnings = config.warnings.clone();
    let mut tried = |what: &str, outcome: Result<(), String>| match outcome {
        Ok(()) => true,
        Err(cause) => {
            faults.push(if what.is_empty() { cause } else { format!("{what}: {cause}") });
            false
        }
    };
    // The first is held while the second is tried, as a server holds both.
    let public = listener(config.listen, is_our_public);
    tried("VESTIBULE_LISTEN", public.as_ref().map(drop).map_err(Clone::clone));
    if let Some(address) = config.operations.metrics_listen {
        tried("VESTIBULE_METRICS_LISTEN", listener(address, is_our_metrics).map(drop));
    }
    drop(public);
    let found = database(config);
    crate::platform::terminal::say!(
        "migrations    {}",
        found.as_ref().map_or("unknown".to_owned(), |found| said(&found.pending))
    );
    if let Ok(found) = &found {
        warnings.extend(newer(found));
    }
    let is_current = found.as_ref().is_ok_and(|found| found.pending.is_empty());
    if tried("", found.map(drop).map_err(|cause| config.database_fault(cause))) && is_current {
        // Read only where the tables are there.
        match stored(config) {
            Ok(told) => warnings.extend(told),
            Err(cause) => _ = tried("", Err(config.database_fault(cause))),
        }
    }
    tried("VESTIBULE_DATA_DIR", data_folder::refuse_unusable(config));
    tried("mail", mail(config));
    tried("SMS", sms(config));
    if let Some(proxy) = &config.outbound_proxy {
        tried("VESTIBULE_OUTBOUND_PROXY", finish(proxy.try_connection()).flatten());
    }
    if let Some(logo) = &config.brand.logo {
        tried("VESTIBULE_LOGO", crate::access::app::read_logo(logo).map(drop));
    }
    warnings.extend(data_folder::wide(config));
    if let Some(name) = config.unused_proxy {
        warnings.push(format!(
            "{name} is set and not used: identity providers and the SMS gateway are asked directly. Where they are reached \
             only through a proxy, set VESTIBULE_OUTBOUND_PROXY"
        ));
    }
    if let config::SignUp::Open = config.sign_up {
        crate::platform::terminal::say!("sign-up       open to everybody");
    }
    for warning in &warnings {
        crate::platform::terminal::say!("warning       {warning}");
    }
    if faults.is_empty() {
        crate::platform::terminal::say!("Everything can be used.");
        return Ok(());
    }
    Err(format!("{} of these settings cannot be used:\n  - {}", faults.len(), faults.join("\n  - ")))
}

fn describe(config: &Config) {
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    crate::platform::terminal::say!("version       {}", env!("CARGO_PKG_VERSION"));
    crate::platform::terminal::say!("mode          {:?}", config.mode);
    crate::platform::terminal::say!("settings      {}", place(config.file.as_deref(), "the environment alone"));
    crate::platform::terminal::say!("public URL    {}", config.public_url.origin());
    crate::platform::terminal::say!("listen        {}", config.listen);
    let metrics = config.operations.metrics_listen.map(|address| address.to_string());
    crate::platform::terminal::say!("metrics       {}", or_none(metrics.unwrap_or_default()));
    crate::platform::terminal::say!("data folder   {}", place(Some(&config.data_dir), ""));
    match config.database.file() {
        Some(file) => crate::platform::terminal::say!("database      Sqlite, {}", place(Some(file), "")),
        None => crate::platform::terminal::say!("database      {:?}", config.database.engine()),
    }
    let server = config.mail.server.as_ref();
    crate::platform::terminal::say!(
        "mail          {}",
        server.map_or("captured".to_owned(), |server| format!("{server:?}"))
    );
    crate::platform::terminal::say!("sender        {}", config.mail.from);
    crate::platform::terminal::say!(
        "SMS           {}",
        match &config.sms.gateway {
            Some(gateway) => format!("{gateway:?}"),
            None if config.mode == config::Mode::Development => "captured".to_owned(),
            None => "not set up: mobile numbers cannot be verified".to_owned(),
        }
    );
    crate::platform::terminal::say!("secret keys   {}", config.secret_keys.ids().join(", "));
    let proxies: Vec<String> = config.proxies.trusted.iter().map(ToString::to_string).collect();
    crate::platform::terminal::say!("proxies       {}", or_none(proxies.join(", ")));
    if !proxies.is_empty() {
        crate::platform::terminal::say!("header        {}", config.proxies.header_name());
    }
    let outbound = config.outbound_proxy.as_ref();
    crate::platform::terminal::say!(
        "outbound      {}",
        outbound.map_or("directly".to_owned(), |proxy| format!("through {}", proxy.place()))
    );
    let account = config.account.as_ref().map(|account| format!("{}, {}", account.bank, account.number));
    crate::platform::terminal::say!(
        "bank account  {}",
        account.unwrap_or_else(|| "none: people are told to ask how to pay".to_owned())
    );
}

/// A path as it is from wherever one stands.
fn place(path: Option<&Path>, otherwise: &str) -> String {
    let Some(path) = path else { return otherwise.to_owned() };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn said(pending: &[String]) -> String {
    match pending {
        [] => "none pending".to_owned(),
        names => format!("pending, which the start or `vestibule migrate` runs: {}", names.join(", ")),
    }
}

/// Listens. Where our own server listens already, `check` runs beside it.
fn listener(address: SocketAddr, is_ours: fn(SocketAddr) -> bool) -> Result<Option<TcpListener>, String> {
    match TcpListener::bind(address) {
        Ok(listener) => Ok(Some(listener)),
        Err(cause) if cause.kind() == ErrorKind::AddrInUse && is_ours(address) => Ok(None),
        Err(cause) => Err(format!("{address}: {cause}")),
    }
}

/// Whether what listens there answers as Vestibule's public listener does.
fn is_our_public(address: SocketAddr) -> bool {
    ask(address, crate::base::urls::ALIVE)
        .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nok"))
}

/// Whether it answers as Vestibule's metrics listener does.
fn is_our_metrics(address: SocketAddr) -> bool {
    ask(address, "/metrics").is_ok_and(|answer| answer.contains("vestibule_build_info"))
}

fn ask(mut to: SocketAddr, path: &str) -> std::io::Result<String> {
    if to.ip().is_unspecified() {
        to.set_ip(if to.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(256 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}

/// How the database stands, after a write that was taken back.
fn database(config: &Config) -> Result<Findings, String> {
    let target = &config.database;
    if let Some(file) = target.file()
        && !file.exists()
    {
        files::can_be_made(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
        return store::examine(target);
    }
    let found = store::examine(target)?;
    store::try_write(target, &found.pending)?;
    Ok(found)
}

fn newer(found: &Findings) -> Option<String> {
    let versions = found.newer.join(", ");
    (!versions.is_empty())
        .then(|| format!("the database is of a newer version of Vestibule ({versions}); this one can work with it"))
}

/// What the database tells of requests that came with a client address that cannot be believed.
fn stored(config: &Config) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    if store::has_root(&config.database)? {
        if let Some(at) = commands::unknown_proxy(config)? {
            warnings.push(format!(
                "a request came through a proxy that is not configured ({at}): everybody behind it shares its address, and \
                 console access control cannot be turned on. Name it in VESTIBULE_TRUSTED_PROXIES"
            ));
        }
        let proxies = config.proxies.clone();
        let of_proxies = command::read(config, move |tx| {
            Ok::<_, crate::platform::command::refusal::Refusal>(super::store::came_as_a_proxy(tx, &proxies)?)
        })?;
        if let Some((address, at)) = of_proxies {
            let header = config.proxies.header_name();
            warnings.push(format!(
                "a request came with the address of a configured proxy as its client's ({address}, {at}): the proxy sends \
                 no {header}, or names itself there. Set VESTIBULE_FORWARDED_HEADER to the header that it sends"
            ));
        }
    }
    Ok(warnings)
}

/// Connects, greets, encrypts and logs in, as a delivery does, and sends nothing.
fn mail(config: &Config) -> Result<(), String> {
    let transport = Transport::new(&config.mail, Mailbox::default())?;
    let outcome = finish(transport.try_connection())?;
    outcome.map_err(|refusal| format!("{} cannot be used, at stage {refusal}", transport.place()))
}

/// Asks for the account, as far as the gateway tells of it, and sends nothing.
fn sms(config: &Config) -> Result<(), String> {
    let gateway = Gateway::new(config, Mailbox::default())?;
    finish(gateway.try_connection()).flatten().map_err(|cause| format!("{}: {cause}", gateway.place()))
}

/// Waits for one thing.
fn finish<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| cause.to_string())?;
    let outcome = runtime.block_on(work);
    // A name that is still being looked up must not keep the command.
    runtime.shutdown_background();
    Ok(outcome)
}
