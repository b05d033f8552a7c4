//! Organizations: the tenants. What they are called, who stands behind them, how their people log in.

mod closing;
mod company;
pub(crate) mod pasted;
pub mod store;

pub use closing::{New, is_closed_to};
pub use company::{CompanyName, RegistrationNumber, parse_country};
pub use store::{Overview, overview};
