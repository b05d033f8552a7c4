//! The checks of a login at a provider.

use crate::base::i18n::Text;

words! {
    /// A check, in the order in which they are done.
    Check {
        /// The provider's metadata.
        Discovery = "discovery",
        /// An ID token came, and can be read.
        Token = "token",
        /// It comes from the expected issuer.
        Issuer = "issuer",
        /// It is made for this client.
        Audience = "audience",
        /// A published key signed it.
        Signature = "signature",
        /// It is valid now.
        Times = "times",
        /// It was made for this login.
        Nonce = "nonce",
        /// The person proved who they are when asked.
        AuthTime = "auth_time",
        /// The address is that of the person.
        Email = "email",
    }
}

impl Check {
    /// What it is called.
    pub fn label(self) -> Text {
        Text::new(match self {
            Self::Discovery => "oidc-check-discovery",
            Self::Token => "oidc-check-token",
            Self::Issuer => "oidc-check-issuer",
            Self::Audience => "oidc-check-audience",
            Self::Signature => "oidc-check-signature",
            Self::Times => "oidc-check-times",
            Self::Nonce => "oidc-check-nonce",
            Self::AuthTime => "oidc-check-auth-time",
            Self::Email => "oidc-check-email",
        })
    }
}
