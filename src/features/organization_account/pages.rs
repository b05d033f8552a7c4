//! IAM > Manage organization.

use askama::Template;

use crate::access::{Actor, ManageLogin, ManageOwnership, Permission, ViewOrganization};
use crate::base::i18n::filters;
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::{countries, urls};
use crate::features::audit::{RefusedLogin, refused_logins};
use crate::features::deletion;
use crate::features::idp::{self, Providers};
use crate::features::organizations::{self, Overview};
use crate::features::policies::Policy;
use crate::features::policies::versions::{self, SHOWN, Version};
use crate::platform::store::{StoreError, Tx};
use crate::web::{Answer, Reply};

/// What a policy was, and where an older value is brought back; empty where none is.
type History = (Policy, Vec<Version>, &'static str);

#[derive(Template)]
#[template(path = "organizations/account.html")]
struct AccountPage {
    overview: Overview,
    country: String,
    owns: bool,
    may_modify: bool,
    providers: Providers,
    refusals: Vec<RefusedLogin>,
    codes: Option<i64>,
    histories: Vec<History>,
    deletion: Option<deletion::Request>,
    now: Moment,
}
crate::pages! { AccountPage; }

impl AccountPage {
    /// Whole days until the client secret stops working; negative after that.
    fn secret_days(&self) -> Option<i64> {
        self.providers.in_force.as_ref().and_then(|settings| settings.secret_days(self.now))
    }
}

/// What the page shows beside the organization itself.
struct Shown {
    providers: Providers,
    refusals: Vec<RefusedLogin>,
    codes: Option<i64>,
    histories: Vec<History>,
    deletion: Option<deletion::Request>,
}

fn shown(tx: &mut Tx<'_, ViewOrganization>, may_modify: bool) -> Result<Shown, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let providers = idp::providers(tx, &organization)?;
    let refusals = if providers.method == LoginMethod::IdpAccount { refused_logins(tx)? } else { Vec::new() };
    let codes = match may_modify {
        true => Some(idp::recovery::count(tx, &organization, &user)?),
        false => None,
    };
    // There is no way back to cloud accounts, and IdP values change by test and trial alone.
    let restores = may_modify && providers.method == LoginMethod::CloudAccount;
    let back = if restores { urls::ORGANIZATION_ACCOUNT_EDIT } else { "" };
    let mut histories = Vec::new();
    for (policy, back) in [(Policy::LoginMethod, ""), (Policy::TwoFactor, back)] {
        histories.push((policy, versions::newest(tx, &organization, policy, SHOWN)?, back));
    }
    let deletion = deletion::open_request(tx, &organization)?;
    Ok(Shown { providers, refusals, codes, histories, deletion })
}

/// `GET /iam/organization/account`.
pub async fn account(actor: Actor<ViewOrganization>) -> Reply {
    let (owns, may_modify) = (actor.identity().holds(ManageOwnership::RULE), actor.identity().holds(ManageLogin::RULE));
    let overview = actor.read(organizations::overview).await?;
    let country = countries::find(&overview.country).map(|country| country.name(actor.language()).to_owned());
    let country = country.unwrap_or_else(|| overview.country.clone());
    let Shown { providers, refusals, codes, histories, deletion } = actor.read(move |tx| shown(tx, may_modify)).await?;
    let now = actor.app().clock().now();
    Ok(Answer::page(AccountPage {
        overview,
        country,
        owns,
        may_modify,
        providers,
        refusals,
        codes,
        histories,
        deletion,
        now,
    }))
}
