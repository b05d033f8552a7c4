//! Azure Active Directory as it is: one tenant by two pasted URLs, people by tenant and object, addresses that are not
//! marked verified, errors with numbers, and what changes when application or tenant change.

use std::sync::Arc;

use diesel::prelude::*;
use serde_json::{Map, Value, json};
use vestibule::access::Roles;
use vestibule::base::clock::Clock;
use vestibule::platform::store::schema::{identity_providers, idp_bindings, users};

use super::{Company, OWNER, SETTINGS, TRIAL, ended};
use crate::support::Person;
use crate::support::provider::Reply;

const TENANT: &str = "5c8a9f2e-0b1d-4c3e-8f6a-7d2b1e0c9a84";
const OTHER: &str = "7d2b1e0c-0b1d-4c3e-8f6a-5c8a9f2e9a84";
const DOMAIN: &str = "contoso.onmicrosoft.com";
const ADMIN: Roles = Roles { owner: false, org_admin: true, org_reader: false, billing_admin: false };

/// What the token endpoint says, the hint that the owner reads, and the number.
type Case = (fn() -> Reply, &'static str, &'static str);

/// Seats somebody in a tenant: `sub` of the application, `oid` of the directory, and what Azure says of addresses.
fn seat(company: &Company, tenant: &'static str, sub: &str, oid: &str, said: &[(&str, &str)]) {
    let mut person: Map<String, Value> = said.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    for (name, text) in [("sub", sub), ("oid", oid), ("tid", tenant), ("ver", "2.0"), ("name", "Mina Park")] {
        person.insert(name.to_owned(), json!(text));
    }
    company.provider.change(tenant, |tenant| {
        tenant.userinfo = json!({"sub": person["sub"]}).as_object().cloned();
        tenant.person = person;
    });
}

fn by_name(address: &str) -> [(&str, &str); 1] {
    [("preferred_username", address)]
}

/// A company beside a directory of Azure, in which its owner is logged in.
fn company() -> Company {
    let company = Company::open();
    company.provider.add_azure(TENANT, DOMAIN);
    seat(&company, TENANT, "owner-pairwise", "OWNER-OID", &by_name(OWNER));
    company
}

fn fills(company: &Company, owner: &Person<'_>, tenant: &str) {
    let base = format!("{}/{tenant}/oauth2/v2.0", company.provider.origin());
    owner.open(SETTINGS).is_at(SETTINGS).tick("Azure Active Directory").tick("POST body");
    owner.fill("Authorization URL", &format!("{base}/authorize")).fill("Token URL", &format!("{base}/token"));
    owner.fill("Client ID", "vestibule").fill("Client Secret", "a+b%:c/");
}

/// From filled fields to settings in force.
fn confirms(company: &Company, owner: &Person<'_>) {
    owner.press("IdP integration test");
    company.travels(owner);
    owner.is_at(&format!("{SETTINGS}/test")).sees("The test passed");
    let codes = company.codes(owner);
    owner.open(TRIAL).fill("One of your recovery codes", &codes[0]).fill("Organization name", "acme").press("Save");
    owner.is_at(TRIAL).press("Log in through the IdP");
    company.travels(owner);
    owner.is_at("/console").sees("The IdP integration is in force");
}

fn bindings(company: &Company) -> Vec<(String, String)> {
    let rows = idp_bindings::table.inner_join(users::table.on(users::id.eq(idp_bindings::user_id)));
    let rows = rows.select((users::email, idp_bindings::subject)).order(users::email);
    rows.load(&mut company.database.connect()).unwrap()
}

/// Somebody new at the browser, who goes through the company's provider.
fn visits(company: &Company) -> Person<'_> {
    let person = company.visitor();
    company.logs_in(&person, "acme");
    person
}

fn token_says(company: &Company, reply: fn() -> Reply) {
    company.provider.change(TENANT, |tenant| drop(tenant.instead.insert("token", Arc::new(reply))));
}

/// With the time of the login from now on, as the optional claim tells it.
fn tells_auth_time(company: &Company) {
    let clock = company.clock.clone();
    company.provider.change(TENANT, |tenant| {
        tenant.claims =
            Arc::new(move |claims| drop(claims.insert("auth_time".into(), (clock.now().millis() / 1000).into())));
    });
}

