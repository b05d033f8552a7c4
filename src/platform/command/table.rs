//! A readable table on a terminal: columns as wide as their widest cell, two spaces between them.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

/// Rows of `N` cells under headings.
#[derive(Debug)]
pub struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// An empty table.
    pub fn new(headings: [&'static str; N]) -> Self {
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn add(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The table; `empty` when it has no rows.
    pub fn text(&self, empty: &str) -> String {
        if self.rows.is_empty() {
            return format!("{empty}\n");
        }
        let widths: [usize; N] = std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| row[column].width());
            cells.max().unwrap_or_default().max(self.headings[column].len())
        });
        let mut text = line(&self.headings, &widths);
        for row in &self.rows {
            text += &line(&row.each_ref().map(String::as_str), &widths);
        }
        text
    }
}

fn line<const N: usize>(cells: &[&str; N], widths: &[usize; N]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let gap = width.saturating_sub(cell.width()) + 2;
        // Writing to a String cannot fail.
        let _ = write!(line, "{cell}{:gap$}", "");
    }
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_wide_letters_too() {
        let mut table = Table::new(["NAME", "STATE"]);
        assert_eq!(table.text("Nothing."), "Nothing.\n");
        table.add(["한국".to_owned(), "active".to_owned()]);
        table.add(["kim-and-lee".to_owned(), "suspended".to_owned()]);
        assert_eq!(table.text(""), "NAME         STATE\n한국         active\nkim-and-lee  suspended\n");
    }
}
