//! Logging in through a provider in force: who is found, who is bound, who is turned away.

use diesel::prelude::*;
use vestibule::platform::store::schema::{idp_bindings, sessions};

use super::{Company, OWNER, ended};
use crate::support::people::PASSWORD;

/// Shows ASVS 6.8.1, 10.5.2; attack 51.
#[test]
fn a_bound_user_is_known_by_the_subject_alone() {
    let company = Company::open();
    company.colleague("mate@acme.example");
    company.goes_over();
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    let mate = company.visitor();
    company.logs_in(&mate, "acme");
    mate.is_at("/console");
    // Married, and known by another address.
    company.provider.seat("acme", "mate-1", "mate.kim@acme.example");
    let again = company.visitor();
    company.logs_in(&again, "acme");
    again.is_at("/console");
    // A known address of somebody else opens nothing.
    company.provider.seat("acme", "thief-1", "mate@acme.example");
    let thief = company.visitor();
    company.logs_in(&thief, "acme");
    thief.gets(403).sees("belongs to another account at the IdP").sees("mate@acme.example");
    assert_eq!(company.events("login").last(), Some(&ended("refused", "another_subject")));
    company.provider.seat("acme", "nobody-1", "nobody@acme.example");
    let nobody = company.visitor();
    company.logs_in(&nobody, "acme");
    nobody.gets(403).sees("not registered in your organization").sees("nobody@acme.example");
    let (owner, _) = (company.visitor(), ());
    company.provider.seat("acme", "owner-1", OWNER);
    company.logs_in(&owner, "acme");
    owner.open("/iam/organization/account").sees("nobody@acme.example").sees("not registered in your organization");
    assert_eq!(idp_bindings::table.count().get_result(&mut company.database.connect()), Ok(2));
}

/// Shows ASVS 6.3.4; attack 58.
#[test]
fn passwords_open_nothing_any_more_and_their_pages_say_why() {
    let company = Company::open();
    company.goes_over();
    let visitor = company.visitor();
    visitor.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
    visitor.open("/login/acme").sees("Continue to your IdP");
    let token = visitor.cookies.borrow()[":form /login/idp"].clone();
    visitor.post("/login/acme", &[("email", OWNER), ("password", PASSWORD), ("form_token", &token)]).gets(422);
    visitor.sees("Organization name, email or password is wrong");
    let by_password = sessions::table.filter(sessions::method.eq("password")).count();
    assert_eq!(by_password.get_result(&mut company.database.connect()), Ok(0));
}

/// Shows ASVS 3.7.3, 7.6.2, 10.1.2; attacks 47, 48, 55.
#[test]
fn what_comes_back_counts_once_and_in_its_own_browser() {
    let company = Company::open();
    company.goes_over();
    let victim = company.visitor();
    victim.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
    victim.sees("127.0.0.1");
    let address = victim.page().link("Continue").unwrap();
    let back = company.back(&address);
    let other = company.visitor();
    other.open(&back).gets(400).sees("You could not be logged in");
    other.open("/login").fill("Organization name", "acme").press("Next");
    other.open(&back).gets(400);
    victim.open(&back).is_at("/console");
    let replay = company.visitor();
    replay.open(&back).gets(400);
    victim.open("/logout").press("Log out");
    victim.open(&back).gets(400);
    for query in ["", "?code=a", "?state=b", "?code=a&code=b&state=c", "?error=access_denied&state=x"] {
        victim.open(&format!("/auth/oidc/callback{query}")).gets(400);
    }
}

/// Shows ASVS 6.8.4, 7.5.1.
#[test]
fn a_fresh_login_goes_back_to_the_provider() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    company.advances(11);
    owner.open("/iam/organization/account/edit").is_at("/confirmation").press("Continue to the IdP");
    let address = owner.page().link("Continue").unwrap();
    assert!(address.contains("max_age=600"), "{address}");
    company.travels(&owner);
    owner.is_at("/iam/organization/account/edit");
    assert_eq!(company.events("session.confirmed"), [ended("done", "")]);
    // Somebody else at the provider confirms nothing.
    company.advances(11);
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    owner.open("/iam/organization/account/edit").is_at("/confirmation").press("Continue to the IdP");
    company.travels(&owner);
    owner.is_at("/confirmation").sees("Somebody else logged in at the IdP");
}

/// Shows ASVS 6.8.4.
#[test]
fn a_provider_that_does_not_tell_when_never_keeps_anybody_from_a_fresh_step() {
    let company = Company::open();
    company.tells_auth_time("acme", false);
    let (owner, _) = company.goes_over();
    // How old the login at the provider is, nobody knows.
    owner.open("/iam/organization/account/edit").is_at("/confirmation").sees("we mail you a code");
    owner.press("Mail me a code").is_at("/confirmation");
    let code = company.mailed_code(OWNER);
    owner.fill("Code", if code == "000000" { "000001" } else { "000000" }).press("Confirm").gets(422);
    owner.fill("Code", &code).press("Confirm").is_at("/iam/organization/account/edit");
    // One that stops telling is found out on the way, and a code is offered from then on.
    company.tells_auth_time("acme", true);
    let again = company.visitor();
    company.logs_in(&again, "acme");
    company.advances(11);
    company.tells_auth_time("acme", false);
    again.open("/iam/organization/account/edit").is_at("/confirmation").press("Continue to the IdP");
    company.travels(&again);
    again.is_at("/confirmation").sees("Use a mailed code instead").press("Mail me a code");
    again.fill("Code", &company.mailed_code(OWNER)).press("Confirm").is_at("/iam/organization/account/edit");
}

