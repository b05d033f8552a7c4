//! What a user is, wherever users are spoken of.

words! {
    /// Whether a user may come in.
    Status {
        /// Registered; has not set a password yet.
        Invited = "invited",
        /// May log in.
        Active = "active",
        /// May not.
        Deactivated = "deactivated",
    }
}
