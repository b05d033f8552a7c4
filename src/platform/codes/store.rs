//! Queries on codes and on how many were sent and got wrong.

use chrono::Duration;
use diesel::prelude::*;

use super::{Asker, Purpose, Sent, Slot};
use crate::base::digest::Digest;
use crate::base::ids::{CodeId, MailId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::{code_counts, codes};
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle::{self, Subject};

#[derive(Insertable)]
#[diesel(table_name = codes, treat_none_as_default_value = false)]
struct NewCode {
    id: CodeId,
    organization_id: OrganizationId,
    user_id: UserId,
    purpose: Purpose,
    code_hash: Digest,
    message_id: MailId,
    created_at: Moment,
    expires_at: Moment,
    tries: i64,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of<'a>(slot: &'a Slot) -> _ {
    let organization: OrganizationId = slot.organization.clone();
    let user: UserId = slot.user.clone();
    let purpose: Purpose = slot.purpose;
    codes::table
        .filter(codes::organization_id.eq(organization))
        .filter(codes::user_id.eq(user))
        .filter(codes::purpose.eq(purpose))
        .filter(codes::used_at.is_null())
        .filter(codes::replaced_at.is_null())
}

pub(super) fn insert(
    work: &mut Work<'_>,
    slot: &Slot,
    id: CodeId,
    hash: Digest,
    message: MailId,
    until: Moment,
) -> Result<(), StoreError> {
    let row = NewCode {
        id,
        organization_id: slot.organization.clone(),
        user_id: slot.user.clone(),
        purpose: slot.purpose,
        code_hash: hash,
        message_id: message,
        created_at: work.now(),
        expires_at: until,
        tries: 0,
    };
    diesel::insert_into(codes::table).values(&row).execute(work.conn())?;
    Ok(())
}

/// Every code of a slot stops working, wherever it was sent.
pub fn replace(work: &mut Work<'_>, slot: &Slot) -> Result<(), StoreError> {
    let now = work.now();
    diesel::update(of(slot)).set(codes::replaced_at.eq(Some(now))).execute(work.conn())?;
    Ok(())
}

pub(super) fn newest(work: &mut Work<'_>, slot: &Slot) -> Result<Option<Sent>, StoreError> {
    let row = of(slot).order(codes::id.desc()).select((
        codes::id,
        codes::message_id,
        codes::created_at,
        codes::expires_at,
        codes::tries,
        codes::code_hash,
    ));
    let found: Option<(CodeId, MailId, Moment, Moment, i64, Digest)> = row.first(work.conn()).optional()?;
    Ok(found.map(|(id, message, at, until, tries, hash)| Sent { id, message, at, until, tries, hash }))
}

/// Takes one of a code's tries; `false` when none is left.
pub(super) fn take_try(work: &mut Work<'_>, slot: &Slot, id: &CodeId, most: i64) -> Result<bool, StoreError> {
    let now = work.now();
    let row = of(slot).filter(codes::id.eq(id.clone())).filter(codes::expires_at.gt(now)).filter(codes::tries.lt(most));
    Ok(diesel::update(row).set(codes::tries.eq(codes::tries + 1)).execute(work.conn())? == 1)
}

pub(super) fn tries(work: &mut Work<'_>, slot: &Slot, id: &CodeId) -> Result<i64, StoreError> {
    let row = of(slot).filter(codes::id.eq(id.clone())).select(codes::tries);
    Ok(row.first(work.conn())?)
}

/// The code was not looked at after all.
pub(super) fn give_try_back(work: &mut Work<'_>, slot: &Slot, id: &CodeId) -> Result<(), StoreError> {
    let row = of(slot).filter(codes::id.eq(id.clone())).filter(codes::tries.gt(0));
    diesel::update(row).set(codes::tries.eq(codes::tries - 1)).execute(work.conn())?;
    Ok(())
}

/// Codes of the last hour that newer ones took the place of, for the same user and purpose.
pub(super) fn replaced(work: &mut Work<'_>, slot: &Slot) -> Result<Vec<(CodeId, Digest)>, StoreError> {
    let since = work.now() - Duration::hours(1);
    let rows = codes::table
        .filter(codes::organization_id.eq(slot.organization.clone()))
        .filter(codes::user_id.eq(slot.user.clone()))
        .filter(codes::purpose.eq(slot.purpose))
        .filter(codes::used_at.is_null())
        .filter(codes::replaced_at.is_not_null())
        .filter(codes::created_at.gt(since))
        .order(codes::id.desc())
        .limit(20)
        .select((codes::id, codes::code_hash));
    Ok(rows.load(work.conn())?)
}

/// Uses a code up; `false` when somebody else has.
pub(super) fn spend(work: &mut Work<'_>, slot: &Slot, id: &CodeId) -> Result<bool, StoreError> {
    let now = work.now();
    let row = of(slot).filter(codes::id.eq(id.clone()));
    Ok(diesel::update(row).set(codes::used_at.eq(Some(now))).execute(work.conn())? == 1)
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = code_counts, treat_none_as_default_value = false)]
struct Counts {
    organization_id: OrganizationId,
    user_id: UserId,
    sent: i64,
    sent_since: Moment,
    wrong: i64,
    wrong_since: Moment,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn mine<'a>(organization: &'a OrganizationId, user: &'a UserId) -> _ {
    let (organization, user): (OrganizationId, UserId) = (organization.clone(), user.clone());
    code_counts::table.filter(code_counts::organization_id.eq(organization)).filter(code_counts::user_id.eq(user))
}

