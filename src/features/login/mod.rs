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

pub use begin::Outcome;
pub(crate) use begin::welcome;
pub(crate) use facts::{Facts, facts};
pub use step::{Progress, Step, next_step};
pub use store::Acquaintance;

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Method, Password, Proof, Share};
use crate::features::passwords::Attempt;
use crate::features::users;
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{OpenTx, Recorded, StoreError};
use crate::platform::throttle;
use begin::begin;

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
        return Ok(Outcome::Outside(reference));
    }
    if seen.look.standing != throttle::Standing::Free {
        return Ok(app
            .store
            .write(origin, move |tx| {
                let facts = facts(tx, &attempt)?;
                turned_away(tx, &attempt, &facts)
            })
            .await?);
    }
    let share = Share::of(&origin);
    // What is longer than any password is compared as something that never matches, at the same price.
    let hash = seen.user.as_ref().and_then(|user| user.hash.clone());
    let (password, hash) = match Password::typed(typed) {
        Some(password) => (
            Some(password.clone()),
            app.hasher.verify(&share, &password, hash.clone()).await.map(|verdict| (verdict, hash)),
        ),
        None => (None, app.hasher.verify(&share, &dummy(), None).await.map(|verdict| (verdict, None))),
    };
    let Ok((verdict, old)) = hash else {
        return Ok(Outcome::Busy);
    };
    let stronger = match (&password, verdict.matches && verdict.outdated && seen.may_log_in()) {
        (Some(password), true) => app.hasher.hash(&share, app.entropy(), password).await.ok(),
        _ => None,
    };
    let config = app.config.clone();
    let right = verdict.matches && seen.may_log_in();
    let decided = app.store.write(origin, move |tx| {
        let step = next_step(seen.progress(right, false));
        if let (Step::Console | Step::SecondFactor, Some(door), Some(user), Some(old)) =
            (step, &seen.organization, &seen.user, &old)
            && store::admit(tx, &door.id, &user.id, user.password_changed_at, &seen.gate, step == Step::Console)?
        {
            if let Some(new) = &stronger {
                users::rehash(tx, &user.id, old, new)?;
            }
            let now = tx.now();
            let proof = Proof { method: Method::Password, second_factor: None, begun: now, authenticated: now };
            if step == Step::SecondFactor {
                let event = seen.event(Event::done(Kind::SecondFactorAsked), &attempt).by_user(&user.id, &user.name);
                let login = second_factor::ask(tx, &door.id, user, proof, &return_to)?;
                return tx.record(event, Outcome::Halfway(login));
            }
            return begin(tx, &attempt, &seen, &door.id, user, proof);
        }
        // Looked up again: a lock may have come meanwhile, and the user whose failure is counted may be gone.
        let facts = facts(tx, &attempt)?;
        if facts.look.standing != throttle::Standing::Free {
            return turned_away(tx, &attempt, &facts);
        }
        refuse(tx, &attempt, &facts, &config)
    });
    Ok(decided.await?)
}

fn dummy() -> Password {
    Password::typed("-").unwrap_or_else(|| panic!("a short password fits"))
}

/// A wrong password, or anything that is answered like one.
fn refuse(
    tx: &mut OpenTx<'_>,
    attempt: &Attempt,
    facts: &Facts,
    config: &Config,
) -> Result<Recorded<Outcome>, StoreError> {
    let counted = facts.gate.failed(tx, &config.limits)?;
    if counted.turned_away {
        let facts = Facts { look: throttle::Look { standing: counted.standing, ..facts.look }, ..facts.clone() };
        return turned_away(tx, attempt, &facts);
    }
    let reason = match (&facts.organization, &facts.user) {
        (None, _) => Reason::UnknownOrganization,
        (_, None) => Reason::UnknownUser,
        _ if !facts.may_log_in() => Reason::NotAllowed,
        _ => Reason::WrongPassword,
    };
    let outcome = match counted.standing {
        throttle::Standing::Free => Outcome::Wrong,
        throttle::Standing::Locked(until) => Outcome::Locked(until),
        throttle::Standing::Paused(until) => Outcome::Paused(until),
    };
    if let Some(event) = facts.lock_event(tx, counted)? {
        let _: Recorded<()> = tx.record(facts.event(event, attempt), ())?;
    }
    tx.record(facts.event(Event::failed(Kind::Login, reason), attempt), outcome)
}

/// Locked or paused: no password is looked at.
fn turned_away(tx: &mut OpenTx<'_>, attempt: &Attempt, facts: &Facts) -> Result<Recorded<Outcome>, StoreError> {
    let (outcome, reason) = match facts.look.standing {
        throttle::Standing::Locked(until) => (Outcome::Locked(until), Reason::Locked),
        throttle::Standing::Paused(until) => (Outcome::Paused(until), Reason::NetworkPaused),
        // The lock ended between the two looks.
        throttle::Standing::Free => (Outcome::Wrong, Reason::LockEnded),
    };
    tx.record(facts.event(Event::refused(Kind::Login, reason), attempt), outcome)
}
