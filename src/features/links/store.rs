//! Queries on mailed links.

use chrono::Duration;
use diesel::prelude::*;

use super::{Opened, Purpose, State};
use crate::base::digest::Digest;
use crate::base::entropy::Token;
use crate::base::ids::{LinkId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::user::Status;
use crate::features::organizations;
use crate::features::users::addressee;
use crate::platform::events::{Kind, Outcome};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Ending, outbox};
use crate::platform::store::schema::{audit_events, logins_in_progress, mailed_links, sessions, users};
use crate::platform::store::{StoreError, Work};

/// Links are kept a while after their end, so that an old one is told apart from one that never was.
pub const KEPT: Duration = Duration::days(30);

#[derive(Insertable)]
#[diesel(table_name = mailed_links, treat_none_as_default_value = false)]
struct NewLink {
    id: LinkId,
    token_hash: Digest,
    organization_id: OrganizationId,
    user_id: UserId,
    purpose: Purpose,
    created_at: Moment,
    expires_at: Moment,
}

/// Makes a link that is mailed at `due`: until then older ones of the same purpose work. Mails with an older one that would
/// be sent after that are not.
pub fn issue(
    work: &mut Work<'_>,
    to: &Addressee,
    purpose: Purpose,
    until: Moment,
    due: Moment,
) -> Result<Token, StoreError> {
    let now = work.now();
    let from = Some(due).filter(|due| *due > now);
    outbox::take_back(work, &to.organization, &to.id, purpose.word(), from, Ending::Replaced)?;
    let older = mailed_links::table
        .filter(mailed_links::organization_id.eq(to.organization.clone()))
        .filter(mailed_links::user_id.eq(to.id.clone()))
        .filter(mailed_links::purpose.eq(purpose))
        .filter(mailed_links::used_at.is_null())
        .filter(mailed_links::replaced_at.is_null().or(mailed_links::replaced_at.gt(Some(now))));
    diesel::update(older).set(mailed_links::replaced_at.eq(Some(due))).execute(work.conn())?;
    let token = work.entropy().token();
    let row = NewLink {
        id: work.id(),
        token_hash: token.digest(),
        organization_id: to.organization.clone(),
        user_id: to.id.clone(),
        purpose,
        created_at: now,
        expires_at: until,
    };
    diesel::insert_into(mailed_links::table).values(&row).execute(work.conn())?;
    Ok(token)
}

type LinkRow = (OrganizationId, UserId, Moment, Option<Moment>, Option<Moment>);

/// The link of a secret, if it was ever made for this purpose.
pub fn open(work: &mut Work<'_>, token: &Token, purpose: Purpose) -> Result<Option<Opened>, StoreError> {
    let now = work.now();
    let row = mailed_links::table
        .filter(mailed_links::token_hash.eq(token.digest()))
        .filter(mailed_links::purpose.eq(purpose))
        .select((
            mailed_links::organization_id,
            mailed_links::user_id,
            mailed_links::expires_at,
            mailed_links::used_at,
            mailed_links::replaced_at,
        ));
    let Some((organization, user, until, used, replaced)): Option<LinkRow> = row.first(work.conn()).optional()? else {
        return Ok(None);
    };
    let Some(to) = addressee(work, &organization, &user)? else {
        return Ok(None);
    };
    let by_provider = organizations::method(work, &organization)? == LoginMethod::IdpAccount;
    let until = replaced.map_or(until, |replaced| replaced.min(until));
    let state = match (used, replaced.filter(|replaced| *replaced <= now)) {
        (Some(_), _) => State::Used,
        (None, Some(_)) => State::Replaced,
        (None, None) if by_provider => State::NotNeeded,
        (None, None) if until <= now => State::Expired,
        (None, None) if to.status == Status::Deactivated => State::Replaced,
        (None, None) => State::Valid,
    };
    Ok(Some(Opened { to, state, until }))
}

/// Whether the newest invitation of a user was taken away and no newer one sent. `None` where that was too long ago to
/// know: no link is kept so long.
pub(super) fn is_invitation_taken_back(work: &mut Work<'_>, to: &Addressee) -> Result<Option<bool>, StoreError> {
    let newest = mailed_links::table
        .filter(mailed_links::organization_id.eq(to.organization.clone()))
        .filter(mailed_links::user_id.eq(to.id.clone()))
        .filter(mailed_links::purpose.eq(Purpose::Invitation))
        .order(mailed_links::id.desc())
        .select(mailed_links::replaced_at);
    if let Some(replaced) = newest.first::<Option<Moment>>(work.conn()).optional()? {
        return Ok(Some(replaced.is_some_and(|replaced| replaced <= work.now())));
    }
    let created = users::table.filter(users::id.eq(to.id.clone())).select(users::created_at);
    let created: Moment = created.first(work.conn())?;
    // Registered while an identity provider was in use, which needs no link.
    Ok((created > work.now() - KEPT).then_some(false))
}

/// Whether the invitation of a user ended with a deactivation, and not by its own revocation: what the log tells last.
pub(super) fn is_ended_by_deactivation(work: &mut Work<'_>, to: &Addressee) -> Result<bool, StoreError> {
    let last = audit_events::table
        .filter(audit_events::organization_id.eq(to.organization.clone()))
        .filter(audit_events::target_id.eq(to.id.to_string()))
        .filter(audit_events::event.eq_any([Kind::InvitationRevoked, Kind::UserDeactivated]))
        .filter(audit_events::result.eq(Outcome::Done))
        .order(audit_events::id.desc())
        .select(audit_events::event);
    Ok(last.first::<Kind>(work.conn()).optional()? == Some(Kind::UserDeactivated))
}

/// Uses a link up. Of two at once, one gets `true`.
pub fn spend(work: &mut Work<'_>, token: &Token, purpose: Purpose) -> Result<bool, StoreError> {
    let now = work.now();
    let row = mailed_links::table
        .filter(mailed_links::token_hash.eq(token.digest()))
        .filter(mailed_links::purpose.eq(purpose))
        .filter(mailed_links::used_at.is_null())
        .filter(mailed_links::replaced_at.is_null().or(mailed_links::replaced_at.gt(Some(now))))
        .filter(mailed_links::expires_at.gt(now));
    Ok(diesel::update(row).set(mailed_links::used_at.eq(Some(now))).execute(work.conn())? == 1)
}

/// Every open link of a user stops working, as a password was just set for one; mails with one that still wait are not
/// sent.
pub fn replace_all(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<(), StoreError> {
    let now = work.now();
    let open = mailed_links::table
        .filter(mailed_links::organization_id.eq(organization.clone()))
        .filter(mailed_links::user_id.eq(user.clone()))
        .filter(mailed_links::used_at.is_null())
        .filter(mailed_links::replaced_at.is_null().or(mailed_links::replaced_at.gt(Some(now))));
    diesel::update(open).set(mailed_links::replaced_at.eq(Some(now))).execute(work.conn())?;
    for purpose in Purpose::ALL {
        outbox::take_back(work, organization, user, purpose.word(), None, Ending::TakenBack)?;
    }
    Ok(())
}

/// Ends every session of a user, and logins that wait for their second factor; says how many sessions.
pub fn end_sessions(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<usize, StoreError> {
    let rows = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::user_id.eq(user.clone()));
    let ended = diesel::delete(rows).execute(work.conn())?;
    let pending = logins_in_progress::table
        .filter(logins_in_progress::organization_id.eq(organization.clone()))
        .filter(logins_in_progress::user_id.eq(user.clone()));
    diesel::delete(pending).execute(work.conn())?;
    Ok(ended)
}
