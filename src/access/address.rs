//! The client's address: the one function that allow-lists, throttles and the audit log use (ASVS 4.1.3, 15.3.4).
//!
//! The address is the connection's peer. Only when that peer is a configured proxy does the configured header count,
//! read from right to left past further configured proxies. An IPv4-mapped IPv6 address is the IPv4 address it means.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

use crate::access::failure::Failure;
use crate::platform::config::Proxies;

/// The address of the client of `request`. An entry that cannot be read means no access, never a guess.
pub fn client_address(request: &HttpRequest, proxies: &Proxies) -> Result<IpAddr, Failure> {
    let peer = request.peer_addr().map(|peer| peer.ip()).ok_or(Failure::UnreadableAddress)?;
    resolve(peer, request.headers(), proxies).ok_or(Failure::UnreadableAddress)
}

/// Whether a request carries a forwarding header that does not count, because its peer is no configured proxy. Then there
/// may be a proxy whose address everybody shares.
pub fn is_behind_unknown_proxy(request: &HttpRequest, proxies: &Proxies) -> bool {
    let Some(peer) = request.peer_addr() else { return false };
    is_unknown_proxy(peer.ip(), request.headers(), proxies)
}

/// Whether the client's address is that of a configured proxy: the proxy names no client in the header that is read, or
/// itself. Whoever comes so has no address that could be told from others'.
pub fn is_a_proxy(request: &HttpRequest, proxies: &Proxies) -> bool {
    client_address(request, proxies).is_ok_and(|address| proxies.trusts(address))
}

fn is_unknown_proxy(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> bool {
    const HEADERS: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];
    let forwards = HEADERS.into_iter().chain([proxies.header.as_str()]).any(|name| headers.contains_key(name));
    forwards && !proxies.trusts(peer.to_canonical())
}

fn resolve(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> Option<IpAddr> {
    let mut client = peer.to_canonical();
    if !proxies.trusts(client) {
        return Some(client);
    }
    // Several lines of one header are one list (RFC 9110 section 5.2).
    let lines: Option<Vec<&str>> = headers.get_all(proxies.header.as_str()).map(|line| line.to_str().ok()).collect();
    let quotes = proxies.header == "forwarded";
    let entries: Vec<&str> = lines?.into_iter().flat_map(|line| elements(line, quotes)).collect();
    for entry in entries.into_iter().rev() {
        if !proxies.trusts(client) {
            break;
        }
        client = match proxies.header.as_str() {
            "forwarded" => parse_entry(forwarded_for(entry)?)?,
            _ => parse_entry(entry)?,
        };
    }
    Some(client)
}

/// The elements of a list. Empty ones are none (RFC 9110 section 5.6.1).
fn elements(line: &str, quotes: bool) -> impl Iterator<Item = &str> {
    apart(line, ',', quotes).map(str::trim).filter(|part| !part.is_empty())
}

/// The parts between separators. One in a quoted string separates nothing, and a quote after a backslash ends no string
/// (RFC 9110 section 5.6.4).
fn apart(text: &str, separator: char, quotes: bool) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if quotes => quoted = !quoted,
            _ => return c == separator && !quoted,
        }
        false
    })
}

