//! The steps of the wizard.

/// A step of the wizard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Terms of agreement.
    Terms,
    /// Member information.
    Member,
    /// Organization information.
    Organization,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 3] = [Self::Terms, Self::Member, Self::Organization];

    /// Message id of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Terms => "signup-step-terms",
            Self::Member => "signup-step-member",
            Self::Organization => "signup-step-organization",
        }
    }

    /// Its page.
    pub fn url(self) -> &'static str {
        match self {
            Self::Terms => crate::base::urls::SIGN_UP,
            Self::Member => crate::base::urls::SIGN_UP_MEMBER,
            Self::Organization => crate::base::urls::SIGN_UP_ORGANIZATION,
        }
    }

    /// 1 to 3.
    pub fn number(self) -> usize {
        self as usize + 1
    }
}
