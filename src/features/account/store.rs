//! Queries on one's own account.

use crate::access::live;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::Profile;
use crate::access::OwnAccount;
use crate::base::entropy::Token;
use crate::base::i18n::Language;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::base::person::PersonName;
use crate::features::factors::authenticator::State;
use crate::features::users::listed_as;
use crate::platform::config;
use crate::platform::events::{Kind, Outcome};
use crate::platform::store::schema::{
    audit_events, authenticators, logins_in_progress, project_members, sessions, users,
};
use crate::platform::store::{self, StoreError, Tx, Work};

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
    let nickname = profile.nickname.as_ref().map(PersonName::as_str);
    let listed_as = listed_as(profile.name.as_str(), nickname, &user);
    let row = users::table.filter(users::organization_id.eq(organization)).filter(users::id.eq(user));
    let change = (
        users::listed_as.eq(listed_as),
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
    /// The stable word of what kept it out.
    pub reason: Option<String>,
}

/// What the home page tells of one's own account.
#[derive(Debug, Default)]
pub struct HomeSummary {
    /// The last logins, newest first.
    pub logins: Vec<PastLogin>,
    /// How many sessions live.
    pub sessions: i64,
    /// In how many projects the user has a role.
    pub projects: i64,
    /// Authenticator apps in force: one or none.
    pub authenticators: i64,
}

/// The caller's last logins, how many sessions of theirs live, in how many projects they have a role and whether there
/// is an authenticator app. In one statement, as the round trips are most of what the home page costs: who has a session
/// has a login on record, as records outlive sessions.
pub fn home_summary(
    tx: &mut Tx<'_, OwnAccount>,
    limit: i64,
    limits: &config::Sessions,
) -> Result<HomeSummary, StoreError> {
    let user = tx.user().clone();
    let mine = tx.sessions().filter(sessions::user_id.eq(user.clone())).filter(live(tx.now(), limits));
    let roles = tx.project_members().filter(project_members::user_id.eq(user.clone()));
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
            (
                audit_events::at,
                audit_events::result,
                audit_events::address,
                audit_events::user_agent,
                audit_events::reason,
            ),
            mine.count().single_value().assume_not_null(),
            roles.count().single_value().assume_not_null(),
            apps.count().single_value().assume_not_null(),
        ));
    let mut seen = HomeSummary::default();
    let rows: Vec<(PastLogin, i64, i64, i64)> = store::on_engine!(tx.conn(), own => logins.load(own))?;
    for (login, sessions, projects, authenticators) in rows {
        seen.logins.push(login);
        (seen.sessions, seen.projects, seen.authenticators) = (sessions, projects, authenticators);
    }
    Ok(seen)
}

/// Ends a session.
pub fn end(work: &mut Work<'_>, organization: &OrganizationId, session: &SessionId) -> Result<(), StoreError> {
    take(work, organization, session).map(drop)
}

/// Ends a session; `false` when it had ended.
pub fn take(work: &mut Work<'_>, organization: &OrganizationId, session: &SessionId) -> Result<bool, StoreError> {
    let row = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::id.eq(session.clone()));
    Ok(diesel::delete(row).execute(work.conn())? == 1)
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

/// Ends the logins of a user that wait for their second factor.
pub(super) fn end_pending(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<(), StoreError> {
    let pending = logins_in_progress::table
        .filter(logins_in_progress::organization_id.eq(organization.clone()))
        .filter(logins_in_progress::user_id.eq(user.clone()));
    diesel::delete(pending).execute(work.conn())?;
    Ok(())
}

/// Ends all sessions of a user but a new one, and logins that wait for their second factor.
pub(super) fn end_all_but(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    heir: &Token,
) -> Result<(), StoreError> {
    end_pending(work, organization, user)?;
    let rows = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(sessions::user_id.eq(user.clone()))
        .filter(sessions::token_hash.ne(heir.digest()));
    diesel::delete(rows).execute(work.conn())?;
    Ok(())
}

/// Ends all sessions of the caller but the one that asks, and logins that wait for their second factor.
pub fn end_others(tx: &mut Tx<'_, OwnAccount>) -> Result<usize, StoreError> {
    let (organization, user, own) = (tx.organization().clone(), tx.user().clone(), tx.session().clone());
    end_pending(tx, &organization, &user)?;
    let rows = sessions::table
        .filter(sessions::organization_id.eq(organization))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::id.ne(own));
    Ok(diesel::delete(rows).execute(tx.conn())?)
}
