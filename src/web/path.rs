//! Ids in paths. Anything that cannot be an id is "not found", like an id that never existed.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::access::failure::Failure;
use crate::base::from_path::FromPath;

/// The last variable segment of the route's path, or the first two as a pair. A project permission has consumed the one
/// before the last.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// What can be read from the variable segments of a path.
pub trait FromSegments: Sized {
    /// The value, or `None` for anything that cannot be one.
    fn from_segments<'a>(segments: impl Iterator<Item = &'a str>) -> Option<Self>;
}

impl<T: FromPath> FromSegments for T {
    fn from_segments<'a>(segments: impl Iterator<Item = &'a str>) -> Option<Self> {
        segments.last().and_then(T::from_path)
    }
}

impl<A: FromPath, B: FromPath> FromSegments for (A, B) {
    fn from_segments<'a>(mut segments: impl Iterator<Item = &'a str>) -> Option<Self> {
        Some((A::from_path(segments.next()?)?, B::from_path(segments.next()?)?))
    }
}

impl<T: FromSegments + 'static> FromRequest for Path<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segments = request.match_info().iter().map(|(_, text)| text);
        ready(T::from_segments(segments).map(Path).ok_or(Failure::NotFound))
    }
}
