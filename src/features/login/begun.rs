//! A login in progress, up to the password: the pages carry it, so that nothing is stored for typing names of
//! organizations.

use crate::web::returns;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::access::app::App;
use crate::web::form_token::Subject;
use crate::web::returns::ReturnTo;

/// What the pages of a login are about, up to the password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    /// The organization name, folded.
    pub organization: String,
    /// Where to go afterwards.
    pub return_to: String,
}

impl Login {
    /// A login to `organization` that leads on to `next`, if that is a page to go on to.
    pub fn new(app: &App, organization: String, next: &str) -> Self {
        let next = ReturnTo::parse(app, next);
        Self { organization, return_to: returns::short(next.as_str()).to_owned() }
    }
}

impl Subject for Login {
    const PURPOSE: &'static str = "login";

    fn lifetime(_: &App) -> Duration {
        Duration::hours(1)
    }
}
