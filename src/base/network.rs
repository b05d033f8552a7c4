//! Networks of addresses.

use std::net::IpAddr;

/// The network that throttles count by: an IPv4 address, or an IPv6 /64.
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The wider network that is counted as well, as a /48 is what one site gets: 65,536 networks. IPv4 has none.
pub fn wide_network(address: IpAddr) -> Option<String> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}::/48"))
        }
    }
}

/// What one customer of a network provider has: an IPv4 address, or an IPv6 /48, of which every /64 is there at will.
pub fn allocation(address: IpAddr) -> String {
    wide_network(address).unwrap_or_else(|| network(address))
}

/// Whether a host name or address is this machine's own.
pub fn is_loopback(host: &str) -> bool {
    // A final dot means the same host.
    let host = host.trim_end_matches('.');
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows attack 94.
    #[test]
    fn ipv6_is_counted_by_its_64() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()), "2001:db8:1:2::/64");
        assert_eq!(network("203.0.113.5".parse().unwrap()), "203.0.113.5");
        assert_eq!(allocation("2001:db8:1:2:3:4:5:6".parse().unwrap()), "2001:db8:1::/48");
        assert_eq!(allocation("203.0.113.5".parse().unwrap()), "203.0.113.5");
    }
}
