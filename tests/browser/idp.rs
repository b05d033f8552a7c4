//! Login through the organization's own provider in a real browser, at a certified provider: set up, put in force, lost and
//! brought back.

use std::sync::LazyLock;

use chrono::Duration;
use serde_json::json;
use thirtyfour::By;
use vestibule::access::Roles;
use vestibule::base::entropy::SystemEntropy;
use vestibule::platform::secrets::Keyring;

use crate::provider::{Options, Provider, at_its_address};
use crate::support::TestApp;
use crate::support::people::PASSWORD;
use crate::window::{Look, Window};

pub const OWNER: &str = "mina@acme.example";
const MATE: &str = "jun@acme.example";
pub const SETTINGS: &str = "/iam/organization/account/idp";

/// The keys of the installation, which its operator's commands need too.
static KEYS: LazyLock<String> = LazyLock::new(|| Keyring::generate(&SystemEntropy));

/// An organization with an owner and a colleague, and a provider that knows both.
pub fn company() -> (TestApp, Provider) {
    let app = TestApp::start_with(|config| {
        at_its_address(config);
        config.secret_keys = Keyring::parse(&KEYS).unwrap();
    });
    app.organization("acme", OWNER);
    app.colleague("acme", MATE, Roles::default());
    let provider = Provider::start(&app.clock, Options::of(&app, &[OWNER, MATE]));
    (app, provider)
}

/// Fills the form in and makes the integration test, logging in at the provider.
fn tests(window: &Window<'_>, provider: &Provider) {
    fills(window, provider);
    window.press("IdP integration test");
    provider.log_in(window, OWNER);
    window.sees("The test passed");
}

/// Fills the form in.
pub fn fills(window: &Window<'_>, provider: &Provider) {
    window.tick("Other OpenID Connect provider").fill("Authorization URL", &provider.authorization_url());
    window.fill("Token URL", &provider.token_url()).fill("Client ID", &provider.options.client_id);
    window.fill("Client Secret", &provider.options.secret).fill("Issuer URL", &provider.issuer());
}

