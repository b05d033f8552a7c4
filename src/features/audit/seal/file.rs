//! Verifies an exported log with nothing but public keys: no database, no configuration. Each line carries its seal, so it
//! is verified by itself; lines that follow each other are looked at as a chain, and numbers that are not there are named,
//! as an export may have been narrowed by filters.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use chrono::DateTime;
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::verify::Newest;
use super::{Finding, Findings, PublicKeys, Seal, Signed, Wrong, content, hash};
use crate::base::from_path::FromPath;
use crate::base::ids::EventId;
use crate::base::moment::Moment;
use crate::features::audit::store::Entry;
use crate::platform::events::{ActorKind, Outcome};

/// Bytes of the longest line; a fact of an event is a few hundred.
const LONGEST: u64 = 1 << 20;

/// Gaps that are named; a narrowed export may have one after each line.
const NAMED: usize = 20;

/// Within what time the oldest line without a seal and the newest with one can stand in one file.
const SOON: chrono::Duration = chrono::Duration::minutes(3);

/// A line as [`super::super::export`] writes it. A field that is not known is refused, as nothing vouches for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    time: String,
    id: String,
    reference: String,
    event: String,
    result: Outcome,
    reason: Option<String>,
    count: i64,
    actor_kind: ActorKind,
    actor_id: Option<String>,
    actor_name: Option<String>,
    target_kind: Option<String>,
    target_id: Option<String>,
    target_name: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    #[serde(borrow)]
    details: &'a RawValue,
    seal: Option<Seal>,
}

impl Line<'_> {
    /// The event as the database has it.
    fn entry(self) -> Result<(Entry, Option<Seal>), String> {
        let id = EventId::from_path(&self.id).ok_or("its id is none")?;
        let at = DateTime::parse_from_rfc3339(&self.time).map_err(|cause| format!("its time is none ({cause})"))?;
        let at = Moment::new(at.to_utc());
        if at.to_string() != self.time {
            return Err("its time is written in another way".to_owned());
        }
        let entry = Entry {
            id,
            reference: self.reference,
            at,
            event: self.event,
            result: self.result,
            reason: self.reason,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            actor_name: self.actor_name,
            target_kind: self.target_kind,
            target_id: self.target_id,
            target_name: self.target_name,
            details: self.details.get().to_owned(),
            address: self.address,
            user_agent: self.user_agent,
            request_id: self.request_id,
            count: self.count,
        };
        Ok((entry, self.seal))
    }
}

/// What a file has of one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The chain: the id of the organization.
    pub chain: String,
    /// The first number that is there.
    pub first: i64,
    /// The newest.
    pub newest: Newest,
    /// Numbers in between that are not in this file: the first gaps.
    pub missing: Vec<(i64, i64)>,
    /// How many gaps there are.
    pub gaps: usize,
}

/// What was found in a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Lines whose content, place and signature belong together.
    pub verified: u64,
    /// The newest lines, which had no seal yet when the file was made.
    pub unsealed: u64,
    /// The chains: one, unless files were put together.
    pub parts: Vec<Part>,
    /// What is wrong.
    pub wrong: Findings,
}

/// What is kept of a line until all are read.
struct Link {
    line: usize,
    number: i64,
    hash: [u8; 32],
    before: [u8; 32],
}

/// Verifies the lines of a file.
pub fn verify(mut from: impl BufRead, keys: &PublicKeys) -> io::Result<Report> {
    let (mut report, mut chains) = (Report::default(), BTreeMap::<String, Vec<Link>>::new());
    let (mut number, mut text) = (0, Vec::new());
    let mut unsealed: Vec<(usize, EventId)> = Vec::new();
    let mut latest: Option<Moment> = None;
    while io::Read::take(&mut from, LONGEST).read_until(b'\n', &mut text)? > 0 {
        number += 1;
        let line = std::mem::take(&mut text);
        let read = serde_json::from_slice::<Line<'_>>(&line).map_err(|cause| cause.to_string());
        match read.and_then(Line::entry) {
            Err(why) => report.wrong.add(at(number, Wrong::Unreadable(why))),
            Ok((entry, None)) => unsealed.push((number, entry.id)),
            Ok((entry, Some(seal))) => match link(number, &entry, &seal, keys) {
                Ok(link) => {
                    report.verified += 1;
                    latest = latest.max(Some(entry.id.moment()));
                    chains.entry(seal.chain).or_default().push(link);
                }
                Err(wrong) => {
                    let finding = Finding::on(&entry.id, wrong).numbered(seal.number).referred(&entry.reference);
                    report.wrong.add(finding.in_line(number));
                }
            },
        }
    }
    if report.verified == 0 && report.wrong.count == 0 {
        report.wrong.add(at(number, Wrong::Nothing));
    }
    for (line, id) in unsealed {
        // Seals take seconds, and a minute where equal events are counted: what is older than what has one did not get any.
        match latest.is_some_and(|latest| id.moment() < latest - SOON) {
            true => report.wrong.add(Finding::on(&id, Wrong::Inserted).in_line(line)),
            false => report.unsealed += 1,
        }
    }
    for (chain, links) in chains {
        let part = joined(chain, links, &mut report.wrong);
        report.parts.extend(part);
    }
    Ok(report)
}

fn at(line: usize, wrong: Wrong) -> Finding {
    Finding::whole(wrong).in_line(line)
}

/// A line by itself: its content is what the hash says, and the hash is signed.
fn link(line: usize, entry: &Entry, seal: &Seal, keys: &PublicKeys) -> Result<Link, Wrong> {
    let bytes = |digits: &str| -> Result<[u8; 32], Wrong> {
        let bytes = HEXLOWER.decode(digits.as_bytes()).map_err(|_| Wrong::Edited)?;
        bytes.try_into().map_err(|_| Wrong::Edited)
    };
    let (told, before) = (bytes(&seal.hash)?, bytes(&seal.before)?);
    let made = hash(&seal.chain, seal.number, &content(&seal.chain, entry), &before);
    if made.as_bytes() != told {
        return Err(Wrong::Edited);
    }
    let signature = BASE64.decode(seal.signature.as_bytes()).map_err(|_| Wrong::Signature)?;
    match keys.check(&seal.key, &told, &signature) {
        Signed::Rightly => Ok(Link { line, number: seal.number, hash: told, before }),
        Signed::Wrongly => Err(Wrong::Signature),
        Signed::Unknown => Err(Wrong::UnknownKey(seal.key.clone())),
    }
}

/// Lines of one chain that were verified by themselves, as a chain.
fn joined(chain: String, mut links: Vec<Link>, wrong: &mut Findings) -> Option<Part> {
    links.sort_by_key(|link| link.number);
    let (mut missing, mut gaps) = (Vec::new(), 0);
    for two in links.windows(2) {
        let [one, next] = two else { continue };
        match next.number - one.number {
            0 => wrong.add(at(next.line, Wrong::Twice).numbered(next.number)),
            1 if next.before != one.hash => wrong.add(at(next.line, Wrong::Unlinked).numbered(next.number)),
            1 => {}
            _ => {
                gaps += 1;
                if missing.len() < NAMED {
                    missing.push((one.number + 1, next.number - 1));
                }
            }
        }
    }
    let (first, last) = (links.first()?, links.last()?);
    let newest = Newest { number: last.number, hash: HEXLOWER.encode(&last.hash) };
    Some(Part { chain, first: first.number, newest, missing, gaps })
}
