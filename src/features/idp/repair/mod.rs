//! The owner's way in when the provider fails: a recovery code, then the kept password or a mailed code, and for half an
//! hour the provider's settings, from any address. It is a visitor's flow with a cookie and a row of its own and never a
//! session, so nothing that looks for a session finds it (docs/rules.md section 7).

mod about;
mod caller;
pub mod pages;
mod session;
mod store;

pub use caller::Repairer;
pub use session::{LIFETIME, Repair};
pub use store::{find, remove_all};

use chrono::Duration;

use super::{SettingsCaller, bindings, confirmation, recovery};
use crate::access::Share;
use crate::access::app::App;
use crate::access::decisions;
use crate::access::failure::Failure;
use crate::base::entropy::{Code, Token};
use crate::base::moment::Moment;
use crate::features::factors::recovery::RecoveryCode;
use crate::features::passwords::{self, Attempt, NotCompared, compare};
use crate::features::users::addressee;
use crate::platform::codes::{self, IssueError, Purpose, Sent, Slot, Verdict};
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{IdpNews, Message, outbox};
use crate::platform::store::{OpenTx, Origin, PersonTx, Recorded, StoreError, Work};
use crate::platform::throttle::{LoginLimit, ThrottleState};

/// How long a code that was right waits for the password or the mailed code.
const WAIT: Duration = Duration::minutes(10);

/// How a recovery code, or what confirms it, ended.
#[derive(Debug)]
pub enum Opened {
    /// It was right: the token of what it opened.
    In(Token),
    /// It was not, or there is no such owner: one answer for all.
    Wrong,
    /// Too many tries, until then.
    Locked(Moment),
    /// The mailed code was not right.
    Not(Verdict),
    /// The hashing queue is full.
    Busy,
    /// The time is over, or somebody else owns the organization.
    Over,
}

fn locked(state: ThrottleState) -> Option<Moment> {
    match state.limit {
        LoginLimit::Free => None,
        LoginLimit::Locked(until) | LoginLimit::Paused(until) => Some(until),
    }
}

/// Tries a recovery code; counted and locked like a password.
pub fn open(
    tx: &mut OpenTx<'_>,
    attempt: &Attempt,
    code: Option<&RecoveryCode>,
    limits: &Limits,
) -> Result<Recorded<Opened>, StoreError> {
    let facts = passwords::facts(tx, attempt)?;
    let event = |event: Event| facts.about(event, attempt);
    if let Some(until) = locked(facts.state) {
        return tx.record(event(Event::refused(Kind::OwnerCodeUsed, Reason::Locked)), Opened::Locked(until));
    }
    if let (Some(organization), Some(user), Some(code)) = (&facts.organization, &facts.user, code)
        && decisions::session::may_log_in(organization.state, user.status)
        && tx.touch(&organization.id)?
        && super::store::owner(tx, &organization.id)? == user.id
        && recovery::use_up(tx, &organization.id, &user.id, code)?
    {
        if let Some(to) = addressee(tx, &organization.id, &user.id)? {
            let (name, organization, at) = (to.name.clone(), to.organization_name.clone(), tx.now());
            outbox::post(tx, &to, &Message::Idp { name, organization, news: IdpNews::CodeUsed, at })?;
        }
        let until = tx.now() + WAIT;
        let token = store::insert(tx, &organization.id, &user.id, None, until)?;
        return tx.record(event(Event::done(Kind::OwnerCodeUsed)), Opened::In(token));
    }
    let counted = facts.throttle.failed(tx, limits)?;
    if let Some(locked) = facts.lock_event(tx, counted)? {
        let _: Recorded<()> = tx.record(facts.about(locked, attempt), ())?;
    }
    let reason = if counted.turned_away {
        Event::refused(Kind::OwnerCodeUsed, Reason::Locked)
    } else {
        Event::failed(Kind::OwnerCodeUsed, Reason::WrongCode)
    };
    let ended = match counted.limit {
        LoginLimit::Free => Opened::Wrong,
        LoginLimit::Locked(until) | LoginLimit::Paused(until) => Opened::Locked(until),
    };
    tx.record(facts.about(reason, attempt), ended)
}

fn slot(repair: &Repair) -> Slot {
    let (organization, user) = (repair.organization.clone(), repair.user.clone());
    Slot { organization, user, asker: codes::Asker::Repair, purpose: Purpose::Repair, place: repair.email.clone() }
}

