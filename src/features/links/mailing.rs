//! Makes links and mails them.

use chrono::Duration;

use super::link::{Made, Purpose};
use super::store;
use crate::base::ids::MailId;
use crate::base::moment::Moment;
use crate::platform::config::Limits;
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{StoreError, Work};

/// Makes a link for a user; the one before it stops working.
pub fn make(work: &mut Work<'_>, to: &Addressee, purpose: Purpose, limits: &Limits) -> Result<Made, StoreError> {
    let life = match purpose {
        Purpose::Invitation => Duration::days(limits.invitation_days),
        Purpose::PasswordReset => Duration::minutes(limits.reset_minutes),
    };
    let now = work.now();
    let until = now + life;
    Ok(Made { purpose, token: store::issue(work, to, purpose, until, now)?, until })
}

/// Mails a link to its user.
pub fn mail(work: &mut Work<'_>, to: &Addressee, made: Made) -> Result<MailId, StoreError> {
    let now = work.now();
    mail_at(work, to, made, now)
}

pub(super) fn mail_at(work: &mut Work<'_>, to: &Addressee, made: Made, due: Moment) -> Result<MailId, StoreError> {
    let (name, organization) = (to.name.clone(), to.organization_name.clone());
    let Made { purpose, token, until } = made;
    let message = match purpose {
        Purpose::Invitation => Message::Invitation { name, organization, token, until },
        Purpose::PasswordReset => Message::PasswordReset { name, organization, token, until },
    };
    outbox::post_at(work, to, &message, due)
}
