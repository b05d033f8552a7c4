//! Policies of an organization, as a mail about a change names them.

words! {
    /// What holds in an organization after a change of policy.
    Policy {
        /// A second factor is asked for at login.
        TwoFactorOn = "two_factor_on",
        /// It is not.
        TwoFactorOff = "two_factor_off",
        /// Passwords expire after some days.
        ExpirationOn = "expiration_on",
        /// They do not.
        ExpirationOff = "expiration_off",
        /// The console is open from some addresses only.
        AccessOn = "access_on",
        /// Others than before.
        AccessChanged = "access_changed",
        /// It is open from everywhere.
        AccessOff = "access_off",
    }
}

impl Policy {
    /// Where it is shown.
    pub fn page(self) -> &'static str {
        match self {
            Self::TwoFactorOn | Self::TwoFactorOff => crate::base::urls::ORGANIZATION_ACCOUNT,
            _ => crate::base::urls::ORGANIZATION_SECURITY,
        }
    }

    /// Message id of it in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::TwoFactorOn => "mail-policy-two-factor-on",
            Self::TwoFactorOff => "mail-policy-two-factor-off",
            Self::ExpirationOn => "mail-policy-expiration-on",
            Self::ExpirationOff => "mail-policy-expiration-off",
            Self::AccessOn => "mail-policy-access-on",
            Self::AccessChanged => "mail-policy-access-changed",
            Self::AccessOff => "mail-policy-access-off",
        }
    }
}
