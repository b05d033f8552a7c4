//! Characters that cannot be seen, and texts that are shown without them.

/// Controls, line and paragraph separators, bidirectional marks and overrides, zero-width characters, private use.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFD}'
            | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// The beginning of what was typed, as a complaint repeats it: what cannot be seen is shown as a sign that stands for it.
pub fn repeated(typed: &str) -> String {
    const MOST: usize = 40;
    typed.chars().take(MOST).map(|c| if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
