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

mod attack;
mod bare;
mod crowd;
mod database;
mod endurance;
mod entrance;
mod export;
mod faults;
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

const LOAD: endurance::Lengths = endurance::Lengths {
    step: Duration::from_secs(6),
    steady: Duration::from_secs(300),
    killed: Duration::from_secs(300),
    every: Duration::from_secs(30),
};
const QUICK_LOAD: endurance::Lengths = endurance::Lengths {
    step: Duration::from_secs(1),
    steady: Duration::from_secs(10),
    killed: Duration::from_secs(15),
    every: Duration::from_secs(4),
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
        ["--write"] => bench(&WHOLE, End::Write(document("docs/performance.md"))),
        ["--scale", "--write"] => crowded(End::Write(document("docs/performance.md"))),
        ["--load"] => loaded(&LOAD, End::Print),
        ["--load", "--quick"] => loaded(&QUICK_LOAD, End::Print),
        ["--load", "--write"] => loaded(&LOAD, End::Write(document("docs/performance.md"))),
        ["--faults"] => faulty(End::Print),
        ["--attack"] => attacked(attack::SPAN, End::Print),
        ["--attack", "--long"] => attacked(attack::LONG, End::Print),
        ["--attack", "--write"] => attacked(attack::SPAN, End::Write(document("docs/reliability.md"))),
        ["--faults", "--write"] => faulty(End::Write(document("docs/reliability.md"))),
        _ => {
            Err("usage: vestibule-bench [--scale | --load | --faults | --attack] [--quick | --write | --hold | --long]"
                .into())
        }
    };
    match outcome {
        Ok(code) => code,
        Err(cause) => {
            eprintln!("bench: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
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
    let (folder, product) = product(if let End::Hold = end { Duration::from_secs(3600) } else { LONGEST })?;
    let busy = machine::load_average();
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
    entrance::logins(&mut report, &[&sqlite, &postgres], lengths)?;
    entrance::bursts(&mut report, &[&sqlite, &postgres], lengths)?;
    entrance::registrations(&mut report, &[&sqlite, &postgres], lengths)?;
    entrance::refusals(&mut report, &[&sqlite, &postgres], lengths)?;
    starts(&mut report, &[&sqlite, &postgres]);
    let size = std::fs::metadata(&product.binary)?.len() as f64 / 1024.0 / 1024.0;
    report.tell("size of the binary", format!("{size:.1} MiB"));
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

/// The product as it is built now, with keys and a folder of its own.
fn product(longest: Duration) -> Outcome<(Folder, Product)> {
    let binary = process::build()?;
    process::watch(longest);
    let folder = Folder(std::env::temp_dir().join(format!("vestibule-bench-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let secret_key = vestibule::platform::secrets::Keyring::generate(&vestibule::base::entropy::SystemEntropy);
    let product = Product { binary, folder: folder.0.clone(), secret_key, smtp: process::mail_server()? };
    Ok((folder, product))
}

/// Several instances under load for minutes, and while they are killed.
fn loaded(lengths: &endurance::Lengths, end: End) -> Outcome<ExitCode> {
    let (_folder, product) = product(Duration::from_secs(1800))?;
    let admin = std::env::var("TEST_DATABASE").map_err(|_| "TEST_DATABASE is not set: run `make load`")?;
    let database = Database::in_cluster(&admin, &format!("vestibule_load_{}", std::process::id()))?;
    let mut report = Report::default();
    report.note(format!("{}.", machine::described()));
    endurance::note(&mut report, lengths)?;
    endurance::measure(&mut report, &product, &database, &hashing::stored(database::PASSWORD)?, lengths)?;
    product.complain();
    conclude(&report, &end, Table::Load)
}

/// A database that goes away and comes back.
fn faulty(end: End) -> Outcome<ExitCode> {
    let (_folder, product) = product(LONGEST)?;
    let admin = std::env::var("TEST_DATABASE").map_err(|_| "TEST_DATABASE is not set: run `make faults`")?;
    let database = Database::in_cluster(&admin, &format!("vestibule_faults_{}", std::process::id()))?;
    let mut report = Report::default();
    report.note(format!("{}; {}.", machine::described(), database.engine()?));
    faults::measure(&mut report, &product, &database, &hashing::stored(database::PASSWORD)?)?;
    conclude(&report, &end, Table::Faults)
}

/// What honest people meet during an attack, on both engines.
fn attacked(span: Duration, end: End) -> Outcome<ExitCode> {
    let (folder, product) = product(span * 20 + LONGEST)?;
    let admin = std::env::var("TEST_DATABASE").map_err(|_| "TEST_DATABASE is not set: run `make attack`")?;
    let hash = hashing::stored(database::PASSWORD)?;
    let in_cluster = Database::in_cluster(&admin, &format!("vestibule_attack_{}", std::process::id()))?;
    let mut report = Report::default();
    report.note(format!("{}; {}.", machine::described(), in_cluster.engine()?));
    report.note(format!("Each attack lasts {} s; attackers, server and database share these cores.", span.as_secs()));
    for (name, database) in [("SQLite", Database::file(&folder.0, "attack.db")), ("PostgreSQL", in_cluster)] {
        attack::measure(&mut report, &product, (name, &database), &hash, span)?;
    }
    conclude(&report, &end, Table::Attack)
}

/// The pages of a large organization among very many users, on both engines.
fn crowded(end: End) -> Outcome<ExitCode> {
    let (folder, product) = product(Duration::from_secs(1800))?;
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
