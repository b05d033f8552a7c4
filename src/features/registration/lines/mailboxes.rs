//! Addresses as mail programs copy them: `"Kim, Mina" <mina@acme.example>; Joon Lee <joon@acme.example>`.

/// The rows of a text that is such a list: each an address and a name, with its line. `None` for any other text.
pub(super) fn rows(text: &str) -> Option<Vec<(u32, csv::StringRecord)>> {
    if !text.contains('<') || text.contains('\t') {
        return None;
    }
    let mut rows = Vec::new();
    for (line, number) in text.lines().zip(1_u32..) {
        rows.extend(entries(line)?.into_iter().map(|entry| (number, entry)));
    }
    (!rows.is_empty()).then_some(rows)
}

/// Whether a character separates entries as `separator` does: an input method for wide characters leaves another sign.
fn separates(c: char, separator: char) -> bool {
    c == separator || matches!((separator, c), (',', '，') | (';', '；'))
}

fn around(c: char) -> bool {
    matches!(c, ' ' | '\u{3000}' | '\r') || separates(c, ',') || separates(c, ';')
}

/// The entries of a line. A comma may separate them or stand in a name: what has no address belongs to what follows.
fn entries(line: &str) -> Option<Vec<csv::StringRecord>> {
    // What ends a line separates nothing.
    let line = line.trim_end_matches(around);
    let mut separator = ',';
    if unquoted(line).any(|(_, c)| separates(c, ';')) {
        separator = ';';
    }
    let ends: Vec<usize> = unquoted(line).filter(|(_, c)| separates(*c, separator)).map(|(at, _)| at).collect();
    let (mut entries, mut from) = (Vec::new(), 0);
    for end in ends.into_iter().chain([line.len()]) {
        let part = line[from..end].trim_matches(around);
        if part.contains('@') {
            entries.push(entry(part)?);
            from = end;
        }
    }
    let rest = line[from..].trim_matches(around);
    rest.is_empty().then_some(entries)
}

fn entry(part: &str) -> Option<csv::StringRecord> {
    let (name, address) = match part.split_once('<') {
        Some((name, rest)) => (name, rest.strip_suffix('>')?),
        None => ("", part),
    };
    let name = name.trim().trim_matches(['"', '\'']).trim();
    let whole = !name.contains(['<', '>', '@']) && !address.contains(['<', '>', ' ', ',', '"']);
    whole.then(|| csv::StringRecord::from(vec![address.trim(), name]))
}

/// The characters outside quotation marks and angle brackets, with their places.
fn unquoted(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut inside = None;
    line.char_indices().filter(move |(_, c)| {
        match (inside, c) {
            (None, '"') => inside = Some('"'),
            (None, '<') => inside = Some('>'),
            (Some(end), c) if *c == end => inside = None,
            _ => return inside.is_none(),
        }
        false
    })
}
