//! Logging in through the pages, as browsers behind a proxy do.

use std::net::Ipv4Addr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{try_join, try_join_all};

use crate::database::{ACTIVE, DEACTIVATED, INVITED, ORGANIZATIONS, PASSWORD, active, organization};
use crate::http::{self, Connection};
use crate::process::Server;
use crate::{Outcome, load, runtime};

/// A login as typed, and where from.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub organization: String,
    pub email: String,
    pub password: String,
    pub address: Ipv4Addr,
}

impl Attempt {
    /// Of a user who can log in, with the right password.
    pub fn right(number: usize, user: usize, address: Ipv4Addr) -> Self {
        Self { organization: organization(number), email: active(user), password: PASSWORD.to_owned(), address }
    }

    fn from(&self) -> String {
        format!(
            "X-Forwarded-For: {}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n",
            self.address
        )
    }

    /// The organization's login page; returns the request with which the password is sent. `cookies` are the browser's own,
    /// each with its end.
    pub async fn begin(&self, connection: &mut Connection, host: &str, cookies: &str) -> std::io::Result<Vec<u8>> {
        let path = format!("/login/{}", self.organization);
        let status = connection.exchange(&http::get(host, &path, &self.from())).await?;
        let (Some(token), Some(browser)) = (http::token(&connection.body()), connection.cookie("vestibule-pending"))
        else {
            return Err(std::io::Error::other(format!("GET {path} was answered with {status}")));
        };
        let headers = format!("{}Cookie: {cookies}vestibule-pending={browser}\r\n", self.from());
        let fields =
            [("email", self.email.as_str()), ("password", self.password.as_str()), ("form_token", token.as_str())];
        Ok(http::post(host, &path, &headers, &fields))
    }
}

/// An address for the number of a client, different for each.
pub fn address(number: usize) -> Ipv4Addr {
    let number = u32::try_from(number).unwrap_or(u32::MAX) & 0x00ff_ffff;
    Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 0)) | number)
}

/// Logs the first organization's owner in `times` times and returns the last session's cookie.
pub fn owner(server: &Server, times: usize) -> Outcome<String> {
    runtime().block_on(async {
        let mut connection = Connection::open(server.address).await?;
        let (mut session, mut browser) = (None, String::new());
        for _ in 0..times {
            let attempt = Attempt::right(0, 0, Ipv4Addr::new(192, 0, 2, 1));
            let request = attempt.begin(&mut connection, &server.host, &browser).await?;
            let status = connection.exchange(&request).await?;
            session = connection.cookie("vestibule-session").filter(|_| status == 303);
            browser = connection
                .cookie("vestibule-browser")
                .map(|token| format!("vestibule-browser={token}; "))
                .unwrap_or(browser);
        }
        Ok(format!("vestibule-session={}", session.ok_or("the owner could not log in")?))
    })
}

/// Who logs in again and again: the next account in turn, each from an address of its own. Browsers keep their cookie,
/// so that nobody is mailed about a new device.
pub struct Regulars {
    next: AtomicUsize,
    browsers: Mutex<Vec<String>>,
}

impl Regulars {
    /// The last three users of each organization are left to `burst`.
    const USERS: usize = ACTIVE - 3;

    pub fn new() -> Self {
        Self { next: AtomicUsize::new(1), browsers: Mutex::new(vec![String::new(); ORGANIZATIONS * Self::USERS]) }
    }

