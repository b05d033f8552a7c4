//! What the forms of a repair are about: the organization and the owner that their page shows.

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

use super::{LIFETIME, Repair};
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::base::ids::{OrganizationId, UserId};
use crate::web::form_token::{self, NotOpened, Subject};

#[derive(Debug, Serialize, Deserialize)]
struct Recovery {
    organization: OrganizationId,
    user: UserId,
    organization_name: String,
}

impl Subject for Recovery {
    const PURPOSE: &'static str = "owner recovery";

    fn lifetime(_: &App) -> chrono::Duration {
        LIFETIME
    }
}

/// The forms of the answer are about this repair.
pub(super) fn note(request: &HttpRequest, repair: &Repair) {
    let subject = Recovery {
        organization: repair.organization.clone(),
        user: repair.user.clone(),
        organization_name: repair.organization_name.clone(),
    };
    form_token::note(request, &subject);
}

/// Refuses a form whose page showed another repair than the one that the browser has now. The repair decides how long a
/// form is good for.
pub(super) fn named(request: &HttpRequest, repair: &Repair) -> Result<(), Failure> {
    let shown = match form_token::of_request::<Recovery>(request) {
        Ok(shown) | Err(NotOpened::Expired(shown)) => shown,
        Err(NotOpened::NoCookie) => return Err(Failure::NoCookies),
        Err(NotOpened::Missing | NotOpened::Unreadable) => return Err(Failure::NotOurForm),
    };
    match shown.organization == repair.organization && shown.user == repair.user {
        true => Ok(()),
        false => Err(Failure::OtherUser { shown: shown.organization_name, email: None }),
    }
}
