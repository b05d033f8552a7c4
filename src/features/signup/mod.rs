//! Sign-up: three steps, what was typed kept on the server, and at the end an organization that awaits its owner's
//! password (docs/rules.md section 3).

mod codes;
mod complete;
pub mod forms;
pub mod pages;
mod step;
mod store;
mod terms;

pub use codes::admits;
pub use complete::{Complete, KEPT, Member, Organization};
pub use forms::{Answers, MemberForm, OrganizationForm, TermsForm};
pub use step::Step;
pub use store::{SignUp, Waiting, begin, find, keep, outcome};

use chrono::Duration;

use crate::base::email::Email;
use crate::base::ids::{OrganizationId, SignUpId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::{LoginMethod, State};
use crate::base::organization_name::OrganizationName;
use crate::base::user::Status;
use crate::features::users::{self, NewUser};
use crate::features::{deletion, links, organizations};
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{OpenTx, Recorded, StoreError};
use crate::platform::throttle;

/// Why an organization was not made.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// The name is taken, reserved or held.
    #[error("the name is not available")]
    NameUnavailable,
    /// Too many sign-ups from this network, until then.
    #[error("too many sign-ups")]
    Throttled(Moment),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the organization, its owner, the owner's consents and invitation, all or nothing. The sign-up's id is the
/// submission id: pressing twice makes one organization.
pub fn complete(
    tx: &mut OpenTx<'_>,
    sign_up: &SignUpId,
    new: &Complete,
    config: &Config,
) -> Result<Recorded<()>, CompleteError> {
    if store::made(tx, sign_up)?.is_some() {
        return Ok(tx.unrecorded("the first press made it", ()));
    }
    let hour = Duration::hours(1);
    if let Err(until) = throttle::allow_network(tx, throttle::Subject::SignUp, &[], config.limits.sign_ups, hour)? {
        return Err(CompleteError::Throttled(until));
    }
    free_unclaimed_name(tx, &new.organization.name)?;
    let (organization, owner): (OrganizationId, UserId) = (tx.id(), tx.id());
    let mut until = tx.now() + Duration::days(config.limits.invitation_days);
    let now = tx.now();
    // The name is looked up among the held ones afterwards: an erasure that frees it meanwhile holds it by then.
    if !organizations::insert(tx, &organization_row(now, until, &organization, &owner, sign_up, new))?
        || deletion::holds(tx, &new.organization.name)?
    {
        return Err(CompleteError::NameUnavailable);
    }
    users::insert(tx, &owner_row(now, &organization, &owner, new))?;
    store::consent(tx, &organization, &owner, &new.agreed)?;
    if let Some(to) = users::addressee(tx, &organization, &owner)? {
        // Past the limits of the address it is sent later or not written; the page after this one says so.
        let invited = links::invite_owner(tx, &to, config)?;
        until = invited.map_or(until, |invited| invited.until);
        organizations::prolong(tx, &organization, until)?;
    }
    store::finish(tx, sign_up, &organization, until)?;
    let event = Event::done(Kind::OrganizationCreated)
        .within(&organization)
        .on("organization", &organization, &new.organization.name)
        .with("country", new.member.country.code)
        .with("company", new.member.company.as_str());
    Ok(tx.record(event, ())?)
}

fn free_unclaimed_name(tx: &mut OpenTx<'_>, name: &OrganizationName) -> Result<(), StoreError> {
    for (id, name) in organizations::unclaimed(tx, Some(name))? {
        tx.touch(&id)?;
        if deletion::remove_unclaimed(tx, &id)? {
            let _: Recorded<()> =
                tx.record(Event::done(Kind::OrganizationUnclaimed).on("organization", &id, &name), ())?;
        }
    }
    Ok(())
}

fn organization_row(
    now: Moment,
    until: Moment,
    id: &OrganizationId,
    owner: &UserId,
    sign_up: &SignUpId,
    new: &Complete,
) -> organizations::NewOrganization {
    organizations::NewOrganization {
        id: id.clone(),
        name: new.organization.name.clone(),
        state: State::AwaitingOwner,
        login_method: LoginMethod::CloudAccount,
        owner_id: owner.clone(),
        version: 0,
        submission: sign_up.clone(),
        created_at: now,
        unclaimed_until: Some(until),
        company_name: new.member.company.as_str().to_owned(),
        country: new.member.country.code.to_owned(),
        registration_number: new.member.registration.as_ref().map(|number| number.as_str().to_owned()),
        representative: new.member.representative.to_string(),
        company_phone: new.member.phone.to_string(),
        billing_email: new.member.billing.to_string(),
    }
}

/// The owner gets Org Owner, Org Admin and Billing Admin.
fn owner_row(now: Moment, organization: &OrganizationId, id: &UserId, new: &Complete) -> NewUser {
    NewUser {
        id: id.clone(),
        organization_id: organization.clone(),
        email: new.organization.email.clone(),
        name: new.organization.person.clone(),
        nickname: None,
        mobile: Some(new.organization.mobile.clone()),
        language: new.language,
        time_zone: new.member.country.zone.to_owned(),
        time_zone_chosen: false,
        status: Status::Invited,
        org_admin: true,
        org_reader: false,
        billing_admin: true,
        created_at: now,
        listed_as: users::listed_as(new.organization.person.as_str(), None, id),
    }
}

/// Why a new mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The owner has registered a password meanwhile, or the time is over.
    #[error("claimed already")]
    NotWaiting,
    /// The sign-up has asked often enough.
    #[error("asked often enough")]
    NoMore,
    /// The address got its mails of the day, until then.
    #[error("too many mails to this address")]
    Throttled(Moment),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Mails the invitation again, to a corrected address if one is given. Says whether it is sent later than now.
pub fn mail_again(
    tx: &mut OpenTx<'_>,
    sign_up: &SignUpId,
    email: Option<&Email>,
    config: &Config,
) -> Result<Recorded<bool>, ResendError> {
    let Some(made) = store::made(tx, sign_up)? else {
        return Err(ResendError::NotWaiting);
    };
    tx.touch(&made)?;
    let waiting = store::waiting(tx, sign_up)?.ok_or(ResendError::NotWaiting)?;
    if !store::count_mail(tx, sign_up, config.limits.sign_up_mails)? {
        return Err(ResendError::NoMore);
    }
    let corrected = email.filter(|email| **email != waiting.email);
    if let Some(email) = corrected {
        store::correct_email(tx, &waiting, email)?;
        // What went to the wrong address works no longer there.
        links::replace_all(tx, &waiting.organization, &waiting.owner)?;
    }
    let to = users::addressee(tx, &waiting.organization, &waiting.owner)?.ok_or(ResendError::NotWaiting)?;
    let invited = links::invite_owner(tx, &to, config)?.map_err(ResendError::Throttled)?;
    let (until, later) = (invited.until, invited.later.is_some());
    organizations::prolong(tx, &waiting.organization, until)?;
    store::prolong(tx, sign_up, until)?;
    let event = match (corrected, later) {
        (Some(email), _) => {
            Event::done(Kind::InvitationCorrected).changed("email", waiting.email.as_str(), email.as_str())
        }
        (None, true) => Event::done(Kind::InvitationScheduled),
        (None, false) => Event::done(Kind::InvitationSent),
    };
    Ok(tx.record(event.within(&waiting.organization).on("user", &waiting.owner, &to.email), later)?)
}
