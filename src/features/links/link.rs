//! A mailed link: what it is for, its secret, its state.

use crate::base::entropy::Token;
use crate::base::moment::Moment;
use crate::platform::events::Kind;
use crate::platform::mail::addressee::Addressee;

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
    /// The event of setting a password by one of its links.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Invitation => Kind::InvitationAccepted,
            Self::PasswordReset => Kind::PasswordReset,
        }
    }

    /// The page behind its links.
    pub fn page(self) -> &'static str {
        match self {
            Self::Invitation => crate::base::urls::INVITATION,
            Self::PasswordReset => crate::base::urls::PASSWORD_NEW,
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
    /// Login is by the organization's identity provider, so no user needs a password.
    NotNeeded,
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
