//! The operator's commands on bills: `vestibule billing …`.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::draft::words;
use super::{Added, Currency, Draft, DraftLine, Money, NewBill, Refusal};
use crate::base::calendar::Day;
use crate::base::text;
use crate::platform::command::lines::{self, Line, Report};
use crate::platform::command::{json, operator, typed, with_store, write};
use crate::platform::config::Config;

/// `vestibule billing …`
#[derive(Debug, Subcommand)]
pub enum BillingCommand {
    /// Charge an organization: one bill, from arguments.
    Add(AddArguments),
    /// Charge many: one bill a line (JSON Lines), from a file or from standard input.
    ///
    /// A line is {"id": "inv-1", "organization": "acme", "period": "2026-11", "currency": "KRW", "due": "2026-12-20",
    /// "tax": 36000, "lines": [{"description": "Virtual machines", "quantity": 3, "unit_amount": 120000}]}. Amounts are
    /// whole minor units; "total" may be given and is then compared. The id is yours and unique in the organization:
    /// the same line again changes nothing, another content under it is refused.
    ///
    /// The whole file is read first: while any line of it is wrong, nothing is done. Then each line is carried out by
    /// itself; what the database refuses (an organization that does not exist) is told by line, and the others stand.
    /// The exit code is 1 when any line was refused, and the file can be sent again.
    Import {
        /// The file, or `-` for standard input.
        file: String,
        /// One JSON object a line instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// The money has come: a bill is paid.
    Settle {
        /// The bill's number, as it stands in the transfer.
        bill: String,
        /// The day it came; today unless given.
        #[arg(long, value_name = "YYYY-MM-DD")]
        on: Option<String>,
        /// A note for the bill's page and the audit log.
        #[arg(long)]
        note: Option<String>,
        /// A JSON object.
        #[arg(long)]
        json: bool,
    },
    /// A bill is not owed any more.
    Void {
        /// The bill's number.
        bill: String,
        /// Why, for the bill's page and the audit log.
        #[arg(long)]
        reason: String,
        /// A JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// `vestibule billing add …`. Amounts are written with all decimals of the currency: 12.50 for USD, 1320000 for KRW.
#[derive(Debug, Args)]
pub struct AddArguments {
    /// Organization name.
    #[arg(value_parser = typed::organization)]
    organization: String,
    /// The month it is for.
    #[arg(long, value_name = "YYYY-MM")]
    period: String,
    /// ISO 4217.
    #[arg(long)]
    currency: String,
    /// The day it is due.
    #[arg(long, value_name = "YYYY-MM-DD")]
    due: String,
    /// What is charged; as often as there are lines. The amount is that of one; less than 0 is a credit.
    #[arg(long = "line", required = true, value_name = "DESCRIPTION;QUANTITY;AMOUNT")]
    lines: Vec<String>,
    /// Tax on all lines; none unless given.
    #[arg(long)]
    tax: Option<String>,
    /// Your own id for it, unique in the organization: the same bill again changes nothing.
    #[arg(long)]
    id: Option<String>,
    /// A JSON object.
    #[arg(long)]
    json: bool,
}

/// A bill as scripts are told of it. The names of the fields are what they read.
#[derive(Serialize)]
struct Told<'a> {
    bill: &'a str,
    organization: &'a str,
    result: &'static str,
    currency: &'static str,
    total: i64,
}

/// Runs a command on bills. Fails with words for the operator.
pub fn run(config: &Config, command: BillingCommand) -> Result<(), String> {
    match command {
        BillingCommand::Add(arguments) => add(config, arguments),
        BillingCommand::Import { file, json } => import(config, &file, json),
        BillingCommand::Settle { bill, on, note, json } => settle(config, bill, on, note, json),
        BillingCommand::Void { bill, reason, json } => void(config, bill, reason, json),
    }
}

fn add(config: &Config, arguments: AddArguments) -> Result<(), String> {
    let (draft, as_json) = (arguments.draft()?, arguments.json);
    let bill = draft.draw_up().map_err(|problem| problem.to_string())?;
    let (organization, total, due) = (draft.organization.clone(), bill.total, bill.due_on.clone());
    let added = write(config, move |tx| super::add(tx, &organization, &bill))?;
    let (number, result) = match &added {
        Added::New(number) => (number, "added"),
        Added::Unchanged(number) => (number, "unchanged"),
    };
    tell(as_json, number.as_str(), &draft.organization, result, total, || match added {
        Added::New(_) => format!("Bill {number} charges {} {total}, due on {due}.", draft.organization),
        Added::Unchanged(_) => format!("Bill {number} is there already, with this content."),
    })
}

impl AddArguments {
    fn draft(&self) -> Result<Draft, String> {
        let currency = Currency::find(&text::typed::plain(&self.currency).to_uppercase())
            .ok_or_else(|| super::DraftError::Currency.to_string())?;
        let amount = |text: &str| {
            let wrong = || {
                let example = Money::new(123_456, currency).plain();
                format!("{text} is not an amount of {}: write it like {example}", self.currency)
            };
            Money::parse(text, currency).map(Money::minor).ok_or_else(wrong)
        };
        let line = |text: &String| {
            let mut parts = text.rsplitn(3, [';', '；']).map(str::trim);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(unit), Some(quantity), Some(description)) => Ok(DraftLine {
                    description: description.to_owned(),
                    quantity: text::typed::number(quantity)
                        .ok_or_else(|| format!("{quantity} is not a whole quantity"))?,
                    unit_amount: amount(unit)?,
                }),
                _ => Err(format!("{text} is not DESCRIPTION;QUANTITY;AMOUNT")),
            }
        };
        Ok(Draft {
            id: self.id.clone(),
            organization: self.organization.clone(),
            period: self.period.clone(),
            currency: self.currency.clone(),
            due: self.due.clone(),
            tax: self.tax.as_deref().map_or(Ok(0), amount)?,
            total: None,
            lines: self.lines.iter().map(line).collect::<Result<_, String>>()?,
        })
    }
}

