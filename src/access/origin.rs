//! Where a request comes from, and by what id it is found again.

use std::cell::Cell;

use actix_web::{HttpMessage, HttpRequest};

use super::address;
use super::app::App;
use super::failure::Failure;
use crate::platform::store::Origin;

/// What is noted of a request: its id, in its log line, in audit events and on error pages; and the line of the list of
/// routes that answers it, once that is known.
pub(crate) struct Noted {
    pub(crate) id: String,
    pub(crate) route: Cell<Option<usize>>,
}

/// The id of a request.
pub fn id(request: &HttpRequest) -> String {
    request.extensions().get::<Noted>().map(|noted| noted.id.clone()).unwrap_or_default()
}

/// Where a request came from, for transactions. Fails when a configured proxy names no readable client.
pub fn origin(request: &HttpRequest) -> Result<Origin, Failure> {
    let app = App::of(request);
    let agent = request.headers().get("User-Agent").and_then(|value| value.to_str().ok());
    Ok(Origin {
        address: Some(address::client_address(request, &app.config.proxies)?),
        agent: agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(200).collect()),
        request: Some(id(request)),
        operator: false,
        session: None,
        route: Some(format!("{} {}", request.method(), request.match_pattern().unwrap_or_default())),
    })
}

/// Letters of base64url in a row that may be a secret: tokens have 43, ids 36.
const SECRET: usize = 40;

/// A path without secrets: a run of letters that may be one is masked whatever stands around it, and however much of it is
/// percent-encoded, as such a path may reach a page or be tried by hand.
pub fn masked(path: &str) -> String {
    let (mut out, mut run, mut rest) = (String::with_capacity(path.len()), 0, path);
    let mut kept = 0;
    while let Some((is_letter, length)) = unit(rest) {
        let (here, next) = rest.split_at(length);
        if is_letter {
            run += 1;
        } else {
            run = 0;
        }
        match run {
            0 => {
                out.push_str(here);
                kept = out.len();
            }
            SECRET => {
                out.truncate(kept);
                out.push_str("***");
            }
            run if run < SECRET => out.push_str(here),
            _ => {}
        }
        rest = next;
    }
    out
}

/// The next character of a path, or the bytes that stand for one: whether it is a letter of base64url, and its length.
fn unit(path: &str) -> Option<(bool, usize)> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let first = path.chars().next()?;
    // Encoded once or several times: `%41`, `%2541`.
    if let Some(after) = path.strip_prefix('%') {
        let digits = after.trim_start_matches("25");
        let hex = digits.as_bytes().get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            return Some((is_letter(byte), path.len() - digits.len() + 2));
        }
    }
    Some((u8::try_from(first).is_ok_and(is_letter), first.len_utf8()))
}
