//! A mail server on loopback that says what a test wants to hear.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use vestibule::config::{Config, Encryption, SmtpServer};

/// A mail server that says what a test wants it to say, and hands over every letter it took.
pub struct Sink {
    pub port: u16,
    pub letters: Receiver<String>,
}

/// A sink on a port of its own; `answer` is what it says to the line that names a recipient.
pub fn sink(answer: impl Fn(&str) -> &'static str + Send + Sync + 'static) -> Sink {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, letters) = channel();
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (taken, answer) = (taken.clone(), answer.clone());
            std::thread::spawn(move || converse(stream, answer.as_ref(), &taken));
        }
    });
    Sink { port, letters }
}

fn converse(
    stream: TcpStream,
    answer: &(impl Fn(&str) -> &'static str + ?Sized),
    taken: &std::sync::mpsc::Sender<String>,
) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut say = move |words: &str| out.write_all(format!("{words}\r\n").as_bytes()).is_ok();
    say("220 sink");
    while let Some(Ok(line)) = lines.next() {
        let command = line.to_ascii_uppercase();
        if command.starts_with("DATA") {
            say("354 go on");
            let letter: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
            drop(taken.send(letter.join("\n")));
            say("250 taken");
        } else if command.starts_with("RCPT") {
            say(answer(&line));
        } else if command.starts_with("QUIT") {
            say("221 bye");
            return;
        } else {
            say("250 fine");
        }
    }
}

/// The settings that send mail there.
pub fn over(port: u16) -> impl FnOnce(&mut Config) {
    move |config| {
        let host = "127.0.0.1".to_owned();
        config.mail.server = Some(SmtpServer { host, port, encryption: Encryption::None, login: None });
    }
}
