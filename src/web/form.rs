//! Forms: read strictly, kept as typed, parsed to a value or to all problems.

use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::access::failure::Failure;
use crate::base::i18n::Text;

/// Largest body of a form, in bytes; past that 413.
pub const LARGEST_BODY: usize = 64 * 1024;

/// Longest that the body of a form may take to come; past that 408. The server bounds the time of the head alone.
const LONGEST_BODY: Duration = Duration::from_secs(10);

/// A posted form, as typed.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T> std::ops::Deref for Form<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let text = read_form(&request, &mut payload).await?;
            super::form_token::note_carried(&request, &text);
            serde_html_form::from_str(&text).map(Form).map_err(|_| Failure::BadForm)
        })
    }
}

/// The query string of a GET, as typed; absent fields are empty, anything unreadable is a bad request.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.query_string();
        let value = strictly_encoded(text).then(|| serde_html_form::from_str(text).ok()).flatten();
        std::future::ready(value.map(Query).ok_or(Failure::BadForm))
    }
}

/// Reads the body of a form: the one content type, bounded, and in UTF-8 after decoding.
pub async fn read_form(request: &HttpRequest, payload: &mut Payload) -> Result<String, Failure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
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
    let body = in_time(LONGEST_BODY, whole).await?;
    let text = String::from_utf8(body.to_vec()).map_err(|_| Failure::BadForm)?;
    if strictly_encoded(&text) { Ok(text) } else { Err(Failure::BadForm) }
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
fn strictly_encoded(text: &str) -> bool {
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

/// Everything wrong with a form, each complaint at its field.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Problems(Vec<(&'static str, Text)>);

impl Problems {
    /// One complaint.
    pub fn one(field: &'static str, problem: impl Into<Text>) -> Self {
        Self(vec![(field, problem.into())])
    }

    /// Adds a complaint.
    pub fn add(&mut self, field: &'static str, problem: impl Into<Text>) {
        self.0.push((field, problem.into()));
    }

    /// The value, or its complaint noted at `field`.
    pub fn take<T, P: Into<Text>>(&mut self, field: &'static str, parsed: Result<T, P>) -> Option<T> {
        parsed.map_err(|problem| self.add(field, problem)).ok()
    }

    /// The complaint at a field.
    pub fn of(&self, field: &str) -> Option<&Text> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, problem)| problem)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All complaints with their fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = &(&'static str, Text)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows ASVS 1.1.1.
    #[test]
    fn escapes_must_be_whole_and_utf8() {
        for good in ["", "a=b&c=%ED%95%9C", "a=+%2B", "name=%00"] {
            assert!(strictly_encoded(good), "{good}");
        }
        for bad in ["a=%", "a=%2", "a=%zz", "a=%ff", "a=%ED%95", "%C0%80"] {
            assert!(!strictly_encoded(bad), "{bad}");
        }
    }

    /// Shows attack 104.
    #[test]
    fn asvs_15_3_7_a_doubled_field_is_not_a_form() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only reading is tested")]
        struct One {
            #[serde(default)]
            name: String,
        }
        assert!(serde_html_form::from_str::<One>("name=a").is_ok());
        assert!(serde_html_form::from_str::<One>("").is_ok());
        assert!(serde_html_form::from_str::<One>("name=a&name=b").is_err());
    }
}
