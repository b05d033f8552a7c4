//! Attacks from outside, or by a user with a session, one after another, while an honest client asks whether the
//! server is well and logs in.

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::database::{Database, ORGANIZATIONS, PASSWORD, active, organization};
use crate::http::{self, Connection};
use crate::login::{self, Attempt};
use crate::process::{Product, Server};
use crate::report::Report;
use crate::{Outcome, machine, runtime, say};

/// What must hold under each attack.
const PROBE_MILLIS: f64 = 100.0;
const LOGIN_MILLIS: f64 = 1000.0;
const GROWTH_MIB: f64 = 64.0;

/// How long one attack lasts: as preset, and with `--long`.
pub const SPAN: Duration = Duration::from_secs(10);
pub const LONG: Duration = Duration::from_secs(600);

/// An attack: how many connections make it, and the request that each sends next.
struct Attack {
    name: &'static str,
    connections: usize,
    next: Box<dyn Fn(usize) -> Vec<u8> + Send + Sync>,
}

/// A password that takes an estimator long: many short words of many dictionaries, none of which reaches far.
const WORST: &str =
    "4@8({[<369!1|0$5+7%24@8({[<369!1|0$5+7%24@8({[<369!1|0$5+7%24@8({[<369!1|0$5+7%24@8({[<369!1|0$5+7%2";

/// What the attacks came to, on one database.
pub fn measure(
    report: &mut Report,
    product: &Product,
    (name, database): (&str, &Database),
    hash: &str,
    span: Duration,
) -> Outcome<()> {
    drop(product.start(&database.url, "off")?);
    database.fill(hash)?;
    let server = product.start(&database.url, "off")?;
    std::thread::sleep(Duration::from_secs(2));
    let honest = Honest::new(&server);
    let _warm: Seen = honest.watch(&AtomicBool::new(true), Duration::from_secs(2))?;
    let idle = machine::resident(server.process());
    let mut attacks = strangers(&server);
    attacks.push(one_session(&server)?);
    for attack in attacks {
        say(&format!("{name}: {}", attack.name));
        machine::forget_peak(server.process())?;
        let (seen, sent) = under(&attack, &server, &honest, span)?;
        note(
            report,
            name,
            attack.name,
            &seen,
            sent as f64 / span.as_secs_f64(),
            machine::resident_peak(server.process()) - idle,
        );
    }
    say(&format!("{name}: slow bodies"));
    machine::forget_peak(server.process())?;
    let (seen, sent) = slow_bodies(&server, &honest, span)?;
    note(
        report,
        name,
        "slow bodies",
        &seen,
        sent as f64 / span.as_secs_f64(),
        machine::resident_peak(server.process()) - idle,
    );
    Ok(())
}

fn note(report: &mut Report, engine: &str, attack: &str, seen: &Seen, rate: f64, growth: f64) {
    let figure = format!(
        "health {:.0} ms, login {:.0} ms at most; {} of {} logins; {growth:+.1} MiB; {rate:.0} requests/s",
        seen.probe, seen.login, seen.let_in, seen.logins
    );
    let is_met = seen.probe <= PROBE_MILLIS
        && seen.login <= LOGIN_MILLIS
        && growth <= GROWTH_MIB
        && seen.logins > 0
        && seen.let_in == seen.logins;
    report.demand(&format!("{attack}, {engine}"), figure, "≤ 100 ms, ≤ 1 s, all, ≤ 64 MiB", is_met);
}

/// A network of a stranger's own.
fn network(number: usize) -> Ipv6Addr {
    let number = number as u64;
    Ipv6Addr::new(0x2001, 0xdb8, (number >> 32) as u16, (number >> 16) as u16, number as u16, 0, 0, 1)
}

/// A /64 of one /48.
fn neighbour(number: usize) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0xffff, number as u16, 0, 0, 0, 1)
}

fn from(address: impl std::fmt::Display) -> String {
    format!("X-Forwarded-For: {address}\r\n")
}

