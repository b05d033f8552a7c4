//! A hundred users registered at once: how long the change takes, and how fast their invitations reach a mail server.

use std::time::{Duration, Instant};

use crate::http::{self, Connection};
use crate::process::Server;
use crate::{Outcome, runtime};

/// Users of one registration.
pub const MANY: usize = 100;

/// What one registration took.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// Until it was committed and answered, in milliseconds.
    pub committed: f64,
    /// Until every invitation was delivered, in seconds from then.
    pub delivered: f64,
}

/// Registers [`MANY`] users and watches the page until their invitations are delivered.
pub fn register(server: &Server, session: &str, round: usize) -> Outcome<Registration> {
    let border = "a-border-that-no-list-has";
    let list: String = (0..MANY).map(|n| format!("round-{round}-user-{n}@example.org,Bench Guest {n}\n")).collect();
    let part = |name: &str, value: &str| {
        format!("--{border}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    runtime().block_on(async {
        let mut connection = Connection::open(server.address).await?;
        // The form carries what its page was about, for this browser.
        connection.exchange(&http::get(&server.host, "/iam/users/bulk", &format!("Cookie: {session}\r\n"))).await?;
        let pending = connection.cookie("vestibule-pending").unwrap_or_default();
        let page = connection.body();
        let token = page.split_once("name=\"form_token\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let token = part("form_token", token.ok_or("the page of a registration has no form token")?);
        let body = format!("{token}{}{}--{border}--\r\n", part("language", "en"), part("lines", &list));
        let request = format!(
            "POST /iam/users/bulk HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: {session}; vestibule-pending={pending}\r\n\
             Content-Type: multipart/form-data; boundary={border}\r\nContent-Length: {}\r\n\r\n{body}",
            server.host,
            body.len()
        );
        let began = Instant::now();
        let status = connection.exchange(request.as_bytes()).await?;
        let committed = began.elapsed();
        let place = connection.header("location").unwrap_or_default().to_owned();
        if status != 303 {
            return Err(format!("a registration of {MANY} users was answered with {status}").into());
        }
        let look = http::get(&server.host, &place, &format!("Cookie: {session}\r\n"));
        let all = format!("{MANY} of {MANY} invitations finished");
        loop {
            connection.exchange(&look).await?;
            if connection.body().contains(&all) {
                let delivered = began.elapsed().saturating_sub(committed).as_secs_f64();
                return Ok(Registration { committed: committed.as_secs_f64() * 1000.0, delivered });
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err(format!("{MANY} invitations were not delivered within 30 seconds").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}
