//! The development mailbox: captured messages, for a person and for browser automation. Not routed in production.

use askama::Template;
use chrono::DateTime;

use crate::access::Visitor;
use crate::access::failure::Failure;
use crate::base::from_path::FromPath;
use crate::base::i18n::filters;
use crate::base::moment::Moment;
use crate::base::urls;
use crate::platform::mail::{Captured, Channel};
use crate::web::{Answer, Path, Reply};

#[derive(Template)]
#[template(path = "dev/mailbox.html", blocks = ["messages"])]
struct MailboxPage {
    messages: Vec<Captured>,
}

#[derive(Template)]
#[template(path = "dev/message.html")]
struct MessagePage {
    message: Captured,
    lines: Vec<Line>,
}

/// A line of a captured mail: a link stands alone on its line.
#[derive(Debug)]
enum Line {
    Words(String),
    Link(String),
}

crate::pages! {
    MailboxPage { messages };
    MessagePage;
}

/// Part of a Message-ID.
#[derive(Debug)]
pub struct CapturedId(String);

impl FromPath for CapturedId {
    fn from_path(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

/// `GET /dev/mailbox`.
pub async fn mailbox(visitor: Visitor) -> Reply {
    Ok(Answer::page(MailboxPage { messages: visitor.app().mailbox.all() }))
}

/// `GET /dev/mailbox.json`: the captured messages, newest first.
pub async fn mailbox_json(visitor: Visitor) -> Reply {
    let messages = visitor.app().mailbox.all();
    Ok(Answer::json(serde_json::to_string_pretty(&messages).map_err(|cause| Failure::Internal(cause.to_string()))?))
}

/// `GET /dev/mailbox/{id}`: one message, with links that can be followed.
pub async fn message(visitor: Visitor, id: Path<CapturedId>) -> Reply {
    let wanted = id.0.0;
    let message =
        visitor.app().mailbox.all().into_iter().find(|message| message.id == wanted).ok_or(Failure::NotFound)?;
    let line = |line: &str| match message.links.iter().any(|link| link == line.trim()) {
        true => Line::Link(line.trim().to_owned()),
        false => Line::Words(line.to_owned()),
    };
    let lines = message.text.lines().map(line).collect();
    Ok(Answer::page(MessagePage { message, lines }))
}

/// When a message was captured.
fn captured_at(message: &Captured) -> Moment {
    DateTime::parse_from_rfc3339(&message.at).map_or_else(|_| Moment::EPOCH, |at| Moment::new(at.to_utc()))
}

/// What a message is known by in the list: an SMS has no subject.
fn title(message: &Captured) -> &str {
    if message.subject.is_empty() { &message.text } else { &message.subject }
}

/// The icon of a message's channel.
fn icon(message: &Captured) -> &'static str {
    if message.kind == Channel::Sms.word() { "smartphone" } else { "mail" }
}
