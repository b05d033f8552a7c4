//! Forms with a file: `multipart/form-data`, bounded as a whole and kept in memory.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::{Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::form::{in_time, refuse_announced};
use crate::access::failure::Failure;

/// Largest file, in bytes; past that 413.
pub const LARGEST_UPLOAD: usize = 1024 * 1024;

/// Largest body of a form with a file: a file, and beside it the text of one that was looked at before, whose lines the
/// browser ends with two characters.
const LARGEST_WHOLE: usize = 3 * LARGEST_UPLOAD;

/// Longest that it may take to come: a file comes over slow lines, too.
const LONGEST_UPLOAD: Duration = Duration::from_secs(60);

/// What stands around the parts of a form comes on top of their size.
const MOST_AROUND: usize = 16 * 1024;

/// Parts of a form, at most.
const MOST_PARTS: usize = 20;

/// A posted form with a file: each field once, as it was sent.
#[derive(Debug, Default)]
pub struct Upload(BTreeMap<String, Vec<u8>>);

impl Upload {
    /// A text field; what is no UTF-8 is not a form of ours. An absent field is empty.
    pub fn text(&self, name: &str) -> Result<&str, Failure> {
        std::str::from_utf8(self.bytes(name)).map_err(|_| Failure::BadForm)
    }

    /// Every field whose value is text, with its name.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value).ok()?)))
    }

    /// The bytes of a field or file; an absent one is empty.
    pub fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

impl FromRequest for Upload {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("multipart/form-data") {
            return Box::pin(std::future::ready(Err(Failure::UnsupportedType)));
        }
        if let Err(failure) = refuse_announced(request, LARGEST_WHOLE + MOST_AROUND) {
            return Box::pin(std::future::ready(Err(failure)));
        }
        let parts = Multipart::new(request.headers(), payload.take());
        Box::pin(in_time(LONGEST_UPLOAD, read(parts)))
    }
}

/// Reads the whole body of a form with a file, as it was sent.
pub async fn read_upload(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Failure> {
    refuse_announced(request, LARGEST_UPLOAD + MOST_AROUND)?;
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Failure::BadForm)?;
            if body.len() + chunk.len() > LARGEST_UPLOAD + MOST_AROUND {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    in_time(LONGEST_UPLOAD, whole).await
}

async fn read(mut parts: Multipart) -> Result<Upload, Failure> {
    let mut fields = BTreeMap::new();
    let mut size = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(unreadable)?;
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.content_disposition().is_some_and(|head| head.get_filename().is_some());
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(unreadable)?;
            size += chunk.len();
            let too_large = is_file && bytes.len() + chunk.len() > LARGEST_UPLOAD;
            if too_large || size > LARGEST_WHOLE {
                return Err(Failure::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        // A doubled field is not a form of ours (ASVS 15.3.7).
        if fields.insert(name, bytes).is_some() || fields.len() > MOST_PARTS {
            return Err(Failure::BadForm);
        }
    }
    Ok(Upload(fields))
}

fn unreadable(cause: MultipartError) -> Failure {
    tracing::debug!(%cause, "a form with a file could not be read");
    Failure::BadForm
}
