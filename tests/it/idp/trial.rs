//! The trial: only the owner's login through the provider puts it in force, and without it everything is as it was.

use super::{Company, OWNER, SETTINGS, TRIAL, ended};
use crate::support::people::PASSWORD;

/// Shows ASVS 7.4.2.
#[test]
fn the_owner_tests_saves_and_confirms_and_everybody_logs_in_through_the_provider() {
    let company = Company::open();
    let mate = company.colleague("mate@acme.example");
    let owner = company.by_password("acme", OWNER);
    owner.open("/iam/organization/account").sees("Not set up").click("Modify account");
    owner.tick("IdP account").press("Save").is_at(SETTINGS).sees("http://localhost:8080/auth/oidc/callback");
    let codes = company.starts_trial(&owner, "acme", "acme");
    assert_eq!((codes.len(), company.method().as_str()), (10, "cloud_account"));
    owner.open("/iam/organization/account").sees("On trial until");
    mate.open("/console").is_at("/console");
    owner.open(TRIAL).press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console").sees("The IdP integration is in force");
    assert_eq!(company.method(), "idp_account");
    owner.open("/iam/organization/account").sees("IdP account").sees("In force");
    // The session of a password is over, and the password opens nothing any more.
    mate.open("/console").is_at("/login");
    company.provider.seat("acme", "mate-1", "Mate@acme.example");
    company.logs_in(&mate, "acme");
    mate.is_at("/console");
    let told: Vec<String> = company.mail_to(OWNER).into_iter().map(|mail| mail.subject).collect();
    for subject in ["Log in through your IdP to confirm", "Your organization logs in through its IdP"] {
        assert!(told.iter().any(|one| one.contains(subject)), "{subject}: {told:?}");
    }
    assert_eq!(company.events("idp.in_force"), [ended("done", "")]);
}

#[test]
fn a_trial_that_is_never_confirmed_is_over_by_itself() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    company.starts_trial(&owner, "acme", "acme");
    company.advances(8);
    let stranger = company.visitor();
    stranger.open("/login").fill("Organization name", "acme").press("Next").is_at("/login/acme");
    stranger.press("Log in through the IdP");
    company.advances(7);
    // The deadline decides: nobody has tidied up yet.
    company.travels(&stranger);
    stranger.gets(403).sees("The settings of your company login have changed");
    assert_eq!((company.method().as_str(), company.events("idp.in_force").len()), ("cloud_account", 0));
    company.clean_up();
    company.clean_up();
    assert_eq!(company.events("idp.trial_reverted"), [ended("failed", "not_confirmed")]);
    let told = company.mail_to(OWNER);
    assert_eq!(told.iter().filter(|mail| mail.subject.contains("The IdP was not put in force")).count(), 1);
    stranger.log_in("acme", OWNER, PASSWORD).is_at("/console");
    owner.open(TRIAL).is_at("/confirmation").fill("Password", PASSWORD).press("Confirm");
    owner.is_at(TRIAL).sees("Make the IdP integration test first");
}

/// Shows attack 51.
#[test]
fn only_the_owner_confirms_and_only_by_a_login_begun_after_saving() {
    let company = Company::open();
    company.colleague("mate@acme.example");
    let owner = company.by_password("acme", OWNER);
    company.starts_trial(&owner, "acme", "acme");
    company.provider.seat("acme", "mate-1", "mate@acme.example");
    let mate = company.visitor();
    mate.open("/login").fill("Organization name", "acme").press("Next").press("Log in through the IdP");
    company.travels(&mate);
    mate.gets(403).sees("only the Org Owner can log in through it for now").sees("mate@acme.example");
    assert_eq!(company.events("login").last(), Some(&ended("refused", "trial_owner_only")));
    // A login on its way when the trial was ended and started anew is not one begun after saving.
    company.provider.seat("acme", "owner-1", OWNER);
    let early = company.visitor();
    early.open("/login").fill("Organization name", "acme").press("Next").press("Log in through the IdP");
    owner.open(TRIAL).press("End the trial").is_at(SETTINGS).sees("The trial is over");
    company.advances(1);
    company.starts_trial(&owner, "acme", "acme");
    company.travels(&early);
    early.gets(403);
    assert_eq!(company.method(), "cloud_account");
}

/// Shows ASVS 2.3.1, 2.3.5; attack 53.
#[test]
fn saving_wants_a_test_the_name_and_a_recovery_code() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    owner.open(TRIAL).sees("Make the IdP integration test first");
    company.tests(&owner, "acme");
    owner.click("Go on to Save").is_at(TRIAL).sees("First make your recovery codes");
    let codes = company.codes(&owner);
    owner.click("I have kept them").is_at(TRIAL).sees("Users matched by address at their first login 1");
    owner.fill("One of your recovery codes", &codes[3]).fill("Organization name", "acne").press("Save").gets(422);
    owner.sees("Type the name of this organization");
    owner.fill("Organization name", "acme").fill("One of your recovery codes", "aaaa").press("Save").gets(422);
    // An edit drops the test.
    company.fills(&owner, "acme");
    owner.fill("Client Secret", "another").press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test failed").sees("The Client Secret is wrong or expired");
    owner.open(TRIAL).sees("Make the IdP integration test first");
    company.tests(&owner, "acme");
    company.advances(10);
    owner.open(TRIAL).is_at("/confirmation").fill("Password", PASSWORD).press("Confirm").is_at(TRIAL);
    owner.sees("Make the IdP integration test first");
    assert_eq!(company.events("idp.trial_started"), [("refused".to_owned(), Some("wrong_code".to_owned()))]);
}
