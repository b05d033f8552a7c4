//! Transactions as capabilities. `Tx<P>` is already inside the caller's organization and proves the permission `P`;
//! `OpenTx` is for visitors, jobs and operator commands, which have no organization until they find one.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::{Deref, DerefMut};

use diesel::prelude::*;

use super::schema::organizations;
use super::{AnyConnection, Caller, StoreError, update};
use crate::access::{ProjectPermission, ProjectRole, standing};
use crate::base::entropy::Entropy;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::base::project_id::ProjectId;
use crate::features::audit::{self, Event, Target};
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
    pub(super) logins: Vec<(audit::Outcome, Option<audit::Reason>)>,
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
    pub(crate) fn login_ended(&mut self, outcome: audit::Outcome, reason: Option<audit::Reason>) {
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

/// Proof that a write was recorded in the audit log, or says why it need not be.
#[derive(Debug)]
#[must_use = "a write returns what it recorded"]
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }

    /// Changes the value that was recorded with.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded(change(self.0))
    }
}

/// A transaction without an organization: visitors, jobs and operator commands.
pub struct OpenTx<'a> {
    pub(super) work: Work<'a>,
}

impl<'a> OpenTx<'a> {
    /// Records `event` and hands `value` on.
    pub fn record<T>(&mut self, event: Event, value: T) -> Result<Recorded<T>, StoreError> {
        audit::store::write(&mut self.work, event)?;
        Ok(Recorded(value))
    }

    /// Hands `value` on without an event. `because` says why this write is not an event; a law lists every use.
    pub fn unrecorded<T>(&mut self, because: &'static str, value: T) -> Recorded<T> {
        debug_assert!(!because.is_empty());
        Recorded(value)
    }

    /// Puts the writers of one organization in a row: the first statement of a write that guards a rule over
    /// several rows. `false` when the organization does not exist.
    pub fn touch(&mut self, organization: &OrganizationId) -> Result<bool, StoreError> {
        touch(self.work.connection, organization)
    }
}

impl<'a> Deref for OpenTx<'a> {
    type Target = Work<'a>;
    fn deref(&self) -> &Self::Target {
        &self.work
    }
}

impl DerefMut for OpenTx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.work
    }
}

/// A transaction inside the caller's organization, by a caller who holds `P`.
pub struct Tx<'a, P> {
    work: Work<'a>,
    caller: &'a Caller,
    target: Option<Target>,
    permission: PhantomData<P>,
}

impl<'a, P> Tx<'a, P> {
    pub(super) fn new(work: Work<'a>, caller: &'a Caller) -> Self {
        Self { work, caller, target: None, permission: PhantomData }
    }

    pub(super) fn into_after(self) -> After {
        self.work.after
    }

    /// The caller's organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.caller.organization
    }

    /// The caller.
    pub fn user(&self) -> &UserId {
        &self.caller.user
    }

    /// The caller's name.
    pub fn name(&self) -> &str {
        &self.caller.name
    }

    /// The caller's session.
    pub fn session(&self) -> &SessionId {
        &self.caller.session
    }

    /// Notes what the change is about, for the event of its refusal. What is noted last counts.
    pub fn note_target(&mut self, kind: &'static str, id: impl ToString, name: impl ToString) {
        self.target = Some((kind, id.to_string(), name.to_string()));
    }

    /// What was noted.
    pub(crate) fn take_target(&mut self) -> Option<Target> {
        self.target.take()
    }

    /// Records `event` as done by the caller in the caller's organization, and hands `value` on.
    pub fn record<T>(&mut self, event: Event, value: T) -> Result<Recorded<T>, StoreError> {
        let event = event.within(&self.caller.organization).by_user(&self.caller.user, &self.caller.name);
        audit::store::write(&mut self.work, event)?;
        Ok(Recorded(value))
    }

    /// Hands `value` on without an event. `because` says why this write is not an event; a law lists every use.
    pub fn unrecorded<T>(&mut self, because: &'static str, value: T) -> Recorded<T> {
        debug_assert!(!because.is_empty());
        Recorded(value)
    }
}

impl<P: ProjectPermission> Tx<'_, P> {
    /// The project that the path names. Whoever may see all projects is not looked up in it, so it need not exist.
    pub fn project(&self) -> &ProjectId {
        &standing(self.caller.standing.as_ref()).project
    }

    /// The role in it that grants the caller `P`; `None` where a role in the organization does.
    pub fn project_role(&self) -> Option<ProjectRole> {
        standing(self.caller.standing.as_ref()).role
    }
}

impl<'a, P> Deref for Tx<'a, P> {
    type Target = Work<'a>;
    fn deref(&self) -> &Self::Target {
        &self.work
    }
}

impl<P> DerefMut for Tx<'_, P> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.work
    }
}

pub(super) fn touch(connection: &mut AnyConnection, organization: &OrganizationId) -> Result<bool, StoreError> {
    let touched = organizations::version.eq(organizations::version + 1);
    let row = organizations::id.eq(organization.clone());
    Ok(update(organizations::table, touched, row).execute(connection)? == 1)
}

/// Tables whose rows belong to an organization: queries start at the caller's own rows.
macro_rules! owned_tables {
    ($($table:ident)*) => {
        impl<P> Tx<'_, P> { $(
            #[doc = concat!("The rows of `", stringify!($table), "` that belong to the caller's organization.")]
            pub fn $table(&self) -> diesel::dsl::Filter<
                super::schema::$table::table,
                diesel::dsl::Eq<super::schema::$table::organization_id, OrganizationId>,
            > {
                use super::schema::$table;
                $table::table.filter($table::organization_id.eq(self.caller.organization.clone()))
            }
        )* }
    };
}
owned_tables! { users sessions held_forms consents known_browsers past_passwords mailed_links registrations registration_lines bills projects project_members resources authenticators logins_in_progress identity_providers idp_bindings }

/// Tables whose organization may be absent; the filter still names the caller's.
impl<P> Tx<'_, P> {
    /// The mails to people of the caller's organization.
    pub fn mails(
        &self,
    ) -> diesel::dsl::Filter<
        super::schema::mails::table,
        diesel::dsl::Eq<super::schema::mails::organization_id, OrganizationId>,
    > {
        use super::schema::mails;
        mails::table.filter(mails::organization_id.eq(self.caller.organization.clone()))
    }

    /// The audit events of the caller's organization.
    pub fn audit_events(
        &self,
    ) -> diesel::dsl::Filter<
        super::schema::audit_events::table,
        diesel::dsl::Eq<super::schema::audit_events::organization_id, OrganizationId>,
    > {
        use super::schema::audit_events;
        audit_events::table.filter(audit_events::organization_id.eq(self.caller.organization.clone()))
    }

    /// The seals of the caller's organization.
    pub fn audit_seals(
        &self,
    ) -> diesel::dsl::Filter<
        super::schema::audit_seals::table,
        diesel::dsl::Eq<super::schema::audit_seals::organization_id, OrganizationId>,
    > {
        use super::schema::audit_seals;
        audit_seals::table.filter(audit_seals::organization_id.eq(self.caller.organization.clone()))
    }
}
