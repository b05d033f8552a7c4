//! What the operator allows beyond https to public addresses: a provider in the intranet, a test server.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::{Forbidden, forbidden};

/// Longest URL that is asked, in bytes.
const LONGEST_URL: usize = 2048;

/// Hosts and networks for which http and private addresses are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowances {
    hosts: Vec<(Host, Option<u16>)>,
    networks: Vec<IpNet>,
}

/// Which addresses a name may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Public ones and those of allowed networks.
    Public,
    /// Those of allowed networks alone, as nothing protects what is sent.
    Plain,
    /// Any: the operator named the host.
    Named,
}

impl Allowances {
    /// Parses a comma list of host names, host:port, addresses and networks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut allowances = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            if let Ok(network) = item.parse::<IpNet>().or_else(|_| item.parse::<IpAddr>().map(IpNet::from)) {
                allowances.networks.push(network);
                continue;
            }
            let refusal = || format!("{item} is not a host name, host:port, address or network");
            let (host, port) = match item.rsplit_once(':') {
                Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().map_err(|_| refusal())?)),
                _ => (item, None),
            };
            if host.contains(['*', '/']) {
                return Err(refusal());
            }
            allowances.hosts.push((undotted(Host::parse(host).map_err(|_| refusal())?), port));
        }
        Ok(allowances)
    }

    /// Whether a URL may be asked, and which addresses its host may have then.
    pub(super) fn admit(&self, address: &str) -> Result<(Url, Trust), Forbidden> {
        if address.len() > LONGEST_URL {
            return Err(Forbidden::NotAnAddress);
        }
        let url = Url::parse(address).map_err(|_| Forbidden::NotAnAddress)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Forbidden::NotHttps),
        };
        let (host, port) = match (url.host(), url.port_or_known_default()) {
            (Some(host), Some(port)) => (undotted(host.to_owned()), port),
            _ => return Err(Forbidden::NotAnAddress),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(Forbidden::Fragment);
        }
        if self.hosts.iter().any(|(allowed, at)| *allowed == host && at.is_none_or(|at| at == port)) {
            return Ok((url, Trust::Named));
        }
        // What is no name never reaches the resolver.
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        match literal {
            Some(address) if self.networks(address) => return Ok((url, Trust::Named)),
            Some(address) if forbidden(address) => return Err(Forbidden::NotPublic),
            _ => {}
        }
        if !secure {
            let may_lie_in_a_network = literal.is_none() && !self.networks.is_empty();
            return if may_lie_in_a_network { Ok((url, Trust::Plain)) } else { Err(Forbidden::NotHttps) };
        }
        // Below are the ports of mail, shells and files; providers of one's own are found at 8443 and the like.
        if port != 443 && port < 1024 {
            return Err(Forbidden::Port);
        }
        Ok((url, Trust::Public))
    }

    /// Whether a URL leads to the public internet, so that the operator's proxy is the way to it. What is allowed beyond
    /// that, and this machine, is in reach without.
    pub fn is_for_proxy(&self, address: &str) -> bool {
        matches!(self.admit(address), Ok((_, Trust::Public)))
    }

    /// Whether a host that was admitted may have this address.
    pub(super) fn passes(&self, trust: Trust, address: IpAddr) -> bool {
        match trust {
            Trust::Named => true,
            Trust::Plain => self.networks(address),
            Trust::Public => self.networks(address) || !forbidden(address),
        }
    }

    fn networks(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// A host without the final dot, with which it is the same host. The parser has folded its case.
fn undotted(host: Host) -> Host {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(allowed: &str, url: &str) -> Result<Trust, Forbidden> {
        Allowances::parse(allowed).unwrap().admit(url).map(|(_, trust)| trust)
    }

    /// Shows attack 40.
    #[test]
    fn asvs_1_3_6_every_way_to_write_an_address_is_the_same_address() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "017700000001",
            "0177.0.0.1",
            "127.1",
            "0x7f.1",
            "127.0.0.1.",
            "0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:0:0:1]",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "10.0.0.1",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "[64:ff9b::7f00:1]",
            "[fe80::1]",
            "[fd00::1]",
        ] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}/token");
                assert_eq!(admit("", &url), Err(Forbidden::NotPublic), "{url}");
            }
        }
    }

    #[test]
    fn odd_addresses_are_refused() {
        for (url, why) in [
            ("http://idp.example/", Forbidden::NotHttps),
            ("http://1.1.1.1/", Forbidden::NotHttps),
            ("ftp://idp.example/", Forbidden::NotHttps),
            ("file:///etc/passwd", Forbidden::NotHttps),
            ("gopher://idp.example/", Forbidden::NotHttps),
            ("javascript:alert(1)", Forbidden::NotHttps),
            ("idp.example/token", Forbidden::NotAnAddress),
            ("https://", Forbidden::NotAnAddress),
            ("https://[::1", Forbidden::NotAnAddress),
            ("https://user@idp.example/", Forbidden::UserInfo),
            ("https://user:secret@idp.example/", Forbidden::UserInfo),
            ("https://idp.example@127.0.0.1/", Forbidden::UserInfo),
            ("https://idp.example/#token", Forbidden::Fragment),
            ("https://idp.example:22/", Forbidden::Port),
            ("https://idp.example:25/", Forbidden::Port),
        ] {
            assert_eq!(admit("", url), Err(why), "{url}");
        }
        assert_eq!(admit("", &format!("https://idp.example/{}", "x".repeat(2048))), Err(Forbidden::NotAnAddress));
        for fine in ["https://idp.example/token", "https://idp.example:8443/token", "https://1.1.1.1/"] {
            assert_eq!(admit("", fine), Ok(Trust::Public), "{fine}");
        }
    }

    #[test]
    fn the_operator_allows_hosts_ports_and_networks_and_nothing_beside_them() {
        let allowed = "IDP.intern., test.intern:8081, 10.1.0.0/16, [::1]:8082";
        for (url, trust) in [
            ("http://idp.intern/", Ok(Trust::Named)),
            ("https://IDP.intern:8443/", Ok(Trust::Named)),
            ("http://test.intern.:8081/", Ok(Trust::Named)),
            ("http://test.intern:8081/", Ok(Trust::Named)),
            ("http://10.1.2.3/", Ok(Trust::Named)),
            ("http://[::ffff:10.1.2.3]/", Ok(Trust::Named)),
            ("http://[::1]:8082/", Ok(Trust::Named)),
            // Where a name leads is seen when it is resolved.
            ("http://other.intern/", Ok(Trust::Plain)),
            ("https://other.intern/", Ok(Trust::Public)),
            ("http://10.2.0.1/", Err(Forbidden::NotPublic)),
            ("http://[::1]:8083/", Err(Forbidden::NotPublic)),
            ("http://1.1.1.1/", Err(Forbidden::NotHttps)),
        ] {
            assert_eq!(admit(allowed, url), trust, "{url}");
        }
        assert_eq!(admit("test.intern:8081", "http://test.intern:8080/"), Err(Forbidden::NotHttps));
        let allowances = Allowances::parse(allowed).unwrap();
        let passes = |trust, address: &str| allowances.passes(trust, address.parse().unwrap());
        assert!(passes(Trust::Plain, "10.1.0.9") && passes(Trust::Public, "10.1.0.9"));
        assert!(!passes(Trust::Plain, "1.1.1.1") && !passes(Trust::Public, "10.2.0.1"));
        for bad in ["*.intern", "a b", "host:port", "10.0.0.0/33", "http://idp.intern", "host:99999"] {
            assert!(Allowances::parse(bad).is_err(), "{bad}");
        }
    }
}
