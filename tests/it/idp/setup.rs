//! Setting a provider up: the form, what it keeps to itself, and the integration test.

use super::{Company, OWNER, SETTINGS, ended};

/// Shows ASVS 15.3.1; attack 40.
#[test]
fn the_form_comes_back_as_typed_and_never_shows_the_secret() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    owner.open(SETTINGS).press("IdP integration test").gets(422).sees("Authorization URL");
    company.fills(&owner, "acme");
    owner.fill("Token URL", "http://127.0.0.1:1/token").press("IdP integration test").gets(422);
    owner.sees("These settings do not hold together").sees_no("a+b%:c/");
    assert_eq!(owner.page().value("Client ID").as_deref(), Some("vestibule"));
    assert_eq!(owner.page().value("Client Secret").as_deref(), Some(""));
    for inner in ["http://10.0.0.1/authorize", "https://169.254.169.254/authorize", "https://localhost/authorize"] {
        company.fills(&owner, "acme");
        owner.fill("Authorization URL", inner).press("IdP integration test").gets(422);
    }
    assert_eq!(company.provider.hits()[0], 0, "nobody was sent to the provider");
}

/// Shows ASVS 13.2.4; attack 45.
#[test]
fn a_kept_secret_is_sent_to_its_own_token_url_alone() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    company.tests(&owner, "acme");
    owner.open(SETTINGS).sees("Leave empty to keep the stored one").press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test passed");
    company.provider.add("elsewhere");
    company.fills(&owner, "elsewhere");
    owner.fill("Client Secret", "").press("IdP integration test").gets(422).sees("Client Secret");
    assert!(company.provider.seen().iter().all(|seen| seen.tenant != "elsewhere"));
}

#[test]
fn the_issuer_fills_the_form_in() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    owner.open(SETTINGS).press("Fill in from the issuer").gets(422);
    let issuer = format!("{}/acme", company.provider.origin());
    owner.fill("Issuer URL", &issuer).press("Fill in from the issuer").gets(200);
    assert_eq!(owner.page().value("Token URL"), Some(format!("{issuer}/token")));
}

/// Shows attack 54.
#[test]
fn the_test_says_what_failed_and_what_the_provider_does_not_tell() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    let before = (owner.cookies.borrow()["vestibule-session"].clone(), company.sessions());
    company.provider.seat("acme", "somebody", "other@acme.example");
    company.tests(&owner, "acme");
    assert_eq!(
        (owner.cookies.borrow()["vestibule-session"].clone(), company.sessions()),
        before,
        "a test logs nobody in"
    );
    owner.sees("The test failed").sees("other@acme.example").sees("E-mail match Failed");
    company.provider.seat("acme", "owner-1", OWNER);
    company.provider.change("acme", |tenant| {
        tenant.person.remove("email_verified");
    });
    company.tests(&owner, "acme");
    owner.sees("does not say that the address is verified");
    company.fills(&owner, "acme");
    owner.tick("Addresses from this provider are our own").press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test passed").sees("Time of login Passed");
    company.tells_auth_time("acme", false);
    owner.open(SETTINGS).press("IdP integration test");
    company.travels(&owner);
    owner.sees("The test passed").sees("Time of login Not told");
    let tests = company.events("idp.tested");
    assert_eq!(
        tests,
        [ended("failed", "email"), ended("failed", "email_verified"), ended("done", ""), ended("done", "")]
    );
}

/// Shows attack 40.
#[test]
fn asvs_1_3_6_no_address_that_is_not_public_is_asked_for_an_owner() {
    // What the operator has not allowed: everything that leads here or to a private network.
    let app = crate::support::TestApp::start();
    let owner = app.owner();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let port = silent.local_addr().unwrap().port();
    let here = |host: &str| [format!("http://{host}:{port}"), format!("https://{host}:{port}")];
    let hosts =
        ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]", "localhost"];
    let mut all: Vec<String> = hosts.iter().flat_map(|host| here(host)).collect();
    for away in ["https://169.254.169.254", "https://10.0.0.1", "https://192.168.1.1", "https://[fe80::1]", "ftp://a.b"]
    {
        all.push(away.to_owned());
    }
    for place in all {
        owner.open(SETTINGS).tick("Other OpenID Connect provider").fill("Issuer URL", &place);
        owner.fill("Authorization URL", &format!("{place}/authorize")).fill("Token URL", &format!("{place}/token"));
        owner.fill("Client ID", "vestibule").fill("Client Secret", "secret").press("IdP integration test").gets(422);
        owner.sees("These settings do not hold together");
        owner.open(SETTINGS).fill("Issuer URL", &place).press("Fill in from the issuer").gets(422);
    }
    assert!(silent.accept().is_err(), "somebody called");
}

/// Each test asks addresses that an owner typed, and keeps nothing of what they answered.
#[test]
fn integration_tests_leave_no_memory_behind() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    for number in 0..30 {
        let tenant = format!("test-{number}");
        company.provider.add(&tenant);
        company.provider.seat(&tenant, "owner-1", OWNER);
        company.tests(&owner, &tenant);
        owner.sees("The test passed");
    }
    assert_eq!(company.operator.app.app.provider_keys.count(), 0);
    company.fills(&owner, "acme");
    owner.press("IdP integration test").gets(429).sees("Many tests were made");
}

/// What was set up before may be replaced under its name while a test is under way.
#[test]
fn a_test_is_made_with_the_keys_that_are_published_now() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    company.provider.change("acme", |tenant| {
        tenant.keys = vec![crate::support::signing::SigningKey::new("RS256", "one")];
    });
    company.tests(&owner, "acme");
    owner.sees("The test passed");
}
