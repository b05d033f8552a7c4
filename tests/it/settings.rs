//! Settings: all mistakes at once, and nothing unsafe starts.

use std::collections::BTreeMap;

use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::config::{Config, Mistakes, Mode, Source, load};
use vestibule::platform::secrets::Keyring;

fn read(settings: &[(&str, &str)]) -> Result<Config, Mistakes> {
    let mut environment: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let folder = std::env::temp_dir().join(format!("vestibule-settings-{}", std::process::id()));
    environment.entry("VESTIBULE_DATA_DIR".into()).or_insert(folder.display().to_string());
    load(Source { environment })
}

fn production<'a>(keys: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("VESTIBULE_PUBLIC_URL", "https://id.example.org"),
        ("VESTIBULE_SECRET_KEYS", keys),
        ("VESTIBULE_SMTP_URL", "smtps://user:pass@mail.example.org"),
        ("VESTIBULE_MAIL_FROM", "Vestibule <no-reply@example.org>"),
    ];
    all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    all.extend_from_slice(more);
    all.retain(|(_, value)| *value != "-");
    all
}

/// Shows ASVS 11.4.2.
#[test]
fn nothing_configured_is_development_mode_on_loopback() {
    let config = read(&[]).unwrap();
    assert_eq!((config.mode, config.listen.to_string()), (Mode::Development, "127.0.0.1:8080".into()));
    assert_eq!(config.public_url.origin(), "http://localhost:8080");
    assert_eq!((config.hashing.memory_kib, config.hashing.passes, config.hashing.lanes), (19_456, 2, 1));
    assert_eq!(
        (config.sessions.idle_minutes, config.sessions.absolute_hours, config.sessions.fresh_minutes),
        (30, 12, 10)
    );
}

/// Shows ASVS 6.2.1, 11.4.2.
#[test]
fn every_mistake_is_told_at_once() {
    let mistakes = read(&[
        ("VESTIBULE_LISTEN", "nonsense"),
        ("DATABASE_URL", "mysql://x"),
        ("VESTIBULE_PASSWORDS_MINIMUM", "7"),
        ("VESTIBULE_HASHING_MEMORY_KIB", "1024"),
        ("VESTIBULE_SESSIONS_ABSOLUTE_HOURS", "25"),
        ("VESTIBULE_TYPO", "1"),
        ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8, nowhere"),
        ("VESTIBULE_DEFAULT_COUNTRY", "XX"),
    ])
    .unwrap_err();
    assert_eq!(mistakes.0.len(), 8, "{mistakes}");
}