/// Reads and checks the whole file, then adds each bill by a transaction of its own. One customer who has left must not
/// hold up the bills of all others, and a transaction over many organizations would hold up all their writers; a file
/// can be sent again, as what is there is left alone.
fn import(config: &Config, file: &str, as_json: bool) -> Result<(), String> {
    let bills = checked(lines::read::<Draft>(file)?)?;
    let report = with_store(config, async |store| {
        let mut report = Report::default();
        let mut is_away = false;
        for Line { number, value: (organization, bill) } in bills {
            let id = bill.external_id.clone().unwrap_or_default();
            if is_away {
                report.refused(number, &id, "not tried, as the database failed before".to_owned());
                continue;
            }
            match store.write(operator(), move |tx| super::add(tx, &organization, &bill)).await {
                Ok(Added::New(_)) => report.done(number, &id, "added"),
                Ok(Added::Unchanged(_)) => report.done(number, &id, "unchanged"),
                Err(refusal) => {
                    is_away = matches!(refusal, Refusal::Store(_));
                    report.refused(number, &id, refusal.to_string());
                }
            }
        }
        Ok(report)
    })?;
    report.print(as_json)
}

fn checked(drafts: Vec<Line<Draft>>) -> Result<Vec<Line<(String, NewBill)>>, String> {
    let (mut bills, mut mistakes) = (Vec::new(), Vec::new());
    for Line { number, value: draft } in drafts {
        match draft.draw_up() {
            Ok(bill) => bills.push(Line { number, value: (draft.organization, bill) }),
            Err(problem) => mistakes.push(format!("line {number}: {problem}")),
        }
    }
    lines::all_or_mistakes(bills, mistakes)
}

fn settle(
    config: &Config,
    bill: String,
    on: Option<String>,
    note: Option<String>,
    as_json: bool,
) -> Result<(), String> {
    let day = |text: String| Day::parse(&text).ok_or_else(|| format!("{text} is not a day such as 2026-12-20"));
    let on = on.map(day).transpose()?;
    let note = note.map(|note| words(&note)).transpose().map_err(|problem| format!("the note {problem}"))?;
    let found = write(config, move |tx| super::settle(tx, &bill, on, note.as_deref()))?;
    tell(as_json, found.number.as_str(), &found.organization_name, "paid", found.total(), || {
        format!("Bill {} of {} is paid: {}.", found.number, found.organization_name, found.total())
    })
}

fn void(config: &Config, bill: String, reason: String, as_json: bool) -> Result<(), String> {
    let reason = words(&reason).map_err(|problem| format!("the reason {problem}"))?;
    let found = write(config, move |tx| super::void(tx, &bill, &reason))?;
    tell(as_json, found.number.as_str(), &found.organization_name, "void", found.total(), || {
        format!(
            "Bill {} of {} is void: {} are not owed any more.",
            found.number,
            found.organization_name,
            found.total()
        )
    })
}

fn tell(
    as_json: bool,
    bill: &str,
    organization: &str,
    result: &'static str,
    total: Money,
    sentence: impl FnOnce() -> String,
) -> Result<(), String> {
    let told = Told { bill, organization, result, currency: total.currency().code(), total: total.minor() };
    crate::platform::terminal::say!("{}", if as_json { json(&told)? } else { sentence() });
    Ok(())
}
