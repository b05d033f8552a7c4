//! The mobile number as a second factor.

use super::store;
use super::tried::told;
use crate::access::Permission;
use crate::access::{OwnAccount, OwnSecrets};
use crate::base::entropy::Code;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::person::Phone;
use crate::features::users;
use crate::platform::codes::sms::{SmsError, issue_by_sms};
use crate::platform::codes::{self, Asker, IssueError, Purpose, Slot, Verdict};
use crate::platform::config::{Config, Limits};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{ShortMessage, outbox};
use crate::platform::store::{Recorded, StoreError, Tx};

pub(super) fn mobile_slot(organization: &OrganizationId, user: &UserId, number: &Phone) -> Slot {
    let place = number.to_string();
    Slot {
        organization: organization.clone(),
        user: user.clone(),
        asker: Asker::Session,
        purpose: Purpose::Mobile,
        place,
    }
}

/// The slot of the caller's own number; `None` where there is nothing to verify.
pub fn own_mobile_slot<P: Permission>(tx: &mut Tx<'_, P>) -> Result<Option<Slot>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let factors = store::factors(tx, &organization, &user)?;
    let open = factors.mobile.clone().filter(|_| factors.can_verify_mobile());
    Ok(open.map(|number| mobile_slot(&organization, &user, &number)))
}

/// Sets the caller's number, unverified; `false` when it is that already, and then it stays as verified as it was.
pub fn change_mobile(tx: &mut Tx<'_, OwnSecrets>, number: &Phone) -> Result<Recorded<bool>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let before = store::factors(tx, &organization, &user)?.mobile;
    if before.as_ref() == Some(number) {
        return Ok(tx.unrecorded("the number is the same", false));
    }
    codes::store::replace(tx, &mobile_slot(&organization, &user, number))?;
    store::set_mobile(tx, &organization, &user, Some(number))?;
    let event = Event::done(Kind::MobileChanged).on("user", &user, "");
    let old = before.map(|before| before.to_string());
    tx.record(event.changed("mobile", old, number.to_string()), true)
}

/// Removes the caller's number.
pub fn remove_mobile(tx: &mut Tx<'_, OwnSecrets>) -> Result<Recorded<()>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let Some(number) = store::factors(tx, &organization, &user)?.mobile else {
        return Ok(tx.unrecorded("there is no number", ()));
    };
    codes::store::replace(tx, &mobile_slot(&organization, &user, &number))?;
    store::set_mobile(tx, &organization, &user, None)?;
    let event = Event::done(Kind::MobileRemoved).on("user", &user, "");
    tx.record(event.changed("mobile", number.to_string(), None::<String>), ())
}

/// Why no code is sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no number, or it is verified.
    #[error("there is nothing to verify")]
    NothingToVerify,
    /// No SMS go to such a number.
    #[error("no SMS is sent to this number")]
    Unreachable,
    /// Too many were sent; there is room again then.
    #[error("too many codes were sent")]
    Throttled(Moment),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for SendError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Throttled(_) => Some(Reason::Throttled),
            Self::Unreachable => Some(Reason::Unreachable),
            Self::NothingToVerify | Self::Store(_) => None,
        }
    }
}

impl From<SmsError> for SendError {
    fn from(error: SmsError) -> Self {
        match error {
            SmsError::Unreachable => Self::Unreachable,
            SmsError::Issue(IssueError::Throttled(until)) => Self::Throttled(until),
            SmsError::Issue(IssueError::Store(cause)) => Self::Store(cause),
        }
    }
}

/// Sends a code to the caller's number.
pub fn send_mobile_code(tx: &mut Tx<'_, OwnAccount>, config: &Config) -> Result<Recorded<()>, SendError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let slot = own_mobile_slot(tx)?.ok_or(SendError::NothingToVerify)?;
    let number = store::factors(tx, &organization, &user)?.mobile.ok_or(SendError::NothingToVerify)?;
    let to = users::addressee(tx, &organization, &user)?.ok_or(SendError::NothingToVerify)?;
    let minutes = config.limits.code_minutes;
    issue_by_sms(tx, &slot, &number, config, |work, code, until| {
        outbox::text(work, &to, &number, ShortMessage::MobileCode { code, minutes, until })
    })?;
    let event = Event::done(Kind::MobileCodeSent).on("user", &user, "");
    Ok(tx.record(event.with("mobile", number.to_string()), ())?)
}

/// Checks the code that was sent to the caller's number; the right one verifies it.
pub fn verify_mobile(
    tx: &mut Tx<'_, OwnAccount>,
    typed: &Code,
    limits: &Limits,
) -> Result<Recorded<Verdict>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let Some(slot) = own_mobile_slot(tx)? else {
        return Ok(tx.unrecorded("there is no number to verify", Verdict::Spent));
    };
    let verdict = codes::check(tx, &slot, typed, limits)?;
    if verdict == Verdict::Right {
        store::mark_mobile_verified(tx, &organization, &user, &slot.place)?;
    }
    tx.record(told(Kind::MobileVerified, verdict).on("user", &user, ""), verdict)
}
