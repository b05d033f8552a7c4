//! The operator's forward proxy to the internet.

use data_encoding::BASE64;
use reqwest::ClientBuilder;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_native_tls::{TlsConnector, native_tls};
use url::Url;

use super::LONGEST;
use crate::base::cause::chain;
use crate::base::urls::decoded;

/// A host and port that cannot exist.
const NOWHERE: &str = "vestibule-check.invalid:443";
/// Most of the first line of an answer that is read, in bytes.
const LONGEST_LINE: u64 = 1024;
/// Most of the fields after it.
const LONGEST_FIELDS: u64 = 16 * 1024;
/// Stands for the status of a page: no status is 0.
const PAGE: u16 = 0;

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

impl Proxy {
    /// Asks the proxy for a host that cannot be (RFC 6761 section 6.4), so that no other is asked. Whatever it says of that
    /// host is the answer of a proxy; fails with words for the operator.
    pub async fn try_connection(&self) -> Result<(), String> {
        let place = self.place();
        let asked = tokio::time::timeout(LONGEST, self.ask()).await;
        let asked = asked.map_err(|_| format!("{place} has not answered for {} s", LONGEST.as_secs()))?;
        match asked.map_err(|cause| format!("{place}: {cause}"))? {
            407 => Err(format!("{place} refuses the user name and password, or wants some (it answered 407)")),
            status @ (300..400 | 400 | 404 | 405 | 421 | 426 | 501) => {
                Err(format!("{place} is no forward proxy: it answered CONNECT with {status}"))
            }
            PAGE => Err(format!("{place} is no forward proxy: it answered CONNECT with a page")),
            _ => Ok(()),
        }
    }

    /// The status with which it answers CONNECT; [`PAGE`] for a success that has a body, which no tunnel has.
    async fn ask(&self) -> Result<u16, String> {
        let host = self.0.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.0.port_or_known_default().unwrap_or(80);
        let stream = TcpStream::connect((host, port)).await.map_err(|cause| chain(&cause))?;
        if self.0.scheme() != "https" {
            return self.converse(stream).await;
        }
        let tls = native_tls::TlsConnector::new().map_err(|cause| chain(&cause))?;
        let stream = TlsConnector::from(tls).connect(host, stream).await.map_err(|cause| chain(&cause))?;
        self.converse(stream).await
    }

    async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<u16, String> {
        let mut stream = BufReader::new(stream);
        let head = format!("CONNECT {NOWHERE} HTTP/1.1\r\nHost: {NOWHERE}\r\n{}\r\n", self.authorization());
        stream.write_all(head.as_bytes()).await.map_err(|cause| cause.to_string())?;
        let mut line = Vec::new();
        (&mut stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await.map_err(|cause| cause.to_string())?;
        let line = String::from_utf8_lossy(&line);
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.trim().parse().ok());
        let status: u16 = status.ok_or("it does not answer as a proxy does")?;
        match status {
            200..300 if has_body(stream).await => Ok(PAGE),
            status => Ok(status),
        }
    }

    fn authorization(&self) -> String {
        if self.0.username().is_empty() && self.0.password().is_none() {
            return String::new();
        }
        let login = format!("{}:{}", decoded(self.0.username()), decoded(self.0.password().unwrap_or_default()));
        format!("Proxy-Authorization: Basic {}\r\n", BASE64.encode(login.as_bytes()))
    }
}

/// Whether the fields of an answer announce a body (RFC 9110 section 9.3.6: a tunnel has none).
async fn has_body(stream: impl AsyncBufReadExt + Unpin) -> bool {
    let mut fields = stream.take(LONGEST_FIELDS);
    loop {
        let mut field = Vec::new();
        if fields.read_until(b'\n', &mut field).await.unwrap_or_default() == 0 {
            return false;
        }
        let field = String::from_utf8_lossy(&field).to_ascii_lowercase();
        match field.trim().split_once(':') {
            None => return false,
            Some(("content-length", length)) if length.trim() != "0" => return true,
            Some(("content-type" | "transfer-encoding", _)) => return true,
            Some(_) => {}
        }
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
