//! A list of people, pasted or from a file: read line by line, every complaint at its line, before anything is created.
//!
//! Columns are separated by commas, semicolons or tabs, as spreadsheets write them: e-mail, name, nickname, mobile,
//! roles. A first line with the columns' names may order them otherwise.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{MOST, NewPerson};
use crate::auth::{Role, Roles};
use crate::i18n::{Language, Text};
use crate::problem::Problem;
use crate::text;
use crate::users::{Email, PersonName, Phone};

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

    /// The column of a name as spreadsheets write it, in either language.
    fn named(typed: &str) -> Option<Self> {
        static NAMES: LazyLock<Vec<(String, Column)>> = LazyLock::new(|| names(COLUMNS, Column::label));
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

/// The text of a file: UTF-8, or UTF-16 with its mark, as spreadsheets save it. `None` for any other encoding.
pub fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(unit).unwrap_or(0xd800));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// Reads a list for an organization of `country`.
pub fn read(text: &str, country: &str) -> Result<Vec<(u32, NewPerson)>, Vec<Fault>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let (mut people, mut faults) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<Email, u32> = BTreeMap::new();
    let mut columns: Option<Vec<Column>> = None;
    let mut count = 0;
    for record in reader.records() {
        let Ok(record) = record else {
            return Err(vec![Fault::whole(Text::new("lines-unreadable"))]);
        };
        let line = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        if record.iter().all(str::is_empty) {
            continue;
        }
        if columns.is_none() {
            let named: Vec<Option<Column>> = record.iter().map(Column::named).collect();
            if named.contains(&Some(Column::Email)) {
                columns = Some(heads(line, &record, &named, &mut faults));
                continue;
            }
        }
        count += 1;
        if count > MOST {
            continue;
        }
        let columns = columns.get_or_insert_with(|| COLUMNS.to_vec());
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

fn heads(line: u32, record: &csv::StringRecord, named: &[Option<Column>], faults: &mut Vec<Fault>) -> Vec<Column> {
    for (head, column) in record.iter().zip(named) {
        if column.is_none() {
            faults.push(Fault::at(line, None, Text::new("lines-unknown-column").with("column", text::repeated(head))));
        }
    }
    named.iter().flatten().copied().collect()
}

/// Tabs where there are any, as a pasted range of cells has them; else what the first line has more of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    match (count('\t'), count(';') > count(',')) {
        (0, true) => b';',
        (0, false) => b',',
        _ => b'\t',
    }
}

fn person(
    line: u32,
    record: &csv::StringRecord,
    columns: &[Column],
    country: &str,
    faults: &mut Vec<Fault>,
) -> Option<NewPerson> {
    let before = faults.len();
    if record.len() > columns.len() && record.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
        faults.push(Fault::at(line, None, Text::new("lines-too-many-columns").with("most", columns.len())));
    }
    if record.iter().any(|cell| cell.chars().count() > LONGEST_CELL) {
        faults.push(Fault::at(line, None, Text::new("lines-long-cell").with("most", LONGEST_CELL)));
        return None;
    }
    let cell = |column: Column| {
        let place = columns.iter().position(|known| *known == column);
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
    for typed in cell.split([';', '/', '|', '+', ',']).map(str::trim).filter(|typed| !typed.is_empty()) {
        let word = squeezed(typed);
        match NAMES.iter().find(|(name, _)| *name == word) {
            Some((_, role)) => held.push(*role),
            None => {
                return Err(Text::new("lines-unknown-role").with("role", text::repeated(typed)));
            }
        }
    }
    Ok(Roles::of(&held))
}

/// Without case, spaces, underscores and hyphens.
fn squeezed(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect()
}