/// The mailed code that waits.
pub fn waiting(work: &mut Work<'_>, repair: &Repair, limits: &Limits) -> Result<Option<Sent>, StoreError> {
    codes::waiting(work, &slot(repair), limits)
}

fn told(event: Event, repair: &Repair) -> Event {
    event.within(&repair.organization).by_user(&repair.user, &repair.name).on("user", &repair.user, &repair.email)
}

/// Mails the owner a code, in the place of the password.
pub fn send_code(tx: &mut OpenTx<'_>, repair: &Repair, limits: &Limits) -> Result<Recorded<()>, IssueError> {
    let to: Option<Addressee> = addressee(tx, &repair.organization, &repair.user)?;
    let to = to.ok_or(StoreError::Unreadable("the owner is not among the users"))?;
    codes::issue(tx, &slot(repair), limits, |work, code, until| confirmation::post_code(work, &to, code, until))?;
    Ok(tx.record(told(Event::done(Kind::ConfirmationCodeSent), repair), ())?)
}

/// Confirms by the mailed code.
pub fn confirm_by_code(
    tx: &mut OpenTx<'_>,
    repair: &Repair,
    typed: &Code,
    limits: &Limits,
) -> Result<Recorded<Opened>, StoreError> {
    match codes::check(tx, &slot(repair), typed, limits)? {
        Verdict::Right => begin(tx, repair, "mailed_code"),
        verdict => {
            let event = crate::features::factors::told(Kind::RepairBegun, verdict);
            tx.record(told(event, repair), Opened::Not(verdict))
        }
    }
}

/// Confirms by the password that was kept; verified outside of any transaction.
pub async fn confirm_by_password(
    app: &App,
    origin: Origin,
    repair: Repair,
    browser: Option<&str>,
    typed: &str,
) -> Result<Opened, Failure> {
    let attempt = Attempt::new(&repair.organization_name, &repair.email, browser);
    let share = Share::of(&origin).and_holder(repair.id.as_str(), &repair.organization);
    let compared = match compare(app, origin.clone(), &share, (attempt, repair.user.clone()), typed).await? {
        Ok(compared) => compared,
        Err(NotCompared::Locked(until)) => return Ok(Opened::Locked(until)),
        Err(NotCompared::Busy) => return Ok(Opened::Busy),
    };
    let limits = app.config.limits;
    let ended = app.store.write(origin, move |tx| {
        if let Err(not) = compared.count(tx, &limits, |event| told(event, &repair))? {
            let outcome = not.until.map_or(Opened::Wrong, Opened::Locked);
            return tx.record(told(not.event(Kind::RepairBegun), &repair), outcome);
        }
        begin(tx, &repair, "password")
    });
    Ok(ended.await?)
}

/// The repair begins, under a new secret (ASVS 7.2.4).
fn begin(tx: &mut OpenTx<'_>, repair: &Repair, by: &'static str) -> Result<Recorded<Opened>, StoreError> {
    tx.touch(&repair.organization)?;
    let is_owner = super::store::owner(tx, &repair.organization)? == repair.user;
    if !is_owner || !store::remove(tx, repair)? {
        return tx.record(told(Event::refused(Kind::RepairBegun, Reason::NotAllowed), repair), Opened::Over);
    }
    let now = tx.now();
    let token = store::insert(tx, &repair.organization, &repair.user, Some(now), now + LIFETIME)?;
    tx.record(told(Event::done(Kind::RepairBegun).with("method", by), repair), Opened::In(token))
}

/// Ends a repair.
pub fn end(tx: &mut OpenTx<'_>, repair: &Repair) -> Result<Recorded<()>, StoreError> {
    if !store::remove(tx, repair)? {
        return Ok(tx.unrecorded("it was over before", ()));
    }
    tx.record(told(Event::done(Kind::RepairEnded), repair), ())
}

/// Releases the owner from the person at the provider: the login that confirms the next trial binds anew.
pub fn release(tx: &mut PersonTx<'_, '_>, caller: &SettingsCaller) -> Result<Recorded<bool>, StoreError> {
    if !bindings::remove(tx, &caller.organization, &caller.user)? {
        return Ok(tx.unrecorded("the owner was not bound", false));
    }
    let event = Event::done(Kind::IdpBindingReleased).on("user", &caller.user, &caller.email);
    tx.record(event.with("repair", true), true)
}
