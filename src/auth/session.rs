//! Sessions: rows on the server, an id in a signed cookie, one joined query on every request.
//!
//! actix-session handles the cookie; the rows are ours. A session begins in the login's own write, so `save` only turns
//! the token made there into the cookie, and `update` does nothing: a request in flight cannot revive a session that was
//! ended. Idle and absolute limits are compared with the row on every load.

use std::collections::HashMap;
use std::rc::Rc;

use actix_session::SessionExt;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as Lifetime;
use actix_web::{HttpMessage, HttpRequest};
use chrono::Duration;
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ProjectRole, Role, Roles, Rule};
use crate::config;
use crate::entropy::Token;
use crate::failure::Failure;
use crate::i18n::Language;
use crate::organizations;
use crate::store::schema::{organizations as organization_rows, sessions, users};
use crate::store::types::{Moment, OrganizationId, SessionId, UserId};
use crate::store::{Store, StoreError, Work};
use crate::users::Status;

const LOADED: &str = "identity";
const FAILED: &str = "failed";
const TOKEN: &str = "token";

words! {
    /// How somebody proved who they are.
    Method {
        /// The account's password.
        Password = "password",
    }
}

/// Session, user, organization and policy as the one query of a request reads them.
#[derive(Debug, Clone, Queryable, Serialize, Deserialize)]
pub struct Identity {
    /// The session's handle.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// Their organization.
    pub organization: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    organization_state: organizations::State,
    owner: UserId,
    /// The user's name.
    pub name: String,
    /// What the user wants to be called.
    pub nickname: Option<String>,
    /// The user's address.
    pub email: String,
    /// The user's language.
    pub language: Language,
    /// The user's time zone, by its name.
    pub time_zone: String,
    /// Whether the user chose the zone; else the browser's is taken over.
    pub time_zone_chosen: bool,
    status: Status,
    org_admin: bool,
    org_reader: bool,
    billing_admin: bool,
    created_at: Moment,
    authenticated_at: Moment,
    last_seen_at: Moment,
}

impl Identity {
    /// Who is logged in, if anybody is.
    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        Self::loaded(request).ok().flatten()
    }

    /// Who is logged in; fails when the session could not be looked up.
    pub fn loaded(request: &HttpRequest) -> Result<Option<Rc<Self>>, Failure> {
        if let Some(known) = request.extensions().get::<Option<Rc<Self>>>() {
            return Ok(known.clone());
        }
        let session = request.get_session();
        if session.contains_key(FAILED) {
            return Err(Failure::Unavailable(StoreError::Unavailable));
        }
        let identity = session.get::<Self>(LOADED).ok().flatten().map(Rc::new);
        request.extensions_mut().insert(identity.clone());
        Ok(identity)
    }

    /// What the user wants to be called.
    pub fn display_name(&self) -> &str {
        self.nickname.as_deref().unwrap_or(&self.name)
    }

    /// The Org Owner of the user's organization.
    pub fn owner(&self) -> &UserId {
        &self.owner
    }

    /// The user's time zone.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// The user's roles.
    pub fn role_set(&self) -> Roles {
        Roles {
            owner: self.owner == self.user,
            org_admin: self.org_admin,
            org_reader: self.org_reader,
            billing_admin: self.billing_admin,
        }
    }

    /// The user's roles, as people are shown them.
    pub fn roles(&self) -> Vec<Role> {
        self.role_set().shown()
    }

    /// Whether the user holds the permission of a rule now.
    pub fn holds(&self, rule: &Rule) -> bool {
        self.role_set().hold(rule)
    }

    /// Whether the user holds the permission of a rule in a project in which they have `role`.
    pub fn holds_in_project(&self, rule: &Rule, role: Option<ProjectRole>) -> bool {
        self.holds(rule) || role.is_some_and(|role| rule.is_granted_to(role))
    }

    /// Whether the login is fresh enough for a far-reaching change.
    pub fn is_fresh(&self, now: Moment, limits: &config::Sessions) -> bool {
        now.since(self.authenticated_at) < Duration::minutes(limits.fresh_minutes)
    }

    /// When the session ends without further use. This request counts as use once it is a minute after the last.
    pub fn ends_at(&self, now: Moment, limits: &config::Sessions) -> Moment {
        let seen = if self.use_is_due(now) { now } else { self.last_seen_at };
        let absolute = self.created_at + Duration::hours(limits.absolute_hours);
        absolute.min(seen + Duration::minutes(limits.idle_minutes))
    }

    /// When the person logged in; a confirmation does not change it.
    pub fn begun(&self) -> Moment {
        self.created_at
    }

    /// Whether this use of the session is to be written down: at most once a minute.
    pub fn use_is_due(&self, now: Moment) -> bool {
        now.since(self.last_seen_at) >= Duration::minutes(1)
    }

    fn lives(&self, now: Moment, limits: &config::Sessions) -> bool {
        let idle = now.since(self.last_seen_at) < Duration::minutes(limits.idle_minutes);
        let absolute = now.since(self.created_at) < Duration::hours(limits.absolute_hours);
        let allowed = self.status == Status::Active && self.organization_state == organizations::State::Active;
        idle && absolute && allowed
    }
}

