//! Ids in paths. Anything that cannot be an id is "not found", like an id that never existed.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::failure::Failure;

/// What can be read from one segment of a path.
pub trait FromPath: Sized {
    /// The value, or `None` for anything that cannot be one.
    fn from_path(text: &str) -> Option<Self>;
}

impl FromPath for crate::entropy::Token {
    fn from_path(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// The last variable segment of the route's path. A project permission has consumed the one before it.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: FromPath + 'static> FromRequest for Path<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = request.match_info().iter().last().map(|(_, text)| text);
        ready(segment.and_then(T::from_path).map(Path).ok_or(Failure::NotFound))
    }
}
