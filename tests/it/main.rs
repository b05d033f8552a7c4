//! Flows and invariants over HTTP, on the engine that `TEST_DATABASE` names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

#[path = "../support/mod.rs"]
mod support;

mod account;
mod api;
mod arguments;
mod attacks;
mod audit;
mod authenticator;
mod backup;
mod billing;
mod billing_commands;
mod cli;
mod code_counts;
mod crash;
mod data_folder;
mod decisions;
mod deletion;
mod deliveries;
mod factors;
mod faults;
mod form_owners;
mod form_tokens;
mod idp;
mod input;
mod instances;
mod invariants;
mod late_forms;
mod links;
mod links_of_others;
mod login;
mod login_urls;
mod mail;
mod main_job;
mod oidc;
mod older_versions;
mod operations;
mod operator;
mod outbound;
mod outbound_proxy;
mod packaging;
mod policies;
mod process;
mod projects;
mod races;
mod races_deletion;
mod races_idp;
mod races_policies;
mod races_users;
mod registration;
mod registration_again;
mod resources;
mod rotation;
mod security_document;
mod sessions;
mod settings;
mod signup;
mod sms;
mod smtp;
mod surroundings;
mod surroundings_http;
mod surroundings_process;
mod throttle;
mod two_factor;
mod two_factor_policy;
mod typed;
mod users;
mod users_list;
mod users_plans;

/// Rounds of a race or crash: `preset`, or what `RACE_ROUNDS` says.
fn rounds(preset: usize) -> usize {
    std::env::var("RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(preset)
}
