//! "Mail me my organizations".

use askama::Template;
use serde::Deserialize;

use crate::access::Visitor;
use crate::base::email::Email;
use crate::base::i18n::filters;
use crate::features::login::forgotten;
use crate::web::{Answer, Form, Problems, Reply};

#[derive(Template)]
#[template(path = "login/organizations.html", blocks = ["form"])]
struct OrganizationsPage {
    form: EmailForm,
    problems: Problems,
    sent: bool,
}

crate::pages! { OrganizationsPage { form }; }

/// One e-mail address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    email: String,
}

/// `GET /login/organizations`.
pub async fn organizations(_: Visitor) -> Reply {
    Ok(Answer::page(OrganizationsPage { form: EmailForm::default(), problems: Problems::default(), sent: false }))
}

/// `POST /login/organizations`: the same answer for every address.
pub async fn mail_organizations(visitor: Visitor, form: Form<EmailForm>) -> Reply {
    let email = match Email::parse(&form.email) {
        Ok(email) => email,
        Err(problem) => {
            let problems = Problems::one("email", problem);
            return Ok(Answer::refused(OrganizationsPage { form: form.0, problems, sent: false }));
        }
    };
    let (config, language) = (visitor.app().config.clone(), visitor.language());
    visitor.write(move |tx| forgotten::mail_organizations(tx, &email, language, &config)).await?;
    Ok(Answer::page(OrganizationsPage { form: form.0, problems: Problems::default(), sent: true }))
}
