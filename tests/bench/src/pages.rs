//! Pages under load, against a page that does nothing.

use std::time::{Duration, Instant};

use crate::http::{self, Connection};
use crate::load::{Load, median};
use crate::process::{Product, Server};
use crate::report::Report;
use crate::{Installation, Lengths, Outcome, load, machine, process, runtime, say};

const CONNECTIONS: usize = 32;
const ENOUGH: f64 = 0.12;

/// What is loaded, in every round once.
struct Target<'a> {
    what: String,
    server: &'a Server,
    request: Vec<u8>,
    connections: usize,
    loads: Vec<Load>,
}

impl<'a> Target<'a> {
    fn new(what: &str, server: &'a Server, path: &str, headers: &str) -> Self {
        let request = http::get(&server.host, path, headers);
        Self { what: what.to_owned(), server, request, connections: CONNECTIONS, loads: Vec::new() }
    }

    fn load(&mut self, span: Duration) -> Outcome<()> {
        let load = load::run(self.server.address, &self.request, self.connections, span);
        self.loads.push(load.map_err(|cause| format!("{}: {cause}", self.what))?);
        Ok(())
    }

    fn per_second(&self) -> f64 {
        median(self.loads.iter().map(|load| load.per_second))
    }

    /// The median of the ratio to the yardstick in the same round.
    fn share(&self, yardstick: &Self) -> f64 {
        median(self.loads.iter().zip(&yardstick.loads).map(|(mine, bare)| mine.per_second / bare.per_second))
    }

    fn figure(&self) -> String {
        let middle = |figure: fn(&Load) -> f64| median(self.loads.iter().map(figure));
        format!(
            "{:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
            self.per_second(),
            middle(|load| load.p50),
            middle(|load| load.p99)
        )
    }
}

fn signed_in(one: &Installation) -> String {
    format!("Cookie: {}\r\n", one.session)
}

/// Loads the bare page, the login page and the home page in turn, several rounds of it.
pub fn measure(
    report: &mut Report,
    product: &Product,
    sqlite: &Installation,
    postgres: &Installation,
    lengths: &Lengths,
) -> Outcome<()> {
    let home = "/console";
    let (bytes, icon) = runtime().block_on(look(sqlite))?;
    let bare = process::bare(bytes)?;
    let logging = product.start(&sqlite.database.url, "info")?;
    let cookie = signed_in(sqlite);
    let mut targets = [
        Target::new(&format!("(a) bare actix + askama page of {bytes} bytes, no store"), &bare, "/", ""),
        Target::new("(b) login page", &sqlite.server, "/login", ""),
        Target { connections: 64, ..Target::new("(b) login page, 64 connections", &sqlite.server, "/login", "") },
        Target::new("(c) home page, SQLite", &sqlite.server, home, &cookie),
        Target::new("(d) home page, PostgreSQL", &postgres.server, home, &signed_in(postgres)),
        Target::new(
            "(c) and gzip, as browsers ask for",
            &sqlite.server,
            home,
            &format!("{cookie}Accept-Encoding: gzip\r\n"),
        ),
        Target::new("(c) and a log line for every request, as preset", &logging, home, &cookie),
    ];
    for target in &mut targets {
        target.load(lengths.load / 3)?;
        target.loads.clear();
    }
    for round in 1..=lengths.rounds {
        say(&format!("pages under load, round {round} of {}", lengths.rounds));
        for target in &mut targets {
            target.load(lengths.load)?;
        }
    }
    let [bare, rest @ ..] = &targets;
    let (low, high) = load::lowest_and_highest(bare.loads.iter().map(|load| load.per_second));
    report.note(format!(
        "Pages: {CONNECTIONS} kept-alive connections, {} rounds of {:.1} s each in turn, medians of the rounds; (a) came to {low:.0} to {high:.0}/s.",
        lengths.rounds,
        lengths.load.as_secs_f64(),
    ));
    report.tell(&bare.what, bare.figure());
    for (number, target) in rest.iter().enumerate() {
        let share = target.share(bare);
        let figure = format!("{} = {share:.3} of (a)", target.figure());
        match number {
            1 => report.tell(&target.what, format!("{figure}; a peer 13,600/s")),
            2 | 3 => report.demand(&target.what, figure, "≥ 0.12 of (a)", share >= ENOUGH),
            _ => report.tell(&target.what, figure),
        }
    }
    for one in [sqlite, postgres] {
        report.tell(
            &format!("resident memory after these, {}", one.name),
            format!("{:.1} MiB", machine::resident(one.server.process())),
        );
    }
    let millis = runtime().block_on(one_after_another(&sqlite.server, &icon, 1000))?;
    report.demand(
        "a small static file on a kept-alive connection, median",
        format!("{millis:.3} ms"),
        "< 5 ms; a peer 43 ms",
        millis < 5.0,
    );
    Ok(())
}

