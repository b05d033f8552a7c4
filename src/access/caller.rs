//! Callers: the first argument of every handler, of pages and of programs.

use actix_web::FromRequest;

use super::Access;
use super::failure::Failure;

/// A first argument that says who may call: `Visitor` or `Actor<Permission>`.
pub trait Caller: FromRequest<Error = Failure> {
    /// Who may call.
    const ACCESS: Access;
}

/// A first argument of a handler that programs call. What reads a cookie is none: a program has no session.
pub trait ApiCaller: FromRequest<Error = Failure> {
    /// Who may call.
    const ACCESS: Access;
}
