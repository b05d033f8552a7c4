//! The audit log: every security-relevant event with actor, organization, target, before and after, address, agent,
//! result, and a reference code a person can read out (product.md section 13, ASVS 16.2.1).
//!
//! A write returns [`crate::platform::store::Recorded`], which comes only from recording an [`Event`]; refusals of requests are
//! recorded by the one place that draws failures. Secrets never appear: details are built from closed types.

pub mod commands;
mod days;
mod export;
mod filter;
mod labels;
pub mod newer;
pub mod pages;
mod reason;
mod refusals;
pub mod retention;
pub mod seal;
mod sharing;
pub mod store;
mod words;

use serde_json::{Map, Value};

pub use days::{DAYS, Logins, Tally};
pub use export::Format;
pub use filter::Filter;
pub use reason::{Reason, Refusal};
pub use refusals::{RefusedLogin, refused_logins};

use crate::access::ExportAudit;
use crate::base::ids::{OrganizationId, UserId};
use crate::platform::store::{Recorded, StoreError, Tx};
use sharing::Sharing;

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

words! {
    /// Who did it.
    ActorKind {
        /// A user of the organization.
        User = "user",
        /// Somebody who is not logged in.
        Visitor = "visitor",
        /// Whoever runs the installation, by command.
        Operator = "operator",
        /// A job.
        System = "system",
    }
}

