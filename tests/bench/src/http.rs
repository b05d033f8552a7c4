//! HTTP/1.1 as the load generator speaks it: requests are bytes made beforehand, answers are read no further than their
//! length asks for. It shares the cores with the server, so it must cost next to nothing.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

/// A connection that is kept alive, and the last answer on it.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    head: usize,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(64 * 1024), head: 0 })
    }

    /// Sends a request and waits for the whole answer; returns its status.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<u16> {
        self.received.clear();
        let mut left = request;
        while !left.is_empty() {
            match self.stream.try_write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        loop {
            // Waiting first: the answer is never there yet, and a read that finds nothing is a system call for nothing.
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.received) {
                Ok(0) => return Err(io::Error::other("the server closed the connection")),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            }
            if let Some((status, head)) = whole(&self.received) {
                self.head = head;
                return Ok(status);
            }
        }
    }

    fn head(&self) -> &str {
        str::from_utf8(&self.received[..self.head]).unwrap_or_default()
    }

    /// The first value of a header of the last answer; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        values(self.head(), name).next()
    }

    /// The value that the last answer sets a cookie to.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let mut set = values(self.head(), "set-cookie");
        set.find_map(|value| Some(value.strip_prefix(name)?.strip_prefix('=')?.split(';').next()?.to_owned()))
    }

    /// The body of the last answer, chunk sizes included if it came in chunks.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.received[self.head..]).into_owned()
    }
}

fn values<'a>(head: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    head.split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter_map(move |(known, value)| known.eq_ignore_ascii_case(name).then_some(value.trim()))
}

/// Status and length of the head, once the answer is there as a whole.
fn whole(received: &[u8]) -> Option<(u16, usize)> {
    let head = received.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = str::from_utf8(&received[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    if let Some(length) = values(text, "content-length").next() {
        return (received.len() >= head + length.parse::<usize>().ok()?).then_some((status, head));
    }
    let chunked = values(text, "transfer-encoding").next().is_some();
    (!chunked || received.ends_with(b"\r\n0\r\n\r\n") || received[head..] == *b"0\r\n\r\n").then_some((status, head))
}

/// A GET; `headers` are whole lines, each with its end.
pub fn get(host: &str, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").into_bytes()
}

/// What the forms of a page carry.
pub fn token(page: &str) -> Option<String> {
    page.split_once("name=\"form_token\" value=\"")?.1.split('"').next().map(str::to_owned)
}

/// A form of our own pages.
pub fn post(host: &str, path: &str, headers: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let body = fields.join("&");
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
