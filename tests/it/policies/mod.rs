//! Policies of the Security tab: what their pages foretell, and what requests then meet.

mod access;
mod expiration;
mod history;
mod provider;
mod spoofing;

use vestibule::access::Roles;

use super::support::TestApp;

const SECURITY: &str = "/iam/organization/security";
const EXPIRATION: &str = "/iam/organization/security/password";
const ACCESS: &str = "/iam/organization/security/access";
const ADMIN: Roles = Roles { owner: false, org_admin: true, org_reader: false, billing_admin: false };

/// How many times an event was recorded with a reason; the empty one for what was done.
fn recorded(app: &TestApp, event: &str, reason: &str) -> i64 {
    use diesel::prelude::*;
    use vestibule::platform::store::schema::audit_events;
    let rows = audit_events::table.filter(audit_events::event.eq(event));
    let mut connection = app.database.connect();
    match reason {
        "" => rows.filter(audit_events::result.eq("done")).count().get_result(&mut connection).unwrap(),
        reason => rows.filter(audit_events::reason.eq(reason)).count().get_result(&mut connection).unwrap(),
    }
}
