//! Mailed links: invitation and password reset (product.md section 4). Opening one changes nothing; only the form's POST
//! spends it, once. A new link of the same purpose takes the place of the old one.

pub mod pages;
pub mod store;

use chrono::Duration;

use crate::audit::{Event, Kind};
use crate::auth::{Context, Password, PasswordHash, throttle};
use crate::config::{Config, Limits};
use crate::entropy::Token;
use crate::mail::{self, IdpNews, Message, outbox};
use crate::organizations::{self, LoginMethod};
use crate::store::types::{MailId, Moment};
use crate::store::{OpenTx, Recorded, StoreError, Work};
use crate::users;
use crate::users::store::Addressee;

words! {
    /// What a link is for.
    Purpose {
        /// Set the first password.
        Invitation = "invitation",
        /// Set a new password.
        PasswordReset = "password_reset",
    }
}

impl Purpose {
    /// The page behind its links.
    pub fn page(self) -> &'static str {
        match self {
            Self::Invitation => crate::urls::INVITATION,
            Self::PasswordReset => crate::urls::PASSWORD_NEW,
        }
    }
}

/// A link that was opened: whose it is and whether it works.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whom it was mailed to.
    pub to: Addressee,
    /// Whether it works.
    pub state: State,
    /// Until when.
    pub until: Moment,
}

/// Whether a link works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Valid,
    /// It was used.
    Used,
    /// A newer one took its place, or its user may no longer use it.
    Replaced,
    /// Its time is over.
    Expired,
    /// Its page was open for too long; the link itself still works.
    OpenForTooLong,
    /// Login is by the organization's identity provider, so nobody needs a password.
    NotNeeded,
}

/// An invitation on its way.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Until when its link works.
    pub until: Moment,
    /// The mail that carries it.
    pub mail: MailId,
}

/// Mails an invitation, within the limits of mails nobody asked for. `Err(until)` says when there is room again.
pub fn invite(work: &mut Work<'_>, to: &Addressee, config: &Config) -> Result<Result<Invited, Moment>, StoreError> {
    let day = Duration::days(1);
    let limits = &config.limits;
    let quotas = [
        (throttle::Subject::InvitationMail, to.email.as_str(), limits.invitation_mails),
        (throttle::Subject::OrganizationInvitations, to.organization.as_str(), limits.organization_invitations),
    ];
    for (subject, key, most) in quotas {
        if let Err(until) = throttle::allow(work, subject, &[key], most, day)? {
            return Ok(Err(until));
        }
    }
    if organizations::store::method(work, &to.organization)? == LoginMethod::IdpAccount {
        let until = work.now() + Duration::days(limits.invitation_days);
        return Ok(Ok(Invited { until, mail: tell_of_provider(work, to)? }));
    }
    let made = make(work, to, Purpose::Invitation, limits)?;
    let until = made.until;
    let mail = mail(work, to, made)?;
    Ok(Ok(Invited { until, mail }))
}

/// Writes an invitation that waits until its address may get one again. No more than one waits for an address; `None`
/// where one does, so that many organizations cannot fill the mailbox of tomorrow.
pub fn invite_later(
    work: &mut Work<'_>,
    to: &Addressee,
    room: Moment,
    config: &Config,
) -> Result<Option<Invited>, StoreError> {
    if mail::store::is_put_off(work, to.email.as_str(), "invitation")? {
        return Ok(None);
    }
    let made = make(work, to, Purpose::Invitation, &config.limits)?;
    let until = made.until;
    let mail = outbox::post_at(work, to, &message(to, made), room)?;
    Ok(Some(Invited { until, mail }))
}

/// Tells somebody that they log in through their organization's identity provider and need no password.
fn tell_of_provider(work: &mut Work<'_>, to: &Addressee) -> Result<MailId, StoreError> {
    let (name, organization, at) = (to.name.clone(), to.organization_name.clone(), work.now());
    outbox::post(work, to, &Message::Idp { name, organization, news: IdpNews::Registered, at })
}

/// A link that was made and not yet given to anybody.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it is for.
    pub purpose: Purpose,
    /// Its secret.
    pub token: Token,
    /// Until when it works.
    pub until: Moment,
}

