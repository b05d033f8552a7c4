//! Reads settings by name from the environment and the file, and collects every mistake instead of stopping at one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

impl Source {
    /// The process environment.
    pub fn process() -> Self {
        // `std::env::vars` panics on what is not UTF-8, which other programs may have set.
        let pairs = std::env::vars_os().filter_map(|(name, value)| {
            let value = value.to_string_lossy().into_owned();
            name.into_string().ok().map(|name| (name, value))
        });
        Self { environment: pairs.collect() }
    }
}

/// Every mistake that was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} mistake(s):", self.0.len())?;
        self.0.iter().try_for_each(|mistake| writeln!(f, "  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

/// A setting as the documentation lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Name in the environment.
    pub variable: String,
    /// Name in the file.
    pub key: String,
    /// What holds when it is not set.
    pub preset: String,
    /// What it is, with units.
    pub about: &'static str,
}

pub(super) struct Reader {
    environment: BTreeMap<String, String>,
    file: toml::Table,
    known: BTreeSet<String>,
    mistakes: Vec<String>,
    warnings: Vec<String>,
    described: Vec<Described>,
}

impl Reader {
    pub(super) fn new(source: Source) -> Self {
        let mut mistakes = Vec::new();
        let file = match source.environment.get("VESTIBULE_CONFIG") {
            None => toml::Table::new(),
            Some(path) => match std::fs::read_to_string(path) {
                Ok(text) => text.parse().unwrap_or_else(|cause: toml::de::Error| {
                    mistakes.push(format!("VESTIBULE_CONFIG ({path}): {}", cause.message()));
                    toml::Table::new()
                }),
                Err(cause) => {
                    mistakes.push(format!("VESTIBULE_CONFIG ({path}): {cause}"));
                    toml::Table::new()
                }
            },
        };
        let mut reader = Self {
            environment: source.environment,
            file,
            known: BTreeSet::new(),
            mistakes,
            warnings: Vec::new(),
            described: Vec::new(),
        };
        reader.describe("VESTIBULE_CONFIG".to_owned(), "", "none", "Path of the configuration file (TOML).");
        reader
    }

    fn describe(&mut self, variable: String, key: &str, preset: &str, about: &'static str) {
        self.known.insert(variable.clone());
        self.described.push(Described { variable, key: key.to_owned(), preset: preset.to_owned(), about });
    }

    /// The text of a setting: the environment wins over the file.
    pub(super) fn text(&mut self, key: &str, preset: &str, about: &'static str) -> Option<String> {
        let variable = variable_of(key);
        self.describe(variable.clone(), key, preset, about);
        let in_file = self.take(key);
        if let Some(value) = self.environment.get(&variable) {
            return (!value.is_empty()).then(|| value.clone());
        }
        match in_file? {
            toml::Value::String(text) => Some(text),
            toml::Value::Integer(number) => Some(number.to_string()),
            toml::Value::Boolean(value) => Some(value.to_string()),
            toml::Value::Array(items) => {
                let texts: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
                let joined = texts.map(|texts| texts.join(","));
                if joined.is_none() {
                    self.mistake(key, "must be a list of texts");
                }
                joined
            }
            _ => {
                self.mistake(key, "must be a text, a number or true/false");
                None
            }
        }
    }

    /// The file that settings come from.
    pub(super) fn path(&self) -> Option<&str> {
        self.environment.get("VESTIBULE_CONFIG").map(String::as_str)
    }

    /// Whether a setting is given at all, rightly or not.
    pub(super) fn is_set(&self, key: &str) -> bool {
        let in_file = || match key.split_once('.') {
            None => self.file.contains_key(key),
            Some((table, key)) => {
                self.file.get(table).and_then(toml::Value::as_table).is_some_and(|table| table.contains_key(key))
            }
        };
        self.environment.get(&variable_of(key)).is_some_and(|value| !value.is_empty()) || in_file()
    }

    /// A variable of the environment that is no setting of ours.
    pub(super) fn environment(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A setting parsed from its text; a mistake yields the preset, so that reading goes on.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        preset: &str,
        about: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(key, preset, about)?;
        parse(&text).map_err(|problem| self.mistake(key, &problem)).ok()
    }

    /// A whole number within a range.
    pub(super) fn number(&mut self, key: &str, preset: i64, range: [i64; 2], about: &'static str) -> i64 {
        let [least, most] = range;
        let parse = |text: &str| match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!("must be a whole number from {least} to {most}")),
        };
        self.parsed(key, &preset.to_string(), about, parse).unwrap_or(preset)
    }

    /// Removes a value of the file, so that what is left at the end is unknown.
    pub(super) fn take(&mut self, key: &str) -> Option<toml::Value> {
        match key.split_once('.') {
            None => self.file.remove(key),
            Some((table, key)) => self.file.get_mut(table)?.as_table_mut()?.remove(key),
        }
    }

    pub(super) fn mistake(&mut self, key: &str, problem: &str) {
        self.mistakes.push(format!("{} {problem}", variable_of(key)));
    }

    /// A setting that must be there: one that is there and wrong is one mistake, not two.
    pub(super) fn required(&mut self, key: &str, is_there: bool, problem: &str) {
        if !is_there && !self.is_mistaken(key) {
            self.mistake(key, problem);
        }
    }

    /// Whether something is wrong with a setting already.
    pub(super) fn is_mistaken(&self, key: &str) -> bool {
        let begin = format!("{} ", variable_of(key));
        self.mistakes.iter().any(|mistake| mistake.starts_with(&begin))
    }

    pub(super) fn say(&mut self, mistake: String) {
        self.mistakes.push(mistake);
    }

    /// Notes what is not wrong and yet seldom meant.
    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    pub(super) fn described(self) -> Vec<Described> {
        self.described
    }

    /// The end: names nobody asked for are mistakes too, mostly of spelling. Gives what is worth a warning.
    pub(super) fn finish(mut self) -> Result<Vec<String>, Mistakes> {
        for (key, value) in &self.file {
            match value.as_table() {
                Some(table) => {
                    self.mistakes.extend(table.keys().map(|inner| format!("{key}.{inner}: unknown setting")))
                }
                None => self.mistakes.push(format!("{key}: unknown setting")),
            }
        }
        let unknown =
            self.environment.iter().filter(|(name, _)| name.starts_with("VESTIBULE_") && !self.known.contains(*name));
        let (platform, misspelt): (Vec<_>, Vec<_>) = unknown.partition(|(name, value)| is_of_platform(name, value));
        self.mistakes.extend(misspelt.iter().map(|(name, _)| format!("{name}: unknown setting")));
        if !platform.is_empty() {
            let names: Vec<&str> = platform.iter().map(|(name, _)| name.as_str()).collect();
            self.warnings.push(format!(
                "not settings but variables that Kubernetes or Docker adds for a service of this name, and left out of \
                 account: {} (enableServiceLinks: false keeps them away)",
                names.join(", ")
            ));
        }
        if self.mistakes.is_empty() { Ok(self.warnings) } else { Err(Mistakes(self.mistakes)) }
    }
}

