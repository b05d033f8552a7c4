//! New recovery codes on the page that shows them. Only their digests are stored, so the page's address carries them,
//! sealed for this browser: a change of language or theme, a reload and Back show them again.

use actix_web::HttpRequest;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::access::app::App;
use crate::base::ids::UserId;
use crate::features::factors::recovery::RecoveryCode;
use crate::web::form_token::{self, Subject};

/// Codes that were made just now, as people read them.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShownCodes {
    user: UserId,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether an authenticator app was set up with them.
    pub with_app: bool,
}

impl Subject for ShownCodes {
    const PURPOSE: &'static str = "recovery codes";

    fn lifetime(app: &App) -> Duration {
        Duration::hours(app.config.sessions.absolute_hours)
    }
}

impl ShownCodes {
    /// The new codes of a user.
    pub fn new(user: &UserId, codes: &[RecoveryCode], with_app: bool) -> Self {
        let codes = codes.iter().map(RecoveryCode::shown).collect();
        Self { user: user.clone(), codes, with_app }
    }

    /// The codes that the address of a page carries, if they are this user's.
    pub fn of(request: &HttpRequest, user: &UserId) -> Option<Self> {
        form_token::of_request::<Self>(request).ok().filter(|shown| &shown.user == user)
    }
}
