//! The rows and the reasons, read from their files: one line each, its parts set apart by tabs.

/// What names a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowId {
    Asvs(u32, u32, u32),
    Attack(u32),
}

impl RowId {
    /// A row of a source by its number, written as it is written everywhere: without leading zeros.
    pub fn parse(source: &str, number: &str) -> Option<Self> {
        let part = |text: &str| text.parse::<u32>().ok().filter(|number| number.to_string() == text);
        let parts: Vec<u32> = number.split('.').map(part).collect::<Option<_>>()?;
        match (source, parts.as_slice()) {
            ("asvs", [chapter, section, row]) => Some(Self::Asvs(*chapter, *section, *row)),
            ("attack", [number]) => Some(Self::Attack(*number)),
            _ => None,
        }
    }

    /// The chapter of the standard; an attack has none.
    pub fn chapter(&self) -> Option<u32> {
        match self {
            Self::Asvs(chapter, ..) => Some(*chapter),
            Self::Attack(_) => None,
        }
    }

    /// The number alone.
    pub fn number(&self) -> String {
        match self {
            Self::Asvs(chapter, section, row) => format!("{chapter}.{section}.{row}"),
            Self::Attack(number) => number.to_string(),
        }
    }
}

impl std::fmt::Display for RowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = if self.chapter().is_some() { "ASVS" } else { "attack" };
        write!(f, "{source} {}", self.number())
    }
}

/// A row of `rows.tsv`; the level of an attack is empty.
pub struct Row {
    pub id: RowId,
    pub level: String,
    pub title: String,
}

/// A line of `reasons.tsv`.
pub struct Reason {
    pub id: RowId,
    pub text: String,
}

/// The rows in their order, and what is wrong with the lines.
pub fn read_rows(text: &str) -> (Vec<Row>, Vec<String>) {
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        match parts.as_slice() {
            [source, number, level, title] if !title.is_empty() => match RowId::parse(source, number) {
                Some(id) if ["L1", "L2", "L3"].contains(level) == id.chapter().is_some() => {
                    rows.push(Row { id, level: (*level).to_owned(), title: (*title).to_owned() });
                }
                _ => faults.push(format!("rows.tsv: no row: {line:?}")),
            },
            _ => faults.push(format!("rows.tsv: not four parts: {line:?}")),
        }
    }
    (rows, faults)
}

/// The reasons, and what is wrong with the lines.
pub fn read_reasons(text: &str) -> (Vec<Reason>, Vec<String>) {
    let (mut reasons, mut faults) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        match parts.as_slice() {
            [source, number, text] if !text.is_empty() && !text.contains('|') => match RowId::parse(source, number) {
                Some(id) => reasons.push(Reason { id, text: (*text).to_owned() }),
                None => faults.push(format!("reasons.tsv: no row: {line:?}")),
            },
            _ => faults.push(format!("reasons.tsv: not three parts: {line:?}")),
        }
    }
    (reasons, faults)
}

#[test]
fn a_line_that_is_no_row_or_reason_is_a_fault() {
    for bad in
        ["", "asvs\t1.1.1\tL2", "asvs\t1.1\tL2\tx", "asvs\t1.1.01\tL2\tx", "attack\t1\tL1\tx", "asvs\t1.1.1\t\tx"]
    {
        let (rows, faults) = read_rows(&format!("{bad}\n"));
        assert!(rows.is_empty() && faults.len() == 1, "{bad:?}");
    }
    for bad in ["attack\t1\t", "attack\tone\tx", "attack\t1\tx\ty", "attacks\t1\tx"] {
        let (reasons, faults) = read_reasons(&format!("{bad}\n"));
        assert!(reasons.is_empty() && faults.len() == 1, "{bad:?}");
    }
}
