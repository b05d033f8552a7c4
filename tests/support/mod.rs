//! What tests stand on: the application as `main` wires it, with a manual clock, seeded chance and captured mail, on
//! either engine, and people who open pages, fill fields by their labels and press buttons.
//!
//! The manual clock and the seeded entropy live here alone; nothing in the binary can reach them (ASVS 15.2.3).

pub mod bills;
pub mod client;
pub mod database;
pub mod deletion;
pub mod factors;
pub mod gateway;
pub mod page;
pub mod people;
pub mod people_roles;
pub mod people_tokens;
pub mod plans;
pub mod projects;
pub mod provider;
pub mod signing;
pub mod sink;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use vestibule::access::app::App;
use vestibule::base::clock::Clock;
use vestibule::base::entropy::{Entropy, SystemEntropy};
use vestibule::base::i18n::Language;
use vestibule::base::moment::Moment;
use vestibule::base::public_url::PublicUrl;
use vestibule::features::audit::seal::sealing::Sealer;
use vestibule::platform::config::{
    Audit, BankAccount, Brand, Config, Deletion, Hashing, Limits, Log, Mail, Mode, Operations, Passwords, Proxies,
    Sessions, SignUp, Sms, Term,
};
use vestibule::platform::mail::{Captured, Mailbox};
use vestibule::platform::outbound::Allowances;
use vestibule::platform::secrets::Keyring;

pub use people::Person;

/// A clock that stands still until a test moves it.
#[derive(Clone, Debug)]
pub struct ManualClock {
    moment: Arc<Mutex<DateTime<Utc>>>,
    asked: Arc<AtomicU64>,
    /// Whoever else lives by this clock.
    pub followers: Followers,
}

/// Who is told the moment whenever a clock moves.
#[derive(Clone, Default)]
pub struct Followers(pub Arc<Mutex<Vec<Follower>>>);

/// One of them.
pub type Follower = Box<dyn Fn(Moment) + Send>;

impl std::fmt::Debug for Followers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Followers(…)")
    }
}

impl ManualClock {
    fn new() -> Self {
        let start = DateTime::parse_from_rfc3339("2026-11-22T09:00:00Z").unwrap().to_utc();
        Self { moment: Arc::new(Mutex::new(start)), asked: Arc::default(), followers: Followers::default() }
    }

    /// How often it was looked at: the store does so for each piece of work.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Lets time pass.
    pub fn advance(&self, span: Duration) {
        let now = {
            let mut moment = self.moment.lock().unwrap();
            *moment += span;
            Moment::new(*moment)
        };
        self.followers.0.lock().unwrap().iter().for_each(|follower| follower(now));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Moment::new(*self.moment.lock().unwrap())
    }
}

/// Chance that comes out the same every time, different for every draw.
#[derive(Debug)]
pub struct SeededEntropy {
    instance: u64,
    draws: AtomicU64,
}

impl SeededEntropy {
    fn new() -> Self {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        Self { instance: INSTANCES.fetch_add(1, Ordering::Relaxed), draws: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let draw = self.draws.fetch_add(1, Ordering::Relaxed);
            let parts = [b"seed".as_slice(), &self.instance.to_be_bytes(), &draw.to_be_bytes()];
            let digest = vestibule::base::digest::Digest::of(&parts);
            chunk.copy_from_slice(&digest.as_bytes()[..chunk.len()]);
        }
    }
}

/// A running application.
pub struct TestApp {
    pub app: App,
    pub clock: ManualClock,
    pub mailbox: Mailbox,
    pub address: SocketAddr,
    pub database: database::Database,
    runtime: tokio::runtime::Runtime,
}

