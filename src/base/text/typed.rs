//! The characters of typed values: which spellings mean the same, and which mean nothing.
//!
//! What a person types for a machine (a code, a number, an address, a handle) is folded by [`plain`] before it is read;
//! what a person types for people (a name, a description) is cleaned by [`visible`]. Neither is for a password, which is
//! compared as typed, nor for what a machine sends, which is compared as it came.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use crate::base::problem::Problem;

/// A value for a machine, in the one spelling that its reader takes: compatibility characters folded (NFKC), digits of
/// every script as 0-9, every kind of dash as a hyphen, every kind of blank as a space, nothing that cannot be seen.
pub fn plain(typed: &str) -> String {
    let seen = typed.chars().filter(|c| !is_invisible(*c) && !is_joiner(*c) && !is_override(*c));
    let folded: String = seen.nfkc().filter(|c| !is_invisible(*c)).map(one_spelling).collect();
    folded.trim_matches(' ').to_owned()
}

/// A value for people: NFC, blanks as spaces, joiners where a script needs them, nothing else that cannot be seen. What
/// changes the direction of the text around it, breaks it into lines or stands for a lost character is refused.
pub fn visible(typed: &str) -> Result<String, Problem> {
    let typed: Vec<char> = typed.trim().chars().filter(|c| !is_invisible(*c)).collect();
    let mut kept = String::new();
    for (at, c) in typed.iter().copied().enumerate() {
        match c {
            c if is_joiner(c) => {
                if joins(kept.chars().next_back(), typed.get(at + 1).copied(), c) {
                    kept.push(c);
                }
            }
            '\t' => kept.push(' '),
            c if c.is_control() || is_override(c) || is_line_break(c) || is_lost(c) => {
                return Err(Problem::Unprintable);
            }
            c if is_blank(c) => kept.push(' '),
            c => kept.push(c),
        }
    }
    Ok(kept.nfc().collect::<String>().trim().to_owned())
}

/// A value for a machine without what stood around it where it was copied from: quotation marks, and the comma, semicolon
/// or full stop after it. Takes what [`plain`] gives.
pub fn bare(plain: &str) -> &str {
    let is_quote = |c: char| matches!(c, ' ' | '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '«' | '»');
    plain.trim_start_matches(is_quote).trim_end_matches(|c| is_quote(c) || matches!(c, ',' | ';' | '.'))
}

/// A whole number as typed; `None` for anything else.
pub fn number(typed: &str) -> Option<i64> {
    let plain = plain(typed);
    let digits = whole(plain.strip_prefix('+').unwrap_or(&plain))?;
    (digits.len() <= 19).then(|| digits.parse().ok()).flatten()
}

/// Digits without the commas by which people group them; `None` where commas do not stand between groups of three, as one
/// of them could be a decimal point.
pub fn whole(digits: &str) -> Option<String> {
    let mut groups = digits.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let grouped =
        rest.is_empty() || (first.len() <= 3 && !first.starts_with('0') && rest.iter().all(|part| part.len() == 3));
    (grouped && is_digits(first) && rest.iter().all(|part| is_digits(part))).then(|| digits.replace(',', ""))
}

/// A number of days: the unit may be typed along.
pub fn days(typed: &str) -> Option<i64> {
    let plain = plain(typed).to_lowercase();
    number(["days", "day", "일"].into_iter().find_map(|unit| plain.strip_suffix(unit)).unwrap_or(&plain))
}

/// A day or a month whose year stands first, as `2026-12-20` or `2026-12`: with hyphens, dots, slashes, the Korean words,
/// or none of them. An order that another country reads otherwise is not guessed.
pub fn date(typed: &str) -> Option<String> {
    let plain = plain(typed);
    let digits_alone = plain.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<String> = match (digits_alone, plain.len()) {
        (true, 6) => [&plain[..4], &plain[4..]].map(str::to_owned).into(),
        (true, 8) => [&plain[..4], &plain[4..6], &plain[6..]].map(str::to_owned).into(),
        _ => {
            let ended = plain.trim_end_matches(['.', '일', '월', ' ']);
            ended.split(['-', '.', '/', '년', '월']).map(|part| part.trim().to_owned()).collect()
        }
    };
    let digits = |part: &String, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let (year, rest) = parts.split_first()?;
    let fits = digits(year, 4..=4) && (1..=2).contains(&rest.len()) && rest.iter().all(|part| digits(part, 1..=2));
    fits.then(|| rest.iter().fold(year.clone(), |date, part| format!("{date}-{part:0>2}")))
}

/// A value without what only separates its groups.
pub fn ungrouped(typed: &str) -> String {
    plain(typed).chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '_' | ':' | ',' | '/' | '·')).collect()
}

fn one_spelling(c: char) -> char {
    match c {
        '。' => '.',
        c if is_dash(c) => '-',
        c if is_blank(c) => ' ',
        c => digit(c).unwrap_or(c),
    }
}

