//! The operator's commands on the audit log: whether it is what was sealed, and the keys that tell.

use std::fs::File;
use std::io::BufReader;

use chrono::DateTime;
use clap::Subcommand;
use serde::Serialize;

use super::seal::{Chain, Finding, Findings, PublicKeys, acknowledged, file, heads, keys, verify};
use crate::base::moment::Moment;
use crate::base::text::typed::plain;
use crate::platform::command::refusal::Refusal;
use crate::platform::command::table::Table;
use crate::platform::command::{json, operator, typed, with_store};
use crate::platform::config::Config;
use crate::platform::store::{Store, StoreError};

/// `vestibule audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Tell whether the audit log is what was sealed: in the database, or in an exported file. Fails when something is wrong.
    Verify {
        /// Only the log of this organization.
        #[arg(long, value_name = "NAME", value_parser = typed::organization)]
        organization: Option<String>,
        /// Fail unless the log has this seal, as an earlier run printed it. May be given several times.
        #[arg(long, value_name = "LOG:NUMBER:HASH")]
        expect: Vec<String>,
        /// A file of JSON Lines that was exported, instead of the database; `-` is standard input. Needs no configuration.
        #[arg(long, value_name = "PATH", requires = "public_key", conflicts_with_all = ["organization", "expect"])]
        file: Option<String>,
        /// A public key, as `audit key` prints it: for a file, or for a key that the configuration does not have any more.
        #[arg(long, value_name = "KEY")]
        public_key: Vec<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Acknowledge a finding of `audit verify`, by an event in the log that it is about: it is not counted as wrong any more.
    Acknowledge {
        /// The finding, as `audit verify` names it.
        #[arg(value_name = "FINDING", value_parser = typed::id)]
        finding: String,
    },
    /// Put back until when the log counts as sealed, after an instance with a wrong clock, and sign again what says so if
    /// that is gone. What happened since gets its seals then. It is in the log as an event.
    Rewind {
        /// Until then, in RFC 3339. Otherwise to the newest event that has a seal and is not from the future.
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
    },
    /// Print the public keys that seals are verified with, the one that signs now first.
    Key {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

impl AuditCommand {
    /// Runs what needs no configuration; `None` for everything else.
    pub fn offline(&self) -> Option<Result<(), String>> {
        match self {
            Self::Verify { file: Some(path), public_key, json, .. } => Some(verify_file(path, public_key, *json)),
            _ => None,
        }
    }
}

/// Runs a command on the audit log. Fails with words for the operator.
pub fn audit(config: &Config, command: AuditCommand) -> Result<(), String> {
    match command {
        AuditCommand::Verify { organization, expect, public_key, json, .. } => {
            let expected = expect.iter().map(|text| Expected::parse(text)).collect::<Result<Vec<_>, _>>()?;
            with_store(config, async |home| {
                let mut keys = known_keys(&home).await?;
                public_key.iter().try_for_each(|key| keys.add(&plain(key)))?;
                verify_all(&home, &keys, organization, &expected, json).await
            })
        }
        AuditCommand::Acknowledge { finding } => {
            let told = with_store(config, async |home| acknowledge(&home, &finding).await)?;
            crate::platform::terminal::say!("Acknowledged: {told}");
            Ok(())
        }
        AuditCommand::Rewind { to } => rewind(config, to.as_deref()),
        AuditCommand::Key { json: as_json } => {
            // Those of the configuration, the one that signs first; then those that were kept at rotations.
            let keys = with_store(config, async |home| known_keys(&home).await)?;
            for key in keys.listed() {
                match as_json {
                    true => crate::platform::terminal::say!("{}", json(&key)?),
                    false => crate::platform::terminal::say!("{}  {}", key.id, key.key),
                }
            }
            Ok(())
        }
    }
}

async fn known_keys(home: &Store) -> Result<PublicKeys, String> {
    let read = home.read(operator(), |tx| keys::known_keys(tx)).await;
    read.map_err(|cause: StoreError| Refusal::Store(cause).to_string())
}

/// Looks for a finding in all logs, and records that the operator knows of it. Says in which log it is, and what it says.
async fn acknowledge(home: &Store, name: &str) -> Result<String, String> {
    let words = |cause: StoreError| Refusal::Store(cause).to_string();
    let (origin, keys) = (operator(), known_keys(home).await?);
    let logs = verify::logs(home, &origin, None).await.map_err(words)?.unwrap_or_default();
    let whole = verify::verify_whole(home, &origin, &keys).await.map_err(words)?;
    let mut found = vec![(Chain::Installation, WHOLE.to_owned(), whole)];
    for (chain, log) in logs {
        let report = verify::verify(home, &origin, &keys, &chain, log.clone()).await.map_err(words)?;
        found.push((chain, log, report.wrong));
    }
    for (chain, log, wrong) in found {
        let Some(finding) = wrong.told.into_iter().find(|finding| finding.id.as_deref() == Some(name)) else {
            continue;
        };
        let told = format!("{log}: {finding}");
        let recorded = home.write(operator(), move |tx| acknowledged::acknowledge(tx, &chain, &finding)).await;
        return recorded.map(|()| told).map_err(words);
    }
    Err(format!("`audit verify` has no finding {name}; one that was acknowledged already is none any more"))
}

fn rewind(config: &Config, to: Option<&str>) -> Result<(), String> {
    let to = to.map(|text| match DateTime::parse_from_rfc3339(&plain(text)) {
        Ok(at) => Ok(Moment::new(at.to_utc())),
        Err(_) => Err(format!("{text} is no time in RFC 3339, such as 2026-11-30T09:00:00Z")),
    });
    let to = to.transpose()?;
    let done = with_store(config, async |home| {
        let done = home.write(operator(), move |tx| heads::rewind(tx, to)).await;
        done.map_err(|cause: StoreError| Refusal::Store(cause).to_string())
    })?;
    match done.from == done.to {
        true => crate::platform::terminal::say!("The log counts as sealed until {}, as before.", done.to),
        false => crate::platform::terminal::say!(
            "The log counts as sealed until {}, not until {} any more.",
            done.to,
            done.from
        ),
    }
    if done.signed > 0 {
        crate::platform::terminal::say!("The newest seals of {} logs were signed.", done.signed);
    }
    crate::platform::terminal::say!(
        "What has no seal gets one within seconds, while a server runs. Then see `vestibule audit verify`."
    );
    Ok(())
}

/// What is signed of all logs together, where a log would be named.
const WHOLE: &str = "all logs";

/// A seal that was written down.
struct Expected {
    chain: String,
    number: i64,
    hash: String,
}

impl Expected {
    fn parse(text: &str) -> Result<Self, String> {
        let refusal = || format!("{text} is not LOG:NUMBER:HASH, as `audit verify` prints it");
        // Ids and hashes are written in lower case.
        let read = plain(text).to_lowercase();
        let [chain, number, hash] = read.split(':').collect::<Vec<_>>().try_into().map_err(|_| refusal())?;
        let number = number.parse().map_err(|_| refusal())?;
        Ok(Self { chain: chain.to_owned(), number, hash: hash.to_owned() })
    }
}

/// What is wrong with something else than one log, as scripts read it: what is signed of all logs together, or a seal that
/// was expected.
#[derive(Serialize)]
struct Beside<'a> {
    chain: &'a str,
    wrong: Findings,
}

async fn verify_all(
    home: &Store,
    keys: &PublicKeys,
    only: Option<String>,
    expected: &[Expected],
    as_json: bool,
) -> Result<(), String> {
    let words = |cause: StoreError| Refusal::Store(cause).to_string();
    let origin = operator();
    let logs = verify::logs(home, &origin, only.as_deref()).await.map_err(words)?;
    let logs = logs.ok_or_else(|| Refusal::NoOrganization(only.clone().unwrap_or_default()).to_string())?;
    let mut table = Table::new(["LOG", "VERIFIED", "BEGINS AFTER", "NEWEST SEAL", "NOT YET SEALED", "SINCE", "WRONG"]);
    let (mut told, mut newest) = (Told::default(), Vec::new());
    let mut older_keys = 0;
    for (chain, name) in logs {
        let report = verify::verify(home, &origin, keys, &chain, name).await.map_err(words)?;
        older_keys += report.older_keys;
        if as_json {
            crate::platform::terminal::say!("{}", json(&report)?);
        } else {
            let number = |number: Option<i64>| number.map_or("-".to_owned(), |number| number.to_string());
            table.add([
                report.log.clone(),
                report.verified.to_string(),
                number(report.cut),
                number(report.newest.as_ref().map(|newest| newest.number)),
                report.unsealed.to_string(),
                report.unsealed_since.unwrap_or_else(|| "-".to_owned()),
                report.wrong.count.to_string(),
            ]);
            newest.extend(report.newest.map(|newest| format!("{}:{}:{}", report.chain, newest.number, newest.hash)));
        }
        told.add(&report.log, &report.wrong);
    }
    if only.is_none() {
        let wrong = verify::verify_whole(home, &origin, keys).await.map_err(words)?;
        if as_json {
            crate::platform::terminal::say!("{}", json(&Beside { chain: WHOLE, wrong: wrong.clone() })?);
        }
        told.add(WHOLE, &wrong);
    }
    for expected in expected {
        let found = verify::expected(home, &origin, &expected.chain, expected.number, &expected.hash).await;
        if let Some(finding) = found.map_err(words)? {
            let mut wrong = Findings::default();
            wrong.add(finding);
            if as_json {
                crate::platform::terminal::say!("{}", json(&Beside { chain: &expected.chain, wrong: wrong.clone() })?);
            }
            told.add(&expected.chain, &wrong);
        }
    }
    if !as_json {
        crate::platform::terminal::say_text!("{}", table.text("There is no log."));
        if !newest.is_empty() {
            crate::platform::terminal::say!(
                "\nThe newest seals. Write them down where nobody who can write the database comes, for --expect:"
            );
            newest.iter().for_each(|line| crate::platform::terminal::say!("  {line}"));
        }
        if older_keys > 0 {
            crate::platform::terminal::say!(
                "\n{older_keys} signatures are by keys that are not known any more (--public-key names one)."
            );
            crate::platform::terminal::say!("Their seals hang on the newest, which is signed by a key that is known.");
        }
        told.print();
    }
    told.end()
}

/// Findings of all logs, in words.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    count: usize,
    acknowledged: usize,
    /// Whether a finding has a name to acknowledge it by.
    is_named: bool,
}

