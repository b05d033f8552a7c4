//! Invitations: who may have how many a day, and when one that is past a limit is sent.

use chrono::Duration;

use super::{Made, Purpose, mail_at, store};
use crate::base::ids::{MailId, OrganizationId};
use crate::base::moment::Moment;
use crate::base::network::network;
use crate::base::organization::LoginMethod;
use crate::features::organizations;
use crate::platform::config::Config;
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Ending, IdpNews, Message, outbox};
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle;

/// An invitation on its way.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Until when its link works.
    pub until: Moment,
    /// The mail that carries it.
    pub mail: MailId,
    /// When it is sent, where a limit of today makes it wait.
    pub later: Option<Later>,
}

/// Which limit makes an invitation wait, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// Until when.
    pub due: Moment,
    /// Which.
    pub limit: Limit,
}

/// A limit of invitations a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Of one organization to one address, or of all to it.
    Address,
    /// Of one organization.
    Organization,
}

/// What a list of addresses would meet if it were registered now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Invitations that would wait as their addresses have had theirs.
    pub of_address: usize,
    /// Invitations that would wait as the organization has sent its own.
    pub of_organization: usize,
    /// How many the organization may still send today.
    pub left: usize,
}

const DAY: Duration = Duration::days(1);
const ONE: i64 = 1;
/// Today and tomorrow: what goes to one address waits no longer.
const TWO: i64 = 2;
/// Days over which what one organization sends is spread.
const MONTH: i64 = 30;

/// Mails an invitation for an administrator. It never fails because of email: past a limit it is written now and sent when
/// there is room. The organization's own limits come first, so that a stranger's organization uses up no more of an address
/// than those allow. One that waits already keeps its time.
pub fn invite(work: &mut Work<'_>, to: &Addressee, config: &Config) -> Result<Invited, StoreError> {
    use throttle::{Subject, reserve};
    let (limits, organization, email) = (&config.limits, to.organization.as_str(), to.email.as_str());
    let waits = outbox::waits_until(work, &to.organization, &to.id)?;
    let later = |due, limit| Some(Later { due, limit });
    let later = match waits {
        Some(due) => later(due, Limit::Address),
        None => {
            let own = [organization, email];
            let own = reserve(work, Subject::InvitationOfOrganization, &own, (limits.invitation_mails, TWO), DAY)?;
            let all = match own {
                throttle::Place::Now => {
                    let most = (limits.invitation_mails_of_address, TWO);
                    reserve(work, Subject::InvitationMail, &[email], most, DAY)?
                }
                place => place,
            };
            match all.later() {
                Some(due) => later(due, Limit::Address),
                None => {
                    let most = (limits.organization_invitations, MONTH);
                    let place = reserve(work, Subject::OrganizationInvitations, &[organization], most, DAY)?;
                    place.later().and_then(|due| later(due, Limit::Organization))
                }
            }
        }
    };
    post_invitation(work, to, config, later, None)
}

/// Mails the invitation that the owner of a new organization asks for, who has no session yet. Past a limit it is written
/// now and sent tomorrow; `Err(until)` says when there is room again: nothing is written.
pub fn invite_owner(
    work: &mut Work<'_>,
    to: &Addressee,
    config: &Config,
) -> Result<Result<Invited, Moment>, StoreError> {
    let due = match outbox::waits_until(work, &to.organization, &to.id)? {
        Some(due) => Some(due),
        None => match visitors_place(work, to, config, TWO)? {
            throttle::Place::Shared(until) => return Ok(Err(until)),
            place => place.later(),
        },
    };
    let later = due.map(|due| Later { due, limit: Limit::Address });
    post_invitation(work, to, config, later, None).map(Ok)
}

/// Mails a new invitation to a user for whom a visitor asks, or nothing: what a visitor asks for never waits, so that it
/// puts off no invitation of an administrator and takes no link away for a mail that comes later.
pub(super) fn remind(
    work: &mut Work<'_>,
    to: &Addressee,
    config: &Config,
    latest: Option<Moment>,
) -> Result<Result<Invited, Moment>, StoreError> {
    if let Some(due) = outbox::waits_until(work, &to.organization, &to.id)? {
        return Ok(Err(due));
    }
    match visitors_place(work, to, config, ONE)? {
        throttle::Place::Now => post_invitation(work, to, config, None, latest).map(Ok),
        throttle::Place::At(until) | throttle::Place::Shared(until) => Ok(Err(until)),
    }
}

