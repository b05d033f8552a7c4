//! A login that came back from the provider: who it is, whether they may come in, and what that puts in force.
//!
//! Whoever was bound before is found by the binding alone. Else a registered user is matched by address, once, and bound.

pub mod pages;
pub mod state_cookie;
mod store;

use chrono::Duration;

use super::authorization::Returned;
use super::{Providers, Settings, State, bindings, reminders, trial};
use crate::access::{Method, Proof, start_session};
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::user::Status;
use crate::features::login::Acquaintance;
use crate::platform::events::{Event, Kind, LoginRefusal};
use crate::platform::oidc::{Claims, Person, Refused, Unmatched, person};
use crate::platform::store::{OpenTx, Recorded, StoreError, Work};

/// Who does not come in, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// Why.
    pub why: LoginRefusal,
    /// The address that the provider sent.
    pub address: Option<String>,
    /// What to read out to an administrator.
    pub reference: String,
}

/// How a login ended.
#[derive(Debug)]
pub enum Ended {
    /// It worked.
    In {
        /// For the session cookie.
        session: Token,
        /// For the browser cookie.
        browser: Token,
        /// The organization's name.
        organization: String,
        /// Whether it put the settings in force.
        confirmed: bool,
    },
    /// The person is not let in.
    Turned(Turned),
}

/// Whom the person is, and whether they are bound already.
struct Found {
    user: UserId,
    is_new: bool,
}

/// Decides a login whose claims are verified.
pub fn decide(
    tx: &mut OpenTx<'_>,
    returned: &Returned,
    claims: &Claims,
    browser: Option<Token>,
) -> Result<Recorded<Ended>, StoreError> {
    let organization = &returned.intent.organization;
    tx.touch(organization)?;
    trial::settle(tx, organization)?;
    let providers = super::store::providers(tx, organization)?;
    let said = returned.settings.as_ref().and_then(|settings| claims.names(&settings.configuration));
    match found(tx, organization, returned, &providers, claims)? {
        Ok((settings, who, found)) => {
            let browser = browser.unwrap_or_else(|| tx.entropy().token());
            admit(tx, organization, &providers, &settings, &who, found, claims, said, browser)
        }
        Err(why) => turn_away(tx, organization, why, said),
    }
}

fn turn_away(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    why: LoginRefusal,
    address: Option<String>,
) -> Result<Recorded<Ended>, StoreError> {
    let event = Event::refused(Kind::Login, why).within(organization).with("method", Method::Idp.word());
    // Each has a token that the provider signed.
    let event = event.alone();
    let event = match &address {
        Some(address) => event.with("provider_address", address.as_str()),
        None => event,
    };
    Ok(tx.record_referenced(event)?.map(|reference| Ended::Turned(Turned { why, address, reference })))
}

type Match = (Settings, Person, Found);

/// The user who is the person, or why nobody is.
fn found(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    returned: &Returned,
    providers: &Providers,
    claims: &Claims,
) -> Result<Result<Match, LoginRefusal>, StoreError> {
    if store::state(work, organization)? != crate::base::organization::State::Active {
        return Ok(Err(LoginRefusal::Closed));
    }
    let policy = crate::features::policies::access::policy(work, organization)?;
    if policy.keeps_out(work.origin().address, work.now()) {
        return Ok(Err(LoginRefusal::Outside));
    }
    let begun = returned.begun();
    let mut settings = [&providers.on_trial, &providers.in_force].into_iter().flatten();
    let settings = settings.find(|settings| {
        // Only a login that was begun after the trial was started puts it in force.
        let in_time = settings.trial.is_none_or(|(since, _)| begun >= since);
        settings.id == returned.provider && settings.fingerprint() == *returned.fingerprint() && in_time
    });
    let Some(settings) = settings.cloned() else {
        return Ok(Err(LoginRefusal::Changed));
    };
    let who = person(&settings.configuration, claims);
    let starts_over = settings.state == State::OnTrial && !providers.keeps_bindings(&settings.configuration);
    let bound = match starts_over {
        true => None,
        false => bindings::of_subject(work, organization, &who.key)?,
    };
    let found = match bound {
        Some(user) => Found { user, is_new: false },
        None => {
            let addresses = match &who.addresses {
                Ok(addresses) => addresses,
                Err(Unmatched::NoAddress) => return Ok(Err(LoginRefusal::NoAddress)),
                Err(Unmatched::NotAnAddress(_)) => return Ok(Err(LoginRefusal::NotAnAddress)),
                Err(Unmatched::Unverified(_)) => return Ok(Err(LoginRefusal::Unverified)),
            };
            let Some(user) = store::of_addresses(work, organization, addresses)? else {
                return Ok(Err(LoginRefusal::NotRegistered));
            };
            if !starts_over && bindings::of_user(work, organization, &user)?.is_some() {
                return Ok(Err(LoginRefusal::AnotherSubject));
            }
            Found { user, is_new: true }
        }
    };
    if settings.state == State::OnTrial {
        // Not by the address alone: at the provider somebody else may have given themselves the owner's.
        let tested = settings.tested.as_ref().and_then(|(tested, _)| tested.person.as_ref());
        if super::store::owner(work, organization)? != found.user || tested != Some(&who.key) {
            return Ok(Err(LoginRefusal::OwnerOnly));
        }
    }
    match store::status(work, organization, &found.user)? {
        Status::Deactivated => Ok(Err(LoginRefusal::Deactivated)),
        Status::Active | Status::Invited => Ok(Ok((settings, who, found))),
    }
}

