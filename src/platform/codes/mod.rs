//! Codes of six digits that are sent to a person: issued for one purpose and one place, checked a few times, valid once
//! (docs/rules.md section 7, ASVS 6.5 and 6.6).
//!
//! A try is taken before the code is looked at, by a conditional update: of many tries at once, no more count than the
//! code has. Six digits, five tries a code and twenty wrong ones a day leave a guesser one chance in 50,000 a day.

mod slot;
pub mod sms;
pub mod store;

pub use slot::{Asker, Purpose, Sent, Slot};

use chrono::Duration;

use crate::base::digest::Digest;
use crate::base::entropy::Code;
use crate::base::ids::{CodeId, MailId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::config::Limits;
use crate::platform::events::Reason;
use crate::platform::store::{StoreError, Work};

/// Why no code is issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Too many were sent; there is room again then.
    #[error("too many codes were sent")]
    Throttled(Moment),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for IssueError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Throttled(_) => Some(Reason::Throttled),
            Self::Store(_) => None,
        }
    }
}

/// What became of a code that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the code; it works no more.
    Right,
    /// It is not.
    Wrong {
        /// Tries left, where one code has a number of them.
        left: Option<i64>,
    },
    /// It is one that was sent before the newest, which is still to be typed: no try is lost.
    Replaced,
    /// It works no more, whatever was typed: too old, used, replaced, or tried too often.
    Spent,
    /// Too many wrong codes of this account, until then.
    Paused(Moment),
}

/// Issues a code and hands it to `send`, which writes the message. An older code of the same purpose works no more.
pub fn issue(
    work: &mut Work<'_>,
    slot: &Slot,
    limits: &Limits,
    send: impl FnOnce(&mut Work<'_>, Code, Moment) -> Result<MailId, StoreError>,
) -> Result<(), IssueError> {
    issue_within(work, slot, limits, |_| Ok(None), send)
}

/// Like [`issue`], within further limits: `room` counts and says when there is room again, if there is none. It is asked
/// last, so that a caller who has asked too often uses up nothing of them.
fn issue_within(
    work: &mut Work<'_>,
    slot: &Slot,
    limits: &Limits,
    room: impl FnOnce(&mut Work<'_>) -> Result<Option<Moment>, StoreError>,
    send: impl FnOnce(&mut Work<'_>, Code, Moment) -> Result<MailId, StoreError>,
) -> Result<(), IssueError> {
    let window = Duration::minutes(limits.code_send_minutes);
    if let Some(room) = store::count_sent(work, slot, limits.code_sends, window)? {
        return Err(IssueError::Throttled(room));
    }
    if let Some(room) = room(work)? {
        return Err(IssueError::Throttled(room));
    }
    store::replace(work, slot)?;
    let code = work.entropy().code();
    let until = work.now() + Duration::minutes(limits.code_minutes);
    let id: CodeId = work.id();
    let hash = digest(work, slot, &id, &code);
    let message = send(work, code, until)?;
    Ok(store::insert(work, slot, id, hash, message, until)?)
}

/// The code of a slot that still works, for the page that asks for it.
pub fn waiting(work: &mut Work<'_>, slot: &Slot, limits: &Limits) -> Result<Option<Sent>, StoreError> {
    let now = work.now();
    Ok(store::newest(work, slot)?.filter(|sent| sent.until > now && sent.tries < limits.code_tries))
}

/// Checks a code as typed. The caller records how it ended.
pub fn check(work: &mut Work<'_>, slot: &Slot, typed: &Code, limits: &Limits) -> Result<Verdict, StoreError> {
    guarded(work, &slot.organization, &slot.user, &slot.asker, limits, |work| {
        let Some(sent) = store::newest(work, slot)?.filter(|sent| sent.until > work.now()) else {
            return Ok(Verdict::Spent);
        };
        if !store::take_try(work, slot, &sent.id, limits.code_tries)? {
            return Ok(Verdict::Spent);
        }
        if digest(work, slot, &sent.id, typed) != sent.hash {
            let before = store::replaced(work, slot)?;
            if before.iter().any(|(id, hash)| digest(work, slot, id, typed) == *hash) {
                store::give_try_back(work, slot, &sent.id)?;
                return Ok(Verdict::Replaced);
            }
            let tried = store::tries(work, slot, &sent.id)?;
            return Ok(Verdict::Wrong { left: Some(limits.code_tries - tried) });
        }
        Ok(if store::spend(work, slot, &sent.id)? { Verdict::Right } else { Verdict::Spent })
    })
}

/// Lets `check` look at a code of any kind, within what one asker of an account may get wrong in a day. The try is counted
/// before, which makes tries of one account wait for each other, and is given back unless the code was wrong.
pub fn guarded(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    asker: &Asker,
    limits: &Limits,
    check: impl FnOnce(&mut Work<'_>) -> Result<Verdict, StoreError>,
) -> Result<Verdict, StoreError> {
    if let Some(until) = store::count_wrong(work, organization, user, asker, limits.wrong_codes)? {
        return Ok(Verdict::Paused(until));
    }
    let verdict = check(work)?;
    if !matches!(verdict, Verdict::Wrong { .. }) {
        store::uncount_wrong(work, organization, user, asker)?;
    }
    Ok(verdict)
}

/// Until when no code of an account is looked at any more, after the wrong ones of strangers; `None` while some are.
pub fn paused_for_strangers(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    limits: &Limits,
) -> Result<Option<Moment>, StoreError> {
    store::wrong_until(work, organization, user, limits.wrong_codes)
}

/// Keyed, as a million codes are hashed in a second, and bound to row, purpose, user and place.
fn digest(work: &Work<'_>, slot: &Slot, id: &CodeId, code: &Code) -> Digest {
    let parts = [
        "code",
        id.as_str(),
        slot.organization.as_str(),
        slot.user.as_str(),
        slot.purpose.word(),
        slot.place.as_str(),
        code.expose(),
    ];
    work.keys().digest(&parts.map(str::as_bytes))
}
