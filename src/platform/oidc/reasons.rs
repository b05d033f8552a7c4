//! What reasons say: to whoever logs in, and to owners.

use super::refusal::Reason;
use crate::base::i18n::Text;

impl Reason {
    /// The calm sentence for whoever logs in.
    pub(super) fn for_users(self) -> Text {
        Text::new(match self {
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
            | Self::KeySize
            | Self::Encrypted
            | Self::InvalidClient
            | Self::TokenAnswer
            | Self::Issuer
            | Self::Tenant
            | Self::Audience
            | Self::AuthorizedParty
            | Self::Algorithm
            | Self::AmbiguousKey => "oidc-user-settings",
            Self::Parameters
            | Self::State
            | Self::AnswerIssuer
            | Self::ProviderError
            | Self::NoCode
            | Self::InvalidGrant
            | Self::TokenError
            | Self::Malformed
            | Self::Duplicate
            | Self::Type
            | Self::Subject
            | Self::Key
            | Self::Signature
            | Self::Expired
            | Self::NotYet
            | Self::IssuedAt
            | Self::AccessTokenHash
            | Self::Nonce
            | Self::AuthTime
            | Self::AuthTimeAhead
            | Self::UserinfoSubject => "oidc-user-again",
            Self::Late | Self::Changed => "oidc-user-late",
            Self::Denied => "oidc-user-denied",
            Self::Network => "oidc-user-unreachable",
            Self::Address | Self::NotAnAddress | Self::NoAddress | Self::Unverified | Self::BoundElsewhere => {
                "oidc-user-address"
            }
        })
    }

    /// What it means, for owners.
    pub fn for_owners(self) -> Text {
        Text::new(self.label())
    }

    /// Message id of what it means, for owners.
    pub fn label(self) -> &'static str {
        match self {
            Self::AuthorizationUrl => "oidc-reason-authorization-url",
            Self::TokenUrl => "oidc-reason-token-url",
            Self::IssuerUrl => "oidc-reason-issuer-url",
            Self::IssuerNeeded => "oidc-reason-issuer-needed",
            Self::TwoTenants => "oidc-reason-two-tenants",
            Self::ManyTenants => "oidc-reason-many-tenants",
            Self::Version1 => "oidc-reason-version-1",
            Self::B2c => "oidc-reason-b2c",
            Self::ExternalId => "oidc-reason-external-id",
            Self::AliasHost => "oidc-reason-alias-host",
            Self::Discovery => "oidc-reason-discovery",
            Self::DiscoveryIssuer => "oidc-reason-discovery-issuer",
            Self::AuthorizationEndpoint => "oidc-reason-authorization-endpoint",
            Self::TokenEndpoint => "oidc-reason-token-endpoint",
            Self::CodeFlow => "oidc-reason-code-flow",
            Self::Algorithms => "oidc-reason-algorithms",
            Self::AuthenticationMethod => "oidc-reason-authentication-method",
            Self::Keys => "oidc-reason-keys",
            Self::KeySize => "oidc-reason-key-size",
            Self::Parameters => "oidc-reason-parameters",
            Self::State => "oidc-reason-state",
            Self::Late => "oidc-reason-late",
            Self::Changed => "oidc-reason-changed",
            Self::AnswerIssuer => "oidc-reason-answer-iss",
            Self::Denied => "oidc-reason-access-denied",
            Self::ProviderError => "oidc-reason-provider-error",
            Self::NoCode => "oidc-reason-code-missing",
            Self::InvalidClient => "oidc-reason-invalid-client",
            Self::InvalidGrant => "oidc-reason-invalid-grant",
            Self::TokenError => "oidc-reason-token-error",
            Self::TokenAnswer => "oidc-reason-token-answer",
            Self::Network => "oidc-reason-network",
            Self::Malformed => "oidc-reason-malformed",
            Self::Encrypted => "oidc-reason-encrypted",
            Self::Duplicate => "oidc-reason-duplicate",
            Self::Type => "oidc-reason-typ",
            Self::Subject => "oidc-reason-sub",
            Self::Issuer => "oidc-reason-iss",
            Self::Tenant => "oidc-reason-tid",
            Self::Audience => "oidc-reason-aud",
            Self::AuthorizedParty => "oidc-reason-azp",
            Self::Algorithm => "oidc-reason-alg",
            Self::Key => "oidc-reason-key",
            Self::AmbiguousKey => "oidc-reason-ambiguous-key",
            Self::Signature => "oidc-reason-signature",
            Self::Expired => "oidc-reason-exp",
            Self::NotYet => "oidc-reason-nbf",
            Self::IssuedAt => "oidc-reason-iat",
            Self::AccessTokenHash => "oidc-reason-at-hash",
            Self::Nonce => "oidc-reason-nonce",
            Self::AuthTime => "oidc-reason-auth-time",
            Self::AuthTimeAhead => "oidc-reason-auth-time-ahead",
            Self::UserinfoSubject => "oidc-reason-userinfo-sub",
            Self::Address => "oidc-reason-email",
            Self::NotAnAddress => "oidc-reason-email-malformed",
            Self::NoAddress => "oidc-reason-email-missing",
            Self::Unverified => "oidc-reason-email-verified",
            Self::BoundElsewhere => "oidc-reason-another-subject",
        }
    }
}