/// The session begins; during a trial this is what puts the settings in force.
#[expect(clippy::too_many_arguments, reason = "what a login stands on, each used once")]
fn admit(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    providers: &Providers,
    settings: &Settings,
    who: &Person,
    found: Found,
    claims: &Claims,
    said: Option<String>,
    browser: Token,
) -> Result<Recorded<Ended>, StoreError> {
    let confirmed = settings.state == State::OnTrial;
    if confirmed {
        let keeps = providers.keeps_bindings(&settings.configuration);
        let event = trial::put_in_force(tx, organization, settings, keeps, providers.method)?;
        let owner = crate::features::users::addressee(tx, organization, &found.user)?;
        let event = match owner {
            Some(owner) => event.by_user(&owner.id, &owner.name),
            None => event,
        };
        tx.also_record(event.within(organization))?;
    }
    let address = said.clone().unwrap_or_default();
    // The organization's row is held since before it was looked: nobody can have been bound meanwhile. Failing here takes
    // everything back, what was put in force too.
    if found.is_new && !bindings::insert(tx, organization, &found.user, &who.key, &address)? {
        return Err(StoreError::Unreadable("a binding that nobody had a moment ago"));
    }
    // That nothing was told says something only where it was asked for.
    if claims.auth_time.is_some() {
        super::store::note_auth_time(tx, organization, &settings.id, true)?;
    }
    let now = tx.now();
    let was_invited = store::enter(tx, organization, &found.user)?;
    if was_invited {
        crate::features::links::replace_all(tx, organization, &found.user)?;
    }
    let known_since = store::known_since(tx, organization, &found.user, &browser.digest())?;
    let acquaintance = Acquaintance::of(Some(&browser), known_since);
    let proof =
        Proof { method: Method::Idp, second_factor: None, begun: now, authenticated: authenticated(claims, now) };
    let session = start_session(tx, organization, &found.user, proof)?;
    crate::features::login::welcome(tx, organization, &found.user, &browser.digest(), acquaintance, !was_invited)?;
    let to = crate::features::users::addressee(tx, organization, &found.user)?;
    let to = to.ok_or(StoreError::Unreadable("the user who just logged in"))?;
    let event = Event::done(Kind::Login)
        .within(organization)
        .by_user(&to.id, &to.name)
        .on("user", &to.id, &to.email)
        .with("method", Method::Idp.word())
        .with("bound", found.is_new)
        .with("activated", was_invited);
    tx.record(event, Ended::In { session, browser, organization: to.organization_name, confirmed })
}

/// When the person proved who they are, for what needs a fresh login. Where the provider does not tell, it is not fresh:
/// it may have let in a session of yesterday.
fn authenticated(claims: &Claims, now: Moment) -> Moment {
    claims.auth_time.map_or(now - Duration::days(1), |at| at.min(now))
}

/// A login that the provider or its answer spoiled. Anybody can come back with an error of their own making, so
/// these share rows.
pub fn record_failed_login(
    tx: &mut OpenTx<'_>,
    returned: &Returned,
    refused: &Refused,
) -> Result<Recorded<String>, StoreError> {
    let organization = &returned.intent.organization;
    if let (true, Some(settings)) = (refused.is_about_the_secret(), &returned.settings) {
        reminders::alarm(tx, organization, settings)?;
    }
    let event = Event::failed(Kind::Login, refused.reason).within(organization).with("method", Method::Idp.word());
    let (event, code) = (event.shared(), refused.code());
    let event = match code {
        Some(code) => event.with("provider_error", code),
        None => event,
    };
    let event = match &refused.about {
        Some(about) => event.with("about", about.as_str()),
        None => event,
    };
    let event = match refused.clock {
        Some(ahead) => event.with("clock_ahead", ahead),
        None => event,
    };
    let event = match refused.network {
        Some(error) => event.with("network", error.word()),
        None => event,
    };
    tx.record_referenced(event)
}
