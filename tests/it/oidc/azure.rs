//! Azure: from two pasted URLs, with a tenant by its id or by a domain, and the claims that it sends.

use std::sync::Arc;

use serde_json::{Value, json};
use vestibule::platform::oidc::discovery::Draft;
use vestibule::platform::oidc::{Key, Provider, person};

use super::{Desk, draft, try_out};
use crate::support::provider::MockProvider;

const TENANT: &str = "5c8a9f2e-0b1d-4c3e-8f6a-7d2b1e0c9a84";
const OBJECT: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

fn provider() -> MockProvider {
    let provider = MockProvider::start();
    provider.add_azure(TENANT, "contoso.onmicrosoft.com");
    provider.change(TENANT, |tenant| {
        let person = json!({
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "tid": TENANT,
            "oid": OBJECT,
            "preferred_username": "mina@contoso.com",
            "name": "Mina Park",
            "ver": "2.0",
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "rh": "0.AXEA",
        });
        tenant.userinfo = Some(json!({"sub": person["sub"], "name": "Mina Park"}).as_object().unwrap().clone());
        tenant.person = person.as_object().unwrap().clone();
    });
    provider
}

fn pasted(provider: &MockProvider, tenant: &str) -> Draft {
    let base = format!("{}/{tenant}/oauth2/v2.0", provider.origin());
    Draft {
        provider: Provider::Azure,
        issuer: None,
        authorization_url: format!("{base}/authorize"),
        token_url: format!("{base}/token"),
        ..draft(provider, tenant)
    }
}

#[test]
fn a_tenant_by_id_or_by_domain_is_kept_by_its_id() {
    for pasted_as in [TENANT, "contoso.onmicrosoft.com", "Contoso.OnMicrosoft.com"] {
        let provider = provider();
        let draft = pasted(&provider, pasted_as);
        let found = try_out(&draft).unwrap();
        assert_eq!(found.issuer, format!("{}/{TENANT}/v2.0", provider.origin()));
        assert_eq!(found.token_url, format!("{}/{TENANT}/oauth2/v2.0/token", provider.origin()));
        assert_eq!(found.tenant.as_deref(), Some(TENANT));
        let desk = Desk::over(provider, &draft);
        let claims = desk.log_in().unwrap();
        let who = person(&desk.configuration.borrow(), &claims);
        assert_eq!(who.key, Key::Directory { tenant: TENANT.into(), object: OBJECT.into() });
        assert_eq!(who.addresses.unwrap()[0].as_str(), "mina@contoso.com");
    }
}

#[test]
fn tenants_of_many_and_version_1_are_refused_before_anything_is_asked() {
    let provider = provider();
    for (tenant, word) in [("common", "many_tenants"), ("organizations", "many_tenants"), ("consumers", "many_tenants")]
    {
        assert_eq!(try_out(&pasted(&provider, tenant)).unwrap_err().reason.word(), word);
    }
    let mut old = pasted(&provider, TENANT);
    old.authorization_url = old.authorization_url.replace("/v2.0", "");
    let refused = try_out(&old).unwrap_err();
    assert_eq!(
        (refused.reason.word(), refused.about),
        ("version_1", Some(pasted(&provider, TENANT).authorization_url))
    );
    let mut mixed = pasted(&provider, TENANT);
    mixed.token_url = pasted(&provider, "contoso.onmicrosoft.com").token_url;
    assert_eq!(try_out(&mixed).unwrap_err().reason.word(), "two_tenants");
    assert!(provider.seen().is_empty());
}

#[test]
fn an_issuer_that_is_a_template_or_another_tenant_s_is_refused() {
    for issuer in [
        "/{tenantid}/v2.0",
        "/11111111-0b1d-4c3e-8f6a-7d2b1e0c9a84/v2.0",
        "/5c8a9f2e-0b1d-4c3e-8f6a-7d2b1e0c9a84/v2.0/",
    ] {
        let provider = provider();
        let issuer = format!("{}{issuer}", provider.origin());
        provider.change(TENANT, |tenant| tenant.issuer = issuer);
        assert_eq!(try_out(&pasted(&provider, TENANT)).unwrap_err().reason.word(), "discovery_issuer");
    }
}

