//! Bills as the people of an organization see and pay them.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, bills};

use super::support::people::encode;
use super::support::{Person, TestApp};

fn payment(bill: &str) -> String {
    format!("/billing/{bill}/payment")
}

/// Details of the audit events of a kind.
fn recorded(app: &TestApp, event: &str) -> Vec<String> {
    let rows = audit_events::table.filter(audit_events::event.eq(event)).order(audit_events::id);
    rows.select(audit_events::details).load(&mut app.database.connect()).unwrap()
}

fn status(app: &TestApp, bill: &str) -> String {
    bills::table.find(bill).select(bills::status).first(&mut app.database.connect()).unwrap()
}

#[test]
fn an_organization_without_bills_is_told_so() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.click("Billing").is_at("/billing").sees("No bills yet").sees("There is nothing to be paid.");
    owner.click("Paid").sees("No such bills").click("Show all bills").sees("No bills yet");
}

#[test]
fn bills_are_listed_by_month_with_what_is_owed() {
    let app = TestApp::start();
    let owner = app.owner();
    app.bill("acme", "2610AAAAAA", "2026-11-20");
    app.bill("acme", "2611BBBBBB", "2026-12-20");
    app.settle(&app.bill("acme", "2609CCCCCC", "2026-10-20"));
    app.void(&app.bill("acme", "2608DDDDDD", "2026-09-20"));
    owner.open("/billing").sees("KRW 792,000 open, 2 bills").sees("KRW 396,000 of it overdue");
    let order = |person: &Person<'_>| {
        let text = person.page().text();
        let mut found: Vec<_> = ["November 2026", "October 2026", "September 2026", "August 2026"]
            .into_iter()
            .filter_map(|month| Some((text.find(month)?, month)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, month)| month).collect::<Vec<_>>()
    };
    assert_eq!(order(&owner), ["November 2026", "October 2026", "September 2026", "August 2026"]);
    for (choice, months) in [
        ("Open", &["November 2026", "October 2026"][..]),
        ("Overdue", &["October 2026"]),
        ("Paid", &["September 2026"]),
        ("Void", &["August 2026"]),
    ] {
        owner.open("/billing").click(choice).sees("KRW 792,000 open, 2 bills");
        assert_eq!(order(&owner), months, "{choice}");
    }
    owner.open("/billing?status=nonsense&after=2610AAAAAA").gets(200).sees("September 2026").sees_no("October 2026");
}

#[test]
fn many_bills_are_read_page_by_page() {
    let app = TestApp::start();
    let owner = app.owner();
    for number in 0..101 {
        let letters: String = [number / 26, number % 26].map(|n| char::from(b'A' + n)).iter().collect();
        app.bill("acme", &format!("2611{letters}AAAA"), "2026-12-20");
    }
    let seen = |owner: &Person<'_>| -> Vec<String> {
        let rows = owner.page();
        rows.all("tbody .mono").into_iter().map(super::support::page::words).collect()
    };
    owner.open("/billing").sees("KRW 39,996,000 open, 101 bills");
    let mut all = seen(&owner);
    assert_eq!(all.len(), 50);
    all.extend(seen(owner.click("Next")));
    all.extend(seen(owner.click("Next")));
    assert!(owner.page().link("Next").is_none());
    let mut sorted = all.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    sorted.dedup();
    assert_eq!((all.len(), &all), (101, &sorted));
    assert_eq!(seen(owner.click("Previous")), all[50..100]);
}

#[test]
fn a_bill_falls_due_by_the_calendar_of_the_organization() {
    let app = TestApp::start();
    let owner = app.owner();
    app.bill("acme", "2610AAAAAA", "2026-11-22");
    // 18:00 in Seoul on the day itself, then a minute before midnight there, then midnight.
    owner.open("/billing").sees("KRW 396,000 open").sees_no("of it overdue");
    app.clock.advance(Duration::minutes(5 * 60 + 59));
    let owner = app.visitor();
    owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD);
    owner.open("/billing").sees("KRW 396,000 open").sees_no("of it overdue");
    app.clock.advance(Duration::minutes(1));
    owner.open("/billing").sees("KRW 396,000 of it overdue").click("October 2026").sees("Overdue");
    owner.sees("This bill was due on 22 Nov 2026 and is still open.");
}

