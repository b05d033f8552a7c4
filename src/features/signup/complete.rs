//! A sign-up whose steps are all filled in.

use chrono::Duration;

use crate::base::countries::Country;
use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::organization_name::OrganizationName;
use crate::base::person::{PersonName, Phone};
use crate::features::organizations::{CompanyName, RegistrationNumber};

/// How long an unfinished sign-up is kept.
pub const KEPT: Duration = Duration::hours(24);

/// The company of step 2.
#[derive(Debug, Clone)]
pub struct Member {
    /// Company name.
    pub company: CompanyName,
    /// Country.
    pub country: &'static Country,
    /// Business registration number.
    pub registration: Option<RegistrationNumber>,
    /// Representative's name.
    pub representative: PersonName,
    /// Company phone.
    pub phone: Phone,
    /// Billing and tax-invoice address.
    pub billing: Email,
}

/// The organization and owner of step 3.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Organization name.
    pub name: OrganizationName,
    /// The owner's name.
    pub person: PersonName,
    /// The owner's address.
    pub email: Email,
    /// The owner's mobile number.
    pub mobile: Phone,
}

/// Everything that a completed sign-up says.
#[derive(Debug, Clone)]
pub struct Complete {
    /// Id and version of each term agreed to.
    pub agreed: Vec<(String, String)>,
    /// Step 2.
    pub member: Member,
    /// Step 3.
    pub organization: Organization,
    /// The language of the pages, which becomes the owner's.
    pub language: Language,
}
