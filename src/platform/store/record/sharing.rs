//! Which refusals share a row of the log. A code leads to what its reader was shown, so events with a session share a row
//! only where everything a reader acts on is equal. Anybody can make events without a session, so those share a row by where
//! they come from, never by what was typed. Either way a minute has a bounded number of rows; what comes after is counted in
//! one more.

use serde_json::{Map, Value};

use crate::base::digest::Digest;
use crate::base::network;
use crate::platform::events::{Event, Kind, Outcome, Reason, Sharing};
use crate::platform::store::{StoreError, Work};

/// Rows of a minute: of one session; of one allocation of addresses in one log.
const ROWS: i64 = 60;

/// Where an event goes.
#[derive(Debug)]
pub(super) struct Destination {
    /// The key of the row that equal events share; `None` where it has its own.
    pub(super) key: Option<Digest>,
    /// Whether what differs is listed in the row.
    pub(super) has_examples: bool,
    /// Whose rows are counted; `None` for what cannot be made many of.
    who: Option<Vec<Vec<u8>>>,
    minute: String,
}

/// Where an event goes. What jobs, commands and changes leave is never counted together.
pub(super) fn place(work: &Work<'_>, event: &Event) -> Destination {
    let origin = work.origin();
    let minute = (work.now().millis() / 60_000).to_string();
    let own = |minute| Destination { key: None, has_examples: false, who: None, minute };
    if event.outcome == Outcome::Done || origin.operator || origin.request.is_none() {
        return own(minute);
    }
    let text = |text: Option<String>| text.unwrap_or_default().into_bytes();
    let organization = text(event.organization.as_ref().map(ToString::to_string));
    let reason = event.reason.map(Reason::word).unwrap_or_default();
    let what = [event.kind.word().as_bytes().to_vec(), reason.as_bytes().to_vec()];
    if let Some(session) = &origin.session {
        let who = vec![b"session".to_vec(), session.to_string().into_bytes()];
        let key = matches!(event.kind, Kind::RequestRefused | Kind::RequestFailed).then(|| {
            let seen = [
                text(event.target.as_ref().map(|(kind, id, name)| format!("{kind} {id} {name}"))),
                Value::Object(event.details.clone()).to_string().into_bytes(),
                text(origin.address.map(|address| address.to_string())),
                text(origin.agent.clone()),
            ];
            key(work, &[&who[..], &what, &seen], &minute)
        });
        return Destination { key, has_examples: false, who: Some(who), minute };
    }
    let place = |network: fn(std::net::IpAddr) -> String| text(origin.address.map(network));
    let who = vec![b"network".to_vec(), place(network::allocation), organization.clone()];
    let is_shared = match event.sharing {
        Sharing::ByRule => event.outcome == Outcome::Refused || event.kind == Kind::RequestFailed,
        Sharing::Alone => false,
        Sharing::Shared => true,
    };
    let key = is_shared.then(|| {
        let from = [b"without session".to_vec(), place(network::network), organization, text(origin.route.clone())];
        key(work, &[&from, &what], &minute)
    });
    Destination { has_examples: is_shared, key, who: Some(who), minute }
}

fn key(work: &Work<'_>, parts: &[&[Vec<u8>]], minute: &str) -> Digest {
    let mut all = vec![b"audit row".as_slice()];
    all.extend(parts.iter().flat_map(|parts| parts.iter().map(Vec::as_slice)));
    all.push(minute.as_bytes());
    work.keys().digest(&all)
}

impl Destination {
    /// Takes one of the rows of this minute; where they are used up, makes an event of those that are counted in one row.
    pub(super) fn limited(self, work: &mut Work<'_>, event: Event) -> Result<(Self, Event), StoreError> {
        let Some(who) = &self.who else { return Ok((self, event)) };
        let counter = key(work, &[&[b"rows".to_vec()], who], &self.minute);
        if super::rows::count_row(work, &counter)? <= ROWS {
            return Ok((self, event));
        }
        let rest = key(work, &[&[b"more".to_vec(), event.kind.word().as_bytes().to_vec()], who], &self.minute);
        let mut more = Event { reason: Some(Reason::More), ..Event::done(event.kind) };
        more.outcome = Outcome::Refused;
        more.details.insert("examples".to_owned(), Value::Array(vec![example(work, &event)]));
        (more.organization, more.actor) = (event.organization, event.actor);
        Ok((Self { key: Some(rest), has_examples: true, ..self }, more))
    }
}

/// Examples of what one row stands for, the row itself among them.
pub(super) const EXAMPLES: i64 = 5;

/// Characters of a fact in an example.
const LONGEST: usize = 120;

/// What is listed of an event that is counted in another's row.
pub(super) fn example(work: &Work<'_>, event: &Event) -> Value {
    let short = |text: &str| Value::String(text.chars().take(LONGEST).collect());
    let mut facts = Map::new();
    facts.insert("at".to_owned(), Value::String(work.now().to_string()));
    if let Some(address) = work.origin().address {
        facts.insert("address".to_owned(), Value::String(address.to_string()));
    }
    if let Some((.., name)) = &event.target {
        facts.insert("target".to_owned(), short(name));
    }
    let told = event.details.iter().filter(|(name, _)| *name != "examples");
    facts.extend(told.filter_map(|(name, value)| Some((name.clone(), short(value.as_str()?)))));
    if event.reason == Some(Reason::More) {
        return event.details.get("examples").and_then(|all| all.get(0)).cloned().unwrap_or(Value::Object(facts));
    }
    Value::Object(facts)
}