#[test]
fn two_pasted_urls_are_enough_and_the_tenant_is_kept_by_its_id() {
    let company = company();
    let owner = company.by_password("acme", OWNER);
    for many in ["common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        fills(&company, &owner, many);
        owner.press("IdP integration test").gets(422).sees("Use the URLs of your own tenant").sees(many);
    }
    fills(&company, &owner, TENANT);
    let old = format!("{}/{TENANT}/oauth2/authorize", company.provider.origin());
    owner.fill("Authorization URL", &old).press("IdP integration test").gets(422);
    owner.sees("version 1").sees(&format!("{TENANT}/oauth2/v2.0/authorize"));
    assert!(company.provider.seen().is_empty(), "nobody was asked");
    fills(&company, &owner, "nowhere.onmicrosoft.com");
    owner.press("IdP integration test").gets(422).sees("does not publish a configuration");
    fills(&company, &owner, DOMAIN);
    owner.press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test passed").sees("Time of login Not told").sees(OWNER);
    fills(&company, &owner, DOMAIN);
    confirms(&company, &owner);
    owner.open("/iam/organization/account").sees(&format!("{}/{TENANT}/v2.0", company.provider.origin()));
    let bound = bindings(&company);
    let key = json!({"directory": {"tenant": TENANT, "object": "owner-oid"}});
    assert_eq!(bound, [(OWNER.to_owned(), key.to_string())]);
    // Where the time of a login is not told, a code is mailed for a fresh step; where it is, the provider is asked.
    owner.open("/iam/organization/account/edit").is_at("/confirmation").sees("we mail you a code");
    tells_auth_time(&company);
    let owner = visits(&company);
    owner.open("/iam/organization/account/edit").is_at("/iam/organization/account/edit");
    company.advances(11);
    owner.open("/iam/organization/account/edit").is_at("/confirmation").press("Continue to the IdP");
    company.travels(&owner);
    owner.is_at("/iam/organization/account/edit");
}

/// Shows ASVS 6.8.1, 10.5.2; attack 51.
#[test]
fn people_are_matched_by_what_azure_says_of_their_address_and_known_by_their_object() {
    let company = company();
    for email in ["mate@acme.example", "kim@home.example", "jun@acme.example"] {
        company.colleague(email);
    }
    let owner = company.by_password("acme", OWNER);
    fills(&company, &owner, TENANT);
    confirms(&company, &owner);
    // The address is not the name with which they log in there, and nobody says that it is verified.
    let said =
        [("preferred_username", "m.park@contoso.com"), ("upn", "mp1@contoso.com"), ("email", "Mate@acme.example")];
    seat(&company, TENANT, "mate-pairwise", "mate-oid", &said);
    visits(&company).is_at("/console");
    // No address at all but the name.
    seat(&company, TENANT, "jun-pairwise", "jun-oid", &by_name("jun@acme.example"));
    visits(&company).is_at("/console");
    // A guest has an address of elsewhere; the made-up name is none of theirs.
    let made_up = "kim_home.example#EXT#@contoso.onmicrosoft.com";
    seat(&company, TENANT, "guest-pairwise", "guest-oid", &by_name(made_up));
    visits(&company).gets(403).sees("not registered in your organization");
    let said =
        [("preferred_username", made_up), ("email", "kim@home.example"), ("idp", "https://sts.windows.net/home/")];
    seat(&company, TENANT, "guest-pairwise", "guest-oid", &said);
    visits(&company).is_at("/console");
    seat(&company, TENANT, "phone-pairwise", "phone-oid", &by_name("+821023456789"));
    visits(&company).gets(403).sees("What the IdP sent as your address is not an email address");
    seat(&company, TENANT, "nobody-pairwise", "nobody-oid", &[]);
    visits(&company).gets(403).sees("no address by which you could be found");
    // From then on only tenant and object count: another name, another address, another `sub`.
    seat(&company, TENANT, "mate-pairwise-2", "MATE-OID", &by_name("married@contoso.com"));
    visits(&company).is_at("/console");
    // Somebody who gives themselves the address of a bound person, or of the owner, is not them.
    for address in ["mate@acme.example", OWNER] {
        seat(&company, TENANT, "thief-pairwise", "thief-oid", &[("email", address)]);
        visits(&company).gets(403).sees("belongs to another account at the IdP");
    }
    // A token of another tenant, whatever its key.
    seat(&company, TENANT, "mate-pairwise", "mate-oid", &by_name("mate@acme.example"));
    company.provider.change(TENANT, |tenant| drop(tenant.person.insert("tid".into(), OTHER.into())));
    visits(&company).gets(403).sees("does not work at the moment");
    assert_eq!(company.events("login").last(), Some(&ended("failed", "tid")));
    let bound: Vec<String> = bindings(&company).into_iter().map(|(email, _)| email).collect();
    assert_eq!(bound, ["jun@acme.example", "kim@home.example", "mate@acme.example", OWNER]);
}

