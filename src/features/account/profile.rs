//! What a user may change of the own profile.

use chrono_tz::Tz;

use crate::base::i18n::Language;
use crate::base::person::PersonName;

/// What a user may change of the own profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Name.
    pub name: PersonName,
    /// What the user wants to be called.
    pub nickname: Option<PersonName>,
    /// Language of pages and mails.
    pub language: Language,
    /// Time zone.
    pub zone: Tz,
}
