//! Pages of one user: tabs Account, Roles, Sessions, and what administrators do there.

mod changes;
mod deletion;
mod factors;
mod roles;
mod tabs;
mod told;

pub use changes::{
    deactivate, end_session, end_sessions, invite, reactivate, revoke, session_page, sessions_page, to_account, unlock,
};
pub use deletion::{delete, deletion};
pub use factors::{binding, factors, release, reset};
pub use roles::{edit, save};
pub use tabs::{account, roles, sessions};

use told::told;
