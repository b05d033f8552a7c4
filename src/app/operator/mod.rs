//! What an operator does by command, on the database alone: the server may run meanwhile, and what changes acts on the
//! next request. [`commands`] is what is typed and printed; here are the rules.

pub mod backup;
pub mod check;
pub mod commands;
pub mod data_folder;
pub mod mail;
pub mod store;

use crate::base::email::Email;
use crate::base::organization::{LoginMethod, State};
use crate::base::organization_name::OrganizationName;
use crate::base::user::Status;
use crate::features::links::{self, Made, Purpose};
use crate::features::policies::Policy;
use crate::features::policies::versions::{self, MethodValue};
use crate::features::{factors, idp, organizations, two_factor, users};
use crate::platform::command::refusal::Refusal;
use crate::platform::command::words;
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{IdpNews, Message, outbox};
use crate::platform::store::{OpenTx, Recorded};
use crate::platform::{codes, throttle};

/// Closes an organization. Its sessions are not ended: they work again once it is resumed, as far as their time goes.
pub fn suspend(tx: &mut OpenTx<'_>, name: &str, reason: &str) -> Result<Recorded<()>, Refusal> {
    turn(tx, name, [State::Active, State::Suspended], |event| match reason {
        "" => event(Kind::OrganizationSuspended),
        reason => event(Kind::OrganizationSuspended).with("reason", reason),
    })
}

/// Opens a suspended organization again.
pub fn resume(tx: &mut OpenTx<'_>, name: &str) -> Result<Recorded<()>, Refusal> {
    turn(tx, name, [State::Suspended, State::Active], |event| event(Kind::OrganizationResumed))
}

fn turn(
    tx: &mut OpenTx<'_>,
    name: &str,
    [from, to]: [State; 2],
    describe: impl FnOnce(fn(Kind) -> Event) -> Event,
) -> Result<Recorded<()>, Refusal> {
    let name = &OrganizationName::sought(name);
    let Some(found) = organizations::login(tx, name)? else {
        return Err(Refusal::NoOrganization(name.to_owned()));
    };
    tx.touch(&found.id)?;
    if !store::turn(tx, &found.id, from, to)? {
        return Err(Refusal::State(name.to_owned(), words(found.state.word()), words(from.word())));
    }
    let event = describe(Event::done).within(&found.id).on("organization", &found.id, name);
    Ok(tx.record(event.changed("state", from.word(), to.word()), ())?)
}

fn find(tx: &mut OpenTx<'_>, organization: &str, email: &str) -> Result<Addressee, Refusal> {
    let nobody = || Refusal::NoUser(organization.to_owned(), email.to_owned());
    let address = Email::parse(email).map_err(|_| nobody())?;
    if let Some(found) = users::addressee_by_names(tx, organization, address.as_str())? {
        return Ok(found);
    }
    Err(match organizations::login(tx, organization)? {
        Some(_) => nobody(),
        None => Refusal::NoOrganization(organization.to_owned()),
    })
}

/// Lifts the locks of an account after wrong passwords and wrong codes; says whether there were any of the former.
pub fn unlock(tx: &mut OpenTx<'_>, organization: &str, email: &str) -> Result<Recorded<bool>, Refusal> {
    let user = find(tx, organization, email)?;
    let lifted = throttle::lift(tx, &user.organization, &user.id)?;
    codes::store::forgive(tx, &user.organization, &user.id)?;
    let event = Event::done(Kind::AccountUnlocked).within(&user.organization).on("user", &user.id, &user.email);
    Ok(tx.record(event, lifted > 0)?)
}

/// Makes a link with which a user sets a password: a new one, or the first one of somebody who was invited. The limits
/// of mails nobody asked for do not bind the operator.
pub fn reset_password(
    tx: &mut OpenTx<'_>,
    organization: &str,
    email: &str,
    limits: &Limits,
    mailed: bool,
) -> Result<Recorded<Made>, Refusal> {
    let user = find(tx, organization, email)?;
    let (purpose, kind) = match user.status {
        Status::Active => (Purpose::PasswordReset, Kind::PasswordResetRequested),
        Status::Invited => (Purpose::Invitation, Kind::InvitationSent),
        Status::Deactivated => return Err(Refusal::Deactivated(user.email.to_string())),
    };
    if organizations::method(tx, &user.organization)? == LoginMethod::IdpAccount {
        return Err(Refusal::NoPasswords(user.organization_name));
    }
    let made = links::make(tx, &user, purpose, limits)?;
    if purpose == Purpose::Invitation {
        organizations::prolong(tx, &user.organization, made.until)?;
    }
    if mailed {
        links::mail(tx, &user, made.clone())?;
    }
    let event = Event::done(kind).within(&user.organization).on("user", &user.id, &user.email);
    Ok(tx.record(event.with("mailed", mailed), made)?)
}

