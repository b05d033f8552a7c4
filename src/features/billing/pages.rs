//! Pages of the organization's bills.

use askama::Template;
use serde::Deserialize;

use super::{AnnounceError, Bill, Charge, Gateway, Owed, Transfer, filters, owed, zone};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageBilling};
use crate::base::calendar::Day;
use crate::base::i18n::Text;
use crate::base::ids::BillId;
use crate::base::urls;
use crate::features::billing::{self, Shown};
use crate::platform::store::{StoreError, Tx};
use crate::web::list::{COUNTED, Cursor, ListUrl, PAGE, Slice};
use crate::web::{Answer, Path, Query, Reply, see_other};

#[derive(Template)]
#[template(path = "billing/list.html")]
struct ListPage {
    bills: Slice<Bill>,
    url: ListUrl,
    shown: Shown,
    owed: Vec<Owed>,
    /// Whether only the latest of the open bills were added up.
    is_more: bool,
    today: Day,
}

#[derive(Template)]
#[template(path = "billing/show.html")]
struct BillPage {
    bill: Bill,
    lines: Vec<Charge>,
    today: Day,
}

#[derive(Template)]
#[template(path = "billing/payment.html")]
struct PaymentPage {
    bill: Bill,
    transfer: Transfer,
    today: Day,
}

crate::pages! {
    ListPage;
    BillPage;
    PaymentPage;
}

impl ListPage {
    /// The ways to narrow the list, with their labels.
    fn choices(&self) -> [(Shown, &'static str); 5] {
        [
            (Shown::All, "billing-all"),
            (Shown::Open, "billing-status-open"),
            (Shown::Overdue, "billing-status-overdue"),
            (Shown::Paid, "billing-status-paid"),
            (Shown::Void, "billing-status-void"),
        ]
    }
}

/// What the list is narrowed to, as its URL says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Narrowed {
    status: String,
}

/// `GET /billing`: by month, the latest first.
pub async fn list(actor: Actor<ManageBilling>, narrowed: Query<Narrowed>, cursor: Query<Cursor>) -> Reply {
    let shown = Shown::from_word(&narrowed.0.status).unwrap_or(Shown::All);
    let place = cursor.0.place();
    let read = actor.read(move |tx| {
        let today = today(tx)?;
        let bills = billing::list(tx, shown, &today, &place, PAGE)?;
        Ok::<_, StoreError>((bills, billing::open(tx)?, today))
    });
    let (bills, open, today) = read.await?;
    let is_more = open.len() as i64 > COUNTED;
    let owed = owed(&open, &today).ok_or_else(|| Failure::Internal("what is owed overflows".to_owned()))?;
    let url = ListUrl::new(urls::BILLING, [("status", shown.word().to_owned())]);
    Ok(Answer::page(ListPage { bills, url, shown, owed, is_more, today }))
}

/// The day in the organization's country.
fn today(tx: &mut Tx<'_, ManageBilling>) -> Result<Day, StoreError> {
    let country = billing::country(tx)?;
    Ok(Day::of(tx.now(), zone(&country)))
}

async fn find(actor: &Actor<ManageBilling>, id: BillId) -> Result<(Bill, Vec<Charge>, Day), Failure> {
    let read = actor.read(move |tx| {
        let bill = billing::bill(tx, &id)?.ok_or(Failure::NotFound)?;
        Ok::<_, Failure>((billing::lines(tx, &bill)?, today(tx)?, bill))
    });
    read.await.map(|(lines, today, bill)| (bill, lines, today))
}

/// `GET /billing/{bill}`.
pub async fn show(actor: Actor<ManageBilling>, Path(id): Path<BillId>) -> Reply {
    let (bill, lines, today) = find(&actor, id).await?;
    Ok(Answer::page(BillPage { bill, lines, today }))
}

/// `GET /billing/{bill}/payment`: how to pay; of a bill that is not open there is nothing to pay.
pub async fn payment(actor: Actor<ManageBilling>, Path(id): Path<BillId>) -> Reply {
    let (bill, _, today) = find(&actor, id).await?;
    if !bill.is_open() {
        return Ok(see_other(urls::bill(&bill.id)));
    }
    let transfer = Gateway::of(&actor.app().config).transfer(&bill);
    Ok(Answer::page(PaymentPage { bill, transfer, today }))
}

/// `POST /billing/{bill}/payment`: the payer has made the transfer.
pub async fn announce(actor: Actor<ManageBilling>, Path(id): Path<BillId>) -> Reply {
    let (bill, name) = (id.clone(), actor.identity().name.clone());
    match actor.write(move |tx| super::announce(tx, &bill, &name)).await {
        Ok(()) => Ok(see_other(urls::bill(&id)).notice(Text::new("billing-announced-notice"))),
        Err(AnnounceError::NotOpen) => Ok(see_other(urls::bill(&id)).refusal(Text::new("billing-not-open"))),
        Err(AnnounceError::Failure(cause)) => Err(cause),
    }
}
