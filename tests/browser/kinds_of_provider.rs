//! A certified provider in the ways in which providers of the world differ from each other: each ends in a login, or in words
//! that name the cause and the next step.

use serde_json::{Value, json};

use crate::idp::{OWNER, SETTINGS, company, fills, goes_over, names};
use crate::provider::Provider;
use crate::support::TestApp;
use crate::window::Window;

const EDIT: &str = "/iam/organization/account/edit";

/// Logs in at the provider from a new browser.
fn logs_in<'a>(app: &'a TestApp, provider: &Provider) -> Window<'a> {
    let window = Window::open(app);
    names(&window);
    provider.log_in(&window, OWNER);
    window
}

#[test]
fn a_provider_that_ignores_max_age_leads_to_a_mailed_code() {
    let (app, mut provider) = company();
    let owner = Window::open(&app);
    goes_over(&owner, &provider);
    provider.change(|options| options.ignores_max_age = true);
    owner.later(chrono::Duration::minutes(15));
    owner.go(EDIT).is_at("/confirmation").press("Continue to the IdP");
    provider.has_let_go_of(&owner);
    owner.is_at("/confirmation").sees("The IdP let you in by an earlier login");
    owner.fill("Code", &app.mailed_code(OWNER)).press("Confirm").is_at(EDIT);
    // A test proves nothing by such a login, and says what to do.
    owner.later(chrono::Duration::minutes(2));
    owner.go(SETTINGS);
    fills(&owner, &provider);
    owner.press("IdP integration test");
    provider.has_let_go_of(&owner);
    owner.sees("The test failed").sees("Log out at the IdP, then test again");
}

#[test]
fn a_provider_that_sends_auth_time_0_passes_its_test_and_leads_to_a_mailed_code() {
    let (app, mut provider) = company();
    provider.change(|options| options.id_token = json!({"auth_time": 0}));
    let owner = Window::open(&app);
    goes_over(&owner, &provider);
    owner.later(chrono::Duration::minutes(15));
    owner.go(EDIT).is_at("/confirmation").press("Mail me a code");
    owner.fill("Code", &app.mailed_code(OWNER)).press("Confirm").is_at(EDIT);
}

#[test]
fn other_audiences_are_accepted_with_our_azp_and_named_without() {
    let (app, mut provider) = company();
    let client = provider.options.client_id.clone();
    provider.change(|options| options.id_token = json!({"aud": [client, "285"], "azp": client}));
    let owner = Window::open(&app);
    goes_over(&owner, &provider);
    logs_in(&app, &provider).is_at("/console");
    provider.change(|options| options.id_token = json!({"aud": [client, "285"]}));
    let refused = Window::open(&app);
    refused.expects(403);
    names(&refused);
    provider.log_in(&refused, OWNER);
    refused.sees("does not work at the moment");
    owner.go("/iam/organization/account").sees("for several without naming this one (azp). Check the Client ID");
}

#[test]
fn claims_of_odd_types_that_decide_nothing_keep_nobody_out() {
    let (app, mut provider) = company();
    let owner = Window::open(&app);
    goes_over(&owner, &provider);
    let all: Value = json!({
        "amr": "pwd", "acr": 1, "email_verified": 1, "email": ["a"], "preferred_username": 42, "phone_number": 5,
        "address": "Seoul", "locale": {}, "updated_at": "1700000000", "birthdate": 1980, "name": ["a"], "name#": 7,
        "auth_time": "1700000000", "azp": null,
    });
    provider.change(|options| options.id_token = all);
    logs_in(&app, &provider).is_at("/console");
}

#[test]
fn keys_replaced_under_one_name_are_fetched_and_keys_of_an_application_are_found() {
    let (app, mut provider) = company();
    provider.change(|options| {
        options.key_id = Some("signing");
        options.keys_by_client = true;
    });
    let owner = Window::open(&app);
    goes_over(&owner, &provider);
    logs_in(&app, &provider).is_at("/console");
    provider.rotate_keys();
    logs_in(&app, &provider).is_at("/console");
}
