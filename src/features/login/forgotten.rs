//! "Mail me my organizations": for a user who forgot the name (docs/rules.md section 6).

use chrono::Duration;

use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::user::Status;
use crate::features::users;
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, Recorded, StoreError};
use crate::platform::throttle;

/// How many times what one network may is what all together may.
const OVER_ALL: i64 = 4;

/// Mails the organizations an address is registered in. The caller says the same whether there are any.
pub fn mail_organizations(
    tx: &mut OpenTx<'_>,
    email: &Email,
    language: Language,
    config: &Config,
) -> Result<Recorded<()>, StoreError> {
    let found = users::addressees_by_email(tx, email)?;
    let limit = config.limits.organizations_mails;
    let (subject, day) = (throttle::Subject::OrganizationsMail, Duration::days(1));
    // By sender first: a stranger uses up nothing of the others'.
    let within = match throttle::allow_network(tx, subject, &[email.as_str()], limit, day)? {
        Ok(()) => throttle::allow(tx, subject, &[email.as_str()], limit.saturating_mul(OVER_ALL), day)?,
        Err(until) => Err(until),
    };
    let mine: Vec<_> = found.into_iter().filter(|user| user.status != Status::Deactivated).collect();
    if within.is_err() {
        return tx.record(Event::refused(Kind::OrganizationsMailed, Reason::Throttled), ());
    }
    let Some(first) = mine.first() else {
        return tx.record(Event::failed(Kind::OrganizationsMailed, Reason::UnknownUser).shared(), ());
    };
    let organizations = mine.iter().map(|user| user.organization_name.clone()).collect();
    outbox::post_plain(tx, email, language, &first.time_zone, &Message::MyOrganizations { organizations })?;
    tx.record(Event::done(Kind::OrganizationsMailed), ())
}
