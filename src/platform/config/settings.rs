//! Every setting: name, preset, unit, and the rules that hold between them.

pub(super) use super::whole::{boolean, whole};

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;

use super::reader::Reader;
use super::{
    Brand, Config, DATABASE_FILE, Described, Mistakes, Mode, Operations, Proxies, SignUp, Source, Term, numbers, sms,
};
use crate::base::entropy::SystemEntropy;
use crate::base::i18n::Language;
use crate::base::network::is_loopback;
use crate::base::public_url::PublicUrl;
use crate::platform::files;
use crate::platform::outbound::{Allowances, Proxy};
use crate::platform::secrets::Keyring;
use crate::platform::store::{Sizes, Target};

/// Reads all settings. Creates the development key in the data directory when development mode has none.
pub fn load(source: Source) -> Result<Config, Mistakes> {
    load_for(source, KeyFile::Create)
}

/// Reads all settings for a command that treats the development key so.
pub fn load_for(source: Source, key_file: KeyFile) -> Result<Config, Mistakes> {
    let mut reader = Reader::new(source);
    let config = read(&mut reader, key_file);
    let warnings = reader.finish()?;
    let config = config.map(|config| Config { warnings, ..config });
    config.ok_or_else(|| Mistakes(vec!["the configuration cannot be used".to_owned()]))
}

/// Every setting as the documentation lists it.
pub fn describe() -> Vec<Described> {
    let mut reader = Reader::new(Source::default());
    read(&mut reader, KeyFile::Spare);
    reader.described()
}

/// Whether a host is that of the public URL in the settings of this process: for what is read before all of them are.
pub fn is_public_host(host: &str) -> bool {
    let url = Reader::new(Source::process()).parsed("public_url", "", "", PublicUrl::parse);
    url.map_or_else(|| PublicUrl::is_local(host), |url| url.is_host(host))
}

/// What becomes of the development key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFile {
    /// The server makes it where it is missing.
    Create,
    /// `vestibule check` finds out whether the server can make it where it is missing.
    Try,
    /// A command that opens what the server sealed needs the server's.
    Need,
    /// A command that opens nothing does without.
    Spare,
}

