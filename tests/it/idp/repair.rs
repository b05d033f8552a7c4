//! The way back in when the provider fails: a recovery code and a repair session, or the operator.

use diesel::prelude::*;
use vestibule::platform::store::schema::{idp_bindings, owner_recovery_codes, repair_sessions};

use super::{Company, OWNER, ended};
use crate::support::Person;
use crate::support::people::PASSWORD;
use crate::support::provider::Reply;

const RECOVERY: &str = "/login/recovery";

fn recovers(person: &Person<'_>, code: &str) {
    person.open(RECOVERY).fill("Organization name", "acme").fill("Email", OWNER).fill("Recovery code", code);
    person.press("Continue");
}

/// The provider is gone: whatever it is asked, it fails.
fn falls(company: &Company) {
    company.provider.change("acme", |tenant| {
        for endpoint in ["openid-configuration", "keys", "token", "userinfo"] {
            let down = || Reply::json(503, &serde_json::json!({}));
            tenant.instead.insert(endpoint, std::sync::Arc::new(down));
        }
    });
}

/// Shows ASVS 6.4.4, 16.5.2.
#[test]
fn the_owner_gets_back_in_and_repairs_while_the_provider_is_away() {
    let company = Company::open();
    let (_, codes) = company.goes_over();
    company.advances(11);
    falls(&company);
    let owner = company.visitor();
    company.logs_in(&owner, "acme");
    owner.gets(403).click("Use a recovery code").is_at(RECOVERY);
    recovers(&owner, &codes[0]);
    owner.is_at("/login/recovery/confirmation");
    // The code alone opens nothing.
    for path in ["/repair", "/repair/idp", "/repair/idp/trial", "/console", "/iam/organization/account/idp"] {
        let place = owner.request("GET", path, &[], "").header("location").unwrap_or_default().to_owned();
        assert!(place.starts_with("/login"), "{path}: {place}");
    }
    owner.open("/login/recovery/confirmation").fill("Password", PASSWORD).press("Confirm").is_at("/repair");
    // Nor does it reach further than the settings when it is confirmed.
    for path in ["/console", "/iam/users", "/account", "/iam/organization/account/edit"] {
        owner.open(path).is_at("/login");
    }
    assert!(company.mail_to(OWNER).iter().any(|mail| mail.subject.contains("A recovery code was used")));
    // A new provider takes the old one's place.
    company.provider.add("next");
    company.provider.seat("next", "owner-9", OWNER);
    company.tells_auth_time("next", true);
    owner.open("/repair").click("Open the IdP settings").is_at("/repair/idp");
    let issuer = format!("{}/next", company.provider.origin());
    owner.tick("Other OpenID Connect provider").fill("Authorization URL", &format!("{issuer}/authorize"));
    owner.fill("Token URL", &format!("{issuer}/token")).fill("Client ID", "vestibule");
    owner.fill("Client Secret", "a+b%:c/").fill("Issuer URL", &issuer).press("IdP integration test");
    company.travels(&owner);
    owner.is_at("/repair/idp/test").sees("The test passed").click("Go on to Save").is_at("/repair/idp/trial");
    owner.fill("One of your recovery codes", &codes[0]).fill("Organization name", "acme").press("Save").gets(422);
    owner.fill("One of your recovery codes", &codes[1]).press("Save").is_at("/repair/idp/trial");
    // The old values would still serve everybody else.
    let mate = company.visitor();
    mate.open("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    mate.press("Continue to your IdP").is_at("/auth/oidc");
    assert!(mate.page().link("Continue").unwrap().contains("/acme/authorize"));
    owner.press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console").sees("The IdP integration is in force");
    owner.open("/repair").is_at(RECOVERY);
    owner.open("/iam/organization/account").sees(&issuer);
    let bound: Vec<String> =
        idp_bindings::table.select(idp_bindings::subject).load(&mut company.database.connect()).unwrap();
    assert_eq!(bound.len(), 1);
    assert!(bound[0].contains("owner-9"), "{bound:?}");
    assert_eq!(company.events("repair.begun"), [ended("done", "")]);
    assert_eq!(company.events("owner_codes.used"), [ended("done", "")]);
}

/// Shows ASVS 6.4.4.
#[test]
fn a_mailed_code_serves_in_the_place_of_the_password_and_an_owner_made_anew_is_released() {
    let company = Company::open();
    let (_, codes) = company.goes_over();
    company.provider.seat("acme", "owner-2", OWNER);
    let owner = company.visitor();
    company.logs_in(&owner, "acme");
    owner.gets(403).sees("belongs to another account at the IdP");
    recovers(&owner, &codes[4]);
    owner.press("Mail me a code").is_at("/login/recovery/confirmation");
    owner.fill("Code", &company.mailed_code(OWNER)).press("Confirm with the code").is_at("/repair");
    owner.press("Release my connection").sees("The connection is released");
    owner.open("/repair/idp").press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test passed").click("Go on to Save").fill("One of your recovery codes", &codes[5]);
    owner.fill("Organization name", "acme").press("Save").press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console");
    owner.open("/repair").is_at(RECOVERY);
}

/// Shows ASVS 6.5.1; attack 37.
#[test]
fn tries_count_and_lock_like_passwords_and_a_code_works_once() {
    let company = Company::open();
    let (_, codes) = company.goes_over();
    let owner = company.visitor();
    for (organization, email, code) in [
        ("nowhere", OWNER, codes[0].as_str()),
        ("acme", "nobody@acme.example", &codes[0]),
        ("acme", OWNER, "aaaaaa-aaaaaa-aaaaaa-aaaaaa"),
        ("acme", OWNER, "short"),
    ] {
        owner.open(RECOVERY).fill("Organization name", organization).fill("Email", email);
        owner.fill("Recovery code", code).press("Continue").gets(422);
        owner.sees("Organization name, email or recovery code is wrong").sees_no(code);
    }
    recovers(&owner, &codes[0]);
    owner.is_at("/login/recovery/confirmation");
    let other = company.visitor();
    recovers(&other, &codes[0]);
    other.gets(422);
    for _ in 0..2 {
        recovers(&other, "bbbbbb-bbbbbb-bbbbbb-bbbbbb");
    }
    recovers(&other, &codes[1]);
    other.gets(429);
    let left = owner_recovery_codes::table.filter(owner_recovery_codes::used_at.is_null()).count();
    assert_eq!(left.get_result(&mut company.database.connect()), Ok(9));
    company.advances(16);
    recovers(&other, &codes[1]);
    other.is_at("/login/recovery/confirmation");
    company.advances(10);
    other.fill("Password", PASSWORD).press("Confirm").is_at(RECOVERY).sees("took too long");
    company.clean_up();
    assert_eq!(repair_sessions::table.count().get_result(&mut company.database.connect()), Ok(0));
}

#[test]
fn a_repair_ends_by_itself_by_leaving_and_with_the_ownership() {
    let company = Company::open();
    let (boss, codes) = company.goes_over();
    let enter = |person: &Person<'_>, code: &str| {
        recovers(person, code);
        person.fill("Password", PASSWORD).press("Confirm").is_at("/repair");
    };
    let owner = company.visitor();
    enter(&owner, &codes[0]);
    owner.press("Leave the repair").is_at("/login");
    owner.open("/repair").is_at(RECOVERY);
    enter(&owner, &codes[1]);
    company.advances(30);
    owner.open("/repair").is_at(RECOVERY);
    // Only somebody whom the provider knows can own the organization; the codes go with the old owner.
    let heir = company.visitor();
    company.provider.seat("acme", "owner-1", OWNER);
    company.logs_in(&boss, "acme");
    boss.open("/iam/users/new").fill("Email", "heir@acme.example").fill("Name", "Heir Kim").press("Register user");
    let told = company.mail_to("heir@acme.example");
    assert!(told[0].text.contains("You need no password"), "{}", told[0].text);
    boss.open("/iam/organization/ownership").fill("Email", "heir@acme.example").press("Transfer ownership").gets(422);
    company.provider.seat("acme", "heir-1", "heir@acme.example");
    company.logs_in(&heir, "acme");
    heir.is_at("/console");
    enter(&owner, &codes[2]);
    boss.open("/iam/organization/ownership").fill("Email", "heir@acme.example").press("Transfer ownership");
    boss.is_at("/console");
    owner.open("/repair").is_at(RECOVERY);
    recovers(&owner, &codes[3]);
    owner.gets(422);
    heir.open("/console").sees("Make your recovery codes");
}

