//! A login that waits for its second factor.

use crate::access::{Proof, SecondFactor};
use crate::base::ids::{LoginId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::features::factors::Factors;
use crate::features::login::facts;
use crate::features::login::{Step, next_step};
use crate::features::passwords::{Attempt, Facts};
use crate::platform::codes::{Asker, Purpose, Slot};
use crate::platform::events::Event;

/// A login whose password was right.
#[derive(Clone, Debug)]
pub struct PendingLogin {
    pub(super) id: LoginId,
    pub(super) organization: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    pub(super) user: UserId,
    /// The user's address.
    pub email: String,
    pub(super) password_changed_at: Option<Moment>,
    /// What was chosen, once it was.
    pub factor: Option<SecondFactor>,
    /// Where to go afterwards.
    pub return_to: String,
    pub(super) proof: Proof,
}

/// A login and what it is decided by now.
pub(super) struct Waiting {
    pub(super) login: PendingLogin,
    pub(super) attempt: Attempt,
    pub(super) facts: Facts,
    pub(super) factors: Factors,
}

impl Waiting {
    pub(super) fn event(&self, event: Event, factor: SecondFactor) -> Event {
        facts::event(&self.facts, event, &self.attempt).with("second_factor", factor.word())
    }

    pub(super) fn slot(&self, factor: SecondFactor) -> Slot {
        let to = match factor {
            SecondFactor::Mobile => self.factors.mobile.as_ref().map(ToString::to_string).unwrap_or_default(),
            _ => self.login.email.clone(),
        };
        let (organization, user) = (self.login.organization.clone(), self.login.user.clone());
        // A code of one login is nothing to another.
        let place = format!("{} {} {to}", self.login.id, factor.word());
        Slot { organization, user, asker: self.asker(), purpose: Purpose::Login, place }
    }

    /// A browser that has logged in to the account before counts for itself.
    pub(super) fn asker(&self) -> Asker {
        match (&self.attempt.browser, self.facts.known_since) {
            (Some(browser), Some(_)) => Asker::Browser(browser.digest()),
            _ => Asker::Stranger,
        }
    }

    pub(super) fn is_asked(&self) -> bool {
        next_step(facts::progress(&self.facts, true, false)) == Step::SecondFactor
    }
}
