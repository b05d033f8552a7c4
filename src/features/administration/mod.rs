//! What administrators do to a user (docs/rules.md sections 2 and 9): invitation, roles, lock, sessions, deactivation,
//! deletion. One function says what may be done to whom; rules and pages ask it alike.

pub mod pages;
mod store;

pub use store::{PastInvitation, Person, find, invitations, sessions};

use crate::access::Permission;
use crate::access::{ManageFactors, ManageRoles, ManageUsers, Role, Roles};
use crate::base::email::Email;
use crate::base::ids::{SessionId, UserId};
use crate::base::user::Status;
use crate::features::audit::newer::{self, Newer};
use crate::features::idp::bindings;
use crate::features::links::{self, Later};
use crate::features::users::addressee;
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{Recorded, StoreError, Tx};
use crate::platform::{codes, throttle};

/// What can be done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Mail a new invitation.
    Invitation,
    /// Take the open invitation back.
    Revocation,
    /// Edit organization roles.
    Roles,
    /// Lift the lock.
    Unlock,
    /// End sessions.
    Sessions,
    /// Keep them from logging in.
    Deactivation,
    /// Let them log in again.
    Reactivation,
    /// Take authenticator app and mobile number away from somebody who lost the phone.
    Factors,
    /// Release them from the person at the identity provider.
    Binding,
    /// Delete them.
    Deletion,
}

/// Why something cannot be done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is the Org Owner: ownership is transferred first.
    Owner,
    /// It is oneself.
    Yourself,
    /// The user's status does not ask for it.
    Changed,
}

impl Why {
    /// Message id of the reason.
    pub fn text(self) -> &'static str {
        match self {
            Self::Owner => "user-is-owner",
            Self::Yourself => "user-is-you",
            Self::Changed => "user-changed-meanwhile",
        }
    }
}

/// Whether `caller` may do something to a person. Nobody does it to themselves, and nobody to the owner: nobody changes
/// their own roles, and the organization can never lose its owner.
pub fn allowed(change: Change, person: &Person, caller: &UserId) -> Result<(), Why> {
    if person.id == *caller {
        return Err(Why::Yourself);
    }
    if person.is_owner {
        return Err(Why::Owner);
    }
    let fits = match change {
        Change::Invitation => person.status == Status::Invited,
        Change::Revocation => person.status == Status::Invited && person.is_renewable,
        Change::Unlock => person.locked_until.is_some() || person.wrong_codes > 0,
        Change::Sessions => person.sessions > 0,
        Change::Deactivation => person.status != Status::Deactivated,
        Change::Reactivation => person.status == Status::Deactivated,
        Change::Binding => person.binding.is_some(),
        Change::Roles | Change::Factors | Change::Deletion => true,
    };
    if fits { Ok(()) } else { Err(Why::Changed) }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such user in the organization.
    #[error("no such user")]
    NotFound,
    /// It cannot be done to this user.
    #[error("not to this user: {0:?}")]
    Refused(Why),
    /// They were changed since the form was opened.
    #[error("changed since")]
    Older(Newer),
    /// What was typed to confirm is something else.
    #[error("not confirmed")]
    NotConfirmed,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for ChangeError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Refused(Why::Owner) => Some(Reason::IsOwner),
            Self::Refused(Why::Yourself) => Some(Reason::IsYourself),
            Self::Refused(Why::Changed) => Some(Reason::Standing),
            Self::Older(_) => Some(Reason::OlderVersion),
            Self::NotFound | Self::NotConfirmed | Self::Store(_) => None,
        }
    }
}

/// The person a change is about, if it may be made.
fn subject<P: Permission>(tx: &mut Tx<'_, P>, user: &UserId, change: Change) -> Result<Person, ChangeError> {
    let person = store::find(tx, user)?.ok_or(ChangeError::NotFound)?;
    tx.note_target("user", &person.id, &person.email);
    allowed(change, &person, tx.user()).map_err(ChangeError::Refused)?;
    Ok(person)
}

fn event(kind: Kind, person: &Person) -> Event {
    Event::done(kind).on("user", &person.id, &person.email)
}

/// Mails a new invitation; the one before stops working. Says when it is sent, if that is later.
pub fn invite_again(
    tx: &mut Tx<'_, ManageUsers>,
    user: &UserId,
    config: &Config,
) -> Result<Recorded<Option<Later>>, ChangeError> {
    let person = subject(tx, user, Change::Invitation)?;
    let organization = tx.organization().clone();
    let to = addressee(tx, &organization, user)?.ok_or(ChangeError::NotFound)?;
    let invited = links::invite(tx, &to, config)?;
    let event = match invited.later {
        None => event(Kind::InvitationSent, &person),
        Some(later) => event(Kind::InvitationScheduled, &person).with("due", later.due.to_string()),
    };
    Ok(tx.record(event.with("until", invited.until.to_string()), invited.later)?)
}

/// Takes the open invitation back: its link stops working, and a mail that still waits is not sent.
pub fn revoke_invitation(tx: &mut Tx<'_, ManageUsers>, user: &UserId) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Revocation)?;
    let organization = tx.organization().clone();
    links::replace_all(tx, &organization, user)?;
    Ok(tx.record(event(Kind::InvitationRevoked, &person), ())?)
}

/// Lifts the locks of a user's account, and what wrong codes of today have led to.
pub fn unlock(tx: &mut Tx<'_, ManageUsers>, user: &UserId) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Unlock)?;
    let organization = tx.organization().clone();
    throttle::lift(tx, &organization, user)?;
    codes::store::forgive(tx, &organization, user)?;
    Ok(tx.record(event(Kind::AccountUnlocked, &person), ())?)
}

