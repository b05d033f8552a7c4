//! Two-factor authentication as a policy of the organization (docs/rules.md section 7): off, or on for everyone at once.
//!
//! Everybody has e-mail as a second factor and many have nothing else, so it is turned on only by a code that reached the
//! owner by e-mail, and not while mail waits: a mail server that does not deliver cannot lock everybody out.

pub mod pages;
mod preview;
mod store;

pub use preview::{Facts, PATIENCE, Preview, preview};

use crate::access::{ManageLogin, SecondFactor};
use crate::base::entropy::Code;
use crate::base::ids::OrganizationId;
use crate::features::organizations;
use crate::features::policies::Policy;
use crate::features::policies::versions::{self, By, TwoFactorValue};
use crate::features::users::addressee;
use crate::platform::codes::{self, IssueError, Purpose, Sent, Slot, Verdict};
use crate::platform::config::{Config, Limits};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{self, Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError, Tx, Work};

/// The code that was mailed to the owner and how its mail stands.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The code.
    pub sent: Sent,
    /// Whether the mail server refused its mail for good.
    pub is_refused: bool,
}

/// What the page shows: the policy, what turning it on would do, and the code that waits.
pub fn outlook(tx: &mut Tx<'_, ManageLogin>, config: &Config) -> Result<(bool, Preview, Option<Waiting>), StoreError> {
    let organization = tx.organization().clone();
    let is_on = organizations::has_two_factor(tx, &organization)?;
    let facts = store::facts(tx, &config.sessions, config.sms.is_offered(config.mode))?;
    let waiting = waiting(tx, &config.limits)?;
    Ok((is_on, preview(&facts, tx.now()), waiting))
}

/// The owner, and the slot of the code that is mailed to them.
fn owner(tx: &mut Tx<'_, ManageLogin>) -> Result<(Addressee, Slot), StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let to = addressee(tx, &organization, &user)?.ok_or(StoreError::Unreadable("the owner is not among the users"))?;
    let slot = Slot {
        organization,
        user,
        asker: codes::Asker::Session,
        purpose: Purpose::TwoFactor,
        place: to.email.to_string(),
    };
    Ok((to, slot))
}

fn named(owner: &Addressee) -> By {
    (owner.id.clone(), owner.name.clone())
}

fn waiting(tx: &mut Tx<'_, ManageLogin>, limits: &Limits) -> Result<Option<Waiting>, StoreError> {
    let ((_, slot), organization) = (owner(tx)?, tx.organization().clone());
    let Some(sent) = codes::waiting(tx, &slot, limits)? else {
        return Ok(None);
    };
    let fate = outbox::fate(tx, &organization, &sent.message)?;
    let is_refused = fate.is_none_or(|(state, _)| state == mail::State::Failed);
    Ok(Some(Waiting { sent, is_refused }))
}

/// Mails the owner the code; `false` where mail is not delivered, so that the code would not arrive.
pub fn send_code(tx: &mut Tx<'_, ManageLogin>, config: &Config) -> Result<Recorded<bool>, IssueError> {
    let (to, slot) = owner(tx)?;
    let facts = store::facts(tx, &config.sessions, config.sms.is_offered(config.mode))?;
    if !preview(&facts, tx.now()).is_delivered {
        return Ok(tx.record(Event::refused(Kind::TwoFactorCodeSent, Reason::MailWaits), false)?);
    }
    codes::issue(tx, &slot, &config.limits, |work, code, until| {
        let (name, organization) = (to.name.clone(), to.organization_name.clone());
        outbox::post(work, &to, &Message::TwoFactorCode { name, organization, code, until })
    })?;
    Ok(tx.record(Event::done(Kind::TwoFactorCodeSent).on("user", &to.id, &to.email), true)?)
}

/// How turning it on ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// It is on.
    On,
    /// It was on already.
    Already,
    /// The policy was changed since the form was opened.
    Older,
    /// Mail is not delivered.
    NotDelivered,
    /// People log in through an identity provider, or are about to: it asks for what it wants.
    ByProvider,
    /// The code was not right.
    Not(Verdict),
}

