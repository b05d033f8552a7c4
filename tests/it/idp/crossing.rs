//! Two organizations with the same addresses and providers of their own: whatever is swapped, and in whatever order the
//! steps are made, nobody of the one becomes somebody of the other.

use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::platform::store::schema::{audit_events, idp_bindings, organizations, sessions};

use super::{Company, OWNER, ended};
use crate::support::Person;

const MATE: &str = "mate@acme.example";
const STATE: &str = "vestibule-state";

/// "acme" and "rival", each with its provider in force, and the same two people in both.
fn two() -> Company {
    let company = Company::open();
    rival(&company);
    company.provider.add("rival");
    company.provider.seat("rival", "owner-1", OWNER);
    company.tells_auth_time("rival", true);
    company.takes_over("acme", "acme");
    company.takes_over("rival", "rival");
    for tenant in ["acme", "rival"] {
        company.provider.seat(tenant, "mate-1", MATE);
    }
    company
}

fn rival(company: &Company) {
    company.organization("rival", OWNER);
    for organization in ["acme", "rival"] {
        company.operator.app.colleague(organization, MATE, Roles::default());
    }
}

/// Names the organization, and comes to the page that leaves: the address that leads back.
fn begins(company: &Company, person: &Person<'_>, organization: &str) -> String {
    person.open("/login").fill("Organization name", organization).press("Next").is_at("/auth/oidc");
    company.back(&person.page().link("Continue").unwrap())
}

/// In which organizations there are sessions, the newest last.
fn places(company: &Company) -> Vec<String> {
    let rows = sessions::table.inner_join(organizations::table.on(organizations::id.eq(sessions::organization_id)));
    let rows = rows.filter(sessions::method.eq("idp")).order(sessions::id).select(organizations::name);
    rows.load(&mut company.database.connect()).unwrap()
}

fn parameter(back: &str, name: &str) -> String {
    let pairs = url::form_urlencoded::parse(back.split_once('?').unwrap().1.as_bytes());
    pairs.into_iter().find(|(known, _)| known == name).unwrap().1.into_owned()
}

fn mixed(code: &str, state: &str) -> String {
    format!("/auth/oidc/callback?code={}&state={}", parameter(code, "code"), parameter(state, "state"))
}

