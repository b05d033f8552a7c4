//! A mail server on loopback that says what a test wants to hear, at whatever stage.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use vestibule::platform::config::{Config, Encryption, SmtpServer};

/// A mail server that says what a test wants it to say, and hands over every letter it took.
pub struct Sink {
    pub port: u16,
    pub letters: Receiver<String>,
    heard: Arc<Mutex<Vec<String>>>,
    answers: Answers,
}

/// What it says at a stage: to the greeting, `ehlo`, `auth`, `mail`, `rcpt`, `data` and `content`. `None` is what a server
/// says that takes everything, an empty answer is silence.
type Answer = dyn Fn(&str, &str) -> Option<String> + Send + Sync;
type Answers = Arc<Mutex<Arc<Answer>>>;

impl Sink {
    /// From now on it answers so.
    pub fn bend(&self, answer: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) {
        *self.answers.lock().unwrap() = Arc::new(answer);
    }

    /// From now on it gives one answer at one stage, and takes everything else.
    pub fn bend_at(&self, stage: &str, answer: &str) {
        let (at, answer) = (stage.to_owned(), answer.to_owned());
        self.bend(move |stage, _| (stage == at).then(|| answer.clone()));
    }

    /// From now on it takes everything.
    pub fn straighten(&self) {
        self.bend(|_, _| None);
    }

    /// Every command that it was given.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A sink on a port of its own; `answer` is what it says to the line that names a recipient.
pub fn sink(answer: impl Fn(&str) -> &'static str + Send + Sync + 'static) -> Sink {
    let sink = taking();
    sink.bend(move |stage, line| (stage == "rcpt").then(|| answer(line).to_owned()));
    sink
}

/// A sink that takes everything, until it is bent.
pub fn taking() -> Sink {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, letters) = channel();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let none: Arc<Answer> = Arc::new(|_, _| None);
    let answers: Answers = Arc::new(Mutex::new(none));
    let (bent, told) = (answers.clone(), heard.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (taken, answers, heard) = (taken.clone(), bent.clone(), told.clone());
            std::thread::spawn(move || converse(stream, &answers, &heard, &taken));
        }
    });
    Sink { port, letters, heard, answers }
}

fn converse(stream: TcpStream, answers: &Answers, heard: &Mutex<Vec<String>>, taken: &Sender<String>) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    // Whether it was the usual answer.
    let mut say = move |stage: &str, line: &str, usual: &str| {
        let bent = answers.lock().unwrap().clone()(stage, line);
        let is_usual = bent.is_none();
        let words = bent.unwrap_or_else(|| usual.to_owned());
        if !words.is_empty() {
            drop(out.write_all(format!("{words}\r\n").as_bytes()));
        }
        is_usual
    };
    if !say("greeting", "", "220 sink") {
        // A server that refuses hosts or is silent reads on until the client goes.
        lines.map_while(Result::ok).for_each(drop);
        return;
    }
    while let Some(Ok(line)) = lines.next() {
        heard.lock().unwrap().push(line.clone());
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match command.as_str() {
            "EHLO" => drop(say("ehlo", &line, "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")),
            "AUTH" => drop(say("auth", &line, "235 2.7.0 welcome")),
            "MAIL" => drop(say("mail", &line, "250 fine")),
            "RCPT" => drop(say("rcpt", &line, "250 fine")),
            "DATA" => {
                if say("data", &line, "354 go on") {
                    let letter: Vec<String> =
                        lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                    if say("content", "", "250 taken") {
                        drop(taken.send(letter.join("\n")));
                    }
                }
            }
            "QUIT" => {
                say("quit", &line, "221 bye");
                return;
            }
            _ => drop(say("other", &line, "250 fine")),
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

/// The settings that send mail there after a login.
pub fn over_with_login(port: u16) -> impl FnOnce(&mut Config) {
    move |config| {
        over(port)(config);
        if let Some(server) = &mut config.mail.server {
            server.login = Some(("mailer".to_owned(), "canary-smtp-password".to_owned()));
        }
    }
}
