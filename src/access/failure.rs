//! What ends a request without its page: one enum, drawn in one place (`web/failures.rs`).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::platform::store::{Denied, StoreError};

/// Why a request does not get its page.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Missing, another organization's, or never existed: all the same.
    #[error("not found")]
    NotFound,
    /// No session: leads to login and back.
    #[error("login needed")]
    LoginNeeded,
    /// The session is from before two-factor authentication was turned on: leads to the second factor and back.
    #[error("second factor needed")]
    SecondFactorNeeded,
    /// The password has expired: leads to a new one and back, with the form that came meanwhile.
    #[error("new password needed")]
    PasswordExpired,
    /// The session does not come from one of the allowed addresses.
    #[error("the address {0} is not allowed")]
    Outside(std::net::IpAddr),
    /// No repair session: leads to where a recovery code is asked for.
    #[error("recovery code needed")]
    RepairNeeded,
    /// The login is not fresh enough: leads to the confirmation and back, with the form that came too late.
    #[error("confirmation needed")]
    ConfirmationNeeded,
    /// The caller's roles do not permit it.
    #[error("the caller does not hold {0}")]
    Forbidden(&'static str),
    /// A program shows no bearer token, or one that opens nothing (RFC 6750 section 3.1).
    #[error("bearer token needed")]
    TokenNeeded,
    /// The request does not come from our own pages.
    #[error("the request comes from another site")]
    CrossSite,
    /// The form was on a page of another organization or user than the one that is logged in now.
    #[error("the form belongs to a page of {shown}")]
    OtherUser {
        /// The organization of the form's page.
        shown: String,
        /// The address of the page's user, where the form names it.
        email: Option<String>,
    },
    /// The form does not say which page it was on.
    #[error("not a form of this browser")]
    NotOurForm,
    /// The browser does not send the cookie that goes with its form.
    #[error("the browser sends no cookies")]
    NoCookies,
    /// The body or query is not a form of ours.
    #[error("not a form")]
    BadForm,
    /// A configured proxy named no readable client address.
    #[error("the client address cannot be read")]
    UnreadableAddress,
    /// Not a form's content type.
    #[error("unsupported content type")]
    UnsupportedType,
    /// The body is too large.
    #[error("body too large")]
    TooLarge,
    /// The body takes too long to come.
    #[error("body too slow")]
    TooSlow,
    /// The path exists, the method does not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The host is not ours.
    #[error("misdirected request")]
    Misdirected,
    /// Too much is waiting: the database's or the hashing queue.
    #[error("too busy")]
    Busy,
    /// The database cannot be reached; nothing was done.
    #[error("database unavailable: {0}")]
    Unavailable(StoreError),
    /// Whether a change was made is unknown.
    #[error("outcome unknown")]
    OutcomeUnknown,
    /// A query failed, or stored data could not be read.
    #[error("store: {0}")]
    Store(StoreError),
    /// A template could not be drawn.
    #[error("template: {0}")]
    Template(askama::Error),
    /// Anything else on our side.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Late | StoreError::Unavailable | StoreError::Unwritable(_) => Self::Unavailable(error),
            StoreError::Unknown => Self::OutcomeUnknown,
            StoreError::Query(diesel::result::Error::NotFound) => Self::NotFound,
            StoreError::Denied(denied) => denied.into(),
            StoreError::Panicked | StoreError::Query(_) | StoreError::Unreadable(_) => Self::Store(error),
        }
    }
}

impl Failure {
    /// Whether the request can go on once its user has logged in, confirmed who they are, or set a new password.
    pub fn interrupts(&self) -> bool {
        matches!(self, Self::LoginNeeded | Self::SecondFactorNeeded | Self::ConfirmationNeeded | Self::PasswordExpired)
    }
}

impl From<Denied> for Failure {
    /// As the guard would have refused at the head.
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Ended => Self::LoginNeeded,
            Denied::Outside(address) => Self::Outside(address),
            Denied::SecondFactor => Self::SecondFactorNeeded,
            Denied::Password => Self::PasswordExpired,
            Denied::Forbidden(permission) => Self::Forbidden(permission),
            Denied::NotFresh => Self::ConfirmationNeeded,
            Denied::RepairEnded => Self::RepairNeeded,
        }
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::LoginNeeded
            | Self::SecondFactorNeeded
            | Self::RepairNeeded
            | Self::ConfirmationNeeded
            | Self::PasswordExpired => StatusCode::SEE_OTHER,
            Self::TokenNeeded => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::CrossSite | Self::Outside(_) => StatusCode::FORBIDDEN,
            Self::OtherUser { .. } | Self::NotOurForm => StatusCode::CONFLICT,
            Self::BadForm | Self::NoCookies | Self::UnreadableAddress => StatusCode::BAD_REQUEST,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Busy | Self::Unavailable(_) | Self::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Template(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Without a page: `web/failures.rs` draws it, where the request is known.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<crate::access::QueueFull> for Failure {
    fn from(_: crate::access::QueueFull) -> Self {
        Self::Busy
    }
}

impl crate::platform::events::Refusal for Failure {
    /// It is recorded where it is drawn.
    fn refusal(&self) -> Option<crate::platform::events::Reason> {
        None
    }
}
