//! Login by the organization's own identity provider: draft, tested, waiting for confirmation, active (docs/rules.md section 7).
//!
//! The owner drafts the settings, shows in a login of their own that they work, and starts a trial. Only the owner's login
//! through the provider puts them in force; until then nothing is taken away. A trial ends by its deadline, not by a job:
//! what reads the state compares it with the time. [`crate::platform::oidc`] speaks to the provider; here are the rows and the rules.

pub mod authorization;
pub mod bindings;
pub mod callback;
pub mod confirmation;
pub mod login;
pub mod recovery;
pub mod reminders;
pub mod repair;
pub mod setup;
mod store;
pub mod trial;

pub use crate::features::policies::settings_caller::SettingsCaller;
pub use store::{back_to_cloud_accounts, issuer, owner, providers};

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::base::calendar::Day;
use crate::base::ids::IdentityProviderId;
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::platform::oidc::{Configuration, Fingerprint, Key, Refused, Secret};

words! {
    /// Where a provider's settings stand.
    State {
        /// Being made; nobody but the owner's test logs in with them.
        Draft = "draft",
        /// The owner is to log in with them before the deadline.
        OnTrial = "on_trial",
        /// Everybody logs in with them.
        InForce = "in_force",
    }
}

/// For how long a passed test lets the trial start.
pub const TEST: Duration = Duration::minutes(10);
/// How long a trial lasts.
pub const TRIAL: Duration = Duration::minutes(15);
/// Seconds for which a login at the provider counts as fresh.
pub const FRESH_SECONDS: i64 = 600;

/// The way of the settings, as their pages number it: message ids.
pub const STEPS: &[&str] = &["idp-step-settings", "idp-step-test", "idp-step-save", "idp-step-login"];

/// How the integration test ended, for exactly the settings it was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// Why it failed; `None` when it passed.
    pub refused: Option<Refused>,
    /// The address that the provider sent.
    pub address: Option<String>,
    /// Who the owner is at the provider: nobody else confirms the trial.
    #[serde(default)]
    pub person: Option<Key>,
    /// Whether the provider told when the person had logged in there.
    pub tells_auth_time: bool,
}

/// A provider's settings, with where they stand.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Id.
    pub id: IdentityProviderId,
    /// Where they stand.
    pub state: State,
    /// The provider as it was found.
    pub configuration: Configuration,
    /// The client secret.
    pub secret: Secret,
    /// The day on which the secret stops working, as the owner said.
    pub secret_expires_on: Option<Day>,
    /// How the integration test ended, and when.
    pub tested: Option<(Tested, Moment)>,
    /// Whether the provider tells when somebody logged in there, as far as is known.
    pub tells_auth_time: bool,
    /// When the trial was started, and when it ends.
    pub trial: Option<(Moment, Moment)>,
    /// Since when they are in force.
    pub in_force_since: Option<Moment>,
}

impl Settings {
    /// Exactly these values.
    pub fn fingerprint(&self) -> Fingerprint {
        self.configuration.fingerprint(&self.secret)
    }

    /// Until when the trial may be started: a test passed, and not long ago.
    pub fn may_start_until(&self, now: Moment) -> Option<Moment> {
        let (tested, at) = self.tested.as_ref()?;
        let until = *at + TEST;
        (tested.refused.is_none() && until > now).then_some(until)
    }

    /// Whole days until the client secret stops working, as the owner said; negative when it has.
    pub fn secret_days(&self, now: Moment) -> Option<i64> {
        let noon = self.secret_expires_on.as_ref()?.noon()?;
        let today = Day::of(now, chrono_tz::Tz::UTC).noon()?;
        Some(noon.since(today).num_days())
    }

    /// Whether the trial still runs.
    pub fn is_on_trial(&self, now: Moment) -> bool {
        self.state == State::OnTrial && self.trial.is_some_and(|(_, until)| until > now)
    }
}

/// How an organization's people log in, and what is being prepared.
#[derive(Clone, Debug)]
pub struct Providers {
    /// The login method in force.
    pub method: LoginMethod,
    /// Settings that are being made. Those of a trial that ran out are here again.
    pub draft: Option<Settings>,
    /// Settings whose trial runs.
    pub on_trial: Option<Settings>,
    /// Settings in force.
    pub in_force: Option<Settings>,
}

impl Providers {
    /// Sorts what the table holds by the time.
    pub fn new(method: LoginMethod, all: Vec<Settings>, now: Moment) -> Self {
        let mut found = Self { method, draft: None, on_trial: None, in_force: None };
        for settings in all {
            match settings.state {
                State::InForce => found.in_force = Some(settings),
                State::OnTrial if settings.is_on_trial(now) => found.on_trial = Some(settings),
                // The newer ones are what the owner works on.
                State::Draft => found.draft = Some(settings),
                State::OnTrial if found.draft.is_none() => found.draft = Some(lapsed(settings)),
                State::OnTrial => {}
            }
        }
        found
    }

    /// Whether users stay bound when the settings on trial take the place of those in force.
    pub fn keeps_bindings(&self, next: &Configuration) -> bool {
        self.in_force.as_ref().is_some_and(|in_force| next.keeps_bindings_of(&in_force.configuration))
    }
}

/// A trial that ran out leaves its settings to work on; its test counts no more.
fn lapsed(settings: Settings) -> Settings {
    Settings { state: State::Draft, tested: None, trial: None, ..settings }
}
