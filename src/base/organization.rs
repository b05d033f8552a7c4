//! What an organization is, wherever it is spoken of.

words! {
    /// Where an organization stands in its life.
    State {
        /// Signed up; its owner has not registered a password yet.
        AwaitingOwner = "awaiting_owner",
        /// In use.
        Active = "active",
        /// Closed by the operator for now.
        Suspended = "suspended",
        /// Gone for everybody; its rows are being erased.
        Erasing = "erasing",
    }
}

words! {
    /// How the people of an organization log in.
    LoginMethod {
        /// E-mail and password here.
        CloudAccount = "cloud_account",
        /// At the organization's own identity provider.
        IdpAccount = "idp_account",
    }
}
