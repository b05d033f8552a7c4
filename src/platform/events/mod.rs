//! What is recorded in the audit log: who did what to whom, how it ended and why (ASVS 16.2.1).
//!
//! A write returns [`crate::platform::store::Recorded`], which comes only from recording an [`Event`]. Secrets never appear:
//! details are built from closed types.

mod kind;
mod login_refusal;
mod principal;
mod reason;

use serde_json::{Map, Value};

pub use kind::Kind;
pub use login_refusal::LoginRefusal;
pub use principal::{ActorKind, Client, Machine, Person, Principal};
pub use reason::{Reason, Refusal};

use crate::base::ids::{OrganizationId, UserId};

words! {
    /// How it ended.
    Outcome {
        /// It was done.
        Done = "done",
        /// The caller could not do it (wrong password).
        Failed = "failed",
        /// The caller may not do it, or not now.
        Refused = "refused",
    }
}

/// How an event is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// What is refused without a session shares a row; everything else has its own.
    #[default]
    ByRule,
    /// A row of its own.
    Alone,
    /// A shared row.
    Shared,
}

/// On what something was to be done: a kind ("user", "session"), its id and its name at the time.
pub type Target = (&'static str, String, String);

/// An event before it is written. The transaction adds moment, address, agent, request and reference code.
#[derive(Debug)]
pub struct Event {
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<Reason>,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) actor: Option<(ActorKind, String, String)>,
    pub(crate) target: Option<Target>,
    pub(crate) details: Map<String, Value>,
    pub(crate) sharing: Sharing,
}

impl Event {
    /// Something was done.
    pub fn done(kind: Kind) -> Self {
        Self {
            kind,
            outcome: Outcome::Done,
            reason: None,
            organization: None,
            actor: None,
            target: None,
            details: Map::new(),
            sharing: Sharing::default(),
        }
    }

    /// It failed.
    pub fn failed(kind: Kind, reason: impl Into<Reason>) -> Self {
        Self { outcome: Outcome::Failed, reason: Some(reason.into()), ..Self::done(kind) }
    }

    /// It was refused.
    pub fn refused(kind: Kind, reason: impl Into<Reason>) -> Self {
        Self { outcome: Outcome::Refused, reason: Some(reason.into()), ..Self::done(kind) }
    }

    /// In which organization.
    pub fn within(mut self, organization: &OrganizationId) -> Self {
        self.organization = Some(organization.clone());
        self
    }

    /// By which user; the name is kept, so that the log can be read after the user is gone.
    pub fn by_user(mut self, user: &UserId, name: &str) -> Self {
        self.actor = Some((ActorKind::User, user.to_string(), name.to_owned()));
        self
    }

    /// By whom; the name is kept, so that the log can be read after its bearer is gone.
    pub fn by(mut self, principal: &Principal) -> Self {
        self.actor = principal.actor();
        self
    }

    /// On what: a kind ("user", "session"), its id and its name at the time.
    pub fn on(mut self, kind: &'static str, id: impl ToString, name: impl ToString) -> Self {
        self.target = Some((kind, id.to_string(), name.to_string()));
        self
    }

    /// One more fact.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// A changed value, before and after; nothing when it did not change.
    pub fn changed(mut self, name: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.details.insert(name.to_owned(), serde_json::json!({ "before": before, "after": after }));
        }
        self
    }

    /// In a row of its own, though no user is logged in: something else bounds how many there can be.
    pub fn alone(mut self) -> Self {
        self.sharing = Sharing::Alone;
        self
    }

    /// In one row with others of its minute, though it failed and was not refused: nothing else bounds how many there are.
    pub fn shared(mut self) -> Self {
        self.sharing = Sharing::Shared;
        self
    }
}
