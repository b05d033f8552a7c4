//! Queries of logins: who logs in, browsers that have been seen, the last login.

use chrono::Duration;
use diesel::dsl;
use diesel::prelude::*;

use crate::access::decisions::session;
use crate::base::digest::Digest;
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::platform::store::schema::{known_browsers, organizations, users};
use crate::platform::store::{self, StoreError, Work};
use crate::platform::throttle::LoginThrottle;

/// Whether a browser has logged into an account before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    /// It has; last then, to the day.
    Since(Moment),
    /// It came with a secret that this account does not know.
    Stranger,
    /// Its secret was drawn in this transaction, so nobody else can be remembering it.
    New,
}

impl Acquaintance {
    /// Of the secret that a browser brought, if it did, and of what is known of it.
    pub fn of(brought: Option<&Token>, known_since: Option<Moment>) -> Self {
        match (brought, known_since) {
            (_, Some(seen)) => Self::Since(seen),
            (Some(_), None) => Self::Stranger,
            (None, None) => Self::New,
        }
    }
}

/// Remembers a browser that has logged in; a use is noted once a day.
pub fn remember_browser(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    browser: &Digest,
    acquaintance: Acquaintance,
) -> Result<(), StoreError> {
    let now = work.now();
    if let Acquaintance::Since(seen) = acquaintance {
        if now.since(seen) >= Duration::days(1) {
            let row = known_browsers::table.find((organization.clone(), user.clone(), browser.clone()));
            diesel::update(row).set(known_browsers::last_seen_at.eq(now)).execute(work.conn())?;
        }
        return Ok(());
    }
    let values = (
        known_browsers::token_hash.eq(browser.clone()),
        known_browsers::organization_id.eq(organization.clone()),
        known_browsers::user_id.eq(user.clone()),
        known_browsers::first_seen_at.eq(now),
        known_browsers::last_seen_at.eq(now),
    );
    let new = diesel::insert_into(known_browsers::table).values(values);
    if acquaintance == Acquaintance::New {
        store::on_engine!(work.conn(), own => new.execute(own))?;
        return Ok(());
    }
    match work.savepoint(|connection| new.execute(connection)) {
        Ok(_) => Ok(()),
        // Two logins of one browser at once: the other one remembered it.
        Err(error) if error.is_duplicate() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Lets a user in whose password was right, and notes the login unless a second factor is still to come: one conditional
/// statement, so that a deactivation, a new password, a suspension or a lock that came while the password was verified
/// keeps them out, and so does a provider that was put in force. `false` when it did. A password is known by when it was
/// set: its hash may be another one meanwhile, when another login renewed it. Either way the user's row is held until the
/// transaction ends.
pub fn admit(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    password_set: Option<Moment>,
    throttle: &LoginThrottle,
    is_whole: bool,
) -> Result<bool, StoreError> {
    let now = work.now();
    let open = organizations::table
        .find(organization.clone())
        .filter(session::is_open())
        .filter(organizations::login_method.eq(LoginMethod::CloudAccount));
    let mine = users::organization_id
        .eq(organization.clone())
        .and(users::id.eq(user.clone()))
        .and(session::is_active())
        .and(users::password_changed_at.eq(password_set))
        .and(dsl::exists(open))
        .and(dsl::not(dsl::exists(throttle.locks(now))));
    let admitted = match is_whole {
        true => {
            let noted = store::update(users::table, users::last_login_at.eq(Some(now)), mine);
            store::on_engine!(work.conn(), own => noted.execute(own))?
        }
        false => {
            let held = store::update(users::table, users::last_login_at.eq(users::last_login_at), mine);
            store::on_engine!(work.conn(), own => held.execute(own))?
        }
    };
    Ok(admitted == 1)
}
