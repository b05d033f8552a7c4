//! Refusals and failures of requests, on record in the audit log.

use std::rc::Rc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use super::Identity;
use super::app::App;
use super::origin::{masked, origin};
use crate::base::ids::OrganizationId;
use crate::platform::events::{Event, Kind, Reason, Target};
use crate::platform::store::Origin;

/// Records a refusal that a handler answers with a page of its own.
pub async fn note_refusal(request: &HttpRequest, reason: impl Into<Reason>, target: Option<Target>) -> Option<String> {
    record(request, StatusCode::FORBIDDEN, reason.into(), target).await
}

/// Records a refusal that is about an organization, whatever session the request brings: its log tells it.
pub async fn note_refusal_in(
    request: &HttpRequest,
    reason: Reason,
    target: Option<Target>,
    organization: &OrganizationId,
) -> Option<String> {
    write(request, StatusCode::FORBIDDEN, reason, target, Some(organization)).await
}

/// Records a refusal or failure and returns its reference code; `audit::sharing` says which are counted in one row. When the
/// store cannot take it, the page still comes, without a code.
pub async fn record(
    request: &HttpRequest,
    status: StatusCode,
    reason: Reason,
    target: Option<Target>,
) -> Option<String> {
    write(request, status, reason, target, None).await
}

async fn write(
    request: &HttpRequest,
    status: StatusCode,
    reason: Reason,
    target: Option<Target>,
    organization: Option<&OrganizationId>,
) -> Option<String> {
    /// Characters of a path that are kept.
    const LONGEST: usize = 300;
    let app = App::of(request);
    let identity = Identity::known(request);
    let origin = origin(request).unwrap_or_else(|_| Origin { request: Some(String::new()), ..Origin::default() });
    let origin = Origin { session: identity.as_ref().map(|identity| identity.session.clone()), ..origin };
    let event = match status.is_server_error() {
        true => Event::failed(Kind::RequestFailed, reason),
        false => Event::refused(Kind::RequestRefused, reason),
    };
    let path: String = masked(request.path()).chars().take(LONGEST).collect();
    let mut event = event.with("request_method", request.method().as_str()).with("path", path);
    event.target = target;
    if let Some(organization) = organization {
        event = event.within(organization);
    }
    // Who is logged in to another organization is none of its business.
    let is_told =
        |identity: &Rc<Identity>| organization.is_none_or(|organization| *organization == identity.organization);
    if let Some(identity) = identity.filter(is_told) {
        event = event.within(&identity.organization).by_user(&identity.user, &identity.name);
    }
    let written = app.store.write(origin, move |tx| tx.record_referenced(event)).await;
    written.inspect_err(|cause| tracing::error!(%cause, "a refusal could not be recorded")).ok()
}