/// Turns it on for everyone, by the code that was mailed to the owner. The owner's session goes on: the code that came by
/// mail is its second factor. `version` is the one that the form was opened on; pages of the release before carry none.
pub fn turn_on(
    tx: &mut Tx<'_, ManageLogin>,
    typed: &Code,
    version: Option<i64>,
    config: &Config,
) -> Result<Recorded<Turned>, StoreError> {
    let organization = tx.organization().clone();
    if let Some(version) = version
        && versions::is_older(tx, &organization, Policy::TwoFactor, version)?
    {
        return tx.record(Event::refused(Kind::TwoFactorChanged, Reason::OlderVersion), Turned::Older);
    }
    if organizations::has_two_factor(tx, &organization)? {
        return Ok(tx.unrecorded("two-factor authentication is on", Turned::Already));
    }
    if is_by_provider(tx, &organization)? {
        return tx.record(Event::refused(Kind::TwoFactorChanged, Reason::IdentityProvider), Turned::ByProvider);
    }
    let facts = store::facts(tx, &config.sessions, config.sms.is_offered(config.mode))?;
    let is_refused = waiting(tx, &config.limits)?.is_some_and(|waiting| waiting.is_refused);
    if is_refused || !preview(&facts, tx.now()).is_delivered {
        return tx.record(Event::refused(Kind::TwoFactorChanged, Reason::MailWaits), Turned::NotDelivered);
    }
    let (owner, slot) = owner(tx)?;
    match codes::check(tx, &slot, typed, &config.limits)? {
        Verdict::Right => {}
        verdict => {
            let event = crate::features::factors::told(Kind::TwoFactorChanged, verdict);
            return tx.record(event, Turned::Not(verdict));
        }
    }
    store::note_factor(tx, SecondFactor::Email)?;
    match change(tx, &organization, true, Some(&named(&owner)))? {
        Some(event) => tx.record(event, Turned::On),
        None => Ok(tx.unrecorded("two-factor authentication is on", Turned::Already)),
    }
}

/// Whether an identity provider is in force or on trial.
pub fn is_by_provider(work: &mut Work<'_>, organization: &OrganizationId) -> Result<bool, StoreError> {
    let providers = crate::features::idp::providers(work, organization)?;
    Ok(providers.in_force.is_some() || providers.on_trial.is_some())
}

/// Turns it off for everyone, by the owner.
pub fn turn_off(tx: &mut Tx<'_, ManageLogin>) -> Result<Recorded<bool>, StoreError> {
    let (owner, _) = owner(tx)?;
    match change(tx, &owner.organization, false, Some(&named(&owner)))? {
        Some(event) => tx.record(event, true),
        None => Ok(tx.unrecorded("two-factor authentication is off", false)),
    }
}

/// Turns it off for everyone, by the operator; `false` when it was off. There is no such way to turn it on.
pub fn turn_off_by_operator(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    name: &str,
) -> Result<Recorded<bool>, StoreError> {
    tx.touch(organization)?;
    match change(tx, organization, false, None)? {
        Some(event) => tx.record(event.within(organization).on("organization", organization, name), true),
        None => Ok(tx.unrecorded("two-factor authentication is off", false)),
    }
}

/// The change itself, told to owner and administrators; `None` when it was so already.
fn change(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    on: bool,
    by: Option<&By>,
) -> Result<Option<Event>, StoreError> {
    if !store::turn(work, organization, on)? {
        return Ok(None);
    }
    let values = [!on, on].map(|on| TwoFactorValue { on });
    versions::note(work, organization, Policy::TwoFactor, by, &values[0], &values[1])?;
    let news = if on { mail::Policy::TwoFactorOn } else { mail::Policy::TwoFactorOff };
    versions::tell(work, organization, (news, None), by.map(|(user, _)| user))?;
    Ok(Some(Event::done(Kind::TwoFactorChanged).changed("two_factor", !on, on)))
}
