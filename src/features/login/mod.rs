//! Login: organization name, then what its login method asks for, then the console (docs/rules.md section 6).
//!
//! [`next_step`] decides what comes next, from facts, and nothing else does. What the session of a whole login then opens
//! is decided at every request: whoever's password has expired sets a new one first.

mod begin;
pub(crate) mod begun;
pub(crate) mod entry;
mod facts;
mod forgotten;
pub(crate) mod outside;
pub mod pages;
pub mod second_factor;
mod step;
mod store;

pub(crate) use begin::welcome;
pub use begin::{NotIn, Outcome};
pub use step::{Progress, Step, next_step};
pub use store::Acquaintance;

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Method, Proof, Share};
use crate::features::passwords::{Attempt, Facts, facts, verify};
use crate::features::users;
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{OpenTx, Recorded, StoreError};
use crate::platform::throttle::{LoginLimit, ThrottleState};
use begin::begin;
use facts::{event, may_log_in, progress};

/// One attempt with a password: look up, verify outside of any transaction, decide and record in one write.
pub async fn attempt(
    app: &App,
    origin: crate::platform::store::Origin,
    attempt: Attempt,
    typed: &str,
    return_to: String,
) -> Result<Outcome, Failure> {
    let seen = {
        let attempt = attempt.clone();
        app.store.read(origin.clone(), move |tx| facts(tx, &attempt)).await?
    };
    if let Some(reference) = outside::keep_out(app, &origin, seen.organization.as_ref(), Method::Password).await? {
        return Ok(Outcome::Not(NotIn::Outside(reference)));
    }
    if seen.state.limit != LoginLimit::Free {
        return Ok(app
            .store
            .write(origin, move |tx| {
                let facts = facts(tx, &attempt)?;
                turned_away(tx, &attempt, &facts)
            })
            .await?);
    }
    let share = Share::of(&origin);
    let old = seen.user.as_ref().and_then(|user| user.hash.clone());
    let Ok((password, verdict)) = verify(&app.hasher, &share, typed, old.clone()).await else {
        return Ok(Outcome::Not(NotIn::Busy));
    };
    let right = verdict.matches && may_log_in(&seen);
    let stronger = match (&password, right && verdict.outdated) {
        (Some(password), true) => app.hasher.hash(&share, app.entropy(), password).await.ok(),
        _ => None,
    };
    let config = app.config.clone();
    let decided = app.store.write(origin, move |tx| {
        let step = next_step(progress(&seen, right, false));
        if let (Step::Console | Step::SecondFactor, Some(organization), Some(user), Some(old)) =
            (step, &seen.organization, &seen.user, &old)
            && store::admit(
                tx,
                &organization.id,
                &user.id,
                user.password_changed_at,
                &seen.throttle,
                step == Step::Console,
            )?
        {
            if let Some(new) = &stronger {
                users::rehash(tx, &user.id, old, new)?;
            }
            let now = tx.now();
            let proof = Proof { method: Method::Password, second_factor: None, begun: now, authenticated: now };
            if step == Step::SecondFactor {
                let asked = event(&seen, Event::done(Kind::SecondFactorAsked), &attempt).by_user(&user.id, &user.name);
                let login = second_factor::ask(tx, &organization.id, user, proof, &return_to)?;
                return tx.record(asked, Outcome::PendingLogin(login));
            }
            return begin(tx, &attempt, &seen, &organization.id, user, proof);
        }
        // Looked up again: a lock may have come meanwhile, and the user whose failure is counted may be gone.
        let facts = facts(tx, &attempt)?;
        if facts.state.limit != LoginLimit::Free {
            return turned_away(tx, &attempt, &facts);
        }
        refuse(tx, &attempt, &facts, &config)
    });
    Ok(decided.await?)
}

/// A wrong password, or anything that is answered like one.
fn refuse(
    tx: &mut OpenTx<'_>,
    attempt: &Attempt,
    facts: &Facts,
    config: &Config,
) -> Result<Recorded<Outcome>, StoreError> {
    let counted = facts.throttle.failed(tx, &config.limits)?;
    if counted.turned_away {
        let facts = Facts { state: ThrottleState { limit: counted.limit, ..facts.state }, ..facts.clone() };
        return turned_away(tx, attempt, &facts);
    }
    let reason = match (&facts.organization, &facts.user) {
        (None, _) => Reason::UnknownOrganization,
        (_, None) => Reason::UnknownUser,
        _ if !may_log_in(facts) => Reason::NotAllowed,
        _ => Reason::WrongPassword,
    };
    let outcome = match counted.limit {
        LoginLimit::Free => Outcome::Not(NotIn::Wrong),
        LoginLimit::Locked(until) => Outcome::Not(NotIn::Locked(until)),
        LoginLimit::Paused(until) => Outcome::Not(NotIn::Paused(until)),
    };
    if let Some(locked) = facts.lock_event(tx, counted)? {
        tx.also_record(event(facts, locked, attempt))?;
    }
    tx.record(event(facts, Event::failed(Kind::Login, reason), attempt), outcome)
}

/// Locked or paused: no password is looked at.
fn turned_away(tx: &mut OpenTx<'_>, attempt: &Attempt, facts: &Facts) -> Result<Recorded<Outcome>, StoreError> {
    let (outcome, reason) = match facts.state.limit {
        LoginLimit::Locked(until) => (Outcome::Not(NotIn::Locked(until)), Reason::Locked),
        LoginLimit::Paused(until) => (Outcome::Not(NotIn::Paused(until)), Reason::NetworkPaused),
        // The lock ended between the two looks.
        LoginLimit::Free => (Outcome::Not(NotIn::Wrong), Reason::LockEnded),
    };
    tx.record(event(facts, Event::refused(Kind::Login, reason), attempt), outcome)
}
