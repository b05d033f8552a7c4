//! Work inside a transaction, on whichever engine.

use std::net::IpAddr;

use diesel::prelude::*;

use super::{AnyConnection, StoreError};
use crate::base::entropy::Entropy;
use crate::base::ids::SessionId;
use crate::base::moment::Moment;
use crate::platform::events::{Outcome, Reason};
use crate::platform::secrets::Keyring;

/// Where a request came from, for the audit log. Jobs and commands have none of it.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address as the one address function found it.
    pub address: Option<IpAddr>,
    /// The browser's own words, cut to 200 characters.
    pub agent: Option<String>,
    /// The request's id, which log lines carry too.
    pub request: Option<String>,
    /// Whether an operator's command acts, not the web server.
    pub operator: bool,
    /// The session of a request, where it is known.
    pub session: Option<SessionId>,
    /// The method and the line of the list of routes that answers: what is the same however a path was typed.
    pub route: Option<String>,
}

/// What every transaction carries: the connection, one moment for everything in it, chance, keys, and the origin.
pub struct Work<'a> {
    pub(super) connection: &'a mut AnyConnection,
    pub(super) now: Moment,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) keys: &'a Keyring,
    pub(super) origin: &'a Origin,
    pub(super) after: After,
}

/// What is told of a transaction once it is committed.
#[derive(Debug, Default)]
pub(super) struct After {
    pub(super) mailed: bool,
    pub(super) erased: bool,
    pub(super) logins: Vec<(Outcome, Option<Reason>)>,
}

impl Work<'_> {
    /// The moment at which everything in this transaction happens.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The connection, for a query that starts at this transaction's own tables.
    pub fn conn(&mut self) -> &mut AnyConnection {
        self.connection
    }

    /// Chance.
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy
    }

    /// The keys that seal secrets at rest.
    pub fn keys(&self) -> &Keyring {
        self.keys
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        self.origin
    }

    /// A new id.
    pub fn id<T: From<crate::base::entropy::FreshId>>(&self) -> T {
        self.entropy.id(self.now).into()
    }

    /// Notes that mail was written, so that the delivery loop is woken after the commit.
    pub(crate) fn mail_was_written(&mut self) {
        self.after.mailed = true;
    }

    /// Notes that something was erased of which no trace may be left in an SQLite file.
    pub(crate) fn erased_for_good(&mut self) {
        self.after.erased = true;
    }

    /// Notes how a login ended, so that it is counted after the commit.
    pub(super) fn login_ended(&mut self, outcome: Outcome, reason: Option<Reason>) {
        self.after.logins.push((outcome, reason));
    }

    /// Runs `work` in a savepoint: a refused row inside does not spoil the transaction on PostgreSQL.
    pub fn savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut AnyConnection) -> diesel::QueryResult<T>,
    ) -> Result<T, StoreError> {
        Ok(self.connection.transaction(work)?)
    }
}