/// Shows ASVS 12.2.1, 13.3.1.
#[test]
fn asvs_12_3_1_production_refuses_to_start_unsafe() {
    let keys = Keyring::generate(&SystemEntropy);
    assert_eq!(read(&production(&keys, &[])).unwrap().mode, Mode::Production);
    for (more, told) in [
        (("VESTIBULE_SMTP_URL", "-"), "VESTIBULE_SMTP_URL"),
        (("VESTIBULE_MAIL_FROM", "-"), "VESTIBULE_MAIL_FROM"),
        (("VESTIBULE_SECRET_KEYS", "-"), "VESTIBULE_SECRET_KEYS"),
        (("VESTIBULE_SECRET_KEYS", "c2hvcnQ="), "VESTIBULE_SECRET_KEYS"),
        (("VESTIBULE_PUBLIC_URL", "http://id.example.org"), "VESTIBULE_PUBLIC_URL"),
        (("VESTIBULE_PUBLIC_URL", "https://id.example.org/path"), "VESTIBULE_PUBLIC_URL"),
        (("VESTIBULE_SMTP_URL", "smtp://mail.example.org?tls=none"), "VESTIBULE_SMTP_URL"),
        (("VESTIBULE_SMTP_URL", "smtp://mail.example.org?tls=maybe"), "VESTIBULE_SMTP_URL"),
    ] {
        let mistakes = read(&production(&keys, &[more])).unwrap_err();
        assert!(mistakes.0.iter().any(|mistake| mistake.starts_with(told)), "{more:?}: {mistakes}");
    }
    let sms = [
        ("VESTIBULE_SMS_ACCOUNT", "AC0123"),
        ("VESTIBULE_SMS_TOKEN", "t0ken-hunter3"),
        ("VESTIBULE_SMS_FROM", "+15005550006"),
    ];
    let all = read(&production(&keys, &sms)).unwrap();
    assert_eq!(all.sms.gateway.unwrap().messages(), "https://api.twilio.com/2010-04-01/Accounts/AC0123/Messages.json");
    assert!(read(&production(&keys, &[])).unwrap().sms.gateway.is_none(), "SMS may be left out");
    for (name, value) in [
        ("VESTIBULE_SMS_ACCOUNT", "-"),
        ("VESTIBULE_SMS_ACCOUNT", "AC/../x"),
        ("VESTIBULE_SMS_TOKEN", "-"),
        ("VESTIBULE_SMS_FROM", "-"),
        ("VESTIBULE_SMS_FROM", "+1 500"),
        ("VESTIBULE_SMS_URL", "http://sms.example.org"),
        ("VESTIBULE_SMS_URL", "https://sms.example.org/path"),
        ("VESTIBULE_SMS_URL", "https://user:pass@sms.example.org"),
    ] {
        let mut given = sms.to_vec();
        given.retain(|(known, _)| *known != name);
        given.push((name, value));
        let mistakes = read(&production(&keys, &given)).unwrap_err();
        assert_eq!(mistakes.0.len(), 1, "{name}={value}: {mistakes}");
        assert!(mistakes.0[0].starts_with(name), "{name}={value}: {mistakes}");
    }
    let plain = [("VESTIBULE_SMTP_URL", "smtp://mail.example.org?tls=none"), ("VESTIBULE_SMTP_PLAIN", "true")];
    assert!(read(&production(&keys, &plain)).is_ok(), "said twice");
    assert!(read(&production(&keys, &[("VESTIBULE_SMTP_URL", "smtp://127.0.0.1:2525?tls=none")])).is_ok());
}

#[test]
fn a_bank_account_is_whole_or_absent() {
    assert_eq!(read(&[]).unwrap().account, None);
    let whole = [
        ("VESTIBULE_PAYMENTS_BANK", "Hanbit Bank"),
        ("VESTIBULE_PAYMENTS_ACCOUNT_HOLDER", "Frontdoor Inc."),
        ("VESTIBULE_PAYMENTS_ACCOUNT_NUMBER", "110-123-456789"),
    ];
    assert_eq!(read(&whole).unwrap().account.map(|account| account.number).as_deref(), Some("110-123-456789"));
    for missing in 0..whole.len() {
        let mut part = whole.to_vec();
        let (name, _) = part.remove(missing);
        let mistakes = read(&part).unwrap_err();
        assert_eq!(mistakes.0, [format!("{name} must be set, as another part of the account is")]);
    }
    // A slip in an IBAN, and a name that shows as another: both told, and nothing is called missing.
    let wrong = [whole[0], (whole[1].0, "Front\u{202E}door"), (whole[2].0, "DE89 3704 0044 0532 0130 01")];
    assert_eq!(read(&wrong).unwrap_err().0.len(), 2);
}

#[test]
fn asvs_13_4_2_development_listens_on_loopback_alone() {
    let mistakes = read(&[("VESTIBULE_LISTEN", "0.0.0.0:8080")]).unwrap_err();
    assert!(mistakes.to_string().contains("loopback"), "{mistakes}");
}

#[test]
fn asvs_13_3_1_secrets_are_never_printed() {
    let keys = Keyring::generate(&SystemEntropy);
    let database = ("DATABASE_URL", "postgres://vestibule:hunter2@db.example.org/vestibule?sslmode=verify-full");
    let sms = [("VESTIBULE_SMS_ACCOUNT", "AC0123"), ("VESTIBULE_SMS_TOKEN", "hunter3"), ("VESTIBULE_SMS_FROM", "Acme")];
    let config = read(&production(&keys, &[&[database], &sms[..]].concat())).unwrap();
    let printed = format!("{config:?}");
    assert!(!printed.contains("hunter3") && !printed.contains("AC0123"), "{printed}");
    assert!(!printed.contains("hunter2") && !printed.contains(&keys) && !printed.contains("user:pass"), "{printed}");
}

