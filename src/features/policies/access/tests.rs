use chrono::Duration;

use super::*;
use crate::access::decisions::console_access::{Entry, MOST};
use crate::base::moment::Moment;
use crate::base::problem::Problem;

fn at(minutes: i64) -> Moment {
    Moment::EPOCH + Duration::minutes(minutes)
}

fn entry(address: &str) -> Entry {
    Entry { address: address.parse().unwrap(), description: String::new() }
}

fn list(is_on: bool, addresses: &[&str]) -> ConsoleAccess {
    ConsoleAccess { is_on, entries: addresses.iter().map(|address| entry(address)).collect() }
}

fn user(number: u64) -> UserId {
    crate::base::entropy::FreshId(format!("0195a3c5-0000-7000-8000-{number:012}")).into()
}

/// Shows attack 21.
#[test]
fn a_mapped_address_is_the_one_it_means() {
    let policy = list(true, &["203.0.113.5", "2001:db8::7"]);
    let decide = |from: &str| policy.decide(&from.parse().unwrap(), at(0));
    assert_eq!(decide("203.0.113.5"), Decision::By(0));
    assert_eq!(decide("::ffff:203.0.113.5"), Decision::By(0));
    assert_eq!(decide("2001:db8:0:0::7"), Decision::By(1));
    assert_eq!(decide("203.0.113.6"), Decision::Outside);
    assert_eq!(list(false, &["203.0.113.5"]).decide(&"192.0.2.1".parse().unwrap(), at(0)), Decision::Open);
    assert_eq!(list(true, &[]).decide(&"192.0.2.1".parse().unwrap(), at(0)), Decision::Outside);
}

/// Shows ASVS 2.3.2.
#[test]
fn a_list_holds_twenty_different_addresses() {
    let mut policy = ConsoleAccess::default();
    for last in 1..=20 {
        assert_eq!(policy.register(entry(&format!("192.0.2.{last}"))), Ok(()));
    }
    assert_eq!(policy.register(entry("192.0.2.21")), Err(Problem::TooManyAddresses));
    assert_eq!(policy.register(entry("192.0.2.20")), Err(Problem::AddressListed));
    assert_eq!(policy.entries.len(), MOST);
}

#[test]
fn what_is_stored_reads_the_same() {
    let mut policy = list(true, &["203.0.113.5", "2001:db8::7"]);
    policy.entries[0].description = "Office \"north\"".to_owned();
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(ConsoleAccess::stored(Some(&json)).unwrap(), policy);
    assert_eq!(ConsoleAccess::stored(None).unwrap(), ConsoleAccess::default());
    assert!(ConsoleAccess::stored(Some("{}")).is_err());
}

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// One of few addresses, in one of their spellings.
    fn address(&mut self) -> IpAddr {
        let last = self.roll(8) as u8;
        match self.roll(3) {
            0 => IpAddr::from([192, 0, 2, last]),
            1 => IpAddr::from(std::net::Ipv4Addr::new(192, 0, 2, last).to_ipv6_mapped().octets()),
            _ => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)]),
        }
    }
}

/// Whether an address is in a list, written down again as simply as can be: by its text.
fn naive(policy: &ConsoleAccess, from: IpAddr) -> bool {
    let plain = |address: IpAddr| address.to_string().trim_start_matches("::ffff:").to_owned();
    !policy.is_on || policy.entries.iter().any(|entry| plain(entry.address) == plain(from))
}

#[test]
fn the_decision_is_that_of_a_naive_model() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..5_000 {
        let mut policy = ConsoleAccess { is_on: dice.roll(4) > 0, entries: Vec::new() };
        for _ in 0..dice.roll(6) {
            let address = dice.address().to_canonical();
            let known = policy.entries.iter().any(|entry| entry.address == address);
            assert_eq!(policy.register(Entry { address, description: String::new() }).is_ok(), !known);
        }
        let from = dice.address();
        let gets_in = policy.decide(&from, at(0)) != Decision::Outside;
        assert_eq!(gets_in, naive(&policy, from), "{from} and {policy:?}");
    }
}

#[test]
fn a_preview_never_says_anything_else_than_what_happens() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..1_000 {
        let mut policy = ConsoleAccess { is_on: dice.roll(4) > 0, entries: Vec::new() };
        for _ in 0..dice.roll(6) {
            policy.register(Entry { address: dice.address().to_canonical(), description: String::new() }).ok();
        }
        let mut uses: Vec<Use> = Vec::new();
        for _ in 0..dice.roll(30) {
            let of = Use {
                user: user(dice.roll(5)),
                address: dice.address().to_canonical(),
                at: at(dice.roll(1000) as i64),
                lives: dice.roll(2) == 0,
            };
            if !uses.iter().any(|other| (&other.user, other.address) == (&of.user, of.address)) {
                uses.push(of);
            }
        }
        let own = dice.address();
        let seen = preview(&policy, &uses, own, at(1000));
        let refused = |of: &&Use| !naive(&policy, of.address);
        let hit: std::collections::BTreeSet<&UserId> = uses.iter().filter(refused).map(|of| &of.user).collect();
        assert_eq!(seen.affected.iter().map(|one| &one.user).collect::<std::collections::BTreeSet<_>>(), hit);
        assert_eq!(seen.sessions, uses.iter().filter(refused).filter(|of| of.lives).count());
        assert_eq!(seen.own == Decision::Outside, !naive(&policy, own));
        for one in &seen.affected {
            let mine = || uses.iter().filter(|of| of.user == one.user);
            assert_eq!(one.gets_in_elsewhere, mine().any(|of| naive(&policy, of.address)));
            assert_eq!(Some(one.at), mine().filter(refused).map(|of| of.at).max());
        }
        assert_eq!(seen.seen.iter().map(|seen| seen.people).sum::<usize>(), uses.len());
        assert!(seen.affected.is_sorted_by(|a, b| a.at >= b.at) && seen.seen.is_sorted_by(|a, b| a.people >= b.people));
    }
}

/// Every way in asks this one function.
#[test]
fn an_unknown_client_address_is_outside_at_every_way_in() {
    assert!(list(true, &["203.0.113.5"]).keeps_out(None, at(0)) && !list(false, &[]).keeps_out(None, at(0)));
    let policy = list(true, &["203.0.113.5"]);
    assert!(!policy.keeps_out("203.0.113.5".parse().ok(), at(0)));
    assert!(policy.keeps_out("192.0.2.1".parse().ok(), at(0)));
}
