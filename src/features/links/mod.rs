//! Mailed links: invitation and password reset (docs/rules.md section 4). Opening one changes nothing; only the form's POST
//! spends it, once. A new link of the same purpose takes the place of the old one.

mod invitations;
mod link;
mod mailing;
pub mod pages;
mod store;

pub use invitations::{Forecast, Invited, Later, Limit, forecast, invite, invite_owner};
pub use link::{Made, Opened, Purpose, State};
pub use mailing::{mail, make};
pub use store::{KEPT, end_sessions, open, replace_all};

use chrono::Duration;

use crate::access::{Context, PasswordHash};
use crate::base::entropy::Token;
use crate::base::organization::{self, LoginMethod};
use crate::base::user::Status;
use crate::features::passwords::{self, Attempt};
use crate::features::{organizations, users};
use crate::platform::config::{Config, Limits};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError, Work};
use crate::platform::throttle;
use invitations::{remind, tell_of_provider};
use mailing::mail_at;

/// How many times what one network may is what all strangers together may.
const OVER_ALL: i64 = 4;

/// Whether one more reset of an account is within its limits. A browser that has logged in to it before counts for itself,
/// all others by network first: a stranger uses up nothing of the user's.
fn may_reset(work: &mut Work<'_>, attempt: &Attempt, limits: &Limits) -> Result<bool, StoreError> {
    let token = attempt.browser.clone().unwrap_or_else(|| work.entropy().token()).digest();
    let found = passwords::find(work, &attempt.organization, &attempt.email, &token)?;
    let (subject, hour) = (throttle::Subject::ResetMail, Duration::hours(1));
    let (organization, email, most) = (attempt.organization.as_str(), attempt.email.as_str(), limits.reset_mails);
    if found.is_some_and(|found| found.known_since.is_some()) {
        let browser = data_encoding::HEXLOWER.encode(token.as_bytes());
        return Ok(throttle::allow(work, subject, &["browser", organization, email, &browser], most, hour)?.is_ok());
    }
    Ok(throttle::allow_network(work, subject, &[organization, email], most, hour)?.is_ok()
        && throttle::allow(work, subject, &[organization, email], most.saturating_mul(OVER_ALL), hour)?.is_ok())
}

/// Answers a request for a password reset: a link for an active user, a new invitation for an invited one whose invitation
/// was not taken back, nothing for anybody else and in an organization that the operator has closed. The caller says the same in every case.
pub fn request_reset(tx: &mut OpenTx<'_>, attempt: &Attempt, config: &Config) -> Result<Recorded<()>, StoreError> {
    let found = users::addressee_by_names(tx, &attempt.organization, &attempt.email)?;
    // Accounts that do not exist are counted alike.
    let within = may_reset(tx, attempt, &config.limits)?;
    let Some(to) = found else {
        return tx.record(Event::failed(Kind::PasswordResetRequested, Reason::UnknownUser).shared(), ());
    };
    let event = |event: Event| event.within(&to.organization).on("user", &to.id, &to.email);
    if !within {
        return tx.record(event(Event::refused(Kind::PasswordResetRequested, Reason::Throttled)), ());
    }
    let state = organizations::login(tx, &to.organization_name)?.map(|found| found.state);
    if !matches!(state, Some(organization::State::Active | organization::State::AwaitingOwner)) {
        return tx.record(event(Event::refused(Kind::PasswordResetRequested, Reason::NotAllowed)), ());
    }
    let by_provider = organizations::method(tx, &to.organization)? == LoginMethod::IdpAccount;
    let is_taken_back = store::is_invitation_taken_back(tx, &to)?;
    match to.status {
        // What an administrator took back only an administrator sends again.
        Status::Invited if is_taken_back == Some(true) || (is_taken_back.is_none() && !by_provider) => {
            // Who was deactivated and is active again had no invitation revoked.
            let reason = match store::is_ended_by_deactivation(tx, &to)? {
                true => Reason::EndedByDeactivation,
                false => Reason::Revoked,
            };
            tx.record(event(Event::refused(Kind::InvitationSent, reason)), ())
        }
        Status::Active | Status::Invited if by_provider => {
            let now = tx.now();
            tell_of_provider(tx, &to, now)?;
            tx.record(event(Event::refused(Kind::PasswordResetRequested, Reason::IdentityProvider)), ())
        }
        Status::Active => {
            let made = make(tx, &to, Purpose::PasswordReset, &config.limits)?;
            mail(tx, &to, made)?;
            tx.record(event(Event::done(Kind::PasswordResetRequested)), ())
        }
        Status::Invited => {
            // A name that waits for its owner is held no longer for it by a request.
            let latest = organizations::unclaimed_until(tx, &to.organization)?;
            match remind(tx, &to, config, latest)? {
                Ok(_) => tx.record(event(Event::done(Kind::InvitationSent)), ()),
                Err(_) => tx.record(event(Event::refused(Kind::InvitationSent, Reason::Throttled)), ()),
            }
        }
        Status::Deactivated => tx.record(event(Event::refused(Kind::PasswordResetRequested, Reason::Deactivated)), ()),
    }
}

/// What a password set by a link must not be made of.
pub fn context(opened: &Opened, config: &Config) -> Context {
    let to = &opened.to;
    Context::new([config.brand.product.as_str(), &to.organization_name, &to.name, to.email.as_str()])
}

/// Spends the link and sets the password. `Ok(None)` when the link stopped working meanwhile.
pub fn set_password(
    tx: &mut OpenTx<'_>,
    purpose: Purpose,
    token: &Token,
    opened: &Opened,
    hash: &PasswordHash,
) -> Result<Recorded<Option<()>>, StoreError> {
    let to = &opened.to;
    tx.touch(&to.organization)?;
    let by_provider = organizations::method(tx, &to.organization)? == LoginMethod::IdpAccount;
    if by_provider || !store::spend(tx, token, purpose)? || !users::set_password(tx, &to.organization, &to.id, hash)? {
        let event = Event::refused(purpose.kind(), Reason::Link).within(&to.organization).on("user", &to.id, &to.email);
        return tx.record(event, None);
    }
    throttle::lift(tx, &to.organization, &to.id)?;
    store::end_sessions(tx, &to.organization, &to.id)?;
    store::replace_all(tx, &to.organization, &to.id)?;
    let name = to.name.clone();
    let event = |kind| Event::done(kind).within(&to.organization).by_user(&to.id, &name).on("user", &to.id, &to.email);
    match purpose {
        Purpose::Invitation => {
            if organizations::claim(tx, &to.organization)? {
                let claimed = Event::done(Kind::OrganizationClaimed).within(&to.organization).by_user(&to.id, &name);
                let _: Recorded<()> =
                    tx.record(claimed.on("organization", &to.organization, &to.organization_name), ())?;
            }
            tx.record(event(Kind::InvitationAccepted), Some(()))
        }
        Purpose::PasswordReset => {
            let address = tx.origin().address.map(|address| address.to_string()).unwrap_or_default();
            let message = Message::PasswordChanged {
                name: to.name.clone(),
                organization: to.organization_name.clone(),
                at: tx.now(),
                address,
            };
            outbox::post(tx, to, &message)?;
            tx.record(event(Kind::PasswordReset), Some(()))
        }
    }
}
