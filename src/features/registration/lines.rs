//! A list of people, pasted or from a file: read line by line, every complaint at its line, before anything is created.
//!
//! Columns are separated by commas, semicolons or tabs, as spreadsheets write them, or by the wide ones of an input method: e-mail, name, nickname, mobile,
//! roles. A first line with the columns' names may order them otherwise.

mod mailboxes;

use crate::base::characters;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{MOST, NewPerson};
use crate::access::{Role, Roles};
use crate::base::email::Email;
use crate::base::i18n::{Language, Text};
use crate::base::person::{PersonName, Phone};
use crate::base::problem::Problem;
use crate::base::text::typed;

/// Characters of a cell, at most; a longer one is a sign of a quotation mark that is not closed.
const LONGEST_CELL: usize = 1000;

/// The columns, in the order of a list without a first line of names.
const COLUMNS: [Column; 5] = [Column::Email, Column::Name, Column::Nickname, Column::Mobile, Column::Roles];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Email,
    Name,
    Nickname,
    Mobile,
    Roles,
}

impl Column {
    fn label(self) -> &'static str {
        match self {
            Self::Email => "person-email",
            Self::Name => "person-name",
            Self::Nickname => "person-nickname",
            Self::Mobile => "person-mobile",
            Self::Roles => "users-roles",
        }
    }

    /// Other names that spreadsheets give it.
    fn others(self) -> &'static [&'static str] {
        match self {
            Self::Email => &["mail", "email address", "메일", "이메일 주소", "메일 주소", "전자우편"],
            Self::Name => &["full name", "display name", "성명", "성함", "사용자 이름"],
            Self::Nickname => &["nick", "별명", "별칭"],
            Self::Mobile => &[
                "phone",
                "mobile phone",
                "mobile number",
                "phone number",
                "cell phone",
                "휴대전화",
                "휴대전화 번호",
                "휴대폰",
                "핸드폰",
                "핸드폰 번호",
                "전화번호",
                "연락처",
            ],
            Self::Roles => &["role", "organization roles", "권한", "조직 역할"],
        }
    }

    /// The column of a name as spreadsheets write it, in either language.
    fn named(typed: &str) -> Option<Self> {
        static NAMES: LazyLock<Vec<(String, Column)>> = LazyLock::new(|| {
            let others = |column: Column| column.others().iter().map(move |name| (squeezed(name), column));
            names(COLUMNS, Column::label).into_iter().chain(COLUMNS.into_iter().flat_map(others)).collect()
        });
        let word = squeezed(typed);
        NAMES.iter().find(|(name, _)| *name == word).map(|(_, column)| *column)
    }
}

/// What things are called in every language, squeezed.
fn names<T: Copy>(things: impl IntoIterator<Item = T>, label: fn(T) -> &'static str) -> Vec<(String, T)> {
    let in_all = |thing: T| Language::ALL.iter().map(move |language| Text::new(label(thing)).say(*language));
    things.into_iter().flat_map(|thing| in_all(thing).map(move |name| (squeezed(&name), thing))).collect()
}

/// What is wrong with a line, or with the list as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The line; `None` for the list as a whole.
    pub line: Option<u32>,
    /// Message id of the column's name, if it is about one.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub problem: Text,
}

impl Fault {
    /// Of the list as a whole.
    pub fn whole(problem: Text) -> Self {
        Self { line: None, column: None, problem }
    }

    /// Of a line.
    pub fn at(line: u32, column: Option<&'static str>, problem: impl Into<Text>) -> Self {
        Self { line: Some(line), column, problem: problem.into() }
    }
}

/// The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark or without, and the code page of Korean ones.
/// `None` for any other encoding.
pub fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(unit).unwrap_or(0xd800));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    // A list has separators and addresses, so that half the bytes of UTF-16 are nought somewhere.
    let noughts = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 8 > bytes.len();
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ if noughts(1) => wide(bytes, u16::from_le_bytes),
        _ if noughts(0) => wide(bytes, u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok().or_else(|| korean(bytes)),
    }
}

/// Text of the Korean code page (CP949), if all of it is.
fn korean(bytes: &[u8]) -> Option<String> {
    let text = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(bytes)?;
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    let expected = |c: char| {
        (c.is_ascii() && !control(c))
            || matches!(c, '\u{a0}'..='\u{ff}' | '\u{2000}'..='\u{33ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff01}'..='\u{ffe6}')
    };
    text.chars().all(expected).then(|| text.into_owned())
}

