//! Why a person whom the identity provider knows is not let in.

words! {
    /// Why a person whom the provider knows does not get in; the word is what the audit log holds.
    LoginRefusal {
        /// The organization is closed.
        Closed = "organization_closed",
        /// The organization is not open to where the login comes from.
        Outside = "outside",
        /// The settings were changed, or the trial is over.
        Changed = "changed",
        /// During a trial only the owner logs in through the provider.
        OwnerOnly = "trial_owner_only",
        /// No user with this address is registered.
        NotRegistered = "not_registered",
        /// The provider sent no address to be matched by.
        NoAddress = "no_address",
        /// What it sent in the place of an address is none.
        NotAnAddress = "not_an_address",
        /// What it sent is not known to be theirs.
        Unverified = "address_unverified",
        /// The user is bound to another person at the provider.
        AnotherSubject = "another_subject",
        /// The user may not log in.
        Deactivated = "deactivated",
    }
}

impl LoginRefusal {
    /// Message id of the sentence for the person logging in.
    pub fn text(self) -> &'static str {
        match self {
            Self::Closed => "idp-why-closed",
            Self::Outside => "idp-why-outside",
            Self::Changed => "idp-why-changed",
            Self::OwnerOnly => "idp-why-owner-only",
            Self::NotRegistered => "idp-why-not-registered",
            Self::NoAddress => "idp-why-no-address",
            Self::NotAnAddress => "idp-why-not-an-address",
            Self::Unverified => "idp-why-unverified",
            Self::AnotherSubject => "idp-why-another-subject",
            Self::Deactivated => "idp-why-deactivated",
        }
    }
}
