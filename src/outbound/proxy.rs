//! The operator's forward proxy to the internet.

use reqwest::ClientBuilder;
use url::Url;

/// A proxy that was set, and by which the public internet is asked. What the environment names (`HTTPS_PROXY` and the like)
/// is never asked: it is often meant for other programs.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Url);

impl std::fmt::Debug for Proxy {
    /// Without its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.place())
    }
}

impl Proxy {
    /// Parses scheme, host and port, with a user name and password where the proxy wants them.
    pub fn parse(text: &str) -> Result<Self, String> {
        // What the parser says of it may repeat the password.
        let url = Url::parse(text).map_err(|_| "must be such as http://proxy.example.com:3128")?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("must begin with http:// or https:// and name a host".to_owned());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("must be only scheme, host and port, with user:password@ where they are needed".to_owned());
        }
        Ok(Self(url))
    }

    /// Scheme, host and port.
    pub fn place(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

/// A client that asks through this proxy, or directly; in neither case as the environment says.
pub fn through(builder: ClientBuilder, proxy: Option<&Proxy>) -> Result<ClientBuilder, reqwest::Error> {
    let builder = builder.no_proxy();
    match proxy {
        Some(Proxy(url)) => Ok(builder.proxy(reqwest::Proxy::all(url.clone())?)),
        None => Ok(builder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_scheme_host_and_port_and_its_password_is_not_shown() {
        for (text, place) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("https://10.0.0.1/", "https://10.0.0.1"),
            ("http://user:hunter2@proxy.example:3128", "http://proxy.example:3128"),
        ] {
            assert_eq!(format!("{:?}", Proxy::parse(text).unwrap()), place);
        }
        for text in
            ["proxy.example:3128", "socks5://proxy.example", "http://", "http://a.example/b", "http://a.example/?b"]
        {
            assert!(Proxy::parse(text).is_err(), "{text}");
        }
        let refusal = Proxy::parse("http://user:hunter2@proxy.example:port").unwrap_err();
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}
