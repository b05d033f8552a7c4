//! What a list of IP addresses would do, from what people did in the last days.

use std::net::IpAddr;

use chrono::Duration;

use crate::access::decisions::Decides;
use crate::access::decisions::console_access::{ConsoleAccess, Decision};
use crate::base::ids::UserId;
use crate::base::moment::Moment;

/// How far back a preview looks.
pub const LOOKS_BACK: Duration = Duration::days(30);

/// That a user used an address: a login, or a session where it was last seen.
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

/// What the list would have done to a user in the last days.
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

/// Whether a list lets its author in by single IPv6 addresses alone: computers change them within a day, and the same
/// connection may come by IPv4.
pub fn relies_on_ipv6(list: &ConsoleAccess, uses: &[Use], author: &UserId, own: IpAddr, now: Moment) -> bool {
    let is_let_in = |address: &IpAddr| list.decide(address, now) != Decision::Outside;
    let by_ipv4 = uses.iter().any(|of| of.user == *author && of.address.is_ipv4() && is_let_in(&of.address));
    list.is_on && own.is_ipv6() && is_let_in(&own) && !by_ipv4
}
