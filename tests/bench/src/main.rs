//! Measures the release build, all in one run on one machine, because only ratios of one run mean anything.
//!
//!   make bench                    the whole run, about three minutes
//!   make bench ARGS=--quick       a short one, to see that it works; its figures mean nothing
//!   make bench ARGS=--write       the whole run, and its table goes into docs/performance.md
//!   make bench ARGS=--hold        starts everything and tells where it is, for wrk or perf, until Ctrl-C
//!
//! `make bench-data` measures the pages of a large organization among a million users, whose data it writes first.
//!
//! The exit code says whether everything demanded was met.

mod bare;
mod crowd;
mod database;
mod export;
mod hashing;
mod http;
mod invitations;
mod load;
mod login;
mod machine;
mod pages;
mod process;
mod report;
mod scale;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use database::Database;
use load::median;
use process::{Product, Server};
use report::{Report, Table};

/// What can go wrong here is for a person to read.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A runtime of the calling thread's own.
pub fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap_or_else(|cause| panic!("no runtime: {cause}"))
}

const LONGEST: Duration = Duration::from_secs(300);

/// How long everything takes.
struct Lengths {
    rounds: usize,
    load: Duration,
    logins: Duration,
    hashes: Duration,
    starts: usize,
    bursts: usize,
    refusals: usize,
}

