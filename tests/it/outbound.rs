//! Requests to addresses that an administrator supplied: what reaches the network and what does not (ASVS 1.3.6).

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use vestibule::platform::outbound::{
    Allowances, Answer, Forbidden, LARGEST, Looking, Network, Outbound, OutboundError, Proxy,
};

/// Names and where they lead; what passes is dialled at one place, and counted.
#[derive(Debug)]
struct Map {
    names: BTreeMap<&'static str, Vec<IpAddr>>,
    looked_up: Mutex<Vec<String>>,
    dialled: Mutex<Vec<IpAddr>>,
    place: SocketAddr,
}

impl Network for Map {
    fn lookup(&self, host: String) -> Looking {
        let found = self.names.get(host.as_str()).cloned();
        self.looked_up.lock().unwrap().push(host);
        Box::pin(async move { found.ok_or(std::io::ErrorKind::NotFound.into()) })
    }

    fn dial(&self, passed: IpAddr) -> SocketAddr {
        self.dialled.lock().unwrap().push(passed);
        self.place
    }
}

/// A server that answers everything alike, or listens and says nothing.
struct Server {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, answer) = (heard.clone(), answer.into());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or(0);
                kept.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
                if answer.is_empty() {
                    std::thread::sleep(Duration::from_secs(8));
                }
                let _ = stream.write_all(&answer);
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

fn whole(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn network(place: SocketAddr) -> Arc<Map> {
    let of = |addresses: &[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
    let names = BTreeMap::from([
        ("public.example", of(&["20.190.128.1"])),
        ("both.example", of(&["20.190.128.1", "2603:1006:2000::1"])),
        ("private.example", of(&["10.1.2.3"])),
        ("mixed.example", of(&["20.190.128.1", "127.0.0.1"])),
        ("mapped.example", of(&["::ffff:127.0.0.1"])),
        ("nat64.example", of(&["64:ff9b::7f00:1"])),
        ("metadata.example", of(&["169.254.169.254"])),
        ("localhost", of(&["127.0.0.1", "::1"])),
        ("localhost.", of(&["127.0.0.1"])),
        ("127.0.0.1.nip.example", of(&["127.0.0.1"])),
    ]);
    Arc::new(Map { names, looked_up: Mutex::default(), dialled: Mutex::default(), place })
}

fn get(allowed: &str, network: Arc<dyn Network>, address: &str) -> Result<Answer, OutboundError> {
    let client = Outbound::over(Allowances::parse(allowed).unwrap(), network, Duration::from_secs(2));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.get(address, None))
}

/// Shows attack 40.
#[test]
fn asvs_1_3_6_a_name_that_leads_anywhere_private_is_not_dialled() {
    let silent = Server::saying(whole("{}"));
    let network = network(silent.address);
    for name in [
        "private.example",
        "mixed.example",
        "mapped.example",
        "nat64.example",
        "metadata.example",
        "localhost",
        "localhost.",
        "127.0.0.1.nip.example",
        "LOCALHOST",
    ] {
        let answer = get("", network.clone(), &format!("https://{name}:{}/", silent.address.port()));
        assert_eq!(answer.unwrap_err(), OutboundError::Refused(Forbidden::NotPublic), "{name}");
    }
    assert_eq!(network.looked_up.lock().unwrap().len(), 9);
    assert!(network.dialled.lock().unwrap().is_empty());
    assert_eq!(silent.heard(), 0);
}

/// Shows attack 40.
#[test]
fn asvs_1_3_6_an_address_that_needs_no_resolver_is_refused_before_it_is_asked() {
    let silent = Server::saying(whole("{}"));
    let network = network(silent.address);
    let port = silent.address.port();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"] {
        for scheme in ["http", "https"] {
            let answer = get("", network.clone(), &format!("{scheme}://{host}:{port}/"));
            assert_eq!(answer.unwrap_err(), OutboundError::Refused(Forbidden::NotPublic), "{scheme} {host}");
        }
    }
    assert!(network.looked_up.lock().unwrap().is_empty() && network.dialled.lock().unwrap().is_empty());
    assert_eq!(silent.heard(), 0);
}