/// What needs no session.
fn strangers(server: &Server) -> Vec<Attack> {
    let attack =
        |name, connections, next: Box<dyn Fn(usize) -> Vec<u8> + Send + Sync>| Attack { name, connections, next };
    let host = || server.host.clone();
    let (strength, resets, recovery, signups, names, wrong) = (host(), host(), host(), host(), host(), host());
    // One page is enough for all of them: the token names the organization, not the sender.
    let page = login_page(server).unwrap_or_default();
    let (cookie, token) = page;
    vec![
        attack(
            "strength of passwords",
            4,
            Box::new(move |number| {
                http::post(&strength, "/password/strength", &from(network(number)), &[("new_password", WORST)])
            }),
        ),
        attack(
            "requests for new passwords, each for another user and from another network",
            16,
            Box::new(move |number| {
                let fields = [("organization", organization(1)), ("email", format!("stranger-{number}@example.org"))];
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                http::post(&resets, "/password", &from(network(number)), &fields)
            }),
        ),
        attack(
            "wrong recovery codes, each from another network",
            16,
            Box::new(move |number| {
                let (name, email) = (organization(2), format!("stranger-{number}@example.org"));
                let fields = [
                    ("organization", name.as_str()),
                    ("email", &email),
                    ("recovery_code", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
                ];
                http::post(&recovery, "/login/recovery", &from(network(number)), &fields)
            }),
        ),
        attack(
            "sign-ups with 60 KB in a field",
            16,
            Box::new(move |number| {
                let code = "x".repeat(60_000);
                let fields = [("terms", "on"), ("privacy", "on"), ("age", "on"), ("code", code.as_str())];
                http::post(&signups, "/signup", &from(network(number)), &fields)
            }),
        ),
        attack(
            "login pages of names without an organization",
            16,
            Box::new(move |number| {
                http::get(&names, &format!("/login/stranger-{}", number % 1000), &from(network(number)))
            }),
        ),
        attack(
            "wrong passwords from random /64s of one /48",
            42,
            Box::new(move |number| {
                let headers = format!("{}Cookie: vestibule-pending={cookie}\r\n", from(neighbour(number)));
                let email = format!("stranger-{number}@example.org");
                let fields = [("email", email.as_str()), ("password", "not the password"), ("form_token", &token)];
                http::post(&wrong, &format!("/login/{}", organization(3)), &headers, &fields)
            }),
        ),
    ]
}

/// The cookie and the token of a login page.
fn login_page(server: &Server) -> Outcome<(String, String)> {
    runtime().block_on(async {
        let mut connection = Connection::open(server.address).await?;
        let path = format!("/login/{}", organization(3));
        connection.exchange(&http::get(&server.host, &path, &from("192.0.2.9"))).await?;
        let token = http::token(&connection.body()).ok_or("the login page says not what it is about")?;
        Ok((connection.cookie("vestibule-pending").ok_or("no cookie")?, token))
    })
}

/// One session sends its own password as the new one, over many connections.
fn one_session(server: &Server) -> Outcome<Attack> {
    let (host, cookies) = (server.host.clone(), login::owner(server, 1)?);
    let (cookie, token) = runtime().block_on(async {
        let mut connection = Connection::open(server.address).await?;
        let headers = format!("{}Cookie: {cookies}\r\n", from("192.0.2.1"));
        connection.exchange(&http::get(&host, "/account/password", &headers)).await?;
        let token = http::token(&connection.body()).ok_or("the page of the password says not what it is about")?;
        let pending = connection.cookie("vestibule-pending").ok_or("no cookie")?;
        Ok::<_, Box<dyn std::error::Error>>((format!("{cookies}; vestibule-pending={pending}"), token))
    })?;
    let next = move |_| {
        let headers = format!("{}Cookie: {cookie}\r\n", from("192.0.2.1"));
        let fields = [("new_password", PASSWORD), ("password_again", PASSWORD), ("form_token", token.as_str())];
        http::post(&host, "/account/password", &headers, &fields)
    };
    Ok(Attack { name: "new passwords from one session over 100 connections", connections: 100, next: Box::new(next) })
}

/// What an honest client met.
#[derive(Debug, Default)]
struct Seen {
    /// The longest that the health probe and a login took, in milliseconds.
    probe: f64,
    login: f64,
    logins: usize,
    let_in: usize,
}

struct Honest {
    address: SocketAddr,
    host: String,
    next: AtomicUsize,
}

impl Honest {
    fn new(server: &Server) -> Self {
        Self { address: server.address, host: server.host.clone(), next: AtomicUsize::new(0) }
    }

    /// Asks and logs in until the time is over; every login is another user's, from an address of its own.
    fn watch(&self, goes_on: &AtomicBool, span: Duration) -> Outcome<Seen> {
        runtime().block_on(async {
            let (mut seen, deadline) = (Seen::default(), Instant::now() + span);
            let health = http::get(&self.host, "/healthz", "");
            while Instant::now() < deadline && goes_on.load(Ordering::Relaxed) {
                for _ in 0..5 {
                    seen.probe = seen.probe.max(self.timed(&health, 200).await?);
                    tokio::time::sleep(Duration::from_millis(40)).await;
                }
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let attempt = Attempt {
                    organization: organization(4 + number % (ORGANIZATIONS - 4)),
                    email: active(1 + number / (ORGANIZATIONS - 4) % 4),
                    password: PASSWORD.to_owned(),
                    address: login::address(500_000 + number),
                };
                let mut connection = Connection::open(self.address).await?;
                let request = attempt.begin(&mut connection, &self.host, "").await?;
                let began = Instant::now();
                let status = connection.exchange(&request).await?;
                seen.login = seen.login.max(began.elapsed().as_secs_f64() * 1000.0);
                seen.logins += 1;
                seen.let_in += usize::from(status == 303);
            }
            Ok(seen)
        })
    }

    /// The milliseconds of one request on a connection of its own.
    async fn timed(&self, request: &[u8], expected: u16) -> Outcome<f64> {
        let began = Instant::now();
        let answer = tokio::time::timeout(Duration::from_secs(20), async {
            let mut connection = Connection::open(self.address).await?;
            connection.exchange(request).await
        });
        match answer.await {
            Ok(Ok(status)) if status == expected => Ok(began.elapsed().as_secs_f64() * 1000.0),
            Ok(Ok(status)) => Err(format!("the health probe was answered with {status}").into()),
            // A connection that is refused is as bad as one that never answers.
            Ok(Err(_)) | Err(_) => Ok(20_000.0),
        }
    }
}

/// What the honest client met while the attack ran, and how many requests the attack sent.
fn under(attack: &Attack, server: &Server, honest: &Honest, span: Duration) -> Outcome<(Seen, usize)> {
    let (goes_on, sent) = (AtomicBool::new(true), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let local = tokio::task::LocalSet::new();
            let all = (0..attack.connections).map(|_| flood(attack, server.address, &goes_on, &sent));
            runtime().block_on(local.run_until(futures_util::future::join_all(all)));
        });
        let seen = honest.watch(&goes_on, span);
        goes_on.store(false, Ordering::Relaxed);
        Ok((seen?, sent.load(Ordering::Relaxed)))
    })
}

