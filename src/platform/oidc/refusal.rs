//! Why a login or a set-up is refused: a stable word for the audit log, a calm sentence for whoever logs in, and a hint for
//! owners. What the provider said is never more than a bounded, printable part of it.

use serde::{Deserialize, Serialize};

use super::checks::Check;
use super::hints;
use crate::base::i18n::Text;
use crate::platform::outbound::OutboundError;

words! {
    /// What was wrong; the word is what the audit log holds.
    Reason {
        /// The authorization URL is none.
        AuthorizationUrl = "authorization_url",
        /// The token URL is none.
        TokenUrl = "token_url",
        /// The issuer URL is none.
        IssuerUrl = "issuer_url",
        /// No issuer was given, and none could be found from the authorization URL.
        IssuerNeeded = "issuer_needed",
        /// Authorization and token URL belong to two tenants.
        TwoTenants = "two_tenants",
        /// The tenant stands for accounts of many organizations.
        ManyTenants = "many_tenants",
        /// The URL is of version 1.
        Version1 = "version_1",
        /// The tenant is of Azure AD B2C.
        B2c = "b2c",
        /// The tenant is of Entra External ID, which follows the standard.
        ExternalId = "external_id",
        /// The host is another name of the one that issues.
        AliasHost = "alias_host",
        /// There are no metadata, or they cannot be read.
        Discovery = "discovery",
        /// The metadata name another issuer.
        DiscoveryIssuer = "discovery_issuer",
        /// The metadata name another authorization endpoint.
        AuthorizationEndpoint = "authorization_endpoint",
        /// The metadata name another token endpoint.
        TokenEndpoint = "token_endpoint",
        /// The provider does not offer the code flow.
        CodeFlow = "code_flow",
        /// The provider signs with no algorithm of the list.
        Algorithms = "algorithms",
        /// The provider does not offer the chosen client authentication.
        AuthenticationMethod = "authentication_method",
        /// No usable key is published, or the keys cannot be read.
        Keys = "keys",
        /// The only keys that are published are RSA keys too short or too long.
        KeySize = "key_size",
        /// A parameter of the answer stands twice, or is far too long.
        Parameters = "parameters",
        /// The answer belongs to another login.
        State = "state",
        /// The login took longer than ten minutes.
        Late = "late",
        /// The settings were changed while the person was away.
        Changed = "changed",
        /// The answer comes from another provider, or does not name its own as promised.
        AnswerIssuer = "answer_iss",
        /// The person or the provider said no.
        Denied = "access_denied",
        /// The provider answered with another error.
        ProviderError = "provider_error",
        /// The answer holds neither a code nor an error.
        NoCode = "code_missing",
        /// Client id or secret is wrong, or expired.
        InvalidClient = "invalid_client",
        /// The code was used, has expired or belongs to another.
        InvalidGrant = "invalid_grant",
        /// The token endpoint answered with another error.
        TokenError = "token_error",
        /// What the token endpoint answered holds no ID token.
        TokenAnswer = "token_answer",
        /// The provider could not be asked.
        Network = "network",
        /// The ID token cannot be read.
        Malformed = "malformed",
        /// The ID token is encrypted.
        Encrypted = "encrypted",
        /// A claim of the ID token stands twice.
        Duplicate = "duplicate",
        /// The token is of another kind.
        Type = "typ",
        /// The subject is missing, empty or too long.
        Subject = "sub",
        /// Another issuer signed.
        Issuer = "iss",
        /// The person is of another tenant.
        Tenant = "tid",
        /// The token is for another client, or for others too without naming us as its party.
        Audience = "aud",
        /// The token was issued to another client.
        AuthorizedParty = "azp",
        /// The signature's algorithm is not on the list.
        Algorithm = "alg",
        /// No published key is the one that signed.
        Key = "key",
        /// Several keys fit and the token names none; events of earlier versions, which did not try them all.
        AmbiguousKey = "ambiguous_key",
        /// The signature is wrong.
        Signature = "signature",
        /// The token has expired, or does not say when.
        Expired = "exp",
        /// The token is not valid yet.
        NotYet = "nbf",
        /// The token was issued long ago or in the future, or does not say when.
        IssuedAt = "iat",
        /// The access token beside it is another one.
        AccessTokenHash = "at_hash",
        /// The token was made for another login.
        Nonce = "nonce",
        /// The person logged in longer ago than was asked for.
        AuthTime = "auth_time",
        /// The person logged in at a time that is still to come.
        AuthTimeAhead = "auth_time_ahead",
        /// What was told about the person is about another.
        UserinfoSubject = "userinfo_sub",
        /// The address matches nobody.
        Address = "email",
        /// What the provider sent in the place of an address is none.
        NotAnAddress = "email_malformed",
        /// The provider sent no address.
        NoAddress = "email_missing",
        /// The provider does not say that the address is theirs.
        Unverified = "email_verified",
        /// The person is another than the one the user is bound to.
        BoundElsewhere = "another_subject",
    }
}