/// Whether name and value are what Kubernetes (service links) and Docker (`--link`) put into the environment for a service
/// or container named vestibule, or vestibule-something. The value must fit as well, so that a misspelt setting is found.
fn is_of_platform(name: &str, value: &str) -> bool {
    let is_number = |text: &str| text.parse::<u16>().is_ok();
    let is_place = |text: &str| {
        let protocol = text.split_once("://").filter(|(protocol, _)| matches!(*protocol, "tcp" | "udp" | "sctp"));
        protocol.is_some_and(|(_, place)| place.rsplit_once(':').is_some_and(|(_, port)| is_number(port)))
    };
    let is_address = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
    if name.ends_with("_SERVICE_HOST") {
        return is_address(value);
    }
    if name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
        return is_number(value);
    }
    if name.ends_with("_NAME") && value.starts_with('/') {
        return true;
    }
    if name.ends_with("_PORT") && is_place(value) {
        return true;
    }
    // VESTIBULE_PORT_8080_TCP, and the same with _PROTO, _PORT and _ADDR.
    let Some((_, after)) = name.split_once("_PORT_") else { return false };
    let mut parts = after.split('_');
    let port = parts.next().is_some_and(is_number);
    let protocol = parts.next().is_some_and(|part| matches!(part, "TCP" | "UDP" | "SCTP"));
    let fits = match (parts.next(), parts.next()) {
        (None, _) => is_place(value),
        (Some("PROTO"), None) => matches!(value, "tcp" | "udp" | "sctp"),
        (Some("PORT"), None) => is_number(value),
        (Some("ADDR"), None) => is_address(value),
        _ => false,
    };
    port && protocol && fits
}

/// `limits.lock_minutes` is `VESTIBULE_LIMITS_LOCK_MINUTES`; the database URL has the name every tool uses.
fn variable_of(key: &str) -> String {
    match key {
        "database_url" => "DATABASE_URL".to_owned(),
        key => format!("VESTIBULE_{}", key.replace('.', "_").to_ascii_uppercase()),
    }
}
