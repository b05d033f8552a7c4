//! Forms that arrive too late: after the login has grown old, or after the password has expired. They change nothing. They
//! are kept, secrets left out, the person confirms who they are or sets a new password, and they come back as typed
//! (product.md sections 2 and 8, ASVS 7.5.1).

use std::rc::Rc;

use actix_web::FromRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::{Actor, Bar, Barred, Identity, Permission};
use crate::app::App;
use crate::failure::Failure;
use crate::store::schema::held_forms;
use crate::store::types::{HeldFormId, Moment, OrganizationId, SessionId};
use crate::store::{StoreError, Tx, Work};
use crate::urls;
use crate::web::{Upload, read_form, request};

/// Fields whose values are never kept. A law looks for password inputs with other names.
pub const SECRET_FIELDS: &[&str] =
    &["password", "new_password", "password_again", "code", "one_time_code", "client_secret", "file"];

/// Before a handler sees a form: when it needs a fresh login and the login has grown old, or when the password has
/// expired, the form is kept and the person is led to the confirmation, or to a new password.
pub async fn hold_forms(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    fresh: bool,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = App::of(request.request()).clone();
    let expired = Barred::of(request.request()).filter(|session| session.bar() == Bar::Password);
    let (has_expired, expired) = (expired.is_some(), expired.map(|session| Rc::new(session.identity().clone())));
    let grown_old = |identity: &Rc<Identity>| fresh && !identity.is_fresh(app.clock().now(), &app.config.sessions);
    let Some(identity) = expired.or_else(|| Identity::of(request.request()).filter(grown_old)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let path = request.path().to_owned();
    let return_to = match keep(&mut request, &app, &identity, &path).await {
        Ok(held) => urls::with_held(&path, &held),
        Err(failure) => return Ok(request.error_response(failure)),
    };
    Ok(request.error_response(match has_expired {
        true => Failure::PasswordExpired { return_to },
        false => Failure::ConfirmationNeeded { return_to },
    }))
}

async fn keep(request: &mut ServiceRequest, app: &App, identity: &Identity, path: &str) -> Result<HeldFormId, Failure> {
    let (_, payload) = request.parts_mut();
    let mut payload = payload.take();
    let mut fields: Vec<(String, String)> = match Upload::from_request(request.request(), &mut payload).await {
        // Of a form with a file the text is kept; the file is chosen again.
        Ok(upload) => upload.texts().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        Err(Failure::UnsupportedType) => {
            let text = read_form(request.request(), &mut payload).await?;
            url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
        }
        Err(failure) => return Err(failure),
    };
    fields.retain(|(name, _)| !SECRET_FIELDS.contains(&name.as_str()));
    let fields = serde_html_form::to_string(fields).map_err(|cause| Failure::Internal(cause.to_string()))?;
    let (organization, session, path) = (identity.organization.clone(), identity.session.clone(), path.to_owned());
    let origin = request::origin(request.request())?;
    app.store
        .write(origin, move |tx| {
            let mine = held_forms::table.filter(held_forms::session_id.eq(session.clone()));
            diesel::delete(mine).execute(tx.conn())?;
            let row = NewHeldForm {
                id: tx.id(),
                organization_id: organization,
                session_id: session,
                path,
                fields,
                created_at: tx.now(),
            };
            diesel::insert_into(held_forms::table).values(&row).execute(tx.conn())?;
            Ok::<_, Failure>(tx.unrecorded("a form that changed nothing is not an event", row.id))
        })
        .await
}

#[derive(Insertable)]
#[diesel(table_name = held_forms, treat_none_as_default_value = false)]
struct NewHeldForm {
    id: HeldFormId,
    organization_id: OrganizationId,
    session_id: SessionId,
    path: String,
    fields: String,
    created_at: Moment,
}

/// A form that was kept, read from the address of its page (`?held=ID`).
#[derive(Debug, Default, serde::Deserialize)]
pub struct Held {
    #[serde(default)]
    held: String,
}

impl Held {
    /// The form as typed, if there is one of this session; else an empty form.
    pub async fn form<F, P>(&self, actor: &Actor<P>, path: &str) -> Result<F, Failure>
    where
        F: DeserializeOwned + Default,
        P: Permission,
    {
        Ok(self.kept(actor, path).await?.unwrap_or_default())
    }

    /// The form as typed, if there is one of this session.
    pub async fn kept<F, P>(&self, actor: &Actor<P>, path: &str) -> Result<Option<F>, Failure>
    where
        F: DeserializeOwned,
        P: Permission,
    {
        use crate::web::FromPath;
        let Some(id) = HeldFormId::from_path(&self.held) else {
            return Ok(None);
        };
        let path = path.to_owned();
        let fields = actor.read(move |tx| find(tx, &id, &path)).await?;
        Ok(fields.and_then(|fields| serde_html_form::from_str(&fields).ok()))
    }
}

fn find<P>(tx: &mut Tx<'_, P>, id: &HeldFormId, path: &str) -> Result<Option<String>, StoreError> {
    let row = tx
        .held_forms()
        .filter(held_forms::id.eq(id.clone()))
        .filter(held_forms::session_id.eq(tx.session().clone()))
        .filter(held_forms::path.eq(path.to_owned()))
        .select(held_forms::fields);
    Ok(row.first(tx.conn()).optional()?)
}

/// Hands the kept forms of a session to the session that takes its place.
pub(super) fn hand_over(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    old: &SessionId,
    heir: &crate::entropy::Token,
) -> Result<(), StoreError> {
    use crate::store::schema::sessions;
    let new = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::token_hash.eq(heir.digest()))
        .select(sessions::id);
    let new: SessionId = new.first(work.conn())?;
    let rows = held_forms::table
        .filter(held_forms::organization_id.eq(organization.clone()))
        .filter(held_forms::session_id.eq(old.clone()));
    diesel::update(rows).set(held_forms::session_id.eq(new)).execute(work.conn())?;
    Ok(())
}
