//! Organizations on their way out.

use diesel::prelude::*;
use vestibule::base::digest::Digest;
use vestibule::base::ids::OrganizationId;
use vestibule::platform::store::schema::{erasures, organizations};

use super::{Person, TestApp};

/// The precautions as they stand on the page.
pub const PRECAUTIONS: [&str; 3] = [
    "Everything of the organization is erased: its account, bills, settings and audit log, projects and resources included.",
    "After the date of erasure nothing can be recovered.",
    "Until then you can withdraw the request. Meanwhile nothing new can be created.",
];

impl Person<'_> {
    /// Ticks the precautions, types the name and requests the deletion.
    pub fn requests_deletion(&self, organization: &str) -> &Self {
        self.open("/iam/organization/deletion");
        for precaution in PRECAUTIONS {
            self.tick(precaution);
        }
        self.fill("Organization name", organization).press("Request deletion").is_at("/iam/organization/account")
    }
}

impl TestApp {
    /// The id of the organization of a name, while there is one.
    pub fn organization_id(&self, name: &str) -> Option<String> {
        let row = organizations::table.filter(organizations::name.eq(name)).select(organizations::id);
        row.first(&mut self.database.connect()).optional().expect("organizations")
    }

    /// What is left of an organization that was erased.
    pub fn tombstone(&self) {
        let now = self.app.clock().now();
        let id: OrganizationId = self.app.entropy().id(now).into();
        let row = (
            (erasures::id.eq(id), erasures::name_hash.eq(Some(Digest::of(&[b"gone"]))), erasures::held_until.eq(now)),
            (erasures::requested_at.eq(now), erasures::begun_at.eq(now), erasures::erased_at.eq(Some(now))),
            (erasures::users.eq(1), erasures::projects.eq(0), erasures::bills.eq(0), erasures::events.eq(9)),
        );
        diesel::insert_into(erasures::table).values(row).execute(&mut self.database.connect()).expect("a tombstone");
    }
}