/// A mail tells the owner of a stolen code, and to make new ones: the thief is out then, too.
#[test]
fn new_codes_end_what_a_stolen_one_has_opened() {
    let company = Company::open();
    let (owner, codes) = company.goes_over();
    let thief = company.visitor();
    recovers(&thief, &codes[0]);
    let other = company.visitor();
    recovers(&other, &codes[1]);
    thief.fill("Password", PASSWORD).press("Confirm").is_at("/repair");
    company.codes(&owner);
    for path in ["/repair", "/repair/idp", "/repair/idp/recovery-codes"] {
        thief.open(path).is_at(RECOVERY);
    }
    other.fill("Password", PASSWORD).press("Confirm").is_at(RECOVERY);
    // The owner who repairs stays in while making new ones.
    let codes = company.codes(&owner);
    let repairer = company.visitor();
    recovers(&repairer, &codes[0]);
    repairer.fill("Password", PASSWORD).press("Confirm").is_at("/repair");
    repairer.open("/repair/idp/recovery-codes").press("Make new recovery codes").gets(200);
    repairer.open("/repair").is_at("/repair");
}

#[test]
fn the_operator_brings_cloud_accounts_back_or_another_owner() {
    let company = Company::open();
    company.colleague("mate@acme.example");
    let (owner, _) = company.goes_over();
    falls(&company);
    let run = |arguments: &[&str]| company.operator.does(arguments);
    run(&["organization", "recover", "acme"]);
    assert_eq!(company.method(), "cloud_account");
    owner.open("/console").is_at("/login");
    let again = company.visitor();
    again.log_in("acme", OWNER, PASSWORD).is_at("/console");
    company.advances(1);
    assert!(company.mail_to(OWNER).iter().any(|mail| mail.subject.contains("Back to cloud accounts")));
    run(&["organization", "recover", "acme", "--owner", "mate@acme.example"]);
    let mate = company.visitor();
    mate.log_in("acme", "mate@acme.example", PASSWORD).is_at("/console");
    mate.open("/iam/organization/account").sees("Modify account");
    assert_eq!(company.events("organization.recovered").len(), 2);
}
