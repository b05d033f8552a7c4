//! The wiring: everything a request or a job needs, made once by [`App::start`]. Tests start what `main` starts, with
//! their own clock, entropy and mailbox.

use std::sync::Arc;

use actix_web::cookie::Key;
use actix_web::{HttpRequest, web};

use crate::access::site::Site;
use crate::access::told::{SparseLog, Told};
use crate::access::{Hasher, Paces};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::platform::background::Background;
use crate::platform::config::Config;
use crate::platform::mail::{Deliveries, Gateway, Mailbox, Transport};
use crate::platform::metrics::Metrics;
use crate::platform::oidc::Keys;
use crate::platform::outbound::Outbound;
use crate::platform::secrets::Keyring;
use crate::platform::store::Target;
use crate::platform::store::{self, Store};

/// The wired application. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct App {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What [`App`] shares.
pub struct Inner {
    /// All settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Password hashing.
    pub hasher: Hasher,
    /// What networks may ask for in a minute.
    pub paces: Paces,
    /// How mail leaves.
    pub transport: Transport,
    /// How SMS leave.
    pub gateway: Gateway,
    /// How addresses that organizations supply are asked.
    pub outbound: Outbound,
    /// Keys of identity providers.
    pub provider_keys: Keys,
    /// Captured mail and SMS, in development mode.
    pub mailbox: Mailbox,
    /// The operator's logo, with its content type.
    pub logo: Option<(&'static str, web::Bytes)>,
    /// Signs cookies.
    pub cookie_key: Key,
    /// How the jobs go, and whether the server is about to stop.
    pub background: Background,
    /// What became of deliveries.
    pub deliveries: Deliveries,
    /// What requests are counted in.
    pub metrics: Metrics,
    /// Which refusals the log was told of lately.
    pub told: Told,
    /// The routes and the menu.
    pub site: Site,
    /// Keeps a flood of requests that are too many out of the log.
    pub busy_log: SparseLog,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

/// What else is done to a database before anything runs on it; the last argument names the migrations of this start.
pub type Prepare = fn(&Target, &Keyring, &dyn Clock, &dyn Entropy, &[String]) -> Result<(), String>;

impl App {
    /// Migrates the database, prepares it and starts threads. Listening and jobs are the server's.
    pub fn start(
        config: Config,
        site: Site,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        mailbox: Mailbox,
        prepare: Prepare,
    ) -> Result<Self, String> {
        let migrated = store::migrate(&config.database).map_err(|cause| config.database_fault(cause))?;
        for name in &migrated {
            tracing::info!(name, "migrated");
        }
        let hasher = Hasher::start(&config.hashing, entropy.as_ref())?;
        let background = Background::new(clock.now());
        let keys = store::rooted(&config.database, &config.secret_keys, clock.as_ref(), entropy.as_ref())?;
        prepare(&config.database, &keys, clock.as_ref(), entropy.as_ref(), &migrated)?;
        let cookie_key = Key::from(&keys.derive("cookies"));
        let store = Store::start(&config.database, config.database_sizes, clock, entropy, keys)
            .map_err(|cause| cause.to_string())?;
        let transport = Transport::new(&config.mail, mailbox.clone())?;
        let gateway = Gateway::new(&config, mailbox.clone())?;
        let outbound = Outbound::new(config.outbound.clone()).through(config.outbound_proxy.clone());
        let logo = config.brand.logo.as_deref().map(read_logo).transpose()?;
        let provider_keys = Keys::default();
        let metrics = Metrics::new(site.routes.iter().map(|line| (line.method.as_str(), line.path)));
        let inner = Inner {
            config,
            store,
            hasher,
            paces: Paces::default(),
            transport,
            gateway,
            outbound,
            provider_keys,
            mailbox,
            logo,
            cookie_key,
            background,
            deliveries: Deliveries::default(),
            metrics,
            told: Told::default(),
            site,
            busy_log: SparseLog::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The application behind a request.
    pub fn of(request: &HttpRequest) -> &Self {
        Self::handle(request)
    }

    /// The same as the handle of the thread that answers: who keeps a copy counts in no number that threads share.
    pub fn handle(request: &HttpRequest) -> &web::Data<Self> {
        match request.app_data::<web::Data<Self>>() {
            Some(app) => app,
            // `server::service` puts it there for every request.
            None => panic!("a request without its application"),
        }
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.store.clock()
    }

    /// Chance.
    pub fn entropy(&self) -> &dyn Entropy {
        self.store.entropy()
    }
}

/// A logo file with its content type.
pub(crate) fn read_logo(path: &std::path::Path) -> Result<(&'static str, web::Bytes), String> {
    let kind = match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => return Err(format!("{}: the logo must be an .svg or .png file", path.display())),
    };
    let bytes = std::fs::read(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    Ok((kind, bytes.into()))
}