/// Shows ASVS 1.5.3; attack 41.
#[test]
fn the_address_that_was_checked_is_the_one_that_is_dialled() {
    let server = Server::saying(whole(r#"{"a": 1}"#));
    let network = network(server.address);
    let port = server.address.port();
    // Without TLS on the other side: it was dialled, and nothing was said in clear.
    assert_eq!(get("", network.clone(), &format!("https://public.example:{port}/")).unwrap_err(), OutboundError::Tls);
    let both: Vec<IpAddr> = vec!["20.190.128.1".parse().unwrap()];
    assert_eq!(*network.dialled.lock().unwrap(), both);
    assert!(!server.heard.lock().unwrap()[0].contains("HTTP"), "a request went out in clear");
    // The operator named it: http, whatever it leads to.
    let answer = get("private.example", network.clone(), &format!("http://private.example:{port}/x?y=z")).unwrap();
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
    assert_eq!(answer.body, br#"{"a": 1}"#);
    let request = server.heard.lock().unwrap().last().unwrap().to_ascii_lowercase();
    assert!(request.starts_with("get /x?y=z http/1.1\r\n"), "{request}");
    assert!(!request.contains("accept-encoding") && !request.contains("cookie"), "{request}");
}

/// Shows ASVS 13.2.4.
#[test]
fn an_allowed_network_opens_itself_and_nothing_beside_it() {
    let server = Server::saying(whole("{}"));
    let network = network(server.address);
    let port = server.address.port();
    assert!(get("10.1.0.0/16", network.clone(), &format!("http://private.example:{port}/")).is_ok());
    for name in ["public.example", "mixed.example", "localhost"] {
        let answer = get("10.1.0.0/16", network.clone(), &format!("http://{name}:{port}/"));
        assert_eq!(answer.unwrap_err(), OutboundError::Refused(Forbidden::NotPublic), "{name}");
    }
    let elsewhere = get(&format!("private.example:{}", port - 1), network, &format!("http://private.example:{port}/"));
    assert_eq!(elsewhere.unwrap_err(), OutboundError::Refused(Forbidden::NotHttps));
    assert_eq!(server.heard(), 1);
}

/// Shows ASVS 15.3.2; attack 42.
#[test]
fn a_redirect_is_not_followed_and_no_proxy_is_asked() {
    let silent = Server::saying(whole("{}"));
    let place = silent.address;
    let server =
        Server::saying(format!("HTTP/1.1 302 Found\r\nLocation: http://{place}/admin\r\nContent-Length: 0\r\n\r\n"));
    let network = network(server.address);
    let address = format!("http://private.example:{}/", server.address.port());
    assert_eq!(get("private.example", network, &address).unwrap_err(), OutboundError::Redirected);
    assert_eq!((server.heard(), silent.heard()), (1, 0));
}

/// A proxy resolves names by itself: what this machine knows to be private does not reach it.
#[test]
fn a_proxy_is_asked_for_nothing_that_leads_anywhere_private() {
    let server = Server::saying("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let network = network(server.address);
    let proxy = Proxy::parse(&format!("http://localhost:{}", server.address.port())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ask = |address: &str| {
        let client = Outbound::over(Allowances::default(), network.clone(), Duration::from_secs(2));
        runtime.block_on(client.through(Some(proxy.clone())).get(address, None)).unwrap_err()
    };
    for name in ["private.example", "mixed.example", "metadata.example", "localhost", "10.1.2.3"] {
        assert_eq!(ask(&format!("https://{name}/")), OutboundError::Refused(Forbidden::NotPublic), "{name}");
    }
    assert_eq!(server.heard(), 0);
    // What cannot be resolved here is the proxy's to resolve.
    for name in ["public.example", "unknown.example"] {
        assert_eq!(ask(&format!("https://{name}/")), OutboundError::Unreachable, "{name}");
        let heard = server.heard.lock().unwrap().last().cloned().unwrap_or_default();
        assert!(heard.starts_with(&format!("CONNECT {name}:443 ")), "{heard}");
    }
}

/// Shows attack 46.
#[test]
fn asvs_13_2_6_an_answer_has_a_size_and_a_time() {
    let ask = |server: &Server| {
        let address = format!("http://private.example:{}/", server.address.port());
        get("private.example", network(server.address), &address)
    };
    assert_eq!(ask(&Server::saying(whole(&" ".repeat(LARGEST)))).unwrap().body.len(), LARGEST);
    assert_eq!(ask(&Server::saying(whole(&" ".repeat(LARGEST + 1)))).unwrap_err(), OutboundError::TooLarge);
    // Without a length, and compressed: what is not asked for is not unpacked.
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(2 * LARGEST));
    assert_eq!(ask(&Server::saying(endless)).unwrap_err(), OutboundError::TooLarge);
    let packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc";
    assert_eq!(ask(&Server::saying(packed)).unwrap().body, b"abc");
    let began = Instant::now();
    assert_eq!(ask(&Server::saying("")).unwrap_err(), OutboundError::TooSlow);
    // Headers in time and a body that never ends.
    assert_eq!(
        ask(&Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")).unwrap_err(),
        OutboundError::Unreachable,
        "cut off"
    );
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = get("127.0.0.1", network(gone), &format!("http://{gone}/"));
    assert_eq!(nobody.unwrap_err(), OutboundError::Unreachable);
    let unknown = get("", network(gone), "https://unknown.example/");
    assert_eq!(unknown.unwrap_err(), OutboundError::Unreachable);
}
