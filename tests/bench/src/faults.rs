//! PostgreSQL goes away under load: what people are told meanwhile, how long until all is well, and that nothing that was
//! acknowledged is gone.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::database::Database;
use crate::endurance::Crowd;
use crate::process::Product;
use crate::report::Report;
use crate::{Outcome, say};

/// What is done to it, as `scripts/postgres restart` knows it and in words.
const FAULTS: [(&str, &str); 3] = [
    ("fast", "PostgreSQL restarted under load"),
    ("immediate", "PostgreSQL crashed under load"),
    ("frozen", "PostgreSQL stopped for eight seconds under load"),
];
const CLIENTS: usize = 8;
/// How long people go on, and when the fault comes.
const SPAN: Duration = Duration::from_secs(25);
const FAULT_AT: Duration = Duration::from_secs(5);
/// How soon all must be well after the database answers again.
const PATIENCE: f64 = 5.0;

/// Does each of the faults and writes down what became of it.
pub fn measure(report: &mut Report, product: &Product, database: &Database, hash: &str) -> Outcome<()> {
    drop(product.start(&database.url, "off")?);
    database.fill(hash)?;
    let server = product.start(&database.url, "off")?;
    let crowd = Crowd::new(&server)?;
    for (mode, what) in FAULTS {
        say(what);
        let (tally, [began, back]) = std::thread::scope(|scope| {
            let fault = scope.spawn(|| {
                std::thread::sleep(FAULT_AT);
                let began = Instant::now();
                restart(mode).map(|()| [began, Instant::now()])
            });
            let tally = crowd.run(CLIENTS, SPAN);
            let times = fault.join().map_err(|_| "the fault panicked")??;
            Ok::<_, Box<dyn std::error::Error>>((tally, times))
        })?;
        let last = tally.bad.iter().max().copied().unwrap_or(began);
        let after = last.saturating_duration_since(back).as_secs_f64();
        let away = (back - began).as_secs_f64();
        let figure = format!("{after:.1} s after the {away:.1} s that it was away");
        report.demand(&format!("{what}: the last refusal"), figure, "≤ 5 s", after <= PATIENCE);
        let is_honest = tally.cut == 0 && tally.wrong.is_empty();
        report.demand(&format!("{what}: answers"), tally.described(), "503 with Retry-After, else none", is_honest);
    }
    crowd.read_back(report, product, database)
}

fn restart(mode: &str) -> Result<(), String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
    let done = Command::new(script).args(["restart", mode]).status().map_err(|cause| cause.to_string())?;
    if done.success() { Ok(()) } else { Err(format!("scripts/postgres restart {mode} failed")) }
}
