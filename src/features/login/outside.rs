//! Logins from addresses that an organization is not open to: turned away before anything is looked at, with a code that an
//! administrator finds the event by (docs/rules.md section 6).

use std::net::IpAddr;

use crate::access::Method;
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::base::i18n::Text;
use crate::features::organizations::OrganizationLogin;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::Origin;

/// The code of the event, when the organization is not open to where the login comes from.
pub(crate) async fn keep_out(
    app: &App,
    origin: &Origin,
    organization: Option<&OrganizationLogin>,
    method: Method,
) -> Result<Option<String>, Failure> {
    let now = app.clock().now();
    let Some(organization) = organization else { return Ok(None) };
    if !organization.keeps_out(origin.address, now)? {
        return Ok(None);
    }
    let organization = organization.id.clone();
    let noted = app.store.write(origin.clone(), move |tx| {
        let event = Event::refused(Kind::Login, Reason::Outside).within(&organization).with("method", method.word());
        tx.record_referenced(event)
    });
    Ok(Some(noted.await?))
}

/// Why no login is possible from an address, and what an administrator finds the event by.
pub(crate) fn words(address: Option<IpAddr>, reference: &str) -> Text {
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    Text::new("login-outside").with("address", address).with("reference", reference)
}
