//! Bills: what an organization owes for a month (docs/rules.md section 11). They come from the operator by command, people
//! read them and say when they have transferred the money, and the operator settles them: nothing is ever paid because
//! the payer says so.

mod bill;
pub mod commands;
mod draft;
mod filters;
mod gateway;
mod money;
mod number;
pub mod pages;
mod store;

pub use crate::base::calendar::{Day, Period};
pub use bill::{Charge, NewBill, Status};
pub use draft::{Draft, DraftError, DraftLine};
pub use gateway::{Gateway, Transfer};
pub use money::{Currency, Money};
pub use number::Number;
pub use store::{Bill, Shown, bill, country, erase, lines, list, open};

use chrono_tz::Tz;

use crate::access::ManageBilling;
use crate::access::failure::Failure;
use crate::base::countries;
use crate::base::ids::BillId;
use crate::base::organization::State;
use crate::features::organizations::{self, New};
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{OpenTx, Recorded, StoreError, Tx};

impl Bill {
    /// Lines and tax.
    pub fn total(&self) -> Money {
        Money::new(self.total, self.currency)
    }

    /// The tax.
    pub fn tax(&self) -> Money {
        Money::new(self.tax, self.currency)
    }

    /// The lines without the tax. A total is the sum of both, so this cannot overflow.
    pub fn subtotal(&self) -> Money {
        Money::new(self.total - self.tax, self.currency)
    }

    /// Whether it can be paid.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Whether it is open and its day is over.
    pub fn is_overdue(&self, today: &Day) -> bool {
        self.is_open() && self.due_on < *today
    }
}

/// The zone by which an organization's bills fall due: that of its country, as the day on a bill is a day of the payer's
/// calendar. UTC would call a bill late in the evening in America, and leave it until nine in Korea; the zone of the
/// reader would have two people of one organization disagree.
pub fn zone(country: &str) -> Tz {
    countries::find(country).and_then(|country| country.zone.parse().ok()).unwrap_or(Tz::UTC)
}

/// What is owed in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// All open bills.
    pub open: Money,
    /// Those past their day.
    pub overdue: Money,
    /// How many are open.
    pub bills: i64,
}

/// Adds up open bills by currency, in the order of their codes; `None` when a sum overflows.
pub fn owed(open: &[(Money, Day)], today: &Day) -> Option<Vec<Owed>> {
    let mut sums: Vec<Owed> = Vec::new();
    for (total, due_on) in open {
        let place = sums.binary_search_by_key(&total.currency(), |sum| sum.open.currency());
        let place = place.unwrap_or_else(|place| {
            let none = Money::new(0, total.currency());
            sums.insert(place, Owed { open: none, overdue: none, bills: 0 });
            place
        });
        let sum = &mut sums[place];
        sum.open = sum.open.plus(*total)?;
        sum.bills += 1;
        if due_on < today {
            sum.overdue = sum.overdue.plus(*total)?;
        }
    }
    Some(sums)
}

