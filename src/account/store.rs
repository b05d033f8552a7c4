//! Queries on one's own account.

use chrono::Duration;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::Profile;
use crate::audit::{Kind, Outcome};
use crate::auth::OwnAccount;
use crate::config;
use crate::factors::authenticator::State;
use crate::i18n::Language;
use crate::store::schema::{audit_events, authenticators, sessions, users};
use crate::store::types::{Moment, OrganizationId, SessionId};
use crate::store::{StoreError, Tx, Work};

/// The profile as stored.
#[derive(Debug, Queryable)]
pub struct StoredProfile {
    /// Name.
    pub name: String,
    /// Nickname.
    pub nickname: Option<String>,
    /// Address; fixed.
    pub email: String,
    /// Language.
    pub language: Language,
    /// Time zone by name.
    pub time_zone: String,
    /// When the password was last set.
    pub password_changed_at: Option<Moment>,
}

/// The caller's profile.
pub fn profile(tx: &mut Tx<'_, OwnAccount>) -> Result<StoredProfile, StoreError> {
    let row = tx.users().filter(users::id.eq(tx.user().clone())).select((
        users::name,
        users::nickname,
        users::email,
        users::language,
        users::time_zone,
        users::password_changed_at,
    ));
    Ok(row.first(tx.conn())?)
}

/// Saves the caller's profile.
pub fn save_profile(tx: &mut Tx<'_, OwnAccount>, profile: &Profile) -> Result<(), StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let row = users::table.filter(users::organization_id.eq(organization)).filter(users::id.eq(user));
    let change = (
        users::name.eq(profile.name.clone()),
        users::nickname.eq(profile.nickname.clone()),
        users::language.eq(profile.language),
        users::time_zone.eq(profile.zone.name()),
        users::time_zone_chosen.eq(true),
    );
    diesel::update(row).set(change).execute(tx.conn())?;
    Ok(())
}

/// Sets the zone that the browser told, unless the user chose one.
pub fn correct_zone(tx: &mut Tx<'_, OwnAccount>, zone: Tz) -> Result<(), StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let row = users::table
        .filter(users::organization_id.eq(organization))
        .filter(users::id.eq(user))
        .filter(users::time_zone_chosen.eq(false));
    diesel::update(row).set(users::time_zone.eq(zone.name())).execute(tx.conn())?;
    Ok(())
}

/// A session in the list.
#[derive(Debug, Queryable)]
pub struct ListedSession {
    /// Handle.
    pub id: SessionId,
    /// Beginning.
    pub created_at: Moment,
    /// Last use.
    pub last_seen_at: Moment,
    /// Address of the login.
    pub address: String,
    /// The browser's own words.
    pub agent: String,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live<'a>(now: Moment, limits: &'a config::Sessions) -> _ {
    let used_since: Moment = now - Duration::minutes(limits.idle_minutes);
    let begun_since: Moment = now - Duration::hours(limits.absolute_hours);
    sessions::last_seen_at.gt(used_since).and(sessions::created_at.gt(begun_since))
}

/// The caller's sessions that still live, the latest used first.
pub fn own_sessions(tx: &mut Tx<'_, OwnAccount>, limits: &config::Sessions) -> Result<Vec<ListedSession>, StoreError> {
    let rows = tx
        .sessions()
        .filter(sessions::user_id.eq(tx.user().clone()))
        .filter(live(tx.now(), limits))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(50)
        .select((sessions::id, sessions::created_at, sessions::last_seen_at, sessions::address, sessions::user_agent));
    Ok(rows.load(tx.conn())?)
}

/// A login of the caller, as the home page shows it.
#[derive(Debug, Queryable)]
pub struct PastLogin {
    /// When.
    pub at: Moment,
    /// How it ended.
    pub outcome: Outcome,
    /// From where.
    pub address: Option<String>,
    /// The browser's own words.
    pub agent: Option<String>,
}

/// What the home page knows of the caller beside their logins.
#[derive(Debug, Default, Clone, Copy, Queryable)]
pub struct Standing {
    /// Sessions that live.
    pub sessions: i64,
    /// Mobile numbers without a proof: one or none.
    pub unverified: i64,
    /// Authenticator apps in force: one or none.
    pub authenticators: i64,
}

/// The caller's last logins, newest first, and how their account stands. In one statement, as the round trips
/// are most of what the home page costs: who has a session has a login on record, as records outlive sessions.
pub fn own_logins(
    tx: &mut Tx<'_, OwnAccount>,
    limit: i64,
    limits: &config::Sessions,
) -> Result<(Vec<PastLogin>, Standing), StoreError> {
    let user = tx.user().clone();
    let mine = tx.sessions().filter(sessions::user_id.eq(user.clone())).filter(live(tx.now(), limits));
    let unverified = tx
        .users()
        .filter(users::id.eq(user.clone()))
        .filter(users::mobile.is_not_null())
        .filter(users::mobile_verified_at.is_null());
    let apps = tx
        .authenticators()
        .filter(authenticators::user_id.eq(user.clone()))
        .filter(authenticators::state.eq(State::InForce));
    let logins = tx
        .audit_events()
        .filter(audit_events::target_id.eq(user.as_str().to_owned()))
        .filter(audit_events::event.eq(Kind::Login))
        .order(audit_events::id.desc())
        .limit(limit)
        .select((
            (audit_events::at, audit_events::result, audit_events::address, audit_events::user_agent),
            (
                mine.count().single_value().assume_not_null(),
                unverified.count().single_value().assume_not_null(),
                apps.count().single_value().assume_not_null(),
            ),
        ));
    let (logins, standings): (Vec<_>, Vec<_>) = logins.load::<(PastLogin, Standing)>(tx.conn())?.into_iter().unzip();
    Ok((logins, standings.first().copied().unwrap_or_default()))
}

/// Ends a session.
pub fn end(work: &mut Work<'_>, organization: &OrganizationId, session: &SessionId) -> Result<(), StoreError> {
    let row = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::id.eq(session.clone()));
    diesel::delete(row).execute(work.conn())?;
    Ok(())
}

/// Ends a session of the caller; `false` when it is not theirs.
pub fn end_own(tx: &mut Tx<'_, OwnAccount>, session: &SessionId) -> Result<bool, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let row = sessions::table
        .filter(sessions::organization_id.eq(organization))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::id.eq(session.clone()));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}

/// Ends all sessions of the caller but the one that asks.
pub fn end_others(tx: &mut Tx<'_, OwnAccount>) -> Result<usize, StoreError> {
    let (organization, user, own) = (tx.organization().clone(), tx.user().clone(), tx.session().clone());
    let rows = sessions::table
        .filter(sessions::organization_id.eq(organization))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::id.ne(own));
    Ok(diesel::delete(rows).execute(tx.conn())?)
}
