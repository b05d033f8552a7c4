//! Forms that were interrupted: by a session that ended, a login that grew old, a second factor or an expired password.
//! They change nothing. They are kept, secrets left out, for the user whose page they come from, and come back as typed once
//! that user has logged in, confirmed who they are or set a new password (docs/rules.md sections 2 and 8, ASVS 7.5.1).

use crate::access::origin;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Actor, Permission, cookies};
use crate::base::ids::{HeldFormId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::urls;
use crate::platform::store::schema::{held_forms, users};
use crate::platform::store::{OpenTx, Recorded, StoreError, Tx};
use crate::web::form_owner::{Fields, owner, read};
use crate::web::form_token::{self, Console};

/// Fields whose values are never kept. An invariant test looks for password inputs with other names.
pub const SECRET_FIELDS: &[&str] =
    &["password", "new_password", "password_again", "code", "one_time_code", "client_secret", "file"];

/// How many forms are kept for one user.
const MOST_KEPT: i64 = 5;

/// The form that was kept of a request, for the address that it leads to.
struct Kept(HeldFormId);

/// Where to go on after a login or confirmation that a request led to: its own page, with the form as typed.
pub(crate) fn return_to(request: &HttpRequest) -> String {
    match (request.extensions().get::<Kept>(), request.method() == Method::GET) {
        (Some(Kept(held)), _) => urls::with_held(request.path(), held),
        (None, true) => request.uri().path_and_query().map_or("/", |here| here.as_str()).to_owned(),
        (None, false) => request.path().to_owned(),
    }
}

/// Reads a form that comes with a session, before its handler does. Its token must name the user whose session
/// the browser has now. What a session, a second factor, a password or a confirmation stands in the way of is kept.
pub async fn keep_forms(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // What comes without a cookie of ours is refused by its head alone. A browser that logged out has no session to bring,
    // and the form's token still names the user.
    let brings_session = brings_session(request.request());
    if !brings_session && !form_token::can_open(request.request()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let (body, fields) = match read(&mut request).await {
        Ok(read) => read,
        Err(_) if !brings_session => return Ok(request.error_response(Failure::LoginNeeded)),
        Err(failure) => return Ok(request.error_response(failure)),
    };
    let owner = match owner(request.request(), &fields) {
        Ok(owner) => owner,
        Err(failure) => return Ok(request.error_response(failure)),
    };
    let kept = request.request().clone();
    request.set_payload(Payload::from(body));
    let response = next.call(request).await?.map_into_boxed_body();
    let failure = response.response().error().and_then(|error| error.as_error::<Failure>());
    if failure.is_some_and(Failure::interrupts)
        && let Err(cause) = keep(&kept, owner, fields).await
    {
        tracing::error!(%cause, "a form could not be kept");
    }
    Ok(response)
}

/// Whether the cookie is one of ours, of a session that lives or has ended.
fn brings_session(request: &HttpRequest) -> bool {
    cookies::signed_value(request, cookies::SESSION, &App::of(request).cookie_key).is_some()
}

async fn keep(request: &HttpRequest, owner: Console, mut fields: Fields) -> Result<(), Failure> {
    fields.retain(|(name, _)| {
        name != form_token::FIELD && name != form_token::LOGIN_FIELD && !SECRET_FIELDS.contains(&name.as_str())
    });
    let fields = serde_html_form::to_string(fields).map_err(|cause| Failure::Internal(cause.to_string()))?;
    let (origin, path) = (origin::origin(request)?, request.path().to_owned());
    let held = App::of(request).store.write(origin, move |tx| insert(tx, owner, path, fields)).await?;
    if let Some(held) = held {
        request.extensions_mut().insert(Kept(held));
    }
    Ok(())
}

/// Keeps a form; `None` where its user is gone.
fn insert(
    tx: &mut OpenTx<'_>,
    owner: Console,
    path: String,
    fields: String,
) -> Result<Recorded<Option<HeldFormId>>, StoreError> {
    let user = users::table
        .filter(users::organization_id.eq(owner.organization.clone()))
        .filter(users::id.eq(owner.user.clone()))
        .select(users::id);
    if user.first::<UserId>(tx.conn()).optional()?.is_none() {
        return Ok(tx.unrecorded("there is nobody to keep it for", None));
    }
    let mine = held_forms::table
        .filter(held_forms::organization_id.eq(owner.organization.clone()))
        .filter(held_forms::user_id.eq(owner.user.clone()));
    let older: Vec<HeldFormId> =
        mine.order(held_forms::id.desc()).offset(MOST_KEPT - 1).limit(1000).select(held_forms::id).load(tx.conn())?;
    diesel::delete(held_forms::table.filter(held_forms::id.eq_any(older))).execute(tx.conn())?;
    let row = NewHeldForm {
        id: tx.id(),
        organization_id: owner.organization,
        user_id: owner.user,
        path,
        fields,
        created_at: tx.now(),
    };
    diesel::insert_into(held_forms::table).values(&row).execute(tx.conn())?;
    Ok(tx.unrecorded("a form that changed nothing is not an event", Some(row.id)))
}

#[derive(Insertable)]
#[diesel(table_name = held_forms, treat_none_as_default_value = false)]
struct NewHeldForm {
    id: HeldFormId,
    organization_id: OrganizationId,
    user_id: UserId,
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
    /// The form as typed, if there is one of this user; else an empty form.
    pub async fn form<F, P>(&self, actor: &Actor<P>, path: &str) -> Result<F, Failure>
    where
        F: DeserializeOwned + Default,
        P: Permission,
    {
        Ok(self.kept(actor, path).await?.unwrap_or_default())
    }

    /// The form as typed, if there is one of this user.
    pub async fn kept<F, P>(&self, actor: &Actor<P>, path: &str) -> Result<Option<F>, Failure>
    where
        F: DeserializeOwned,
        P: Permission,
    {
        use crate::base::from_path::FromPath;
        let Some(id) = HeldFormId::from_path(&self.held) else {
            return Ok(None);
        };
        let path = path.to_owned();
        let fields = actor.read(move |tx| find(tx, &id, &path)).await?;
        Ok(fields.and_then(|fields| serde_html_form::from_str(&fields).ok()))
    }
}

fn find<P: Permission>(tx: &mut Tx<'_, P>, id: &HeldFormId, path: &str) -> Result<Option<String>, StoreError> {
    let row = tx
        .held_forms()
        .filter(held_forms::id.eq(id.clone()))
        .filter(held_forms::user_id.eq(tx.user().clone()))
        .filter(held_forms::path.eq(path.to_owned()))
        .select(held_forms::fields);
    Ok(row.first(tx.conn()).optional()?)
}