fn read(reader: &mut Reader, key_file: KeyFile) -> Option<Config> {
    let listen = reader
        .parsed("listen", "127.0.0.1:8080", "Address and port to listen on.", address)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let public_url = reader.parsed(
        "public_url",
        "development mode",
        "The URL people open. Setting it turns production mode on.",
        PublicUrl::parse,
    );
    let mode = if public_url.is_some() { Mode::Production } else { Mode::Development };
    let data_dir: PathBuf = reader
        .text("data_dir", "./data", "Where the SQLite file, the development key and mailbox live.")
        .unwrap_or("./data".into())
        .into();
    let database = reader.parsed(
        "database_url",
        "sqlite://<data_dir>/vestibule.db",
        "The database: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full&sslrootcert=FILE.",
        Target::parse,
    );
    let database_sizes = Sizes {
        threads: whole(reader.number("database.threads", 4, [1, 64], "Database threads, each with one connection.")),
        queue: whole(reader.number("database.queue", 256, [1, 10_000], "Database jobs that may wait; past that 503.")),
        deadline: std::time::Duration::from_millis(
            u64::try_from(reader.number(
                "database.deadline_ms",
                5000,
                [100, 60_000],
                "Milliseconds a request waits for the database.",
            ))
            .unwrap_or(5000),
        ),
    };
    let default_database = || Target::of_file(&data_dir.join(DATABASE_FILE));
    let config = Config {
        mode,
        listen,
        // A mistake is noted and refuses the start; the stand-in only lets reading go on to the next one.
        secret_keys: secret_keys(reader, mode, &data_dir, key_file)
            .or_else(|| Keyring::parse(&Keyring::generate(&SystemEntropy)).ok())?,
        mail: super::mail::mail(reader, mode, public_url.as_ref())?,
        public_url: match public_url {
            Some(url) => url,
            None => PublicUrl::parse(&format!("http://localhost:{}", listen.port())).ok()?,
        },
        sms: sms::sms(reader),
        outbound: outbound(reader),
        outbound_proxy: outbound_proxy(reader),
        unused_proxy: unused_proxy(reader),
        database: database.unwrap_or_else(default_database),
        database_sizes,
        data_dir,
        proxies: proxies(reader),
        brand: Brand {
            product: reader
                .text("product_name", "Vestibule", "Product name on pages and in mails.")
                .unwrap_or("Vestibule".into()),
            logo: reader.text("logo", "the built-in mark", "Path of a logo file (SVG or PNG).").map(PathBuf::from),
            support: reader.text("support", "none", "Support address that pages and mails name."),
        },
        account: super::account::read(reader),
        default_language: reader
            .parsed("default_language", "en", "Language where neither person nor browser says: en or ko.", |text| {
                Language::from_word(text).ok_or("must be en or ko".to_owned())
            })
            .unwrap_or(Language::English),
        default_country: reader
            .parsed("default_country", "KR", "Country preselected at sign-up (ISO 3166-1 alpha-2).", |text| {
                crate::base::countries::find(text)
                    .map(|country| country.code.to_owned())
                    .ok_or("is not a country code".to_owned())
            })
            .unwrap_or_else(|| "KR".to_owned()),
        sign_up: sign_up(reader),
        terms: terms(reader),
        passwords: numbers::passwords(reader),
        hashing: numbers::hashing(reader),
        sessions: numbers::sessions(reader),
        limits: numbers::limits(reader),
        audit: numbers::audit(reader),
        deletion: numbers::deletion(reader),
        operations: operations(reader, mode),
        log: numbers::log(reader, mode),
        file: reader.path().map(PathBuf::from),
        warnings: Vec::new(),
    };
    check_mode(reader, &config);
    Some(config)
}

/// What must hold between settings in either mode (docs/rules.md section 15, ASVS 12.2.1, 12.3.1, 13.4.2).
fn check_mode(reader: &mut Reader, config: &Config) {
    if config.public_url.is_https() && config.proxies.trusted.is_empty() && !reader.is_mistaken("trusted_proxies") {
        reader.warn(
            "VESTIBULE_PUBLIC_URL is https, which a reverse proxy provides, but VESTIBULE_TRUSTED_PROXIES names none: \
             every client has the proxy's address, so that wrong passwords of one pause all, and console access control \
             cannot be turned on"
                .to_owned(),
        );
    }
    match config.mode {
        Mode::Development if !config.listen.ip().is_loopback() => {
            reader.mistake(
                "listen",
                "must be a loopback address in development mode; set VESTIBULE_PUBLIC_URL for production",
            );
        }
        Mode::Production if !config.public_url.is_https() && !is_loopback(config.public_url.host_name()) => {
            reader.mistake("public_url", "must begin with https:// unless its host is loopback");
        }
        _ => {}
    }
    if config.operations.metrics_listen == Some(config.listen) {
        reader.mistake("metrics_listen", "must be another address or port than VESTIBULE_LISTEN");
    }
    if let Some(logo) = &config.brand.logo
        && !logo.is_file()
    {
        reader.mistake("logo", "is not a file");
    }
}

fn secret_keys(reader: &mut Reader, mode: Mode, data_dir: &Path, key_file: KeyFile) -> Option<Keyring> {
    const ABOUT: &str =
        "Keys that seal secrets at rest: 32 random bytes in base64, the newest first, separated by commas.";
    let given = reader.text("secret_keys", "a file in data_dir (development mode)", ABOUT);
    match (given, mode) {
        (Some(text), _) => Keyring::parse(&text).map_err(|problem| reader.mistake("secret_keys", &problem)).ok(),
        (None, Mode::Production) => {
            reader.mistake("secret_keys", "must be set in production: openssl rand -base64 32");
            None
        }
        (None, Mode::Development) => {
            let path = data_dir.join("development.key");
            let key = development_key(&path, key_file);
            key.map_err(|problem| reader.say(format!("VESTIBULE_DATA_DIR: {}: {problem}", path.display()))).ok()
        }
    }
}