/// The recovery codes that the page shows.
fn codes(window: &Window<'_>) -> Vec<String> {
    window.sees("They are shown on this page only");
    let script = "return [...document.querySelectorAll('.codes li')].map(code => code.innerText.trim())";
    let shown = window.run(script, Vec::new());
    shown.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// From the passed test to a running trial.
fn saves(window: &Window<'_>, code: &str) {
    window.fill("One of your recovery codes", code).fill("Organization name", "acme").press("Save");
    window.sees("Log in through the IdP to confirm");
}

/// The owner puts the provider in force; gives the recovery codes.
pub fn goes_over(owner: &Window<'_>, provider: &Provider) -> Vec<String> {
    owner.log_in("acme", OWNER).go(SETTINGS);
    tests(owner, provider);
    owner.click("Go on to Save").click("Make new recovery codes").press("Make new recovery codes");
    let codes = codes(owner);
    assert_eq!(codes.len(), 10);
    owner.click("I have kept them");
    saves(owner, &codes[0]);
    owner.press("Log in through the IdP");
    // The provider knows her already.
    provider.has_let_go_of(owner);
    owner.is_at("/console").sees("The IdP integration is in force");
    codes
}

/// Names the organization on the login page.
pub fn names(window: &Window<'_>) {
    window.go("/login").fill("Organization name", "acme").press("Next");
}

/// Shows attack 68.
#[test]
fn from_the_organization_s_name_to_the_console_through_a_certified_provider() {
    let (app, provider) = company();
    let mina = Window { look: Look::Closely, ..Window::open(&app) };
    mina.log_in("acme", OWNER).go("/iam/organization/account").sees("Not set up").click("Modify account");
    mina.tick("IdP account").press("Save").is_at(SETTINGS).sees("/auth/oidc/callback");
    mina.press("IdP integration test").is_refused("Enter something here");
    mina.fill("Issuer URL", &provider.issuer()).press("Fill in from the issuer");
    assert!(mina.until(|| mina.value("Token URL") == provider.token_url()));
    mina.go(SETTINGS);
    tests(&mina, &provider);
    mina.sees("Signature").click("Go on to Save").sees("First make your recovery codes");
    mina.click("Make new recovery codes").press("Make new recovery codes");
    let codes = codes(&mina);
    mina.click("I have kept them").sees("Sessions that end");
    mina.fill("One of your recovery codes", &codes[0]).fill("Organization name", "acne").press("Save");
    mina.is_refused("Type the name of this organization");
    mina.fill("Organization name", "acme").press("Save").sees("Log in through the IdP to confirm");
    mina.go("/iam/organization/account").sees("On trial").go(&format!("{SETTINGS}/trial"));
    mina.press("Log in through the IdP");
    provider.has_let_go_of(&mina);
    mina.is_at("/console").sees("The IdP integration is in force");
    mina.go("/iam/organization/account").sees("In force").sees("Nobody was refused");

    let jun = Window { look: Look::Closely, ..Window::open(&app) };
    names(&jun);
    provider.log_in(&jun, MATE);
    jun.is_at("/console").go("/account").sees("You log in through your organization’s IdP");
}

#[test]
fn the_way_out_and_back_needs_no_script() {
    let (app, provider) = company();
    goes_over(&Window::open(&app), &provider);
    let jun = Window::open(&app);
    // No script of ours comes through; the window's own checks would call that a fault, so it is driven by hand.
    let driver = &jun.driver;
    driver.devtools("Network.enable", json!({}));
    driver.devtools("Network.setBlockedURLs", json!({ "urls": ["*.js*"] }));
    let find = |css: &str| driver.wait(driver.session().find(By::Css(css.to_owned()))).unwrap();
    let types = |css: &str, text: &str| driver.wait(find(css).send_keys(text)).unwrap();
    let presses = |css: &str| driver.wait(find(css).click()).unwrap();
    driver.wait(driver.session().goto(format!("{}/login", app.app.config.public_url.origin()))).unwrap();
    assert_eq!(driver.run("return typeof htmx", Vec::new()), json!("undefined"));
    types("input[name=organization]", "acme");
    presses("#form button[type=submit]");
    assert!(jun.until(|| jun.origin() == provider.issuer() && jun.path().starts_with("/login/")));
    types("input[name=login]", MATE);
    presses("button:not([name])");
    assert!(jun.until(|| jun.origin() == app.app.config.public_url.origin() && jun.path() == "/console"));
}

#[test]
fn whoever_the_provider_knows_and_the_organization_does_not_is_told_so() {
    let (app, mut provider) = company();
    goes_over(&Window::open(&app), &provider);
    provider.change(|options| options.accounts.push(crate::provider::Account::of("eve@acme.example")));
    let eve = Window { look: Look::Closely, ..Window::open(&app) };
    eve.expects(403);
    names(&eve);
    provider.log_in(&eve, "eve@acme.example");
    eve.sees("This address is not registered in your organization").sees("eve@acme.example").sees("Reference code");
    let cancelled = Window::open(&app);
    cancelled.expects(403);
    names(&cancelled);
    provider.cancel(&cancelled);
    cancelled.sees("you cancelled");
}

#[test]
fn the_provider_is_taken_away_and_the_owner_gets_back_in_by_a_recovery_code() {
    let (app, mut provider) = company();
    let codes = goes_over(&Window::open(&app), &provider);
    app.clock.advance(Duration::minutes(40));
    provider.stop();
    let mina = Window { look: Look::Closely, ..Window::open(&app) };
    mina.expects(403);
    mina.go("/login").click("Use a recovery code").press("Continue").is_refused("Enter something here");
    mina.fill("Organization name", "acme").fill("Email", OWNER).fill("Recovery code", &codes[1]).press("Continue");
    mina.is_at("/login/recovery/confirmation").press("Mail me a code").sees("A code is on its way");
    mina.fill("Password", PASSWORD).press("Confirm").is_at("/repair").sees("You repair the login of acme");
    // Another provider, with a secret of its own.
    provider.options.secret = "another secret of 32 characters!".into();
    provider.restart();
    app.clock.advance(Duration::minutes(2));
    mina.click("Open the IdP settings").is_at("/repair/idp");
    tests(&mina, &provider);
    mina.click("Go on to Save").is_at("/repair/idp/trial");
    saves(&mina, &codes[2]);
    mina.press("Log in through the IdP");
    provider.has_let_go_of(&mina);
    mina.is_at("/console").sees("The IdP integration is in force");
    let jun = Window::open(&app);
    names(&jun);
    provider.log_in(&jun, MATE);
    jun.is_at("/console");
}

#[test]
fn the_provider_is_taken_away_and_the_operator_brings_cloud_accounts_back() {
    let (app, provider) = company();
    goes_over(&Window::open(&app), &provider);
    provider.stop();
    // The command itself, as the operator types it: built beside the tests.
    let program = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("vestibule");
    let mut command = std::process::Command::new(program);
    let folder = std::env::temp_dir();
    command.args(["organization", "recover", "acme"]).current_dir(&folder).env_clear();
    command.env("DATABASE_URL", app.database.url()).env("VESTIBULE_DATA_DIR", &folder);
    command.env("VESTIBULE_SECRET_KEYS", KEYS.as_str());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("logs in with cloud accounts again"), "{said} {}", String::from_utf8_lossy(&output.stderr));
    let mina = Window::open(&app);
    mina.log_in("acme", OWNER).go("/iam/organization/account").sees("Cloud account").sees("Not set up");
}