/// The rows behind actix-session.
#[derive(Clone, Debug)]
pub struct SessionRows {
    store: Store,
    limits: config::Sessions,
}

impl SessionRows {
    /// Over `store`, with the limits of the configuration.
    pub fn new(store: Store, limits: config::Sessions) -> Self {
        Self { store, limits }
    }
}

impl SessionStore for SessionRows {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let Some(token) = Token::parse(key.as_ref()) else {
            return Ok(None);
        };
        let found = self.store.statement(move |connection| {
            let row = sessions::table
                .inner_join(
                    users::table
                        .on(users::organization_id.eq(sessions::organization_id).and(users::id.eq(sessions::user_id))),
                )
                .inner_join(organization_rows::table.on(organization_rows::id.eq(sessions::organization_id)))
                .filter(sessions::token_hash.eq(token.digest()))
                .select((
                    (
                        sessions::id,
                        users::id,
                        organization_rows::id,
                        organization_rows::name,
                        organization_rows::state,
                        organization_rows::owner_id,
                    ),
                    (
                        users::name,
                        users::nickname,
                        users::email,
                        users::language,
                        users::time_zone,
                        users::time_zone_chosen,
                        users::status,
                    ),
                    (users::org_admin, users::org_reader, users::billing_admin),
                    (sessions::created_at, sessions::authenticated_at, sessions::last_seen_at),
                ))
                .first::<Row>(connection)
                .optional()?;
            Ok(row.map(Identity::from))
        });
        let entry = match found.await {
            Ok(Some(identity)) if identity.lives(self.store.clock().now(), &self.limits) => {
                (LOADED, serde_json::to_string(&identity).map_err(|cause| LoadError::Other(cause.into()))?)
            }
            Ok(_) => return Ok(None),
            // Told by the extractor, so that public pages still come.
            Err(cause) => {
                tracing::error!(%cause, "a session could not be looked up");
                (FAILED, "true".to_owned())
            }
        };
        Ok(Some(HashMap::from([(entry.0.to_owned(), entry.1)])))
    }

    async fn save(&self, state: HashMap<String, String>, _: &Lifetime) -> Result<SessionKey, SaveError> {
        let token = state.get(TOKEN).and_then(|json| serde_json::from_str::<Token>(json).ok());
        let key = token.and_then(|token| SessionKey::try_from(token.expose().to_owned()).ok());
        key.ok_or_else(|| SaveError::Other(anyhow::anyhow!("a session begins only in the login's own write")))
    }

    async fn update(
        &self,
        key: SessionKey,
        _: HashMap<String, String>,
        _: &Lifetime,
    ) -> Result<SessionKey, UpdateError> {
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Lifetime) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// The session behind a cookie that is being replaced: the row goes, if it is still there.
    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let Some(token) = Token::parse(key.as_ref()) else {
            return Ok(());
        };
        let gone = self.store.write(crate::store::Origin::default(), move |tx| {
            diesel::delete(sessions::table.filter(sessions::token_hash.eq(token.digest()))).execute(tx.conn())?;
            Ok::<_, StoreError>(tx.unrecorded("logging in or out recorded it", ()))
        });
        Ok(gone.await?)
    }
}

type Row = (
    (SessionId, UserId, OrganizationId, String, organizations::State, UserId),
    (String, Option<String>, String, Language, String, bool, Status),
    (bool, bool, bool),
    (Moment, Moment, Moment),
);