/// Shows attack 89.
#[test]
fn a_payer_is_told_where_to_transfer_and_marks_nothing_paid() {
    let app = TestApp::start();
    let owner = app.owner();
    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");
    owner.open("/billing").click("November 2026").sees("Bill for November 2026").sees("Virtual machines");
    owner.sees("Subtotal KRW 360,000").sees("Tax KRW 36,000").sees("Total KRW 396,000").sees("20 Dec 2026");
    owner.click("Pay").is_at(&payment(&bill)).sees("Hanbit Bank").sees("Vestibule Inc.").sees("110-123-456789");
    owner.sees("Write 2611K7QM2X into the transfer").sees("KRW 396,000, due on 20 Dec 2026");
    let plain = owner.page().all("#transfer-amount")[0].value().attr("value").map(str::to_owned);
    assert_eq!(plain.as_deref(), Some("396000"));

    owner.press("I have made the transfer").is_at(&format!("/billing/{bill}")).sees("The transfer is announced.");
    owner.sees("Mina Park announced the transfer on 22 Nov 2026, 18:00 KST.").sees("Open");
    owner.open("/billing").sees("Transfer announced").sees("KRW 396,000 open, 1 bill");
    owner.open(&payment(&bill)).sees("Mina Park announced the transfer").sees_no("I have made the transfer");
    assert_eq!(status(&app, &bill), "open");
    // Pressed again on a page that was open meanwhile, with words that a payer would like to be believed.
    let wishes = [("amount", "1"), ("total", "-1"), ("currency", "JPY"), ("status", "paid"), ("paid_on", "2026-11-22")];
    owner.post(&payment(&bill), &wishes).sees("The transfer is announced.");
    owner.open(&payment(&bill)).sees("KRW 396,000, due on 20 Dec 2026");
    let events = recorded(&app, "bill.payment_announced");
    assert_eq!(events.len(), 1);
    assert!(events[0].contains("\"total\":396000") && events[0].contains("\"currency\":\"KRW\""), "{events:?}");

    app.settle(&bill);
    owner.open(&payment(&bill)).is_at(&format!("/billing/{bill}")).sees("Paid on 20 Nov 2026.");
    owner.sees("Note: Late, but whole").sees_no("is shown as paid once");
    assert!(owner.page().link("Pay").is_none());
    owner.post(&payment(&bill), &[]).sees("this bill is no longer open");
    assert_eq!(recorded(&app, "bill.payment_announced").len(), 1);
}

#[test]
fn a_void_bill_says_why_and_cannot_be_paid() {
    let app = TestApp::start();
    let owner = app.owner();
    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");
    app.void(&bill);
    owner.open(&format!("/billing/{bill}")).sees("The operator voided this bill").sees("Reason: Charged twice");
    owner.post(&payment(&bill), &[]).sees("this bill is no longer open");
    assert!(recorded(&app, "bill.payment_announced").is_empty());
}

#[test]
fn without_an_account_people_are_told_to_ask() {
    let app = TestApp::start_with(|config| config.account = None);
    let owner = app.owner();
    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");
    owner.open(&payment(&bill)).sees("No bank account is set up here").sees("help@example.org").sees("2611K7QM2X");
    owner.sees_no("Account number").press("I have made the transfer").sees("The transfer is announced.");
}

/// Shows ASVS 8.2.1, 8.2.2; attack 81.
#[test]
fn bills_are_for_the_owner_and_billing_admins() {
    let app = TestApp::start();
    let owner = app.owner();
    app.leave_only_the_designation("acme");
    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");
    let none = Roles::default();
    let allowed = app.colleague("acme", "b@acme.example", Roles { billing_admin: true, ..none });
    let refused = [
        app.colleague("acme", "a@acme.example", Roles { org_admin: true, ..none }),
        app.colleague("acme", "r@acme.example", Roles { org_reader: true, ..none }),
        app.colleague("acme", "m@acme.example", none),
    ];
    let outsider = app.owner_of("rival", "boss@rival.example");
    let pages = ["/billing".to_owned(), format!("/billing/{bill}"), payment(&bill)];
    for path in &pages {
        for person in [&owner, &allowed] {
            person.open(path).gets(200).sees("2611K7QM2X");
        }
        for person in &refused {
            person.open(path).gets(403).sees_no("2611K7QM2X");
        }
    }
    for person in &refused {
        assert!(person.open("/console").page().link("Billing").is_none());
        assert_eq!(person.request("POST", &payment(&bill), &[], "").status, 403);
    }
    outsider.open("/billing").sees("No bills yet");
    for path in &pages[1..] {
        outsider.open(path).gets(404);
    }
    assert_eq!(outsider.request("POST", &payment(&bill), &[], &encode(&[])).status, 404);
    assert!(recorded(&app, "bill.payment_announced").is_empty());
    allowed.open(&payment(&bill)).press("I have made the transfer").sees("Colleague announced the transfer");
}

#[test]
fn bills_are_read_in_korean_as_koreans_write_them() {
    let app = TestApp::start();
    let owner = app.owner();
    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");
    owner.press("한국어").open("/billing").sees("396,000원 미납 1건").sees("2026년 11월").sees("2026년 12월 20일");
    owner.open(&payment(&bill)).sees("2026년 11월 청구서 납부").sees("396,000원, 납부 기한 2026년 12월 20일");
    owner.press("송금했습니다").sees("송금 사실을 알렸습니다.").sees("송금했다고 알렸습니다");
}
