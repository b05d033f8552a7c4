//! What becomes of the policies where people log in through a provider, and what the owner's repair reaches of them.

use diesel::prelude::*;
use vestibule::platform::store::schema::policy_versions;

use super::super::idp::{Company, OWNER};
use super::super::support::people::PASSWORD;
use super::SECURITY;

#[test]
fn passwords_do_not_expire_there_and_the_history_names_the_provider_without_its_secret() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    company.database.execute("UPDATE organizations SET password_days = 30");
    company.database.execute("UPDATE users SET password_changed_at = '2020-01-01 00:00:00'");
    owner.open("/console").gets(200);
    owner.open(SECURITY).sees("Not applicable: everybody logs in through");
    owner.open("/iam/organization/account").sees("History: Login method").sees_no("Bring back");
    let rows: Vec<(String, String)> = policy_versions::table
        .filter(policy_versions::policy.eq("login_method"))
        .select((policy_versions::before, policy_versions::after))
        .load(&mut company.database.connect())
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].0.contains("cloud_account") && rows[0].1.contains("idp_account"), "{rows:?}");
    assert!(rows[0].1.contains("client_id") && !rows[0].1.contains("secret"), "{rows:?}");
}

/// Shows attack 25.
#[test]
fn a_repair_from_anywhere_puts_the_owner_s_address_into_the_list() {
    let company = Company::open();
    let (_, codes) = company.goes_over();
    let list = r#"{"is_on":true,"entries":[{"address":"203.0.113.5","description":"Office"}]}"#;
    company.database.execute(&format!("UPDATE organizations SET console_access = '{list}'"));
    let owner = company.visitor().from("198.51.100.9");
    owner.open("/login/recovery").fill("Organization name", "acme").fill("Email", OWNER);
    owner.fill("Recovery code", &codes[0]).press("Continue");
    owner.open("/login/recovery/confirmation").fill("Password", PASSWORD).press("Confirm").is_at("/repair");
    owner.click("Control console access").is_at("/repair/access").press("Save").is_at("/repair");
    owner.open("/repair/access").fill("IP", "192.0.2.7").press("Register").press("Save").gets(422);
    owner.sees("you would shut yourself out").press("Add my address").press("Save").is_at("/repair");
    owner.open("/repair/access").sees("3 of 20").sees("198.51.100.9");
}
