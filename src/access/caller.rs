//! Callers: the first argument of every handler.

use actix_web::FromRequest;

use super::Access;
use super::failure::Failure;

/// A first argument that says who may call: `Visitor` or `Actor<Permission>`.
pub trait Caller: FromRequest<Error = Failure> {
    /// Who may call.
    const ACCESS: Access;
}