/// Sends one request after another, on a new connection where the last one was closed.
async fn flood(attack: &Attack, address: SocketAddr, goes_on: &AtomicBool, sent: &AtomicUsize) {
    let mut open = None;
    while goes_on.load(Ordering::Relaxed) {
        let mut connection = match open.take() {
            Some(connection) => connection,
            None => match Connection::open(address).await {
                Ok(connection) => connection,
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        let request = (attack.next)(sent.fetch_add(1, Ordering::Relaxed));
        let answered = tokio::time::timeout(Duration::from_secs(5), connection.exchange(&request)).await;
        if let Ok(Ok(_)) = answered {
            open = Some(connection);
        }
    }
}

/// Four hundred forms whose body comes a byte a second.
fn slow_bodies(server: &Server, honest: &Honest, span: Duration) -> Outcome<(Seen, usize)> {
    let (goes_on, sent) = (AtomicBool::new(true), AtomicUsize::new(0));
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 192.0.2.66\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n",
        server.host
    );
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let drip = || async {
                while goes_on.load(Ordering::Relaxed) {
                    let Ok(mut stream) = TcpStream::connect(server.address).await else { continue };
                    sent.fetch_add(1, Ordering::Relaxed);
                    let mut bytes = head.as_bytes().to_vec();
                    while goes_on.load(Ordering::Relaxed) && stream.write_all(&bytes).await.is_ok() {
                        bytes = b"a".to_vec();
                        let mut answer = [0_u8; 64];
                        let ended = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut answer)).await;
                        if ended.is_ok() {
                            break;
                        }
                    }
                }
            };
            runtime().block_on(futures_util::future::join_all((0..400).map(|_| drip())));
        });
        let seen = honest.watch(&goes_on, span);
        goes_on.store(false, Ordering::Relaxed);
        Ok((seen?, sent.load(Ordering::Relaxed)))
    })
}
