//! What a session rests on.

use crate::base::moment::Moment;

words! {
    /// How a user proved who they are.
    Method {
        /// The account's password.
        Password = "password",
        /// The organization's identity provider.
        Idp = "idp",
    }
}

words! {
    /// What a user showed besides.
    SecondFactor {
        /// A code that was mailed.
        Email = "email",
        /// A code that was sent by SMS.
        Mobile = "mobile",
        /// A code of the authenticator app.
        Authenticator = "authenticator",
        /// A recovery code, in the place of the app.
        RecoveryCode = "recovery_code",
    }
}

impl SecondFactor {
    /// Message id of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "factor-way-email",
            Self::Mobile => "factor-way-mobile",
            Self::Authenticator => "factor-way-app",
            Self::RecoveryCode => "factor-way-recovery",
        }
    }
}

/// What a session rests on.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// How a user proved who they are.
    pub method: Method,
    /// What they showed besides, if anything.
    pub second_factor: Option<SecondFactor>,
    /// When the person logged in. What takes another session's place still ends when that would have.
    pub begun: Moment,
    /// When the password was right: what is fresh is counted from here, whenever a second factor came.
    pub authenticated: Moment,
}
