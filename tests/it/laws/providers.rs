//! Rows of an organization with an identity provider, for the laws that look at every table.

use diesel::prelude::*;
use serde_json::json;
use vestibule::entropy::Entropy;
use vestibule::store::schema::{
    identity_providers, idp_bindings, idp_trips, organizations, owner_recovery_codes, repair_sessions,
};
use vestibule::store::types::{Digest, IdentityProviderId, RepairId, TripId};

use crate::support::TestApp;

/// A draft of a provider's settings, a browser on its way there, a bound owner with recovery codes, and a repair.
pub fn set_up(app: &TestApp, name: &str) {
    let mut connection = app.database.connect();
    let (organization, owner): (String, String) = organizations::table
        .filter(organizations::name.eq(name))
        .select((organizations::id, organizations::owner_id))
        .first(&mut connection)
        .unwrap();
    let (entropy, now): (&dyn Entropy, _) = (app.app.entropy(), app.app.clock().now());
    let (id, trip, repair): (IdentityProviderId, TripId, RepairId) =
        (entropy.id(now).into(), entropy.id(now).into(), entropy.id(now).into());
    let secret = app.app.store.keys().seal(entropy, format!("identity_providers/{id}").as_bytes(), b"s3cret");
    let configuration = json!({
        "provider": "other",
        "issuer": format!("https://id.{name}.example"),
        "authorization_url": format!("https://id.{name}.example/authorize"),
        "token_url": format!("https://id.{name}.example/token"),
        "jwks_uri": format!("https://id.{name}.example/keys"),
        "userinfo_url": null,
        "tenant": null,
        "client_id": format!("client-of-{name}"),
        "client_authentication": "post",
        "own_addresses": false,
        "names_itself": false,
    });
    let digest = |part: &str| Digest::of(&[name.as_bytes(), part.as_bytes()]);
    let row = (
        identity_providers::id.eq(id.clone()),
        identity_providers::organization_id.eq(&organization),
        identity_providers::state.eq("draft"),
        identity_providers::configuration.eq(configuration.to_string()),
        identity_providers::fingerprint.eq("0"),
        identity_providers::secret.eq(secret),
        identity_providers::changed_at.eq(now),
        identity_providers::tells_auth_time.eq(true),
    );
    diesel::insert_into(identity_providers::table).values(row).execute(&mut connection).unwrap();
    let row = (
        idp_trips::id.eq(trip),
        idp_trips::state_hash.eq(digest("state")),
        idp_trips::browser_hash.eq(digest("browser")),
        idp_trips::organization_id.eq(&organization),
        idp_trips::provider_id.eq(id),
        idp_trips::purpose.eq("test"),
        idp_trips::user_id.eq(Some(&owner)),
        idp_trips::sealed.eq(vec![0_u8; 64]),
        idp_trips::return_to.eq("/console"),
        idp_trips::created_at.eq(now),
        idp_trips::expires_at.eq(now + chrono::Duration::hours(1)),
    );
    diesel::insert_into(idp_trips::table).values(row).execute(&mut connection).unwrap();
    let row = (
        idp_bindings::organization_id.eq(&organization),
        idp_bindings::user_id.eq(&owner),
        idp_bindings::subject.eq(json!({"subject": {"issuer": name, "subject": "1"}}).to_string()),
        idp_bindings::address.eq(format!("boss@{name}.example")),
        idp_bindings::bound_at.eq(now),
    );
    diesel::insert_into(idp_bindings::table).values(row).execute(&mut connection).unwrap();
    let row = (
        owner_recovery_codes::organization_id.eq(&organization),
        owner_recovery_codes::user_id.eq(&owner),
        owner_recovery_codes::code_hash.eq(digest("code")),
        owner_recovery_codes::made_at.eq(now),
    );
    diesel::insert_into(owner_recovery_codes::table).values(row).execute(&mut connection).unwrap();
    let row = (
        repair_sessions::id.eq(repair),
        repair_sessions::token_hash.eq(digest("repair")),
        repair_sessions::organization_id.eq(&organization),
        repair_sessions::user_id.eq(&owner),
        repair_sessions::created_at.eq(now),
        repair_sessions::expires_at.eq(now + chrono::Duration::hours(1)),
    );
    diesel::insert_into(repair_sessions::table).values(row).execute(&mut connection).unwrap();
}
