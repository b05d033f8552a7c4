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
    let key = vestibule::secrets::Keyring::generate(&vestibule::entropy::SystemEntropy);
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.arg("check").env_clear().envs(settings);
    command.env("DATABASE_URL", database.url()).env("VESTIBULE_SECRET_KEYS", key).env("VESTIBULE_DATA_DIR", &folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(folder).unwrap();
}
