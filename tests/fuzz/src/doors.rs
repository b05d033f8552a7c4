//! What browsers and proxies send with a request.

use std::net::IpAddr;
use std::sync::LazyLock;

use actix_web::FromRequest;
use actix_web::cookie::{Cookie, Key, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use serde::Deserialize;
use vestibule::access::{address, cookies as jar};
use vestibule::base::entropy::{SystemEntropy, Token};
use vestibule::base::network::network;
use vestibule::platform::config::Proxies;
use vestibule::platform::secrets::Keyring;
use vestibule::web::Query;
use vestibule::web::returns::ReturnTo;

use super::{seeds, text};

pub fn forwarded() -> Vec<Vec<u8>> {
    seeds(&[
        "x6.6.6.6, 198.51.100.1, 10.0.0.2",
        "x[2001:db8::7]:4711\n10.0.0.9",
        "x::ffff:198.51.100.1",
        "xunknown, 0198.51.100.1",
        "ffor=6.6.6.6, for=\"[2001:db8::9]:80\";proto=https",
        "ffor=_hidden;by=10.0.0.1",
        "x10.0.0.2, 10.0.0.3",
    ])
}

/// Whoever is no proxy is themselves whatever they say; behind proxies, the client is one that was named or the peer.
pub fn forwarded_headers(data: &[u8]) {
    let Some((kind, lines)) = data.split_first() else { return };
    let header = if *kind == b'f' { "forwarded" } else { "x-forwarded-for" };
    let proxies = |header: &str| Proxies {
        trusted: vec!["10.0.0.0/8".parse().unwrap_or_else(|_| unreachable!())],
        header: header.to_owned(),
    };
    let (proxy, stranger): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [203, 0, 113, 5].into());
    for peer in [proxy, stranger] {
        let mut request = TestRequest::default().peer_addr((peer, 4711).into());
        for line in lines.split(|byte| *byte == b'\n') {
            let Ok(value) = HeaderValue::from_bytes(line) else { return };
            request = request.append_header((HeaderName::from_static(header), value));
        }
        let request = request.to_http_request();
        let client = address::client_address(&request, &proxies(header)).ok();
        if peer == stranger {
            assert_eq!(client, Some(stranger));
        }
        if let Some(client) = client {
            assert_eq!(client, client.to_canonical());
            assert!(!network(client).is_empty());
        }
        let _warned = address::is_behind_unknown_proxy(&request, &proxies(header));
    }
}

/// The keys of one run.
struct Keys {
    cookies: Key,
    ring: Keyring,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let ring = Keyring::parse(&Keyring::generate(&SystemEntropy)).unwrap_or_else(|cause| panic!("{cause}"));
    Keys { cookies: Key::from(&ring.derive("cookies")), ring }
});

const PLAIN: &str = "the one that is ours";

static OURS: LazyLock<String> = LazyLock::new(|| {
    let cookie = jar::cookie(jar::FLASH, PLAIN, SameSite::Lax, None);
    jar::signed(cookie, &KEYS.cookies).value().to_owned()
});

static SITE: LazyLock<vestibule::access::site::Site> =
    LazyLock::new(|| vestibule::app::routes::site(vestibule::platform::config::Mode::Production));

static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| KEYS.ring.seal(&SystemEntropy, b"fuzz", PLAIN.as_bytes()));

pub fn cookies() -> Vec<Vec<u8>> {
    let signed = format!("{}={}", jar::FLASH, Cookie::new(jar::FLASH, OURS.as_str()).stripped().encoded());
    let mut all =
        seeds(&[&signed, "__Host-flash=x; __Host-flash=y", "__Host-session=%00%ff", "a=b; ; =; c", "__Host-pending="]);
    all.push(SEALED.clone());
    all
}

/// A signed value is ours or none, a sealed one opens as it was sealed or not at all.
pub fn cookie_values(data: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(data) {
        let request = TestRequest::default().insert_header((COOKIE, value)).to_http_request();
        if let Some(value) = request.cookie(jar::FLASH).and_then(|cookie| jar::opened(cookie, &KEYS.cookies)) {
            assert_eq!(value, PLAIN, "a signature that we did not make");
        }
        for name in [jar::SESSION, jar::PENDING, jar::BROWSER, jar::ORGANIZATION] {
            if let Some(token) = request.cookie(name).and_then(|cookie| Token::parse(cookie.value())) {
                assert_eq!(
                    Token::parse(token.expose()).map(|again| again.expose().to_owned()).as_deref(),
                    Some(token.expose())
                );
            }
        }
    }
    if let Some(plain) = KEYS.ring.open(b"fuzz", data) {
        assert_eq!((plain.as_slice(), data), (PLAIN.as_bytes(), SEALED.as_slice()), "a seal that we did not make");
    }
    assert_eq!(KEYS.ring.open(b"another row", data), None);
}

pub fn returns() -> Vec<Vec<u8>> {
    seeds(&[
        "/account",
        "/iam/users?after=x#y",
        "//evil.example",
        "/\\evil",
        "/%2f%2fevil",
        "/account/sessions/0a-1/logout",
        "/iam/users/0195a3c5-0000-7000-8000-000000000001",
        "https://evil.example/account",
        "/account?next=//evil",
        "/account;x=y",
    ])
}

/// Wherever one is sent, it is here.
pub fn return_address(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    let to = ReturnTo::of(&SITE, typed);
    let own = url::Url::parse("https://login.example.com/login").unwrap_or_else(|_| unreachable!());
    let led = own.join(to.as_str()).unwrap_or_else(|cause| panic!("{typed:?}: {cause}"));
    assert_eq!(led.origin(), own.origin(), "{typed:?} leads to {led}");
    assert!(HeaderValue::from_str(to.as_str()).is_ok(), "{typed:?} cannot stand in a header");
    assert_eq!(ReturnTo::of(&SITE, to.as_str()), to, "{typed:?}");
}

/// A form with every kind of field.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Any {
    name: String,
    count: Option<i64>,
    chosen: Vec<String>,
    agreed: Option<String>,
}

pub fn forms() -> Vec<Vec<u8>> {
    seeds(&[
        "name=Mina+Park&count=12&chosen=a&chosen=b&agreed=on",
        "name=%EB%AF%B8%EB%82%98",
        "name=a&name=b",
        "name=%",
        "name=%00&count=-99999999999999999999",
        "chosen[]=a&chosen%5B%5D=b",
        "=&&=",
    ])
}

/// Read strictly or refused; nothing appears that was not sent.
pub fn form(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    let Ok(uri) = format!("/?{typed}").parse::<actix_web::http::Uri>() else { return };
    let request = TestRequest::default().uri(&uri.to_string()).to_http_request();
    if let Ok(Query(form)) = Query::<Any>::from_request(&request, &mut Payload::None).into_inner() {
        let sent =
            form.name.len() + form.chosen.iter().map(String::len).sum::<usize>() + form.agreed.map_or(0, |on| on.len());
        assert!(sent <= typed.len(), "{typed:?}");
        assert!(form.count.is_none() || typed.contains("count"), "{typed:?}");
    }
}
