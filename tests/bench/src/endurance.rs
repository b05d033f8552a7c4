//! Two instances over one PostgreSQL behind a proxy, under a mix of what people do, for minutes; then the same while one
//! of them is killed and brought back again and again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::database::{Database, ORGANIZATIONS};
use crate::http::{self, Connection};
use crate::login::{Attempt, Regulars, address};
use crate::process::{self, Product, Server};
use crate::report::Report;
use crate::{Outcome, load, machine, runtime, say};

/// How long everything takes.
pub struct Lengths {
    /// Each number of clients, while the knee is looked for.
    pub step: Duration,
    /// At the knee.
    pub steady: Duration,
    /// At the knee, with instances that are killed.
    pub killed: Duration,
    /// From one kill to the next.
    pub every: Duration,
}

/// Numbers of clients among which the knee is.
const CLIENTS: [usize; 7] = [2, 4, 8, 12, 16, 24, 32];
/// For how long a killed instance stays away.
const AWAY: Duration = Duration::from_secs(2);

/// What people do, of ten times how often, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Page,
    Search,
    Login,
}

impl Class {
    const TURNS: [Self; 10] = {
        use Class::{Login, Page, Search};
        [Page, Page, Search, Page, Page, Login, Page, Search, Page, Page]
    };
    const PAGES: [&str; 7] =
        ["/console", "/iam/organization/account", "/iam/users", "/iam/projects", "/billing", "/audit", "/account"];
    const SEARCHES: [&str; 4] = [
        "/iam/users?q=bench+person",
        "/iam/users?q=active-3",
        "/iam/users?status=active&sort=-last_login",
        "/audit?event=login",
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Page => "page views (70 %)",
            Self::Search => "list searches (20 %)",
            Self::Login => "logins, both steps (10 %)",
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// As it should.
    Fine,
    /// 503 of the product, with when to come again.
    Busy,
    /// Without an answer of the product: its process was gone.
    Cut,
    /// With any other answer.
    Wrong(u16),
}

/// What a stretch of load came to.
#[derive(Debug, Default)]
pub struct Tally {
    millis: BTreeMap<Class, Vec<f64>>,
    busy: usize,
    pub cut: usize,
    pub wrong: BTreeMap<u16, usize>,
    /// When something ended otherwise than it should.
    pub bad: Vec<Instant>,
}

impl Tally {
    fn note(&mut self, class: Class, began: Instant, end: End) {
        if end != End::Fine {
            self.bad.push(Instant::now());
        }
        match end {
            End::Fine => self.millis.entry(class).or_default().push(began.elapsed().as_secs_f64() * 1000.0),
            End::Busy => self.busy += 1,
            End::Cut => self.cut += 1,
            End::Wrong(status) => *self.wrong.entry(status).or_default() += 1,
        }
    }

    fn done(&self) -> usize {
        self.millis.values().map(Vec::len).sum()
    }

    pub fn described(&self) -> String {
        let wrong: Vec<_> = self.wrong.iter().map(|(status, count)| format!("{count} with {status}")).collect();
        let wrong = if wrong.is_empty() { "none otherwise".to_owned() } else { wrong.join(", ") };
        format!(
            "{} as they should, {} with 503 and Retry-After, {} without an answer, {wrong}",
            self.done(),
            self.busy,
            self.cut
        )
    }
}

/// Everything that the clients share.
pub struct Crowd<'a> {
    front: &'a Server,
    regulars: Regulars,
    sessions: Vec<String>,
    /// Sessions of logins that were acknowledged.
    acknowledged: RefCell<Vec<String>>,
    tally: RefCell<Tally>,
}

impl<'a> Crowd<'a> {
    /// People of the bench's organizations, with a session of their own for each client.
    pub fn new(front: &'a Server) -> Outcome<Self> {
        let sessions = sessions(front)?;
        let (acknowledged, tally) = (RefCell::default(), RefCell::default());
        Ok(Self { front, regulars: Regulars::new(), sessions, acknowledged, tally })
    }

    /// Some clients for some time.
    pub fn run(&self, clients: usize, span: Duration) -> Tally {
        self.tally.take();
        let deadline = Instant::now() + span;
        let all = (0..clients).map(|number| self.client(number, deadline));
        runtime().block_on(futures_util::future::join_all(all));
        self.tally.take()
    }