/// Takes mobile number, authenticator app and recovery codes from a user, the owner too: there is nobody else to do it.
pub fn reset_second_factor(tx: &mut OpenTx<'_>, organization: &str, email: &str) -> Result<Recorded<()>, Refusal> {
    let user = find(tx, organization, email)?;
    tx.touch(&user.organization)?;
    let event = factors::clear(tx, &user)?;
    Ok(tx.record(event, ())?)
}

/// Brings an organization back whose owner cannot get in: to cloud accounts, or to another owner, or both.
pub fn recover(tx: &mut OpenTx<'_>, name: &str, owner: Option<&str>) -> Result<Recorded<bool>, Refusal> {
    let name = OrganizationName::sought(name);
    let Some(found) = organizations::login(tx, &name)? else {
        return Err(Refusal::NoOrganization(name));
    };
    tx.touch(&found.id)?;
    // The settings themselves are not looked at: keys may be lost with which they could be read.
    let by_provider = found.method == LoginMethod::IdpAccount || found.trial_until.is_some();
    if !by_provider && owner.is_none() {
        return Err(Refusal::NothingToRecover(name));
    }
    let mut event = Event::done(Kind::OrganizationRecovered).within(&found.id).on("organization", &found.id, &name);
    if let Some(email) = owner {
        let heir = find(tx, &name, email)?;
        match heir.status {
            Status::Active => {}
            Status::Invited => return Err(Refusal::Invited(heir.email.to_string())),
            Status::Deactivated => return Err(Refusal::Deactivated(heir.email.to_string())),
        }
        let before = idp::owner(tx, &found.id)?;
        store::set_owner(tx, &found.id, &heir.id)?;
        let before = users::addressee(tx, &found.id, &before)?.map(|before| before.email.to_string());
        event = event.changed("owner", before, heir.email.as_str());
        idp::trial::drop(tx, &found.id)?;
        idp::recovery::remove(tx, &found.id)?;
    }
    idp::repair::remove_all(tx, &found.id)?;
    if by_provider {
        if found.method == LoginMethod::IdpAccount {
            let before = MethodValue { method: found.method, issuer: None, client_id: None };
            let before = idp::issuer(tx, &found.id)?.unwrap_or(before);
            let after = MethodValue { method: LoginMethod::CloudAccount, issuer: None, client_id: None };
            versions::note(tx, &found.id, Policy::LoginMethod, None, &before, &after)?;
        }
        idp::back_to_cloud_accounts(tx, &found.id)?;
        idp::bindings::remove_all(tx, &found.id)?;
        store::end_idp_sessions(tx, &found.id)?;
        event = event.changed("login_method", found.method.word(), LoginMethod::CloudAccount.word());
        let at = tx.now();
        for reader in crate::features::policies::versions::readers(tx, &found.id)? {
            if let Some(to) = users::addressee(tx, &found.id, &reader)? {
                let (name, organization) = (to.name.clone(), to.organization_name.clone());
                outbox::post(tx, &to, &Message::Idp { name, organization, news: IdpNews::Recovered, at })?;
            }
        }
    }
    Ok(tx.record(event, by_provider)?)
}

/// Switches console access control of an organization off, for when nobody comes from an allowed address any more.
pub fn turn_access_control_off(tx: &mut OpenTx<'_>, name: &str) -> Result<Recorded<()>, Refusal> {
    let name = OrganizationName::sought(name);
    let Some(found) = organizations::login(tx, &name)? else {
        return Err(Refusal::NoOrganization(name));
    };
    let turned = crate::features::policies::access::turn_off_by_operator(tx, &found.id, &name)?;
    let mut was_on = false;
    let recorded = turned.map(|turned| was_on = turned);
    if was_on { Ok(recorded) } else { Err(Refusal::AccessControlOff(name)) }
}

/// Turns two-factor authentication of an organization off, for when nobody gets a code any more.
pub fn turn_two_factor_off(tx: &mut OpenTx<'_>, name: &str) -> Result<Recorded<()>, Refusal> {
    let name = &OrganizationName::sought(name);
    let Some(found) = organizations::login(tx, name)? else {
        return Err(Refusal::NoOrganization(name.to_owned()));
    };
    let turned = two_factor::turn_off_by_operator(tx, &found.id, name)?;
    let mut was_on = false;
    let turned = turned.map(|on| was_on = on);
    if was_on { Ok(turned) } else { Err(Refusal::TwoFactorOff(name.to_owned())) }
}
