//! Forms: read strictly, kept as typed, parsed to a value or to all problems.

pub use super::body::{LARGEST_BODY, read_form};
pub(super) use super::body::{in_time, refuse_announced};

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::body::strictly_encoded;
use crate::access::failure::Failure;
use crate::base::i18n::Text;

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