/// Reads a list for an organization of `country`.
pub fn read(text: &str, country: &str) -> Result<Vec<(u32, NewPerson)>, Vec<Fault>> {
    let (mut people, mut faults) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<Email, u32> = BTreeMap::new();
    let mut columns: Option<Vec<Option<Column>>> = None;
    let mut count = 0;
    for (line, record) in rows(text).map_err(|fault| vec![fault])? {
        if columns.is_none() {
            let named: Vec<Option<Column>> = record.iter().map(Column::named).collect();
            if named.contains(&Some(Column::Email)) {
                columns = Some(heads(line, &record, &named, &mut faults));
                continue;
            }
            if is_title(&record) {
                let title = characters::repeated(record.iter().find(|cell| !cell.is_empty()).unwrap_or_default());
                faults.push(Fault::at(line, None, Text::new("lines-title-line").with("title", title)));
                continue;
            }
        }
        count += 1;
        if count > MOST {
            continue;
        }
        let columns = columns.get_or_insert_with(|| COLUMNS.map(Some).to_vec());
        if let Some(person) = person(line, &record, columns, country, &mut faults) {
            match seen.get(&person.email) {
                Some(first) => {
                    let twice = Text::new("lines-twice").with("line", i64::from(*first));
                    faults.push(Fault::at(line, Some("person-email"), twice));
                }
                None => {
                    seen.insert(person.email.clone(), line);
                    people.push((line, person));
                }
            }
        }
    }
    if count > MOST {
        faults.insert(0, Fault::whole(Text::new("lines-too-many").with("count", count).with("most", MOST)));
    }
    if count == 0 && faults.is_empty() {
        faults.push(Fault::whole(Text::new("lines-none")));
    }
    if faults.is_empty() { Ok(people) } else { Err(faults) }
}

/// The rows with their numbers, without empty ones.
fn rows(text: &str) -> Result<Vec<(u32, csv::StringRecord)>, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(rows) = mailboxes::rows(text) {
        return Ok(numbered(rows));
    }
    let (separator, text, before) = declared(text);
    let separator = separator.unwrap_or_else(|| delimiter(text));
    let text = narrow(text, char::from(separator));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| Fault::whole(Text::new("lines-unreadable")))?;
        let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        if !record.iter().all(str::is_empty) {
            rows.push((line.saturating_add(before), record));
        }
    }
    Ok(numbered(rows))
}

/// Every row with a number of its own: that of its line, or the next one where several stand on a line, as pasted
/// recipients do, and where lines end with a carriage return alone, which is not counted.
fn numbered(mut rows: Vec<(u32, csv::StringRecord)>) -> Vec<(u32, csv::StringRecord)> {
    let mut last = 0_u32;
    for (line, _) in &mut rows {
        *line = last.saturating_add(1).max(*line);
        last = *line;
    }
    rows
}

/// The separator that a first line `sep=;` declares, the text after that line, and the lines before it.
fn declared(text: &str) -> (Option<u8>, &str, u32) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_matches(['\r', ' ', '"']).split_at_checked(4) {
        Some((word, separator)) if word.eq_ignore_ascii_case("sep=") => match separator.as_bytes() {
            [separator @ (b',' | b';' | b'|')] => (Some(*separator), rest, 1),
            // A tab may be trimmed by whatever showed the line.
            [] | [b'\t'] => (Some(b'\t'), rest, 1),
            _ => (None, text, 0),
        },
        _ => (None, text, 0),
    }
}

/// Whether a first row says what the list is: one cell, and no address in it.
fn is_title(record: &csv::StringRecord) -> bool {
    let mut cells = record.iter().filter(|cell| !cell.is_empty());
    matches!((cells.next(), cells.next()), (Some(only), None) if !typed::plain(only).contains('@'))
}

/// The columns of a row of names. A cell without a name has no column.
fn heads(
    line: u32,
    record: &csv::StringRecord,
    named: &[Option<Column>],
    faults: &mut Vec<Fault>,
) -> Vec<Option<Column>> {
    for (head, column) in record.iter().zip(named) {
        if column.is_none() && !typed::plain(head).is_empty() {
            faults.push(Fault::at(
                line,
                None,
                Text::new("lines-unknown-column").with("column", characters::repeated(head)),
            ));
        }
    }
    named.to_vec()
}