/// Most characters of what a provider said.
const LONGEST_QUOTE: usize = 200;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// What was wrong.
    pub reason: Reason,
    /// What it was wrong with, for owners: the value found, or the corrected one.
    pub about: Option<String>,
    /// What the provider said, for owners.
    pub said: Option<Said>,
    /// Why it could not be asked.
    pub network: Option<OutboundError>,
    /// By how many seconds the provider's clock is ahead of ours; negative where ours is ahead.
    #[serde(default)]
    pub clock: Option<i64>,
}

/// What a provider said when it refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The `error` of OAuth, or nothing that is one.
    pub error: Option<String>,
    /// The number of Azure's own error.
    pub number: Option<u32>,
}

impl Said {
    /// Reads what stands in the parameters or the body of an error.
    pub(super) fn new(error: Option<&str>, description: Option<&str>, number: Option<u32>) -> Self {
        let word = |text: &&str| {
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        let in_words = || {
            let digits = description?.split_once("AADSTS")?.1;
            digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        };
        Self { error: error.filter(word).map(str::to_owned), number: number.or_else(in_words) }
    }
}

impl Said {
    /// Reads what stands in the address that a browser came back by.
    pub(super) fn by_browser(error: &str, description: Option<&str>) -> Self {
        let said = Self::new(Some(error), description, None);
        Self { number: said.number.filter(|number| !hints::is_of_the_secret(*number)), ..said }
    }
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self { reason, about: None, said: None, network: None, clock: None }
    }
}

impl From<OutboundError> for Refused {
    fn from(error: OutboundError) -> Self {
        Self { network: Some(error), ..Reason::Network.into() }
    }
}

impl Refused {
    /// With what it was wrong with.
    pub fn about(reason: Reason, value: impl AsRef<str>) -> Self {
        let printable = value.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c });
        Self { about: Some(printable.take(LONGEST_QUOTE).collect()), ..reason.into() }
    }

    /// With what the provider said.
    pub(super) fn saying(reason: Reason, said: Said) -> Self {
        Self { said: Some(said), ..reason.into() }
    }

    /// A failure to ask, where it counts as another reason.
    pub(super) fn unasked(reason: Reason, error: OutboundError) -> Self {
        Self { network: Some(error), ..reason.into() }
    }

    /// With how far the provider's clock is ahead.
    pub(super) fn by_clock(self, ahead: i64) -> Self {
        Self { clock: Some(ahead), ..self }
    }

    /// Whether the provider refused the client's own secret. What Azure says of an application that is disabled or asks in
    /// another way has the same name and another number.
    pub fn is_about_the_secret(&self) -> bool {
        let number = self.said.as_ref().and_then(|said| said.number);
        self.reason == Reason::InvalidClient && number.is_none_or(hints::is_of_the_secret)
    }

    /// The calm sentence for whoever logs in: it holds nothing that the provider said.
    pub fn for_users(&self) -> Text {
        match (self.network, self.clock) {
            (Some(error), _) if error.may_pass() => Text::new("oidc-user-unreachable"),
            (Some(_), _) => Text::new("oidc-user-settings"),
            (None, Some(ahead)) => clock(ahead, ["oidc-user-clock-ahead", "oidc-user-clock-behind"]),
            (None, None) => self.reason.for_users(),
        }
    }

    /// The hint for owners: what the error's number means where that is known, else what the reason means.
    pub fn for_owners(&self) -> Text {
        let number = self.said.as_ref().and_then(|said| said.number);
        match (number.and_then(hints::of), self.network, self.clock) {
            (Some(hint), ..) => hint,
            (None, Some(error), _) => error.into(),
            (None, None, Some(ahead)) => of_clock(ahead),
            (None, None, None) => self.reason.for_owners(),
        }
    }

    /// The provider's own error by its number or name, for owners who look it up.
    pub fn code(&self) -> Option<String> {
        let said = self.said.as_ref()?;
        said.number.map(|number| format!("AADSTS{number}")).or_else(|| said.error.clone())
    }
}

