//! Login: organization name, then what its login method asks for, then the console (product.md section 6).
//!
//! [`next_step`] decides what comes next, from facts, and nothing else does. What the session of a whole login then opens
//! is decided at every request: whoever's password has expired sets a new one first.

pub(crate) mod begun;
pub(crate) mod entry;
mod forgotten;
pub(crate) mod outside;
pub mod pages;
pub mod second_factor;
pub mod store;

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Method, Password, Proof, Share, start_session};
use crate::base::digest::Digest;
use crate::base::entropy::Token;
use crate::base::ids::{LoginId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::{LoginMethod, State};
use crate::base::user::Status;
use crate::features::audit::{Event, Kind, Reason};
use crate::features::passwords::store::Credentials;
use crate::features::passwords::{self, Attempt, lock_event};
use crate::features::{organizations, users};
use crate::platform::config::Config;
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError, Work};
use crate::platform::throttle;

/// What is known of a login in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The organization's login method; `None` for a name that does not exist, which goes on like a cloud account.
    pub method: Option<LoginMethod>,
    /// Whether the password was right, for a user and an organization that may log in.
    pub password: bool,
    /// Whether the organization asks for a second factor.
    pub two_factor: bool,
    /// Whether it was given.
    pub second_factor: bool,
}

impl Progress {
    /// A login of which only the organization's name is known.
    pub fn begun(door: Option<&organizations::store::Door>) -> Self {
        let two_factor = door.is_some_and(|door| door.two_factor);
        Self { method: door.map(|door| door.method), password: false, two_factor, second_factor: false }
    }
}

/// What a login asks for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// E-mail and password.
    Password,
    /// A code of the second factor.
    SecondFactor,
    /// To the organization's identity provider.
    Provider,
    /// Nothing: the session begins.
    Console,
}

/// The one place that decides the next step of a login.
pub fn next_step(progress: Progress) -> Step {
    match progress.method {
        None | Some(LoginMethod::CloudAccount) if !progress.password => Step::Password,
        None => Step::Password,
        Some(LoginMethod::IdpAccount) => Step::Provider,
        Some(LoginMethod::CloudAccount) if progress.two_factor && !progress.second_factor => Step::SecondFactor,
        Some(LoginMethod::CloudAccount) => Step::Console,
    }
}

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
    Halfway(LoginId),
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

/// The facts that an attempt is decided by.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) organization: Option<organizations::store::Door>,
    pub(crate) user: Option<Credentials>,
    pub(crate) gate: throttle::Gate,
    known_since: Option<Moment>,
    pub(crate) look: throttle::Look,
}

impl Facts {
    fn may_log_in(&self) -> bool {
        let open = self.organization.as_ref().is_some_and(|door| door.state == State::Active);
        open && self.user.as_ref().is_some_and(|user| user.status == Status::Active)
    }

    fn progress(&self, password: bool, second_factor: bool) -> Progress {
        Progress { password, second_factor, ..Progress::begun(self.organization.as_ref()) }
    }

    /// An event of this login. What was typed is not kept.
    fn event(&self, event: Event, attempt: &Attempt) -> Event {
        self.about(event, attempt)
            .with("method", Method::Password.word())
            .with("known_browser", self.known_since.is_some())
    }

    /// An event in the organization and on the user when they exist.
    pub(crate) fn about(&self, event: Event, attempt: &Attempt) -> Event {
        let event = match &self.organization {
            Some(door) => event.within(&door.id),
            None => event,
        };
        match &self.user {
            Some(user) => event.on("user", &user.id, &attempt.email),
            None => event,
        }
    }
}

impl Facts {
    /// The event of a lock, where an attempt on a user who exists has caused one.
    pub(crate) fn lock_event(
        &self,
        work: &mut Work<'_>,
        counted: throttle::Counted,
    ) -> Result<Option<Event>, StoreError> {
        match (&self.organization, &self.user) {
            (Some(door), Some(user)) => lock_event(work, &door.id, &user.id, counted),
            _ => Ok(None),
        }
    }
}

/// Looks everything up, in two statements whatever they find, so that all answers take equally long.
pub(crate) fn facts(work: &mut Work<'_>, attempt: &Attempt) -> Result<Facts, StoreError> {
    let token = attempt.browser.clone().unwrap_or_else(|| work.entropy().token()).digest();
    let found = passwords::store::find(work, &attempt.organization, &attempt.email, &token)?;
    let known_since = found.as_ref().and_then(|found| found.known_since);
    let (organization, user) = found.map(|found| (found.door, found.user)).unzip();
    let user = user.flatten();
    let owner = organization.as_ref().zip(user.as_ref()).map(|(door, user)| (door.id.clone(), user.id.clone()));
    let (address, known) = (work.origin().address, known_since.is_some().then_some(&token));
    let gate = throttle::Gate::new(work, &attempt.organization, &attempt.email, known, address, owner);
    let look = gate.look(work)?;
    Ok(Facts { organization, user, gate, known_since, look })
}

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
                users::store::rehash(tx, &user.id, old, new)?;
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

/// The session begins: counters, browser, event and mail in the same write. The failures before are forgotten here and not
/// when the password was right: until the second factor is there too, nobody has shown to be the user (ASVS 6.3.1).
fn begin(
    tx: &mut OpenTx<'_>,
    attempt: &Attempt,
    facts: &Facts,
    place: &OrganizationId,
    user: &Credentials,
    proof: Proof,
) -> Result<Recorded<Outcome>, StoreError> {
    facts.gate.succeeded(tx, facts.look)?;
    let session = start_session(tx, place, &user.id, proof)?;
    let acquaintance = store::Acquaintance::of(attempt.browser.as_ref(), facts.known_since);
    let browser = attempt.browser.clone().unwrap_or_else(|| tx.entropy().token());
    welcome(tx, place, &user.id, &browser.digest(), acquaintance, user.has_logged_in)?;
    let event = facts.event(Event::done(Kind::Login), attempt).by_user(&user.id, &user.name);
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
        && let Some(to) = users::store::addressee(tx, place, user)?
    {
        tell_of_new_device(tx, &to)?;
    }
    Ok(())
}

fn tell_of_new_device(tx: &mut OpenTx<'_>, to: &Addressee) -> Result<(), StoreError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn next(method: Option<LoginMethod>, password: bool, two_factor: bool, second_factor: bool) -> Step {
        next_step(Progress { method, password, two_factor, second_factor })
    }

    #[test]
    fn the_next_step_is_the_console_only_after_a_right_password() {
        let cloud = Some(LoginMethod::CloudAccount);
        assert_eq!(next(cloud, true, false, false), Step::Console);
        for (two_factor, second_factor) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!(next(cloud, false, two_factor, second_factor), Step::Password);
            assert_eq!(next(None, true, two_factor, second_factor), Step::Password);
            assert_eq!(next(None, false, two_factor, second_factor), Step::Password);
        }
    }

    #[test]
    fn asvs_6_3_3_with_two_factor_on_the_console_comes_only_after_the_second_factor() {
        let cloud = Some(LoginMethod::CloudAccount);
        assert_eq!(next(cloud, true, true, false), Step::SecondFactor);
        assert_eq!(next(cloud, true, true, true), Step::Console);
    }
}
