//! Events as files: CSV for spreadsheets, JSON Lines for programs.

use std::collections::HashMap;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::seal::Seal;
use super::store::Entry;
use crate::base::ids::EventId;
use crate::base::text::harmless_cell;

words! {
    /// How events are written down.
    Format {
        /// RFC 4180, for spreadsheets.
        Csv = "csv",
        /// One JSON object a line, for programs.
        JsonLines = "jsonl",
    }
}

/// The columns; names are stable, programs read them.
const COLUMNS: &[&str] = &[
    "time",
    "id",
    "reference",
    "event",
    "result",
    "reason",
    "count",
    "actor_kind",
    "actor_id",
    "actor_name",
    "target_kind",
    "target_id",
    "target_name",
    "address",
    "user_agent",
    "request_id",
    "details",
    "seal_number",
    "seal_hash",
    "seal_signature",
    "seal_key",
];

/// An event as one JSON object.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    id: &'a str,
    reference: &'a str,
    event: &'a str,
    result: &'a str,
    reason: Option<&'a str>,
    count: i64,
    actor_kind: &'a str,
    actor_id: Option<&'a str>,
    actor_name: Option<&'a str>,
    target_kind: Option<&'a str>,
    target_id: Option<&'a str>,
    target_name: Option<&'a str>,
    address: Option<&'a str>,
    user_agent: Option<&'a str>,
    request_id: Option<&'a str>,
    details: Box<RawValue>,
    seal: Option<&'a Seal>,
}

impl Format {
    /// Its content type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    /// The beginning of a file. CSV begins with a byte order mark: without it Excel, which most people open such a file
    /// with, reads Korean names as Latin letters. Programs that trip over it take JSON Lines.
    pub(super) fn head(self) -> Result<Vec<u8>, csv::Error> {
        match self {
            Self::Csv => Ok([b"\xEF\xBB\xBF".as_slice(), &rows([COLUMNS])?].concat()),
            Self::JsonLines => Ok(Vec::new()),
        }
    }

    /// Events, one a row, with the seals of those that have one.
    pub fn rows(self, entries: &[Entry], seals: &HashMap<EventId, Seal>) -> Result<Vec<u8>, csv::Error> {
        let lines = entries.iter().map(|entry| line(entry, seals.get(&entry.id)));
        match self {
            Self::Csv => {
                let lines = lines.collect::<Result<Vec<_>, _>>().map_err(std::io::Error::from)?;
                rows(lines.into_iter().map(cells))
            }
            Self::JsonLines => {
                let mut text = Vec::new();
                for line in lines {
                    let line = line.map_err(std::io::Error::from)?;
                    serde_json::to_writer(&mut text, &line).map_err(std::io::Error::from)?;
                    text.push(b'\n');
                }
                Ok(text)
            }
        }
    }
}

/// Every cell in quotes, lines ended by CR LF.
fn rows<R>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item: AsRef<[u8]>>,
{
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|cause| std::io::Error::other(cause.to_string()).into())
}

fn line<'a>(entry: &'a Entry, seal: Option<&'a Seal>) -> serde_json::Result<Line<'a>> {
    Ok(Line {
        time: entry.at.to_string(),
        id: entry.id.as_str(),
        reference: &entry.reference,
        event: &entry.event,
        result: entry.result.word(),
        reason: entry.reason.as_deref(),
        count: entry.count,
        actor_kind: entry.actor_kind.word(),
        actor_id: entry.actor_id.as_deref(),
        actor_name: entry.actor_name.as_deref(),
        target_kind: entry.target_kind.as_deref(),
        target_id: entry.target_id.as_deref(),
        target_name: entry.target_name.as_deref(),
        address: entry.address.as_deref(),
        user_agent: entry.user_agent.as_deref(),
        request_id: entry.request_id.as_deref(),
        details: details(entry)?,
        seal,
    })
}

/// The facts as they stand in the log, letter by letter: that is what is sealed. What is no JSON on one line was not written
/// by us; it is told as it was understood, and its seal tells that it is not what was sealed.
fn details(entry: &Entry) -> serde_json::Result<Box<RawValue>> {
    let stands = Some(&entry.details).filter(|text| !text.contains(['\n', '\r']));
    match stands.and_then(|text| RawValue::from_string(text.clone()).ok()) {
        Some(raw) => Ok(raw),
        None => to_raw_value(&entry.details()),
    }
}

fn cells(line: Line<'_>) -> [String; COLUMNS.len()] {
    let text = |text: Option<&str>| harmless_cell(text.unwrap_or_default());
    [
        line.time,
        line.id.to_owned(),
        line.reference.to_owned(),
        text(Some(line.event)),
        line.result.to_owned(),
        text(line.reason),
        line.count.to_string(),
        line.actor_kind.to_owned(),
        text(line.actor_id),
        text(line.actor_name),
        text(line.target_kind),
        text(line.target_id),
        text(line.target_name),
        text(line.address),
        text(line.user_agent),
        text(line.request_id),
        text(Some(line.details.get())),
        line.seal.map(|seal| seal.number.to_string()).unwrap_or_default(),
        line.seal.map(|seal| seal.hash.clone()).unwrap_or_default(),
        line.seal.map(|seal| seal.signature.clone()).unwrap_or_default(),
        line.seal.map(|seal| seal.key.clone()).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_begins_with_its_mark_and_quotes_every_cell() {
        let head = String::from_utf8(Format::Csv.head().unwrap()).unwrap();
        assert!(head.starts_with("\u{feff}\"time\",\"id\",\"reference\""), "{head}");
        assert!(head.ends_with(",\"seal_signature\",\"seal_key\"\r\n"), "{head}");
        assert_eq!(Format::JsonLines.head().unwrap(), b"");
    }
}
