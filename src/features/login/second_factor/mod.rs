//! The second factor of a login (docs/rules.md section 7): asked after the password, by mail, SMS or authenticator app.
//!
//! A login that waits for it is a row of its own that its pages name, never a session with a mark. What let the
//! password in is looked at again when the second factor comes: the password, the user, the organization and the locks.

pub mod pages;
mod pause;
mod store;
mod waiting;

pub use waiting::PendingLogin;

use chrono::Duration;

use super::facts::{event, may_log_in};
use super::{Outcome, begin};
use crate::access::{BlockedSession, Proof, SecondFactor, still_blocked};
use crate::base::entropy::{Code, Token};
use crate::base::ids::{LoginId, OrganizationId};
use crate::base::moment::Moment;
use crate::features::factors::{self, Factors, RecoveryCode};
use crate::features::passwords::{Attempt, facts};
use crate::features::{account, users};
use crate::platform::codes::{self, IssueError, Verdict, sms};
use crate::platform::config::{Config, Limits, Sessions};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{Message, ShortMessage, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError, Work};
use waiting::Waiting;

/// How long a login waits for its second factor.
pub const LIFETIME: Duration = Duration::minutes(15);

/// Why a second factor cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no number that was verified.
    NoMobile,
    /// The installation sends no SMS.
    NoGateway,
    /// No authenticator app is set up.
    NoApp,
    /// No recovery code is left.
    NoRecoveryCode,
}

impl Why {
    /// Message id of the reason.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoMobile => "login-factor-no-mobile",
            Self::NoGateway => "login-factor-no-gateway",
            Self::NoApp => "login-factor-no-app",
            Self::NoRecoveryCode => "login-factor-no-recovery",
        }
    }
}

/// Whether somebody with these factors may choose `factor`. E-mail always works: it is the ID for logging in.
pub fn offered(factor: SecondFactor, factors: &Factors, sends_sms: bool) -> Result<(), Why> {
    let (is_there, why) = match factor {
        SecondFactor::Email => return Ok(()),
        SecondFactor::Mobile if !sends_sms => (false, Why::NoGateway),
        SecondFactor::Mobile => (factors.mobile.is_some() && factors.mobile_verified_at.is_some(), Why::NoMobile),
        SecondFactor::Authenticator => (factors.authenticator_since.is_some(), Why::NoApp),
        SecondFactor::RecoveryCode if factors.authenticator_since.is_none() => (false, Why::NoApp),
        SecondFactor::RecoveryCode => (factors.recovery_codes > 0, Why::NoRecoveryCode),
    };
    if is_there { Ok(()) } else { Err(why) }
}

