//! Whose page a form was on: the user that its token names. A form acts for that user's session or for none, wherever it is
//! sent, even after another login.

use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::access::Identity;
use crate::access::failure::Failure;
use crate::web::form_token::{self, Console, NotOpened};
use crate::web::{Upload, read_form, read_upload};

pub(super) type Fields = Vec<(String, String)>;

/// The body, and its text fields.
pub(super) async fn read(request: &mut ServiceRequest) -> Result<(Bytes, Fields), Failure> {
    let (head, payload) = request.parts_mut();
    let mut payload = payload.take();
    let kind = head.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        let body = read_upload(head, &mut payload).await?;
        let upload = Upload::from_request(head, &mut Payload::from(body.clone())).await?;
        // Of a form with a file the text is kept; the file is chosen again.
        let fields = upload.texts().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        return Ok((body, fields));
    }
    let text = read_form(head, &mut payload).await?;
    let fields = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    Ok((text.into(), fields))
}

/// Whose form it is: the user that its token names, who must be the one that is logged in, if anybody is.
pub(super) fn owner(request: &HttpRequest, fields: &Fields) -> Result<Console, Failure> {
    match (named(request, fields), Identity::known(request)) {
        (None, None) => Err(Failure::LoginNeeded),
        (None, Some(_)) => Err(Failure::NotOurForm),
        (Some(named), Some(now)) if !named.is_of(&now) => Err(named.refusal()),
        (Some(named), _) => Ok(named),
    }
}

/// The user that a form names, if it names one: by the field for whose session its page was shown beside, else by its token.
fn named(request: &HttpRequest, fields: &Fields) -> Option<Console> {
    let open = |field: &str| {
        let (_, token) = fields.iter().find(|(name, _)| name == field)?;
        match form_token::open::<Console>(request, token) {
            // The session decides how long a form is good for.
            Ok(named) | Err(NotOpened::Expired(named)) => Some(named),
            Err(NotOpened::Missing | NotOpened::NoCookie | NotOpened::Unreadable) => None,
        }
    };
    open(form_token::LOGIN_FIELD).or_else(|| open(form_token::FIELD))
}

/// Whether the form of a request names the user whose session the request brings.
struct NamesSession;

/// Reads a form that a visitor may send, too, where the browser has a session: what was on a page of another login does
/// nothing.
pub async fn refuse_other_logins(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(now) = Identity::known(request.request()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let (body, fields) = match read(&mut request).await {
        Ok(read) => read,
        Err(failure) => return Ok(request.error_response(failure)),
    };
    match named(request.request(), &fields) {
        Some(named) if !named.is_of(&now) => {
            return Ok(request.error_response(named.refusal()));
        }
        Some(_) => drop(request.extensions_mut().insert(NamesSession)),
        None => {}
    }
    request.set_payload(Payload::from(body));
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// The session that a form acts on: the one of the browser, if the form was on a page of its user. A form that does not say
/// so acts on none.
pub fn named_session(request: &HttpRequest) -> Result<Option<Rc<Identity>>, Failure> {
    let names_it = request.extensions().get::<NamesSession>().is_some();
    match Identity::known(request) {
        Some(_) if !names_it => Err(Failure::NotOurForm),
        known => Ok(known),
    }
}
