//! The two callers as extractors. Their fields are private and there is no constructor: a function that takes an
//! `Actor<P>` has been authorised.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::session_check::SessionCheck;
use super::{
    Access, BlockedSession, Blocker, Identity, Permission, ProjectPermission, Rule, Share, project, still_allowed,
};
use crate::access::app::App;
use crate::access::cookies;
use crate::access::failure::Failure;
use crate::access::language;
use crate::access::origin;
use crate::access::refusals;
use crate::base::i18n::Language;
use crate::base::ids::OrganizationId;
use crate::base::project_id::ProjectId;
use crate::platform::events::{Person, Reason, Refusal, Target};
use crate::platform::store::ProjectAccess;
use crate::platform::store::{Caller, OpenTx, Origin, Recorded, StoreError, Tx, Work};

/// Anybody.
#[derive(Debug)]
pub struct Visitor {
    request: HttpRequest,
    origin: Origin,
}

impl FromRequest for Visitor {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(origin::origin(request).map(|origin| Self { request: request.clone(), origin }))
    }
}

impl crate::access::caller::Caller for Visitor {
    const ACCESS: Access = Access::Visitor;
}

impl Visitor {
    /// The wired application.
    pub fn app(&self) -> &App {
        App::of(&self.request)
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        language::language(&self.request)
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &'static str) -> Option<String> {
        cookies::value(&self.request, name)
    }

    /// Whether this visitor has a session.
    pub fn has_session(&self) -> bool {
        Identity::of(&self.request).is_some()
    }

    /// Who this visitor is, when there is a session.
    pub fn identity(&self) -> Option<Rc<Identity>> {
        Identity::of(&self.request)
    }

    /// The session that brings this visitor nowhere, whatever stands in its way.
    pub fn blocked(&self) -> Option<BlockedSession> {
        BlockedSession::of(&self.request)
    }

    /// The session from before two-factor authentication was turned on, when there is one.
    pub fn lacking(&self) -> Option<BlockedSession> {
        self.blocked().filter(|session| session.blocker() == Blocker::SecondFactor)
    }

    /// The session whose user's password has expired, when there is one.
    pub fn expired(&self) -> Option<BlockedSession> {
        self.blocked().filter(|session| session.blocker() == Blocker::Password)
    }

    /// The request, for the session cookie that a login sets.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Records that this request was refused, for a page that shows the reference code.
    pub async fn note_refusal(&self, reason: impl Into<Reason>) -> Option<String> {
        refusals::note_refusal(&self.request, reason, None).await
    }

    /// Records that this request was refused, and what it was about; in the log of an organization where it is about one.
    pub async fn note_refusal_of(
        &self,
        reason: Reason,
        target: Target,
        organization: Option<&OrganizationId>,
    ) -> Option<String> {
        match organization {
            Some(organization) => refusals::note_refusal_in(&self.request, reason, Some(target), organization).await,
            None => refusals::note_refusal(&self.request, reason, Some(target)).await,
        }
    }

    /// Statements that read.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut OpenTx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.app().store.read(self.origin.clone(), work).await
    }

    /// A transaction that writes.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut OpenTx<'_>) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.app().store.write(self.origin.clone(), work).await
    }
}

/// A user with a session who holds `P` now: in their organization, or in the project that the path names.
#[derive(Debug)]
pub struct Actor<P> {
    request: HttpRequest,
    identity: Rc<Identity>,
    project_access: Option<ProjectAccess>,
    origin: Origin,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Actor<P> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (identity, project_access) = admit(&request, P::RULE).await?;
            let origin = Origin { session: Some(identity.session.clone()), ..origin::origin(&request)? };
            Ok(Self { request, identity, project_access, origin, permission: PhantomData })
        })
    }
}

/// Session, state of user and organization, permission, freshness, in this order.
async fn admit(request: &HttpRequest, rule: &'static Rule) -> Result<(Rc<Identity>, Option<ProjectAccess>), Failure> {
    let app = App::of(request);
    let identity = match SessionCheck::of(request)? {
        SessionCheck::In(identity) => identity,
        SessionCheck::Blocked(blocked) => return Err(blocked.failure()),
        SessionCheck::Absent => return Err(Failure::LoginNeeded),
    };
    let project_access = match rule.is_of_projects() {
        true => Some(project::project_access(request, &identity, rule).await?),
        false if identity.holds(rule) => None,
        false => return Err(Failure::Forbidden(rule.name)),
    };
    if rule.fresh && !identity.is_fresh(app.clock().now(), &app.config.sessions) {
        return Err(Failure::ConfirmationNeeded);
    }
    Ok((identity, project_access))
}

impl<P: Permission> crate::access::caller::Caller for Actor<P> {
    const ACCESS: Access = Access::Permission(P::RULE);
}

impl<P: Permission> Actor<P> {
    /// The wired application.
    pub fn app(&self) -> &App {
        App::of(&self.request)
    }

    /// Who acts.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// On whose account a password is hashed.
    pub fn hash_share(&self) -> Share {
        Share::of(&self.origin).and_session(&self.identity.session, &self.identity.organization)
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        language::language(&self.request)
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &'static str) -> Option<String> {
        cookies::value(&self.request, name)
    }

    /// The request, for the session cookie that a confirmation rotates.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    fn caller(&self) -> Caller {
        Caller {
            organization: self.identity.organization.clone(),
            principal: Person {
                user: self.identity.user.clone(),
                name: self.identity.name.clone(),
                session: self.identity.session.clone(),
            },
            project_access: self.project_access.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Statements that read, inside the caller's organization.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Tx<'_, P>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.app().store.read_within(self.caller(), work).await
    }

    /// Statements that read for an answer that goes on for long: refused once the caller may not read any more.
    pub async fn read_on<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_, P>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (limits, caller) = (self.app().config.sessions, self.caller());
        let asked = caller.clone();
        self.read(move |tx| {
            still_allowed::check(tx, &asked, P::RULE, &limits)?;
            work(tx)
        })
        .await
    }

    /// A transaction that writes, inside the caller's organization. It reads the caller again and refuses as the guard
    /// would: the body of a request can come long after its head was judged.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_, P>) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Refusal + Send + 'static,
    {
        let limits = self.app().config.sessions;
        let check = move |tx: &mut Work<'_>, caller: &Caller| still_allowed::check(tx, caller, P::RULE, &limits);
        let target = Arc::new(OnceLock::new());
        let noted = Arc::clone(&target);
        let work = move |tx: &mut Tx<'_, P>| {
            let done = work(tx);
            if let (Err(_), Some(target)) = (&done, tx.take_target()) {
                noted.get_or_init(|| target);
            }
            done
        };
        let written = self.app().store.write_within(self.caller(), check, work).await;
        // What the refused transaction would have recorded went with it.
        if let Some(reason) = written.as_ref().err().and_then(Refusal::refusal) {
            self.note_refusal(reason, target.get().cloned()).await;
        }
        written
    }

    /// Records that this request was refused, where the rule was not even asked, and what it was about where that is known.
    /// Returns the reference code.
    pub async fn note_refusal(&self, reason: Reason, target: Option<Target>) -> Option<String> {
        refusals::note_refusal(&self.request, reason, target).await
    }
}

impl<P: ProjectPermission> Actor<P> {
    /// The project that the path names.
    pub fn project(&self) -> &ProjectId {
        &project::held(self.project_access.as_ref()).project
    }
}