const WHOLE: Lengths = Lengths {
    rounds: 5,
    load: Duration::from_millis(1500),
    logins: Duration::from_secs(4),
    hashes: Duration::from_millis(1500),
    starts: 5,
    bursts: 3,
    refusals: 200,
};
const QUICK: Lengths = Lengths {
    rounds: 1,
    load: Duration::from_millis(500),
    logins: Duration::from_secs(1),
    hashes: Duration::from_millis(500),
    starts: 1,
    bursts: 1,
    refusals: 8,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["bare", port, bytes] => yardstick(port, bytes),
        [] => bench(&WHOLE, End::Print),
        ["--quick"] => bench(&QUICK, End::Print),
        ["--hold"] => bench(&QUICK, End::Hold),
        ["--scale"] => crowded(End::Print),
        ["--write"] => bench(&WHOLE, End::Write(document())),
        ["--scale", "--write"] => crowded(End::Write(document())),
        _ => Err("usage: vestibule-bench [--quick | --write | --hold | --scale [--write]]".into()),
    };
    match outcome {
        Ok(code) => code,
        Err(cause) => {
            eprintln!("bench: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md")
}

fn yardstick(port: &str, bytes: &str) -> Outcome<ExitCode> {
    bare::serve(port.parse()?, bytes.parse()?)?;
    Ok(ExitCode::SUCCESS)
}

/// A folder that goes with the run.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A database and the server over it.
struct Installation {
    name: &'static str,
    database: Database,
    server: Server,
    /// Cookie of the owner of the first organization.
    session: String,
    first_start: Duration,
    start: Duration,
    idle: f64,
}

/// What to do with what was started and measured.
enum End {
    Print,
    Write(PathBuf),
    Hold,
}

fn bench(lengths: &Lengths, end: End) -> Outcome<ExitCode> {
    let binary = process::build()?;
    process::watch(if let End::Hold = end { Duration::from_secs(3600) } else { LONGEST });
    let busy = machine::load_average();
    let folder = Folder(std::env::temp_dir().join(format!("vestibule-bench-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let entropy = vestibule::entropy::SystemEntropy;
    let product = Product {
        binary,
        folder: folder.0.clone(),
        secret_key: vestibule::secrets::Keyring::generate(&entropy),
        smtp: process::mail_server()?,
    };
    let admin = std::env::var("TEST_DATABASE").map_err(|_| "TEST_DATABASE is not set: run `make bench`")?;
    let hash = hashing::stored(database::PASSWORD)?;
    say("starting on SQLite and PostgreSQL");
    let sqlite = install("SQLite", Database::file(&folder.0, "bench.db"), &product, &hash, lengths)?;
    let name = format!("vestibule_bench_{}", std::process::id());
    let postgres = install("PostgreSQL", Database::in_cluster(&admin, &name)?, &product, &hash, lengths)?;

    if let End::Hold = end {
        for one in [&sqlite, &postgres] {
            let (process, host) = (one.server.process(), &one.server.host);
            println!("{}: process {process}, http://{host}/console, -H 'Cookie: {}'", one.name, one.session);
        }
        loop {
            std::thread::park();
        }
    }
    let mut report = Report::default();
    describe(&mut report, &product, &[&sqlite, &postgres])?;
    pages::measure(&mut report, &product, &sqlite, &postgres, lengths)?;
    pages::changes_nothing(&mut report, &[&sqlite, &postgres])?;
    logins(&mut report, &[&sqlite, &postgres], lengths)?;
    bursts(&mut report, &[&sqlite, &postgres], lengths)?;
    registrations(&mut report, &[&sqlite, &postgres], lengths)?;
    refusals(&mut report, &[&sqlite, &postgres], lengths)?;
    starts(&mut report, &[&sqlite, &postgres]);
    product.complain();
    report.note(format!(
        "Load average before the run {busy:.2}, which should be next to nothing, as should be what others do meanwhile."
    ));
    conclude(&report, &end, Table::Bench)
}

fn conclude(report: &Report, end: &End, table: Table) -> Outcome<ExitCode> {
    println!("\n{}", report.text());
    if let End::Write(file) = end {
        report.write(file, table)?;
    }
    let missed = report.missed();
    if missed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("bench: missed: {}", missed.join("; "));
    Ok(ExitCode::FAILURE)
}

/// The pages of a large organization among very many users, on both engines.
fn crowded(end: End) -> Outcome<ExitCode> {
    let binary = process::build()?;
    process::watch(Duration::from_secs(1800));
    let folder = Folder(std::env::temp_dir().join(format!("vestibule-crowd-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let entropy = vestibule::entropy::SystemEntropy;
    let secret_key = vestibule::secrets::Keyring::generate(&entropy);
    let product = Product { binary, folder: folder.0.clone(), secret_key, smtp: process::mail_server()? };
    let admin = std::env::var("TEST_DATABASE").map_err(|_| "TEST_DATABASE is not set: run `make bench-data`")?;
    let hash = hashing::stored(database::PASSWORD)?;
    let in_cluster = Database::in_cluster(&admin, &format!("vestibule_crowd_{}", std::process::id()))?;
    let mut report = Report::default();
    for (name, database) in [("SQLite", Database::file(&folder.0, "crowd.db")), ("PostgreSQL", in_cluster)] {
        // The first start makes the tables.
        drop(product.start(&database.url, "warn")?);
        let began = Instant::now();
        crowd::fill(&database, name, &hash)?;
        let figure = format!("{:.0} s, at most {:.0} MiB", began.elapsed().as_secs_f64(), machine::own_peak());
        report.tell(&format!("data of the crowd written, {name}"), figure);
        scale::measure(&mut report, &product.start(&database.url, "warn")?, name)?;
    }
    product.complain();
    conclude(&report, &end, Table::Scale)
}

fn say(what: &str) {
    eprintln!("bench: {what}");
}

/// First start on nothing, people, then starts on what is there; the last server stays.
fn install(
    name: &'static str,
    database: Database,
    product: &Product,
    hash: &str,
    lengths: &Lengths,
) -> Outcome<Installation> {
    let first_start = product.start(&database.url, "warn")?.start_up;
    database.fill(hash)?;
    let mut starts = Vec::new();
    for _ in 1..lengths.starts {
        starts.push(product.start(&database.url, "warn")?.start_up.as_secs_f64());
    }
    let server = product.start(&database.url, "warn")?;
    starts.push(server.start_up.as_secs_f64());
    std::thread::sleep(Duration::from_secs(2));
    let idle = machine::resident(server.process());
    // Enough for the home page to have its list full.
    let session = login::owner(&server, 6)?;
    Ok(Installation {
        name,
        database,
        server,
        session,
        first_start,
        start: Duration::from_secs_f64(median(starts)),
        idle,
    })
}

fn describe(report: &mut Report, product: &Product, all: &[&Installation]) -> Outcome<()> {
    let engines = all.iter().map(|one| one.database.engine()).collect::<Outcome<Vec<_>>>()?.join(", ");
    report.note(format!(
        "{}; {engines}, the PostgreSQL on the same machine by unix socket and with fsync.",
        machine::described()
    ));
    report.note("Load generator, servers and PostgreSQL share these cores.".to_owned());
    report.note(format!(
        "Settings besides keys, addresses and database: {}; everything else as preset.",
        product.described()
    ));
    Ok(())
}

/// Real logins against the plain hash, in rounds: each is compared with the hashing right before and after it.
fn logins(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    const CLIENTS: usize = 16;
    let regulars: Vec<_> = all.iter().map(|_| login::Regulars::new()).collect();
    let mut plain = vec![hashing::rate(lengths.hashes)?];
    let mut rates = vec![Vec::new(); all.len()];
    let mut shares = rates.clone();
    for one in all {
        machine::forget_peak(one.server.process())?;
    }
    for round in 1..=lengths.rounds {
        say(&format!("logins against plain hashing, round {round} of {}", lengths.rounds));
        for (number, one) in all.iter().enumerate() {
            let rate = login::rate(&one.server, &regulars[number], CLIENTS, lengths.logins)?;
            let (before, after) = (plain[plain.len() - 1], hashing::rate(lengths.hashes)?);
            plain.push(after);
            rates[number].push(rate);
            shares[number].push(rate / f64::midpoint(before, after));
        }
    }
    let (low, high) = load::lowest_and_highest(plain.iter().copied());
    report.tell(
        "(f) plain Argon2id, 19 MiB, t=2, p=1, all cores",
        format!("{:.0}/s ({low:.0} to {high:.0} around the logins)", median(plain.iter().copied())),
    );
    for (number, one) in all.iter().enumerate() {
        let (rate, share) = (median(rates[number].iter().copied()), median(shares[number].iter().copied()));
        let what = format!("(e) logins, both steps, {CLIENTS} clients, {}", one.name);
        let figure = format!("{rate:.0}/s = {share:.2} of (f)");
        report.demand(&what, figure, "≥ 0.85 of (f); a peer 100 to 119/s", share >= 0.85);
    }
    for one in all {
        let what = format!("resident memory, most during the logins, {}", one.name);
        report.tell(&what, format!("{:.1} MiB", machine::resident_peak(one.server.process())));
    }
    Ok(())
}

/// Many logins at once.
fn bursts(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    let many = database::ORGANIZATIONS;
    say(&format!("{many} logins at once"));
    for one in all {
        machine::forget_peak(one.server.process())?;
        let bursts = (0..lengths.bursts).map(|round| login::burst(&one.server, round)).collect::<Outcome<Vec<_>>>()?;
        let peak = machine::resident_peak(one.server.process());
        let bound = one.idle + 2.0 * machine::cores() as f64 * hashing::MEMORY_MIB + 32.0;
        let what = format!("{many} logins at once, {} times, {}", lengths.bursts, one.name);
        let demanded = format!("< idle + 2 × cores × 19 + 32 = {bound:.1} MiB");
        report.demand(&format!("{what}: resident memory, most"), format!("{peak:.1} MiB"), &demanded, peak < bound);
        let mut page: Vec<f64> = bursts.iter().flat_map(|burst| burst.page.iter().copied()).collect();
        let (count, p99) = (page.len(), load::percentile(&mut page, 0.99));
        let figure = format!("{p99:.1} ms ({:.1} ms p50, {count} pages)", load::percentile(&mut page, 0.5));
        report.demand(&format!("{what}: login page meanwhile, p99"), figure, "< 50 ms", p99 < 50.0);
        let sum = |count: fn(&login::Burst) -> usize| bursts.iter().map(count).sum::<usize>();
        let (let_in, away, rude) = (sum(|b| b.let_in), sum(|b| b.turned_away), sum(|b| b.rude));
        let figure = format!("{let_in} in, {away} with 503, {rude} of these without Retry-After or what was typed");
        report.demand(
            &format!("{what}: surplus"),
            figure,
            "503, Retry-After, form as typed",
            rude == 0 && let_in + away == many * bursts.len(),
        );
    }
    Ok(())
}

/// A hundred invitations: committed, then delivered to a mail server beside.
fn registrations(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    say("a hundred users registered at once");
    for one in all {
        let mut rounds = Vec::new();
        for round in 0..lengths.rounds {
            rounds.push(invitations::register(&one.server, &one.session, round)?);
        }
        let committed = median(rounds.iter().map(|round| round.committed));
        let what = format!("{} users registered at once, answered, {}", invitations::MANY, one.name);
        report.demand(&what, format!("{committed:.0} ms"), "< 1000 ms", committed < 1000.0);
        let rate = invitations::MANY as f64 / median(rounds.iter().map(|round| round.delivered));
        let what = format!("their invitations delivered to a mail server beside, {}", one.name);
        report.demand(&what, format!("{rate:.0} mails/s"), "≥ 100 mails/s", rate >= 100.0);
    }
    Ok(())
}

/// Whether the time an answer takes tells why a login was refused.
fn refusals(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    say("refused logins in turn");
    let spread =
        |values: [f64; 5]| values.into_iter().fold(f64::MIN, f64::max) - values.into_iter().fold(f64::MAX, f64::min);
    for one in all {
        let medians = login::refusals(&one.server, lengths.refusals)?;
        let (name, password) = (medians.map(|steps| steps[0]), medians.map(|steps| steps[1]));
        let told: Vec<_> =
            login::REFUSALS.iter().zip(password).map(|(kind, millis)| format!("{kind} {millis:.2}")).collect();
        let what = format!("refused logins, medians of {} each in ms, {}", lengths.refusals, one.name);
        let figure =
            format!("{}; {:.2} apart, the step before it {:.2}", told.join(", "), spread(password), spread(name));
        report.demand(&what, figure, "< 5 ms apart", spread(password) < 5.0 && spread(name) < 5.0);
    }
    Ok(())
}

fn starts(report: &mut Report, all: &[&Installation]) {
    for one in all {
        let millis = |span: Duration| span.as_secs_f64() * 1000.0;
        let start = millis(one.start);
        report.demand(
            &format!("start-up on an existing database to the first 200, {}", one.name),
            format!("{start:.0} ms"),
            "< 300 ms",
            start < 300.0,
        );
        report.tell(
            &format!("first start on an empty database, {}", one.name),
            format!("{:.0} ms; a peer 353 ms", millis(one.first_start)),
        );
    }
    for one in all {
        report.demand(
            &format!("resident memory, idle, {}", one.name),
            format!("{:.1} MiB", one.idle),
            "< 48 MiB; a peer 64 to 69",
            one.idle < 48.0,
        );
    }
}
