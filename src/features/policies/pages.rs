//! IAM > Manage organization > Security: both settings as they stand, and what they were.

use askama::Template;

use super::versions::{self, SHOWN, Version};
use super::{Policy, access, expiration};
use crate::access::decisions::console_access::ConsoleAccess;
use crate::access::decisions::expiration::Expiration;
use crate::access::{Actor, ManageSecurity, Permission, ViewOrganization};
use crate::base::i18n::filters;
use crate::base::organization::LoginMethod;
use crate::base::urls;
use crate::features::organizations;
use crate::platform::store::StoreError;
use crate::web::{Answer, Reply};

#[derive(Template)]
#[template(path = "policies/security.html")]
struct SecurityPage {
    organization: String,
    may_change: bool,
    by_provider: bool,
    expiration: Expiration,
    access: ConsoleAccess,
    histories: Vec<(Policy, Vec<Version>)>,
}

crate::pages! { SecurityPage; }

impl SecurityPage {
    /// Where an older version of a policy is brought back, for who may.
    fn back(&self, policy: &Policy) -> &'static str {
        match policy {
            Policy::PasswordExpiration if self.may_change && !self.by_provider => urls::EXPIRATION,
            Policy::ConsoleAccess if self.may_change => urls::ACCESS,
            _ => "",
        }
    }
}

/// `GET /iam/organization/security`.
pub async fn show(actor: Actor<ViewOrganization>) -> Reply {
    let found = actor.read(|tx| {
        let organization = tx.organization().clone();
        let method = organizations::method(tx, &organization)?;
        let mut histories = Vec::new();
        for policy in [Policy::PasswordExpiration, Policy::ConsoleAccess] {
            histories.push((policy, versions::newest(tx, &organization, policy, SHOWN)?));
        }
        let expiration = expiration::policy(tx, &organization)?;
        Ok::<_, StoreError>((method, expiration, access::policy(tx, &organization)?, histories))
    });
    let (method, expiration, access, histories) = found.await?;
    Ok(Answer::page(SecurityPage {
        organization: actor.identity().organization_name.clone(),
        may_change: actor.identity().holds(ManageSecurity::RULE),
        by_provider: method == LoginMethod::IdpAccount,
        expiration,
        access,
        histories,
    }))
}
