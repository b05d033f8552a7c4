//! Single addresses as people type them (product.md section 8): strictly, and what is refused is refused in words.

use std::net::IpAddr;

use crate::problem::Problem;

/// Reads one IPv4 address (a.b.c.d) or IPv6 address. A mapped address is the IPv4 address that it means. Nothing else is
/// taken: no mask or range, no port, zone or name, no octal, hexadecimal or short forms.
pub fn parse(typed: &str) -> Result<IpAddr, Problem> {
    let typed = typed.trim_matches(' ');
    if typed.is_empty() {
        return Err(Problem::Missing);
    }
    if typed.contains(['/', '*']) || typed.contains('-') {
        return Err(Problem::NotASingleAddress);
    }
    if typed.contains('%') {
        return Err(Problem::AddressWithZone);
    }
    let bare = typed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some();
    if bare || typed.parse::<std::net::SocketAddr>().is_ok() {
        return Err(Problem::AddressWithPort);
    }
    let address = typed.parse::<IpAddr>().map_err(|_| Problem::NotAnAddress)?.to_canonical();
    match is_anybody(address) {
        true => Ok(address),
        false => Err(Problem::NobodysAddress),
    }
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
        let corpus: &[(Problem, &[&str])] = &[
            (Problem::Missing, &["", " ", "   "]),
            (
                Problem::NotASingleAddress,
                &[
                    "203.0.113.0/24",
                    "203.0.113.5/32",
                    "2001:db8::/64",
                    "203.0.113.*",
                    "203.0.113.1-203.0.113.9",
                    "203.0.113.1-9",
                    "*",
                    "203.0.113.5 / 255.255.255.0",
                ],
            ),
            (Problem::AddressWithZone, &["fe80::1%eth0", "fe80::1%1", "203.0.113.5%1"]),
            (Problem::AddressWithPort, &["203.0.113.5:443", "[2001:db8::7]:443", "[2001:db8::7]", "[203.0.113.5]"]),
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
                    "203.0.113.5.",
                    ".203.0.113.5",
                    "203.0.113.256",
                    "203.0.113.5 203.0.113.6",
                    "203.0.113.5,203.0.113.6",
                    "203 .0.113.5",
                    "203.0.113.5\t",
                    "203.0.113.5\n",
                    "203.0.113.5\0",
                    "\u{a0}203.0.113.5",
                    "２０３.０.１１３.５",
                    "203。0。113。5",
                    "٢٠٣.٠.١١٣.٥",
                    "office.example.com",
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
                Problem::NobodysAddress,
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
                assert_eq!(parse(typed).as_ref(), Err(problem), "{typed:?}");
            }
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