fn development_key(path: &Path, key_file: KeyFile) -> Result<Keyring, String> {
    match (std::fs::read_to_string(path), key_file) {
        (Ok(text), _) => return Keyring::parse(text.trim()),
        // What is no folder is told by its name below.
        (Err(cause), _) if !matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(cause.to_string());
        }
        (Err(_), KeyFile::Create | KeyFile::Try) => files::can_be_made(path)?,
        (Err(_), KeyFile::Spare) => return Keyring::parse(&Keyring::generate(&SystemEntropy)),
        (Err(_), KeyFile::Need) => {
            return Err(
                "is not there; give the command the settings of the server (VESTIBULE_DATA_DIR, and in production \
                 VESTIBULE_PUBLIC_URL and VESTIBULE_SECRET_KEYS)"
                    .to_owned(),
            );
        }
    }
    let text = Keyring::generate(&SystemEntropy);
    if key_file == KeyFile::Try {
        return Keyring::parse(&text);
    }
    files::make_folder(path.parent().unwrap_or(Path::new("."))).map_err(|cause| cause.to_string())?;
    match files::write_new(path, text.as_bytes()) {
        // Another process was first; its key counts.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(path).map_err(|cause| cause.to_string())?;
            Keyring::parse(text.trim())
        }
        Err(cause) => Err(cause.to_string()),
        Ok(()) => Keyring::parse(&text),
    }
}

fn outbound(reader: &mut Reader) -> Allowances {
    const ABOUT: &str = "Host names, host:port, addresses or networks for which addresses that organizations supply (their IdP) may be http and private.";
    reader.parsed("outbound_allow", "none", ABOUT, Allowances::parse).unwrap_or_default()
}

fn outbound_proxy(reader: &mut Reader) -> Option<Proxy> {
    const ABOUT: &str = "Forward proxy to the internet for identity providers and the SMS gateway, such as http://proxy.example.com:3128. Hosts of outbound_allow and loopback are asked directly. HTTPS_PROXY and the like are not used.";
    reader.parsed("outbound_proxy", "none: asked directly", ABOUT, Proxy::parse)
}

fn unused_proxy(reader: &Reader) -> Option<&'static str> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];
    let is_set = |name: &&str| reader.environment(name).is_some();
    if reader.is_set("outbound_proxy") { None } else { names.into_iter().find(is_set) }
}

fn proxies(reader: &mut Reader) -> Proxies {
    let trusted = reader.parsed(
        "trusted_proxies",
        "none",
        "Addresses or networks of your reverse proxies; only their forwarding header counts.",
        |text| {
            let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
            parts.map(proxy_network).collect::<Result<Vec<_>, _>>()
        },
    );
    let wide: Vec<String> =
        trusted.iter().flatten().filter(|network| is_wide(network)).map(ToString::to_string).collect();
    if !wide.is_empty() {
        reader.warn(format!(
            "VESTIBULE_TRUSTED_PROXIES trusts more than a few addresses ({}): whoever has one of them chooses the client \
             address that throttles, console access control and the audit log see; name the proxies alone",
            wide.join(", ")
        ));
    }
    let header = reader.parsed(
        "forwarded_header",
        "X-Forwarded-For",
        "The one header in which your proxies name the client.",
        |text| match text.to_ascii_lowercase().as_str() {
            name @ ("x-forwarded-for" | "x-real-ip" | "forwarded" | "cf-connecting-ip" | "true-client-ip") => {
                Ok(name.to_owned())
            }
            _ => Err("must be X-Forwarded-For, Forwarded, X-Real-IP, CF-Connecting-IP or True-Client-IP".to_owned()),
        },
    );
    Proxies { trusted: trusted.unwrap_or_default(), header: header.unwrap_or_else(|| "x-forwarded-for".to_owned()) }
}