/// Providers are known that take `prompt=login` and `max_age` and answer by an old login all the same.
/// Shows ASVS 6.8.4.
#[test]
fn a_fresh_login_has_a_way_through_at_a_provider_that_ignores_max_age() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    company.advances(11);
    let old = vestibule::base::clock::Clock::now(&company.clock).millis() / 1000 - 7200;
    company.provider.change("acme", move |tenant| {
        tenant.claims = std::sync::Arc::new(move |claims| drop(claims.insert("auth_time".into(), old.into())));
    });
    let edit = "/iam/organization/account/edit";
    // No code is to be had before the provider was asked.
    owner.open(edit).is_at("/confirmation");
    owner.post("/confirmation/code", &[("next", edit)]);
    assert_eq!(company.events("session.confirmed").last(), Some(&ended("refused", "provider_decides")));
    owner.open(edit).press("Continue to the IdP");
    company.travels(&owner);
    owner.is_at("/confirmation").sees("The IdP let you in by an earlier login");
    let code = company.mailed_code(OWNER);
    owner.fill("Code", &code).press("Confirm").is_at(edit);
    assert_eq!(company.events("session.confirmed").last(), Some(&ended("done", "")));
    // Such a login proves nothing to a test, which says what to do.
    company.advances(2);
    company.tests(&owner, "acme");
    owner.sees("Log out at the IdP, then test again");
}

/// A refusal that has a code shows it, and the way back.
#[test]
fn a_confirmation_that_the_provider_spoils_shows_its_code() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    company.advances(11);
    owner.open("/iam/organization/account/edit").is_at("/confirmation").press("Continue to the IdP");
    company.provider.change("acme", |tenant| tenant.signing = crate::support::provider::Signing::Broken);
    company.travels(&owner);
    owner.gets(403).sees(&company.newest("login").3).sees("Back to the confirmation");
}

/// Each tab has a login of its own.
#[test]
fn three_idp_logins_of_one_browser_each_return_to_their_page() {
    let company = Company::open();
    company.goes_over();
    let person = company.visitor();
    let pages = ["/account", "/iam/organization/account", "/audit"];
    let begun: Vec<String> = pages
        .iter()
        .map(|page| {
            person.open(page).is_at("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
            person.page().link("Continue").unwrap()
        })
        .collect();
    for number in [1, 2, 0] {
        person.open(&company.back(&begun[number])).is_at(pages[number]);
    }
    // A fourth makes room by the oldest.
    let other = company.visitor();
    let begun: Vec<String> = (0..4)
        .map(|_| {
            company.clock.advance(chrono::Duration::seconds(1));
            other.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
            other.page().link("Continue").unwrap()
        })
        .collect();
    other.open(&company.back(&begun[0])).gets(400);
    other.open(&company.back(&begun[1])).is_at("/console");
}

#[test]
fn a_callback_begun_elsewhere_names_no_code() {
    let company = Company::open();
    company.goes_over();
    let person = company.visitor();
    person.open("/login").fill("Organization name", "acme").press("Next");
    let back = company.back(&person.page().link("Continue").unwrap());
    let other = company.visitor();
    other.open(&back).gets(400).sees("already used. Start again");
    assert!(other.page().all(".ref").is_empty(), "{}", other.page().text());
    other.open(&back[..back.len() - 5]).gets(400).sees("Start again");
    // A person who is logged in goes on, to the page that the login was for where that is known.
    person.open(&back).is_at("/console");
    person.open(&back).is_at("/console");
    assert_eq!(company.events("request.refused"), []);
}

/// KELVIN SIGN: no letter that becomes another by folding is that letter.
#[test]
fn claims_are_never_normalized() {
    let company = Company::open();
    company.colleague("kcase@acme.example");
    company.goes_over();
    for (sent, sees) in [
        ("\u{212A}case@acme.example", "is not an email address"),
        ("Case <kcase@acme.example>", "is not an email address"),
        ("kcase@ACME\u{FF0E}example", "is not an email address"),
    ] {
        company.provider.seat("acme", "k-1", sent);
        let person = company.visitor();
        company.logs_in(&person, "acme");
        person.gets(403).sees(sees);
    }
    company.provider.seat("acme", "k-1", "KCase@Acme.example");
    let person = company.visitor();
    company.logs_in(&person, "acme");
    person.is_at("/console");
}
