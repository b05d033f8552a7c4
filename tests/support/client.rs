//! A small HTTP client: what is sent is exactly what a test says, which no library guarantees.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use openssl::ssl::SslConnector;

/// Where requests go.
#[derive(Clone)]
pub enum Door {
    /// To the server itself.
    Plain(SocketAddr),
    /// By TLS to whatever stands before servers, under the name `localhost`.
    Tls(SocketAddr, SslConnector),
}

impl Door {
    /// What requests carry as `Host` unless a test says otherwise.
    fn host(&self) -> String {
        match self {
            Self::Plain(_) => "localhost:8080".to_owned(),
            Self::Tls(address, _) => format!("localhost:{}", address.port()),
        }
    }

    /// Sends bytes as they are and reads one response.
    fn exchange(&self, bytes: &[u8], is_head: bool) -> std::io::Result<Response> {
        let (Self::Plain(address) | Self::Tls(address, _)) = self;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_nodelay(true)?;
        // A server that refuses early may close before everything is written; its answer counts.
        match self {
            Self::Plain(_) => {
                drop(stream.write_all(bytes));
                read(&mut BufReader::new(stream), is_head)
            }
            Self::Tls(_, connector) => {
                let mut stream = connector.connect("localhost", stream).map_err(std::io::Error::other)?;
                drop(stream.write_all(bytes));
                read(&mut BufReader::new(stream), is_head)
            }
        }
    }
}

/// A response as it came.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every value of a header.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let mine = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        mine.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a body in UTF-8")
    }
}

/// Sends one request on a connection of its own.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let answer = send_by(&Door::Plain(address), method, path, headers, body);
    answer.unwrap_or_else(|cause| panic!("{method} {path}: {cause}"))
}

/// Sends one request on a connection of its own, by any door.
pub fn send_by(
    door: &Door,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Response> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {}\r\n", door.host()));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" && method != "HEAD" {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    door.exchange(&bytes, method == "HEAD")
}

/// Sends bytes as they are and reads one response.
pub fn raw(address: SocketAddr, bytes: &[u8], is_head: bool) -> std::io::Result<Response> {
    Door::Plain(address).exchange(bytes, is_head)
}

fn read(reader: &mut impl BufRead, is_head: bool) -> std::io::Result<Response> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other(format!("no status line: {line:?}")))?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let value = |name: &str| headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone());
    let mut body = Vec::new();
    if is_head || status == 204 || status == 304 {
    } else if value("transfer-encoding").is_some_and(|encoding| encoding.contains("chunked")) {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(std::io::Error::other)?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = value("content-length") {
        body = vec![0; length.parse().map_err(std::io::Error::other)?];
        reader.read_exact(&mut body)?;
    } else {
        reader.read_to_end(&mut body)?;
    }
    Ok(Response { status, headers, body })
}

/// What the forms of a page say that it is about.
pub fn form_token(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"form_token\" value=\"").expect("a form that says what it is about");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A page without the tokens of its forms, which are new each time: to compare pages.
pub fn without_tokens(html: &str) -> String {
    const FIELD: &str = "<input type=\"hidden\" name=\"form_token\" value=\"";
    let mut parts = html.split(FIELD);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once("\">").map_or("", |(_, rest)| rest));
    }
    // What the address of the page carries comes back with a switch of language or theme.
    let mut parts = text.split("form_token=");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c))
    })
}

/// Asks an address as a browser does, and gives where it leads.
pub fn redirect_of(address: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    let mut stream = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();
    let target = &address[url.origin().ascii_serialization().len()..];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", url.host_str().unwrap()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
    location.unwrap_or_else(|| panic!("no redirect: {answer}")).to_owned()
}
