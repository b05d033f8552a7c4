//! What happened, for programs and for people.

words! {
    /// What happened: the names are stable, programs read them.
    Kind {
        /// An organization was signed up.
        OrganizationCreated = "organization.created",
        /// Its owner registered the first password.
        OrganizationClaimed = "organization.claimed",
        /// It was removed because no owner claimed it.
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
        /// A login succeeded or was refused.
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
        /// A user's mobile number and authenticator app were taken away.
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
        /// A recovery code of the owner was tried.
        OwnerCodeUsed = "owner_codes.used",
        /// A recovery code opened a repair session, or was to.
        RepairBegun = "repair.begun",
        /// The owner left it.
        RepairEnded = "repair.ended",
        /// The operator brought cloud accounts back, or another owner.
        OrganizationRecovered = "organization.recovered",
        /// A code was mailed to confirm a user again.
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

impl Kind {
    /// Message id of what happened.
    pub fn label(self) -> &'static str {
        match self {
            Self::OrganizationCreated => "audit-event-organization-created",
            Self::OrganizationClaimed => "audit-event-organization-claimed",
            Self::OrganizationUnclaimed => "audit-event-organization-unclaimed",
            Self::OrganizationSuspended => "audit-event-organization-suspended",
            Self::OrganizationResumed => "audit-event-organization-resumed",
            Self::DeletionRequested => "audit-event-deletion-requested",
            Self::DeletionWithdrawn => "audit-event-deletion-withdrawn",
            Self::DeletionHeld => "audit-event-deletion-held",
            Self::DeletionReleased => "audit-event-deletion-released",
            Self::OrganizationExported => "audit-event-organization-exported",
            Self::UserRegistered => "audit-event-user-registered",
            Self::InvitationSent => "audit-event-invitation-sent",
            Self::InvitationScheduled => "audit-event-invitation-scheduled",
            Self::InvitationCorrected => "audit-event-invitation-corrected",
            Self::InvitationAccepted => "audit-event-invitation-accepted",
            Self::PasswordResetRequested => "audit-event-password-reset-requested",
            Self::PasswordReset => "audit-event-password-reset",
            Self::PasswordChanged => "audit-event-password-changed",
            Self::Login => "audit-event-login",
            Self::SecondFactorAsked => "audit-event-second-factor-asked",
            Self::LoginCodeSent => "audit-event-login-code-sent",
            Self::TwoFactorCodeSent => "audit-event-two-factor-code-sent",
            Self::TwoFactorChanged => "audit-event-two-factor-changed",
            Self::PasswordExpirationChanged => "audit-event-password-expiration-changed",
            Self::ConsoleAccessChanged => "audit-event-console-access-changed",
            Self::IdpDrafted => "audit-event-idp-drafted",
            Self::IdpTested => "audit-event-idp-tested",
            Self::IdpTrialStarted => "audit-event-idp-trial-started",
            Self::IdpTrialCancelled => "audit-event-idp-trial-cancelled",
            Self::IdpTrialReverted => "audit-event-idp-trial-reverted",
            Self::IdpInForce => "audit-event-idp-in-force",
            Self::IdpBindingReleased => "audit-event-idp-binding-released",
            Self::OwnerCodesMade => "audit-event-owner-codes-made",
            Self::OwnerCodeUsed => "audit-event-owner-code-used",
            Self::RepairBegun => "audit-event-repair-begun",
            Self::RepairEnded => "audit-event-repair-ended",
            Self::OrganizationRecovered => "audit-event-organization-recovered",
            Self::ConfirmationCodeSent => "audit-event-confirmation-code-sent",
            Self::AccountLocked => "audit-event-account-locked",
            Self::AccountUnlocked => "audit-event-account-unlocked",
            Self::Confirmation => "audit-event-confirmation",
            Self::Logout => "audit-event-logout",
            Self::SessionEnded => "audit-event-session-ended",
            Self::OtherSessionsEnded => "audit-event-other-sessions-ended",
            Self::ProfileChanged => "audit-event-profile-changed",
            Self::OrganizationsMailed => "audit-event-organizations-mailed",
            Self::AuditExported => "audit-event-audit-exported",
            Self::AuditFindingAcknowledged => "audit-event-finding-acknowledged",
            Self::AuditRewound => "audit-event-rewound",
            Self::RolesChanged => "audit-event-roles-changed",
            Self::UserDeactivated => "audit-event-user-deactivated",
            Self::UserReactivated => "audit-event-user-reactivated",
            Self::UserDeleted => "audit-event-user-deleted",
            Self::UserSessionsEnded => "audit-event-user-sessions-ended",
            Self::OwnershipTransferred => "audit-event-ownership-transferred",
            Self::InvitationRevoked => "audit-event-invitation-revoked",
            Self::ProjectCreated => "audit-event-project-created",
            Self::ProjectChanged => "audit-event-project-changed",
            Self::ProjectDeleted => "audit-event-project-deleted",
            Self::ProjectMemberAdded => "audit-event-project-member-added",
            Self::ProjectRoleChanged => "audit-event-project-role-changed",
            Self::ProjectMemberRemoved => "audit-event-project-member-removed",
            Self::ResourceRegistered => "audit-event-resource-registered",
            Self::ResourceChanged => "audit-event-resource-changed",
            Self::ResourceRemoved => "audit-event-resource-removed",
            Self::BillAdded => "audit-event-bill-added",
            Self::BillPaymentAnnounced => "audit-event-bill-payment-announced",
            Self::BillSettled => "audit-event-bill-settled",
            Self::BillVoided => "audit-event-bill-voided",
            Self::MobileChanged => "audit-event-mobile-changed",
            Self::MobileRemoved => "audit-event-mobile-removed",
            Self::MobileCodeSent => "audit-event-mobile-code-sent",
            Self::MobileVerified => "audit-event-mobile-verified",
            Self::AuthenticatorBegun => "audit-event-authenticator-begun",
            Self::AuthenticatorSetUp => "audit-event-authenticator-set-up",
            Self::AuthenticatorTested => "audit-event-authenticator-tested",
            Self::AuthenticatorRemoved => "audit-event-authenticator-removed",
            Self::RecoveryCodesMade => "audit-event-recovery-codes-made",
            Self::FactorsReset => "audit-event-factors-reset",
            Self::RequestRefused => "audit-event-request-refused",
            Self::RequestFailed => "audit-event-request-failed",
        }
    }
}
