//! An SMS gateway on loopback that says what a test wants it to say, and remembers every message it was handed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use vestibule::platform::config::Twilio;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Handed {
    pub path: String,
    pub authorization: String,
    pub fields: BTreeMap<String, String>,
}

/// The gateway.
pub struct SmsGateway {
    port: u16,
    handed: Arc<Mutex<Vec<Handed>>>,
}

impl SmsGateway {
    /// Starts it; `answer` gives status and body for a recipient.
    pub fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let handed = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (handed.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || converse(stream, answer.as_ref(), &kept));
            }
        });
        Self { port, handed }
    }

    /// One that takes everything.
    pub fn taking() -> Self {
        Self::start(|_| (201, r#"{"sid": "SM0123456789abcdef", "status": "queued"}"#.to_owned()))
    }

    /// The settings with which the application finds it.
    pub fn settings(&self) -> Twilio {
        at(self.port)
    }

    /// What it was handed.
    pub fn handed(&self) -> Vec<Handed> {
        self.handed.lock().unwrap().clone()
    }
}

/// The settings of a gateway on a port of this machine.
pub fn at(port: u16) -> Twilio {
    Twilio {
        url: format!("http://127.0.0.1:{port}"),
        account: "AC0123".to_owned(),
        token: "gateway-token-for-tests".to_owned(),
        from: "+15005550006".to_owned(),
    }
}

fn converse(
    stream: TcpStream,
    answer: &(impl Fn(&str) -> (u16, String) + ?Sized),
    kept: &Mutex<Vec<Handed>>,
) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let path = line.split(' ').nth(1)?.to_owned();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        let fields: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
        let (status, says) = answer(fields.get("To").map_or("", String::as_str));
        let authorization = headers.get("authorization").cloned().unwrap_or_default();
        kept.lock().unwrap().push(Handed { path, authorization, fields });
        let head =
            format!("HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", says.len());
        out.write_all(head.as_bytes()).and_then(|()| out.write_all(says.as_bytes())).ok()?;
    }
}
