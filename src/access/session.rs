//! Sessions: rows on the server, an id in a signed cookie, one joined query on every request.
//!
//! actix-session handles the cookie; the rows are ours. A session begins in the login's own write, so `save` only turns
//! the token made there into the cookie, and `update` does nothing: a request in flight cannot revive a session that was
//! ended. Idle and absolute limits are compared with the row on every load.

use std::collections::HashMap;

use actix_session::SessionExt;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as Lifetime;
use diesel::prelude::*;

use super::lookup;
use super::method::{Method, Proof, SecondFactor};
use crate::access::failure::Failure;
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::platform::config;
use crate::platform::store::schema::sessions;
use crate::platform::store::{self, Store, StoreError, Work};

pub(super) const LOADED: &str = "identity";

pub(super) const FAILED: &str = "failed";

const TOKEN: &str = "token";

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
        let found = self.store.statement(move |connection| lookup::by_token(connection, &token));
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
        let gone = self.store.write(crate::platform::store::Origin::default(), move |tx| {
            diesel::delete(sessions::table.filter(sessions::token_hash.eq(token.digest()))).execute(tx.conn())?;
            Ok::<_, StoreError>(tx.unrecorded("logging in or out recorded it", ()))
        });
        Ok(gone.await?)
    }
}

#[derive(Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct NewSession<'a> {
    id: SessionId,
    token_hash: crate::base::digest::Digest,
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    created_at: Moment,
    authenticated_at: Moment,
    last_seen_at: Moment,
    address: String,
    user_agent: String,
    second_factor: Option<SecondFactor>,
    method: Method,
}

/// Writes the row of a new session and returns its token.
pub fn start_session(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    proof: Proof,
) -> Result<Token, StoreError> {
    let token = work.entropy().token();
    let origin = work.origin().clone();
    let row = NewSession {
        id: work.id(),
        token_hash: token.digest(),
        organization_id: organization,
        user_id: user,
        created_at: proof.begun,
        authenticated_at: proof.authenticated,
        last_seen_at: work.now(),
        address: origin.address.map(|address| address.to_string()).unwrap_or_default(),
        user_agent: origin.agent.unwrap_or_default(),
        second_factor: proof.second_factor,
        method: proof.method,
    };
    let new = diesel::insert_into(sessions::table).values(&row);
    store::on_engine!(work.conn(), own => new.execute(own))?;
    Ok(token)
}

/// Puts a new session in the place of an older one of the same user; `None` when that one has ended meanwhile, and what was
/// ended stays so.
pub(crate) fn replace_session(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    old: &SessionId,
    proof: Proof,
) -> Result<Option<Token>, StoreError> {
    let row = sessions::organization_id.eq(organization.clone()).and(sessions::user_id.eq(user.clone()));
    let row = row.and(sessions::id.eq(old.clone()));
    // Held from here on: whoever ends it waits, and then finds it gone.
    let held = store::update(sessions::table, sessions::last_seen_at.eq(work.now()), row);
    if held.execute(work.conn())? == 0 {
        return Ok(None);
    }
    let session = start_session(work, organization, user, proof)?;
    diesel::delete(sessions::table.filter(sessions::id.eq(old.clone()))).execute(work.conn())?;
    Ok(Some(session))
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
