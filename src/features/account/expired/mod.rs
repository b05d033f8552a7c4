//! A password that has expired: its user sets a new one, from whatever page they were on, and goes on there
//! (docs/rules.md section 8). Until then the session opens nothing.

pub mod pages;

use super::replace_password;
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Barred, Password, PasswordHash, Share, still_barred};
use crate::base::entropy::Token;
use crate::base::moment::Moment;
use crate::features::passwords::{Attempt, Doorway, doorway, lock_event};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{OpenTx, Origin, Recorded};
use crate::platform::{config, throttle};

/// How setting a new password ended.
#[derive(Debug)]
pub enum Renewal {
    /// It is set: the token of the session that takes the barred one's place.
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
pub fn asks_password(session: &Barred, now: Moment, limits: &config::Sessions) -> bool {
    !session.identity().is_fresh(now, limits)
}

/// Sets a new password. `typed` is the one that expired, where it is asked for; it counts and locks like a login.
pub async fn renew(
    app: &App,
    origin: Origin,
    session: Barred,
    attempt: Attempt,
    typed: Option<String>,
    hash: PasswordHash,
) -> Result<Renewal, Failure> {
    let look = |attempt: Attempt| {
        let (organization, user) = (session.organization().clone(), session.user().clone());
        move |tx: &mut OpenTx<'_>| doorway(tx, &attempt, organization, user)
    };
    let mut verdict = None;
    if let Some(typed) = typed {
        let seen: Doorway = app.store.read(origin.clone(), look(attempt.clone())).await?;
        if let throttle::Standing::Locked(until) | throttle::Standing::Paused(until) = seen.look.standing {
            return Ok(Renewal::Locked(until));
        }
        let matches = match Password::typed(&typed) {
            None => false,
            Some(password) => match app
                .hasher
                .verify(
                    &Share::of(&origin).and_session(session.session(), session.organization()),
                    &password,
                    seen.hash.clone(),
                )
                .await
            {
                Ok(verdict) => verdict.matches,
                Err(_) => return Ok(Renewal::Busy),
            },
        };
        verdict = Some((matches, seen.hash));
    }
    let (limits, lives, again) = (app.config.limits, app.config.sessions, look(attempt));
    let renewed = app.store.write(origin, move |tx| {
        let event = |event: Event| {
            event.within(session.organization()).by_user(session.user(), session.name()).on(
                "user",
                session.user(),
                session.email(),
            )
        };
        tx.touch(session.organization())?;
        if !still_barred(tx, &session, &lives)? {
            return Ok(tx.record(event(Event::refused(Kind::PasswordChanged, Reason::SessionOver)), Renewal::Over)?);
        }
        if let Some((matches, hash)) = verdict {
            let now = again(tx)?;
            if let throttle::Standing::Locked(until) | throttle::Standing::Paused(until) = now.look.standing {
                return Ok(
                    tx.record(event(Event::refused(Kind::PasswordChanged, Reason::Locked)), Renewal::Locked(until))?
                );
            }
            if !matches || now.hash != hash {
                let counted = now.gate.failed(tx, &limits)?;
                if let Some(locked) = lock_event(tx, session.organization(), session.user(), counted)? {
                    let _: Recorded<()> = tx.record(event(locked), ())?;
                }
                if counted.turned_away
                    && let throttle::Standing::Locked(until) | throttle::Standing::Paused(until) = counted.standing
                {
                    return Ok(tx.record(
                        event(Event::refused(Kind::PasswordChanged, Reason::Locked)),
                        Renewal::Locked(until),
                    )?);
                }
                let outcome = match counted.standing {
                    throttle::Standing::Locked(until) => Renewal::Locked(until),
                    _ => Renewal::Wrong,
                };
                return Ok(tx.record(event(Event::failed(Kind::PasswordChanged, Reason::WrongPassword)), outcome)?);
            }
            now.gate.succeeded(tx, now.look)?;
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
