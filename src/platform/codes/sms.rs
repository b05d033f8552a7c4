//! Codes by SMS cost money, and a stranger may earn by them: they go to mobile numbers of allowed countries only, and there
//! are caps for each number, network and organization and for the installation.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::Duration;

use super::{Asker, IssueError, Slot, issue_within};
use crate::base::entropy::Code;
use crate::base::ids::MailId;
use crate::base::moment::Moment;
use crate::base::person::Phone;
use crate::platform::config::{Config, Limits};
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle::{self, Subject};

/// Why no code was sent, as metrics name it, with how often and when it was last said in the log.
struct Reason {
    word: &'static str,
    count: AtomicU64,
    said_at: AtomicI64,
}

impl Reason {
    const fn new(word: &'static str) -> Self {
        Self { word, count: AtomicU64::new(0), said_at: AtomicI64::new(i64::MIN) }
    }
}

static REASONS: [Reason; 5] = [
    Reason::new("number"),
    Reason::new("network"),
    Reason::new("organization"),
    Reason::new("installation"),
    Reason::new("unreachable"),
];

/// How often a code was not sent, by reason, since the process started.
pub fn withheld() -> impl Iterator<Item = (&'static str, u64)> {
    REASONS.iter().map(|reason| (reason.word, reason.count.load(Ordering::Relaxed)))
}

/// Counts it, and says it in the log at most once an hour.
fn withhold(place: usize, now: Moment) {
    let reason = &REASONS[place];
    reason.count.fetch_add(1, Ordering::Relaxed);
    let hour_ago = now.millis().saturating_sub(3_600_000);
    if reason.said_at.load(Ordering::Relaxed) <= hour_ago {
        reason.said_at.store(now.millis(), Ordering::Relaxed);
        tracing::warn!(reason = reason.word, "SMS codes are withheld");
    }
}

/// Why no code is sent by SMS.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The number is no mobile number, or of a country to which no SMS are sent.
    #[error("no SMS is sent to this number")]
    Unreachable,
    /// No code is issued now.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl From<SmsError> for IssueError {
    fn from(error: SmsError) -> Self {
        match error {
            // Who asks without having looked whether the number is offered has a row that the page would not show.
            SmsError::Unreachable => Self::Store(StoreError::Unreadable("a number to which no SMS is sent")),
            SmsError::Issue(error) => error,
        }
    }
}

/// Whether SMS go to a number: one that may be mobile, of an allowed country.
pub fn reaches(number: &Phone, config: &Config) -> bool {
    let allowed = &config.sms.countries;
    number.may_be_mobile() && (allowed.is_empty() || number.country().is_some_and(|country| allowed.contains(&country)))
}

/// Whether people can be sent an SMS, and at this number where there is one.
pub fn is_offered_to(number: Option<&Phone>, config: &Config) -> bool {
    config.sms.is_offered(config.mode) && number.is_none_or(|number| reaches(number, config))
}

/// Issues a code that goes to a number by SMS: the only way to one.
pub fn issue_by_sms(
    work: &mut Work<'_>,
    slot: &Slot,
    number: &Phone,
    config: &Config,
    send: impl FnOnce(&mut Work<'_>, Code, Moment) -> Result<MailId, StoreError>,
) -> Result<(), SmsError> {
    if !reaches(number, config) {
        withhold(REASONS.len() - 1, work.now());
        return Err(SmsError::Unreachable);
    }
    let limits = &config.limits;
    Ok(issue_within(work, slot, limits, |work| capped(work, slot, number, limits), send)?)
}

/// Counts one more SMS of the day; past a cap it says when there is room again.
fn capped(work: &mut Work<'_>, slot: &Slot, number: &Phone, limits: &Limits) -> Result<Option<Moment>, StoreError> {
    let day = Duration::days(1);
    let (number, user) = (number.as_str(), slot.user.as_str());
    // A stranger who knows a password or types a number uses up nothing of the browsers that have logged in to the account.
    let of_number = if matches!(slot.asker, Asker::Browser(_)) { vec![number, user] } else { vec![number] };
    let caps = [
        (Subject::SmsNumber, of_number, limits.sms_number),
        (Subject::SmsNetwork, vec![], limits.sms_network),
        (Subject::SmsOrganization, vec![slot.organization.as_str()], limits.sms_organization),
        (Subject::SmsInstallation, vec![""], limits.sms_installation),
    ];
    for (reason, (subject, key, most)) in caps.into_iter().enumerate() {
        let within = match subject {
            Subject::SmsNetwork => throttle::allow_network(work, subject, &key, most, day)?,
            _ => throttle::allow(work, subject, &key, most, day)?,
        };
        if let Err(room) = within {
            withhold(reason, work.now());
            return Ok(Some(room));
        }
    }
    Ok(None)
}
