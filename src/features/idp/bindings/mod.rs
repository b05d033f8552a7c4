//! By what a provider knows a user: issuer and subject, or tenant and object. Once there, this alone decides who somebody
//! is; an address that changed hands lets nobody in (ASVS 6.8.1, 10.5.2).

mod store;

pub use store::{insert, of_subject, of_user, remove, remove_all};

use crate::base::moment::Moment;
use crate::platform::oidc::Key;

/// A user and the person at the provider.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The person at the provider.
    pub subject: Key,
    /// The address that the provider sent when they were bound.
    pub address: String,
    /// When.
    pub at: Moment,
}