/// The counts of an account, held by this transaction until it ends.
fn hold(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<Counts, StoreError> {
    let now = work.now();
    let held = diesel::update(mine(organization, user)).set(code_counts::sent.eq(code_counts::sent));
    if held.execute(work.conn())? == 0 {
        let fresh = Counts {
            organization_id: organization.clone(),
            user_id: user.clone(),
            sent: 0,
            sent_since: now,
            wrong: 0,
            wrong_since: now,
        };
        let new = diesel::insert_into(code_counts::table).values(&fresh);
        match work.savepoint(|connection| new.execute(connection)) {
            Ok(_) => {}
            // Somebody else made the row meanwhile.
            Err(error) if error.is_duplicate() => {
                let held = diesel::update(mine(organization, user)).set(code_counts::sent.eq(code_counts::sent));
                held.execute(work.conn())?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(mine(organization, user).first(work.conn())?)
}

/// The word of what counts for itself; strangers count in a table of their own.
fn word(asker: &Asker) -> Option<String> {
    match asker {
        Asker::Stranger => None,
        Asker::Browser(token) => Some(data_encoding::HEXLOWER.encode(token.as_bytes())),
        Asker::Session => Some("session".to_owned()),
        Asker::Repair => Some("repair".to_owned()),
    }
}

/// Counts one more code sent; past the limit nothing is counted, and it says when there is room again.
pub(super) fn count_sent(
    work: &mut Work<'_>,
    slot: &Slot,
    most: i64,
    window: Duration,
) -> Result<Option<Moment>, StoreError> {
    let (organization, user) = (&slot.organization, &slot.user);
    if let Some(word) = word(&slot.asker) {
        return Ok(throttle::allow_user(work, Subject::CodeSends, (organization, user), &word, most, window)?.err());
    }
    let now = work.now();
    let counts = hold(work, organization, user)?;
    let begun = if now.since(counts.sent_since) >= window { None } else { Some(counts.sent) };
    if begun.is_some_and(|sent| sent >= most) {
        return Ok(Some(counts.sent_since + window));
    }
    let since = if begun.is_some_and(|sent| sent > 0) { counts.sent_since } else { now };
    let change = (code_counts::sent.eq(begun.unwrap_or_default() + 1), code_counts::sent_since.eq(since));
    diesel::update(mine(organization, user)).set(change).execute(work.conn())?;
    Ok(None)
}

/// Counts one more wrong code of the day; past the limit nothing is counted, and it says when there is room again.
pub(super) fn count_wrong(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    asker: &Asker,
    most: i64,
) -> Result<Option<Moment>, StoreError> {
    if let Some(word) = word(asker) {
        let day = Duration::days(1);
        return Ok(throttle::allow_user(work, Subject::CodeTries, (organization, user), &word, most, day)?.err());
    }
    let (now, day) = (work.now(), Duration::days(1));
    let counts = hold(work, organization, user)?;
    let begun = if now.since(counts.wrong_since) >= day { None } else { Some(counts.wrong) };
    if begun.is_some_and(|wrong| wrong >= most) {
        return Ok(Some(counts.wrong_since + day));
    }
    let since = if begun.is_some_and(|wrong| wrong > 0) { counts.wrong_since } else { now };
    let change = (code_counts::wrong.eq(begun.unwrap_or_default() + 1), code_counts::wrong_since.eq(since));
    diesel::update(mine(organization, user)).set(change).execute(work.conn())?;
    Ok(None)
}

/// The one that was counted was not wrong.
pub(super) fn uncount_wrong(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    asker: &Asker,
) -> Result<(), StoreError> {
    if let Some(word) = word(asker) {
        return throttle::give_back(work, Subject::CodeTries, (organization, user), &word);
    }
    let counted = mine(organization, user).filter(code_counts::wrong.gt(0));
    diesel::update(counted).set(code_counts::wrong.eq(code_counts::wrong - 1)).execute(work.conn())?;
    Ok(())
}

/// Until when the wrong codes of strangers keep further ones from being looked at, if they do.
pub(super) fn wrong_until(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    most: i64,
) -> Result<Option<Moment>, StoreError> {
    let day = Duration::days(1);
    let row = mine(organization, user)
        .filter(code_counts::wrong.ge(most))
        .filter(code_counts::wrong_since.gt(work.now() - day))
        .select(code_counts::wrong_since);
    Ok(row.first::<Moment>(work.conn()).optional()?.map(|since| since + day))
}

/// Forgets what an account got wrong and how often it was sent a code: an administrator or the operator lifts that.
pub fn forgive(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<(), StoreError> {
    diesel::delete(mine(organization, user)).execute(work.conn())?;
    throttle::forget(work, (organization, user), &[Subject::CodeSends, Subject::CodeTries])
}
