//! Arguments that name something are read like what is typed into a page, in whatever case and width, and sentences repeat
//! what was read.

use std::convert::Infallible;

use crate::base::email::Email;
use crate::base::organization_name::OrganizationName;
use crate::base::text::typed::plain;

/// The name of an organization.
pub(crate) fn organization(typed: &str) -> Result<String, Infallible> {
    Ok(OrganizationName::sought(typed))
}

/// An email address; what is none stays for the complaint.
pub(crate) fn email(typed: &str) -> Result<String, Infallible> {
    Ok(Email::parse(typed).map_or_else(|_| plain(typed), |email| email.to_string()))
}

/// An id of ours, which is written in lower case.
pub(crate) fn id(typed: &str) -> Result<String, Infallible> {
    Ok(plain(typed).to_lowercase())
}
