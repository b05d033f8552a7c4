//! The operator's commands on the audit log: whether it is what was sealed, and the keys that tell.

use std::fs::File;
use std::io::BufReader;

use clap::Subcommand;
use serde::Serialize;

use super::seal::{Finding, Findings, PublicKeys, file, verify};
use crate::config::Config;
use crate::operator::Refusal;
use crate::operator::commands::{json, operator, with_store};
use crate::operator::table::Table;
use crate::store::{Store, StoreError};

/// `vestibule audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Tell whether the audit log is what was sealed: in the database, or in an exported file. Fails when something is wrong.
    Verify {
        /// Only the log of this organization.
        #[arg(long, value_name = "NAME")]
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
            let mut keys = PublicKeys::of(&config.secret_keys);
            public_key.iter().try_for_each(|key| keys.add(key))?;
            let expected = expect.iter().map(|text| Expected::parse(text)).collect::<Result<Vec<_>, _>>()?;
            with_store(config, async |home| verify_all(&home, &keys, organization, &expected, json).await)
        }
        AuditCommand::Key { json: as_json } => {
            for key in PublicKeys::of(&config.secret_keys).listed() {
                match as_json {
                    true => println!("{}", json(&key)?),
                    false => println!("{}  {}", key.id, key.key),
                }
            }
            Ok(())
        }
    }
}

/// A seal that was written down.
struct Expected {
    chain: String,
    number: i64,
    hash: String,
}

impl Expected {
    fn parse(text: &str) -> Result<Self, String> {
        let refusal = || format!("{text} is not LOG:NUMBER:HASH, as `audit verify` prints it");
        let [chain, number, hash] = text.split(':').collect::<Vec<_>>().try_into().map_err(|_| refusal())?;
        let number = number.parse().map_err(|_| refusal())?;
        Ok(Self { chain: chain.to_owned(), number, hash: hash.to_owned() })
    }
}

/// A seal that was expected and is not there, as scripts read it.
#[derive(Serialize)]
struct NotAsExpected<'a> {
    chain: &'a str,
    wrong: Findings,
}

async fn verify_all(
    home: &Store,
    keys: &PublicKeys,
    organization: Option<String>,
    expected: &[Expected],
    as_json: bool,
) -> Result<(), String> {
    let words = |cause: StoreError| Refusal::Store(cause).to_string();
    let origin = operator();
    let only = organization.map(|name| crate::organizations::OrganizationName::sought(&name));
    let logs = verify::logs(home, &origin, only.as_deref()).await.map_err(words)?;
    let logs = logs.ok_or_else(|| Refusal::NoOrganization(only.clone().unwrap_or_default()).to_string())?;
    let mut table = Table::new(["LOG", "VERIFIED", "BEGINS AFTER", "NEWEST SEAL", "NOT YET SEALED", "SINCE", "WRONG"]);
    let (mut told, mut newest) = (Told::default(), Vec::new());
    let mut older_keys = 0;
    for (chain, name) in logs {
        let report = verify::verify(home, &origin, keys, &chain, name).await.map_err(words)?;
        older_keys += report.older_keys;
        if as_json {
            println!("{}", json(&report)?);
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
    for expected in expected {
        let found = verify::expected(home, &origin, &expected.chain, expected.number, &expected.hash).await;
        if let Some(finding) = found.map_err(words)? {
            let mut wrong = Findings::default();
            wrong.add(finding);
            if as_json {
                println!("{}", json(&NotAsExpected { chain: &expected.chain, wrong: wrong.clone() })?);
            }
            told.add(&expected.chain, &wrong);
        }
    }
    if !as_json {
        print!("{}", table.text("There is no log."));
        if !newest.is_empty() {
            println!(
                "\nThe newest seals. Write them down where nobody who can write the database comes, for --expect:"
            );
            newest.iter().for_each(|line| println!("  {line}"));
        }
        if older_keys > 0 {
            println!("\n{older_keys} signatures are by keys that are not known any more (--public-key names one).");
            println!("Their seals hang on the newest, which is signed by a key that is known.");
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
}

impl Told {
    fn add(&mut self, log: &str, wrong: &Findings) {
        self.count += wrong.count;
        self.lines.extend(wrong.told.iter().map(|finding: &Finding| format!("{log}: {finding}")));
        if wrong.count > wrong.told.len() {
            self.lines.push(format!("{log}: and {} more", wrong.count - wrong.told.len()));
        }
    }

    fn print(&self) {
        if !self.lines.is_empty() {
            println!("\nWrong:");
            self.lines.iter().for_each(|line| println!("  {line}"));
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
    public_keys.iter().try_for_each(|key| keys.add(key))?;
    let read = match path {
        "-" => file::verify(std::io::stdin().lock(), &keys),
        path => File::open(path).and_then(|file| file::verify(BufReader::new(file), &keys)),
    };
    let report = read.map_err(|cause| format!("{path}: {cause}"))?;
    let mut told = Told::default();
    told.add(path, &report.wrong);
    if as_json {
        println!("{}", json(&report)?);
        return told.end();
    }
    println!("{} lines verified, {} not sealed yet when the file was made.", report.verified, report.unsealed);
    for part in &report.parts {
        println!("{}: numbers {} to {}", part.chain, part.first, part.newest.number);
        println!("  newest seal: {}:{}:{}", part.chain, part.newest.number, part.newest.hash);
        for (from, to) in &part.missing {
            println!("  not in this file: {from} to {to}");
        }
        if part.gaps > part.missing.len() {
            println!("  and {} more gaps", part.gaps - part.missing.len());
        }
    }
    told.print();
    told.end()
}
