//! Console access control (product.md section 8): single addresses from which the console is open, asked on every request.

pub mod address;
pub mod pages;
pub mod store;

use std::net::IpAddr;

use chrono::Duration;

use super::Policy;
use super::versions::{self, Saved};
use crate::access::decisions::Decides;
use crate::access::decisions::console_access::{ConsoleAccess, Decision};
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::features::audit::{Event, Kind, Reason};
use crate::features::policies::steward::{Steward, Told};
use crate::platform::config::Sessions;
use crate::platform::store::{OpenTx, Recorded, StoreError, Work};

/// How far back a preview looks.
pub const LOOKS_BACK: Duration = Duration::days(30);

/// That somebody used an address: a login, or a session where it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Who.
    pub user: UserId,
    /// From where.
    pub address: IpAddr,
    /// When last.
    pub at: Moment,
    /// Whether it is a session that lives.
    pub lives: bool,
}

/// What the list would have done to somebody in the last days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Who.
    pub user: UserId,
    /// The address outside the list that they used last.
    pub address: IpAddr,
    /// When.
    pub at: Moment,
    /// Whether another address of theirs gets in.
    pub gets_in_elsewhere: bool,
}

/// An address that people used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub address: IpAddr,
    /// By how many people.
    pub people: usize,
    /// When last.
    pub at: Moment,
}

/// What a list would do, from what people did in the last days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// People who used any address.
    pub people: usize,
    /// Those of them who used one that the list leaves out, the latest first.
    pub affected: Vec<Affected>,
    /// Sessions that would be refused at their next request.
    pub sessions: usize,
    /// What is decided about the reader's own address.
    pub own: Decision,
    /// Addresses that were used, those of most people first.
    pub seen: Vec<Seen>,
}

/// Works a preview out, by asking the list about each use. `uses` has one entry for each user and address.
pub fn preview(policy: &ConsoleAccess, uses: &[Use], own: IpAddr, now: Moment) -> Preview {
    use std::collections::BTreeMap;
    let refused = |of: &Use| policy.decide(&of.address, now) == Decision::Outside;
    let mut people: BTreeMap<&UserId, (Option<&Use>, bool)> = BTreeMap::new();
    let mut seen: BTreeMap<IpAddr, Seen> = BTreeMap::new();
    for of in uses {
        let (latest, gets_in) = people.entry(&of.user).or_default();
        match refused(of) {
            true if latest.is_none_or(|latest| latest.at < of.at) => *latest = Some(of),
            true => {}
            false => *gets_in = true,
        }
        let seen = seen.entry(of.address).or_insert(Seen { address: of.address, people: 0, at: of.at });
        seen.people += 1;
        seen.at = seen.at.max(of.at);
    }
    let affected = |(user, (latest, gets_in)): (&&UserId, &(Option<&Use>, bool))| {
        let of = (*latest)?;
        Some(Affected { user: (*user).clone(), address: of.address, at: of.at, gets_in_elsewhere: *gets_in })
    };
    let mut affected: Vec<Affected> = people.iter().filter_map(affected).collect();
    affected.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.user.cmp(&b.user)));
    let mut seen: Vec<Seen> = seen.into_values().collect();
    seen.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| b.at.cmp(&a.at)));
    let sessions = uses.iter().filter(|of| of.lives && refused(of)).count();
    Preview { people: people.len(), affected, sessions, own: policy.decide(&own, now), seen }
}

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

/// Whether a list lets its author in by single IPv6 addresses alone: computers change them within a day, and the same
/// connection may come by IPv4.
pub fn relies_on_ipv6(list: &ConsoleAccess, uses: &[Use], author: &UserId, own: IpAddr, now: Moment) -> bool {
    let is_let_in = |address: &IpAddr| list.decide(address, now) != Decision::Outside;
    let by_ipv4 = uses.iter().any(|of| of.user == *author && of.address.is_ipv4() && is_let_in(&of.address));
    list.is_on && own.is_ipv6() && is_let_in(&own) && !by_ipv4
}

/// Saves a list, or switches it off, for all users at their next request. `is_meant` says that its author may lose
/// access with an IPv6 address and has another way to log in.
pub fn save(
    work: &mut Work<'_>,
    steward: &Steward,
    wanted: &ConsoleAccess,
    version: i64,
    from: Standpoint,
    (is_meant, limits): (bool, &Sessions),
) -> Result<Told<Saved>, StoreError> {
    let (organization, now) = (&steward.organization, work.now());
    let refused = |reason, saved| Ok((Some(Event::refused(Kind::ConsoleAccessChanged, reason)), saved));
    let before = store::policy(work, organization)?;
    if versions::is_older(work, organization, Policy::ConsoleAccess, version)? {
        return refused(Reason::OlderVersion, Saved::Older);
    }
    if before == *wanted {
        return Ok((None, Saved::Same));
    }
    if let (true, Some(_)) = (wanted.is_on, from.shared) {
        return refused(Reason::UnknownProxy, Saved::UnknownProxy);
    }
    if wanted.decide(&from.address, now) == Decision::Outside {
        return refused(Reason::OwnAddress, Saved::OwnAddress);
    }
    let uses = store::uses(work, organization, limits)?;
    if relies_on_ipv6(wanted, &uses, &steward.user, from.address, now) {
        if store::owner_codes(work, organization)? == 0 {
            return refused(Reason::NoWayBack, Saved::NoWayBack);
        }
        if !is_meant {
            return refused(Reason::NotMeant, Saved::NotMeant);
        }
    }
    store::set(work, organization, wanted)?;
    let by = (steward.user.clone(), steward.name.clone());
    versions::note(work, organization, Policy::ConsoleAccess, Some(&by), &before, wanted)?;
    tell(work, organization, &before, wanted, Some(&steward.user))?;
    let event = Event::done(Kind::ConsoleAccessChanged)
        .changed("console_access", before.describe(), wanted.describe())
        .with("repair", steward.repairs);
    Ok((Some(event), Saved::InForce))
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

#[cfg(test)]
mod tests;
