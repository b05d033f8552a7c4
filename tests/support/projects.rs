//! Projects with people and resources in them.

use diesel::prelude::*;
use vestibule::platform::store::schema::{organizations, resources};

use super::{Person, TestApp};

impl Person<'_> {
    /// Makes a project with this id.
    pub fn creates_project(&self, id: &str, name: &str) -> &Self {
        self.open("/iam/projects").click("New project").fill("Display name", name).fill("Project ID", id);
        self.press("Create project").is_at(&format!("/iam/projects/{id}"))
    }

    /// Gives somebody a role (its word) in a project.
    pub fn adds_member(&self, project: &str, email: &str, role: &str) -> &Self {
        let page = format!("/iam/projects/{project}");
        self.open(&page).click("Add member").fill("Email", email).fill("Project role", role);
        self.press("Add member").is_at(&page).sees(email)
    }
}

impl TestApp {
    /// A resource that a system of the operator's registered in a project.
    pub fn resource(&self, organization: &str, project: &str, id: &str, name: &str) {
        let mut connection = self.database.connect();
        let home = organizations::table.filter(organizations::name.eq(organization)).select(organizations::id);
        let home: String = home.first(&mut connection).expect("the organization");
        let row = (
            (resources::organization_id.eq(home), resources::project_id.eq(project)),
            (resources::external_id.eq(id), resources::kind.eq("Virtual machine"), resources::name.eq(name)),
            resources::registered_at.eq(self.app.clock().now()),
        );
        diesel::insert_into(resources::table).values(row).execute(&mut connection).expect("a new resource");
    }
}
