//! Console access control (docs/rules.md section 8): single addresses from which the console is open, asked on every request.

pub mod address;
pub mod pages;
mod store;

pub use preview::{Affected, LOOKS_BACK, Preview, Seen, Use, preview, relies_on_ipv6};
pub(crate) use store::{names, owner_codes, uses};
pub use store::{policy, unknown_proxy};

use std::net::IpAddr;

use super::Policy;
use super::versions::{self, Saved};
use crate::access::decisions::Decides;
use crate::access::decisions::console_access::{ConsoleAccess, Decision};
use crate::base::ids::{OrganizationId, UserId};
use crate::features::policies::settings_caller::SettingsCaller;
use crate::platform::config::Sessions;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{OpenTx, PersonTx, Recorded, StoreError, Work};

/// Where a change comes from, as far as the list is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Standpoint {
    /// The address that the server sees.
    pub address: IpAddr,
    /// Why everybody shares this address, where they do.
    pub shared: Option<Shared>,
}

/// Why an address is not the client's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// The request came through a proxy that is not configured.
    UnknownProxy,
    /// A configured proxy names no client in the header that is read.
    SilentProxy,
}

/// Saves a list, or switches it off, for all users at their next request. `is_meant` says that its author may lose
/// access with an IPv6 address and has another way to log in.
pub fn save(
    tx: &mut PersonTx<'_, '_>,
    caller: &SettingsCaller,
    wanted: &ConsoleAccess,
    version: i64,
    from: Standpoint,
    (is_meant, limits): (bool, &Sessions),
) -> Result<Recorded<Saved>, StoreError> {
    let (organization, now) = (&caller.organization, tx.now());
    let refused = |reason| Event::refused(Kind::ConsoleAccessChanged, reason);
    let before = store::policy(tx, organization)?;
    if versions::is_older(tx, organization, Policy::ConsoleAccess, version)? {
        return tx.record(refused(Reason::OlderVersion), Saved::Older);
    }
    if before == *wanted {
        return Ok(tx.unrecorded("the list was the same", Saved::Same));
    }
    if let (true, Some(_)) = (wanted.is_on, from.shared) {
        return tx.record(refused(Reason::UnknownProxy), Saved::UnknownProxy);
    }
    if wanted.decide(&from.address, now) == Decision::Outside {
        return tx.record(refused(Reason::OwnAddress), Saved::OwnAddress);
    }
    let uses = store::uses(tx, organization, limits)?;
    if relies_on_ipv6(wanted, &uses, &caller.user, from.address, now) {
        if store::owner_codes(tx, organization)? == 0 {
            return tx.record(refused(Reason::NoWayBack), Saved::NoWayBack);
        }
        if !is_meant {
            return tx.record(refused(Reason::NotMeant), Saved::NotMeant);
        }
    }
    store::set(tx, organization, wanted)?;
    let by = (caller.user.clone(), caller.name.clone());
    versions::note(tx, organization, Policy::ConsoleAccess, Some(&by), &before, wanted)?;
    tell(tx, organization, &before, wanted, Some(&caller.user))?;
    let event = Event::done(Kind::ConsoleAccessChanged)
        .changed("console_access", before.describe(), wanted.describe())
        .with("repair", caller.repairs());
    tx.record(event, Saved::InForce)
}

/// Switches the control off by the operator; the list is kept. `false` when it was off.
pub fn turn_off_by_operator(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    name: &str,
) -> Result<Recorded<bool>, StoreError> {
    tx.touch(organization)?;
    let before = store::policy(tx, organization)?;
    if !before.is_on {
        return Ok(tx.unrecorded("the control was off", false));
    }
    let after = ConsoleAccess { is_on: false, ..before.clone() };
    store::set(tx, organization, &after)?;
    versions::note(tx, organization, Policy::ConsoleAccess, None, &before, &after)?;
    tell(tx, organization, &before, &after, None)?;
    let event = Event::done(Kind::ConsoleAccessChanged)
        .changed("console_access", before.describe(), after.describe())
        .within(organization)
        .on("organization", organization, name);
    tx.record(event, true)
}

fn tell(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    before: &ConsoleAccess,
    after: &ConsoleAccess,
    by: Option<&UserId>,
) -> Result<(), StoreError> {
    let count = i64::try_from(after.entries.len()).ok();
    let news = match (before.is_on, after.is_on) {
        (false, true) => (crate::platform::mail::Policy::AccessOn, count),
        (true, true) => (crate::platform::mail::Policy::AccessChanged, count),
        (_, false) => (crate::platform::mail::Policy::AccessOff, None),
    };
    // A list that does not count may change without anybody being told.
    if before.is_on || after.is_on {
        versions::tell(work, organization, news, by)?;
    }
    Ok(())
}

mod preview;
#[cfg(test)]
mod tests;