/// An address of which enough is shown to know it, and not more.
pub fn masked_email(email: &str) -> String {
    let (name, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{domain}")
}

/// The end of a number.
pub fn masked_mobile(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let end: String = digits[digits.len().saturating_sub(4)..].iter().collect();
    format!("••• {end}")
}

/// Begins to wait for the second factor of a user whose password was right. The caller records it.
pub(super) fn ask(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    user: &crate::features::passwords::Credentials,
    proof: Proof,
    return_to: &str,
) -> Result<LoginId, StoreError> {
    store::insert(tx, organization, &user.id, user.password_changed_at, proof, return_to, LIFETIME)
}

/// Turns a session from before two-factor authentication was turned on into a login that goes on with the second factor:
/// as old and as fresh as the session was.
pub fn turn_over(
    tx: &mut OpenTx<'_>,
    session: &BlockedSession,
    return_to: &str,
    limits: &Sessions,
) -> Result<Recorded<Option<LoginId>>, StoreError> {
    let (organization, user) = (session.organization(), session.user());
    if !still_blocked(tx, session, limits)? || !account::take(tx, organization, session.session())? {
        return Ok(tx.unrecorded("the session ended meanwhile", None));
    }
    let since = store::password_changed_at(tx, organization, user)?;
    let login = store::insert(tx, organization, user, since, session.proof(), return_to, LIFETIME)?;
    let event = Event::done(Kind::SecondFactorAsked).within(organization).by_user(user, session.name());
    tx.record(event.on("session", session.session(), session.email()), Some(login))
}

/// A login, with what its user can choose from.
pub fn pending_login(work: &mut Work<'_>, id: &LoginId) -> Result<Option<(PendingLogin, Factors)>, StoreError> {
    let Some(login) = store::find(work, id)? else {
        return Ok(None);
    };
    let factors = factors::factors(work, &login.organization, &login.user)?;
    Ok(Some((login, factors)))
}

/// How a choice or a code ended.
#[derive(Debug)]
pub enum Answered {
    /// The login is whole.
    In {
        /// For the session cookie.
        session: Token,
        /// For the browser cookie.
        browser: Token,
        /// The login that became a session.
        login: Box<PendingLogin>,
    },
    /// The code is asked for.
    Asked,
    /// This second factor cannot be chosen.
    NotOffered(Why),
    /// Too many codes were sent; there is room again then.
    Throttled(Moment),
    /// The code was not right.
    Not(Verdict),
    /// The login is over: too old, or its user may not come in any more.
    Lost,
}

/// A code as typed.
#[derive(Clone, Debug)]
pub enum Typed {
    /// Six digits.
    Code(Code),
    /// In the place of the authenticator app.
    Recovery(RecoveryCode),
}

/// Looks at a login again. One whose user may not come in any more ends here, and one that is no longer asked for a
/// second factor becomes whole.
fn find(
    tx: &mut OpenTx<'_>,
    id: &LoginId,
    browser: Option<&str>,
) -> Result<Result<Box<Waiting>, Recorded<Answered>>, StoreError> {
    let Some(login) = store::find(tx, id)? else {
        return Ok(Err(tx.unrecorded("the login is over", Answered::Lost)));
    };
    let attempt = Attempt::new(&login.organization_name, &login.email, browser);
    let facts = facts(tx, &attempt)?;
    let same = facts.user.as_ref().is_some_and(|user| user.password_changed_at == login.password_changed_at);
    if !same || !may_log_in(&facts) {
        store::forget(tx, &login)?;
        let lost = event(&facts, Event::failed(Kind::Login, Reason::NotAllowed), &attempt);
        return Ok(Err(tx.record(lost, Answered::Lost)?));
    }
    let factors = factors::factors(tx, &login.organization, &login.user)?;
    let waiting = Waiting { login, attempt, facts, factors };
    if !waiting.is_asked() {
        return Ok(Err(finish(tx, waiting, None)?));
    }
    Ok(Ok(Box::new(waiting)))
}

/// Chooses a second factor: its code is sent, unless an app shows it.
pub fn choose(
    tx: &mut OpenTx<'_>,
    id: &LoginId,
    browser: Option<&str>,
    factor: SecondFactor,
    config: &Config,
) -> Result<Recorded<Answered>, StoreError> {
    let waiting = match find(tx, id, browser)? {
        Ok(waiting) => waiting,
        Err(over) => return Ok(over),
    };
    if let Err(why) = offered(factor, &waiting.factors, sms::is_offered_to(waiting.factors.mobile.as_ref(), config)) {
        return Ok(tx.unrecorded("a factor that is not there cannot be chosen", Answered::NotOffered(why)));
    }
    store::choose(tx, &waiting.login, factor)?;
    match send(tx, &waiting, factor, config) {
        Ok(true) => tx.record(waiting.event(Event::done(Kind::LoginCodeSent), factor), Answered::Asked),
        Ok(false) => Ok(tx.unrecorded("the app shows its codes by itself", Answered::Asked)),
        Err(IssueError::Throttled(until)) => {
            let event = Event::refused(Kind::LoginCodeSent, Reason::Throttled);
            tx.record(waiting.event(event, factor), Answered::Throttled(until))
        }
        Err(IssueError::Store(cause)) => Err(cause),
    }
}

/// Sends the code of a factor; `false` where none is sent.
fn send(work: &mut Work<'_>, waiting: &Waiting, factor: SecondFactor, config: &Config) -> Result<bool, IssueError> {
    let limits = &config.limits;
    let login = &waiting.login;
    let Some(to) = users::addressee(work, &login.organization, &login.user)? else {
        return Ok(false);
    };
    let (slot, minutes) = (waiting.slot(factor), limits.code_minutes);
    match (factor, &waiting.factors.mobile) {
        (SecondFactor::Email, _) => codes::issue(work, &slot, limits, |work, code, until| {
            let address = work.origin().address.map(|address| address.to_string()).unwrap_or_default();
            let (name, organization) = (to.name.clone(), to.organization_name.clone());
            outbox::post(work, &to, &Message::LoginCode { name, organization, code, until, address })
        })?,
        (SecondFactor::Mobile, Some(number)) => sms::issue_by_sms(work, &slot, number, config, |work, code, until| {
            outbox::text(work, &to, number, ShortMessage::LoginCode { code, minutes, until })
        })?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Checks a code; the right one makes the login whole.
pub fn verify(
    tx: &mut OpenTx<'_>,
    id: &LoginId,
    browser: Option<&str>,
    typed: &Typed,
    config: &Config,
) -> Result<Recorded<Answered>, StoreError> {
    let waiting = match find(tx, id, browser)? {
        Ok(waiting) => waiting,
        Err(over) => return Ok(over),
    };
    let factor = match (typed, waiting.login.factor) {
        (Typed::Recovery(_), _) => SecondFactor::RecoveryCode,
        (Typed::Code(_), Some(factor)) => factor,
        (Typed::Code(_), None) => return Ok(tx.unrecorded("nothing was chosen", Answered::Not(Verdict::Spent))),
    };
    let verdict = match offered(factor, &waiting.factors, sms::is_offered_to(waiting.factors.mobile.as_ref(), config)) {
        Ok(()) => check(tx, &waiting, factor, typed, &config.limits)?,
        Err(_) => Verdict::Spent,
    };
    match verdict {
        Verdict::Right => finish(tx, *waiting, Some(factor)),
        verdict => {
            if matches!(verdict, Verdict::Wrong { .. }) {
                pause::tell_of_pause(tx, &waiting, factor, &config.limits)?;
            }
            let event = factors::told(Kind::Login, verdict);
            tx.record(waiting.event(event, factor), Answered::Not(verdict))
        }
    }
}

fn check(
    work: &mut Work<'_>,
    waiting: &Waiting,
    factor: SecondFactor,
    typed: &Typed,
    limits: &Limits,
) -> Result<Verdict, StoreError> {
    let (organization, user) = (&waiting.login.organization, &waiting.login.user);
    match typed {
        Typed::Recovery(code) => factors::use_recovery_code(work, organization, user, &waiting.asker(), code, limits),
        Typed::Code(code) if factor == SecondFactor::Authenticator => {
            factors::verify_authenticator(work, organization, user, &waiting.asker(), code, limits)
        }
        Typed::Code(code) => codes::check(work, &waiting.slot(factor), code, limits),
    }
}

/// The session begins, if nothing came in between. Of many at once one gets it.
fn finish(
    tx: &mut OpenTx<'_>,
    waiting: Waiting,
    factor: Option<SecondFactor>,
) -> Result<Recorded<Answered>, StoreError> {
    let Waiting { login, attempt, facts, .. } = waiting;
    let user = facts.user.as_ref().filter(|user| user.hash.is_some());
    let admitted = match (user, store::forget(tx, &login)?) {
        (Some(user), true) => {
            super::store::admit(tx, &login.organization, &user.id, user.password_changed_at, &facts.throttle, true)?
        }
        _ => false,
    };
    let Some(user) = user.filter(|_| admitted) else {
        return tx.record(event(&facts, Event::failed(Kind::Login, Reason::NotAllowed), &attempt), Answered::Lost);
    };
    let proof = Proof { second_factor: factor, ..login.proof };
    let begun = begin(tx, &attempt, &facts, &login.organization, user, proof)?;
    Ok(begun.map(|outcome| match outcome {
        Outcome::In { session, browser } => Answered::In { session, browser, login: Box::new(login) },
        _ => Answered::Lost,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::person::Phone;

    #[test]
    fn what_is_not_there_cannot_be_chosen_and_mail_always_can() {
        let none = Factors { mobile: None, mobile_verified_at: None, authenticator_since: None, recovery_codes: 0 };
        let (now, number) = (Moment::EPOCH, Phone::parse("010-2345-6789", "KR").ok());
        assert_eq!(offered(SecondFactor::Email, &none, false), Ok(()));
        assert_eq!(offered(SecondFactor::Mobile, &none, true), Err(Why::NoMobile));
        let unverified = Factors { mobile: number.clone(), ..none.clone() };
        assert_eq!(offered(SecondFactor::Mobile, &unverified, true), Err(Why::NoMobile));
        let verified = Factors { mobile_verified_at: Some(now), ..unverified };
        assert_eq!(offered(SecondFactor::Mobile, &verified, true), Ok(()));
        assert_eq!(offered(SecondFactor::Mobile, &verified, false), Err(Why::NoGateway));
        assert_eq!(offered(SecondFactor::Authenticator, &none, true), Err(Why::NoApp));
        assert_eq!(
            offered(SecondFactor::RecoveryCode, &Factors { recovery_codes: 3, ..none.clone() }, true),
            Err(Why::NoApp)
        );
        let app = Factors { authenticator_since: Some(now), ..none };
        assert_eq!(offered(SecondFactor::Authenticator, &app, true), Ok(()));
        assert_eq!(offered(SecondFactor::RecoveryCode, &app, true), Err(Why::NoRecoveryCode));
        assert_eq!(offered(SecondFactor::RecoveryCode, &Factors { recovery_codes: 3, ..app }, true), Ok(()));
    }

    #[test]
    fn addresses_and_numbers_are_shown_in_part() {
        assert_eq!(masked_email("mina@acme.example"), "m•••@acme.example");
        assert_eq!(masked_mobile("+82 10-2345-6789"), "••• 6789");
    }
}
