//! chromedriver and the browser it starts: both on loopback only, with a fresh profile, gone with the test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::{Capabilities, prelude::*};
use tokio::runtime::Runtime;

/// No request of the browser's own, nothing kept, nothing animated.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--force-prefers-reduced-motion",
    "--window-size=1280,900",
];

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A driver with its browser.
pub struct Driver {
    session: Option<WebDriver>,
    runtime: Runtime,
    process: Child,
    profile: PathBuf,
}

impl Driver {
    /// Starts a browser that prefers `language`, in `zone`.
    pub fn start(language: &str, zone: &str) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("vestibule-browser-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let (process, port) = start_driver(zone, &profile);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // From here on everything is undone by `drop`, also when the browser does not come up.
        let mut driver = Self { session: None, runtime, process, profile };
        let wanted = capabilities(language, &driver.profile);
        let session = driver.wait(WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)).expect("a browser");
        driver.session = Some(session);
        driver
    }

    /// The session of the driver's protocol.
    pub fn session(&self) -> &WebDriver {
        self.session.as_ref().expect("a session")
    }

    /// Runs a future of the driver to its end.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Runs a function body in the page; fails when it throws.
    #[track_caller]
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.try_run(script, arguments).unwrap_or_else(|cause| panic!("{cause}\n{script}"))
    }

    /// Runs a function body in the page. It may fail while one page gives way to the next.
    pub fn try_run(&self, script: &str, arguments: Vec<Value>) -> WebDriverResult<Value> {
        self.wait(self.session().execute(script, arguments)).map(|found| found.json().clone())
    }

    /// Sends a command of the DevTools protocol.
    pub fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.wait(self.session().cdp().send_raw(method, parameters)).unwrap_or_else(|cause| panic!("{method}: {cause}"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            drop(self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), session.quit()).await }));
        }
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.profile));
    }
}

/// A driver on a port of its choice. It chooses one for IPv4 and takes the same for IPv6, where somebody else may be: then it
/// ends, and the next one chooses another.
fn start_driver(zone: &str, profile: &Path) -> (Child, u16) {
    (0..5).find_map(|_| try_driver(zone, profile)).expect("a driver that says its port")
}

/// Port 0 lets the driver choose; its first lines say which. Never `--allowed-ips`: with it the driver listens on every
/// interface.
fn try_driver(zone: &str, profile: &Path) -> Option<(Child, u16)> {
    let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "/usr/bin/chromedriver".to_owned());
    let mut process = Command::new(&program)
        .arg("--port=0")
        .env("TZ", zone)
        // What the browser keeps beside its profile goes away with it.
        .env("HOME", profile)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|cause| panic!("{program}: {cause}"));
    let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
    let Some(port) = port else {
        drop(process.kill());
        drop(process.wait());
        return None;
    };
    // Nobody may block on a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some((process, port))
}

fn capabilities(language: &str, profile: &Path) -> Capabilities {
    let mut wanted = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        wanted.add_arg(argument).unwrap();
    }
    // Chromium refuses its sandbox to root, as whom containers often run.
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        wanted.add_arg("--no-sandbox").unwrap();
    }
    wanted.add_arg(&format!("--user-data-dir={}", profile.join("profile").display())).unwrap();
    wanted.add_arg(&format!("--accept-lang={language}")).unwrap();
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
    wanted.set("timeouts", json!({ "script": 30_000, "pageLoad": 30_000 })).unwrap();
    wanted.into()
}