/// A person of another tenant, a token without its tenant, and an object without a tenant.
/// Shows ASVS 6.8.1.
#[test]
fn the_tenant_of_the_token_is_the_organization_s() {
    let provider = provider();
    let desk = Desk::over(provider.clone(), &pasted(&provider, TENANT));
    let told = |name: &'static str, value: Option<Value>| {
        provider.change(TENANT, |tenant| {
            tenant.claims = Arc::new(move |claims| match &value {
                Some(value) => drop(claims.insert(name.into(), value.clone())),
                None => drop(claims.remove(name)),
            });
        });
        desk.log_in()
    };
    let refused = told("tid", Some(json!("11111111-0b1d-4c3e-8f6a-7d2b1e0c9a84"))).unwrap_err();
    assert_eq!(refused.reason.word(), "tid");
    assert!(told("tid", Some(json!(TENANT.to_uppercase()))).is_ok());
    let claims = told("tid", None).unwrap();
    assert!(matches!(person(&desk.configuration.borrow(), &claims).key, Key::Subject { .. }));
}

/// A guest's user principal name is not made into an address, and `email` needs no `email_verified`: the tenant is the
/// organization's own.
#[test]
fn addresses_of_the_tenant_are_believed_and_made_up_ones_are_not() {
    let provider = provider();
    let desk = Desk::over(provider.clone(), &pasted(&provider, TENANT));
    for (preferred, email, address) in [
        (Some("mina@contoso.com"), Some("mina.park@contoso.com"), Ok("mina.park@contoso.com")),
        (Some("mina@contoso.com"), None, Ok("mina@contoso.com")),
        (Some("+821023456789"), None, Err(())),
        (
            Some("kim_home.example#EXT#@contoso.onmicrosoft.com"),
            None,
            Ok("kim_home.example#ext#@contoso.onmicrosoft.com"),
        ),
        (None, None, Err(())),
    ] {
        provider.change(TENANT, |tenant| {
            for (name, value) in [("preferred_username", preferred), ("email", email)] {
                match value {
                    Some(value) => drop(tenant.person.insert(name.into(), value.into())),
                    None => drop(tenant.person.remove(name)),
                }
            }
        });
        let claims = desk.log_in().unwrap();
        let who = person(&desk.configuration.borrow(), &claims);
        let found = who.addresses.map(|all| all[0].as_str().to_owned()).map_err(drop);
        assert_eq!(found, address.map(str::to_owned), "{preferred:?} {email:?}");
    }
}

/// An application with claims of its own has a key of its own, which is published to those who name the application.
#[test]
fn entra_keys_are_asked_for_with_the_application() {
    let provider = provider();
    let base = format!("{}/{TENANT}", provider.origin());
    provider.change(TENANT, |tenant| {
        let usual = tenant.metadata.clone();
        tenant.metadata = Arc::new(move |told| {
            usual(told);
            told.insert("jwks_uri".into(), format!("{base}/discovery/v2.0/keys?appid=vestibule").into());
        });
    });
    let desk = Desk::over(provider.clone(), &pasted(&provider, TENANT));
    assert!(desk.configuration.borrow().jwks_uri.ends_with("/keys?appid=vestibule"));
    // What was set up before knows an address without it.
    let old = desk.configuration.borrow().jwks_uri.replace("?appid=vestibule", "");
    let published = desk.configuration.borrow().jwks_uri.clone();
    for jwks_uri in [published, old] {
        desk.configuration.borrow_mut().jwks_uri = jwks_uri;
        desk.provider.forget();
        assert!(desk.log_in().is_ok());
    }
    try_out(&pasted(&provider, TENANT)).unwrap();
    for seen in provider.seen().iter().filter(|seen| ["keys", "openid-configuration"].contains(&seen.endpoint.as_str()))
    {
        assert_eq!(seen.query.get("appid").map(String::as_str), Some("vestibule"), "{seen:?}");
    }
}
