//! Queries on console access control, and on where people came from.

use std::collections::HashMap;
use std::net::IpAddr;

use diesel::prelude::*;

use super::{LOOKS_BACK, Use};
use crate::access::decisions::console_access::ConsoleAccess;
use crate::access::live;
use crate::base::ids::{EventId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::config::Sessions;
use crate::platform::events::{Kind, Outcome};
use crate::platform::store::schema::{audit_events, organizations, owner_recovery_codes, sessions, users};
use crate::platform::store::{StoreError, Work};

/// Logins that a preview looks at: the latest ones.
pub const LOGINS: i64 = 5_000;
/// Sessions that a preview looks at: those that were used last.
const SESSIONS: i64 = 5_000;
/// Refusals that `check` looks at: the latest ones of all organizations.
const REFUSALS: i64 = 10_000;

/// The policy in force.
pub fn policy(work: &mut Work<'_>, organization: &OrganizationId) -> Result<ConsoleAccess, StoreError> {
    let row = organizations::table.find(organization.clone()).select(organizations::console_access);
    let stored: Option<String> = row.first(work.conn())?;
    ConsoleAccess::stored(stored.as_deref())
}

/// How many recovery codes the owner has left: with one, the list can be changed from any address.
pub(crate) fn owner_codes(work: &mut Work<'_>, organization: &OrganizationId) -> Result<i64, StoreError> {
    let rows = owner_recovery_codes::table
        .filter(owner_recovery_codes::organization_id.eq(organization.clone()))
        .filter(owner_recovery_codes::used_at.is_null());
    Ok(rows.count().get_result(work.conn())?)
}

/// Puts a policy in force.
pub(super) fn set(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    policy: &ConsoleAccess,
) -> Result<(), StoreError> {
    let json = serde_json::to_string(policy)
        .map_err(|_| StoreError::Unreadable("a list of addresses that cannot be written as JSON"))?;
    let row = organizations::table.find(organization.clone());
    diesel::update(row).set(organizations::console_access.eq(Some(json))).execute(work.conn())?;
    Ok(())
}

/// Where people came from in the last days, one entry for each user and address: the latest logins, and the sessions that
/// were used last, where they were.
pub(crate) fn uses(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    limits: &Sessions,
) -> Result<Vec<Use>, StoreError> {
    let now = work.now();
    let since = now - LOOKS_BACK;
    let logins = audit_events::table
        .filter(audit_events::organization_id.eq(organization.clone()))
        .filter(audit_events::event.eq(Kind::Login))
        .filter(audit_events::id.ge(EventId::beginning(since)))
        .filter(audit_events::result.eq(Outcome::Done))
        .order(audit_events::id.desc())
        .limit(LOGINS)
        .select((audit_events::actor_id, audit_events::address, audit_events::at));
    let logins: Vec<(Option<String>, Option<String>, Moment)> = logins.load(work.conn())?;
    let open = sessions::table
        .filter(sessions::organization_id.eq(organization.clone()))
        .filter(live(now, limits))
        .order(sessions::last_seen_at.desc())
        .limit(SESSIONS)
        .select((sessions::user_id, sessions::address, sessions::last_seen_at));
    let open: Vec<(UserId, String, Moment)> = open.load(work.conn())?;
    let mut found: HashMap<(String, IpAddr), (Moment, bool)> = HashMap::new();
    let mut add = |user: String, address: &str, at: Moment, lives: bool| {
        let Ok(address) = address.parse::<IpAddr>() else { return };
        let seen = found.entry((user, address.to_canonical())).or_insert((at, lives));
        *seen = (seen.0.max(at), seen.1 || lives);
    };
    for (user, address, at) in logins {
        if let (Some(user), Some(address)) = (user, address) {
            add(user, &address, at, false);
        }
    }
    for (user, address, at) in open {
        add(user.to_string(), &address, at, true);
    }
    let known = people(work, organization, found.keys().map(|(user, _)| user.clone()).collect())?;
    let of = |((user, address), (at, lives)): ((String, IpAddr), (Moment, bool))| {
        // Whoever was deleted since is not touched by any list.
        let (user, _) = known.get(&user)?;
        Some(Use { user: user.clone(), address, at, lives })
    };
    Ok(found.into_iter().filter_map(of).collect())
}

/// A user with name and address.
type Named = (UserId, (String, String));

/// Of some users those that are there, by their ids, each with name and address.
fn people(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    ids: Vec<String>,
) -> Result<HashMap<String, Named>, StoreError> {
    const TOGETHER: usize = 500;
    let mut known = HashMap::new();
    for some in ids.chunks(TOGETHER) {
        let rows = users::table
            .filter(users::organization_id.eq(organization.clone()))
            .filter(users::id.eq_any(some.to_vec()))
            .select((users::id, users::name, users::email));
        let rows: Vec<(UserId, String, String)> = rows.load(work.conn())?;
        known.extend(rows.into_iter().map(|(id, name, email)| (id.to_string(), (id, (name, email)))));
    }
    Ok(known)
}

/// Name and address of some users, in their order; what is gone is left out.
pub(crate) fn names(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    ids: &[UserId],
) -> Result<HashMap<UserId, (String, String)>, StoreError> {
    let known = people(work, organization, ids.iter().map(ToString::to_string).collect())?;
    Ok(known.into_values().collect())
}

/// When a change of a list was last refused because it came through a proxy that nobody configured, in any organization.
pub fn unknown_proxy(work: &mut Work<'_>) -> Result<Option<Moment>, StoreError> {
    let since = EventId::beginning(work.now() - LOOKS_BACK);
    let rows = audit_events::table
        .filter(audit_events::id.ge(since))
        .filter(audit_events::result.eq(Outcome::Refused))
        .filter(audit_events::reason.is_not_null())
        .order(audit_events::id.desc())
        .limit(REFUSALS)
        .select((audit_events::reason, audit_events::at));
    let rows: Vec<(Option<String>, Moment)> = rows.load(work.conn())?;
    Ok(rows.into_iter().find(|(reason, _)| reason.as_deref() == Some("unknown_proxy")).map(|(_, at)| at))
}
