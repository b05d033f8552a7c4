//! A browser on its way to the provider and back: kept here for one use, and bound to the browser by a cookie of its own
//! (ASVS 10.2.1). The organization is the trip's; nothing in the address that comes back names another.

pub mod store;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::config::PublicUrl;
use crate::entropy::Token;
use crate::oidc::authorize::{self, Trip};
use crate::oidc::exchange::TRIP_MINUTES;
use crate::oidc::{Fingerprint, Refused};
use crate::store::types::{IdentityProviderId, Moment, OrganizationId, SessionId, TripId, UserId};
use crate::store::{StoreError, Work};

words! {
    /// What somebody goes to the provider for.
    Purpose {
        /// The integration test, by the owner.
        Test = "test",
        /// To log in.
        Login = "login",
        /// To show again who they are.
        Confirmation = "confirmation",
    }
}

/// Longer than the protocol allows, so that who comes late is told so.
const LIFETIME: Duration = Duration::minutes(TRIP_MINUTES + 50);

/// Who sets out, and what for.
#[derive(Clone, Debug)]
pub struct Traveller {
    /// What for.
    pub purpose: Purpose,
    /// The organization, for good.
    pub organization: OrganizationId,
    /// Who, where that is known before.
    pub user: Option<UserId>,
    /// Their session, where there is one.
    pub session: Option<SessionId>,
    /// Where to go afterwards.
    pub return_to: String,
}

/// A trip that was begun: what a browser that has its token is sent to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Away {
    /// The address at the provider.
    pub address: String,
    /// What stays here.
    pub trip: Trip,
}

/// A trip that came back, taken out of its place.
#[derive(Clone, Debug)]
pub struct Returned {
    /// Who had set out.
    pub traveller: Traveller,
    /// The settings with which the trip was begun, as they are now; `None` when they are gone.
    pub settings: Option<Settings>,
    /// Which ones.
    pub provider: IdentityProviderId,
    /// What stayed here.
    pub trip: Trip,
}

impl Returned {
    /// With which settings the trip was begun.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.trip.fingerprint
    }

    /// When.
    pub fn begun(&self) -> Moment {
        self.trip.begun
    }
}

/// Why nobody sets out.
#[derive(Debug, thiserror::Error)]
pub enum SetOutError {
    /// The settings do not hold together any more.
    #[error("the provider's settings are refused")]
    Refused(Box<Refused>),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a trip: its token is for the cookie.
pub fn set_out(
    work: &mut Work<'_>,
    settings: &Settings,
    traveller: &Traveller,
    public_url: &PublicUrl,
    max_age: Option<i64>,
) -> Result<Token, SetOutError> {
    let (configuration, now) = (&settings.configuration, work.now());
    let begun = authorize::begin(configuration, &settings.secret, public_url, work.entropy(), now, max_age);
    let (address, trip) = begun.map_err(|refused| SetOutError::Refused(Box::new(refused)))?;
    let id: TripId = work.id();
    Ok(store::insert(work, id, &settings.id, traveller, &Away { address, trip }, now + LIFETIME)?)
}
