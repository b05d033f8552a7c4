//! Arguments that name something are read like what is typed into a page, in whatever case and width, and sentences repeat
//! what was read.

use crate::base::email::Email;
use crate::base::login_url::in_login_url;
use crate::base::organization_name::OrganizationName;
use crate::base::text::typed::{bare, plain};
use crate::platform::config::is_public_host;

/// The name of an organization, or its login URL. The URL of another installation is refused: its organization is not ours.
pub(crate) fn organization(typed: &str) -> Result<String, String> {
    let read = present(typed)?;
    if let Some(name) = in_login_url(typed, is_public_host) {
        return Ok(name);
    }
    match in_login_url(typed, |_| true) {
        Some(_) => {
            Err("this login URL is not one of VESTIBULE_PUBLIC_URL: type the name of the organization".to_owned())
        }
        None => Ok(OrganizationName::sought(&read)),
    }
}

/// An email address; what is none stays for the complaint.
pub(crate) fn email(typed: &str) -> Result<String, String> {
    let read = present(typed)?;
    Ok(Email::parse(typed).map_or(read, |email| email.to_string()))
}

/// An id of ours, which is written in lower case.
pub(crate) fn id(typed: &str) -> Result<String, String> {
    Ok(present(typed)?.to_lowercase())
}

/// What was typed, in one spelling; fails where nothing was.
pub(crate) fn present(typed: &str) -> Result<String, String> {
    match bare(&plain(typed)) {
        "" => Err("it is empty".to_owned()),
        read => Ok(read.to_owned()),
    }
}