#[test]
fn numbers_of_azure_are_hints_for_the_owner_and_never_for_people() {
    let company = company();
    company.colleague("mate@acme.example");
    tells_auth_time(&company);
    let owner = company.by_password("acme", OWNER);
    fills(&company, &owner, TENANT);
    confirms(&company, &owner);
    let cases: [Case; 3] = [
        (
            || {
                let said =
                    "AADSTS7000222: The provided client secret keys for app 'gossip' are expired. Trace ID: 0a1b";
                let body = json!({"error": "invalid_client", "error_description": said, "error_codes": [7_000_222]});
                Reply::json(401, &body)
            },
            "The client secret has expired. Make a new one",
            "AADSTS7000222",
        ),
        (
            || {
                let said = "AADSTS50011: The redirect URI 'gossip' specified in the request does not match";
                Reply::json(400, &json!({"error": "invalid_request", "error_description": said}))
            },
            "The redirect URI is not registered at the IdP",
            "AADSTS50011",
        ),
        (
            || Reply::json(401, &json!({"error": "invalid_client", "error_codes": [999_999]})),
            "The Client Secret is wrong or expired, or the Client ID does not fit",
            "AADSTS999999",
        ),
    ];
    for (reply, hint, number) in cases {
        // Refusals of one minute for one reason share a row.
        company.advances(1);
        token_says(&company, reply);
        let person = visits(&company);
        person.gets(403).sees_no(number).sees_no("gossip").sees_no(hint).sees("You could not be logged in");
        let (.., reference) = company.newest("login");
        person.sees(&reference);
        owner.open("/iam/organization/account").sees(hint).sees(&reference).sees_no("gossip");
        owner.open(SETTINGS).press("IdP integration test");
        company.travels(&owner);
        owner.sees("The test failed").sees(hint).sees(number).sees_no("gossip");
    }
    // What failed changed nothing for those who are in, and nobody is told by which address the provider failed.
    owner.open("/iam/organization/account").sees_no("vestibule1");
    company.provider.change(TENANT, |tenant| {
        tenant.instead.clear();
        tenant.claims = Arc::new(|claims| drop(claims.insert("aud".into(), "vestibule1".into())));
    });
    visits(&company).gets(403);
    owner.open("/iam/organization/account").sees("made for another client (aud)").sees_no("vestibule1");
}

#[test]
fn somebody_who_was_made_anew_is_refused_until_an_administrator_releases_them() {
    let company = company();
    company.colleague("mate@acme.example");
    company.colleague("admin@acme.example");
    diesel::update(users::table.filter(users::email.eq("admin@acme.example")))
        .set(users::org_admin.eq(ADMIN.org_admin))
        .execute(&mut company.database.connect())
        .unwrap();
    tells_auth_time(&company);
    let owner = company.by_password("acme", OWNER);
    fills(&company, &owner, TENANT);
    confirms(&company, &owner);
    seat(&company, TENANT, "mate-1", "mate-oid", &by_name("mate@acme.example"));
    let mate = visits(&company);
    seat(&company, TENANT, "mate-2", "mate-oid-2", &by_name("mate@acme.example"));
    visits(&company).gets(403).sees("Ask an administrator to release it");
    seat(&company, TENANT, "admin-1", "admin-oid", &by_name("admin@acme.example"));
    let admin = visits(&company);
    let row = users::table.select((users::id, users::email)).order(users::email);
    let all: Vec<(String, String)> = row.load(&mut company.database.connect()).unwrap();
    let id = |email: &str| all.iter().find(|(_, one)| one == email).unwrap().0.clone();
    // Never the owner's, and nobody's without the role.
    let path = |email: &str| format!("/iam/users/{}/binding", id(email));
    admin.open(&path(OWNER));
    admin.post(&path(OWNER), &[]);
    mate.post(&path("mate@acme.example"), &[]).gets(403);
    assert_eq!(bindings(&company).len(), 3);
    admin.open(&path("mate@acme.example")).press("Release the IdP account").sees("The IdP account is released");
    mate.open("/console").is_at("/login");
    // The one of before is nobody now; whoever comes first with the address is bound.
    seat(&company, TENANT, "mate-2", "mate-oid-2", &by_name("mate@acme.example"));
    visits(&company).is_at("/console");
    seat(&company, TENANT, "mate-1", "mate-oid", &by_name("mate@acme.example"));
    visits(&company).gets(403);
    assert!(bindings(&company).iter().any(|(_, key)| key.contains("mate-oid-2")));
    assert_eq!(company.events("idp.binding_released"), [ended("done", "")]);
}

