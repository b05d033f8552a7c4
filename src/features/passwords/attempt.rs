//! Who is to show that they are a user: the counters of such attempts, and what they are compared with.

use super::store;
use crate::access::PasswordHash;
use crate::base::email::Email;
use crate::base::entropy::Token;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::organization_name::OrganizationName;
use crate::base::text;
use crate::platform::store::{StoreError, Work};
use crate::platform::throttle;

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

/// The counters and the password hash of a user.
pub(crate) struct Doorway {
    pub(crate) gate: throttle::Gate,
    pub(crate) look: throttle::Look,
    pub(crate) hash: Option<PasswordHash>,
}

/// The counters and the password hash of a user who is to prove again who they are.
pub(crate) fn doorway(
    work: &mut Work<'_>,
    attempt: &Attempt,
    organization: OrganizationId,
    user: UserId,
) -> Result<Doorway, StoreError> {
    let token = attempt.browser.clone().unwrap_or_else(|| work.entropy().token()).digest();
    let found = store::find(work, &attempt.organization, &attempt.email, &token)?;
    let (known, credentials) = found.map_or((false, None), |found| (found.known_since.is_some(), found.user));
    let (address, browser) = (work.origin().address, known.then_some(&token));
    let hash = credentials.filter(|credentials| credentials.id == user).and_then(|credentials| credentials.hash);
    let owner = Some((organization, user));
    let gate = throttle::Gate::new(work, &attempt.organization, &attempt.email, browser, address, owner);
    let look = gate.look(work)?;
    Ok(Doorway { gate, look, hash })
}
