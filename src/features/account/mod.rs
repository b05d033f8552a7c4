//! Account settings: one's own profile, password and sessions (docs/rules.md section 13).

pub mod expired;
pub mod pages;
mod profile;
mod store;

pub use crate::base::browser_name::{browser_name, known_browser};
pub use profile::Profile;
pub use store::{HomeSummary, ListedSession, PastLogin, StoredProfile, home_summary, own_sessions, profile, take};

use chrono_tz::Tz;

use crate::access::failure::Failure;
use crate::access::{Actor, OwnAccount, OwnSecrets, PasswordHash, Proof, replace_session};
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::features::audit::newer::{self, Newer};
use crate::features::passwords::{Attempt, NotCompared, compare};
use crate::features::users;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError, Tx, Work};

impl store::StoredProfile {
    /// The version of what can be edited. The language is not in it: the switch on every page changes it, too.
    pub fn version(&self) -> String {
        newer::version(&[&self.name, self.nickname.as_deref().unwrap_or_default(), &self.time_zone])
    }
}

/// Changes the caller's profile; gives what was saved since the form was opened, where something was.
pub fn change_profile(
    tx: &mut Tx<'_, OwnAccount>,
    profile: &Profile,
    opened: &str,
) -> Result<Recorded<Option<Newer>>, StoreError> {
    let before = store::profile(tx)?;
    if newer::is_older(opened, &before.version()) {
        let values = vec![
            ("person-name", newer::Value::Typed(before.name)),
            ("person-nickname", newer::Value::Typed(before.nickname.unwrap_or_default())),
            ("account-time-zone", newer::Value::Typed(before.time_zone)),
        ];
        let user = tx.user().to_string();
        let newer = Newer::find(tx, &[Kind::ProfileChanged], &user, values)?;
        let refused = Event::refused(Kind::ProfileChanged, Reason::OlderVersion);
        return tx.record(refused.on("user", user, &before.email), Some(newer));
    }
    store::save_profile(tx, profile)?;
    let (name, nickname) = (profile.name.to_string(), profile.nickname.as_ref().map(ToString::to_string));
    let event = Event::done(Kind::ProfileChanged)
        .on("user", tx.user().clone(), &before.email)
        .changed("name", before.name, name)
        .changed("nickname", before.nickname, nickname)
        .changed("language", before.language.word(), profile.language.word())
        .changed("time_zone", before.time_zone, profile.zone.name());
    tx.record(event, None)
}

/// Takes over the browser's time zone, unless the user chose one.
pub fn correct_zone(tx: &mut Tx<'_, OwnAccount>, zone: Tz) -> Result<Recorded<()>, StoreError> {
    store::correct_zone(tx, zone)?;
    Ok(tx.unrecorded("the browser's time zone is no event", ()))
}

/// Logs a user out. A login of theirs that waits for its second factor in another tab would be a way back in; it ends, too.
pub fn log_out(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    user: &UserId,
    session: &SessionId,
    name: &str,
) -> Result<Recorded<()>, StoreError> {
    store::end(tx, organization, session)?;
    store::end_pending(tx, organization, user)?;
    let event = Event::done(Kind::Logout).within(organization).by_user(user, name);
    tx.record(event.on("session", session, name), ())
}

/// Ends one of the caller's sessions. Another user's is not found, like one that never was.
pub fn end_session(tx: &mut Tx<'_, OwnAccount>, session: &SessionId) -> Result<Recorded<()>, Failure> {
    if !store::end_own(tx, session)? {
        return Err(Failure::NotFound);
    }
    Ok(tx.record(Event::done(Kind::SessionEnded).on("session", session, ""), ())?)
}

/// Ends all of the caller's sessions but this one; says how many.
pub fn end_other_sessions(tx: &mut Tx<'_, OwnAccount>) -> Result<Recorded<usize>, StoreError> {
    let ended = store::end_others(tx)?;
    tx.record(Event::done(Kind::OtherSessionsEnded).with("sessions", ended as u64), ended)
}

/// Sets a new password of the caller's own; all other sessions end (ASVS 7.4.3), and this one goes on under a new id. A
/// session that was ended while the password was hashed changes nothing: it is told to log in.
pub fn change_password(
    tx: &mut Tx<'_, OwnSecrets>,
    hash: &PasswordHash,
    proof: Proof,
) -> Result<Recorded<Token>, Failure> {
    let (organization, user, old) = (tx.organization().clone(), tx.user().clone(), tx.session().clone());
    let session = replace_password(tx, &organization, &user, &old, hash, proof)?.ok_or(Failure::LoginNeeded)?;
    Ok(tx.record(Event::done(Kind::PasswordChanged).on("user", &user, ""), session)?)
}

/// The change itself, told by mail: the token of the session that goes on, or nothing when it was ended meanwhile.
fn replace_password(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    old: &SessionId,
    hash: &PasswordHash,
    proof: Proof,
) -> Result<Option<Token>, StoreError> {
    let Some(session) = replace_session(work, organization, user, old, proof)? else {
        return Ok(None);
    };
    users::set_password(work, organization, user, hash)?;
    store::end_all_but(work, organization, user, &session)?;
    crate::features::links::replace_all(work, organization, user)?;
    if let Some(to) = users::addressee(work, organization, user)? {
        let message = Message::PasswordChanged {
            name: to.name.clone(),
            organization: to.organization_name.clone(),
            at: work.now(),
            address: work.origin().address.map(|address| address.to_string()).unwrap_or_default(),
        };
        outbox::post(work, &to, &message)?;
    }
    Ok(Some(session))
}

/// How a confirmation ended.
#[derive(Debug)]
pub enum Confirmation {
    /// The login is fresh: the token of the session that takes the old one's place.
    Fresh(Token),
    /// The password is wrong.
    Wrong,
    /// Too many wrong passwords, until then.
    Locked(Moment),
    /// The hashing queue is full.
    Busy,
    /// The session has ended meanwhile.
    Over,
}

/// Confirms that it is the user who sits there: the same counters as at login.
pub async fn confirm(actor: &Actor<OwnAccount>, attempt: Attempt, typed: &str) -> Result<Confirmation, Failure> {
    let app = actor.app().clone();
    let (origin, identity) = (actor.origin().clone(), actor.identity());
    let (user, email) = (identity.user.clone(), identity.email.clone());
    let compared = match compare(&app, origin, &actor.hash_share(), (attempt, user.clone()), typed).await? {
        Ok(compared) => compared,
        Err(NotCompared::Locked(until)) => return Ok(Confirmation::Locked(until)),
        Err(NotCompared::Busy) => return Ok(Confirmation::Busy),
    };
    let (limits, proof) = (app.config.limits, identity.proof(app.clock().now()));
    let ended = actor.write(move |tx| {
        let (organization, name) = (tx.organization().clone(), tx.name().to_owned());
        let about = |event: Event| event.within(&organization).by_user(&user, &name).on("user", &user, &email);
        if let Err(not) = compared.count(tx, &limits, about)? {
            let outcome = not.until.map_or(Confirmation::Wrong, Confirmation::Locked);
            return tx.record(not.event(Kind::Confirmation), outcome);
        }
        let (organization, user, old) = (tx.organization().clone(), tx.user().clone(), tx.session().clone());
        match replace_session(tx, &organization, &user, &old, proof)? {
            Some(session) => tx.record(Event::done(Kind::Confirmation), Confirmation::Fresh(session)),
            None => tx.record(Event::refused(Kind::Confirmation, Reason::SessionOver), Confirmation::Over),
        }
    });
    Ok(ended.await?)
}
