//! Who acts inside an organization.

use crate::base::ids::{SessionId, UserId};

words! {
    /// Who did it.
    ActorKind {
        /// A user of the organization.
        User = "user",
        /// An application that people log in to through us.
        Application = "application",
        /// A program of the organization with a credential of its own.
        Machine = "machine",
        /// A person who is not logged in.
        Visitor = "visitor",
        /// The operator of the installation, by command.
        Operator = "operator",
        /// A job.
        System = "system",
    }
}

/// A person with a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// Their name, which the audit log keeps.
    pub name: String,
    /// Their session.
    pub session: SessionId,
}

/// An application that people log in to through us, at the endpoints of its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id` (RFC 6749 section 2.2).
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A program of the organization with a credential of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Id of the credential.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Who acts. A write inside an organization has one; which kinds may write is said by the permission
/// ([`crate::platform::store::HeldBy`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A person.
    User(Person),
    /// An application.
    Client(Client),
    /// A machine.
    Machine(Machine),
    /// A job, or a command of the operator.
    System,
}

impl Principal {
    /// How the audit log names who acts: kind, id and name. `None` for the system, of which the origin says more.
    pub(super) fn actor(&self) -> Option<(ActorKind, String, String)> {
        match self {
            Self::User(person) => Some((ActorKind::User, person.user.to_string(), person.name.clone())),
            Self::Client(client) => Some((ActorKind::Application, client.id.clone(), client.name.clone())),
            Self::Machine(machine) => Some((ActorKind::Machine, machine.id.clone(), machine.name.clone())),
            Self::System => None,
        }
    }
}

macro_rules! principals {
    ($($variant:ident of $name:ident;)*) => { $(
        impl From<&$name> for Principal {
            fn from(who: &$name) -> Self {
                Self::$variant(who.clone())
            }
        }
    )* };
}
principals! { User of Person; Client of Client; Machine of Machine; }

impl From<&()> for Principal {
    fn from((): &()) -> Self {
        Self::System
    }
}
