//! Pages of one user: tabs Account, Roles, Sessions, and what administrators do there.

mod changes;
mod deletion;
mod factors;
mod roles;
mod tabs;

pub use changes::{
    deactivate, end_session, end_sessions, invite, reactivate, revoke, session_page, sessions_page, to_account, unlock,
};
pub use deletion::{delete, deletion};
pub use factors::{binding, factors, release, reset};
pub use roles::{edit, save};
pub use tabs::{account, roles, sessions};

use crate::access::failure::Failure;
use crate::base::i18n::Text;
use crate::features::administration::ChangeError;

/// What a refused change is answered with, on the page it was asked for; everything else ends the request.
fn told(error: ChangeError) -> Result<Text, Failure> {
    match error {
        ChangeError::NotFound => Err(Failure::NotFound),
        ChangeError::Refused(why) => Ok(Text::new(why.text())),
        ChangeError::Older(_) => Ok(Text::new("newer-title")),
        ChangeError::NotConfirmed => Ok(crate::base::problem::Problem::NotConfirmed.into()),
        ChangeError::Store(cause) => Err(cause.into()),
    }
}