fn clock(ahead: i64, [provider, own]: [&'static str; 2]) -> Text {
    Text::new(if ahead > 0 { provider } else { own }).with("seconds", ahead.saturating_abs())
}

/// Whose clock is ahead, for owners.
pub fn of_clock(ahead: i64) -> Text {
    clock(ahead, ["oidc-clock-ahead", "oidc-clock-behind"])
}

impl Reason {
    /// The hint for owners, with the provider's own error as [`Refused::code`] gave it.
    pub fn with_code(self, code: Option<&str>) -> Text {
        let number = code.and_then(|code| code.strip_prefix("AADSTS")?.parse().ok());
        number.and_then(hints::of).unwrap_or_else(|| self.for_owners())
    }

    /// The check that failed.
    pub fn check(self) -> Check {
        match self {
            Self::AuthorizationUrl
            | Self::TokenUrl
            | Self::IssuerUrl
            | Self::IssuerNeeded
            | Self::TwoTenants
            | Self::ManyTenants
            | Self::Version1
            | Self::B2c
            | Self::ExternalId
            | Self::AliasHost
            | Self::Discovery
            | Self::DiscoveryIssuer
            | Self::AuthorizationEndpoint
            | Self::TokenEndpoint
            | Self::CodeFlow
            | Self::Algorithms
            | Self::AuthenticationMethod
            | Self::Keys
            | Self::KeySize => Check::Discovery,
            Self::Parameters
            | Self::State
            | Self::Late
            | Self::Changed
            | Self::Denied
            | Self::ProviderError
            | Self::NoCode
            | Self::InvalidClient
            | Self::InvalidGrant
            | Self::TokenError
            | Self::TokenAnswer
            | Self::Network
            | Self::Malformed
            | Self::Encrypted
            | Self::Duplicate
            | Self::Type
            | Self::Subject => Check::Token,
            Self::AnswerIssuer | Self::Issuer | Self::Tenant => Check::Issuer,
            Self::Audience | Self::AuthorizedParty => Check::Audience,
            Self::Algorithm | Self::Key | Self::AmbiguousKey | Self::Signature | Self::AccessTokenHash => {
                Check::Signature
            }
            Self::Expired | Self::NotYet | Self::IssuedAt => Check::Times,
            Self::Nonce => Check::Nonce,
            Self::AuthTime | Self::AuthTimeAhead => Check::AuthTime,
            Self::UserinfoSubject
            | Self::Address
            | Self::NotAnAddress
            | Self::NoAddress
            | Self::Unverified
            | Self::BoundElsewhere => Check::Email,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Language;

    #[test]
    fn what_a_provider_says_is_cut_to_a_name_and_a_number() {
        let script = Said::new(Some("<script>alert(1)</script>"), Some("AADSTS65004: <b>no</b>"), None);
        assert_eq!(script, Said { error: None, number: Some(65004) });
        assert_eq!(Said::new(Some("access_denied"), Some("AADSTS"), None).number, None);
        assert_eq!(Said::new(Some(&"x".repeat(65)), None, None).error, None);
        // What only the token endpoint says is not believed of a browser.
        assert_eq!(Said::by_browser("access_denied", Some("AADSTS7000222: expired")).number, None);
        assert_eq!(Said::by_browser("access_denied", Some("AADSTS50105: not assigned")).number, Some(50105));
        let long = Refused::about(Reason::Issuer, format!("a\nb{}", "x".repeat(1000)));
        assert_eq!(long.about.as_ref().map(String::len), Some(LONGEST_QUOTE));
        assert!(!long.about.unwrap_or_default().contains('\n'));
    }

    #[test]
    fn users_read_nothing_of_it_and_owners_read_what_a_known_number_means() {
        let said = Said::new(Some("invalid_client"), Some("AADSTS7000222: expired"), None);
        let refused = Refused::saying(Reason::InvalidClient, said);
        assert_eq!(refused.for_users(), Text::new("oidc-user-settings"));
        assert_eq!(refused.for_owners(), Text::new("oidc-hint-secret-expired"));
        assert_eq!(refused.code().as_deref(), Some("AADSTS7000222"));
        let unknown = Refused::saying(Reason::ProviderError, Said::new(Some("server_error"), None, Some(99)));
        assert_eq!(unknown.for_owners(), Text::new("oidc-reason-provider-error"));
        assert_eq!(unknown.code().as_deref(), Some("AADSTS99"));
        let slow = Refused::from(OutboundError::TooSlow);
        assert_eq!(slow.for_users(), Text::new("oidc-user-unreachable"));
        assert_eq!(slow.for_owners(), Text::new("outbound-too-slow"));
    }

    #[test]
    fn every_reason_has_its_sentences_and_a_word_of_its_own() {
        for reason in Reason::ALL {
            let refused = Refused::from(*reason);
            for language in Language::ALL {
                assert!(refused.for_users().say(*language).contains(' '), "{reason:?}");
                assert!(refused.for_owners().say(*language).contains(' '), "{reason:?}");
            }
            assert_eq!(Reason::ALL.iter().filter(|other| other.word() == reason.word()).count(), 1);
        }
    }
}