#[test]
fn a_file_gives_settings_and_terms_and_the_environment_wins() {
    let folder = std::env::temp_dir().join(format!("vestibule-file-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("vestibule.toml");
    let text = r#"
        product_name = "Frontdoor"
        default_country = "DE"
        trusted_proxies = ["10.0.0.0/8", "192.0.2.1"]
        [limits]
        lock_minutes = 5
        [[terms]]
        id = "service"
        version = "2"
        required = true
        title_en = "Terms"
        title_ko = "약관"
        text_en = "Text"
        text_ko = "내용"
    "#;
    std::fs::write(&path, text).unwrap();
    let file = ("VESTIBULE_CONFIG", path.to_str().unwrap());
    let config = read(&[file, ("VESTIBULE_DEFAULT_COUNTRY", "FR")]).unwrap();
    assert_eq!(
        (config.brand.product.as_str(), config.default_country.as_str(), config.limits.lock_minutes),
        ("Frontdoor", "FR", 5)
    );
    assert_eq!((config.terms.len(), config.terms[0].version.as_str(), config.proxies.trusted.len()), (1, "2", 2));
    std::fs::write(&path, "unknown = 1\n[limits]\nalso_unknown = 2\n").unwrap();
    let mistakes = read(&[file]).unwrap_err();
    assert_eq!(mistakes.0.len(), 2, "{mistakes}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn asvs_13_4_5_metrics_have_a_listener_of_their_own_or_none() {
    let keys = Keyring::generate(&SystemEntropy);
    let of = |more: &[(&str, &str)]| read(&production(&keys, more)).map(|config| config.operations);
    let preset = of(&[]).unwrap();
    assert_eq!((preset.metrics_listen, preset.drain_seconds), (None, 5));
    assert_eq!(read(&[]).unwrap().operations.drain_seconds, 0, "nobody waits in development");
    let named = of(&[("VESTIBULE_METRICS_LISTEN", "127.0.0.1:9108"), ("VESTIBULE_DRAIN_SECONDS", "30")]).unwrap();
    assert_eq!((named.metrics_listen.unwrap().port(), named.drain_seconds), (9108, 30));
    for (name, value) in [
        ("VESTIBULE_METRICS_LISTEN", "127.0.0.1:8080"),
        ("VESTIBULE_METRICS_LISTEN", "metrics"),
        ("VESTIBULE_DRAIN_SECONDS", "301"),
        ("VESTIBULE_DRAIN_SECONDS", "-1"),
    ] {
        let mistakes = of(&[(name, value)]).unwrap_err();
        assert!(mistakes.0.len() == 1 && mistakes.0[0].starts_with(name), "{name}={value}: {mistakes}");
    }
}

fn told(settings: &[(&str, &str)]) -> String {
    read(settings).unwrap_err().to_string()
}

#[test]
fn service_variables_are_ignored_and_misspelt_settings_are_not() {
    let keys = Keyring::generate(&SystemEntropy);
    let proxies = ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.7");
    let platform = [
        ("VESTIBULE_PORT", "tcp://10.96.0.7:8080"),
        ("VESTIBULE_PORT_8080_TCP", "tcp://10.96.0.7:8080"),
        ("VESTIBULE_PORT_8080_TCP_ADDR", "10.96.0.7"),
        ("VESTIBULE_PORT_8080_TCP_PORT", "8080"),
        ("VESTIBULE_PORT_8080_TCP_PROTO", "tcp"),
        ("VESTIBULE_SERVICE_HOST", "fd00::7"),
        ("VESTIBULE_SERVICE_PORT", "8080"),
        ("VESTIBULE_SERVICE_PORT_HTTP", "8080"),
        ("VESTIBULE_METRICS_PORT", "tcp://10.96.0.8:9108"),
        ("VESTIBULE_METRICS_SERVICE_HOST", "10.96.0.8"),
    ];
    let config = read(&production(&keys, &[&platform[..], &[proxies]].concat())).unwrap();
    assert_eq!(config.warnings.len(), 1, "one warning for all: {:?}", config.warnings);
    for (name, _) in platform {
        assert!(config.warnings[0].contains(name), "{name}");
    }
    for (name, value) in [
        ("VESTIBULE_PORT", "8080"),
        ("VESTIBULE_PORT", "10.96.0.7:8080"),
        ("VESTIBULE_SERVICE_HOST", "id.example.org"),
        ("VESTIBULE_SERVICE_PORT", "http"),
        ("VESTIBULE_PORT_8080_TCP_ADDR", "here"),
        ("VESTIBULE_SMTP_PORT", "587"),
        ("VESTIBULE_PUBLIC_ULR", "https://id.example.org"),
    ] {
        let mistakes = read(&production(&keys, &[(name, value), proxies])).unwrap_err();
        assert_eq!(mistakes.0, [format!("{name}: unknown setting")], "{value}");
    }
}

#[test]
fn wide_proxy_ranges_are_named() {
    let keys = Keyring::generate(&SystemEntropy);
    let of = |networks: &str| read(&production(&keys, &[("VESTIBULE_TRUSTED_PROXIES", networks)]));
    for few in ["10.0.0.7", "10.0.0.0/28, 2001:db8::7", "2001:db8::/124", "127.0.0.1,::1,"] {
        assert_eq!(of(few).unwrap().warnings, Vec::<String>::new(), "{few}");
    }
    for many in ["10.0.0.0/8", "10.0.0.7, 172.16.0.0/12", "10.0.0.0/27", "2001:db8::/64", "fd00::/8"] {
        let warnings = of(many).unwrap().warnings;
        let last = many.rsplit(' ').next().unwrap();
        assert!(warnings.len() == 1 && warnings[0].contains(last), "{many}: {warnings:?}");
    }
    for all in ["0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "::ffff:0.0.0.0/96", "::ffff:10.0.0.7"] {
        assert!(of(all).unwrap_err().0.iter().all(|told| told.starts_with("VESTIBULE_TRUSTED_PROXIES")), "{all}");
    }
}

#[test]
fn a_missing_trusted_proxy_is_named_before_any_harm() {
    let keys = Keyring::generate(&SystemEntropy);
    let warnings = read(&production(&keys, &[])).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("VESTIBULE_TRUSTED_PROXIES names none"), "{warnings:?}");
    let plain = [("VESTIBULE_PUBLIC_URL", "http://localhost:8080")];
    assert!(read(&production(&keys, &plain)).unwrap().warnings.is_empty(), "no proxy stands before plain http");
    assert!(read(&[]).unwrap().warnings.is_empty());
}

#[test]
fn a_log_filter_that_would_log_nothing_is_a_mistake() {
    for wrong in ["loud", "info,loud", "vestibule=loud"] {
        assert!(told(&[("VESTIBULE_LOG_FILTER", wrong)]).contains("VESTIBULE_LOG_FILTER"), "{wrong}");
    }
    for right in ["info", "WARN", "off", "info,vestibule=debug", "vestibule=trace"] {
        assert!(read(&[("VESTIBULE_LOG_FILTER", right)]).is_ok(), "{right}");
    }
}

#[test]
fn sslmode_is_explicit_for_other_hosts() {
    let url = |rest: &str| read(&[("DATABASE_URL", &format!("postgres://v:hunter2@{rest}"))]);
    for other in ["db.example.org/v", "10.0.0.7:5432/v", "127.0.0.1,db.example.org/v"] {
        let mistakes = url(other).unwrap_err().to_string();
        assert!(mistakes.contains("DATABASE_URL must say sslmode") && !mistakes.contains("hunter2"), "{mistakes}");
        assert!(url(&format!("{other}?sslmode=disable")).is_ok(), "{other}");
    }
    assert!(url("127.0.0.1/v").is_ok() && url("localhost/v").is_ok());
}

#[test]
fn a_public_url_is_the_same_with_its_default_port_and_a_final_dot() {
    let keys = Keyring::generate(&SystemEntropy);
    for same in [
        "https://id.example.org",
        "https://id.example.org:443/",
        "https://ID.example.org.",
        "https://id.example.org.:443",
    ] {
        let url = read(&production(&keys, &[("VESTIBULE_PUBLIC_URL", same)])).unwrap().public_url;
        assert_eq!((url.origin(), url.host()), ("https://id.example.org", "id.example.org"), "{same}");
        for host in ["id.example.org", "id.example.org:443", "id.example.org.", "ID.example.org.:443"] {
            assert!(url.is_host(host), "{host}");
        }
        for other in [
            "",
            "id.example.org:80",
            "id.example.org:8443",
            "evil.id.example.org",
            "id.example.org@evil",
            "id.example.org/x",
        ] {
            assert!(!url.is_host(other), "{other}");
        }
    }
}

#[test]
fn a_database_url_with_parameters_or_escapes_names_no_file() {
    for (url, words) in [
        ("sqlite:a.db?mode=ro", "must be sqlite://PATH"),
        ("sqlite://a.db?mode=ro", "has parameters after the path"),
        ("sqlite://a.db#x", "has parameters after the path"),
        ("sqlite:///var/lib/my%20data/v.db", "has an escape such as %20"),
        ("sqlite://file:a.db", "has a second scheme"),
        ("sqlite://data/", "names a folder"),
        ("sqlite://a\nb.db", "cannot be seen"),
    ] {
        let told = told(&[("DATABASE_URL", url)]);
        assert!(told.contains("DATABASE_URL ") && told.contains(words), "{url}: {told}");
    }
    for (url, file) in [("sqlite://my data/100%.db", "my data/100%.db"), ("sqlite:///v.db", "/v.db")] {
        let config = read(&[("DATABASE_URL", url)]).unwrap();
        assert_eq!(config.database.file().and_then(|file| file.to_str()), Some(file));
    }
    // The folder is a path, whatever it is called.
    let config =
        read(&[("VESTIBULE_DATA_DIR", "/tmp/a%20b?c"), ("VESTIBULE_SECRET_KEYS", &Keyring::generate(&SystemEntropy))]);
    assert_eq!(config.unwrap().database.file().and_then(|file| file.to_str()), Some("/tmp/a%20b?c/vestibule.db"));
}

#[test]
fn an_odd_public_url_is_refused_for_what_is_odd_in_it() {
    let keys = Keyring::generate(&SystemEntropy);
    for (url, words) in [
        ("id.example.org", "must be only scheme, host and port"),
        ("https://", "must be only scheme, host and port"),
        ("https://mina:hunter2@id.example.org", "has a user name before the host"),
        ("https://@id.example.org", "has a user name before the host"),
        ("https://id.example.org/login", "has a path after the host"),
        ("https://id.example.org?", "has a ? after the host"),
        ("https://id.example.org/?a=b", "has a ? after the host"),
        ("https://id.example.org#top", "has a # after the host"),
        ("https://id.example.org..", "names no host"),
        ("ftp://id.example.org", "must begin with https://"),
    ] {
        let told = read(&production(&keys, &[("VESTIBULE_PUBLIC_URL", url)])).unwrap_err().to_string();
        assert!(told.contains("VESTIBULE_PUBLIC_URL ") && told.contains(words), "{url}: {told}");
        assert!(told.contains("https://id.example.com") && !told.contains("hunter2"), "{url}: {told}");
    }
}

#[test]
fn a_word_among_the_trusted_proxies_is_named() {
    for word in ["loopback", "localhost", "*", "any", "proxy.example.org", "10.0.0.7:8080", "10.0.0.0/33"] {
        let told = told(&[("VESTIBULE_TRUSTED_PROXIES", &format!("10.0.0.7, {word}"))]);
        let names = format!("VESTIBULE_TRUSTED_PROXIES names {word}, which is no address or network");
        assert!(told.contains(&names), "{word}: {told}");
    }
    let proxies = read(&[("VESTIBULE_TRUSTED_PROXIES", "10.0.0.7 10.0.0.8,[2001:db8::7]")]).unwrap().proxies.trusted;
    assert_eq!(proxies.len(), 3, "{proxies:?}");
}