/// The cookies of a person's logins that are on their way.
fn states(person: &Person<'_>) -> Vec<(String, String)> {
    let cookies = person.cookies.borrow();
    let states = cookies.iter().filter(|(name, _)| name.starts_with(STATE));
    states.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Carries these in the place of their own.
fn carries(person: &Person<'_>, states: &[(String, String)]) {
    let mut cookies = person.cookies.borrow_mut();
    cookies.retain(|name, _| !name.starts_with(STATE));
    cookies.extend(states.iter().cloned());
}

fn bound(company: &Company) -> Vec<(String, String)> {
    let rows =
        idp_bindings::table.inner_join(organizations::table.on(organizations::id.eq(idp_bindings::organization_id)));
    let rows =
        rows.select((organizations::name, idp_bindings::subject)).order((organizations::name, idp_bindings::subject));
    rows.load(&mut company.database.connect()).unwrap()
}

/// Shows ASVS 10.1.2, 10.2.2; attacks 47, 48, 49.
#[test]
fn codes_states_and_cookies_of_one_organization_are_worth_nothing_in_the_other() {
    let company = two();
    let before = places(&company);
    // In one browser: each state with the code of the other.
    for (first, second) in [("acme", "rival"), ("rival", "acme")] {
        let person = company.visitor();
        let one = begins(&company, &person, first);
        let other = begins(&company, &person, second);
        for (here, there) in [(&one, &other), (&other, &one)] {
            person.open(&mixed(here, there)).gets(403).sees("did not work");
            assert_eq!(company.events("login").last(), Some(&ended("failed", "invalid_grant")));
            // The login of that state is over.
            person.open(there).gets(400);
        }
    }
    // In two browsers: cookies swapped, and codes and states beside them.
    for bend in 0..4 {
        let (one, other) = (company.visitor(), company.visitor());
        let (here, there) = (begins(&company, &one, "acme"), begins(&company, &other, "rival"));
        let cookies = (states(&one), states(&other));
        carries(&one, &cookies.1);
        carries(&other, &cookies.0);
        match bend {
            0 => {
                one.open(&here).gets(400);
                other.open(&there).gets(400);
            }
            1 => {
                one.open(&mixed(&there, &here)).gets(400);
                other.open(&mixed(&here, &there)).gets(400);
            }
            // Whoever carries the cookie comes back with the right state but a code of elsewhere.
            2 => {
                one.open(&mixed(&here, &there)).gets(403);
                other.open(&mixed(&there, &here)).gets(403);
            }
            _ => {
                carries(&one, &cookies.0);
                one.open(&there).gets(400);
                one.open(&format!("{there}&iss=https://evil.example")).gets(400);
                other.open(&here.replace("code=", "code=x")).gets(403);
            }
        }
        for person in [&one, &other] {
            assert!(!person.cookies.borrow().contains_key("vestibule-session"), "{bend}");
        }
    }
    assert_eq!(places(&company), before, "no session but those from before");
    // What is recorded stands in the organization of the trip, not of the code.
    let rows = audit_events::table
        .inner_join(organizations::table.on(organizations::id.nullable().eq(audit_events::organization_id)))
        .filter(audit_events::reason.eq("invalid_grant"))
        .select(organizations::name)
        .distinct()
        .order(organizations::name);
    let names: Vec<String> = rows.load(&mut company.database.connect()).unwrap();
    assert_eq!(names, ["acme", "rival"]);
}

#[test]
fn two_logins_begun_in_one_browser_end_each_where_it_was_begun() {
    let company = two();
    for (first, second) in [("acme", "rival"), ("rival", "acme")] {
        let person = company.visitor();
        let one = begins(&company, &person, first);
        let other = begins(&company, &person, second);
        for (back, organization) in [(one, first), (other, second)] {
            person.open(&back).is_at("/console");
            assert_eq!(places(&company).last().map(String::as_str), Some(organization));
        }
        // Whoever is in one and comes through the other's provider is in the other, and no longer in the first.
        let count = places(&company).len();
        let back = {
            let beside = company.visitor();
            let back = begins(&company, &beside, first);
            carries(&person, &states(&beside));
            back
        };
        person.open(&back).is_at("/console");
        let places = places(&company);
        assert_eq!((places.len(), places.last().map(String::as_str)), (count, Some(first)));
    }
}

/// Shows ASVS 6.8.1; attack 50.
#[test]
fn the_same_subject_of_two_providers_is_two_people() {
    let company = two();
    for organization in ["rival", "acme"] {
        let person = company.visitor();
        company.logs_in(&person, organization);
        person.is_at("/console");
    }
    let all = bound(&company);
    assert_eq!(all.len(), 4);
    for (organization, key) in &all {
        assert!(key.contains(&format!("/{organization}\"")), "{organization}: {key}");
    }
    // Rival's owner lets its provider say whatever opens acme: it opens rival, or nothing.
    for (subject, email) in [("mate-1", OWNER), ("owner-1", MATE), ("x", OWNER), ("x", MATE)] {
        company.provider.seat("rival", subject, email);
        let acme = format!("{}/acme", company.provider.origin());
        company.provider.change("rival", move |tenant| {
            tenant.claims = std::sync::Arc::new(move |claims| drop(claims.insert("iss".into(), acme.as_str().into())));
        });
        let person = company.visitor();
        company.logs_in(&person, "rival");
        person.gets(403);
        company.tells_auth_time("rival", true);
        company.logs_in(&person, "rival");
        assert!(person.page().url == "/console" || person.page().status == 403);
    }
    assert_eq!(bound(&company), all);
    assert!(places(&company).iter().filter(|name| *name == "acme").count() <= 2);
}

/// Shows ASVS 6.8.1; attack 50.
#[test]
fn one_provider_and_one_client_of_two_organizations_binds_in_each_by_itself() {
    let company = Company::open();
    rival(&company);
    company.takes_over("acme", "acme");
    company.takes_over("rival", "acme");
    let logs_in = |subject: &str, email: &str, organization: &str| {
        company.provider.seat("acme", subject, email);
        let person = company.visitor();
        company.logs_in(&person, organization);
        person
    };
    logs_in("mate-1", MATE, "acme").is_at("/console");
    assert_eq!(bound(&company).len(), 3, "acme says nothing of rival");
    // In rival somebody else has the address meanwhile.
    logs_in("mate-2", MATE, "rival").is_at("/console");
    logs_in("mate-1", MATE, "rival").gets(403).sees("belongs to another account at the IdP");
    logs_in("mate-2", MATE, "acme").gets(403).sees("belongs to another account at the IdP");
    // A person who is one user here may be another there.
    logs_in("mate-1", OWNER, "rival").gets(403);
    logs_in("owner-1", MATE, "acme").is_at("/console");
    assert_eq!(places(&company).last().map(String::as_str), Some("acme"));
    assert_eq!(bound(&company).len(), 4);
    // A code of the one login does not end the other, though client and provider are the same.
    let (one, other) = (company.visitor(), company.visitor());
    let (here, there) = (begins(&company, &one, "acme"), begins(&company, &other, "rival"));
    one.open(&mixed(&there, &here)).gets(403);
    assert_eq!(company.events("login").last(), Some(&ended("failed", "invalid_grant")), "PKCE");
}
