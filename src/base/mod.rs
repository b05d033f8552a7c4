//! Values, time, chance, texts and messages. Knows nothing of the product around it.

pub mod public_url;
pub mod urls;
#[macro_use]
pub mod columns;
pub mod browser_name;
pub mod calendar;
pub mod cause;
pub mod characters;
pub mod clock;
pub mod countries;
pub mod digest;
pub mod email;
pub mod entropy;
pub mod from_path;
pub mod i18n;
pub mod ids;
pub mod login_url;
pub mod moment;
pub mod network;
pub mod organization;
pub mod organization_name;
pub mod person;
pub mod problem;
pub mod project_id;
pub mod project_role;
pub mod text;
pub mod user;