/// Ends every session of a user; says how many.
pub fn end_sessions(tx: &mut Tx<'_, ManageUsers>, user: &UserId) -> Result<Recorded<usize>, ChangeError> {
    let person = subject(tx, user, Change::Sessions)?;
    let organization = tx.organization().clone();
    let ended = links::end_sessions(tx, &organization, user)?;
    Ok(tx.record(event(Kind::UserSessionsEnded, &person).with("sessions", ended), ended)?)
}

/// Ends one session of a user.
pub fn end_session(
    tx: &mut Tx<'_, ManageUsers>,
    user: &UserId,
    session: &SessionId,
) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Sessions)?;
    if !store::end_session(tx, user, session)? {
        return Err(ChangeError::NotFound);
    }
    let event = Event::done(Kind::SessionEnded).on("session", session, &person.email);
    Ok(tx.record(event, ())?)
}

/// Keeps a user from logging in: sessions end, mailed links stop working; everything else stays.
pub fn deactivate(tx: &mut Tx<'_, ManageUsers>, user: &UserId) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Deactivation)?;
    let organization = tx.organization().clone();
    store::set_status(tx, user, Status::Deactivated)?;
    links::end_sessions(tx, &organization, user)?;
    links::replace_all(tx, &organization, user)?;
    let event = event(Kind::UserDeactivated, &person).changed("status", person.status.word(), "deactivated");
    Ok(tx.record(event, ())?)
}

/// Lets a user log in again. Who never set a password is invited, and gets a new invitation from an administrator.
pub fn reactivate(tx: &mut Tx<'_, ManageUsers>, user: &UserId) -> Result<Recorded<Status>, ChangeError> {
    let person = subject(tx, user, Change::Reactivation)?;
    let status = if person.has_password { Status::Active } else { Status::Invited };
    store::set_status(tx, user, status)?;
    let event = event(Kind::UserReactivated, &person).changed("status", "deactivated", status.word());
    Ok(tx.record(event, status)?)
}

/// The version of a user's organization roles.
pub fn roles_version(roles: Roles) -> String {
    newer::version(&[&roles.words()])
}

/// Changes a user's organization roles; acts on their next request.
pub fn change_roles(
    tx: &mut Tx<'_, ManageRoles>,
    user: &UserId,
    roles: Roles,
    opened: &str,
) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Roles)?;
    if newer::is_older(opened, &roles_version(person.roles)) {
        let held = Roles { owner: false, ..person.roles }.shown().into_iter().map(Role::label).collect();
        let values = vec![("user-tab-roles", newer::Value::Words(held))];
        return Err(ChangeError::Older(Newer::find(tx, &[Kind::RolesChanged], user.as_str(), values)?));
    }
    store::set_roles(tx, user, roles)?;
    let event = event(Kind::RolesChanged, &person).changed("roles", person.roles.words(), roles.words());
    Ok(tx.record(event, ())?)
}

/// Releases a user from the person at the identity provider, who was made anew there: the next login binds again, and
/// sessions end until then.
pub fn release(tx: &mut Tx<'_, ManageFactors>, user: &UserId) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Binding)?;
    let organization = tx.organization().clone();
    bindings::remove(tx, &organization, user)?;
    links::end_sessions(tx, &organization, user)?;
    Ok(tx.record(event(Kind::IdpBindingReleased, &person), ())?)
}

/// Deletes a user with everything that is theirs. `typed` is the address, typed to confirm.
pub fn delete(tx: &mut Tx<'_, ManageRoles>, user: &UserId, typed: &str) -> Result<Recorded<()>, ChangeError> {
    let person = subject(tx, user, Change::Deletion)?;
    if !Email::parse(typed).is_ok_and(|typed| typed.as_str() == person.email) {
        return Err(ChangeError::NotConfirmed);
    }
    store::delete(tx, user)?;
    let event = event(Kind::UserDeleted, &person).with("name", person.name).with("roles", person.roles.words());
    Ok(tx.record(event, ())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Change; 10] = [
        Change::Invitation,
        Change::Revocation,
        Change::Roles,
        Change::Unlock,
        Change::Sessions,
        Change::Deactivation,
        Change::Reactivation,
        Change::Factors,
        Change::Binding,
        Change::Deletion,
    ];

    fn id(number: u8) -> UserId {
        use crate::base::from_path::FromPath;
        UserId::from_path(&format!("0195a3c5-0000-7000-8000-0000000000{number:02}")).expect("an id")
    }

    #[test]
    fn nothing_is_done_to_the_owner_or_to_oneself() {
        for status in Status::ALL {
            let owner = Person { is_owner: true, ..Person::sample(id(1), *status) };
            let admin = Person::sample(id(2), *status);
            for change in ALL {
                assert_eq!(allowed(change, &owner, &id(2)), Err(Why::Owner), "{change:?}");
                assert_eq!(allowed(change, &owner, &id(1)), Err(Why::Yourself), "{change:?}");
                assert_eq!(allowed(change, &admin, &id(2)), Err(Why::Yourself), "{change:?}");
            }
        }
    }

    #[test]
    fn a_status_decides_what_can_be_done_next() {
        let may = |status| {
            let person = Person::sample(id(3), status);
            ALL.into_iter().filter(|change| allowed(*change, &person, &id(1)).is_ok()).collect::<Vec<_>>()
        };
        use Change::*;
        assert_eq!(
            may(Status::Invited),
            [Invitation, Revocation, Roles, Unlock, Sessions, Deactivation, Factors, Deletion]
        );
        assert_eq!(may(Status::Active), [Roles, Unlock, Sessions, Deactivation, Factors, Deletion]);
        assert_eq!(may(Status::Deactivated), [Roles, Unlock, Sessions, Reactivation, Factors, Deletion]);
    }
}
