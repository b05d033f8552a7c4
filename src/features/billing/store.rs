//! Queries on bills.

use diesel::prelude::*;

use super::{Charge, Currency, Money, NewBill, Number, Status};
use crate::access::ManageBilling;
use crate::base::calendar::{Day, Period};
use crate::base::ids::{BillId, OrganizationId};
use crate::base::moment::Moment;
use crate::platform::store::schema::{bill_lines, bills, organizations};
use crate::platform::store::{StoreError, Tx, Work};
use crate::web::list::{COUNTED, Place, Slice};

/// Numbers that are drawn for a bill before its month counts as full.
const DRAWS: usize = 8;

/// A bill as stored, without its lines.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = bills)]
pub struct Bill {
    /// Id.
    pub id: BillId,
    /// What the payer writes into the transfer.
    pub number: Number,
    /// The month it is for.
    pub period: Period,
    /// Of all its amounts.
    pub currency: Currency,
    /// Tax, in minor units.
    pub tax: i64,
    /// Total, in minor units.
    pub total: i64,
    /// The day it is due.
    pub due_on: Day,
    /// Where it stands.
    pub status: Status,
    /// When it was added.
    pub created_at: Moment,
    /// When somebody said that the money is on its way.
    pub announced_at: Option<Moment>,
    /// Who said so; the name is kept, so that it can be read after the user is gone.
    pub announced_by: Option<String>,
    /// The day the money came.
    pub paid_on: Option<Day>,
    /// When the operator settled it.
    pub settled_at: Option<Moment>,
    /// What the operator noted when settling it.
    pub note: Option<String>,
    /// When the operator voided it.
    pub voided_at: Option<Moment>,
    /// Why.
    pub void_reason: Option<String>,
}

words! {
    /// Which bills a list shows.
    Shown {
        /// All of them.
        All = "",
        /// Open ones.
        Open = "open",
        /// Open ones past their day.
        Overdue = "overdue",
        /// Paid ones.
        Paid = "paid",
        /// Void ones.
        Void = "void",
    }
}

/// A page of the organization's bills, the latest month first.
pub fn list(
    tx: &mut Tx<'_, ManageBilling>,
    shown: Shown,
    today: &Day,
    place: &Place,
    size: usize,
) -> Result<Slice<Bill>, StoreError> {
    let mut rows =
        tx.bills().select(Bill::as_select()).limit(i64::try_from(size).unwrap_or(i64::MAX - 1) + 1).into_boxed();
    rows = match shown {
        Shown::All => rows,
        Shown::Open => rows.filter(bills::status.eq(Status::Open)),
        Shown::Overdue => rows.filter(bills::status.eq(Status::Open)).filter(bills::due_on.lt(today.clone())),
        Shown::Paid => rows.filter(bills::status.eq(Status::Paid)),
        Shown::Void => rows.filter(bills::status.eq(Status::Void)),
    };
    rows = match place {
        Place::Start => rows.order(bills::number.desc()),
        Place::After(key) => rows.filter(bills::number.lt(key.clone())).order(bills::number.desc()),
        Place::Before(key) => rows.filter(bills::number.gt(key.clone())).order(bills::number.asc()),
    };
    let found = rows.load(tx.conn())?;
    Ok(Slice::cut(place, size, found, |bill| bill.number.to_string()))
}

/// Totals and days of the open bills, read up to one more than lists count to.
pub fn open(tx: &mut Tx<'_, ManageBilling>) -> Result<Vec<(Money, Day)>, StoreError> {
    let rows = tx
        .bills()
        .filter(bills::status.eq(Status::Open))
        .order(bills::number.desc())
        .limit(COUNTED + 1)
        .select((bills::total, bills::currency, bills::due_on));
    let rows: Vec<(i64, Currency, Day)> = rows.load(tx.conn())?;
    Ok(rows.into_iter().map(|(total, currency, due_on)| (Money::new(total, currency), due_on)).collect())
}

/// The country of the caller's organization: its bills fall due by that calendar.
pub fn country(tx: &mut Tx<'_, ManageBilling>) -> Result<String, StoreError> {
    let row = organizations::table.find(tx.organization().clone()).select(organizations::country);
    Ok(row.first(tx.conn())?)
}

