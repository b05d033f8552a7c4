//! Bills as a test needs them, where it is not the operator's command that is tested.

use diesel::prelude::*;
use vestibule::base::ids::BillId;
use vestibule::features::billing::Status;
use vestibule::platform::store::schema::{bill_lines, bills, organizations};

use super::TestApp;

impl TestApp {
    /// An open bill of an organization over 396,000 won, due on a day; gives its id. Numbers must differ.
    pub fn bill(&self, organization: &str, number: &str, due_on: &str) -> String {
        let now = self.app.clock().now();
        let id: BillId = self.app.entropy().id(now).into();
        let mut connection = self.database.connect();
        let home = organizations::table.filter(organizations::name.eq(organization)).select(organizations::id);
        let home: String = home.first(&mut connection).expect("the organization");
        let period = format!("20{}-{}", &number[..2], &number[2..4]);
        let row = (
            (bills::id.eq(id.clone()), bills::organization_id.eq(&home), bills::number.eq(number)),
            (bills::period.eq(period), bills::currency.eq("KRW"), bills::tax.eq(36_000), bills::total.eq(396_000)),
            (bills::due_on.eq(due_on), bills::status.eq(Status::Open), bills::created_at.eq(now)),
        );
        diesel::insert_into(bills::table).values(row).execute(&mut connection).expect("a new bill");
        for (place, description, quantity) in [(0, "Virtual machines", 2_i64), (1, "Object storage", 1)] {
            let line = (
                (
                    bill_lines::organization_id.eq(&home),
                    bill_lines::bill_id.eq(id.clone()),
                    bill_lines::place.eq(place),
                ),
                (bill_lines::description.eq(description), bill_lines::quantity.eq(quantity)),
                (bill_lines::unit_amount.eq(120_000_i64), bill_lines::amount.eq(quantity * 120_000)),
            );
            diesel::insert_into(bill_lines::table).values(line).execute(&mut connection).expect("a new line");
        }
        id.to_string()
    }

    /// The operator has seen the money.
    pub fn settle(&self, bill: &str) {
        let now = self.app.clock().now();
        let paid = (
            bills::status.eq(Status::Paid),
            bills::paid_on.eq("2026-11-20"),
            bills::settled_at.eq(now),
            bills::note.eq("Late, but whole"),
        );
        let row = bills::table.filter(bills::id.eq(bill));
        diesel::update(row).set(paid).execute(&mut self.database.connect()).expect("the bill");
    }

    /// The operator takes a bill back.
    pub fn void(&self, bill: &str) {
        let now = self.app.clock().now();
        let void = (bills::status.eq(Status::Void), bills::voided_at.eq(now), bills::void_reason.eq("Charged twice"));
        let row = bills::table.filter(bills::id.eq(bill));
        diesel::update(row).set(void).execute(&mut self.database.connect()).expect("the bill");
    }
}
