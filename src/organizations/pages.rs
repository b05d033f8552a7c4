//! IAM > Manage organization.

use askama::Template;

use super::store::{self, Overview};
use crate::auth::{Actor, ManageLogin, ManageOwnership, Permission, ViewOrganization};
use crate::countries;
use crate::i18n::filters;
use crate::urls;
use crate::web::{Answer, Reply};

#[derive(Template)]
#[template(path = "organizations/account.html")]
struct AccountPage {
    overview: Overview,
    country: String,
    owns: bool,
    may_modify: bool,
}
crate::pages! { AccountPage; }

/// `GET /iam/organization/account`.
pub async fn account(actor: Actor<ViewOrganization>) -> Reply {
    let overview = actor.read(store::overview).await?;
    let country = countries::find(&overview.country)
        .map_or(overview.country.clone(), |country| country.name(actor.language()).to_owned());
    let (owns, may_modify) = (actor.identity().holds(ManageOwnership::RULE), actor.identity().holds(ManageLogin::RULE));
    Ok(Answer::page(AccountPage { overview, country, owns, may_modify }))
}
