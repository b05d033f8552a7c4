//! The cause of a refused login, in words for the people who can act on it.

use std::sync::Arc;

use serde_json::json;

use super::refusals::{company, says};
use super::{Company, OWNER, SETTINGS};
use crate::support::provider::{Reply, Tenant};

const ACCOUNT: &str = "/iam/organization/account";

/// The owner's own session through the provider, as it was before anything went wrong.
fn owner(company: &Company) -> crate::support::Person<'_> {
    company.provider.seat("acme", "owner-1", OWNER);
    let owner = company.visitor();
    company.logs_in(&owner, "acme");
    owner.is_at("/console");
    owner
}

#[test]
fn the_owner_reads_why_the_idp_could_not_be_asked() {
    type Case = (fn(&mut Tenant), &'static str, &'static str);
    let cases: [Case; 5] = [
        (
            |tenant| says(tenant, "token", || Reply::text(0, "", String::new())),
            "The server could not be reached",
            "cannot be reached at the moment",
        ),
        (
            |tenant| says(tenant, "token", || Reply::to(302, "https://elsewhere.example/".into())),
            "redirects are not followed",
            "does not work at the moment",
        ),
        (
            |tenant| says(tenant, "token", || Reply::text(200, "application/json", " ".repeat(2 * 1024 * 1024))),
            "larger",
            "does not work at the moment",
        ),
        (
            |tenant| says(tenant, "token", || Reply::json(500, &json!({}))),
            "cannot answer now",
            "cannot be reached at the moment",
        ),
        (
            |tenant| says(tenant, "token", || Reply::text(503, "text/html", "<b>busy</b>".into())),
            "cannot answer now",
            "cannot be reached at the moment",
        ),
    ];
    let company = company();
    let owner = owner(&company);
    for (change, cause, words) in cases {
        company.advances(1);
        company.provider.change("acme", change);
        let person = company.visitor();
        company.logs_in(&person, "acme");
        person.gets(403).sees(words).sees_no("could not be asked");
        let (.., reference) = company.newest("login");
        owner.open(ACCOUNT);
        let row =
            owner.page().all("tr").into_iter().map(crate::support::page::words).find(|row| row.contains(&reference));
        let row = row.expect("a row with the reference code");
        assert!(row.contains(cause), "{cause}: {row}");
    }
    // The integration test says the same.
    owner.open(SETTINGS).press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test failed").sees("status 503");
}

#[test]
fn fill_in_chooses_the_authorization_type() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    let issuer = format!("{}/acme", company.provider.origin());
    for (offered, chosen) in [
        (Some(json!(["client_secret_post"])), "POST body"),
        (Some(json!(["client_secret_basic"])), "HTTP Basic"),
        (Some(json!(["client_secret_post", "client_secret_basic"])), "HTTP Basic"),
        (None, "HTTP Basic"),
    ] {
        company.provider.change("acme", |tenant| {
            let (usual, offered) = (tenant.metadata.clone(), offered.clone());
            tenant.metadata = Arc::new(move |told| {
                usual(told);
                match &offered {
                    Some(methods) => drop(told.insert("token_endpoint_auth_methods_supported".into(), methods.clone())),
                    None => drop(told.remove("token_endpoint_auth_methods_supported")),
                }
            });
        });
        owner.open(SETTINGS).fill("Issuer URL", &issuer).press("Fill in from the issuer").gets(200);
        let checked = |label: &str| {
            let page = owner.page();
            page.field(label).is_some_and(|(_, field)| field.value().attr("checked").is_some())
        };
        let other = if chosen == "HTTP Basic" { "POST body" } else { "HTTP Basic" };
        assert!(checked(chosen) && !checked(other), "{offered:?}");
    }
}

#[test]
fn only_errors_about_the_secret_raise_the_secret_s_alarm() {
    let company = company();
    let owner = owner(&company);
    let mails = |company: &Company| {
        company.deliver();
        company.mail_to(OWNER).len()
    };
    for number in [7_000_112, 700_025, 50_146, 9_002_327, 53_000, 500_011, 500_207, 90_033] {
        company.advances(1);
        company.provider.change("acme", |tenant| {
            let said = json!({"error": "invalid_client", "error_codes": [number]});
            tenant.instead.insert("token", Arc::new(move || Reply::json(401, &said)));
        });
        let before = mails(&company);
        let person = company.visitor();
        company.logs_in(&person, "acme");
        person.gets(403);
        assert_eq!(mails(&company), before, "{number}");
        owner.open(ACCOUNT).sees_no("The Client Secret is wrong");
    }
    company.advances(1);
    company.provider.change("acme", |tenant| {
        says(tenant, "token", || Reply::json(401, &json!({"error": "invalid_client"})));
    });
    let before = mails(&company);
    let person = company.visitor();
    company.logs_in(&person, "acme");
    assert_eq!(mails(&company), before + 1);
    owner.open(ACCOUNT).sees("choose the other authorization integration type");
}

#[test]
fn an_address_that_is_none_is_called_so() {
    let company = Company::open();
    company.goes_over();
    company.provider.seat("acme", "case-1", "Case <case@acme.example>");
    let person = company.visitor();
    company.logs_in(&person, "acme");
    person.gets(403).sees("What the IdP sent as your address is not an email address").sees("Case <case@acme.example>");
    person.sees_no("no address");
    let owner = company.visitor();
    company.provider.seat("acme", "owner-1", OWNER);
    company.logs_in(&owner, "acme");
    owner.open(ACCOUNT).sees("is not an email address");
}
