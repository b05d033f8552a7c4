//! A login in progress, up to the password: carried by the browser itself, sealed, so that nobody fills a table by typing
//! names of organizations.

use chrono::Duration;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::store::types::Moment;

/// How long a login may take between its steps.
const LIFETIME: Duration = Duration::hours(1);
/// What the sealed value is, so that no other one opens in its place.
const IDENTITY: &[u8] = b"login in progress";

/// What was typed in the first step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Begun {
    /// The organization name, folded.
    pub organization: String,
    /// Where to go afterwards.
    pub return_to: String,
    /// Until when the organization's identity provider is on trial, which opens a second way.
    pub trial_until: Option<Moment>,
    until: Moment,
}

impl Begun {
    /// A login that begins now.
    pub fn new(app: &App, organization: String, return_to: String, trial_until: Option<Moment>) -> Self {
        Self { organization, return_to, trial_until, until: app.clock().now() + LIFETIME }
    }

    /// The cookie's value.
    pub fn sealed(&self, app: &App) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_else(|_| panic!("texts and moments can be written down"));
        BASE64URL_NOPAD.encode(&app.store.keys().seal(app.entropy(), IDENTITY, &plain))
    }

    /// Whether the way through a provider on trial is open.
    pub fn is_on_trial(&self, now: Moment) -> bool {
        self.trial_until.is_some_and(|until| until > now)
    }

    /// Reads the cookie; `None` for one that is not ours or is too old.
    pub fn open(app: &App, cookie: &str) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let plain = app.store.keys().open(IDENTITY, &sealed)?;
        serde_json::from_slice(&plain).ok().filter(|begun: &Self| begun.until > app.clock().now())
    }
}