impl TestApp {
    /// Starts with the settings of development mode.
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts with settings changed.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let database = database::Database::create();
        Self::start_on(database, ManualClock::new(), Mailbox::default(), change)
    }

    /// Starts a second instance over the same database, clock and mailbox.
    pub fn beside(&self) -> Self {
        self.beside_with(|_| {})
    }

    /// Starts a second instance with settings changed.
    pub fn beside_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        let both = |config: &mut Config| {
            *config = self.app.config.clone();
            change(config);
        };
        Self::start_on(self.database.share(), self.clock.clone(), self.mailbox.clone(), both)
    }

    fn start_on(
        database: database::Database,
        clock: ManualClock,
        mailbox: Mailbox,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut config = settings(&database);
        change(&mut config);
        let app =
            vestibule::app::start(config, Arc::new(clock.clone()), Arc::new(SeededEntropy::new()), mailbox.clone())
                .unwrap();
        let (told, heard) = std::sync::mpsc::channel();
        let listening = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, address) = vestibule::app::server::listen(&listening, Some(1)).unwrap();
                told.send(address).unwrap();
                server.await.unwrap();
            });
        });
        let address = heard.recv().unwrap();
        Self { app, clock, mailbox, address, database, runtime }
    }

    /// Runs a future of the application to its end.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Delivers what is due; says what became of it.
    pub fn deliver(&self) -> vestibule::app::jobs::delivery::Delivered {
        self.wait(vestibule::app::jobs::delivery::deliver_due(&self.app)).unwrap()
    }

    /// Seals the events that are finished; says how many those were.
    pub fn seal(&self) -> usize {
        self.wait(Sealer::default().seal_due(&self.app.store)).unwrap()
    }

    /// Removes what has expired.
    pub fn clean_up(&self) {
        self.wait(vestibule::app::jobs::clean_up(&self.app)).unwrap();
    }

    /// Delivers, and gives the mails to an address, newest first.
    pub fn mail_to(&self, address: &str) -> Vec<Captured> {
        self.deliver();
        self.mailbox.all().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// Delivers, and gives the path of the newest link to an address whose mail has `subject` in its subject.
    pub fn link_to(&self, address: &str, subject: &str) -> String {
        let mails = self.mail_to(address);
        let mail = mails.iter().find(|mail| mail.subject.contains(subject)).unwrap_or_else(|| {
            panic!("no mail about {subject:?} to {address}: {:?}", mails.iter().map(|m| &m.subject).collect::<Vec<_>>())
        });
        let link = mail.links.first().expect("a link in the mail");
        link.strip_prefix(self.app.config.public_url.origin()).expect("a link to the public URL").to_owned()
    }

    /// Somebody with a fresh browser.
    pub fn visitor(&self) -> Person<'_> {
        Person::new(self)
    }
}

/// The settings of tests: development mode, hashes that cost nothing, a proxy on loopback that names the client.
pub fn settings(database: &database::Database) -> Config {
    Config {
        mode: Mode::Development,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: PublicUrl::parse("http://localhost:8080").unwrap(),
        data_dir: PathBuf::from("."),
        database: database.target(),
        database_sizes: vestibule::platform::store::Sizes {
            deadline: std::time::Duration::from_secs(20),
            ..Default::default()
        },
        secret_keys: Keyring::parse(&Keyring::generate(&SystemEntropy)).unwrap(),
        mail: Mail {
            server: None,
            from: "Vestibule <vestibule@example.org>".parse().unwrap(),
            hello: "vestibule.example.org".into(),
            ca_file: None,
            parallel: 4,
            timeout_seconds: 5,
        },
        sms: Sms { gateway: None, countries: Vec::new(), parallel: 4, timeout_seconds: 5 },
        outbound: Allowances::default(),
        outbound_proxy: None,
        unused_proxy: None,
        proxies: Proxies { trusted: vec!["127.0.0.0/8".parse().unwrap()], header: "x-forwarded-for".into() },
        brand: Brand { product: "Vestibule".into(), logo: None, support: Some("help@example.org".into()) },
        account: Some(BankAccount {
            bank: "Hanbit Bank".into(),
            holder: "Vestibule Inc.".into(),
            number: "110-123-456789".into(),
        }),
        default_language: Language::English,
        default_country: "KR".into(),
        sign_up: SignUp::Open,
        terms: Term::examples(),
        passwords: Passwords { minimum: 12, strength: 3 },
        hashing: Hashing { memory_kib: 64, passes: 1, lanes: 1, threads: 2, queue: 64 },
        sessions: Sessions { idle_minutes: 30, absolute_hours: 12, fresh_minutes: 10 },
        limits: Limits {
            wrong_passwords: 5,
            lock_minutes: 15,
            lock_hours_longest: 24,
            network_wrong_passwords: 60,
            wide_network_wrong_passwords: 240,
            network_minutes: 15,
            new_passwords: 20,
            sign_ups: 30,
            reset_mails: 3,
            organizations_mails: 3,
            invitation_mails: 3,
            invitation_mails_of_address: 10,
            organization_invitations: 1000,
            invitation_days: 7,
            reset_minutes: 30,
            code_minutes: 5,
            code_tries: 5,
            code_sends: 5,
            code_send_minutes: 15,
            wrong_codes: 20,
            sms_number: 10,
            sms_network: 100,
            sms_organization: 1000,
            sms_installation: 5000,
            sign_up_mails: 3,
            projects: 30,
        },
        audit: Audit { days: 400 },
        deletion: Deletion { days: 7, name_days: 90 },
        operations: Operations { drain_seconds: 0, metrics_listen: None, hsts_subdomains: false },
        log: Log { json: false, filter: "off".into() },
        file: None,
        warnings: Vec::new(),
    }
}