    fn browsers(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.browsers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The next one logs in; the status of the answer to the password.
    pub async fn log_in(&self, connection: &mut Connection, host: &str) -> std::io::Result<u16> {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % (ORGANIZATIONS * Self::USERS);
        let attempt = Attempt::right(number % ORGANIZATIONS, number / ORGANIZATIONS, address(number));
        let browser = self.browsers()[number].clone();
        let request = attempt.begin(connection, host, &browser).await?;
        let status = connection.exchange(&request).await?;
        if let Some(token) = connection.cookie("vestibule-browser") {
            self.browsers()[number] = format!("vestibule-browser={token}; ");
        }
        Ok(status)
    }
}

/// Logins for some time by some clients at once. Returns logins a second.
pub fn rate(server: &Server, regulars: &Regulars, clients: usize, span: Duration) -> Outcome<f64> {
    let done = AtomicUsize::new(0);
    let deadline = Instant::now() + span;
    let client = || async {
        let mut connection = Connection::open(server.address).await?;
        loop {
            let status = regulars.log_in(&mut connection, &server.host).await?;
            if status != 303 || connection.cookie("vestibule-session").is_none() {
                return Err(std::io::Error::other(format!("a login was answered with {status}")));
            }
            if Instant::now() > deadline {
                return Ok(());
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    runtime().block_on(try_join_all((0..clients).map(|_| client())))?;
    Ok(done.load(Ordering::Relaxed) as f64 / span.as_secs_f64())
}

/// What became of many logins at once.
#[derive(Debug, Default)]
pub struct Burst {
    /// Logged in.
    pub let_in: usize,
    /// Answered with 503.
    pub turned_away: usize,
    /// Of those, the ones without `Retry-After`, or on a page that had lost what was typed.
    pub rude: usize,
    /// What everybody else waited for the login page meanwhile, in milliseconds.
    pub page: Vec<f64>,
}

/// One login for an account of each organization, all at the same moment and each from an address and on a connection
/// of its own, while others open the login page.
pub fn burst(server: &Server, round: usize) -> Outcome<Burst> {
    let user = ACTIVE - 1 - round % 3;
    let running = AtomicUsize::new(ORGANIZATIONS);
    let mut burst = Burst::default();
    runtime().block_on(async {
        let mut ready = Vec::new();
        for number in 0..ORGANIZATIONS {
            let attempt = Attempt::right(number, user, address(100_000 + round * ORGANIZATIONS + number));
            let mut connection = Connection::open(server.address).await?;
            let request = attempt.begin(&mut connection, &server.host, "").await?;
            ready.push((attempt, connection, request));
        }
        let log_in = |(attempt, mut connection, request): (Attempt, Connection, Vec<u8>)| {
            let running = &running;
            async move {
                let status = connection.exchange(&request).await;
                running.fetch_sub(1, Ordering::Relaxed);
                Ok::<_, std::io::Error>((status?, attempt, connection))
            }
        };
        let others = try_join_all((0..8).map(|_| open_page(server, &running)));
        let (ended, pages) = try_join(try_join_all(ready.into_iter().map(log_in)), others).await?;
        burst.page = pages.concat();
        for (status, attempt, connection) in ended {
            match status {
                303 => burst.let_in += 1,
                503 => {
                    burst.turned_away += 1;
                    let page = connection.body();
                    let kept =
                        page.contains(&attempt.organization) && page.contains(&format!("value=\"{}\"", attempt.email));
                    burst.rude += usize::from(!kept || connection.header("retry-after").is_none());
                }
                status => {
                    return Err(std::io::Error::other(format!("a login of many was answered with {status}")));
                }
            }
        }
        Ok::<_, std::io::Error>(())
    })?;
    Ok(burst)
}

/// Opens the login page every few milliseconds until all others are done.
async fn open_page(server: &Server, running: &AtomicUsize) -> std::io::Result<Vec<f64>> {
    let mut connection = Connection::open(server.address).await?;
    let request = http::get(&server.host, "/login", "");
    let mut millis = Vec::new();
    while running.load(Ordering::Relaxed) > 0 {
        let began = Instant::now();
        let status = connection.exchange(&request).await?;
        if status != 200 {
            return Err(std::io::Error::other(format!("the login page was answered with {status} among many logins")));
        }
        millis.push(began.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(millis)
}

/// Why a login is refused. Nobody may tell these from each other by the time the answer takes.
pub const REFUSALS: [&str; 5] =
    ["unknown organization", "unknown e-mail", "wrong password", "deactivated", "never activated"];

/// The median milliseconds of both steps of a login, for each of [`REFUSALS`]: one after another, in turn, every
/// attempt on another account and from another address, so that nothing is ever locked. Whoever may not log in sends
/// the right password.
pub fn refusals(server: &Server, times: usize) -> Outcome<[[f64; 2]; 5]> {
    let mut millis: [[Vec<f64>; 2]; 5] = Default::default();
    runtime().block_on(async {
        let mut connection = Connection::open(server.address).await?;
        for round in 0..times {
            for turn in 0..REFUSALS.len() {
                // Another order every round, so that nobody always comes after the same neighbour.
                let kind = (turn + round) % REFUSALS.len();
                let mut attempt =
                    Attempt::right(round % ORGANIZATIONS, 0, address(200_000 + round * REFUSALS.len() + kind));
                match kind {
                    0 => attempt.organization = format!("nowhere-{round}"),
                    1 => attempt.email = format!("nobody-{round}@example.org"),
                    2 => attempt.password = "another-password-of-the-bench".to_owned(),
                    3 => attempt.email = DEACTIVATED.to_owned(),
                    _ => attempt.email = INVITED.to_owned(),
                }
                let began = Instant::now();
                let request = attempt.begin(&mut connection, &server.host, "").await?;
                let between = Instant::now();
                let status = connection.exchange(&request).await?;
                if status != 422 {
                    return Err(std::io::Error::other(format!("{} was answered with {status}", REFUSALS[kind])));
                }
                millis[kind][0].push((between - began).as_secs_f64() * 1000.0);
                millis[kind][1].push(between.elapsed().as_secs_f64() * 1000.0);
            }
        }
        Ok::<_, std::io::Error>(())
    })?;
    Ok(millis.map(|steps| steps.map(load::median)))
}
