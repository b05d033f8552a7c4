//! Why something did not end well: a closed list, so that no reason can be recorded that has no words.

use super::LoginRefusal;
use crate::platform::oidc;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $word:literal: $label:literal,)*) => {
        /// Why something did not end well.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
            /// Why a person whom the identity provider knows was not let in.
            Login(LoginRefusal),
            /// What an identity provider, or its answer, got wrong.
            Provider(oidc::Reason),
        }

        impl Reason {
            /// Those of our own, in the order of declaration.
            const OWN: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable word that the log holds and programs read.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Login(why) => why.word(),
                    Self::Provider(reason) => reason.word(),
                }
            }

            /// Message id of the words for people.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                    Self::Login(why) => why.text(),
                    Self::Provider(reason) => reason.label(),
                }
            }
        }
    };
}
reasons! {
    /// The request came from another site.
    CrossSite = "cross_site": "audit-reason-cross-site",
    /// The user is deactivated.
    Deactivated = "deactivated": "audit-reason-deactivated",
    /// The caller's roles do not permit it.
    Forbidden = "forbidden": "audit-reason-forbidden",
    /// It failed on our side.
    Internal = "internal": "audit-reason-internal",
    /// The user has a role in the project.
    IsMember = "is_member": "audit-reason-is-member",
    /// The user is the Org Owner.
    IsOwner = "is_owner": "audit-reason-is-owner",
    /// The user is the caller.
    IsYourself = "is_yourself": "audit-reason-is-yourself",
    /// The user's status does not ask for it.
    Standing = "standing": "audit-reason-standing",
    /// The organization's deletion is requested.
    Closing = "closing": "audit-reason-closing",
    /// The organization has as many as it may have.
    Full = "full": "audit-reason-full",
    /// Something is in it.
    InUse = "in_use": "audit-reason-in-use",
    /// The user has never come through the provider.
    NotBound = "not_bound": "audit-reason-not-bound",
    /// The settings were not tested.
    NotTested = "not_tested": "audit-reason-not-tested",
    /// It is no role that can be given.
    NotARole = "not_a_role": "audit-reason-not-a-role",
    /// The link was used already, or its time was over.
    Link = "link": "audit-reason-link",
    /// A lock ended at that moment.
    LockEnded = "lock_ended": "audit-reason-lock-ended",
    /// The account is locked.
    Locked = "locked": "audit-reason-locked",
    /// The provider let an earlier login do where a fresh one was asked for.
    AuthTime = "auth_time": "audit-reason-auth-time",
    /// The provider did not tell when the person logged in.
    AuthTimeMissing = "auth_time_missing": "audit-reason-auth-time-missing",
    /// People log in through a provider.
    IdentityProvider = "identity_provider": "audit-reason-identity-provider",
    /// Mail is not delivered.
    MailWaits = "mail_waits": "audit-reason-mail-waits",
    /// Further refusals of a session or a network, after those that have events of their own.
    More = "more": "audit-reason-more",
    /// The network pauses.
    NetworkPaused = "network_paused": "audit-reason-network-paused",
    /// User or organization may not log in.
    NotAllowed = "not_allowed": "audit-reason-not-allowed",
    /// What has to be confirmed was not, or not in time.
    NotConfirmed = "not_confirmed": "audit-reason-not-confirmed",
    /// A change that could lock its author out was not confirmed a second time.
    NotMeant = "not_meant": "audit-reason-not-meant",
    /// The provider is asked instead.
    ProviderDecides = "provider_decides": "audit-reason-provider-decides",
    /// What was to be changed is not there, or is another organization's.
    NotThere = "not_there": "audit-reason-not-there",
    /// The form does not say which page it was on.
    NotOurForm = "not_our_form": "audit-reason-not-our-form",
    /// The name of an organization is taken, reserved or held.
    NameUnavailable = "name_unavailable": "audit-reason-name-unavailable",
    /// The invitation had ended with its user's deactivation.
    EndedByDeactivation = "ended_by_deactivation": "audit-reason-ended-by-deactivation",
    /// The form was on a page of another login.
    OtherUser = "other_user": "audit-reason-other-user",
    /// From an address outside the allowed ones.
    Outside = "outside": "audit-reason-outside",
    /// On an older version.
    OlderVersion = "older_version": "audit-reason-older-version",
    /// The own address was not in the list.
    OwnAddress = "own_address": "audit-reason-own-address",
    /// No recovery code would lead the owner back.
    NoWayBack = "no_way_back": "audit-reason-no-way-back",
    /// Through a proxy that is not configured.
    UnknownProxy = "unknown_proxy": "audit-reason-unknown-proxy",
    /// Whether it was done is not known.
    OutcomeUnknown = "outcome_unknown": "audit-reason-outcome-unknown",
    /// The session had ended.
    SessionOver = "session_over": "audit-reason-session-over",
    /// Too many sign-ups.
    SignUps = "sign_ups": "audit-reason-sign-ups",
    /// A newer code had been sent.
    ReplacedCode = "replaced_code": "audit-reason-replaced-code",
    /// An administrator took the invitation back.
    Revoked = "revoked": "audit-reason-revoked",
    /// The code was used before.
    SpentCode = "spent_code": "audit-reason-spent-code",
    /// The limit of messages was reached.
    Throttled = "throttled": "audit-reason-throttled",
    /// No SMS go to such a number.
    Unreachable = "unreachable": "audit-reason-unreachable",
    /// No user of the organization has the address.
    UnknownAddress = "unknown_address": "audit-reason-unknown-address",
    /// There is no such organization.
    UnknownOrganization = "unknown_organization": "audit-reason-unknown-organization",
    /// There is no such user.
    UnknownUser = "unknown_user": "audit-reason-unknown-user",
    /// The proxy names no client.
    UnreadableAddress = "unreadable_address": "audit-reason-unreadable-address",
    /// The code was wrong.
    WrongCode = "wrong_code": "audit-reason-wrong-code",
    /// Too many wrong codes.
    WrongCodes = "wrong_codes": "audit-reason-wrong-codes",
    /// The password was wrong.
    WrongPassword = "wrong_password": "audit-reason-wrong-password",
}