    async fn client(&self, number: usize, deadline: Instant) {
        let mut connection = None;
        for turn in number * 3.. {
            let (class, began) = (Class::TURNS[turn % 10], Instant::now());
            if began > deadline {
                return;
            }
            let end = match self.ask(&mut connection, class, number, turn / 10 + turn).await {
                Ok(end) => end,
                Err(_) => {
                    connection = None;
                    End::Cut
                }
            };
            self.tally.borrow_mut().note(class, began, end);
            if matches!(end, End::Busy | End::Cut) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn ask(
        &self,
        kept: &mut Option<Connection>,
        class: Class,
        client: usize,
        turn: usize,
    ) -> std::io::Result<End> {
        let connection = match kept {
            Some(connection) => connection,
            None => kept.insert(Connection::open(self.front.address).await?),
        };
        let path = match class {
            Class::Login => return self.log_in(connection).await,
            Class::Page => Class::PAGES[turn % Class::PAGES.len()],
            Class::Search => Class::SEARCHES[turn % Class::SEARCHES.len()],
        };
        let headers = format!("Cookie: {}\r\nX-Forwarded-For: {}\r\n", self.sessions[client], address(client));
        let status = connection.exchange(&http::get(&self.front.host, path, &headers)).await?;
        Ok(ended(connection, status, 200))
    }

    async fn log_in(&self, connection: &mut Connection) -> std::io::Result<End> {
        let status = self.regulars.log_in(connection, &self.front.host).await?;
        let end = ended(connection, status, 303);
        if let (End::Fine, Some(session)) = (end, connection.cookie("vestibule-session")) {
            self.acknowledged.borrow_mut().push(format!("vestibule-session={session}"));
        }
        Ok(end)
    }

    /// Reads back what was acknowledged: the session of every login opens the console, its event is in the audit log, and
    /// the log is what was sealed.
    pub fn read_back(&self, report: &mut Report, product: &Product, database: &Database) -> Outcome<()> {
        say("reading back");
        let (all, lost) = self.lost()?;
        let figure = format!("{lost} of {all}");
        let what = "sessions of acknowledged logins that are not there afterwards";
        report.demand(what, figure, "0", lost == 0 && all > 0);
        // Some were written whose answer no client saw, so there may be more.
        let events = database.done("login")?;
        report.demand("events of logins in the audit log", events.to_string(), &format!("≥ {all}"), events >= all);
        let is_sealed = product.verifies(&database.url)?;
        let figure = if is_sealed { "nothing is wrong" } else { "something is wrong" };
        report.demand("the audit log, by `vestibule audit verify`", figure.to_owned(), "nothing is wrong", is_sealed);
        Ok(())
    }

    /// How many acknowledged sessions there are, and how many of these open nothing.
    fn lost(&self) -> Outcome<(usize, usize)> {
        let sessions = self.acknowledged.borrow();
        runtime().block_on(async {
            let mut connection = Connection::open(self.front.address).await?;
            let mut lost = 0;
            for session in sessions.iter() {
                let request = http::get(&self.front.host, "/console", &format!("Cookie: {session}\r\n"));
                lost += usize::from(connection.exchange(&request).await? != 200);
            }
            Ok((sessions.len(), lost))
        })
    }
}

/// What an answer means. The proxy's own answers carry no `Retry-After`.
fn ended(connection: &Connection, status: u16, wanted: u16) -> End {
    match status {
        _ if status == wanted => End::Fine,
        503 if connection.header("retry-after").is_some() => End::Busy,
        502..=504 => End::Cut,
        status => End::Wrong(status),
    }
}

/// Resident memory of both instances, a line a second, until told to stop.
fn watch(instances: &Mutex<[Server; 2]>, is_over: &AtomicBool) -> Vec<[f64; 2]> {
    let mut lines = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let processes = locked(instances).each_ref().map(Server::process);
        lines.push(processes.map(machine::resident));
        std::thread::sleep(Duration::from_secs(1));
    }
    lines
}

fn locked(instances: &Mutex<[Server; 2]>) -> std::sync::MutexGuard<'_, [Server; 2]> {
    instances.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Kills one instance after the other and brings it back, until told to stop; says how often.
fn kill(instances: &Mutex<[Server; 2]>, every: Duration, is_over: &AtomicBool) -> Result<usize, String> {
    let mut times = 0;
    loop {
        let next = Instant::now() + every;
        while Instant::now() < next {
            if is_over.load(Ordering::Relaxed) {
                return Ok(times);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        locked(instances)[times % 2].kill();
        std::thread::sleep(AWAY);
        locked(instances)[times % 2].again().map_err(|cause| cause.to_string())?;
        times += 1;
    }
}

/// Runs everything and writes its figures into the report.
pub fn measure(
    report: &mut Report,
    product: &Product,
    database: &Database,
    hash: &str,
    lengths: &Lengths,
) -> Outcome<()> {
    drop(product.start(&database.url, "warn")?);
    database.fill(hash)?;
    let front = process::free_port()?;
    let instances = Mutex::new([product.instance(&database.url, front)?, product.instance(&database.url, front)?]);
    let backends = locked(&instances).each_ref().map(|server| server.address);
    let proxy = process::proxy(&product.folder, front, &backends)?;
    let crowd = Crowd::new(&proxy)?;

    let knee = find_knee(report, &crowd, lengths.step);
    say(&format!("{knee} clients for {} s", lengths.steady.as_secs()));
    let (steady, memory, _) = with_watch(&instances, None, || crowd.run(knee, lengths.steady))?;
    tell(report, "", &steady, lengths.steady);
    let is_clean = steady.cut == 0 && steady.wrong.is_empty();
    report.demand("answers", steady.described(), "no 5xx but 503 with Retry-After", is_clean);
    flat(report, &memory);

    say(&format!(
        "the same for {} s, an instance killed every {} s",
        lengths.killed.as_secs(),
        lengths.every.as_secs()
    ));
    let (killed, _, times) = with_watch(&instances, Some(lengths.every), || crowd.run(knee, lengths.killed))?;
    tell(report, &format!(", {times} kills"), &killed, lengths.killed);
    report.demand(
        &format!("answers, {times} kills"),
        killed.described(),
        "none of its own with 5xx",
        killed.wrong.is_empty(),
    );
    crowd.read_back(report, product, database)
}

/// Runs `work` while memory is watched and, if asked for, instances are killed.
fn with_watch<T>(
    instances: &Mutex<[Server; 2]>,
    every: Option<Duration>,
    work: impl FnOnce() -> T,
) -> Outcome<(T, Vec<[f64; 2]>, usize)> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(instances, &is_over));
        let killing = every.map(|every| {
            let is_over = &is_over;
            scope.spawn(move || kill(instances, every, is_over))
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        let memory = watching.join().map_err(|_| "the watch panicked")?;
        let times = killing.map(|thread| thread.join().map_err(|_| "the killer panicked")).transpose()?;
        Ok((done, memory, times.transpose()?.unwrap_or_default()))
    })
}

/// A session of its own for each client, through the proxy.
fn sessions(front: &Server) -> Outcome<Vec<String>> {
    let most = CLIENTS.into_iter().max().unwrap_or_default();
    runtime().block_on(async {
        let mut connection = Connection::open(front.address).await?;
        let mut sessions = Vec::new();
        for number in 0..most {
            let attempt = Attempt::right(number % ORGANIZATIONS, 0, address(300_000 + number));
            let request = attempt.begin(&mut connection, &front.host, "").await?;
            let status = connection.exchange(&request).await?;
            let session = connection.cookie("vestibule-session").filter(|_| status == 303);
            sessions.push(format!("vestibule-session={}", session.ok_or("an owner could not log in")?));
        }
        Ok(sessions)
    })
}

/// The fewest clients with which nearly as much is done as with any number.
fn find_knee(report: &mut Report, crowd: &Crowd<'_>, step: Duration) -> usize {
    say("looking for the knee");
    let rates = CLIENTS.map(|clients| (clients, crowd.run(clients, step).done() as f64 / step.as_secs_f64()));
    let best = rates.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let knee = rates.iter().find(|(_, rate)| *rate >= 0.95 * best).map_or(CLIENTS[0], |(clients, _)| *clients);
    let told: Vec<_> = rates.iter().map(|(clients, rate)| format!("{clients}: {rate:.0}/s")).collect();
    report.tell("clients, and requests a second of the mix", format!("{}; the knee is at {knee}", told.join(", ")));
    knee
}

fn tell(report: &mut Report, how: &str, tally: &Tally, span: Duration) {
    let figure = format!("{:.0}/s", tally.done() as f64 / span.as_secs_f64());
    report.tell(&format!("requests of the mix{how}"), figure);
    for (class, millis) in &tally.millis {
        let mut millis = millis.clone();
        let (p50, p99) = (load::percentile(&mut millis, 0.5), load::percentile(&mut millis, 0.99));
        report
            .tell(&format!("{}{how}", class.label()), format!("p50 {p50:.1} ms, p99 {p99:.1} ms of {}", millis.len()));
    }
}

/// Compares the last minute with the second one.
fn flat(report: &mut Report, memory: &[[f64; 2]]) {
    let minute = (memory.len() / 5).max(1);
    let mean =
        |lines: &[[f64; 2]], of: usize| lines.iter().map(|line| line[of]).sum::<f64>() / lines.len().max(1) as f64;
    for of in 0..2 {
        let second = mean(memory.get(minute..2 * minute).unwrap_or_default(), of);
        let last = mean(&memory[memory.len().saturating_sub(minute)..], of);
        let what = format!("resident memory of instance {}, second and last fifth of the time", of + 1);
        let figure = format!("{second:.1} and {last:.1} MiB = {:+.1} %", (last / second - 1.0) * 100.0);
        report.demand(&what, figure, "within 5 %", (last / second - 1.0).abs() <= 0.05);
    }
}

/// What stands above the table.
pub fn note(report: &mut Report, lengths: &Lengths) -> Outcome<()> {
    let version = process::proxy_version()?;
    report.note(format!(
        "{version} with one thread in front, two instances, PostgreSQL and the clients share the cores. At the knee for {} s, then {} s with a kill -9 every {} s, {} s away each.",
        lengths.steady.as_secs(), lengths.killed.as_secs(), lengths.every.as_secs(), AWAY.as_secs()
    ));
    Ok(())
}