/// Shows attack 52.
#[test]
fn another_application_of_the_tenant_keeps_people_and_another_tenant_starts_over() {
    let company = company();
    company.colleague("mate@acme.example");
    tells_auth_time(&company);
    let owner = company.by_password("acme", OWNER);
    fills(&company, &owner, TENANT);
    confirms(&company, &owner);
    seat(&company, TENANT, "mate-1", "mate-oid", &by_name("mate@acme.example"));
    let mate = visits(&company);
    let before = bindings(&company);
    // Another application: every `sub` is another, the objects are not.
    company.provider.change(TENANT, |tenant| tenant.client_id = "next".into());
    seat(&company, TENANT, "owner-next", "owner-oid", &by_name(OWNER));
    fills(&company, &owner, DOMAIN);
    owner.fill("Client ID", "next").press("IdP integration test");
    company.travels(&owner);
    owner
        .sees("The test passed")
        .open(TRIAL)
        .sees("Users who stay connected 2")
        .sees("Users matched by address at their first login 0");
    fills(&company, &owner, DOMAIN);
    owner.fill("Client ID", "next");
    confirms(&company, &owner);
    mate.open("/console").is_at("/console");
    seat(&company, TENANT, "mate-next", "mate-oid", &by_name("another@contoso.com"));
    visits(&company).is_at("/console");
    assert_eq!(bindings(&company), before);
    // Another tenant: everybody is matched once more, and whoever was in is out.
    company.provider.add_azure(OTHER, "fabrikam.onmicrosoft.com");
    seat(&company, OTHER, "owner-other", "owner-other-oid", &by_name(OWNER));
    fills(&company, &owner, OTHER);
    owner.press("IdP integration test");
    company.travels(&owner);
    owner
        .sees("The test passed")
        .open(TRIAL)
        .sees("Users matched by address at their first login 2")
        .sees_no("Users who stay connected");
    fills(&company, &owner, OTHER);
    confirms(&company, &owner);
    mate.open("/console").is_at("/login");
    assert_eq!(bindings(&company).len(), 1, "only the owner, who confirmed");
    // The same object in another tenant is another person; the address decides once.
    seat(&company, OTHER, "mate-1", "mate-oid", &by_name("mate@acme.example"));
    visits(&company).is_at("/console");
    let tenants: Vec<String> = identity_providers::table
        .filter(identity_providers::state.eq("in_force"))
        .select(identity_providers::configuration)
        .load(&mut company.database.connect())
        .unwrap();
    assert!(tenants.len() == 1 && tenants[0].contains(OTHER), "{tenants:?}");
    assert!(bindings(&company).iter().all(|(_, key)| key.contains(OTHER)));
}

/// The address may be an alias, or none at all; the name for logging in is the tenant's, too.
#[test]
fn an_azure_user_is_found_by_either_name() {
    let company = company();
    let owner = company.by_password("acme", OWNER);
    for number in 0..3 {
        company.colleague(&format!("mate-{number}@acme.example"));
    }
    company.colleague("edov@acme.example");
    fills(&company, &owner, TENANT);
    tells_auth_time(&company);
    confirms(&company, &owner);
    for (number, email) in ["alias@contoso.com", "n/a", "MATE-2@acme.example"].into_iter().enumerate() {
        let name = format!("mate-{number}@acme.example");
        let oid = format!("mate-oid-{number}");
        seat(&company, TENANT, &format!("sub-{number}"), &oid, &[("email", email), ("preferred_username", &name)]);
        let person = company.visitor();
        company.logs_in(&person, "acme");
        person.is_at("/console");
    }
    // The refusal names both; a domain that is not the tenant's never matches.
    seat(&company, TENANT, "x", "x-oid", &[("email", "who@contoso.com"), ("preferred_username", "them@contoso.com")]);
    let person = company.visitor();
    company.logs_in(&person, "acme");
    person.gets(403).sees("who@contoso.com, them@contoso.com");
    for refused in ["false", "0", "False"] {
        seat(&company, TENANT, "e", "e-oid", &[("email", "edov@acme.example"), ("xms_edov", refused)]);
        let person = company.visitor();
        company.logs_in(&person, "acme");
        person.gets(403).sees("does not say that this address is yours");
    }
}
