//! Transfer of ownership (docs/rules.md sections 2 and 9): the designation goes to an active user, who also becomes Org
//! Admin and Billing Admin; the former owner keeps the other roles.

pub mod pages;
mod store;

use crate::access::ManageOwnership;
use crate::base::email::Email;
use crate::base::organization::LoginMethod;
use crate::base::user::Status;
use crate::features::users::addressee;
use crate::features::{idp, organizations};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{Recorded, StoreError, Tx};

/// Why ownership was not transferred.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The address is of no user of the organization.
    #[error("no user has the address")]
    Unknown,
    /// It is the owner's own.
    #[error("the owner's own address")]
    IsYourself,
    /// It is of a user who has not accepted the invitation.
    #[error("not an active user")]
    NotActive,
    /// It is of a user who is deactivated.
    #[error("a deactivated user")]
    Deactivated,
    /// The user has never logged in through the organization's identity provider.
    #[error("not bound to the provider")]
    NotBound,
    /// Somebody else owns the organization meanwhile.
    #[error("no longer the owner")]
    NotOwner,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for TransferError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Unknown => Some(Reason::UnknownAddress),
            Self::IsYourself => Some(Reason::IsYourself),
            Self::NotActive => Some(Reason::Standing),
            Self::Deactivated => Some(Reason::Deactivated),
            Self::NotBound => Some(Reason::NotBound),
            Self::NotOwner => Some(Reason::Forbidden),
            Self::Store(_) => None,
        }
    }
}

/// Makes the user of an address the owner; both are told by mail.
pub fn transfer(tx: &mut Tx<'_, ManageOwnership>, to: &Email) -> Result<Recorded<()>, TransferError> {
    let (organization, owner) = (tx.organization().clone(), tx.user().clone());
    let from = addressee(tx, &organization, &owner)?.ok_or(TransferError::NotOwner)?;
    // Of an address that no user has, the address itself: two of them are two events.
    tx.note_target("user", "", to);
    let heir = store::of_address(tx, to)?.ok_or(TransferError::Unknown)?;
    let heir = addressee(tx, &organization, &heir)?.ok_or(TransferError::Unknown)?;
    tx.note_target("user", &heir.id, &heir.email);
    match heir.status {
        _ if heir.id == owner => return Err(TransferError::IsYourself),
        Status::Active => {}
        Status::Invited => return Err(TransferError::NotActive),
        Status::Deactivated => return Err(TransferError::Deactivated),
    }
    // Who cannot come in through the provider could not repair it either.
    if organizations::method(tx, &organization)? == LoginMethod::IdpAccount
        && idp::bindings::of_user(tx, &organization, &heir.id)?.is_none()
    {
        return Err(TransferError::NotBound);
    }
    if !store::hand_over(tx, &heir.id)? {
        return Err(TransferError::NotOwner);
    }
    // Whoever confirms a trial has recovery codes: the new owner begins anew.
    idp::trial::drop(tx, &organization)?;
    idp::recovery::remove(tx, &organization)?;
    idp::repair::remove_all(tx, &organization)?;
    let told = |addressee: &Addressee| format!("{} <{}>", addressee.name, addressee.email);
    let at = tx.now();
    for reader in [&from, &heir] {
        let message = Message::OwnershipTransferred {
            name: reader.name.clone(),
            organization: reader.organization_name.clone(),
            to: told(&heir),
            from: told(&from),
            at,
        };
        outbox::post(tx, reader, &message)?;
    }
    let event = Event::done(Kind::OwnershipTransferred).on("user", &heir.id, &heir.email).changed(
        "owner",
        from.email.as_str(),
        heir.email.as_str(),
    );
    Ok(tx.record(event, ())?)
}
