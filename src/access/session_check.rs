//! What the session of a request opens now: everything its roles allow, or nothing until something is done about it. Asked
//! anew at every request, from what the one query of the request read (docs/rules.md section 8).

use std::net::IpAddr;
use std::rc::Rc;

use actix_session::SessionExt;
use actix_web::{HttpMessage, HttpRequest};

use super::session::{FAILED, LOADED};
use super::{Identity, Proof};
use crate::access::address::client_address;
use crate::access::app::App;
use crate::access::decisions::Decides;
use crate::access::decisions::console_access::Decision;
use crate::access::decisions::expiration::Expiry;
use crate::access::failure::Failure;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::{Denied, StoreError};

/// What stands in the way of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// It comes from an address that does not get in. It is not ended: from another one it works again.
    Outside(IpAddr),
    /// It is from before two-factor authentication was turned on.
    SecondFactor,
    /// Its user's password has expired.
    Password,
}

impl From<Blocker> for Denied {
    fn from(blocker: Blocker) -> Self {
        match blocker {
            Blocker::Outside(address) => Self::Outside(address),
            Blocker::SecondFactor => Self::SecondFactor,
            Blocker::Password => Self::Password,
        }
    }
}

/// A session that something stands in the way of. It opens nothing: what is looked for as a login does not find it.
#[derive(Clone, Debug)]
pub struct BlockedSession {
    identity: Box<Identity>,
    blocker: Blocker,
}

/// How a request stands with the session that it brings.
#[derive(Clone, Debug)]
pub(super) enum SessionCheck {
    Absent,
    In(Rc<Identity>),
    Blocked(BlockedSession),
}

impl SessionCheck {
    /// Decides once for each request. Fails when the session could not be looked up, or when a list of addresses is asked
    /// about a client whose address cannot be read.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Failure> {
        if let Some(known) = request.extensions().get::<Self>() {
            return Ok(known.clone());
        }
        let session = request.get_session();
        if session.contains_key(FAILED) {
            return Err(Failure::Unavailable(StoreError::Unavailable));
        }
        let check = match session.get::<Identity>(LOADED).ok().flatten().map(Rc::new) {
            None => Self::Absent,
            Some(identity) => {
                let app = App::of(request);
                let from = || client_address(request, &app.config.proxies);
                match blocker(&identity, from, app.clock().now())? {
                    Some(blocker) => Self::Blocked(BlockedSession { identity: Box::new((*identity).clone()), blocker }),
                    None => Self::In(identity),
                }
            }
        };
        request.extensions_mut().insert(check.clone());
        Ok(check)
    }
}

/// What stands in the way of a session: first where it comes from, as nothing else is anybody's business from outside.
pub(super) fn blocker<E>(
    identity: &Identity,
    from: impl FnOnce() -> Result<IpAddr, E>,
    now: Moment,
) -> Result<Option<Blocker>, E> {
    if let Some(policy) = &identity.access {
        let address = from()?;
        if policy.decide(&address, now) == Decision::Outside {
            return Ok(Some(Blocker::Outside(address)));
        }
    }
    if identity.two_factor.decide(&identity.second_factor, now) {
        return Ok(Some(Blocker::SecondFactor));
    }
    Ok(matches!(identity.expiry(now), Expiry::Expired(_)).then_some(Blocker::Password))
}

impl BlockedSession {
    /// The session of a request, if something stands in its way.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        match SessionCheck::of(request) {
            Ok(SessionCheck::Blocked(blocked)) => Some(blocked),
            _ => None,
        }
    }

    /// What stands in its way.
    pub fn blocker(&self) -> Blocker {
        self.blocker
    }

    /// Where a request ends that would need the session.
    pub(super) fn failure(&self) -> Failure {
        Denied::from(self.blocker).into()
    }

    /// Whose it is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The session's handle.
    pub fn session(&self) -> &SessionId {
        &self.identity.session
    }

    /// The user.
    pub fn user(&self) -> &UserId {
        &self.identity.user
    }

    /// Their organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.identity.organization
    }

    /// The organization's name.
    pub fn organization_name(&self) -> &str {
        &self.identity.organization_name
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// The user's address.
    pub fn email(&self) -> &str {
        &self.identity.email
    }

    /// What the session rests on.
    pub fn proof(&self) -> Proof {
        self.identity.proof(self.identity.authenticated_at)
    }
}

impl Identity {
    /// Who is logged in, if anybody is.
    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        Self::loaded(request).ok().flatten()
    }

    /// Who is logged in; fails when the session could not be looked up.
    pub fn loaded(request: &HttpRequest) -> Result<Option<Rc<Self>>, Failure> {
        Ok(match SessionCheck::of(request)? {
            SessionCheck::In(identity) => Some(identity),
            SessionCheck::Absent | SessionCheck::Blocked(_) => None,
        })
    }

    /// Whose session a request brings, whether it opens anything or not: for the log and the language of what is said.
    pub fn known(request: &HttpRequest) -> Option<Rc<Self>> {
        match SessionCheck::of(request) {
            Ok(SessionCheck::In(identity)) => Some(identity),
            Ok(SessionCheck::Blocked(blocked)) => Some(Rc::new(blocked.identity().clone())),
            Ok(SessionCheck::Absent) | Err(_) => None,
        }
    }
}
