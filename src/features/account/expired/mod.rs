//! A password that has expired: its user sets a new one, from whatever page they were on, and goes on there
//! (docs/rules.md section 8). Until then the session opens nothing.

pub mod pages;

use super::replace_password;
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{BlockedSession, PasswordHash, Share, still_blocked};
use crate::base::entropy::Token;
use crate::base::moment::Moment;
use crate::features::passwords::{Attempt, NotCompared, compare};
use crate::platform::config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::Origin;

/// How setting a new password ended.
#[derive(Debug)]
pub enum Renewal {
    /// It is set: the token of the session that takes the blocked one's place.
    Done(Token),
    /// The password that expired is another one.
    Wrong,
    /// Too many wrong passwords, until then.
    Locked(Moment),
    /// The hashing queue is full.
    Busy,
    /// The session has ended meanwhile.
    Over,
}

/// Whether the password that expired is asked for: whoever has just logged in with it has shown that they know it.
pub fn asks_password(session: &BlockedSession, now: Moment, limits: &config::Sessions) -> bool {
    !session.identity().is_fresh(now, limits)
}

/// Sets a new password. `typed` is the one that expired, where it is asked for; it counts and locks like a login.
pub async fn renew(
    app: &App,
    origin: Origin,
    session: BlockedSession,
    attempt: Attempt,
    typed: Option<String>,
    hash: PasswordHash,
) -> Result<Renewal, Failure> {
    let compared = match typed {
        None => None,
        Some(typed) => {
            let share = Share::of(&origin).and_session(session.session(), session.organization());
            let whose = (attempt, session.user().clone());
            match compare(app, origin.clone(), &share, whose, &typed).await? {
                Ok(compared) => Some(compared),
                Err(NotCompared::Locked(until)) => return Ok(Renewal::Locked(until)),
                Err(NotCompared::Busy) => return Ok(Renewal::Busy),
            }
        }
    };
    let (limits, lives) = (app.config.limits, app.config.sessions);
    let renewed = app.store.write(origin, move |tx| {
        let event = |event: Event| {
            let event = event.within(session.organization()).by_user(session.user(), session.name());
            event.on("user", session.user(), session.email())
        };
        tx.touch(session.organization())?;
        if !still_blocked(tx, &session, &lives)? {
            return Ok(tx.record(event(Event::refused(Kind::PasswordChanged, Reason::SessionOver)), Renewal::Over)?);
        }
        if let Some(compared) = compared
            && let Err(not) = compared.count(tx, &limits, event)?
        {
            let outcome = not.until.map_or(Renewal::Wrong, Renewal::Locked);
            return Ok(tx.record(event(not.event(Kind::PasswordChanged)), outcome)?);
        }
        let proof = crate::access::Proof { authenticated: tx.now(), ..session.proof() };
        let (organization, user) = (session.organization(), session.user());
        match replace_password(tx, organization, user, session.session(), &hash, proof)? {
            Some(token) => Ok(tx.record(event(Event::done(Kind::PasswordChanged)), Renewal::Done(token))?),
            None => Ok(tx.record(event(Event::refused(Kind::PasswordChanged, Reason::SessionOver)), Renewal::Over)?),
        }
    });
    renewed.await
}
