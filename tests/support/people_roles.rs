//! Organizations with their owners, and colleagues: users of an organization with roles of the test's choice, before pages can register them.

use diesel::prelude::*;
use vestibule::access::{Password, Roles, Share};
use vestibule::base::i18n::Language;
use vestibule::base::ids::UserId;
use vestibule::base::user::Status;
use vestibule::platform::store::Origin;
use vestibule::platform::store::schema::{organizations, users};

use super::people::PASSWORD;
use super::{Person, TestApp};

impl TestApp {
    /// An organization whose owner has registered `PASSWORD`; nobody is logged in.
    pub fn organization(&self, name: &str, owner: &str) {
        let person = self.visitor();
        person.sign_up(name, owner).is_at("/signup/done");
        person.register_password(owner, PASSWORD).is_at(&format!("/login/{name}"));
    }

    /// The owner of a new organization `acme`, logged in.
    pub fn owner(&self) -> Person<'_> {
        self.owner_of("acme", "owner@acme.example")
    }

    /// The owner of a new organization, logged in.
    pub fn owner_of(&self, organization: &str, email: &str) -> Person<'_> {
        self.organization(organization, email);
        let person = self.visitor();
        person.log_in(organization, email, PASSWORD).is_at("/console");
        person
    }

    /// A user of an organization with exactly these roles and the password `PASSWORD`, logged in. The designation of the
    /// owner is not a role of a row: `roles.owner` is ignored.
    pub fn colleague(&self, organization: &str, email: &str, roles: Roles) -> Person<'_> {
        let password = Password::typed(PASSWORD).expect("a password");
        let hash = self
            .wait(self.app.hasher.hash(&Share::of(&Origin::default()), self.app.entropy(), &password))
            .expect("a hash");
        let now = self.app.clock().now();
        let id: UserId = self.app.entropy().id(now).into();
        let mut connection = self.database.connect();
        let home = organizations::table.filter(organizations::name.eq(organization)).select(organizations::id);
        let home: String = home.first(&mut connection).expect("the organization");
        let row = (
            users::listed_as.eq(vestibule::features::users::listed_as("Colleague", None, &id)),
            (users::id.eq(id), users::organization_id.eq(home), users::email.eq(email), users::name.eq("Colleague")),
            (
                users::language.eq(Language::English),
                users::time_zone.eq("Asia/Seoul"),
                users::time_zone_chosen.eq(false),
            ),
            (
                users::status.eq(Status::Active),
                users::password_hash.eq(hash.expose()),
                users::password_changed_at.eq(now),
            ),
            (users::org_admin.eq(roles.org_admin), users::org_reader.eq(roles.org_reader)),
            (users::billing_admin.eq(roles.billing_admin), users::created_at.eq(now)),
        );
        diesel::insert_into(users::table).values(row).execute(&mut connection).expect("a new user");
        let person = self.visitor();
        person.log_in(organization, email, PASSWORD).is_at("/console");
        person
    }

    /// Takes every role but the designation from the owner of an organization.
    pub fn leave_only_the_designation(&self, organization: &str) {
        let mut connection = self.database.connect();
        let owner = organizations::table.filter(organizations::name.eq(organization)).select(organizations::owner_id);
        let owner: String = owner.first(&mut connection).expect("the organization");
        let none = (users::org_admin.eq(false), users::org_reader.eq(false), users::billing_admin.eq(false));
        diesel::update(users::table.filter(users::id.eq(owner))).set(none).execute(&mut connection).expect("the owner");
    }
}