/// Makes a link for a user; the one before it stops working.
pub fn make(work: &mut Work<'_>, to: &Addressee, purpose: Purpose, limits: &Limits) -> Result<Made, StoreError> {
    let life = match purpose {
        Purpose::Invitation => Duration::days(limits.invitation_days),
        Purpose::PasswordReset => Duration::minutes(limits.reset_minutes),
    };
    let until = work.now() + life;
    Ok(Made { purpose, token: store::issue(work, to, purpose, until)?, until })
}

/// Mails a link to its user.
pub fn mail(work: &mut Work<'_>, to: &Addressee, made: Made) -> Result<MailId, StoreError> {
    outbox::post(work, to, &message(to, made))
}

fn message(to: &Addressee, made: Made) -> Message {
    let (name, organization) = (to.name.clone(), to.organization_name.clone());
    let Made { purpose, token, until } = made;
    match purpose {
        Purpose::Invitation => Message::Invitation { name, organization, token, until },
        Purpose::PasswordReset => Message::PasswordReset { name, organization, token, until },
    }
}

/// Answers a request for a password reset: a link for an active user, a new invitation for an invited one, nothing for
/// anybody else. The caller says the same in every case.
pub fn request_reset(
    tx: &mut OpenTx<'_>,
    organization: &str,
    email: &str,
    config: &Config,
) -> Result<Recorded<()>, StoreError> {
    let found = users::store::addressee_by_names(tx, organization, email)?;
    // Accounts that do not exist are counted alike.
    let within = throttle::allow(
        tx,
        throttle::Subject::ResetMail,
        &[organization, email],
        config.limits.reset_mails,
        Duration::hours(1),
    )?;
    let Some(to) = found else {
        return tx.record(Event::failed(Kind::PasswordResetRequested, "unknown_user"), ());
    };
    let event = |event: Event| event.within(&to.organization).on("user", &to.id, &to.email);
    if within.is_err() {
        return tx.record(event(Event::refused(Kind::PasswordResetRequested, "throttled")), ());
    }
    let by_provider = organizations::store::method(tx, &to.organization)? == LoginMethod::IdpAccount;
    match to.status {
        users::Status::Active | users::Status::Invited if by_provider => {
            tell_of_provider(tx, &to)?;
            tx.record(event(Event::refused(Kind::PasswordResetRequested, "identity_provider")), ())
        }
        users::Status::Active => {
            let made = make(tx, &to, Purpose::PasswordReset, &config.limits)?;
            mail(tx, &to, made)?;
            tx.record(event(Event::done(Kind::PasswordResetRequested)), ())
        }
        users::Status::Invited => match invite(tx, &to, config)? {
            Ok(invited) => {
                organizations::store::prolong(tx, &to.organization, invited.until)?;
                tx.record(event(Event::done(Kind::InvitationSent)), ())
            }
            Err(_) => tx.record(event(Event::refused(Kind::InvitationSent, "throttled")), ()),
        },
        users::Status::Deactivated => tx.record(event(Event::refused(Kind::PasswordResetRequested, "deactivated")), ()),
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
    let by_provider = organizations::store::method(tx, &to.organization)? == LoginMethod::IdpAccount;
    if by_provider
        || !store::spend(tx, token, purpose)?
        || !users::store::set_password(tx, &to.organization, &to.id, hash)?
    {
        let kind = if purpose == Purpose::Invitation { Kind::InvitationAccepted } else { Kind::PasswordReset };
        let event = Event::refused(kind, "link").within(&to.organization).on("user", &to.id, &to.email);
        return tx.record(event, None);
    }
    throttle::lift(tx, &to.organization, &to.id)?;
    store::end_sessions(tx, &to.organization, &to.id)?;
    store::replace_all(tx, &to.organization, &to.id)?;
    let name = to.name.clone();
    let event = |kind| Event::done(kind).within(&to.organization).by_user(&to.id, &name).on("user", &to.id, &to.email);
    match purpose {
        Purpose::Invitation => {
            if organizations::store::claim(tx, &to.organization)? {
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

/// Whether a new password equals one of the last three: each costs a hash.
pub async fn was_used_before(
    hasher: &crate::auth::Hasher,
    password: &Password,
    last: Vec<PasswordHash>,
) -> Result<bool, crate::auth::QueueFull> {
    for hash in last {
        if hasher.verify(password, Some(hash)).await?.matches {
            return Ok(true);
        }
    }
    Ok(false)
}
