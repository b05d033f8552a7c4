//! Single addresses as people type them (docs/rules.md section 8): strictly, and what is refused is refused in words.

use std::net::IpAddr;

use crate::base::characters::repeated;
use crate::base::problem::{Problem, about};
use crate::base::text::typed;

/// Reads one IPv4 address (a.b.c.d) or IPv6 address. A mapped address is the IPv4 address that it means; brackets and a
/// mask that leaves one address mean the address. Nothing else is taken: no mask or range of several, no port, zone or
/// name, no octal, hexadecimal or short forms.
pub fn parse(typed: &str) -> Result<IpAddr, Problem> {
    let plain = typed::plain(typed);
    let plain = typed::bare(&plain);
    if plain.contains("://") {
        return Err(in_a_web_address(plain));
    }
    let single = match plain.rsplit_once('/') {
        Some((address, "32")) if !address.contains(':') => address,
        Some((address, "128")) if address.contains(':') => address,
        _ => plain,
    };
    let typed = single
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .filter(|_| single.contains(':'))
        .unwrap_or(single);
    if typed.is_empty() {
        return Err(Problem::Missing);
    }
    if is_of_several(typed) {
        return Err(about(Problem::NotASingleAddress, typed));
    }
    if typed.contains('%') {
        return Err(Problem::AddressWithZone);
    }
    if typed.starts_with('[') || typed.parse::<std::net::SocketAddr>().is_ok() {
        return Err(about(Problem::AddressWithPort, typed));
    }
    let address = typed.parse::<IpAddr>().map_err(|_| about(Problem::NotAnAddress, typed))?.to_canonical();
    match is_anybody(address) {
        true => Ok(address),
        false => Err(Problem::NobodysAddress),
    }
}

/// A web address, with the IP address in it to be entered instead.
fn in_a_web_address(plain: &str) -> Problem {
    let url = url::Url::parse(plain).ok();
    let address = url.as_ref().and_then(|url| match url.host()? {
        url::Host::Ipv4(address) => Some(IpAddr::V4(address)),
        url::Host::Ipv6(address) => Some(IpAddr::V6(address)),
        url::Host::Domain(_) => None,
    });
    match address {
        Some(address) => Problem::AddressInAWebAddress(repeated(plain), address.to_string()),
        None => about(Problem::NotAnAddress, plain),
    }
}

/// Whether it is a mask or a range: something behind a slash, or joined by what stands for several, and nothing in it that
/// addresses are not written with.
fn is_of_several(typed: &str) -> bool {
    let is_written = typed.chars().all(|c| c.is_ascii_hexdigit() || "./:*-~ ".contains(c));
    let has_mask = typed.split_once('/').is_some_and(|(_, mask)| !mask.trim().is_empty());
    is_written && (has_mask || typed.contains(['*', '-', '~']))
}

