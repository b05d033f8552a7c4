//! How a login ends with a session.

use super::facts::event;
use super::store;
use crate::access::{Proof, start_session};
use crate::base::digest::Digest;
use crate::base::entropy::Token;
use crate::base::ids::{LoginId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::features::passwords::{Attempt, Credentials, Facts};
use crate::features::users;
use crate::platform::events::{Event, Kind};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError};

/// How an attempt ended.
#[derive(Debug)]
pub enum Outcome {
    /// It worked: the session's token, and the browser's when it was not known.
    In {
        /// For the session cookie.
        session: Token,
        /// For the browser cookie.
        browser: Token,
    },
    /// The password is right and the second factor is asked for.
    PendingLogin(LoginId),
    /// It did not work.
    Not(NotIn),
}

/// Why an attempt did not work.
#[derive(Debug)]
pub enum NotIn {
    /// Name, address or password is wrong, or the user may not log in: one answer for all.
    Wrong,
    /// Too many wrong passwords for this account, until then.
    Locked(Moment),
    /// Too many wrong passwords from this network, until then.
    Paused(Moment),
    /// The organization is not open to the address that the attempt comes from: the code of the event.
    Outside(String),
    /// The hashing queue is full.
    Busy,
}

/// The session begins: counters, browser, event and mail in the same write. The failures before are forgotten here and not
/// when the password was right: until the second factor is there too, it is not shown that it is the user (ASVS 6.3.1).
pub(super) fn begin(
    tx: &mut OpenTx<'_>,
    attempt: &Attempt,
    facts: &Facts,
    place: &OrganizationId,
    user: &Credentials,
    proof: Proof,
) -> Result<Recorded<Outcome>, StoreError> {
    facts.throttle.succeeded(tx, facts.state)?;
    let session = start_session(tx, place, &user.id, proof)?;
    let acquaintance = store::Acquaintance::of(attempt.browser.as_ref(), facts.known_since);
    let browser = attempt.browser.clone().unwrap_or_else(|| tx.entropy().token());
    welcome(tx, place, &user.id, &browser.digest(), acquaintance, user.has_logged_in)?;
    let event = event(facts, Event::done(Kind::Login), attempt).by_user(&user.id, &user.name);
    let event = match proof.second_factor {
        Some(factor) => event.with("second_factor", factor.word()),
        None => event,
    };
    tx.record(event, Outcome::In { session, browser })
}

/// Remembers a browser that a user has logged in with; one that is new is told to the user, but for the first login.
pub(crate) fn welcome(
    tx: &mut OpenTx<'_>,
    place: &OrganizationId,
    user: &UserId,
    browser: &Digest,
    acquaintance: store::Acquaintance,
    has_logged_in: bool,
) -> Result<(), StoreError> {
    store::remember_browser(tx, place, user, browser, acquaintance)?;
    if !matches!(acquaintance, store::Acquaintance::Since(_))
        && has_logged_in
        && let Some(to) = users::addressee(tx, place, user)?
    {
        tell_of_new_device(tx, &to)?;
    }
    Ok(())
}

pub(super) fn tell_of_new_device(tx: &mut OpenTx<'_>, to: &Addressee) -> Result<(), StoreError> {
    let origin = tx.origin().clone();
    let message = Message::NewDevice {
        name: to.name.clone(),
        organization: to.organization_name.clone(),
        at: tx.now(),
        address: origin.address.map(|address| address.to_string()).unwrap_or_default(),
        agent: origin.agent.unwrap_or_default(),
    };
    outbox::post(tx, to, &message).map(drop)
}