words! {
    /// What happened: the names are stable, programs read them.
    Kind {
        /// An organization was signed up.
        OrganizationCreated = "organization.created",
        /// Its owner registered the first password.
        OrganizationClaimed = "organization.claimed",
        /// It was removed because nobody claimed it.
        OrganizationUnclaimed = "organization.unclaimed",
        /// The operator closed an organization.
        OrganizationSuspended = "organization.suspended",
        /// The operator opened it again.
        OrganizationResumed = "organization.resumed",
        /// The owner asked for the organization's deletion.
        DeletionRequested = "organization.deletion_requested",
        /// The owner took that back.
        DeletionWithdrawn = "organization.deletion_withdrawn",
        /// The operator put the deletion off.
        DeletionHeld = "organization.deletion_held",
        /// The operator let it take its course again.
        DeletionReleased = "organization.deletion_released",
        /// The owner downloaded everything of the organization.
        OrganizationExported = "organization.exported",
        /// A user was registered.
        UserRegistered = "user.registered",
        /// A user's organization roles were changed.
        RolesChanged = "user.roles_changed",
        /// A user may no longer log in.
        UserDeactivated = "user.deactivated",
        /// A user may log in again.
        UserReactivated = "user.reactivated",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// All sessions of a user were ended by an administrator.
        UserSessionsEnded = "user.sessions_ended",
        /// Another user became Org Owner.
        OwnershipTransferred = "ownership.transferred",
        /// An open invitation was taken back.
        InvitationRevoked = "invitation.revoked",
        /// An invitation was mailed.
        InvitationSent = "invitation.sent",
        /// An invitation was written and waits for a limit of mails a day.
        InvitationScheduled = "invitation.scheduled",
        /// The owner's address was corrected before the first login.
        InvitationCorrected = "invitation.corrected",
        /// A user registered the first password.
        InvitationAccepted = "invitation.accepted",
        /// A password reset was asked for.
        PasswordResetRequested = "password.reset_requested",
        /// A password was set by a mailed link.
        PasswordReset = "password.reset",
        /// A password was changed by its user.
        PasswordChanged = "password.changed",
        /// Somebody logged in, or tried to.
        Login = "login",
        /// A second factor was asked for: the password was right, or a session from before had none.
        SecondFactorAsked = "login.second_factor_asked",
        /// The code of a second factor was sent.
        LoginCodeSent = "login.code_sent",
        /// An account was locked after wrong passwords.
        AccountLocked = "account.locked",
        /// The locks of an account were lifted.
        AccountUnlocked = "account.unlocked",
        /// A user confirmed who they are.
        Confirmation = "session.confirmed",
        /// A user logged out.
        Logout = "logout",
        /// A session was ended from the list.
        SessionEnded = "session.ended",
        /// All other sessions of a user were ended.
        OtherSessionsEnded = "session.others_ended",
        /// A user changed their profile.
        ProfileChanged = "profile.changed",
        /// A project was made.
        ProjectCreated = "project.created",
        /// The name or description of a project was changed.
        ProjectChanged = "project.changed",
        /// A project was deleted.
        ProjectDeleted = "project.deleted",
        /// A user got a role in a project, or was to get one.
        ProjectMemberAdded = "project.member_added",
        /// A user got another role in a project.
        ProjectRoleChanged = "project.role_changed",
        /// A user's role in a project was taken.
        ProjectMemberRemoved = "project.member_removed",
        /// The operator's systems registered a resource in a project.
        ResourceRegistered = "resource.registered",
        /// They changed what a resource is called.
        ResourceChanged = "resource.changed",
        /// They removed a resource.
        ResourceRemoved = "resource.removed",
        /// A user set or changed the own mobile number.
        MobileChanged = "mobile.changed",
        /// A user removed the own mobile number.
        MobileRemoved = "mobile.removed",
        /// A code was sent to a mobile number.
        MobileCodeSent = "mobile.code_sent",
        /// A user typed the code that was sent to the own mobile number.
        MobileVerified = "mobile.verified",
        /// A user began to set up an authenticator app.
        AuthenticatorBegun = "authenticator.begun",
        /// A user set up an authenticator app, by typing its code.
        AuthenticatorSetUp = "authenticator.set_up",
        /// A user tried whether the authenticator app works.
        AuthenticatorTested = "authenticator.tested",
        /// A user removed the authenticator app.
        AuthenticatorRemoved = "authenticator.removed",
        /// New recovery codes took the place of older ones.
        RecoveryCodesMade = "recovery_codes.made",
        /// Somebody took a user's mobile number and authenticator app away.
        FactorsReset = "factors.reset",
        /// The owner was mailed the code that turns two-factor authentication on.
        TwoFactorCodeSent = "two_factor.code_sent",
        /// Two-factor authentication was turned on or off, or was to be.
        TwoFactorChanged = "two_factor.changed",
        /// The password expiration was changed, or was to be.
        PasswordExpirationChanged = "password_expiration.changed",
        /// The console access control was changed, or was to be.
        ConsoleAccessChanged = "console_access.changed",
        /// The owner changed the draft of an identity provider's settings.
        IdpDrafted = "idp.drafted",
        /// An identity provider was tested.
        IdpTested = "idp.tested",
        /// The trial of an identity provider was started.
        IdpTrialStarted = "idp.trial_started",
        /// The owner ended it.
        IdpTrialCancelled = "idp.trial_cancelled",
        /// It ran out.
        IdpTrialReverted = "idp.trial_reverted",
        /// Everybody logs in through the identity provider from now on.
        IdpInForce = "idp.in_force",
        /// A user was released from the person at the identity provider.
        IdpBindingReleased = "idp.binding_released",
        /// The owner got new recovery codes.
        OwnerCodesMade = "owner_codes.made",
        /// Somebody tried a recovery code of the owner.
        OwnerCodeUsed = "owner_codes.used",
        /// A recovery code opened a repair session, or was to.
        RepairBegun = "repair.begun",
        /// The owner left it.
        RepairEnded = "repair.ended",
        /// The operator brought cloud accounts back, or another owner.
        OrganizationRecovered = "organization.recovered",
        /// A code was mailed to show again who somebody is.
        ConfirmationCodeSent = "session.code_sent",
        /// "Mail me my organizations" was asked for.
        OrganizationsMailed = "organizations.mailed",
        /// The operator charged an organization.
        BillAdded = "bill.added",
        /// A user said that the money for a bill is on its way.
        BillPaymentAnnounced = "bill.payment_announced",
        /// The operator has seen the money.
        BillSettled = "bill.settled",
        /// The operator took a bill back.
        BillVoided = "bill.voided",
        /// The audit log was exported.
        AuditExported = "audit.exported",
        /// The operator acknowledged what `audit verify` has found.
        AuditFindingAcknowledged = "audit.finding_acknowledged",
        /// The operator put back how far the log counts as sealed.
        AuditRewound = "audit.rewound",
        /// A request was refused.
        RequestRefused = "request.refused",
        /// A request failed on our side.
        RequestFailed = "request.failed",
    }
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
    pub(crate) actor: Option<(UserId, String)>,
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
        self.actor = Some((user.clone(), name.to_owned()));
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

/// Records that the log is about to be exported, and what of it.
pub fn note_export(tx: &mut Tx<'_, ExportAudit>, filter: &Filter, format: Format) -> Result<Recorded<()>, StoreError> {
    let event = Event::done(Kind::AuditExported).with("format", format.word()).with("filters", filter.describe());
    tx.record(event, ())
}
