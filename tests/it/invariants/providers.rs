//! Rows of an organization with an identity provider, for the invariant tests that look at every table.

use diesel::prelude::*;
use serde_json::json;
use vestibule::base::digest::Digest;
use vestibule::base::entropy::Entropy;
use vestibule::base::i18n::Language;
use vestibule::base::ids::{IdentityProviderId, RepairId};
use vestibule::platform::store::schema::{
    identity_providers, idp_bindings, idp_returns, organizations, owner_recovery_codes, repair_sessions,
};

use super::gallery::Gallery;
use crate::idp::{Company, OWNER, SETTINGS, TRIAL};
use crate::support::people::{PASSWORD, encode};
use crate::support::{Person, TestApp};

/// A draft of a provider's settings, a browser that came back from there, a bound owner with recovery codes, and a repair.
pub fn set_up(app: &TestApp, name: &str) {
    let mut connection = app.database.connect();
    let (organization, owner): (String, String) = organizations::table
        .filter(organizations::name.eq(name))
        .select((organizations::id, organizations::owner_id))
        .first(&mut connection)
        .unwrap();
    let (entropy, now): (&dyn Entropy, _) = (app.app.entropy(), app.app.clock().now());
    let (id, repair): (IdentityProviderId, RepairId) = (entropy.id(now).into(), entropy.id(now).into());
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
        identity_providers::id.eq(id),
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
        idp_returns::state_hash.eq(digest("state")),
        idp_returns::organization_id.eq(&organization),
        idp_returns::expires_at.eq(now + chrono::Duration::hours(1)),
    );
    diesel::insert_into(idp_returns::table).values(row).execute(&mut connection).unwrap();
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

/// What is seen of a provider from the first test to the repair, in both languages.
pub fn pages(gallery: &mut Gallery) {
    for language in Language::ALL {
        story(gallery, *language);
    }
}

fn story(gallery: &mut Gallery, language: Language) {
    let company = Company::open();
    let switch = encode(&[("language", language.word())]);
    let mut see = |person: &Person<'_>, path: &str| {
        person.request("POST", vestibule::base::urls::PREFERENCES, &[], &switch);
        let answer = person.request("GET", path, &[], "");
        gallery.hang(format!("{path} of a provider in {}", language.word()), language, &answer);
        person.request("POST", vestibule::base::urls::PREFERENCES, &[], &encode(&[("language", "en")]));
    };
    let owner = company.by_password("acme", OWNER);
    company.provider.seat("acme", "somebody", "other@acme.example");
    company.tests(&owner, "acme");
    see(&owner, "/iam/organization/account/idp/test");
    company.provider.seat("acme", "owner-1", OWNER);
    company.tells_auth_time("acme", false);
    company.tests(&owner, "acme");
    for path in ["/iam/organization/account/idp/test", TRIAL, "/iam/organization/account"] {
        see(&owner, path);
    }
    let codes = company.starts_trial(&owner, "acme", "acme");
    for path in [TRIAL, "/iam/organization/account", "/iam/organization/account/edit"] {
        see(&owner, path);
    }
    let naming = company.visitor();
    naming.open("/login").fill("Organization name", "acme").press("Next");
    see(&naming, "/login/acme");
    owner.open(TRIAL).press("Log in through the IdP");
    see(&owner, "/auth/oidc");
    company.travels(&owner);
    see(&company.visitor(), "/login/acme");
    for path in ["/iam/organization/account", "/account", "/console", "/confirmation"] {
        see(&owner, path);
    }
    owner.open("/confirmation").press("Mail me a code");
    see(&owner, "/confirmation");
    owner.open("/confirmation").fill("Code", &company.mailed_code(OWNER)).press("Confirm");
    company.provider.seat("acme", "eve", "eve@acme.example");
    let eve = company.visitor();
    eve.open("/login").fill("Organization name", "acme").press("Next");
    let back = company.back(&eve.page().link("Continue").unwrap());
    see(&eve, &back);
    see(&owner, "/iam/organization/account");
    // New settings are tried while these are in force.
    company.provider.seat("acme", "owner-1", OWNER);
    company.tells_auth_time("acme", true);
    owner.open(SETTINGS).press("IdP integration test");
    company.travels(&owner);
    owner.open(TRIAL).fill("One of your recovery codes", &codes[1]).fill("Organization name", "acme").press("Save");
    let choosing = company.visitor();
    choosing.open("/login").fill("Organization name", "acme").press("Next");
    see(&choosing, "/login/idp");
    owner.open(TRIAL).press("End the trial");
    owner.open("/confirmation");
    let lost = company.visitor();
    lost.open("/login/recovery").fill("Organization name", "acme").fill("Email", OWNER);
    lost.fill("Recovery code", &codes[2]).press("Continue");
    see(&lost, "/login/recovery/confirmation");
    lost.open("/login/recovery/confirmation").press("Mail me a code");
    see(&lost, "/login/recovery/confirmation");
    lost.open("/login/recovery/confirmation").fill("Password", PASSWORD).press("Confirm").is_at("/repair");
    for path in ["/repair", "/repair/idp", "/repair/idp/recovery-codes", "/repair/idp/trial"] {
        see(&lost, path);
    }
}