fn proxy_network(part: &str) -> Result<IpNet, String> {
    let bare = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(part);
    let parsed = bare.parse().or_else(|_| bare.parse::<IpAddr>().map(IpNet::from));
    let network: IpNet = parsed.map_err(|_| {
        format!("names {part}, which is no address or network such as 10.0.0.7 or 10.0.0.0/28: names are not looked up")
    })?;
    match network {
        IpNet::V6(inner) if inner.addr().to_ipv4_mapped().is_some() => {
            Err(format!("names {part}, which means an IPv4 address or network: write that"))
        }
        // No proxies fill an eighth of all addresses, and two halves are everybody as well as one whole.
        _ if network.prefix_len() < 8 => {
            Err(format!("names {part}, which would believe everybody; name the proxies alone"))
        }
        _ => Ok(network),
    }
}

/// Whether a network holds more than sixteen addresses: more than anybody has proxies.
fn is_wide(network: &IpNet) -> bool {
    network.max_prefix_len() - network.prefix_len() > 4
}

fn operations(reader: &mut Reader, mode: Mode) -> Operations {
    let preset = if mode == Mode::Production { 5 } else { 0 };
    let drain = reader.parsed(
        "drain_seconds",
        "5 in production, 0 in development",
        "Seconds for which the server answers on after it was told to stop, while /readyz says so to load balancers.",
        |text| {
            let number = text.parse().ok().filter(|number| (0..=300).contains(number));
            number.ok_or("must be a whole number from 0 to 300".to_owned())
        },
    );
    let metrics_listen = reader.parsed(
        "metrics_listen",
        "no metrics",
        "Address and port on which metrics are told to Prometheus; not for the world.",
        address,
    );
    let hsts_subdomains = reader.parsed(
        "hsts_subdomains",
        "false",
        "true tells browsers to use https for every host below that of the public URL, too, for two years.",
        boolean,
    );
    let hsts_subdomains = hsts_subdomains.unwrap_or(false);
    Operations { drain_seconds: drain.unwrap_or(preset), metrics_listen, hsts_subdomains }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address and port such as 127.0.0.1:8080".to_owned())
}

fn sign_up(reader: &mut Reader) -> SignUp {
    let codes =
        reader.text("sign_up_codes", "none", "Codes of which one must be known to sign up, separated by commas.");
    let codes: Vec<_> = codes.iter().flat_map(|text| text.split(',')).map(|code| code.trim().to_owned()).collect();
    let way = reader.parsed("sign_up", "open", "Who may sign up: open, code or closed.", |text| match text {
        "open" | "code" | "closed" => Ok(text.to_owned()),
        _ => Err("must be open, code or closed".to_owned()),
    });
    match way.as_deref() {
        Some("closed") => SignUp::Closed,
        Some("code") => {
            if codes.iter().all(String::is_empty) {
                reader.mistake("sign_up_codes", "must list at least one code when VESTIBULE_SIGN_UP is code");
            }
            SignUp::Codes(codes)
        }
        _ => SignUp::Open,
    }
}

fn terms(reader: &mut Reader) -> Vec<Term> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        id: String,
        version: String,
        required: bool,
        title_en: String,
        title_ko: String,
        text_en: String,
        text_ko: String,
    }
    let Some(value) = reader.take("terms") else {
        return Term::examples();
    };
    match value.try_into::<Vec<Entry>>() {
        Ok(entries) => entries
            .into_iter()
            .map(|entry| Term {
                id: entry.id,
                version: entry.version,
                required: entry.required,
                title: [entry.title_en, entry.title_ko],
                text: [entry.text_en, entry.text_ko],
            })
            .collect(),
        Err(cause) => {
            reader.say(format!("terms: {}", cause.message()));
            Vec::new()
        }
    }
}
