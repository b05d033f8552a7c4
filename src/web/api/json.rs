//! JSON in and out.

use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::failure::Failure;
use crate::web::body::read_body;

/// The body of a request, read strictly: its content type, UTF-8, no field twice. What a type does not name it refuses itself
/// (`deny_unknown_fields`).
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = read_body(&request, &mut payload, "application/json").await?;
            serde_json::from_slice(&body).map(Json).map_err(|_| Failure::BadForm)
        })
    }
}

/// What every handler of programs returns.
pub type ApiReply = Result<ApiAnswer, Failure>;

/// An answer to a program.
#[derive(Debug)]
pub struct ApiAnswer {
    status: StatusCode,
    body: Option<Vec<u8>>,
    location: Option<String>,
}

impl ApiAnswer {
    /// 200 with a value.
    pub fn value(value: &impl Serialize) -> Result<Self, Failure> {
        Self::with(StatusCode::OK, value)
    }

    /// 201 with what was made, and where it is.
    pub fn created(location: String, value: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self { location: Some(location), ..Self::with(StatusCode::CREATED, value)? })
    }

    /// 204: it is done, and there is nothing to say.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, location: None }
    }

    fn with(status: StatusCode, value: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(value).map_err(|cause| Failure::Internal(cause.to_string()))?;
        Ok(Self { status, body: Some(body), location: None })
    }
}

impl Responder for ApiAnswer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            builder.insert_header((LOCATION, location));
        }
        match self.body {
            Some(body) => builder.content_type("application/json").body(body),
            None => builder.finish(),
        }
    }
}
