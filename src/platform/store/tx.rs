//! Transactions as capabilities. `Tx<P>` is already inside the caller's organization and proves the permission `P`;
//! `OpenTx` is for visitors, jobs and operator commands, which have no organization until they find one.

pub(super) use super::work::After;
pub use super::work::{Origin, Work};

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use diesel::prelude::*;

use super::caller::HeldBy;
use super::schema::organizations;
use super::{AnyConnection, Caller, StoreError, record, update};
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::platform::events::{Event, Person, Target};

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
        record::write(&mut self.work, event)?;
        Ok(Recorded(value))
    }

    /// Records `event` and hands on the reference code by which it is found.
    pub fn record_referenced(&mut self, event: Event) -> Result<Recorded<String>, StoreError> {
        record::write(&mut self.work, event).map(Recorded)
    }

    /// Hands `value` on without an event. `because` says why this write is not an event; an invariant test lists every use.
    pub fn unrecorded<T>(&mut self, because: &'static str, value: T) -> Recorded<T> {
        debug_assert!(!because.is_empty());
        Recorded(value)
    }

    /// The same transaction as one of a person who showed who they are in another way than by a session.
    pub(crate) fn by_person(&mut self, organization: &OrganizationId, user: &UserId, name: &str) -> PersonTx<'_, 'a> {
        let (organization, user, name) = (organization.clone(), user.clone(), name.to_owned());
        PersonTx { work: &mut self.work, organization, user, name }
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
pub struct Tx<'a, P: HeldBy> {
    work: Work<'a>,
    pub(crate) caller: &'a Caller<P::Principal>,
    target: Option<Target>,
    permission: PhantomData<P>,
}

impl<'a, P: HeldBy> Tx<'a, P> {
    pub(super) fn new(work: Work<'a>, caller: &'a Caller<P::Principal>) -> Self {
        Self { work, caller, target: None, permission: PhantomData }
    }

    pub(super) fn into_after(self) -> After {
        self.work.after
    }

    /// The caller's organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.caller.organization
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
        let event = event.within(&self.caller.organization).by(&P::principal(&self.caller.principal));
        record::write(&mut self.work, event)?;
        Ok(Recorded(value))
    }

    /// Hands `value` on without an event. `because` says why this write is not an event; an invariant test lists every use.
    pub fn unrecorded<T>(&mut self, because: &'static str, value: T) -> Recorded<T> {
        debug_assert!(!because.is_empty());
        Recorded(value)
    }
}

impl<'a, P: HeldBy<Principal = Person>> Tx<'a, P> {
    /// The caller.
    pub fn user(&self) -> &UserId {
        &self.caller.principal.user
    }

    /// The caller's name.
    pub fn name(&self) -> &str {
        &self.caller.principal.name
    }

    /// The caller's session.
    pub fn session(&self) -> &SessionId {
        &self.caller.principal.session
    }

    /// The same transaction without its permission, for rules that a session is not the only way to.
    pub(crate) fn by_person(&mut self) -> PersonTx<'_, 'a> {
        let Caller { organization, principal, .. } = self.caller.clone();
        PersonTx { work: &mut self.work, organization, user: principal.user, name: principal.name }
    }
}

impl<'a, P: HeldBy> Deref for Tx<'a, P> {
    type Target = Work<'a>;
    fn deref(&self) -> &Self::Target {
        &self.work
    }
}

impl<P: HeldBy> DerefMut for Tx<'_, P> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.work
    }
}

/// A transaction by a known person of an organization, however they showed who they are.
pub struct PersonTx<'t, 'a> {
    work: &'t mut Work<'a>,
    organization: OrganizationId,
    user: UserId,
    name: String,
}

impl PersonTx<'_, '_> {
    /// Records `event` as done by the person in their organization, and hands `value` on.
    pub fn record<T>(&mut self, event: Event, value: T) -> Result<Recorded<T>, StoreError> {
        record::write(self.work, event.within(&self.organization).by_user(&self.user, &self.name))?;
        Ok(Recorded(value))
    }

    /// Hands `value` on without an event. `because` says why this write is not an event; an invariant test lists every use.
    pub fn unrecorded<T>(&mut self, because: &'static str, value: T) -> Recorded<T> {
        debug_assert!(!because.is_empty());
        Recorded(value)
    }
}

impl<'a> Deref for PersonTx<'_, 'a> {
    type Target = Work<'a>;
    fn deref(&self) -> &Self::Target {
        self.work
    }
}

impl DerefMut for PersonTx<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.work
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
        impl<P: HeldBy> Tx<'_, P> { $(
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
impl<P: HeldBy> Tx<'_, P> {
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