/// A bill of the caller's organization.
pub fn bill(tx: &mut Tx<'_, ManageBilling>, id: &BillId) -> Result<Option<Bill>, StoreError> {
    let row = tx.bills().filter(bills::id.eq(id.clone())).select(Bill::as_select());
    Ok(row.first(tx.conn()).optional()?)
}

/// The lines of a bill of the caller's organization.
pub fn lines(tx: &mut Tx<'_, ManageBilling>, bill: &Bill) -> Result<Vec<Charge>, StoreError> {
    let organization = tx.organization().clone();
    lines_of(tx, &organization, &bill.id, bill.currency)
}

fn lines_of(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    bill: &BillId,
    currency: Currency,
) -> Result<Vec<Charge>, StoreError> {
    let rows = bill_lines::table
        .filter(bill_lines::organization_id.eq(organization.clone()))
        .filter(bill_lines::bill_id.eq(bill.clone()))
        .order(bill_lines::place)
        .select((bill_lines::description, bill_lines::quantity, bill_lines::unit_amount, bill_lines::amount));
    let rows: Vec<(String, i64, i64, i64)> = rows.load(work.conn())?;
    let charge = |(description, quantity, unit, amount)| {
        let (unit, amount) = (Money::new(unit, currency), Money::new(amount, currency));
        Charge { description, quantity, unit, amount }
    };
    Ok(rows.into_iter().map(charge).collect())
}

/// Notes that a transfer was made; `false` when somebody did already, or the bill is not open.
pub fn announce(tx: &mut Tx<'_, ManageBilling>, id: &BillId, name: &str) -> Result<bool, StoreError> {
    let (organization, now) = (tx.organization().clone(), tx.now());
    let row = bills::table
        .filter(bills::organization_id.eq(organization))
        .filter(bills::id.eq(id.clone()))
        .filter(bills::status.eq(Status::Open))
        .filter(bills::announced_at.is_null());
    let change = (bills::announced_at.eq(Some(now)), bills::announced_by.eq(Some(name.to_owned())));
    Ok(diesel::update(row).set(change).execute(tx.conn())? == 1)
}

#[derive(Insertable)]
#[diesel(table_name = bills, treat_none_as_default_value = false)]
struct NewRow {
    id: BillId,
    organization_id: OrganizationId,
    number: Number,
    external_id: Option<String>,
    period: Period,
    currency: Currency,
    tax: i64,
    total: i64,
    due_on: Day,
    status: Status,
    created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = bill_lines, treat_none_as_default_value = false)]
struct NewLine {
    organization_id: OrganizationId,
    bill_id: BillId,
    place: i32,
    description: String,
    quantity: i64,
    unit_amount: i64,
    amount: i64,
}

/// Inserts a bill with its lines under a number that is free; `None` when none was.
pub fn insert(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    bill: &NewBill,
) -> Result<Option<(BillId, Number)>, StoreError> {
    let id: BillId = work.id();
    let Some(number) = insert_bill(work, organization, &id, bill)? else {
        return Ok(None);
    };
    for (place, line) in (0..).zip(&bill.lines) {
        let row = NewLine {
            organization_id: organization.clone(),
            bill_id: id.clone(),
            place,
            description: line.description.clone(),
            quantity: line.quantity,
            unit_amount: line.unit.minor(),
            amount: line.amount.minor(),
        };
        diesel::insert_into(bill_lines::table).values(&row).execute(work.conn())?;
    }
    Ok(Some((id, number)))
}

