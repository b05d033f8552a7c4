//! Organizations: the tenants. What they are called, who stands behind them, how their people log in.

mod closing;
mod company;
pub(crate) mod pasted;
mod store;

pub use closing::{New, is_closed_to};
pub use company::{CompanyName, RegistrationNumber, parse_country};
pub use store::{
    NewOrganization, OrganizationLogin, Overview, claim, has_two_factor, insert, is_in_use, is_unclaimed, login,
    method, name, overview, prolong, unclaimed, unclaimed_until,
};
