//! Logging out.

use crate::web::returns::ReturnTo;
use serde::Deserialize;

use crate::access::{Visitor, take_cookie};
use crate::base::i18n::Text;
use crate::base::organization_name::OrganizationName;
use crate::base::urls;
use crate::features::account;
use crate::web::form_owner::named_session;
use crate::web::{Form, Reply, see_other};

/// `GET /logout`: logging out is a change, so there is only the way back.
pub async fn logout_page(visitor: Visitor) -> Reply {
    Ok(see_other(if visitor.has_session() { urls::CONSOLE } else { urls::LOGIN }))
}

/// Where to log in next.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LogoutForm {
    organization: String,
    email: String,
    next: String,
}

/// `POST /logout`: the session whose page the button was on ends, and nothing of it is shown from Back (ASVS 14.3.1).
pub async fn log_out(visitor: Visitor, form: Form<LogoutForm>) -> Reply {
    let clear = actix_web::http::header::HeaderName::from_static("clear-site-data");
    let known = named_session(visitor.request())?.map(|identity| {
        (identity.organization.clone(), identity.user.clone(), identity.session.clone(), identity.name.clone())
    });
    if let Some((organization, user, session, name)) = known {
        visitor.write(move |tx| account::log_out(tx, &organization, &user, &session, &name)).await?;
    }
    take_cookie(visitor.request());
    let next = match OrganizationName::read(&form.organization) {
        Ok(name) => urls::login(&name, ReturnTo::parse(visitor.app(), &form.next).next(), &form.email),
        Err(_) => urls::LOGIN.to_owned(),
    };
    Ok(see_other(next).notice(Text::new("login-logged-out")).header(clear, "\"storage\""))
}