/// Why the operator's command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The organization does not exist.
    #[error("there is no organization named {0}")]
    NoOrganization(String),
    /// Nobody has ever been in there, and it goes by itself when that stays so.
    #[error("{0} still awaits its owner's password and cannot owe anything")]
    Unclaimed(String),
    /// The organization's deletion is requested.
    #[error("the deletion of {0} is requested: hold it to add a last bill (organization hold {0})")]
    Closing(String),
    /// Another bill has the external id.
    #[error("bill {0} has this id already and differs in {1}")]
    Differs(Number, &'static str),
    /// No number was free: the month has as many bills as numbers.
    #[error("no number is free for this month")]
    NoNumber,
    /// Not a number of a bill.
    #[error("there is no bill {0}")]
    NoBill(String),
    /// It is paid or void.
    #[error("bill {0} is {1}, not open")]
    NotOpen(Number, &'static str),
    /// The money cannot have come yet.
    #[error("{0} has not begun anywhere yet")]
    NotYet(Day),
    /// The database did not do it.
    #[error("{0}")]
    Store(#[from] crate::platform::command::refusal::Refusal),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

/// What became of a bill that was to be added.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(Number),
    /// It was there, with this content; whatever has become of it since, it stays.
    Unchanged(Number),
}

/// Adds a bill to an organization, suspended ones included. With an external id that is known, the same content changes
/// nothing, and other content is refused.
pub fn add(tx: &mut OpenTx<'_>, organization: &str, bill: &NewBill) -> Result<Recorded<Added>, Refusal> {
    let unknown = || Refusal::NoOrganization(organization.to_owned());
    let found = organizations::login(tx, organization)?.ok_or_else(unknown)?;
    if found.state == State::AwaitingOwner {
        return Err(Refusal::Unclaimed(organization.to_owned()));
    }
    // Two senders of one id come one after the other.
    if !tx.touch(&found.id)? {
        return Err(unknown());
    }
    if let Some(id) = &bill.external_id
        && let Some((number, known)) = store::by_external_id(tx, &found.id, id)?
    {
        return match known.difference(bill) {
            Some(field) => Err(Refusal::Differs(number, field)),
            None => Ok(tx.unrecorded("the bill is there already", Added::Unchanged(number))),
        };
    }
    if organizations::is_closed_to(tx, &found.id, New::Bill)? {
        return Err(Refusal::Closing(organization.to_owned()));
    }
    let (id, number) = store::insert(tx, &found.id, bill)?.ok_or(Refusal::NoNumber)?;
    let event = Event::done(Kind::BillAdded)
        .within(&found.id)
        .on("bill", &id, &number)
        .with("period", bill.period.as_str())
        .with("currency", bill.total.currency().code())
        .with("total", bill.total.minor())
        .with("due_on", bill.due_on.as_str());
    let event = match &bill.external_id {
        Some(id) => event.with("external_id", id.as_str()),
        None => event,
    };
    Ok(tx.record(event, Added::New(number))?)
}

/// The operator has seen the money: the bill is paid. Without a day it came today, by the organization's calendar.
pub fn settle(
    tx: &mut OpenTx<'_>,
    typed: &str,
    paid_on: Option<Day>,
    note: Option<&str>,
) -> Result<Recorded<store::Found>, Refusal> {
    let found = find(tx, typed)?;
    let latest = Day::latest(tx.now());
    let paid_on = paid_on.unwrap_or_else(|| Day::of(tx.now(), zone(&found.country)));
    if paid_on > latest {
        return Err(Refusal::NotYet(paid_on));
    }
    if !store::settle(tx, &found, &paid_on, note)? {
        return Err(not_open(tx, typed, found)?);
    }
    let event = closed(Kind::BillSettled, &found).with("paid_on", paid_on.as_str());
    let event = match note {
        Some(note) => event.with("note", note),
        None => event,
    };
    Ok(tx.record(event, found)?)
}

/// The bill is not owed any more.
pub fn void(tx: &mut OpenTx<'_>, typed: &str, reason: &str) -> Result<Recorded<store::Found>, Refusal> {
    let found = find(tx, typed)?;
    if !store::void(tx, &found, reason)? {
        return Err(not_open(tx, typed, found)?);
    }
    Ok(tx.record(closed(Kind::BillVoided, &found).with("reason", reason), found)?)
}

/// The bill of a number, with its organization's other writers waiting.
fn find(tx: &mut OpenTx<'_>, typed: &str) -> Result<store::Found, Refusal> {
    let none = || Refusal::NoBill(typed.to_owned());
    let number = Number::parse(typed).ok_or_else(none)?;
    let found = store::find(tx, &number)?.ok_or_else(none)?;
    tx.touch(&found.organization)?;
    Ok(found)
}

/// Why an open bill was not found open after all: somebody was faster.
fn not_open(tx: &mut OpenTx<'_>, typed: &str, found: store::Found) -> Result<Refusal, Refusal> {
    let now = store::find(tx, &found.number)?.ok_or_else(|| Refusal::NoBill(typed.to_owned()))?;
    Ok(Refusal::NotOpen(found.number, now.status.word()))
}

fn closed(kind: Kind, found: &store::Found) -> Event {
    Event::done(kind)
        .within(&found.organization)
        .on("bill", &found.id, &found.number)
        .with("currency", found.total().currency().code())
        .with("total", found.total().minor())
}

/// Why a transfer was not noted.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// It is paid or void meanwhile.
    #[error("the bill is not open")]
    NotOpen,
    /// There is no such bill, or the database failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl crate::platform::events::Refusal for AnnounceError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::NotOpen => Some(Reason::Standing),
            Self::Failure(_) => None,
        }
    }
}

impl From<StoreError> for AnnounceError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Notes that the payer has made the transfer. The bill stays open: only the operator sees the account.
pub fn announce(tx: &mut Tx<'_, ManageBilling>, id: &BillId, name: &str) -> Result<Recorded<()>, AnnounceError> {
    let bill = store::bill(tx, id)?.ok_or(Failure::NotFound)?;
    tx.note_target("bill", id, &bill.number);
    if !bill.is_open() {
        return Err(AnnounceError::NotOpen);
    }
    if !store::announce(tx, id, name)? {
        return Ok(tx.unrecorded("the transfer was announced already", ()));
    }
    let event = Event::done(Kind::BillPaymentAnnounced)
        .on("bill", id, &bill.number)
        .with("currency", bill.currency.code())
        .with("total", bill.total);
    Ok(tx.record(event, ())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_is_added_up_by_currency() {
        let today = Day::parse("2026-11-22").unwrap();
        let bill =
            |minor, code: &str, due: &str| (Money::new(minor, Currency::find(code).unwrap()), Day::parse(due).unwrap());
        let open = [
            bill(5, "USD", "2026-11-22"),
            bill(1, "KRW", "2026-11-21"),
            bill(2, "KRW", "2026-11-23"),
            bill(4, "USD", "2025-01-01"),
        ];
        let sums = owed(&open, &today).unwrap();
        let told: Vec<_> = sums.iter().map(|sum| (sum.open.to_string(), sum.overdue.to_string(), sum.bills)).collect();
        let expected =
            [("KRW 3", "KRW 1", 2), ("USD 0.09", "USD 0.04", 2)].map(|(o, l, n)| (o.to_owned(), l.to_owned(), n));
        assert_eq!(told, expected);
        assert_eq!(owed(&[], &today), Some(Vec::new()));
        assert_eq!(owed(&[bill(i64::MAX, "KRW", "2026-11-22"), bill(1, "KRW", "2026-11-22")], &today), None);
    }

    #[test]
    fn bills_fall_due_by_the_calendar_of_the_country() {
        assert_eq!(
            (zone("KR").name(), zone("US").name(), zone("??").name()),
            ("Asia/Seoul", "America/New_York", "UTC")
        );
    }
}
