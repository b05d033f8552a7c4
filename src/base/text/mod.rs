//! Lines of text as people type them: NFC, trimmed, bounded, without characters that cannot be seen or that change the
//! direction of text (ASVS 1.3.3).

pub mod typed;

use unicode_normalization::UnicodeNormalization;

use crate::base::characters::is_unprintable;
use crate::base::problem::Problem;

/// A single line of at most `most` characters as a person types it; empty is `Missing`.
pub fn line(typed: &str, most: usize) -> Result<String, Problem> {
    bounded(typed::visible(typed)?, most)
}

/// A single line as a machine sends it: nothing is dropped from it, so that two that differ stay different.
pub fn sent_line(sent: &str, most: usize) -> Result<String, Problem> {
    let normal: String = sent.nfc().collect();
    match normal.chars().any(is_unprintable) {
        true => Err(Problem::Unprintable),
        false => bounded(normal.trim().to_owned(), most),
    }
}

fn bounded(text: String, most: usize) -> Result<String, Problem> {
    match text.chars().count() {
        0 => Err(Problem::Missing),
        count if count > most => Err(Problem::TooLong(most)),
        _ => Ok(text),
    }
}

/// A dot, or what a program may take for one in a host name (UTS #46).
pub fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{2024}' | '\u{3002}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}')
}

/// Whether a program may make a link of a part of a line: a dot after a letter or digit and before a word of two or more.
/// Initials such as "J.R.R." are none.
pub fn looks_like_a_link(line: &str) -> bool {
    let characters: Vec<char> = line.chars().collect();
    characters.windows(4).any(|part| {
        part[0].is_alphanumeric() && is_dot(part[1]) && part[2].is_alphabetic() && part[3].is_alphanumeric()
    })
}

/// Fewest and most characters of a handle.
pub const HANDLE: [usize; 2] = [3, 30];

/// What stands in addresses and is typed by hand: 3 to 30 of a-z, 0-9 and single inner hyphens, case folded. ASCII alone,
/// so that no two look alike.
pub fn handle(typed: &str) -> Option<String> {
    // An address of a page ends with a slash as well as without.
    let handle = typed::bare(&typed::plain(typed)).trim_end_matches('/').to_ascii_lowercase();
    let characters = handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let hyphens = !handle.starts_with('-') && !handle.ends_with('-') && !handle.contains("--");
    (characters && hyphens && (HANDLE[0]..=HANDLE[1]).contains(&handle.len())).then_some(handle)
}

/// A cell of a CSV file that no spreadsheet takes for a formula: an apostrophe in front makes it text. A program may
/// split where we do not, so what follows a separator or a line break counts like a beginning (ASVS 1.2.10).
pub fn harmless_cell(cell: &str) -> String {
    let begins_formula = |part: &str| {
        let begun = part.trim_start_matches([' ', '"', '\'']).chars().next();
        begun.is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
    };
    if cell.starts_with(['\t', '\r', '\n']) || cell.split([',', ';', '\t', '\r', '\n']).any(begins_formula) {
        return format!("'{cell}");
    }
    cell.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::characters::repeated;

    #[test]
    fn what_is_repeated_can_be_seen() {
        assert_eq!(repeated("Mob\0\u{202e}ile"), "Mob\u{fffd}\u{fffd}ile");
        assert_eq!(repeated(&"가".repeat(50)), "가".repeat(40));
    }

    #[test]
    fn asvs_1_2_10_no_cell_is_a_formula() {
        for formula in
            ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1", "a,\"=1\"", "a;=1", " =1", "\"=1", "a\r\n+2"]
        {
            assert_eq!(harmless_cell(formula), format!("'{formula}"));
        }
        for plain in ["", "Mina Park", "mina+list@acme.example", "2-3", "a=b", "박미나", "{\"a\":-1}", "a, b"] {
            assert_eq!(harmless_cell(plain), plain);
        }
    }

    #[test]
    fn asvs_1_3_3_unprintable_characters_are_refused() {
        for bad in ["a\u{202E}b", "a\0b", "a\r\nb", "x\u{2028}x", "a\u{fffd}b", "a\u{7f}b"] {
            assert_eq!(line(bad, 80), Err(Problem::Unprintable), "{bad:?}");
            assert_eq!(sent_line(bad, 80), Err(Problem::Unprintable), "{bad:?}");
        }
        for bad in ["a\u{200B}b", "a\tb", "a\u{FEFF}b", "\u{3164}ab"] {
            assert_eq!(line(bad, 80).map(|line| line.replace(' ', "")).as_deref(), Ok("ab"), "{bad:?}");
            assert_eq!(sent_line(bad, 80), Err(Problem::Unprintable), "{bad:?}");
        }
        assert_eq!(line("  ", 80), Err(Problem::Missing));
        assert_eq!(line(&"x".repeat(81), 80), Err(Problem::TooLong(80)));
        assert_eq!(line(" 박미나  ", 80).as_deref(), Ok("박미나"));
        assert_eq!(line("e\u{301}", 80).as_deref(), Ok("é"));
    }
}
