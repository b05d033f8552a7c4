//! Events as files: CSV for spreadsheets, JSON Lines for programs.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde::Serialize;
use serde_json::Value;

use super::store::Entry;
use crate::text::harmless_cell;

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
    details: Value,
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

    /// Events, one a row.
    pub fn rows(self, entries: &[Entry]) -> Result<Vec<u8>, csv::Error> {
        match self {
            Self::Csv => rows(entries.iter().map(cells)),
            Self::JsonLines => {
                let mut text = Vec::new();
                for entry in entries {
                    serde_json::to_writer(&mut text, &line(entry)).map_err(std::io::Error::from)?;
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

fn line(entry: &Entry) -> Line<'_> {
    Line {
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
        details: Value::Object(entry.details()),
    }
}

fn cells(entry: &Entry) -> [String; COLUMNS.len()] {
    let line = line(entry);
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
        text(Some(&entry.details)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_begins_with_its_mark_and_quotes_every_cell() {
        let head = String::from_utf8(Format::Csv.head().unwrap()).unwrap();
        assert!(head.starts_with("\u{feff}\"time\",\"id\",\"reference\""), "{head}");
        assert!(head.ends_with(",\"details\"\r\n"), "{head}");
        assert_eq!(Format::JsonLines.head().unwrap(), b"");
    }
}
