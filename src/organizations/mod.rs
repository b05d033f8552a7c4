//! Organizations: the tenants. What they are called, who stands behind them, how their people log in.

mod company;
pub mod deletion;
pub mod export;
mod name;
pub mod ownership;
pub mod pages;
pub mod store;
pub mod two_factor;

pub use company::{CompanyName, RegistrationNumber, parse_country};
pub use name::{NameInPath, OrganizationName};

words! {
    /// Where an organization stands in its life.
    State {
        /// Signed up; its owner has not registered a password yet.
        AwaitingOwner = "awaiting_owner",
        /// In use.
        Active = "active",
        /// Closed by the operator for now.
        Suspended = "suspended",
        /// Gone for everybody; its rows are being erased.
        Erasing = "erasing",
    }
}

words! {
    /// How the people of an organization log in.
    LoginMethod {
        /// E-mail and password here.
        CloudAccount = "cloud_account",
        /// At the organization's own identity provider.
        IdpAccount = "idp_account",
    }
}