impl From<Row> for Identity {
    fn from(row: Row) -> Self {
        let ((session, user, organization, organization_name, organization_state, owner), person, roles, times) = row;
        let (name, nickname, email, language, time_zone, time_zone_chosen, status) = person;
        Self {
            session,
            user,
            organization,
            organization_name,
            organization_state,
            owner,
            name,
            nickname,
            email,
            language,
            time_zone,
            time_zone_chosen,
            status,
            org_admin: roles.0,
            org_reader: roles.1,
            billing_admin: roles.2,
            created_at: times.0,
            authenticated_at: times.1,
            last_seen_at: times.2,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct NewSession<'a> {
    id: SessionId,
    token_hash: crate::store::types::Digest,
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    method: Method,
    created_at: Moment,
    authenticated_at: Moment,
    last_seen_at: Moment,
    address: String,
    user_agent: String,
}

/// Writes the row of a new session and returns its token. `begun` is when the person logged in: a confirmation makes a
/// new session with a new id that still ends when the old one would have.
pub fn start_session(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    method: Method,
    begun: Moment,
) -> Result<Token, StoreError> {
    let token = work.entropy().token();
    let origin = work.origin().clone();
    let row = NewSession {
        id: work.id(),
        token_hash: token.digest(),
        organization_id: organization,
        user_id: user,
        method,
        created_at: begun,
        authenticated_at: work.now(),
        last_seen_at: work.now(),
        address: origin.address.map(|address| address.to_string()).unwrap_or_default(),
        user_agent: origin.agent.unwrap_or_default(),
    };
    diesel::insert_into(sessions::table).values(&row).execute(work.conn())?;
    Ok(token)
}

/// Puts the token of a new session into the response's cookie; an older session of this browser ends (ASVS 7.2.4).
pub(crate) fn give_cookie(request: &HttpRequest, token: &Token) -> Result<(), Failure> {
    let session = request.get_session();
    session.remove(LOADED);
    session.insert(TOKEN, token).map_err(|cause| Failure::Internal(cause.to_string()))?;
    session.renew();
    Ok(())
}

/// Takes the cookie back.
pub(crate) fn take_cookie(request: &HttpRequest) {
    request.get_session().purge();
}

/// Notes the use of a session, at most once a minute: handed to the writer, not awaited, and no change when the session
/// has ended meanwhile. The one write that a read request makes.
async fn remember_use(store: Store, session: SessionId) {
    let noted = store.write(crate::store::Origin::default(), move |tx| {
        let now = tx.now();
        let row = sessions::table.filter(sessions::id.eq(session)).filter(sessions::last_seen_at.lt(now));
        diesel::update(row).set(sessions::last_seen_at.eq(now)).execute(tx.conn())?;
        Ok::<_, StoreError>(tx.unrecorded("the use of a session is not an event", ()))
    });
    if let Err(cause) = noted.await {
        tracing::warn!(%cause, "the use of a session could not be noted");
    }
}

/// Notes the use of the session after its page was answered, and tells the script when the session ends. A request that
/// only refreshes a part of a page by itself does not count as use (ASVS 7.3.1).
pub async fn note_use(
    request: actix_web::dev::ServiceRequest,
    next: actix_web::middleware::Next<impl actix_web::body::MessageBody + 'static>,
) -> Result<actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>, actix_web::Error> {
    use actix_web::http::header::{HeaderName, HeaderValue};
    let mut response = next.call(request).await?;
    let request = response.request().clone();
    let app = crate::app::App::of(&request);
    let by_itself =
        request.headers().get("HX-Source").is_some_and(|source| source.as_bytes().ends_with(b"#refreshing"));
    if let Some(identity) = Identity::of(&request)
        && response.status().is_success()
        && !by_itself
    {
        let now = app.clock().now();
        let ends = identity.ends_at(now, &app.config.sessions).millis().to_string();
        if let Ok(ends) = HeaderValue::from_str(&ends) {
            response.headers_mut().insert(HeaderName::from_static("x-session-ends"), ends);
        }
        if identity.use_is_due(now) {
            actix_web::rt::spawn(remember_use(app.store.clone(), identity.session.clone()));
        }
    }
    Ok(response)
}
