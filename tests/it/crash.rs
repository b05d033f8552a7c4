//! The real binary, killed at random moments: what was accepted is there afterwards.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use diesel::prelude::*;
use vestibule::platform::store::schema::{mails, organizations, users};

use super::process::Settings;
use super::support::client::{self, Response};
use super::support::database::Database;

/// Signs one organization up: whether the server acknowledged it, or what it answered instead.
pub fn sign_up(address: SocketAddr, name: &str) -> std::io::Result<Result<(), Response>> {
    let mut cookie = String::new();
    let steps: [(&str, &[(&str, &str)]); 3] = [
        ("/signup", &[("all", "on")]),
        (
            "/signup/member",
            &[
                ("company", "Acme"),
                ("country", "KR"),
                ("registration_number", "120-81-47521"),
                ("representative", "Mina Park"),
                ("phone", "02-2345-6789"),
                ("billing_email", "b@acme.example"),
                ("go", "next"),
            ],
        ),
        (
            "/signup/organization",
            &[
                ("organization", name),
                ("name", "Mina Park"),
                ("email", &format!("owner@{name}.example")),
                ("mobile_country", "KR"),
                ("mobile", "010-2345-6789"),
                ("go", "complete"),
            ],
        ),
    ];
    let (mut last, mut token) = (None, String::new());
    // Of one network only some begin in a minute.
    let from = std::net::Ipv4Addr::from(name.bytes().fold(0x0a00_0000, |sum: u32, byte| {
        0x0a00_0000 | (sum.wrapping_mul(31).wrapping_add(u32::from(byte)) & 0x00ff_ffff)
    }));
    for (path, fields) in steps {
        let body = format!("{}&form_token={token}", super::support::people::encode(fields));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
             X-Forwarded-For: {from}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = client::raw(address, head.as_bytes(), false)?;
        for line in answer.headers("set-cookie") {
            if line.starts_with("vestibule-pending=") {
                cookie = line.split(';').next().unwrap_or_default().to_owned();
            }
        }
        let to = answer.header("location").and_then(|to| to.split_once("form_token="));
        token = to.map(|(_, token)| token.to_owned()).unwrap_or_default();
        if answer.status != 303 {
            return Ok(Err(answer));
        }
        last = Some(answer);
    }
    let done = last.filter(|answer| answer.header("location").is_some_and(|to| to.starts_with("/signup/done?")));
    done.map(|_| Ok(())).ok_or_else(|| std::io::Error::other("a sign-up that led elsewhere"))
}

/// Shows ASVS 2.3.3.
#[test]
fn kill_9_at_random_moments_loses_no_organization_and_no_mail() {
    let rounds = super::rounds(50);
    let database = Database::create();
    let folder = std::env::temp_dir().join(format!("vestibule-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let settings = Settings::new(&database, &folder).with("VESTIBULE_LIMITS_SIGN_UPS", 100_000);
    let mut acknowledged = BTreeSet::new();
    let whole = {
        let server = settings.start();
        let began = std::time::Instant::now();
        assert!(sign_up(server.address, "crash-first").unwrap().is_ok());
        acknowledged.insert("crash-first".to_owned());
        began.elapsed()
    };
    for round in 0..rounds {
        let server = settings.start();
        let address = server.address;
        // Anything between "before the first answer" and "in the middle of the third sign-up", differing every round.
        let alive = whole.mul_f64((round * 37 % 100) as f64 / 100.0 * 3.0) + Duration::from_millis(2);
        let killer = std::thread::spawn(move || {
            std::thread::sleep(alive);
            drop(server);
        });
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                std::thread::spawn(move || {
                    let names = (0..).map(|number| format!("crash-{round}-{worker}-{number}"));
                    names.take_while(|name| sign_up(address, name).is_ok_and(|done| done.is_ok())).collect::<Vec<_>>()
                })
            })
            .collect();
        for worker in workers {
            acknowledged.extend(worker.join().unwrap());
        }
        killer.join().unwrap();
    }
    let server = settings.start();
    let mut connection = database.connect();
    let names: BTreeSet<String> =
        organizations::table.select(organizations::name).load::<String>(&mut connection).unwrap().into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&names).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(rounds < 20 || acknowledged.len() > 5, "some sign-ups finished: {}", acknowledged.len());
    let people: i64 = users::table.count().get_result(&mut connection).unwrap();
    assert_eq!(people as usize, names.len(), "every organization has its owner");
    let mut waiting = i64::MAX;
    for _ in 0..600 {
        waiting = mails::table.filter(mails::state.ne("sent")).count().get_result(&mut connection).unwrap();
        if waiting == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        // A mail claimed by a killed process belongs to it until its lease ends; the test does not wait two minutes.
        diesel::update(mails::table.filter(mails::state.eq("queued")))
            .set(mails::leased_until.eq(None::<chrono::NaiveDateTime>))
            .execute(&mut connection)
            .unwrap();
    }
    assert_eq!(waiting, 0, "every mail was delivered");
    let mailbox =
        String::from_utf8(client::send(server.address, "GET", "/dev/mailbox.json", &[("Host", "localhost")], b"").body)
            .unwrap();
    let captured: Vec<serde_json::Value> = serde_json::from_str(&mailbox).unwrap();
    let reached: BTreeSet<&str> = captured.iter().filter_map(|mail| mail["to"].as_str()).collect();
    let newest: Vec<&String> = names.iter().rev().take(100).collect();
    if names.len() < 400 {
        for name in newest {
            assert!(reached.contains(format!("owner@{name}.example").as_str()), "{name} got its mail");
        }
    }
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}