#[test]
fn a_trial_that_nobody_confirms_is_over_while_nobody_is_logged_in() {
    let (app, provider) = company();
    let mina = Window::open(&app);
    mina.log_in("acme", OWNER).go(SETTINGS);
    tests(&mina, &provider);
    mina.click("Go on to Save").click("Make new recovery codes").press("Make new recovery codes");
    let codes = codes(&mina);
    mina.click("I have kept them");
    saves(&mina, &codes[0]);
    mina.press("Mina Park").press("Log out").is_at("/login");
    let jun = Window::open(&app);
    names(&jun);
    jun.is_at("/login/acme").sees("Your organization is trying out its IdP");
    mina.later(Duration::minutes(16));
    app.clean_up();
    names(&jun);
    jun.is_at("/login/acme").sees_no("Your organization is trying out its IdP");
    assert!(app.mail_to(OWNER).iter().any(|mail| mail.subject.contains("The IdP was not put in force")));
    mina.log_in("acme", OWNER).go("/iam/organization/account").sees("Cloud account").sees("Draft");
}

#[test]
fn a_provider_without_auth_time_never_keeps_the_owner_from_a_fresh_step() {
    let (app, mut provider) = company();
    provider.change(|options| options.tells_auth_time = false);
    let mina = Window { look: Look::Closely, ..Window::open(&app) };
    goes_over(&mina, &provider);
    mina.go("/iam/organization/account/edit").is_at("/confirmation").sees("we mail you a code");
    mina.press("Mail me a code").sees("A code is on its way");
    mina.fill("Code", &app.mailed_code(OWNER)).press("Confirm").is_at("/iam/organization/account/edit");
    // One that tells is asked, and leads back to where one was.
    provider.change(|options| options.tells_auth_time = true);
    mina.go(SETTINGS).press("IdP integration test");
    provider.log_in(&mina, OWNER);
    mina.sees("The test passed");
}

#[test]
fn a_fresh_step_goes_to_the_provider_and_comes_back() {
    let (app, provider) = company();
    let mina = Window { look: Look::Closely, ..Window::open(&app) };
    goes_over(&mina, &provider);

    mina.later(Duration::minutes(11));
    mina.go("/iam/organization/account/edit").is_at("/confirmation").press("Continue to the IdP");
    provider.log_in(&mina, OWNER);
    mina.is_at("/iam/organization/account/edit");
}
