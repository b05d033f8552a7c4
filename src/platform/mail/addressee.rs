//! Whom mails go to.

use diesel::Queryable;

use crate::base::email::Email;
use crate::base::i18n::Language;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::user::Status;

/// Whom a mail goes to.
#[derive(Debug, Clone, Queryable)]
pub struct Addressee {
    /// Id.
    pub id: UserId,
    /// Their organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Address.
    pub email: Email,
    /// Name.
    pub name: String,
    /// Language.
    pub language: Language,
    /// Time zone by name.
    pub time_zone: String,
    /// Status.
    pub status: Status,
}

impl Addressee {
    /// A moment in this person's zone and in the language of the page.
    pub fn local(&self, moment: Moment, language: Language) -> String {
        crate::base::i18n::absolute(moment, self.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC), language)
    }
}
