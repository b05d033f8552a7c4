//! One folder for each feature.

pub mod account;
pub mod administration;
pub mod audit;
pub mod billing;
pub mod deletion;
pub mod directory;
pub mod export;
pub mod factors;
pub mod idp;
pub mod links;
pub mod login;
pub mod organization_account;
pub mod organizations;
pub mod ownership;
pub mod passwords;
pub mod policies;
pub mod projects;
pub mod registration;
pub mod rotation;
pub mod signup;
pub mod two_factor;
pub mod users;