fn insert_bill(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &BillId,
    bill: &NewBill,
) -> Result<Option<Number>, StoreError> {
    for _ in 0..DRAWS {
        let row = NewRow {
            id: id.clone(),
            organization_id: organization.clone(),
            number: Number::draw(&bill.period, work.entropy()),
            external_id: bill.external_id.clone(),
            period: bill.period.clone(),
            currency: bill.total.currency(),
            tax: bill.tax.minor(),
            total: bill.total.minor(),
            due_on: bill.due_on.clone(),
            status: Status::Open,
            created_at: work.now(),
        };
        match work.savepoint(|connection| diesel::insert_into(bills::table).values(&row).execute(connection)) {
            Ok(_) => return Ok(Some(row.number)),
            Err(error) if error.is_duplicate() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The bill that has an external id in an organization: its number and content.
pub fn by_external_id(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    external_id: &str,
) -> Result<Option<(Number, NewBill)>, StoreError> {
    let row = bills::table
        .filter(bills::organization_id.eq(organization.clone()))
        .filter(bills::external_id.eq(external_id.to_owned()))
        .select(Bill::as_select());
    let Some(bill) = row.first::<Bill>(work.conn()).optional()? else {
        return Ok(None);
    };
    let lines = lines_of(work, organization, &bill.id, bill.currency)?;
    let (tax, total) = (bill.tax(), bill.total());
    let external_id = Some(external_id.to_owned());
    Ok(Some((bill.number, NewBill { external_id, period: bill.period, due_on: bill.due_on, lines, tax, total })))
}

/// A bill that the operator names by its number.
#[derive(Clone, Debug, Queryable)]
pub struct Found {
    /// Id.
    pub id: BillId,
    /// Its number.
    pub number: Number,
    /// Where it stands.
    pub status: Status,
    currency: Currency,
    total: i64,
    /// Whose it is.
    pub organization: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    /// The organization's country.
    pub country: String,
}

impl Found {
    /// Lines and tax.
    pub fn total(&self) -> Money {
        Money::new(self.total, self.currency)
    }
}

/// The bill of a number, in whatever organization.
pub fn find(work: &mut Work<'_>, number: &Number) -> Result<Option<Found>, StoreError> {
    let row = bills::table
        .inner_join(organizations::table.on(organizations::id.eq(bills::organization_id)))
        .filter(bills::number.eq(number.clone()))
        .select((
            bills::id,
            bills::number,
            bills::status,
            bills::currency,
            bills::total,
            organizations::id,
            organizations::name,
            organizations::country,
        ));
    Ok(row.first(work.conn()).optional()?)
}

/// Marks a bill paid; `false` when it is not open.
pub fn settle(work: &mut Work<'_>, bill: &Found, paid_on: &Day, note: Option<&str>) -> Result<bool, StoreError> {
    let now = work.now();
    let change = (
        bills::status.eq(Status::Paid),
        bills::paid_on.eq(Some(paid_on.clone())),
        bills::settled_at.eq(Some(now)),
        bills::note.eq(note.map(str::to_owned)),
    );
    let row = bills::table
        .filter(bills::organization_id.eq(bill.organization.clone()))
        .filter(bills::id.eq(bill.id.clone()))
        .filter(bills::status.eq(Status::Open));
    Ok(diesel::update(row).set(change).execute(work.conn())? == 1)
}

/// Voids a bill; `false` when it is not open.
pub fn void(work: &mut Work<'_>, bill: &Found, reason: &str) -> Result<bool, StoreError> {
    let now = work.now();
    let change = (
        bills::status.eq(Status::Void),
        bills::voided_at.eq(Some(now)),
        bills::void_reason.eq(Some(reason.to_owned())),
    );
    let row = bills::table
        .filter(bills::organization_id.eq(bill.organization.clone()))
        .filter(bills::id.eq(bill.id.clone()))
        .filter(bills::status.eq(Status::Open));
    Ok(diesel::update(row).set(change).execute(work.conn())? == 1)
}

/// Removes bills with their lines of an organization that is being erased, at most as many as asked for; says how many.
pub fn erase(work: &mut Work<'_>, organization: &OrganizationId, most: usize) -> Result<usize, StoreError> {
    let mine = bills::table.filter(bills::organization_id.eq(organization.clone()));
    let first = mine.clone().order(bills::number).limit(i64::try_from(most).unwrap_or(i64::MAX)).select(bills::number);
    let first: Vec<Number> = first.load(work.conn())?;
    if let Some(last) = first.last() {
        diesel::delete(mine.filter(bills::number.le(last.clone()))).execute(work.conn())?;
    }
    Ok(first.len())
}