/// A decimal digit of another script as the one that it means.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 21] = [
        0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50,
        0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0x1946, 0xa8d0,
    ];
    let value = ZEROS.into_iter().find_map(|zero| u32::from(c).checked_sub(zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{30fc}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
    )
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Overrides make a text look like another one.
fn is_override(c: char) -> bool {
    matches!(c, '\u{202d}' | '\u{202e}')
}

/// What stands for a character that was lost, or for one that only one program knows.
fn is_lost(c: char) -> bool {
    matches!(c, '\u{fffc}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Characters without a shape that change nothing but the look of their neighbours: marks and isolates of direction, soft
/// hyphens, spaces without width, fillers, tags.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202c}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a joiner means something between its neighbours: after the sign that takes a vowel away, and between letters
/// of the scripts that join, and between emoji.
fn joins(before: Option<char>, after: Option<char>, joiner: char) -> bool {
    let virama = before.is_some_and(|c| canonical_combining_class(c) == 9);
    let is_joining = |c: char| {
        let syllable = matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3000}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}');
        let emoji =
            matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}');
        c >= '\u{0600}' && !syllable && (c.is_alphabetic() || is_combining_mark(c) || emoji)
    };
    (virama && (joiner == '\u{200d}' || after.is_some()))
        || (before.is_some_and(is_joining) && after.is_some_and(is_joining))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_for_machines_have_one_spelling() {
        for (typed, meant) in [
            ("\u{200e}１２３\u{a0}４５６", "123 456"),
            ("123\u{2011}456", "123-456"),
            ("٢٠٣.٠.١١٣.٥", "203.0.113.5"),
            ("\u{202a}010–1234—5678\u{202c}", "010-1234-5678"),
            ("０３ー１２３４", "03-1234"),
            ("acme\u{ad}-\u{200d}cloud\u{feff}\t", "acme-cloud"),
            ("ｍｉｎａ＠acme。example", "mina@acme.example"),
        ] {
            assert_eq!(plain(typed), meant, "{typed:?}");
            assert_eq!(plain(&plain(typed)), meant);
        }
    }

    #[test]
    fn what_stood_around_a_value_is_no_part_of_it() {
        for typed in ["acme", "\"acme\"", "“acme”,", "'acme';", "`acme`.", " acme. "] {
            assert_eq!(bare(typed), "acme", "{typed}");
        }
        assert_eq!((bare("a.b,c"), bare(".a"), bare("\"\"")), ("a.b,c", ".a", ""));
    }

    #[test]
    fn joiners_stay_where_a_script_needs_them() {
        for kept in ["علی\u{200c}رضا", "ශ්\u{200d}රී", "क्\u{200d}ष", "അവന്\u{200d}", "👩\u{200d}💻", "❤\u{fe0f}\u{200d}🔥"]
        {
            assert_eq!(visible(kept).as_deref(), Ok(kept));
            assert_eq!(visible(&format!("\u{200b}{kept}\u{ad}\u{feff}")).as_deref(), Ok(kept));
        }
        for (typed, kept) in [("Mi\u{200d}na", "Mina"), ("박\u{200c}미나", "박미나"), ("\u{200d}Mina\u{200c} ", "Mina")]
        {
            assert_eq!(visible(typed).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn what_misleads_or_was_lost_is_refused() {
        for bad in ["a\u{202e}b", "a\u{202d}b", "a\0b", "a\r\nb", "a\u{2028}b", "a\u{fffd}b", "a\u{e000}b", "a\u{7f}b"]
        {
            assert_eq!(visible(bad), Err(Problem::Unprintable), "{bad:?}");
        }
        assert_eq!(visible("\u{2068}Mina\u{2069}\tPark\u{3000}").as_deref(), Ok("Mina Park"));
    }

    #[test]
    fn numbers_and_dates_are_read_in_every_clear_spelling() {
        for typed in ["45", " ４５ ", "+45", "045", "٤٥"] {
            assert_eq!(number(typed), Some(45), "{typed}");
        }
        for typed in ["1,000", "１，０００", "+1,000"] {
            assert_eq!(number(typed), Some(1000), "{typed}");
        }
        for typed in [
            "",
            "-45",
            "4 5",
            "45.5",
            "4,5",
            "9999999999999999999",
            "1,00",
            "1000,000",
            "0,123",
            ",123",
            "1,",
            "1,0000",
        ] {
            assert_eq!(number(typed), None, "{typed}");
        }
        assert_eq!((days("45 days"), days("45일"), days("９０"), days("days")), (Some(45), Some(45), Some(90), None));
        for typed in [
            "2026-12-05",
            "2026.12.5",
            "2026. 12. 5.",
            "2026/12/05",
            "20261205",
            "２０２６－１２－５",
            "2026년 12월 5일",
        ] {
            assert_eq!(date(typed).as_deref(), Some("2026-12-05"), "{typed}");
        }
        for typed in ["2026-12", "2026.12", "202612", "2026년 12월"] {
            assert_eq!(date(typed).as_deref(), Some("2026-12"), "{typed}");
        }
        for typed in ["05/12/2026", "12.5", "tomorrow", "", "2026-", "2026-12-20-1", "20260", "26-12-05"] {
            assert_eq!(date(typed), None, "{typed}");
        }
    }
}
