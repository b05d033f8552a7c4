//! What is handed to operators beside the binary: held against the tools that will read it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::support::database::Database;

fn packaged(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(packaged(name)).unwrap()
}

/// Runs a tool that `scripts/tools` installs.
fn run(program: &str, arguments: &[&str]) -> Output {
    // Debian keeps servers out of the path of ordinary users.
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program).args(arguments).env("PATH", path).output();
    output.unwrap_or_else(|cause| panic!("{program}: {cause}; scripts/tools installs it"))
}

fn passes(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("vestibule-packaging-{name}-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_unit_is_rated_two_or_better_and_has_no_mistakes() {
    let unit = packaged("vestibule.service");
    passes("systemd-analyze", &["security", "--offline=true", "--threshold=20", unit.to_str().unwrap()]);
    // `verify` wants to see the programs that the unit names.
    let folder = scratch("unit");
    let own = text("vestibule.service").replace("/usr/local/bin/vestibule", env!("CARGO_BIN_EXE_vestibule"));
    let copy = folder.join("vestibule.service");
    std::fs::write(&copy, own).unwrap();
    let said = passes("systemd-analyze", &["verify", "--man=no", copy.to_str().unwrap()]);
    assert!(!said.contains("vestibule.service:"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_time_to_stop_is_longer_than_the_server_takes_at_most() {
    let unit = text("vestibule.service");
    let seconds = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).expect("a time to stop");
    // Five of draining, twenty of answering, and thirty for each of the two kinds of jobs.
    assert!(seconds.parse::<u64>().unwrap() >= 5 + 20 + 30 + 30, "{seconds}");
}

/// A certificate for the samples to name.
fn certificate(folder: &Path) -> PathBuf {
    let (key, cert) = (folder.join("key.pem"), folder.join("cert.pem"));
    let arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    let places = ["-subj", "/CN=id.example.org", "-keyout", key.to_str().unwrap(), "-out", cert.to_str().unwrap()];
    passes("openssl", &[&arguments[..], &places].concat());
    let both = folder.join("id.example.org.pem");
    let together = format!("{}{}", std::fs::read_to_string(&cert).unwrap(), std::fs::read_to_string(&key).unwrap());
    std::fs::write(&both, together).unwrap();
    both
}

#[test]
fn haproxy_takes_its_sample() {
    let folder = scratch("haproxy");
    let both = certificate(&folder);
    let own = text("haproxy.cfg").replace("/etc/haproxy/certs/id.example.org.pem", both.to_str().unwrap());
    let path = folder.join("haproxy.cfg");
    std::fs::write(&path, own).unwrap();
    let said = passes("haproxy", &["-c", "-f", path.to_str().unwrap()]);
    assert!(!said.contains("[WARNING]"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn nginx_takes_its_sample() {
    let folder = scratch("nginx");
    let both = certificate(&folder);
    let own = text("nginx.conf")
        .replace("/etc/ssl/private/id.example.org.pem", both.to_str().unwrap())
        .replace("/etc/ssl/certs/id.example.org.pem", both.to_str().unwrap());
    let (inner, whole) = (folder.join("vestibule.conf"), folder.join("nginx.conf"));
    std::fs::write(&inner, own).unwrap();
    let pid = folder.join("nginx.pid");
    let around = format!(
        "pid {}; error_log stderr; events {{}} http {{ access_log off; include {}; }}",
        pid.display(),
        inner.display()
    );
    std::fs::write(&whole, around).unwrap();
    passes("nginx", &["-t", "-q", "-c", whole.to_str().unwrap(), "-p", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Every proxy says who the client is by itself, whatever the client says, and lets old TLS out.
#[test]
fn the_samples_replace_what_clients_say_of_themselves() {
    let (nginx, haproxy) = (text("nginx.conf"), text("haproxy.cfg"));
    assert!(nginx.contains("proxy_set_header X-Forwarded-For $remote_addr;"), "set, not added to");
    assert!(!nginx.contains("$proxy_add_x_forwarded_for"));
    assert!(nginx.contains("ssl_protocols TLSv1.2 TLSv1.3;") && nginx.contains("proxy_http_version 1.1;"));
    assert!(haproxy.contains("http-request set-header X-Forwarded-For %[src]"));
    assert!(!haproxy.lines().any(|line| line.trim().starts_with("option forwardfor")), "that one adds");
    assert!(
        haproxy.contains("ssl-min-ver TLSv1.2") && haproxy.contains("GET /readyz") || haproxy.contains("uri /readyz")
    );
    for (name, sample) in [("nginx.conf", &nginx), ("haproxy.cfg", &haproxy)] {
        assert!(sample.matches("127.0.0.1:808").count() >= 2, "{name} shows several instances");
        assert!(!sample.contains("/metrics"), "{name} shows metrics to the world");
    }
}

#[test]
fn samples_hide_health_pages_in_every_spelling() {
    let (nginx, haproxy) = (text("nginx.conf"), text("haproxy.cfg"));
    assert!(haproxy.contains("if { path,url_dec /healthz /readyz }"), "decoded before it is compared");
    // nginx compares what it has decoded and made plain.
    for path in ["/healthz", "/readyz"] {
        assert!(nginx.contains(&format!("location = {path} {{ return 404; }}")), "{path}");
    }
    assert!(nginx.contains("proxy_set_header Host $http_host;"), "the port of a public URL that has one stays");
    for line in ["listen 80;", "listen [::]:80;", "listen 443 ssl http2;", "listen [::]:443 ssl http2;"] {
        assert!(nginx.contains(line), "{line}");
    }
    for line in ["bind :80\n", "bind :::80 v6only\n", "bind :443 ssl", "bind :::443 v6only ssl"] {
        assert!(haproxy.contains(line), "{line}");
    }
}

/// What the binary is linked against, and from which version on, is in the manual.
#[test]
fn the_manual_names_the_libraries() {
    let manual = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    let program = env!("CARGO_BIN_EXE_vestibule");
    // Those of glibc itself, and what the kernel puts there.
    const GLIBC: [&str; 7] = ["linux-vdso", "ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so"];
    let linked = passes("ldd", &[program]);
    for line in linked.lines() {
        let path = line.split_whitespace().next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        if !GLIBC.iter().any(|known| name.starts_with(known)) {
            assert!(manual.contains(name), "{name} is not named: {linked}");
        }
    }
    let binary = std::fs::read(program).unwrap();
    let wanted = binary.windows(14).filter_map(|bytes| {
        let version = bytes.strip_prefix(b"GLIBC_2.")?;
        let digits: String = version.iter().map_while(|byte| byte.is_ascii_digit().then_some(*byte as char)).collect();
        digits.parse::<u32>().ok()
    });
    let newest = wanted.max().expect("versions of glibc");
    let (_, named) = manual.split_once("glibc 2.").expect("a version of glibc");
    let named: String = named.chars().take_while(char::is_ascii_digit).collect();
    assert!(newest <= named.parse().unwrap(), "it needs glibc 2.{newest}");
}

/// `. vestibule.env` in a shell, as an operator types it before a command.
#[test]
fn the_shipped_env_file_survives_a_shell() {
    let folder = scratch("shell");
    let file = folder.join("vestibule.env");
    // With every setting that the file shows.
    let shown = text("vestibule.env").replace("# VESTIBULE_", "VESTIBULE_").replace("# DATABASE_URL", "DATABASE_URL");
    std::fs::write(&file, &shown).unwrap();
    let script = format!("set -a; . {}; exec /usr/bin/env -0", file.display());
    let output = Command::new("/bin/sh").args(["-euc", &script]).env_clear().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen = String::from_utf8(output.stdout).unwrap();
    let mut settings = 0;
    for (name, value) in shown.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')) {
        let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).expect("quoted");
        assert!(seen.split('\0').any(|pair| pair == format!("{name}={value}")), "{name}: {seen}");
        settings += 1;
    }
    assert!(
        settings > 7 && shown.contains("&sslrootcert") && shown.contains("VESTIBULE_DATA_DIR='/var/lib/vestibule'")
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_mistake_in_the_settings_is_not_started_again_and_again() {
    let unit = text("vestibule.service");
    let codes = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).expect("a code");
    let output =
        Command::new(env!("CARGO_BIN_EXE_vestibule")).env_clear().env("VESTIBULE_LISTEN", "x").output().unwrap();
    assert_eq!(output.status.code().map(|code| code.to_string()).as_deref(), Some(codes));
}

/// Commands run as the unit does: same user, folder, settings and modes.
#[test]
fn the_wrapper_of_commands_has_the_settings_of_the_unit() {
    let (unit, wrapper) = (text("vestibule.service"), text("vestibulectl"));
    for setting in
        ["DynamicUser=", "StateDirectory=", "StateDirectoryMode=", "UMask=", "EnvironmentFile=", "Environment="]
    {
        let line = unit.lines().find(|line| line.starts_with(setting)).expect(setting);
        assert!(wrapper.contains(&format!("-p {line}")), "{line}");
    }
    passes("sh", &["-n", packaged("vestibulectl").to_str().unwrap()]);
}

/// The settings that the unit gives are ones that there are, and enough beside what it says must be added.
#[test]
fn the_environment_of_the_unit_is_read_without_a_mistake() {
    let database = Database::file();
    let folder = scratch("environment");
    let mut settings: Vec<(String, String)> = Vec::new();
    for line in text("vestibule.env").lines() {
        if let Some((name, value)) = line.trim_start_matches("# ").split_once('=')
            && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            && !name.is_empty()
        {
            settings.push((name.to_owned(), value.trim_matches('\'').to_owned()));
        }
    }
    assert!(settings.len() > 5, "{settings:?}");
    let key = vestibule::platform::secrets::Keyring::generate(&vestibule::base::entropy::SystemEntropy);
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    // The mail server of the example is not there to be asked.
    settings.retain(|(name, _)| {
        !matches!(name.as_str(), "VESTIBULE_SMTP_URL" | "VESTIBULE_LISTEN" | "VESTIBULE_METRICS_LISTEN")
    });
    let sink = super::support::sink::sink(|_| "250 fine");
    command.arg("check").env_clear().envs(settings);
    command
        .env("VESTIBULE_SMTP_URL", format!("smtp://127.0.0.1:{}?tls=none", sink.port))
        .env("VESTIBULE_LISTEN", "127.0.0.1:0");
    command.env("DATABASE_URL", database.url()).env("VESTIBULE_SECRET_KEYS", key).env("VESTIBULE_DATA_DIR", &folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(folder).unwrap();
}