/// The `for` parameter of one element of `Forwarded` (RFC 7239 section 4).
fn forwarded_for(element: &str) -> Option<&str> {
    let value = apart(element, ';', true).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    })?;
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// An address with or without a port and brackets; nothing else (no names, no octal, no zones).
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let address = entry
        .parse::<IpAddr>()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok())?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn proxies(header: &str) -> Proxies {
        Proxies {
            trusted: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()],
            header: header.into(),
        }
    }

    fn seen(peer: &str, header: &str, lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_bytes(header.as_bytes()).unwrap(), HeaderValue::from_str(line).unwrap());
        }
        resolve(peer.parse().unwrap(), &headers, &proxies(header)).map(|address| address.to_string())
    }

    /// Shows attack 20.
    #[test]
    fn asvs_4_1_3_only_configured_proxies_are_believed() {
        const XFF: &str = "x-forwarded-for";
        let cases: &[(&str, &[&str], Option<&str>)] = &[
            ("203.0.113.5", &[], Some("203.0.113.5")),
            ("203.0.113.5", &["198.51.100.1"], Some("203.0.113.5")),
            ("::ffff:203.0.113.5", &[], Some("203.0.113.5")),
            ("10.0.0.1", &[], Some("10.0.0.1")),
            ("10.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            ("::ffff:10.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], Some("198.51.100.1")),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1", "10.0.0.2"], Some("198.51.100.1")),
            ("10.0.0.1", &["::ffff:198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["198.51.100.1:4711"], Some("198.51.100.1")),
            ("10.0.0.1", &["[2001:db8::7]:4711"], Some("2001:db8::7")),
            ("10.0.0.1", &["[2001:db8::7]"], Some("2001:db8::7")),
            ("10.0.0.1", &["unknown"], None),
            ("10.0.0.1", &["198.51.100.1, garbage"], None),
            ("10.0.0.1", &["garbage, 198.51.100.1"], Some("198.51.100.1")),
            ("10.0.0.1", &["0198.51.100.1"], None),
            ("10.0.0.1", &["fe80::1%eth0"], None),
            ("10.0.0.1", &[""], Some("10.0.0.1")),
            ("10.0.0.1", &["198.51.100.1,"], Some("198.51.100.1")),
            ("10.0.0.1", &[", 6.6.6.6,, 198.51.100.1 , ,10.0.0.2,"], Some("198.51.100.1")),
            ("10.0.0.1", &["\"6.6.6.6, 198.51.100.1\""], None),
        ];
        for (peer, lines, expected) in cases {
            assert_eq!(seen(peer, XFF, lines).as_deref(), *expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn the_forwarded_header_is_read_when_it_is_configured() {
        let element = &["for=6.6.6.6, for=\"[2001:db8::9]:80\";proto=https"];
        assert_eq!(seen("10.0.0.1", "forwarded", element).as_deref(), Some("2001:db8::9"));
        assert_eq!(seen("10.0.0.1", "forwarded", &["for=_hidden"]), None);
    }

    #[test]
    fn empty_and_quoted_elements_of_forwarding_headers_are_no_entries() {
        for line in [
            "for=198.51.100.1;host=\"a,b\"",
            "for=198.51.100.1;host=\"a,for=6.6.6.6\",",
            ",for=198.51.100.1;host=\"a;for=6.6.6.6\"",
            "host=\"a\\\",for=6.6.6.6\";for=\"198.51.100.1:80\" , ,",
            "host=\"a\\\";for=6.6.6.6;\";for=198.51.100.1",
        ] {
            assert_eq!(seen("10.0.0.1", "forwarded", &[line]).as_deref(), Some("198.51.100.1"), "{line}");
        }
        assert_eq!(seen("10.0.0.1", "forwarded", &["for=198.51.100.1;host=\"a,b"]).as_deref(), Some("198.51.100.1"));
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", &["198.51.100.1,"]).as_deref(), Some("198.51.100.1"));
    }

    /// The client by another way to say it: of all who are named and the peer, the last one that is no configured proxy;
    /// when all are, the first. What cannot be read there is nobody.
    fn naive(peer: &str, named: &[&str], proxies: &Proxies) -> Option<String> {
        let named = named.iter().filter(|entry| !entry.is_empty());
        let all: Vec<Option<IpAddr>> = named.chain([&peer]).map(|entry| parse_entry(entry)).collect();
        let is_proxy = |entry: &Option<IpAddr>| entry.is_some_and(|address| proxies.trusts(address));
        let client = all.iter().rposition(|entry| !is_proxy(entry)).unwrap_or(0);
        all[client].map(|address| address.to_string())
    }

    /// Shows attack 20.
    #[test]
    fn asvs_4_1_3_the_client_is_that_of_a_naive_model_whatever_the_headers_say() {
        const ENTRIES: &[&str] = &[
            "203.0.113.5",
            "::ffff:203.0.113.5",
            "198.51.100.9:4711",
            "10.0.0.7",
            "::ffff:10.0.0.8",
            "[2001:db8:1::7]:80",
            "2001:db8::9",
            "unknown",
            "",
            "0203.0.113.5",
            "fe80::1%eth0",
        ];
        const PEERS: &[&str] = &["203.0.113.77", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8:1::1", "2001:db8::1"];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut roll = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        for _ in 0..20_000 {
            let named: Vec<&str> = (0..roll(6)).map(|_| ENTRIES[roll(ENTRIES.len())]).collect();
            // One list, however it is spread over lines and spaces.
            let mut lines: Vec<String> = Vec::new();
            for entry in &named {
                match lines.last_mut().filter(|_| roll(3) > 0) {
                    Some(line) => line.push_str(&format!("{}{entry}", [",", ", ", " ,\t"][roll(3)])),
                    None => lines.push((*entry).to_owned()),
                }
            }
            let (peer, lines): (_, Vec<&str>) = (PEERS[roll(PEERS.len())], lines.iter().map(String::as_str).collect());
            let expected = naive(peer, &named, &proxies("x-forwarded-for"));
            assert_eq!(seen(peer, "x-forwarded-for", &lines), expected, "{peer} {lines:?}");
        }
    }
}