impl Reason {
    /// The reason of a word; `None` where another version of the program wrote it.
    pub fn from_word(word: &str) -> Option<Self> {
        let own = Self::OWN.iter().copied().find(|reason| reason.word() == word);
        own.or_else(|| LoginRefusal::from_word(word).map(Self::Login))
            .or_else(|| oidc::Reason::from_word(word).map(Self::Provider))
    }

    /// Every reason.
    #[cfg(test)]
    fn all() -> impl Iterator<Item = Self> {
        let (login, provider) = (LoginRefusal::ALL.iter().map(|why| Self::Login(*why)), oidc::Reason::ALL.iter());
        Self::OWN.iter().copied().chain(login).chain(provider.map(|reason| Self::Provider(*reason)))
    }
}

impl From<LoginRefusal> for Reason {
    fn from(why: LoginRefusal) -> Self {
        Self::Login(why)
    }
}

impl From<oidc::Reason> for Reason {
    fn from(reason: oidc::Reason) -> Self {
        Self::Provider(reason)
    }
}

/// An error of a change: whether it is a refusal, and why. [`crate::access::Actor::write`] asks for it, so that no refused
/// change is without its event.
pub trait Refusal {
    /// The reason; `None` where something was typed wrongly, is not there, or failed.
    fn refusal(&self) -> Option<Reason>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::{Language, Text};

    #[test]
    fn every_reason_has_words_in_every_language_and_is_read_back() {
        for reason in Reason::all() {
            let read = Reason::from_word(reason.word()).expect("it is read back");
            assert_eq!(read.word(), reason.word());
            for language in Language::ALL {
                let words = Text::new(read.label()).say(*language);
                assert!(!words.is_empty() && !words.contains(read.label()), "{reason:?} in {language:?}: {words}");
            }
        }
    }
}
