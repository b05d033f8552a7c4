//! Who is to show that they are a user.

use crate::base::email::Email;
use crate::base::entropy::Token;
use crate::base::organization_name::OrganizationName;
use crate::base::text;

/// What was typed, folded as the tables hold it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Organization name.
    pub organization: String,
    /// E-mail address.
    pub email: String,
    /// Secret of a browser that may have logged in before.
    pub browser: Option<Token>,
}

impl Attempt {
    /// Folds and cuts what was typed, so that equal accounts count equally, existing or not.
    pub fn new(organization: &str, email: &str, browser: Option<&str>) -> Self {
        // PostgreSQL takes no NUL in a text, and no account has a control character in it.
        let fold = |typed: &str| -> String {
            let plain = text::typed::plain(typed).to_lowercase();
            plain.replace(char::is_control, "\u{fffd}").chars().take(254).collect()
        };
        let email = Email::parse(email).map_or_else(|_| fold(email), |email| email.to_string());
        Self {
            organization: fold(&OrganizationName::sought(organization)),
            email,
            browser: browser.and_then(Token::parse),
        }
    }
}
