//! The one table, as it is printed and as `docs/performance.md` keeps it.

use std::fmt::Write as _;
use std::path::Path;

use crate::Outcome;

/// The tables of the document, each between its two lines.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// Of the whole run.
    Bench,
    /// Of pages among a million users.
    Scale,
    /// Of several instances under load.
    Load,
    /// Of a database that goes away.
    Faults,
    /// Of attacks.
    Attack,
}

impl Table {
    fn lines(self) -> [&'static str; 2] {
        match self {
            Self::Bench => ["<!-- measured: written by `make bench ARGS=--write` -->", "<!-- /measured -->"],
            Self::Scale => {
                ["<!-- measured: written by `make bench-data ARGS=--write` -->", "<!-- /measured at scale -->"]
            }
            Self::Faults => ["<!-- measured: written by `make faults ARGS=--write` -->", "<!-- /measured -->"],
            Self::Attack => {
                ["<!-- measured: written by `make attack ARGS=--write` -->", "<!-- /measured under attack -->"]
            }
            Self::Load => ["<!-- measured: written by `make load ARGS=--write` -->", "<!-- /measured under load -->"],
        }
    }
}

struct Row {
    what: String,
    figure: String,
    demanded: String,
    met: Option<bool>,
}

/// What was measured, on what, and whether it is good enough.
#[derive(Default)]
pub struct Report {
    notes: Vec<String>,
    rows: Vec<Row>,
}

impl Report {
    /// A line above the table.
    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// A figure that nothing is demanded of.
    pub fn tell(&mut self, what: &str, figure: String) {
        self.rows.push(Row { what: what.to_owned(), figure, demanded: String::new(), met: None });
    }

    /// A figure, what is demanded of it, and whether it is met.
    pub fn demand(&mut self, what: &str, figure: String, demanded: &str, met: bool) {
        self.rows.push(Row { what: what.to_owned(), figure, demanded: demanded.to_owned(), met: Some(met) });
    }

    /// What was missed.
    pub fn missed(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| row.met == Some(false)).map(|row| row.what.as_str()).collect()
    }

    /// Notes and table in Markdown, the columns in line.
    pub fn text(&self) -> String {
        let heading = ["measured", "figure", "demanded", "verdict"].map(str::to_owned);
        let lines: Vec<[String; 4]> = std::iter::once(heading).chain(self.rows.iter().map(Row::cells)).collect();
        let widths: [usize; 4] = std::array::from_fn(|column| {
            lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default()
        });
        let mut text = String::new();
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text.push('\n');
        for (number, cells) in lines.iter().enumerate() {
            let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!(" {cell:<width$} ")).collect();
            let _ = writeln!(text, "|{}|", padded.join("|"));
            if number == 0 {
                let rule: Vec<_> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
                let _ = writeln!(text, "|{}|", rule.join("|"));
            }
        }
        text
    }

    /// Puts notes and table in place of the ones in `file`.
    pub fn write(&self, file: &Path, table: Table) -> Outcome<()> {
        let old = std::fs::read_to_string(file)?;
        let [begin, end] = table.lines();
        let parts = old.split_once(begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
        let (before, after) = parts.ok_or_else(|| format!("{} has no place for the table", file.display()))?;
        std::fs::write(file, format!("{before}{begin}\n\n{}\n{end}{after}", self.text()))?;
        Ok(())
    }
}

impl Row {
    fn cells(&self) -> [String; 4] {
        let verdict = match self.met {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        [self.what.clone(), self.figure.clone(), self.demanded.clone(), verdict.to_owned()]
    }
}