impl Told {
    fn add(&mut self, log: &str, wrong: &Findings) {
        self.count += wrong.count;
        self.acknowledged += wrong.acknowledged;
        self.is_named |= wrong.told.iter().any(|finding| finding.id.is_some());
        self.lines.extend(wrong.told.iter().map(|finding: &Finding| format!("{log}: {finding}")));
        if wrong.count > wrong.told.len() {
            self.lines.push(format!("{log}: and {} more", wrong.count - wrong.told.len()));
        }
    }

    fn print(&self) {
        if !self.lines.is_empty() {
            crate::platform::terminal::say!("\nWrong:");
            self.lines.iter().for_each(|line| crate::platform::terminal::say!("  {line}"));
        }
        if self.is_named {
            crate::platform::terminal::say!(
                "\nKeep a copy of the database before you change anything. A finding that you can explain is taken as"
            );
            crate::platform::terminal::say!("known by `vestibule audit acknowledge FINDING`.");
        }
        if self.acknowledged > 0 {
            crate::platform::terminal::say!(
                "\nFindings that were acknowledged (`audit acknowledge`): {}",
                self.acknowledged
            );
        }
    }

    fn end(self) -> Result<(), String> {
        match self.count {
            0 => Ok(()),
            1 => Err("the audit log is not what was sealed: 1 thing is wrong".to_owned()),
            count => Err(format!("the audit log is not what was sealed: {count} things are wrong")),
        }
    }
}

