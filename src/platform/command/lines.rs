//! JSON Lines as an operator's own system writes them: one object a line, in UTF-8, from a file or from standard input.
//!
//! A file is read strictly and whole before anything is done with it: a field that is not known, one that stands twice,
//! a line that is too long or not UTF-8 is a mistake, and every mistake is told by the number of its line. What becomes
//! of the lines afterwards is told by a [`Report`].

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::table::Table;

/// Bytes of the longest line.
pub const LONGEST: usize = 64 * 1024;

/// Bytes of the largest file: what was read stays in memory until all of it is known to be right.
pub const LARGEST: usize = 64 * 1024 * 1024;

/// Mistakes that are told; of a file that is wrong in every line the first ones say enough.
const TOLD: usize = 20;

/// A line that was read.
#[derive(Debug)]
pub struct Line<T> {
    /// Its number, from 1, empty lines counted.
    pub number: usize,
    /// What it says.
    pub value: T,
}

/// Reads the file at `path`, or standard input for `-`. Fails with every mistake in words for the operator.
pub fn read<T: DeserializeOwned>(path: &str) -> Result<Vec<Line<T>>, String> {
    match path {
        "-" => parse(std::io::stdin().lock()),
        path => parse(BufReader::new(File::open(path).map_err(|cause| format!("{path}: {cause}"))?)),
    }
}

/// Reads all lines. Empty ones, such as the last, say nothing.
fn parse<T: DeserializeOwned>(mut from: impl BufRead) -> Result<Vec<Line<T>>, String> {
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    let (mut number, mut size) = (0, 0);
    while let Some(bytes) = next(&mut from).map_err(|cause| format!("after line {number}: {cause}"))? {
        number += 1;
        size += bytes.len() + 1;
        if size > LARGEST {
            return Err(format!("line {number}: there are more than {} MiB; split the file", LARGEST / 1024 / 1024));
        }
        match value(&bytes) {
            Ok(Some(value)) => lines.push(Line { number, value }),
            Ok(None) => {}
            Err(mistake) => mistakes.push(format!("line {number}: {mistake}")),
        }
    }
    all_or_mistakes(lines, mistakes)
}

/// What was read, unless there are mistakes: then those, and that nothing was done.
pub fn all_or_mistakes<T>(lines: Vec<Line<T>>, mut mistakes: Vec<String>) -> Result<Vec<Line<T>>, String> {
    if mistakes.is_empty() {
        return Ok(lines);
    }
    let more = mistakes.len().saturating_sub(TOLD);
    mistakes.truncate(TOLD);
    if more > 0 {
        mistakes.push(format!("and {more} more lines"));
    }
    Err(format!("nothing was done, as not every line is right:\n  {}", mistakes.join("\n  ")))
}

/// The next line without its end; of one that is too long, only so much that this can be told.
fn next(from: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let most = LONGEST as u64 + 1;
    if from.take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() > LONGEST {
        skip(from)?;
    }
    Ok(Some(line))
}

/// Passes over the rest of a line.
fn skip(from: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffered = from.fill_buf()?;
        let end = buffered.iter().position(|byte| *byte == b'\n');
        let (passed, is_over) = (end.map_or(buffered.len(), |end| end + 1), end.is_some() || buffered.is_empty());
        from.consume(passed);
        if is_over {
            return Ok(());
        }
    }
}

fn value<T: DeserializeOwned>(line: &[u8]) -> Result<Option<T>, String> {
    if line.len() > LONGEST {
        return Err(format!("longer than {LONGEST} bytes"));
    }
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    if text.starts_with('\u{FEFF}') {
        return Err("begins with a byte order mark; write the file without it".to_owned());
    }
    if text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|cause| words(&cause))
}

/// What is wrong, and in which column; the library counts lines of its own.
fn words(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    match text.rsplit_once(" at line ") {
        Some((problem, _)) => format!("{problem} (column {})", cause.column()),
        None => text,
    }
}

/// What became of a line.
#[derive(Debug, Serialize)]
struct Outcome {
    line: usize,
    id: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

/// What became of each line.
#[derive(Debug, Default)]
pub struct Report {
    outcomes: Vec<Outcome>,
    refused: usize,
}

impl Report {
    /// A line that was carried out: `id` is its own name for itself, `result` a stable word.
    pub fn done(&mut self, line: usize, id: &str, result: &'static str) {
        self.outcomes.push(Outcome { line, id: id.to_owned(), result, because: None });
    }

    /// A line that changed nothing, as it could not be carried out.
    pub fn refused(&mut self, line: usize, id: &str, because: String) {
        self.refused += 1;
        self.outcomes.push(Outcome { line, id: id.to_owned(), result: "refused", because: Some(because) });
    }