/// Tabs where there are any, as a pasted range of cells has them; else what the first line has more of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |signs: &[char]| first.matches(signs).count();
    let narrow = [count(&[';']), count(&[','])];
    let [semicolons, commas] = if narrow == [0, 0] { [count(&['；']), count(&['，', '、'])] } else { narrow };
    match (count(&['\t']), semicolons > commas) {
        (0, true) => b';',
        (0, false) => b',',
        _ => b'\t',
    }
}

/// The text with the separator in the place of its wide form (`，`, `；`), in lines that have no other: a wide comma beside
/// separators is part of a name.
fn narrow(text: &str, separator: char) -> String {
    let wide = |c: char| matches!((separator, c), (',', '，' | '、') | (';', '；'));
    let line = |line: &str| match line.contains(separator) {
        true => line.to_owned(),
        false => line.replace(wide, &separator.to_string()),
    };
    text.split_inclusive('\n').map(line).collect()
}

fn person(
    line: u32,
    record: &csv::StringRecord,
    columns: &[Option<Column>],
    country: &str,
    faults: &mut Vec<Fault>,
) -> Option<NewPerson> {
    let before = faults.len();
    let known = |place: usize| columns.get(place).copied().flatten().is_some();
    if record.iter().enumerate().any(|(place, cell)| !cell.is_empty() && !known(place)) {
        let most = columns.iter().flatten().count();
        faults.push(Fault::at(line, None, Text::new("lines-too-many-columns").with("most", most)));
    }
    if record.iter().any(|cell| cell.chars().count() > LONGEST_CELL) {
        faults.push(Fault::at(line, None, Text::new("lines-long-cell").with("most", LONGEST_CELL)));
        return None;
    }
    let cell = |column: Column| {
        let place = columns.iter().position(|known| *known == Some(column));
        place.and_then(|place| record.get(place)).unwrap_or_default()
    };
    let mut complain = |column: Column, problem: Text| faults.push(Fault::at(line, Some(column.label()), problem));
    let email = Email::parse(cell(Column::Email)).map_err(|problem| complain(Column::Email, problem.into())).ok();
    let name = PersonName::parse(cell(Column::Name)).map_err(|problem| complain(Column::Name, problem.into())).ok();
    let nickname = PersonName::parse_optional(cell(Column::Nickname));
    let nickname = nickname.map_err(|problem| complain(Column::Nickname, problem.into())).ok().flatten();
    let mobile = match Phone::parse(cell(Column::Mobile), country) {
        Err(Problem::Missing) => None,
        parsed => parsed.map_err(|problem| complain(Column::Mobile, problem.into())).ok(),
    };
    let roles = roles(cell(Column::Roles)).map_err(|problem| complain(Column::Roles, problem)).unwrap_or_default();
    match (email, name) {
        (Some(email), Some(name)) if faults.len() == before => Some(NewPerson { email, name, nickname, mobile, roles }),
        _ => None,
    }
}

/// Roles by their names in either language or their words, separated by `;`, `/`, `|`, `+` or commas in a quoted cell.
fn roles(cell: &str) -> Result<Roles, Text> {
    static NAMES: LazyLock<Vec<(String, Role)>> = LazyLock::new(|| {
        let words = Role::ASSIGNED.iter().map(|role| (squeezed(role.word()), *role));
        names(Role::ASSIGNED.iter().copied(), Role::label).into_iter().chain(words).collect()
    });
    let mut held = Vec::new();
    for typed in
        typed::plain(cell).split([';', '/', '|', '+', ',', '、']).map(str::trim).filter(|typed| !typed.is_empty())
    {
        let word = squeezed(typed);
        match NAMES.iter().find(|(name, _)| *name == word) {
            Some((_, role)) => held.push(*role),
            None => {
                return Err(Text::new("lines-unknown-role").with("role", characters::repeated(typed)));
            }
        }
    }
    Ok(Roles::of(&held))
}

/// Without case and what separates words.
fn squeezed(text: &str) -> String {
    typed::ungrouped(text).to_lowercase()
}