fn verify_file(path: &str, public_keys: &[String], as_json: bool) -> Result<(), String> {
    let mut keys = PublicKeys::default();
    public_keys.iter().try_for_each(|key| keys.add(&plain(key)))?;
    let read = match path {
        "-" => file::verify(std::io::stdin().lock(), &keys),
        path => File::open(path).and_then(|file| file::verify(BufReader::new(file), &keys)),
    };
    let report = read.map_err(|cause| format!("{path}: {cause}"))?;
    let mut told = Told::default();
    told.add(path, &report.wrong);
    if as_json {
        crate::platform::terminal::say!("{}", json(&report)?);
        return told.end();
    }
    crate::platform::terminal::say!(
        "{} lines verified, {} not sealed yet when the file was made.",
        report.verified,
        report.unsealed
    );
    for part in &report.parts {
        crate::platform::terminal::say!("{}: numbers {} to {}", part.chain, part.first, part.newest.number);
        crate::platform::terminal::say!("  newest seal: {}:{}:{}", part.chain, part.newest.number, part.newest.hash);
        for (from, to) in &part.missing {
            crate::platform::terminal::say!("  not in this file: {from} to {to}");
        }
        if part.gaps > part.missing.len() {
            crate::platform::terminal::say!("  and {} more gaps", part.gaps - part.missing.len());
        }
    }
    told.print();
    told.end()
}
