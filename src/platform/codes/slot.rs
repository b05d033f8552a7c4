//! Whose code it is, for what, and where it was sent.

use crate::base::digest::Digest;
use crate::base::ids::{CodeId, MailId, OrganizationId, UserId};
use crate::base::moment::Moment;

words! {
    /// What a code is for: a code of one purpose is nothing to another.
    Purpose {
        /// To show that a mobile number is one's own.
        Mobile = "mobile",
        /// The second factor of a login.
        Login = "login",
        /// To show that mail reaches the owner, before everybody depends on it.
        TwoFactor = "two_factor",
        /// To show again who one is, where a provider does not tell.
        Confirmation = "confirmation",
        /// To show that a recovery code is in its owner's hands.
        Repair = "repair",
    }
}

/// Who asks for codes and types them. Each counts for itself: a stranger who knows only the password uses up nothing
/// of the browsers that have logged in to the account, nor of what is done behind a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Any browser that has never logged in to the account; all of them together.
    Stranger,
    /// The browser with this secret, which has.
    Browser(Digest),
    /// The user, in a session.
    Session,
    /// The holder of an owner recovery code.
    Repair,
}

/// Whose code it is, for what, and where it was sent: a code proves nothing about another place.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The user's organization.
    pub organization: OrganizationId,
    /// The user.
    pub user: UserId,
    /// On whose count.
    pub asker: Asker,
    /// What for.
    pub purpose: Purpose,
    /// The number or address it goes to.
    pub place: String,
}

/// A code that was sent and still works.
#[derive(Clone, Debug)]
pub struct Sent {
    pub(crate) id: CodeId,
    /// The message that carries it.
    pub message: MailId,
    /// When.
    pub at: Moment,
    /// Until when it works.
    pub until: Moment,
    pub(crate) tries: i64,
    pub(crate) hash: Digest,
}