/// Whether somebody can come from an address: not from the unspecified one, nor from those that go to many.
fn is_anybody(address: IpAddr) -> bool {
    let everybody = match address {
        IpAddr::V4(address) => address.is_broadcast() || address.octets()[0] == 0,
        IpAddr::V6(_) => false,
    };
    !(everybody || address.is_unspecified() || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_addresses_are_read_as_they_mean() {
        for (typed, meant) in [
            ("203.0.113.5", "203.0.113.5"),
            (" 203.0.113.5 ", "203.0.113.5"),
            ("203.0.113.5\t", "203.0.113.5"),
            ("\u{a0}203.0.113.5\r\n", "203.0.113.5"),
            ("２０３.０.１１３.５", "203.0.113.5"),
            ("203。0。113。5", "203.0.113.5"),
            ("٢٠٣.٠.١١٣.٥", "203.0.113.5"),
            ("203.0.113.5/32", "203.0.113.5"),
            ("203.0.113.5;", "203.0.113.5"),
            ("203.0.113.5，", "203.0.113.5"),
            ("\"203.0.113.5\".", "203.0.113.5"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7/128", "2001:db8::7"),
            ("\u{200e}2001：db8：：7", "2001:db8::7"),
            ("10.0.0.1", "10.0.0.1"),
            ("127.0.0.1", "127.0.0.1"),
            ("::ffff:203.0.113.5", "203.0.113.5"),
            ("::FFFF:cb00:7105", "203.0.113.5"),
            ("2001:db8::7", "2001:db8::7"),
            ("2001:DB8:0:0:0:0:0:7", "2001:db8::7"),
            ("::1", "::1"),
        ] {
            assert_eq!(parse(typed).map(|address| address.to_string()).as_deref(), Ok(meant), "{typed}");
        }
    }

    /// Shows attack 21.
    #[test]
    fn everything_else_is_refused_in_words() {
        type Complaint = fn(String) -> Problem;
        let corpus: &[(Complaint, &[&str])] = &[
            (|_| Problem::Missing, &["", " ", "   "]),
            (
                Problem::NotASingleAddress,
                &[
                    "203.0.113.0/24",
                    "2001:db8::/64",
                    "203.0.113.*",
                    "203.0.113.1-203.0.113.9",
                    "203.0.113.1-9",
                    "203.0.113.1～203.0.113.9",
                    "*",
                    "203.0.113.5 / 255.255.255.0",
                ],
            ),
            (|_| Problem::AddressWithZone, &["fe80::1%eth0", "fe80::1%1", "203.0.113.5%1"]),
            (Problem::AddressWithPort, &["203.0.113.5:443", "[2001:db8::7]:443", "[203.0.113.5]"]),
            (
                Problem::NotAnAddress,
                &[
                    "203.0.113.005",
                    "0203.0.113.5",
                    "0313.0.0161.5",
                    "0xcb.0.0x71.5",
                    "0xcb007105",
                    "3405803781",
                    "203.0.28933",
                    "203.7",
                    "203.0.113",
                    ".203.0.113.5",
                    "203.0.113.256",
                    "203.0.113.5 203.0.113.6",
                    "203.0.113.5,203.0.113.6",
                    "203 .0.113.5",
                    "203.0.113.5\0",
                    "office.example.com",
                    "office-1.example.com",
                    "https://office.example.com/",
                    "203.0.113.5/",
                    "203.0.113.5/office",
                    "localhost",
                    "2001:db8:::7",
                    "2001:db8::7::1",
                    "2001:db8:0:0:0:0:0:0:7",
                    "2001:0db8:00000::7",
                    "g001::1",
                    "::ffff:203.0.113",
                    "+203.0.113.5",
                ],
            ),
            (
                |_| Problem::NobodysAddress,
                &[
                    "0.0.0.0",
                    "0.1.2.3",
                    "::",
                    "255.255.255.255",
                    "224.0.0.1",
                    "ff02::1",
                    "::ffff:0.0.0.0",
                    "::ffff:224.0.0.1",
                ],
            ),
        ];
        for (problem, typed) in corpus {
            for typed in *typed {
                let read = crate::base::characters::repeated(&typed::plain(typed));
                assert_eq!(parse(typed), Err(problem(read)), "{typed:?}");
            }
        }
    }

    #[test]
    fn of_a_web_address_the_complaint_names_the_address_to_enter() {
        for (typed, address) in [
            ("http://203.0.113.5/", "203.0.113.5"),
            ("https://203.0.113.5:8443/a?b=c", "203.0.113.5"),
            ("ｈｔｔｐ：／／２０３.０.１１３.５", "203.0.113.5"),
            ("http://[2001:DB8::7]/", "2001:db8::7"),
        ] {
            let problem = Problem::AddressInAWebAddress(repeated(&typed::plain(typed)), address.to_owned());
            assert_eq!(parse(typed), Err(problem), "{typed}");
        }
    }

    #[test]
    fn what_is_read_is_written_so_that_it_reads_the_same() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..20_000 {
            let (high, low) = (next(), next());
            let address = match high % 3 {
                0 => IpAddr::from((low as u32).to_be_bytes()),
                1 => IpAddr::from(((u128::from(high) << 64) | u128::from(low)).to_be_bytes()),
                _ => IpAddr::from((0xffff_0000_0000_u128 | u128::from(low as u32)).to_be_bytes()),
            };
            let read = parse(&address.to_string());
            assert_eq!(read.is_ok(), is_anybody(address.to_canonical()), "{address}");
            if let Ok(read) = read {
                assert_eq!(read, address.to_canonical());
                assert_eq!(parse(&read.to_string()), Ok(read));
            }
        }
    }
}
