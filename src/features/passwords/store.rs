//! Queries on the organization and the user that a login names.

use diesel::prelude::*;

use crate::access::PasswordHash;
use crate::base::digest::Digest;
use crate::base::ids::UserId;
use crate::base::moment::Moment;
use crate::base::user::Status;
use crate::features::organizations::OrganizationLogin;
use crate::platform::store::schema::{known_browsers, organizations, users};
use crate::platform::store::{self, StoreError, Work};

/// The organization of a name, its user of an address, and whether the browser is known there.
#[derive(Debug, Clone)]
pub struct Found {
    /// The organization.
    pub organization: OrganizationLogin,
    /// The user.
    pub user: Option<Credentials>,
    /// When this browser last logged into the account, if it has, to the day.
    pub known_since: Option<Moment>,
}

/// What a login compares with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Id.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Status.
    pub status: Status,
    /// The password hash, if there is one.
    pub hash: Option<PasswordHash>,
    /// When the password was set.
    pub password_changed_at: Option<Moment>,
    /// Whether the user has ever logged in.
    pub has_logged_in: bool,
}

type User = ((UserId, String, Status), (Option<String>, Option<Moment>, Option<Moment>));

/// Looks up organization, user and browser in one statement, so that every answer takes equally long.
pub fn find(
    work: &mut Work<'_>,
    organization: &str,
    email: &str,
    browser: &Digest,
) -> Result<Option<Found>, StoreError> {
    let user = users::organization_id.eq(organizations::id).and(users::email.eq(email.to_owned()));
    let known = known_browsers::organization_id
        .eq(organizations::id)
        .and(known_browsers::user_id.nullable().eq(users::id.nullable()))
        .and(known_browsers::token_hash.eq(browser.clone()));
    let row = organizations::table
        .left_join(users::table.on(user))
        .left_join(known_browsers::table.on(known))
        .filter(organizations::name.eq(organization.to_owned()))
        .select((
            (
                organizations::id,
                organizations::state,
                organizations::login_method,
                organizations::two_factor,
                organizations::trial_until,
                organizations::console_access,
            ),
            (
                (users::id, users::name, users::status),
                (users::password_hash, users::password_changed_at, users::last_login_at),
            )
                .nullable(),
            known_browsers::last_seen_at.nullable(),
        ));
    let row: Option<(OrganizationLogin, Option<User>, Option<Moment>)> =
        store::on_engine!(work.conn(), own => row.get_result(own)).optional()?;
    Ok(row.map(|(organization, user, seen)| Found {
        organization,
        user: user.map(Credentials::from),
        known_since: seen,
    }))
}

impl From<User> for Credentials {
    fn from(((id, name, status), (hash, password_changed_at, last_login)): User) -> Self {
        let hash = hash.map(PasswordHash::stored);
        Self { id, name, status, hash, password_changed_at, has_logged_in: last_login.is_some() }
    }
}