    /// Prints a table for people, or one JSON object a line for scripts. Fails where a line was refused.
    pub fn print(self, as_json: bool) -> Result<(), String> {
        let (lines, refused) = (self.outcomes.len(), self.refused);
        let mut table = Table::new(["LINE", "ID", "RESULT", "BECAUSE"]);
        for outcome in self.outcomes {
            if as_json {
                crate::platform::terminal::say!("{}", super::json(&outcome)?);
            } else {
                let because = outcome.because.unwrap_or_default();
                table.add([outcome.line.to_string(), outcome.id, outcome.result.to_owned(), because]);
            }
        }
        if !as_json {
            crate::platform::terminal::say_text!("{}", table.text("There were no lines."));
        }
        match refused {
            0 => Ok(()),
            refused => Err(format!("{refused} of {lines} lines were refused; the others stand")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        id: String,
        count: i64,
    }

    fn parsed(bytes: &[u8]) -> Result<Vec<(usize, String, i64)>, String> {
        let lines = parse::<Thing>(bytes)?;
        Ok(lines.into_iter().map(|line| (line.number, line.value.id, line.value.count)).collect())
    }

    #[test]
    fn lines_end_as_any_system_ends_them() {
        let told = Ok(vec![(1, "a".to_owned(), 1), (3, "b".to_owned(), -2)]);
        let text = "{\"id\":\"a\",\"count\":1}\n\n{\"id\":\"b\",\"count\":-2}";
        assert_eq!(parsed(text.as_bytes()), told);
        assert_eq!(parsed(format!("{text}\n").as_bytes()), told);
        assert_eq!(parsed(format!("{}\r\n", text.replace('\n', "\r\n")).as_bytes()), told);
        assert_eq!(parsed(b""), Ok(Vec::new()));
    }

    #[test]
    fn every_mistake_is_told_by_its_line() {
        let mut text = b"{\"id\":\"good\",\"count\":1}\n".to_vec();
        let bad: [(&[u8], &str); 14] = [
            (b"\xEF\xBB\xBF{\"id\":\"a\",\"count\":1}", "byte order mark"),
            (b"{\"id\":\"\xFF\",\"count\":1}", "not UTF-8"),
            (b"{\"id\":\"a\",\"count\":1,\"more\":2}", "unknown field `more`"),
            (b"{\"id\":\"a\",\"count\":1,\"count\":2}", "duplicate field `count`"),
            (b"{\"id\":\"a\"}", "missing field `count`"),
            (b"{\"id\":\"a\",\"count\":9223372036854775808}", "invalid value"),
            (b"{\"id\":\"a\",\"count\":1e400}", "number out of range"),
            (b"{\"id\":\"a\",\"count\":1.0}", "invalid type"),
            (b"{\"id\":\"a\",\"count\":\"1\"}", "invalid type"),
            (b"{\"id\":\"a\",\"count\":1} {}", "trailing characters"),
            (b"{\"id\":\"a\",", "EOF"),
            (b"[]", "invalid length"),
            (b"null", "invalid type"),
            (b"\0", "expected value"),
        ];
        for (line, _) in bad {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        let told = parsed(&text).unwrap_err();
        for (at, (_, problem)) in bad.into_iter().enumerate() {
            let line = format!("  line {}: ", at + 2);
            let told = told.lines().find(|told| told.starts_with(&line)).unwrap_or_else(|| panic!("{line}: {told}"));
            assert!(told.contains(problem), "{told} does not say {problem}");
        }
        assert!(told.starts_with("nothing was done") && !told.contains("line 1:"), "{told}");
    }

    #[test]
    fn a_line_is_as_long_as_the_limit_and_no_longer() {
        let line = |length: usize| {
            let frame = r#"{"id":"","count":1}"#.len();
            format!("{{\"id\":\"{}\",\"count\":1}}", "x".repeat(length - frame))
        };
        for end in ["", "\n"] {
            assert!(parsed(format!("{}{end}", line(LONGEST)).as_bytes()).is_ok());
            let told = parsed(format!("{}{end}", line(LONGEST + 1)).as_bytes()).unwrap_err();
            assert!(told.contains("line 1: longer than 65536 bytes"), "{told}");
        }
        // What follows a line that is too long is counted and read on.
        let told = parsed(format!("{}\n{}\n{{}}", line(3 * LONGEST), line(100)).as_bytes()).unwrap_err();
        assert!(told.contains("line 1: longer") && told.contains("line 3: missing") && !told.contains("line 2"));
    }

    #[test]
    fn of_many_mistakes_the_first_are_told() {
        let told = parsed("{}\n".repeat(25).as_bytes()).unwrap_err();
        assert!(
            told.contains("line 20:") && !told.contains("line 21:") && told.ends_with("and 5 more lines"),
            "{told}"
        );
        let nested = "[".repeat(60_000);
        assert!(parsed(nested.as_bytes()).unwrap_err().contains("line 1: "));
        // Lines that are wrong count too.
        let large = format!("{}\n", "x".repeat(LONGEST)).repeat(LARGEST / LONGEST);
        assert!(parsed(large.as_bytes()).is_err_and(|told| told.contains("more than 64 MiB")));
    }
}