/// When an invitation is sent that a visitor without a session asks for: counted by network first, then by address, and
/// never against what an organization's administrators may send.
fn visitors_place(
    work: &mut Work<'_>,
    to: &Addressee,
    config: &Config,
    days: i64,
) -> Result<throttle::Place, StoreError> {
    let (subject, email, limits) = (throttle::Subject::VisitorInvitation, to.email.as_str(), &config.limits);
    let network = work.origin().address.map(network).unwrap_or_default();
    let of_network = throttle::reserve(work, subject, &[&network, email], (limits.invitation_mails, days), DAY)?;
    if matches!(of_network, throttle::Place::Shared(_)) {
        return Ok(of_network);
    }
    let of_address = throttle::reserve(work, subject, &[email], (limits.invitation_mails_of_address, days), DAY)?;
    Ok(match (of_network, of_address) {
        (_, throttle::Place::Shared(_)) | (throttle::Place::Now, _) => of_address,
        (_, throttle::Place::Now) => of_network,
        (throttle::Place::At(one), throttle::Place::At(other)) => throttle::Place::At(one.max(other)),
        (throttle::Place::Shared(_), _) => of_network,
    })
}

fn post_invitation(
    work: &mut Work<'_>,
    to: &Addressee,
    config: &Config,
    later: Option<Later>,
    latest: Option<Moment>,
) -> Result<Invited, StoreError> {
    let due = later.map_or_else(|| work.now(), |later| later.due);
    let until = due + Duration::days(config.limits.invitation_days);
    let until = latest.map_or(until, |latest| latest.min(until));
    if organizations::method(work, &to.organization)? == LoginMethod::IdpAccount {
        outbox::take_back(work, &to.organization, &to.id, Purpose::Invitation.word(), None, Ending::Replaced)?;
        return Ok(Invited { until, mail: tell_of_provider(work, to, due)?, later });
    }
    let token = store::issue(work, to, Purpose::Invitation, until, due)?;
    let made = Made { purpose: Purpose::Invitation, token, until };
    Ok(Invited { until, mail: mail_at(work, to, made, due)?, later })
}

/// How many of these addresses would get their invitation later than at once, if the organization invited them now.
pub fn forecast(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    emails: &[String],
    config: &Config,
) -> Result<Forecast, StoreError> {
    use throttle::{Subject, places};
    let limits = &config.limits;
    let own: Vec<Vec<&str>> = emails.iter().map(|email| vec![organization.as_str(), email.as_str()]).collect();
    let own = places(work, Subject::InvitationOfOrganization, &own, limits.invitation_mails, DAY)?;
    let all: Vec<Vec<&str>> = emails.iter().map(|email| vec![email.as_str()]).collect();
    let all = places(work, Subject::InvitationMail, &all, limits.invitation_mails_of_address, DAY)?;
    let one = [vec![organization.as_str()]];
    let of_organization = places(work, Subject::OrganizationInvitations, &one, limits.organization_invitations, DAY)?;
    let at_once = own.iter().zip(&all).filter(|(own, all)| **own > 0 && **all > 0).count();
    let left = usize::try_from(of_organization.first().copied().unwrap_or_default()).unwrap_or(usize::MAX);
    Ok(Forecast { of_address: emails.len() - at_once, of_organization: at_once.saturating_sub(left), left })
}

/// Tells a user that they log in through their organization's identity provider and need no password.
pub(super) fn tell_of_provider(work: &mut Work<'_>, to: &Addressee, due: Moment) -> Result<MailId, StoreError> {
    let (name, organization, at) = (to.name.clone(), to.organization_name.clone(), work.now());
    outbox::post_at(work, to, &Message::Idp { name, organization, news: IdpNews::Registered, at }, due)
}
