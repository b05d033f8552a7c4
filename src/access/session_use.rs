//! Notes that sessions are used.

use diesel::prelude::*;

use super::Identity;
use crate::access::address::client_address;
use crate::base::ids::SessionId;
use crate::platform::store::schema::sessions;
use crate::platform::store::{self, Store, StoreError};

/// Notes when and from where a session was used, at most once a minute: handed to the writer, not awaited, and no change when the session
/// has ended since. The one write that a read request makes.
pub(super) async fn remember_use(home: Store, session: SessionId, address: String) {
    let noted = home.write(crate::platform::store::Origin::default(), move |tx| {
        let now = tx.now();
        let row = sessions::id.eq(session).and(sessions::last_seen_at.lt(now));
        let seen = (sessions::last_seen_at.eq(now), sessions::address.eq(address));
        store::update(sessions::table, seen, row).execute(tx.conn())?;
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
    let app = crate::access::app::App::of(&request);
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
        if identity.use_is_due(now)
            && let Ok(address) = client_address(&request, &app.config.proxies)
        {
            actix_web::rt::spawn(remember_use(app.store.clone(), identity.session.clone(), address.to_string()));
        }
    }
    Ok(response)
}