/// The length of the home page, and where the icon of the pages is.
async fn look(one: &Installation) -> std::io::Result<(usize, String)> {
    let mut connection = Connection::open(one.server.address).await?;
    let status = connection.exchange(&http::get(&one.server.host, "/console", &signed_in(one))).await?;
    let page = connection.body();
    let icon = page
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|url| url.starts_with("/static/favicon"));
    match (status, icon) {
        (200, Some(icon)) => Ok((page.len(), icon.to_owned())),
        _ => Err(std::io::Error::other(format!("the home page was answered with {status}"))),
    }
}

async fn one_after_another(server: &Server, path: &str, times: usize) -> std::io::Result<f64> {
    let mut connection = Connection::open(server.address).await?;
    let request = http::get(&server.host, path, "");
    let mut millis = Vec::with_capacity(times);
    for _ in 0..times {
        let began = Instant::now();
        let status = connection.exchange(&request).await?;
        if status != 200 {
            return Err(std::io::Error::other(format!("{path} was answered with {status}")));
        }
        millis.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(millis))
}

/// A thousand GETs of someone who is logged in, over all pages that have no variable in their path; then every table is
/// as it was, but for when sessions were last seen.
pub fn changes_nothing(report: &mut Report, all: &[&Installation]) -> Outcome<()> {
    const TIMES: usize = 1000;
    let routes = vestibule::app::routes::routes(vestibule::platform::config::Mode::Production);
    let paths: Vec<_> = routes
        .iter()
        // The one GET that acts: somebody comes back from a provider.
        .filter(|route| route.method == "GET" && route.path != vestibule::base::urls::OIDC_CALLBACK)
        .filter(|route| !route.path.contains('{'))
        .map(|route| route.path)
        .collect();
    for one in all {
        say(&format!("GETs that may change nothing, {}", one.name));
        let before = one.database.contents()?;
        runtime().block_on(async {
            let mut connection = Connection::open(one.server.address).await?;
            for path in paths.iter().cycle().take(TIMES) {
                let status = connection.exchange(&http::get(&one.server.host, path, &signed_in(one))).await?;
                if status >= 500 {
                    return Err(std::io::Error::other(format!("{path} was answered with {status}")));
                }
            }
            Ok::<_, std::io::Error>(())
        })?;
        let after = one.database.contents()?;
        let changed =
            before.iter().filter(|row| !after.contains(row)).chain(after.iter().filter(|row| !before.contains(row)));
        let tables: std::collections::BTreeSet<_> = changed.filter_map(|row| row.split(' ').next()).collect();
        let figure =
            if tables.is_empty() { "none".to_owned() } else { tables.into_iter().collect::<Vec<_>>().join(", ") };
        let what = format!(
            "tables changed by {TIMES} GETs of {} pages, last-seen times and addresses apart, {}",
            paths.len(),
            one.name
        );
        report.demand(&what, figure.clone(), "none", figure == "none");
    }
    Ok(())
}
