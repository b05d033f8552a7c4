//! Reads the body of a form or of a program's request.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use crate::access::failure::Failure;

/// Largest body of a form, in bytes; past that 413.
pub const LARGEST_BODY: usize = 64 * 1024;

/// Longest that the body of a form may take to come; past that 408. The server bounds the time of the head alone.
pub(super) const LONGEST_BODY: Duration = Duration::from_secs(10);

/// Reads the body of a form: the one content type, bounded, and in UTF-8 after decoding.
pub async fn read_form(request: &HttpRequest, payload: &mut Payload) -> Result<String, Failure> {
    let body = read_body(request, payload, "application/x-www-form-urlencoded").await?;
    let text = String::from_utf8(body.to_vec()).map_err(|_| Failure::BadForm)?;
    if strictly_encoded(&text) { Ok(text) } else { Err(Failure::BadForm) }
}

/// Reads a body of one content type, bounded in length and time.
pub(super) async fn read_body(
    request: &HttpRequest,
    payload: &mut Payload,
    content_type: &str,
) -> Result<web::BytesMut, Failure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(content_type) {
        return Err(Failure::UnsupportedType);
    }
    refuse_announced(request, LARGEST_BODY)?;
    let whole = async {
        let mut body = web::BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Failure::BadForm)?;
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    in_time(LONGEST_BODY, whole).await
}

/// A body that says itself that it is too large is not waited for.
pub(super) fn refuse_announced(request: &HttpRequest, largest: usize) -> Result<(), Failure> {
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > largest) { Err(Failure::TooLarge) } else { Ok(()) }
}

/// What is read of a body, unless that takes too long.
pub(super) async fn in_time<T>(
    longest: Duration,
    reading: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(longest, reading).await.unwrap_or(Err(Failure::TooSlow))
}

/// Whether every escape is two hexadecimal digits and the decoded bytes are UTF-8. Browsers send nothing else;
/// decoding anything else leniently would change what was typed.
pub(super) fn strictly_encoded(text: &str) -> bool {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (digit(bytes.next()), digit(bytes.next())) {
            (Some(high), Some(low)) => decoded.push((high * 16 + low) as u8),
            _ => return false,
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}
