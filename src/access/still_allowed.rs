//! Whether a caller may still do what the head of their request was let through for. The body comes when its sender likes, and
//! in between a session can end, a role can be taken and a policy can change. The transaction asks by the same query and the
//! same decisions as the guard.

use std::net::IpAddr;

use super::session_check::blocker;
use super::{BlockedSession, Identity, Rule, lookup, project};
use crate::platform::config;
use crate::platform::store::ProjectAccess;
use crate::platform::store::{Caller, Denied, StoreError, Work};

/// Reads the caller again. Gives where the permission is held now; refuses with [`StoreError::Denied`].
pub(super) fn check(
    work: &mut Work<'_>,
    caller: &Caller,
    rule: &'static Rule,
    limits: &config::Sessions,
) -> Result<Option<ProjectAccess>, StoreError> {
    let now = work.now();
    let found = lookup::by_id(work.conn(), &caller.organization, &caller.principal.session)?;
    let identity = found.filter(|identity| identity.lives(now, limits)).ok_or(StoreError::Denied(Denied::Ended))?;
    if let Some(blocker) = blocker(&identity, || address(work), now)? {
        return Err(StoreError::Denied(blocker.into()));
    }
    let project_access = match &caller.project_access {
        None if identity.holds(rule) => None,
        None => return Err(StoreError::Denied(Denied::Forbidden(rule.name))),
        Some(then) => Some(project_access(work, &identity, rule, then)?),
    };
    match rule.fresh && !identity.is_fresh(now, limits) {
        true => Err(StoreError::Denied(Denied::NotFresh)),
        false => Ok(project_access),
    }
}

fn project_access(
    work: &mut Work<'_>,
    identity: &Identity,
    rule: &'static Rule,
    then: &ProjectAccess,
) -> Result<ProjectAccess, StoreError> {
    if identity.holds(rule) {
        return Ok(ProjectAccess { project: then.project.clone(), role: None });
    }
    let (organization, user) = (identity.organization.clone(), identity.user.clone());
    let role = project::role(work.conn(), organization, then.project.clone(), user)?;
    match role.filter(|role| rule.is_granted_to(*role)) {
        Some(role) => Ok(ProjectAccess { project: then.project.clone(), role: Some(role) }),
        None => Err(StoreError::Denied(Denied::Forbidden(rule.name))),
    }
}

/// Whether a session that opens nothing still stands where it stood: it lives, and the same thing is in its way.
pub(crate) fn still_blocked(
    work: &mut Work<'_>,
    session: &BlockedSession,
    limits: &config::Sessions,
) -> Result<bool, StoreError> {
    let now = work.now();
    let found = lookup::by_id(work.conn(), session.organization(), session.session())?;
    let Some(identity) = found.filter(|identity| identity.lives(now, limits)) else {
        return Ok(false);
    };
    Ok(blocker(&identity, || address(work), now)? == Some(session.blocker()))
}

/// Whether a session that opens its user's pages still does.
pub(crate) fn still_in(work: &mut Work<'_>, then: &Identity, limits: &config::Sessions) -> Result<bool, StoreError> {
    let now = work.now();
    let found = lookup::by_id(work.conn(), &then.organization, &then.session)?;
    match found.filter(|identity| identity.lives(now, limits)) {
        Some(identity) => Ok(blocker(&identity, || address(work), now)?.is_none()),
        None => Ok(false),
    }
}

/// Where the request comes from; one whose address is unknown comes from outside.
fn address(work: &Work<'_>) -> Result<IpAddr, StoreError> {
    work.origin().address.ok_or(StoreError::Denied(Denied::Ended))
}
