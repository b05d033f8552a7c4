//! Why a message did not leave, and what becomes of it: one function of the stage and of the code.
//!
//! A mail server refuses the recipient, or it refuses us: our host, our login, our sender, how much we send. Only what is
//! about the recipient, or about a message that no server would take, is final; everything else waits, as the operator
//! can mend it (RFC 5321 section 4.2, RFC 3463 for the enhanced codes).

use std::fmt;

words! {
    /// How far a delivery got.
    Stage {
        /// The message is put into words.
        Write = "write",
        /// The server's name is looked up and a connection is made.
        Connect = "connect",
        /// The connection is encrypted.
        Tls = "tls",
        /// The server speaks first.
        Greeting = "greeting",
        /// We say who we are (EHLO).
        Hello = "ehlo",
        /// We ask for encryption.
        StartTls = "starttls",
        /// We log in.
        Auth = "auth",
        /// We name the sender.
        Mail = "mail",
        /// We name the recipient.
        Rcpt = "rcpt",
        /// We ask to send the message.
        Data = "data",
        /// The message was sent, and the server says whether it takes it.
        Content = "content",
        /// The SMS gateway answered.
        Gateway = "gateway",
    }
}

/// Whether a refused message is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// It is tried again.
    Waits,
    /// It never is.
    Final,
}

/// An enhanced status code (RFC 3463), such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enhanced(pub u16, pub u16, pub u16);

impl Enhanced {
    /// The code with which the words of an answer begin; its first digit is the answer's own, or it is no code.
    pub fn of(code: u16, words: &str) -> Option<Self> {
        let mut parts = words.split_whitespace().next()?.split('.');
        let mut next = || -> Option<u16> {
            let part = parts.next()?;
            let fits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if fits { part.parse().ok() } else { None }
        };
        let found = Self(next()?, next()?, next()?);
        (parts.next().is_none() && matches!(found.0, 2 | 4 | 5) && (found.0 == 2) == (code / 100 == 2)).then_some(found)
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// What becomes of an email that a mail server refused at a stage.
pub fn becomes(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Becomes {
    let is_permanent = code / 100 == 5 && enhanced.is_none_or(|enhanced| enhanced.0 == 5);
    let about = enhanced.map(|enhanced| (enhanced.1, enhanced.2));
    // "Bad sender's mailbox" and "bad sender's system": a recipient's subject, and yet about us.
    let is_sender = matches!(about, Some((1, 7 | 8)));
    let is_final = match stage {
        _ if !is_permanent || is_sender => false,
        Stage::Rcpt => match about {
            Some((subject, _)) => !matches!(subject, 3 | 4 | 7),
            // These answers are about the command, the order of commands or our login, whatever they follow.
            None => !matches!(code, 500 | 502..=504 | 521 | 530 | 534 | 535 | 538 | 555),
        },
        Stage::Data | Stage::Content => match about {
            Some((subject, detail)) => matches!(subject, 1 | 2 | 6) || (subject, detail) == (3, 4),
            None => code == 552,
        },
        _ => false,
    };
    if is_final { Becomes::Final } else { Becomes::Waits }
}

/// Why a message did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// How far it got.
    pub stage: Stage,
    /// Whether it is tried again.
    pub becomes: Becomes,
    /// The code of the answer, if there was one.
    pub code: Option<u16>,
    /// Its enhanced code.
    pub enhanced: Option<Enhanced>,
    /// The answer, or what went wrong, in words. It may repeat the address, so no log line has it.
    pub words: String,
}

impl Refusal {
    /// A mail server's answer.
    pub fn answered(stage: Stage, code: u16, words: &str) -> Self {
        let enhanced = Enhanced::of(code, words);
        let words = format!("{code} {words}").trim_end().to_owned();
        Self { stage, becomes: becomes(stage, code, enhanced), code: Some(code), enhanced, words }
    }

    /// No answer came, or none that can be read: it is tried again.
    pub fn unanswered(stage: Stage, words: impl Into<String>) -> Self {
        Self { stage, becomes: Becomes::Waits, code: None, enhanced: None, words: words.into() }
    }

    /// It cannot even be put into words, now or ever.
    pub fn unwritable(words: impl Into<String>) -> Self {
        let stage = Stage::Write;
        Self { stage, becomes: Becomes::Final, code: None, enhanced: None, words: words.into() }
    }

    /// Whether it is about us and not about this one message: any other message would be refused alike.
    pub fn is_about_us(&self) -> bool {
        self.becomes == Becomes::Waits
            && match self.stage {
                Stage::Write => false,
                Stage::Rcpt | Stage::Data | Stage::Content => self.code.is_some_and(|code| code / 100 == 5),
                _ => true,
            }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage.word(), self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finally(stage: Stage, answer: &str) -> bool {
        let (code, words) = answer.split_once(' ').unwrap_or((answer, ""));
        Refusal::answered(stage, code.parse().unwrap(), words).becomes == Becomes::Final
    }

    const PERMANENT: [&str; 9] = [
        "550 5.1.1 unknown",
        "550 5.7.1 refused",
        "552 5.2.2 full",
        "553 no",
        "554 no",
        "550 5.4.5 quota",
        "552",
        "501",
        "554 5.6.0",
    ];

    #[test]
    fn a_refusal_before_rcpt_waits_at_every_stage() {
        let before = Stage::ALL.iter().filter(|stage| !matches!(stage, Stage::Rcpt | Stage::Data | Stage::Content));
        for stage in before {
            for answer in PERMANENT {
                assert!(!finally(*stage, answer), "{stage:?}: {answer}");
            }
        }
    }

    #[test]
    fn at_rcpt_what_is_about_the_recipient_is_final() {
        for answer in [
            "550",
            "550 5.1.1 unknown",
            "551 5.1.6",
            "552 5.2.2 full",
            "553 5.1.3",
            "554 no",
            "556 5.1.10",
            "550 5.5.0",
        ] {
            assert!(finally(Stage::Rcpt, answer), "{answer}");
        }
        for answer in [
            "450 4.2.1",
            "452",
            "550 5.3.2",
            "550 5.4.5 quota",
            "550 5.7.1 relaying denied",
            "554 5.7.26 not authenticated",
            "550 5.1.8 bad sender",
            "550 4.2.1",
            "503 bad sequence",
            "530 log in first",
        ] {
            assert!(!finally(Stage::Rcpt, answer), "{answer}");
        }
    }

    #[test]
    fn after_the_message_only_mailbox_and_message_are_final() {
        for stage in [Stage::Data, Stage::Content] {
            for answer in ["550 5.1.1", "552 5.2.2", "552 5.3.4 too big", "554 5.6.1", "552", "552 too big"] {
                assert!(finally(stage, answer), "{answer}");
            }
            for answer in [
                "550",
                "554 no",
                "550 5.4.5 quota",
                "550 5.7.26",
                "554 5.7.1 spam",
                "550 5.3.2",
                "552 5.7.0",
                "550 5.1.8",
                "452 4.2.2",
            ] {
                assert!(!finally(stage, answer), "{answer}");
            }
        }
    }

    #[test]
    fn an_enhanced_code_is_three_numbers_of_the_same_class() {
        assert_eq!(Enhanced::of(550, "5.7.26 not you"), Some(Enhanced(5, 7, 26)));
        for (code, words) in
            [(550, "mailbox 5.1.1"), (550, "5.1"), (550, "5.1.1.1 x"), (550, "10.0.0.1 x"), (250, "5.1.1"), (550, "")]
        {
            assert_eq!(Enhanced::of(code, words), None, "{words}");
        }
    }
}
