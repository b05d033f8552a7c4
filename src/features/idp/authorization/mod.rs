//! A browser on its way to the provider and back. The browser itself carries the authorization request, sealed, so that
//! beginning a login fills no table. The cookie binds the request to the browser, and a row of what came back keeps it to one
//! use (ASVS 10.2.1). The organization is that of the request: nothing in the address that comes back names another.

mod store;

use chrono::Duration;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::base::digest::Digest;
use crate::base::ids::{IdentityProviderId, OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::base::public_url::PublicUrl;
use crate::platform::oidc::authorize::{self, AuthorizationRequest};
use crate::platform::oidc::exchange::TRIP_MINUTES;
use crate::platform::oidc::{Fingerprint, Refused};
use crate::platform::store::{StoreError, Work};

/// What somebody goes to the provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// The integration test, by the owner.
    Test,
    /// To log in.
    Login,
    /// To show again who they are.
    Confirmation,
}

/// Longer than the protocol allows, so that who comes late is told so.
const LIFETIME: Duration = Duration::minutes(TRIP_MINUTES + 50);
/// Characters of an authorization request's handle.
const HANDLE: usize = 16;
/// What the sealed value is, so that no other one opens in its place.
const IDENTITY: &[u8] = b"request to an identity provider";

/// Who begins a login at the provider, and what for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginIntent {
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

/// What the browser carries, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct CookieContent {
    intent: LoginIntent,
    provider: IdentityProviderId,
    request: AuthorizationRequest,
}

impl CookieContent {
    fn open(work: &Work<'_>, carried: &str) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(carried.as_bytes()).ok()?;
        let plain = work.keys().open(IDENTITY, &sealed)?;
        serde_json::from_slice(&plain).ok().filter(|ticket: &Self| ticket.request.begun + LIFETIME > work.now())
    }

    /// The settings it was made with, as they are now.
    fn settings(&self, work: &mut Work<'_>) -> Result<Option<Settings>, StoreError> {
        let providers = super::store::providers(work, &self.intent.organization)?;
        let all = [providers.draft, providers.on_trial, providers.in_force];
        Ok(all.into_iter().flatten().find(|settings| settings.id == self.provider))
    }
}

/// What a browser is given for an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateCookie {
    /// By what it is found again when the state comes back.
    pub handle: String,
    /// When it was begun, in seconds: of several authorization requests of a browser the oldest makes room.
    pub begun: i64,
    /// The authorization request, sealed.
    pub sealed: String,
}

/// The handle of a state: it gives nothing of the state away.
pub fn handle(state: &str) -> String {
    let digest = Digest::of(&[b"handle of a request", state.as_bytes()]);
    HEXLOWER.encode(digest.as_bytes()).chars().take(HANDLE).collect()
}

/// What became of an authorization request that came back.
#[derive(Clone, Debug)]
pub enum Taken {
    /// It comes back for the first time.
    Back(Box<Returned>),
    /// It came back before; it was to lead here.
    Used(String),
    /// It is of another browser, too old, or none.
    Unknown,
}

/// A authorization request that came back, and will not a second time.
#[derive(Clone, Debug)]
pub struct Returned {
    /// Who had set out.
    pub intent: LoginIntent,
    /// The settings with which the authorization request was begun, as they are now; `None` when they are gone.
    pub settings: Option<Settings>,
    /// Which ones.
    pub provider: IdentityProviderId,
    /// What stayed here.
    pub request: AuthorizationRequest,
}

impl Returned {
    /// With which settings the authorization request was begun.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.request.fingerprint
    }

    /// When.
    pub fn begun(&self) -> Moment {
        self.request.begun
    }
}

/// Why no login at the provider begins.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The settings do not hold together any more.
    #[error("the provider's settings are refused")]
    Refused(Box<Refused>),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for BeginError {
    /// What the settings lack is told at the form; a test that was refused has its own event.
    fn refusal(&self) -> Option<crate::platform::events::Reason> {
        None
    }
}

/// Begins an authorization request: what the browser is to carry.
pub fn begin(
    work: &mut Work<'_>,
    settings: &Settings,
    intent: LoginIntent,
    public_url: &PublicUrl,
    max_age: Option<i64>,
) -> Result<StateCookie, BeginError> {
    let (configuration, now) = (&settings.configuration, work.now());
    let begun = authorize::begin(configuration, &settings.secret, public_url, work.entropy(), now, max_age);
    let (_, request) = begun.map_err(|refused| BeginError::Refused(Box::new(refused)))?;
    let (handle, begun) = (handle(request.state.expose()), now.millis() / 1000);
    let ticket = CookieContent { intent, provider: settings.id.clone(), request };
    let plain =
        serde_json::to_vec(&ticket).map_err(|_| StoreError::Unreadable("a request cannot be written as JSON"))?;
    let sealed = BASE64URL_NOPAD.encode(&work.keys().seal(work.entropy(), IDENTITY, &plain));
    Ok(StateCookie { handle, begun, sealed })
}

/// The address at the provider to which a browser with this authorization request goes; `None` when the settings are others by now.
pub fn pending(work: &mut Work<'_>, carried: &str) -> Result<Option<String>, StoreError> {
    let Some(ticket) = CookieContent::open(work, carried) else {
        return Ok(None);
    };
    let settings = ticket.settings(work)?.filter(|settings| settings.fingerprint() == ticket.request.fingerprint);
    Ok(settings.and_then(|settings| authorize::address(&settings.configuration, &ticket.request).ok()))
}

/// Takes an authorization request that comes back with its state.
pub fn take(work: &mut Work<'_>, carried: &str, state: &str) -> Result<Taken, StoreError> {
    let Some(ticket) = CookieContent::open(work, carried) else {
        return Ok(Taken::Unknown);
    };
    let own = ticket.request.state.digest();
    // Compared as digests: how long it takes says nothing of the state.
    if crate::base::entropy::Token::parse(state).map(|state| state.digest()).as_ref() != Some(&own) {
        return Ok(Taken::Unknown);
    }
    if !store::spend(work, &ticket.intent.organization, &own, ticket.request.begun + LIFETIME)? {
        return Ok(Taken::Used(ticket.intent.return_to));
    }
    let settings = ticket.settings(work)?;
    let CookieContent { intent, provider, request } = ticket;
    Ok(Taken::Back(Box::new(Returned { intent, settings, provider, request })))
}
